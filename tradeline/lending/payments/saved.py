"""Payments as they were saved, read back, and what a statement may name."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, Cursor

from tradeline.kernel.findings import InputProblem, counted, problem
from tradeline.lending.payments.clearing import clearing, suspense
from tradeline.lending.payments.instruction import (
    BankAccount,
    Instruction,
    Notice,
    Payment,
    followed,
)
from tradeline.lending.payments.reconciliation import Doubt, Expected, Suspended
from tradeline.lending.payments.references import creditor_reference, may_hold
from tradeline.lending.payments.statement import Movement
from tradeline.lending.servicing.saved import read_saved

INSTRUCTED = """
SELECT payment, day, amount_minor, currency, creditor, creditor_number, creditor_bank, purpose,
    account, loan, bank_reference
FROM payments_instructed
"""
SAID = """
SELECT payment, kind, day, bank_reference, amount_minor, reason FROM payments_said
WHERE payment = ANY(%s) ORDER BY payment, place
"""
MOVED = """
SELECT account, bank_reference, day, value_day, amount_minor, currency, other_side, said
FROM payments_moved
WHERE (account, bank_reference) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
"""
BECAME = """
SELECT account, bank_reference, became FROM payments_moved
WHERE (account, bank_reference) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
"""
# Sent back, and rejected or come back again: it waits anew.
SUSPENSE = """
SELECT m.account, m.bank_reference, m.day, m.value_day, m.amount_minor, m.currency, m.other_side,
    m.said, m.doubt, ARRAY(SELECT jsonb_array_elements_text(m.candidates)), m.why
FROM (SELECT * FROM payments_moved WHERE became = 'suspended') AS m
LEFT JOIN LATERAL (
    SELECT became, subject FROM payments_resolved r
    WHERE r.account = m.account AND r.bank_reference = m.bank_reference ORDER BY place DESC LIMIT 1
) AS r ON true
WHERE r.became IS NULL OR r.became = 'sent back' AND EXISTS (
    SELECT FROM payments_said s WHERE s.payment = r.subject AND s.kind IN ('rejected', 'returned'))
ORDER BY m.day, m.account, m.bank_reference
"""
NAMED = """
SELECT agreement FROM servicing_agreement
WHERE agreement = ANY(%s) OR upper(regexp_replace(agreement, '[^[:alnum:]]', '', 'g')) = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """An account of the lender and its currency."""

    account: BankAccount
    currency: str


@dataclass(frozen=True, slots=True)
class SavedPayment:
    """A payment as it stands: of a loan, or of a movement in suspense (by the bank's reference)."""

    payment: Payment
    notices: tuple[Notice, ...]
    account: str
    loan: str
    bank_reference: str

    @property
    def instruction(self) -> Instruction:
        """What was instructed."""
        return self.payment.instruction

    @property
    def is_open(self) -> bool:
        """Whether it may still leave the bank."""
        return self.payment.status in ("instructed", "accepted")

    @property
    def source(self) -> str:
        """The account of the ledger that it is paid out of."""
        return (clearing if self.loan else suspense)(self.instruction.currency)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in suspense; `why` is what the loan said that refused it."""

    suspended: Suspended
    why: str


def own_account(connection: Connection, number: str) -> OwnAccount:
    """The lender's account of a number; `InputProblem` if there is none."""
    row = (
        Cursor(connection)
        .execute(
            "SELECT holder, number, bank, currency FROM payments_account WHERE number = %s",
            [number],
        )
        .fetchone()
    )
    if row is None:
        raise problem(
            "unknown-account", f"account {number}", "This is no account of the lender.",
            "Name one of its own, or open it with `tradeline payments open`.",
        )  # fmt: skip
    return OwnAccount(BankAccount(*row[:3]), row[3])


def only_account(connection: Connection) -> str:
    """The number of the lender's account; `InputProblem` if it has none, or several."""
    rows = Cursor(connection).execute("SELECT number FROM payments_account ORDER BY number")
    numbers: list[str] = [number for (number,) in rows]
    if len(numbers) != 1:
        raise problem(
            "which-account", "--account", f"The lender has {counted(len(numbers), 'account')}.",
            "Name the one that is meant." if numbers else "Open one: `tradeline payments open`.",
        )  # fmt: skip
    return numbers[0]


def payments_named(connection: Connection, names: Iterable[str]) -> dict[str, SavedPayment]:
    """Those payments of the lender that are named, as they stand."""
    return _payments(connection, "WHERE payment = ANY(%s)", [list(names)])


