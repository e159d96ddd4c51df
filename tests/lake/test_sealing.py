"""What the lake stores of persons cannot be read without keys, and is opened only where asked."""

import hashlib
from pathlib import Path

import duckdb
import pytest

from tests.lake.lakes import FAR, HEADER, day, new_lake, orders_mapping
from tests.lake.persons import BANK, FIRMS, OWNERS, shown, stored, tell
from tradeline.lake.compaction import compact
from tradeline.lake.contracts import CONTRACTS
from tradeline.lake.folders import land_folder
from tradeline.lake.keys import SubjectKeys
from tradeline.lake.log import Told
from tradeline.lake.records import Assurance, stored_columns
from tradeline.lake.store import open_lake, sweep

NAMES = ("Zhang San", "Li Si", "Wang Wu")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = new_lake(tmp_path)
    tell(root, "a", enterprises=FIRMS, bank_transactions=BANK, owners=OWNERS)
    return root


def everything_stored(root: Path) -> str:
    """All that the files of a lake hold, statistics and log included, as one text."""
    texts = [path.read_text("utf-8") for path in (root / "log").iterdir()]
    for file in open_lake(root).files:
        path = str(root / file.path)
        for table in ("read_parquet", "parquet_metadata"):
            rows = duckdb.connect().execute(f"SELECT * FROM {table}(?)", [path]).fetchall()
            texts.append(str(rows))
        texts.append(str((root / file.path).read_bytes()))
    return "\n".join(texts)


def test_no_name_stands_anywhere_in_the_lake(root: Path) -> None:
    tell(root, "b", 5, enterprises=[{"enterprise": "E1", "name": "Zhang San the Elder"}])
    compact(root, lambda _: None)
    sweep(root, lambda _: None)
    assert not [name for name in NAMES if name in everything_stored(root)]
    assert list((root / "staging").iterdir()) == []


def test_a_reader_with_the_keys_sees_what_was_told(root: Path) -> None:
    query = "SELECT enterprise, name, erased FROM enterprises ORDER BY ALL"
    connection = open_lake(root).connect(FAR, FAR)
    assert connection.execute(query).fetchall() == [
        ("E1", "Zhang San Trading", False), ("E2", "Li Si", False),
    ]  # fmt: skip
    query = "SELECT counterparty FROM told_bank_transactions ORDER BY enterprise, transaction_no"
    assert connection.execute(query).fetchall() == [("Wang Wu",), (None,), ("Wang Wu",)]


def test_the_same_name_under_two_subjects_is_stored_as_two_texts(root: Path) -> None:
    rows = stored(root, "bank_transactions")
    assert len({row["counterparty"] for row in rows}) == 3
    assert len({row["subject"] for row in rows}) == 2


def test_an_owner_of_two_firms_is_one_subject(root: Path) -> None:
    rows = stored(root, "owners")
    assert [row["enterprise"] for row in rows] == ["E1", "E2"]
    assert len({(row["subject"], row["owner"]) for row in rows}) == 1


def test_a_rows_hash_is_of_what_is_stored_so_that_nobody_can_try_names(root: Path) -> None:
    (row, _) = stored(root, "enterprises")
    assert isinstance(row["name"], bytes)
    text = f"enterprises;enterprise=2:E1;name={row['name'].hex().upper()}"
    assert row["row_hash"] == hashlib.sha256(text.encode()).digest()


def test_a_row_said_again_is_recognised_and_another_name_is_a_correction(root: Path) -> None:
    again = tell(root, "b", 5, enterprises=FIRMS)
    assert again.record.told["enterprises"] == Told(new=0, revisions=0, repeated=2)
    other = tell(root, "c", 6, enterprises=[{"enterprise": "E2", "name": "Li Wu"}])
    assert other.record.told["enterprises"] == Told(new=0, revisions=1, repeated=0)
    query = "SELECT name FROM enterprises WHERE enterprise = 'E2'"
    names = [open_lake(root).connect(FAR, day(n)).execute(query).fetchall() for n in (5, 6)]
    assert names == [[("Li Si",)], [("Li Wu",)]]


def test_the_text_of_refused_rows_is_sealed_under_their_batch(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    folder = tmp_path / "folder"
    folder.mkdir()
    line = "E3,1,Zhang San,much,placed,2024-01-01,2024-01-02"
    (folder / "orders.csv").write_text(f"{HEADER}\n{line}", encoding="utf-8")
    who = ("shop", Assurance.PLATFORM_OBSERVED)
    land_folder(root, folder, orders_mapping(), *who, lambda _: None, "b", day(2))
    assert "Zhang San" not in everything_stored(root)
    ((content, reason),) = shown(root, "SELECT content, reason FROM refused")
    assert "Zhang San" in str(content)
    assert reason == "The gross much is not an amount."
    (row,) = stored(root, "refused")
    assert row["subject"] == open_lake(root).keys().pseudonym("batch:b")


def test_only_what_a_query_evaluates_is_opened(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    real = SubjectKeys.open

    def counting(self: SubjectKeys, place: str, subject: str, sealed: bytes) -> str:
        opened.append(place)
        return real(self, place, subject, sealed)

    monkeypatch.setattr(SubjectKeys, "open", counting)
    connection = open_lake(root).connect(FAR, FAR)
    for query in (
        "SELECT count(*) FROM bank_transactions",
        "SELECT enterprise, sum(amount_minor) FROM told_bank_transactions GROUP BY ALL",
        "WITH b AS (SELECT * FROM bank_transactions) SELECT count(x.erased) FROM b x JOIN b y "
        "USING (enterprise)",
    ):
        connection.execute(query).fetchall()
    assert opened == []
    connection.execute("SELECT name FROM enterprises WHERE enterprise = 'E1'").fetchall()
    assert opened == ["enterprises.name"]


def test_a_lake_that_tells_of_nobody_needs_no_keys_after_it_was_made(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    for path in tmp_path.glob("lake.key*"):
        path.unlink()
    folder = tmp_path / "folder"
    folder.mkdir()
    line = "E3,1,B1,10,placed,2024-01-01,2024-01-02"
    (folder / "orders.csv").write_text(f"{HEADER}\n{line}", encoding="utf-8")
    who = ("shop", Assurance.PLATFORM_OBSERVED)
    land_folder(root, folder, orders_mapping(), *who, lambda _: None, "b")
    assert shown(root, "SELECT gross_minor FROM orders") == [(1000,)]


def test_stored_columns_are_sealed_where_their_contract_says_personal() -> None:
    for contract in CONTRACTS:
        columns = stored_columns(contract.name)
        sealed = {name for name in contract.personal_columns if columns[name] == "BLOB"}
        assert sealed == set(contract.personal_columns)
        assert ("subject" in columns) is bool(sealed)
        assert not {"subject", "erased"} & set(contract.columns)
