"""`verify` names the first entry or file that is not as the log says."""

import json
from pathlib import Path

import duckdb
import pytest

from tests.lake.lakes import land_orders, new_lake
from tradeline.kernel.findings import InputProblem
from tradeline.kernel.hashing import canonical_json, hash_bytes, hash_file
from tradeline.lake.compaction import compact
from tradeline.lake.log import entry_path
from tradeline.lake.store import open_lake, sweep
from tradeline.lake.verification import Verified, verify


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = new_lake(tmp_path)
    for number in range(3):
        land_orders(root, [("E1", str(number), 100, 1, 2)])
    return root


def line(root: Path) -> str:
    bad = verify(root, lambda _: None).bad
    assert bad is not None
    return bad.line()


def test_a_whole_lake_is_whole_also_after_compaction_and_sweeping(root: Path) -> None:
    assert verify(root, lambda _: None) == Verified(entries=3, files=3, rows=3)
    compact(root, lambda _: None)
    assert verify(root, lambda _: None) == Verified(entries=4, files=1, rows=3)
    sweep(root, lambda _: None)
    assert verify(root, lambda _: None) == Verified(entries=4, files=1, rows=3)


def test_an_empty_lake_is_whole(tmp_path: Path) -> None:
    assert verify(new_lake(tmp_path), lambda _: None) == Verified(0, 0, 0)


def test_a_folder_that_is_no_lake_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputProblem, match="This folder is no lake"):
        verify(tmp_path, lambda _: None)


def test_an_altered_file_is_named(root: Path) -> None:
    file = open_lake(root).files[1]
    path = root / file.path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert line(root) == (
        f"error: {file.path}: The file was altered: its hash is {hash_file(path)}, the log says "
        f"{file.sha256}. Bring the file back from a copy."
    )
    assert verify(root, lambda _: None).files == 1


def test_a_missing_file_is_named(root: Path) -> None:
    file = open_lake(root).files[2]
    (root / file.path).unlink()
    assert line(root) == (
        f"error: {file.path}: The file is missing. Bring the file back from a copy."
    )


def test_an_altered_entry_is_named(root: Path) -> None:
    path = entry_path(root, 2)
    path.write_text(path.read_text("utf-8").replace("shop", "post"), encoding="utf-8")
    assert line(root).startswith("error: log/00000002.json: The entry was altered")


def forge_last(root: Path, old: str, new: str) -> None:
    """Alter the last entry and give it the hash that it then has."""
    path = entry_path(root, 3)
    table = json.loads(path.read_text("utf-8").replace(old, new))
    del table["hash"]
    table["hash"] = hash_bytes(canonical_json(table).encode())
    path.write_text(canonical_json(table) + "\n", encoding="utf-8")


def test_an_entry_whose_rows_do_not_add_up_is_named(root: Path) -> None:
    forge_last(root, '"new":1', '"new":2')
    assert line(root) == (
        "error: log/00000003.json: The entry adds 1 rows and says it tells 2. "
        "Bring the lake back from a copy."
    )


def test_a_file_with_other_rows_than_the_log_says_is_named(root: Path) -> None:
    file = open_lake(root).files[2]
    path = root / file.path
    duckdb.connect().execute(
        f"COPY (SELECT * FROM read_parquet('{path}') LIMIT 0) TO '{path}.new' (FORMAT parquet)"
    )
    path.with_name(f"{path.name}.new").rename(path)
    forge_last(root, file.sha256, hash_file(path))
    assert line(root).startswith(f"error: {file.path}: The file holds 0 rows, the log says 1.")
