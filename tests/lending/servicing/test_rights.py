"""What is saved of loans stays, and belongs to one lender: the database itself says so."""

from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from tests.lending.servicing.loans import ask, open_one, paid_out
from tradeline.book.connection import transaction
from tradeline.book.roles import Role

TABLES = ("servicing_agreement", "servicing_event")
BOUND: tuple[Role, ...] = ("web", "worker")
AGREED = (
    "INSERT INTO servicing_agreement (tenant, agreement, kind, contract, opened_at) "
    "VALUES (%s, %s, 'loan', '{}', now())"
)
EVENT = (
    "INSERT INTO servicing_event (tenant, agreement, place, kind, body, recorded_at) "
    "VALUES (%s, %s, %s, 'x', '{}', now())"
)


@pytest.fixture(scope="module")
def lender(worker: psycopg.Connection) -> str:
    from tests.lending.conftest import opened_lender

    name = opened_lender(worker)
    open_one(name)
    ask(name, "out", paid_out())
    return name


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET agreement = 'x'", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_nobody_changes_what_was_saved(
    served: Path, lender: str, table: str, statement: str
) -> None:
    change = statement.format(table).encode()
    with (
        pytest.raises(psycopg.DatabaseError, match=f"Rows of {TABLES[1]}|Rows of {table}"),
        transaction("owner", lender, served) as connection,
    ):
        connection.execute(change)
    for role in BOUND:
        with (
            pytest.raises(errors.InsufficientPrivilege, match=f"denied for table {table}"),
            transaction(role, lender, served) as connection,
        ):
            connection.execute(change)


@pytest.mark.parametrize("role", BOUND)
@pytest.mark.parametrize(
    ("statement", "values"), [(AGREED, ["other", "loan_2"]), (EVENT, ["other", "loan_0001", 1])]
)
def test_nothing_is_saved_for_another_lender(
    served: Path, lender: str, role: Role, statement: str, values: list[object]
) -> None:
    with (
        pytest.raises(errors.InsufficientPrivilege, match="violates row-level security policy"),
        transaction(role, lender, served) as connection,
    ):
        connection.execute(statement.encode(), values)


def test_an_event_needs_its_loan_and_a_place_of_its_own(served: Path, lender: str) -> None:
    for values, refusal in (
        ([lender, "loan_9", 0], errors.ForeignKeyViolation),
        ([lender, "loan_0001", 0], errors.UniqueViolation),
    ):
        with pytest.raises(refusal), transaction("web", lender, served) as connection:
            connection.execute(EVENT.encode(), values)
