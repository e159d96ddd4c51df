"""What is saved of payments stays, and belongs to one lender: the database itself says so."""

from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from tests.lending.payments.booked import DAY, LOAN, OWN, Office
from tradeline.book.connection import in_tenant, transaction

TABLES = ("account", "message", "instructed", "moved", "sent", "written", "said", "resolved")
MOVED = (
    "INSERT INTO payments_moved (tenant, account, bank_reference, day, value_day, amount_minor, "
    "currency, other_side, said, became, subject, doubt, candidates, why, recorded_at) VALUES "
    "(%s, %s, %s, now(), now(), 1, 'CNY', '', '', 'suspended', '', '', '[]', '', now())"
)


@pytest.fixture(scope="module")
def lender(worker: psycopg.Connection, tmp_path_factory: pytest.TempPathFactory) -> str:
    from tests.lending.conftest import opened_lender

    office = Office(opened_lender(worker), worker, tmp_path_factory.mktemp("bank"))
    office.open(LOAN)
    office.paid_out("pay-1")
    office.take(office.statement(DAY))
    return office.tenant


@pytest.mark.parametrize("table", TABLES)
def test_nobody_changes_what_was_saved(served: Path, lender: str, table: str) -> None:
    for statement in (f"UPDATE payments_{table} SET tenant = 'x'", f"DELETE FROM payments_{table}"):
        with (
            pytest.raises(psycopg.DatabaseError, match=f"Rows of payments_{table}"),
            transaction("owner", lender, served) as connection,
        ):
            connection.execute(statement.encode())
        with (
            pytest.raises(errors.InsufficientPrivilege, match="permission denied"),
            transaction("web", lender, served) as connection,
        ):
            connection.execute(statement.encode())


def test_a_movement_is_one_lenders_and_stands_once(served: Path, lender: str) -> None:
    for values, refusal in (
        (["other", OWN.number, "B1"], errors.InsufficientPrivilege),
        ([lender, "DE00", "B1"], errors.ForeignKeyViolation),
        ([lender, OWN.number, "BK00000001"], errors.UniqueViolation),
    ):
        with pytest.raises(refusal), transaction("web", lender, served) as connection:
            connection.execute(MOVED.encode(), values)


def test_another_lender_sees_no_payment(worker: psycopg.Connection, lender: str) -> None:
    for tenant, rows in ((lender, 1), ("stranger", 0)):
        with in_tenant(worker, tenant):
            found = worker.execute("SELECT count(*) FROM payments_moved").fetchone()
        assert found == (rows,)
