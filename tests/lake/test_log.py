"""The log is a chain: what is altered, torn, moved or missing is named."""

import json
from pathlib import Path

import pytest

from tests.lake.lakes import land_orders, new_lake
from tradeline.kernel.findings import InputProblem
from tradeline.kernel.hashing import canonical_json, hash_bytes, hash_file
from tradeline.lake.log import entry_path
from tradeline.lake.store import open_lake


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = new_lake(tmp_path)
    for number in range(3):
        land_orders(root, [("E1", str(number), 100, 1, 2)])
    return root


def refusal(root: Path) -> str:
    with pytest.raises(InputProblem) as found:
        open_lake(root)
    return str(found.value)


def test_each_entry_names_the_one_before_by_its_hash(root: Path) -> None:
    tables = [json.loads(entry_path(root, n).read_text("utf-8")) for n in (1, 2, 3)]
    assert tables[0]["previous"] == hash_file(root / "lake.json")
    assert [table["previous"] for table in tables[1:]] == [table["hash"] for table in tables[:2]]
    for table in tables:
        stated = table.pop("hash")
        assert stated == hash_bytes(canonical_json(table).encode())


def test_an_entry_says_what_its_files_hold(root: Path) -> None:
    (added,) = json.loads(entry_path(root, 1).read_text("utf-8"))["adds"]
    assert added["rows"] == 1
    assert added["sha256"] == hash_file(root / added["path"])
    assert added["bytes"] == (root / added["path"]).stat().st_size
    assert added["occurred"] == ["2024-01-02T00:00:00"] * 2
    assert added["recorded"] == ["2024-01-03T00:00:00"] * 2


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_altered_entry_is_named(root: Path, number: int) -> None:
    path = entry_path(root, number)
    path.write_text(path.read_text("utf-8").replace('"rows":1', '"rows":2'), encoding="utf-8")
    assert refusal(root) == (
        f"error: log/0000000{number}.json: The entry was altered: it does not have the hash it "
        "states. Bring the lake back from a copy; what stands before this entry is sound."
    )


def test_an_altered_entry_with_a_hash_of_its_own_breaks_the_chain(root: Path) -> None:
    path = entry_path(root, 1)
    table = json.loads(path.read_text("utf-8").replace('"rows":1', '"rows":2'))
    del table["hash"]
    table["hash"] = hash_bytes(canonical_json(table).encode())
    path.write_text(canonical_json(table) + "\n", encoding="utf-8")
    assert "log/00000002.json: The entry does not follow the one before it." in refusal(root)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"hash": 1}', '{"number": 2', "\x00"])
def test_a_torn_entry_is_named(root: Path, text: str) -> None:
    entry_path(root, 2).write_text(text, encoding="utf-8")
    assert "log/00000002.json: The entry is torn: it is no whole entry." in refusal(root)


def test_a_missing_entry_is_named(root: Path) -> None:
    entry_path(root, 2).unlink()
    assert "log/00000002.json: The entry is missing, later ones are there." in refusal(root)


def test_an_entry_of_another_lake_is_named(root: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = new_lake(tmp_path / "other")
    for number in range(3):
        land_orders(other, [("E2", str(number), 100, 1, 2)])
    entry_path(root, 3).write_bytes(entry_path(other, 3).read_bytes())
    assert "log/00000003.json: The entry does not follow the one before it." in refusal(root)
