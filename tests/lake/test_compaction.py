"""Compaction merges small files of a bucket and changes no answer (see test_reading too)."""

from pathlib import Path

from tests.lake.lakes import answers, land_orders, new_lake
from tradeline.lake.compaction import Compacted, compact
from tradeline.lake.store import open_lake, sweep


def three_batches(root: Path) -> None:
    for number in range(3):
        land_orders(root, [("E1", str(number), 100, 1, 2), ("E1", "x", number, 1, 2 + number)])


def test_the_files_of_a_bucket_become_one_in_order(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    three_batches(root)
    before = answers(root)
    assert compact(root, lambda _: None) == Compacted(entry=4, before=3, after=1)
    lake = open_lake(root)
    (file,) = lake.files
    assert (file.rows, file.revisions) == (6, 2)
    assert lake.entries[-1].replaces == tuple(
        sorted(added.path for entry in lake.entries[:3] for added in entry.adds)
    )
    assert answers(root) == before


def test_old_files_stay_until_they_are_swept(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    three_batches(root)
    opened = open_lake(root)
    before = answers(opened)
    compact(root, lambda _: None)
    land_orders(root, [("E2", "1", 100, 1, 2)])
    assert answers(opened) == before
    gone, size = sweep(root, lambda _: None)
    assert (gone, size) == (3, sum(file.bytes for file in opened.files))
    assert sweep(root, lambda _: None) == (0, 0)


def test_nothing_to_merge_makes_no_entry(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_orders(root, [("E1", "1", 100, 1, 2)])
    assert compact(root, lambda _: None) == Compacted(None, 0, 0)
    assert len(open_lake(root).entries) == 1


def test_large_files_are_left_alone(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    three_batches(root)
    assert compact(root, lambda _: None, small_bytes=1).entry is None