def payments_of_loan(connection: Connection, loan: str) -> dict[str, SavedPayment]:
    """All payments of a loan."""
    return _payments(connection, "WHERE loan = %s", [loan])


def all_payments(connection: Connection) -> dict[str, SavedPayment]:
    """All payments of the lender."""
    return _payments(connection, "", [])


def _payments(connection: Connection, where: str, values: list[Any]) -> dict[str, SavedPayment]:
    rows = Cursor(connection).execute(f"{INSTRUCTED} {where} ORDER BY payment".encode(), values)
    found = rows.fetchall()
    said: dict[str, list[Notice]] = defaultdict(list)
    for name, kind, day, reference, amount, reason in Cursor(connection).execute(
        SAID, [[row[0] for row in found]]
    ):
        said[name].append(Notice(name, kind, day, reference, amount, reason))
    return {row[0]: _payment(row, tuple(said[row[0]])) for row in found}


def _payment(row: tuple[Any, ...], notices: tuple[Notice, ...]) -> SavedPayment:
    name, day, amount, currency, holder, number, bank, purpose, *rest = row
    creditor = BankAccount(holder, number, bank)
    instruction = Instruction(name, day, amount, currency, creditor, purpose)
    return SavedPayment(followed(instruction, notices), notices, *rest)


def taken_before(connection: Connection, movements: Collection[Movement]) -> set[tuple[str, str]]:
    """The names of movements that were taken; `InputProblem` if one was another then."""
    rows = Cursor(connection).execute(MOVED, _keys(movements))
    there = {(row[0], row[1]): Movement(*row) for row in rows}
    for movement in movements:
        earlier = there.get(movement.key, movement)
        if earlier != movement:
            raise problem(
                "other-movement",
                f"movement {movement.bank_reference}",
                f"It was {earlier.amount_minor} of {earlier.on} when it was taken, and is "
                f"{movement.amount_minor} of {movement.on} here.",
                "Ask the bank which one holds; nothing of the statement was taken.",
            )
    return set(there)


def movement_named(connection: Connection, account: str, bank_reference: str) -> Movement:
    """The movement of a name; `InputProblem` if none was taken."""
    row = Cursor(connection).execute(MOVED, [[account], [bank_reference]]).fetchone()
    if row is None:
        raise problem(
            "no-movement", f"movement {bank_reference}",
            f"No such movement of the account {account} was taken.",
            "Look at what is in suspense: `tradeline payments suspense`.",
        )  # fmt: skip
    return Movement(*row)


def what_became(
    connection: Connection, movements: Collection[Movement]
) -> dict[tuple[str, str], str]:
    """What movements became when they were taken, by their names."""
    rows = Cursor(connection).execute(BECAME, _keys(movements))
    return {(account, reference): became for account, reference, became in rows}


def _keys(movements: Collection[Movement]) -> list[list[str]]:
    return [[each.account for each in movements], [each.bank_reference for each in movements]]


def waiting(connection: Connection) -> list[Waiting]:
    """What is in suspense, by day."""
    return [
        Waiting(Suspended(Movement(*row[:8]), row[8], tuple(row[9])), row[10])
        for row in Cursor(connection).execute(SUSPENSE)
    ]


def paid_twice(connection: Connection) -> set[str]:
    """The payments of which a second debit waits in suspense."""
    doubled: Doubt = "settled before"
    found = [each.suspended for each in waiting(connection)]
    return {name for each in found if each.doubt == doubled for name in each.candidates}


def expected_in(connection: Connection, movements: Iterable[Movement]) -> Expected:
    """What of the lender's agreements movements may name: each by itself, or by its reference.

    A reference that two share names none.
    """
    held = {part for movement in movements for part in may_hold(movement.said)}
    bodies = [part[4:] for part in held if part.startswith("RF")]
    rows = Cursor(connection).execute(NAMED, [list(held), bodies]).fetchall()
    currencies = {loan: currency_of(connection, loan) for (loan,) in rows}
    named: dict[str, set[str]] = defaultdict(set)
    for loan in currencies:
        named[loan].add(loan)
        named[reference_of(loan)].add(loan)
    loans = {name: next(iter(of)) for name, of in named.items() if name and len(of) == 1}
    return Expected(loans, currencies)


def reference_of(loan: str) -> str:
    """The creditor reference of a loan; empty if its name is too long for one."""
    try:
        return creditor_reference(loan)
    except InputProblem:
        return ""


def currency_of(connection: Connection, loan: str) -> str:
    """The currency of a loan, or other agreement; `InputProblem` if there is none."""
    return read_saved(connection, loan).contract.currency
