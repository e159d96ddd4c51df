"""Typed rows are held against their contract in one scan: each failure counted under its name."""

from pathlib import Path

import duckdb
import pytest

from tests.lake.lakes import land_orders, new_lake
from tests.lake.samples import write_row
from tradeline.cli.main import main
from tradeline.lake.contracts import BY_NAME, CONTRACTS, Contract
from tradeline.lake.landing import land
from tradeline.lake.recognition import propose
from tradeline.lake.records import key_columns
from tradeline.lake.row_checks import WORDS, RowChecks, check_rows

LINES = BY_NAME["order_lines"]
GOOD = {
    "enterprise": "'E1'",
    "order_no": "'A' || n",
    "line_no": "'1'",
    "product": "'P'",
    "quantity": "2",
    "gross_minor": "500",
    "currency": "'CNY'",
    "counterparty": "NULL",
    "occurred_at": "TIMESTAMP '2024-01-31'",
    "recorded_at": "TIMESTAMP '2024-01-31' + INTERVAL 1 DAY * (n % 100)",
}


def checked(**spoiled: str) -> RowChecks:
    """A hundred order lines; the first has what is spoiled."""
    columns = ", ".join(
        f"CASE WHEN n = 0 THEN {spoiled.get(name, value)} ELSE {value} END AS {name}"
        for name, value in GOOD.items()
    )
    relation = f"SELECT {columns} FROM range(100) AS lines(n)"
    return check_rows(duckdb.connect(), LINES, relation, key_columns(LINES))


def test_good_rows_fail_nothing_and_tell_how_late_they_are_known() -> None:
    found = checked()
    assert found.rows == 100
    assert set(found.failing.values()) == {0}
    assert found.lag_days_p95 == 94


@pytest.mark.parametrize(
    ("name", "spoiled"),
    [
        ("missing", {"product": "NULL"}),
        ("blank", {"product": "''"}),
        ("bounds", {"gross_minor": "1000000000000001"}),
        ("bounds", {"quantity": "-1e13"}),
        ("years", {"recorded_at": "TIMESTAMP '2200-01-01'"}),
        ("clocks", {"recorded_at": "TIMESTAMP '2024-01-30'"}),
        ("currency", {"currency": "'RMB'"}),
        ("keys", {"order_no": "'A7'"}),
    ],
)
def test_a_row_that_fails_is_counted_under_its_check(name: str, spoiled: dict[str, str]) -> None:
    failing = checked(**spoiled).failing
    assert failing == dict.fromkeys(failing, 0) | {name: 1}
    assert set(failing) == set(WORDS) - {"choices"}


def test_a_choice_that_is_none_is_counted() -> None:
    orders = BY_NAME["orders"]
    columns = GOOD | {"status": "'gone'"}
    shown = ", ".join(f"{columns.get(name, 'NULL')} AS {name}" for name in orders.columns)
    found = check_rows(
        duckdb.connect(), orders, f"SELECT {shown} FROM range(1) AS o(n)", key_columns(orders)
    )
    assert found.failing["choices"] == 1


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_what_was_landed_keeps_its_contract_and_is_checked_in_one_scan(
    tmp_path: Path, contract: Contract
) -> None:
    write_row(tmp_path / f"{contract.name}.csv", contract)
    mapping = propose(tmp_path, "CNY", lambda _: None).mapping
    landed = land(duckdb.connect(), tmp_path, mapping, lambda _: None).connection
    found = check_rows(landed, contract, f"FROM landed_{contract.name}", key_columns(contract))
    assert (found.rows, set(found.failing.values())) == (1, {0})


def test_verify_checks_rows_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = new_lake(tmp_path)
    land_orders(root, [("E1", "1", 100, 1, 2)])
    assert main(["lake", "verify", str(root), "--rows"]) == 0
    assert "checking rows: orders" in capsys.readouterr().err


def test_verify_says_which_rows_fail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = new_lake(tmp_path)
    land_orders(root, [("E1", "1", 100, 1, 2), ("E1", "2", 100, 1, 2)])
    monkeypatch.setattr("tradeline.lake.row_checks.CURRENCIES", frozenset({"EUR"}))
    assert main(["lake", "verify", str(root), "--rows"]) == 1
    assert capsys.readouterr().out == (
        "error: orders: In 2 rows of 2 the currency is none of ISO 4217. They were landed under "
        "another contract, or written by other means: land corrections.\n"
    )
