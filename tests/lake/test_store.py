"""A lake is made, opened, and read as a landed folder is."""

from pathlib import Path

import duckdb
import pytest

from tests.lake.lakes import FAR, answers, land_orders, new_lake, orders_mapping, write_orders
from tradeline.kernel.findings import InputProblem
from tradeline.lake.contracts import CONTRACTS
from tradeline.lake.landing import land
from tradeline.lake.log import DataFile
from tradeline.lake.reading import rows_sql
from tradeline.lake.records import stored_columns
from tradeline.lake.store import init_lake, open_lake


def test_a_folder_that_holds_something_becomes_no_lake(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("x", encoding="utf-8")
    with pytest.raises(InputProblem) as refusal:
        init_lake(tmp_path)
    assert "A lake needs a new or empty folder; this one holds something." in str(refusal.value)


def test_a_folder_that_is_no_lake_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(InputProblem) as refusal:
        open_lake(tmp_path)
    assert str(refusal.value) == (
        f"error: {tmp_path}: This folder is no lake. `tradeline lake init {tmp_path}` makes one "
        "in a new or empty folder."
    )


@pytest.mark.parametrize("birth", ['{"format":"tradeline-lake","version":3}', "x", "[]"])
def test_a_lake_of_another_kind_is_not_opened(tmp_path: Path, birth: str) -> None:
    root = new_lake(tmp_path)
    (root / "lake.json").write_text(birth, encoding="utf-8")
    with pytest.raises(InputProblem) as refusal:
        open_lake(root)
    assert "The lake is of a kind that this version cannot read." in str(refusal.value)


def columns(connection: duckdb.DuckDBPyConnection, name: str) -> list[tuple[str, str]]:
    return [row[:2] for row in connection.execute(f"DESCRIBE {name}").fetchall()]


def test_an_empty_and_a_filled_lake_have_the_views_and_columns_of_a_landed_folder(
    tmp_path: Path,
) -> None:
    orders = [("E1", "1", 100, 1, 2)]
    folder = write_orders(tmp_path / "folder", orders)
    landed = land(duckdb.connect(), folder, orders_mapping(), lambda _: None).connection
    root = new_lake(tmp_path)
    empty = open_lake(root).connect(FAR, FAR)
    land_orders(root, orders)
    filled = open_lake(root).connect(FAR, FAR)
    for contract in CONTRACTS:
        assert columns(empty, contract.name) == columns(landed, contract.name)
        assert columns(filled, contract.name) == columns(landed, contract.name)
    names = {name for name, _ in columns(landed, "refused")}
    assert names <= {name for name, _ in columns(filled, "refused")}


def test_an_opened_lake_does_not_change_by_what_is_landed_later(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_orders(root, [("E1", "1", 100, 1, 2)])
    before = open_lake(root)
    land_orders(root, [("E1", "1", 150, 1, 3)])
    assert answers(before) == [("E1", "1", 100)]
    assert answers(root) == [("E1", "1", 150)]


def test_a_file_from_before_an_optional_field_was_declared_is_read_with_the_field_empty(
    tmp_path: Path,
) -> None:
    root = new_lake(tmp_path)
    columns = stored_columns("order_lines")
    place = root / "data" / "order_lines" / "0"
    place.mkdir(parents=True)
    moment = "TIMESTAMP '2024-01-31'"
    values = {"enterprise": "'E1'", "entry": "1", "occurred_at": moment, "recorded_at": moment}
    for name, left_out in (("old", "counterparty"), ("new", "")):
        shown = ", ".join(
            f"CAST({values.get(column, 'NULL')} AS {kind}) AS {column}"
            for column, kind in columns.items()
            if column != left_out
        )
        duckdb.execute(f"COPY (SELECT {shown}) TO '{place / name}.parquet'")
    files = [
        DataFile(f"data/order_lines/0/{name}.parquet", "order_lines", "0", 1, 0, 1, "",
                 (FAR, FAR), (FAR, FAR))
        for name in ("old", "new")
    ]  # fmt: skip
    for present in (files, files[:1]):
        found = duckdb.execute(rows_sql(root, present))
        assert [item[0] for item in found.description] == list(columns)
        assert len(found.fetchall()) == len(present)
