"""Days that ended stay as they were written, by the worker alone, each agreement's once a day."""

from datetime import date
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from tests.lending.book_days.made import end, enter_on, open_all
from tests.lending.servicing.lives import LOAN
from tradeline.book.connection import transaction
from tradeline.book.roles import Role

TABLES = ("servicing_ended_day", "servicing_closed_day", "servicing_look", "servicing_risk_fact",
          "servicing_pds")  # fmt: skip
DAY = date(2026, 1, 1)
LOOK = (
    "INSERT INTO servicing_look (tenant, agreement, day, events, days_late, is_forborne, months, "
    "recorded_at) VALUES (%s, 'loan_1', '2026-01-09', 1, 0, false, 1, now())"
)
FACT = (
    "INSERT INTO servicing_risk_fact (tenant, agreement, place, kind, body, recorded_at) "
    "VALUES (%s, %s, 9, 'x', '{}', now())"
)
PDS = (
    "INSERT INTO servicing_pds (tenant, place, grade, since, cumulative, entered_on, recorded_at) "
    "VALUES (%s, 9, 'A', now(), '[]', now(), now())"
)
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
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET recorded_at = now()", "DELETE FROM {}", "TRUNCATE {}"]
)
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


def test_only_the_worker_looks_at_agreements(served: Path, lender: str) -> None:
    with (
        pytest.raises(errors.InsufficientPrivilege, match="denied for table servicing_look"),
        transaction("web", lender, served) as connection,
    ):
        connection.execute(LOOK.encode(), [lender])
    with transaction("web", lender, served) as connection:
        assert connection.execute("SELECT * FROM servicing_look").fetchall() == []


@pytest.mark.parametrize("role", ["web", "worker"])
@pytest.mark.parametrize(
    ("statement", "values"),
    [(LOOK, ["other"]), (FACT, ["other", "loan_1"]), (PDS, ["other"])],
)
def test_nothing_of_risk_is_stated_for_another_lender(
    served: Path, lender: str, role: Role, statement: str, values: list[object]
) -> None:
    refusal = "denied" if (role, statement) == ("web", LOOK) else "violates row-level security"
    with (
        pytest.raises(errors.InsufficientPrivilege, match=refusal),
        transaction(role, lender, served) as connection,
    ):
        connection.execute(statement.encode(), values)


def test_a_fact_needs_its_agreement_and_curves_a_place_of_their_own(
    served: Path, lender: str
) -> None:
    with (
        pytest.raises(errors.ForeignKeyViolation),
        transaction("web", lender, served) as connection,
    ):
        connection.execute(FACT.encode(), [lender, "loan_9"])
    with transaction("web", lender, served) as connection:
        connection.execute(PDS.encode(), [lender])
        with pytest.raises(errors.UniqueViolation):
            connection.execute(PDS.encode(), [lender])
