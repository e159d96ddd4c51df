"""Records are read as of a day, and what was not known by then does not count."""

from datetime import date, timedelta

import duckdb
import pytest

from tests.risk.assessed import assessment
from tradeline.kernel.findings import InputProblem
from tradeline.kernel.moments import end_of
from tradeline.lake.landing import land
from tradeline.lake.mapping import FolderMapping
from tradeline.risk.assessment import last_day, read_records


def quiet(_: str) -> None:
    """Nobody watches."""


def test_the_last_record_gives_the_day() -> None:
    found = assessment()
    assert last_day(found.landing.connection) <= found.records.as_of


def test_an_empty_lake_has_no_day() -> None:
    connection = duckdb.connect()
    with pytest.raises(InputProblem, match="No record of the folder carries a date"):
        last_day(land(connection, assessment().request.folder, _nothing(), quiet).connection)


def _nothing() -> FolderMapping:
    return FolderMapping("CNY", ())


def test_the_past_knows_less() -> None:
    found = assessment()
    earlier = found.records.as_of - timedelta(days=200)
    records = read_records(found.landing.connection, earlier, quiet)
    assert records.table.enterprises == found.records.table.enterprises
    rows = [sum(dataset.rows for dataset in file.datasets) for file in records.files]
    now = [sum(dataset.rows for dataset in file.datasets) for file in found.records.files]
    assert sum(rows) < sum(now)
    assert all(then <= later for then, later in zip(rows, now, strict=True))
    assert records.labels.defaulted == {}


def test_applicants_are_those_without_a_label() -> None:
    records = assessment().records
    named = {records.table.enterprises[row] for row in records.applicant_rows}
    assert named.isdisjoint(records.labels.defaulted)
    assert len(named) + len(records.labels.defaulted) == len(records.table.enterprises)


def test_the_end_of_a_day_holds_all_of_it() -> None:
    assert end_of(date(2020, 2, 21)).isoformat() == "2020-02-21T23:59:59.999999"
