"""The quality of real folders, each under its mapping in `examples`: nothing lost, numbers open."""

from datetime import datetime, time
from functools import cache
from pathlib import Path

import duckdb
import pytest

from tests.creditfile.quality.tellings import TERMS
from tests.data import data_folder
from tradeline.creditfile.quality.reconciliation import read_rows
from tradeline.creditfile.quality.record import Quality, read_quality
from tradeline.creditfile.quality.rules import RULES, VERDICTS
from tradeline.creditfile.quality.told import create_views
from tradeline.lake.landing import land
from tradeline.lake.mapping import read_mapping
from tradeline.lake.reading import Moment

EXAMPLES = Path(__file__).parents[3] / "examples"
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/tradeline.yaml"))


@cache
def landed(name: str) -> tuple[duckdb.DuckDBPyConnection, Moment, tuple[Quality, ...]]:
    """The folder's tables, the end of its last day, and the quality of its firms by then."""
    connection = duckdb.connect()
    mapping = read_mapping(EXAMPLES / name / "tradeline.yaml")
    land(connection, data_folder(name), mapping, lambda _: None)
    ends = " UNION ALL ".join(
        f"SELECT max(greatest(occurred_at, recorded_at)) AS last FROM {contract}"
        for contract in ("orders", "sales_invoices", "bank_transactions", "reviews")
    )
    row = connection.execute(f"SELECT max(last) FROM ({ends})").fetchone()
    assert row is not None
    moment = Moment(end := datetime.combine(row[0].date(), time.max), end)
    return connection, moment, read_quality(connection, moment, TERMS)


@pytest.mark.parametrize("name", NAMES)
def test_every_row_of_a_listed_firm_is_measured_once(name: str) -> None:
    connection, _, qualities = landed(name)
    counted: dict[str, int] = {}
    for quality in qualities:
        for item in quality.timeliness:
            counted[item.contract] = counted.get(item.contract, 0) + item.rows
    assert counted
    for contract, rows in counted.items():
        query = f"SELECT count(*) FROM {contract} SEMI JOIN enterprises USING (enterprise)"
        assert connection.execute(query).fetchone() == (rows,), contract


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_of_one_source_has_nothing_confirmed_and_nothing_checked(name: str) -> None:
    for quality in landed(name)[2]:
        assert quality.consistency == ()
        assert {item.checked for item in quality.accuracy} <= {0}
        assert {item.confirmed.facts for item in quality.reconciliations} <= {0}


@pytest.mark.parametrize("name", NAMES)
def test_numbers_of_the_first_firms_open_to_rows_that_add_up(name: str) -> None:
    connection, moment, qualities = landed(name)
    contracts = create_views(connection, moment, {})
    for quality in [q for q in qualities if q.reconciliations][:2]:
        for held in quality.reconciliations:
            (rule,) = (rule for rule in RULES if rule.name == held.rule)
            for verdict in VERDICTS:
                rows = read_rows(
                    connection, contracts, moment.as_of, TERMS, quality.enterprise, rule, verdict
                )
                sides = [
                    sum(row.amount_minor for row in rows if row.side == side)
                    for side in ("left", "right")
                ]
                tally = held.tally(verdict)
                assert sides == [tally.left_minor, tally.right_minor]


def test_the_invoices_of_a_chinese_bank_have_one_clock_and_months_that_are_missing() -> None:
    qualities = landed("sme_invoices")[2]
    assert {item.lag_median_s for q in qualities for item in q.timeliness} == {None}
    missing = [item for q in qualities for item in q.rhythms if item.months_missing]
    assert len(missing) > len(qualities) / 2
