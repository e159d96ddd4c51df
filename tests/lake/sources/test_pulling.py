"""Where a source stands is part of the log, and a log without positions is what it was."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conformance.worlds import mapping
from tests.lake.lakes import HEADER, answers, day, land_orders, new_lake, order_line
from tradeline.lake.compaction import compact
from tradeline.lake.log import BatchRecord, Entry, entry_path, entry_text
from tradeline.lake.records import Assurance
from tradeline.lake.sources.arrivals import Arrivals
from tradeline.lake.sources.folder import Folder
from tradeline.lake.sources.pulling import (
    Retry,
    last_recorded,
    position_of,
    preview_source,
    pull_source,
)
from tradeline.lake.store import open_lake

ORDER = ("E1", "1", 10, 1, 2)
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def folder_of(outer: Path, name: str, *names: str) -> Folder:
    folder = outer / name
    folder.mkdir()
    for file in names:
        (folder / file).write_text(f"{HEADER}\n{order_line(ORDER)}\n", encoding="utf-8")
    return Folder(folder, Arrivals(name, mapping("*.csv"), lambda: NOW))


def pull(root: Path, source: Folder) -> None:
    pulled = pull_source(root, source, Assurance.PLATFORM_OBSERVED, lambda _: None, lambda _: None)
    assert not pulled.broken


def test_an_entry_without_a_position_is_written_as_before() -> None:
    record = BatchRecord("b", "s", "self-declared", "sha256:0", {}, 0)
    entry = Entry(1, "sha256:1", "landing", (), batch=record)
    assert json.loads(entry_text(entry))["batch"] == {
        "id": "b",
        "source": "s",
        "assurance": "self-declared",
        "content_hash": "sha256:0",
        "told": {},
        "refused": 0,
    }


def test_each_source_has_a_position_of_its_own_that_compaction_keeps(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_orders(root, [("E9", "9", 9, 1, 1)])
    for source in (folder_of(tmp_path, "bank", "a.csv", "b.csv"), folder_of(tmp_path, "shop")):
        pull(root, source)
    assert set(position_of(open_lake(root), "bank")) == {"a.csv", "b.csv"}
    assert position_of(open_lake(root), "shop") == {}
    compact(root, lambda _: None)
    assert set(position_of(open_lake(root), "bank")) == {"a.csv", "b.csv"}
    text = entry_path(root, 2).read_text("utf-8")
    assert "a.csv" in json.loads(text)["batch"]["position"]


def test_the_last_record_of_a_source_is_its_own(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_orders(root, [("E9", "9", 9, 1, 5)], source="other")
    source = folder_of(tmp_path, "bank", "a.csv")
    assert last_recorded(open_lake(root), "bank") is None
    pull(root, source)
    assert last_recorded(open_lake(root), "bank") == day(2)


def test_a_look_ahead_lands_nothing_and_says_what_would_be(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    source = folder_of(tmp_path, "bank", "a.csv", "b.csv")
    counts, findings = preview_source(root, source, lambda _: None)
    assert (dict(counts), findings) == ({"batches": 2, "accepted": 2, "refused": 0}, [])
    assert open_lake(root).entries == ()


def test_a_backlog_is_merged_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = new_lake(tmp_path)
    monkeypatch.setattr("tradeline.lake.sources.pulling.COMPACT_EVERY", 3)
    source = folder_of(tmp_path, "bank", *(f"{number}.csv" for number in range(4)))
    for number, path in enumerate(sorted(source.folder.iterdir())):
        text = path.read_text("utf-8").replace(",10,", f",{number},")
        path.write_text(text.replace("E1,1", f"E1,{number}"), encoding="utf-8")
    pull(root, source)
    kinds = [entry.kind for entry in open_lake(root).entries]
    assert kinds == ["landing"] * 3 + ["compaction", "landing"]
    assert len(open_lake(root).files) == 2
    assert len(answers(root)) == 4


def test_waits_double_up_to_the_longest() -> None:
    retry = Retry(first_seconds=0.5, most_seconds=3)
    assert [retry.wait_seconds(number) for number in range(1, 6)] == [0.5, 1, 2, 3, 3]
    assert timedelta(seconds=Retry().wait_seconds(100)) == timedelta(minutes=1)
