"""Days that ended stay as they were written, by the worker alone, each agreement's once a day."""

from datetime import date
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from tests.lending.book_days.made import end, enter_on, open_all
from tests.lending.servicing.lives import LOAN
from tradeline.book.connection import transaction

TABLES = ("servicing_ended_day", "servicing_closed_day")
DAY = date(2026, 1, 1)
CLOSED = "INSERT INTO servicing_closed_day (tenant, day, findings, recorded_at) "


@pytest.fixture(scope="module")
def lender(worker: psycopg.Connection) -> str:
    from tests.lending.conftest import opened_lender

    name = opened_lender(worker)
    open_all(name, [LOAN])
    enter_on(name, [DAY], [LOAN])
    end(worker, name, DAY)
    return name


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET day = day", "DELETE FROM {}", "TRUNCATE {}"])
def test_nobody_changes_a_day_that_ended(
    served: Path, lender: str, table: str, statement: str
) -> None:
    change = statement.format(table).encode()
    with (
        pytest.raises(psycopg.DatabaseError, match=f"Rows of {table}"),
        transaction("owner", lender, served) as connection,
    ):
        connection.execute(change)
    with (
        pytest.raises(errors.InsufficientPrivilege),
        transaction("worker", lender, served) as connection,
    ):
        connection.execute(change)


def test_only_the_worker_ends_days_and_only_its_tenants(served: Path, lender: str) -> None:
    values = b"VALUES (%s, '2026-01-09', '[]', now())"
    with (
        pytest.raises(errors.InsufficientPrivilege, match="permission denied"),
        transaction("web", lender, served) as connection,
    ):
        connection.execute(CLOSED.encode() + values, [lender])
    with (
        pytest.raises(errors.InsufficientPrivilege, match="row-level security"),
        transaction("worker", lender, served) as connection,
    ):
        connection.execute(CLOSED.encode() + values, ["other"])


def test_a_day_is_closed_once(served: Path, lender: str) -> None:
    with (
        pytest.raises(errors.UniqueViolation),
        transaction("worker", lender, served) as connection,
    ):
        connection.execute(CLOSED.encode() + b"VALUES (%s, %s, '[]', now())", [lender, DAY])
