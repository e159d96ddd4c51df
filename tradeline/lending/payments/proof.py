"""Whether the books agree with what was paid and received (I11)."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from psycopg import Connection, Cursor

from tradeline.kernel.findings import Finding, Severity
from tradeline.lending.payments.clearing import bank, in_transit, of_payment, suspense
from tradeline.lending.payments.saved import SavedPayment, all_payments, waiting

BOOKED = """
SELECT e.about, a.code, sum(p.amount_minor)::bigint
FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.id
JOIN ledger_account a ON a.id = p.account_id
WHERE NOT e.pending AND (e.about LIKE 'payment %' OR e.about LIKE 'movement %'
    OR e.about IN (SELECT loan FROM payments_instructed))
GROUP BY e.about, a.code
"""
# Receipts by what they are about, and the loan that each came for.
RECEIPTS = """
SELECT 'movement ' || m.account || ' ' || m.bank_reference, coalesce(r.subject, m.subject)
FROM payments_moved m LEFT JOIN payments_resolved r
    ON r.account = m.account AND r.bank_reference = m.bank_reference AND r.became = 'loan'
WHERE m.became = 'received' OR r.subject IS NOT NULL
"""
MOVED = "SELECT account, currency, sum(amount_minor)::bigint FROM payments_moved GROUP BY 1, 2"
ACCOUNTS = "SELECT number, currency FROM payments_account ORDER BY number"


def payments_clear(connection: Connection) -> Iterator[Finding]:
    """I11: what is in transit, in clearing, in suspense and at the bank is what it should be.

    Payments that are over leave nothing in transit; the events of a loan that was paid through the
    bank leave nothing in clearing but what is on its way; suspense holds what waits; the bank's
    account holds what moved on it.
    """
    booked: dict[str, Counter[str]] = defaultdict(Counter)
    for about, code, amount in Cursor(connection).execute(BOOKED):
        booked[code][about] = amount
    yield from _in_transit(connection, booked)
    yield from _in_clearing(connection, booked)
    yield from _at_the_bank(connection, booked)


def _in_transit(connection: Connection, booked: dict[str, Counter[str]]) -> Iterator[Finding]:
    for name, payment in all_payments(connection).items():
        there = booked[in_transit(payment.instruction.currency)][of_payment(name)]
        wanted = -payment.instruction.amount_minor if payment.is_open else 0
        if there != wanted:
            yield _differs(f"payment {name}", f"{there} is in transit, {wanted} is right.")


def _in_clearing(connection: Connection, booked: dict[str, Counter[str]]) -> Iterator[Finding]:
    """Of loans that were paid out through a bank."""
    receipts: dict[str, list[str]] = defaultdict(list)
    for about, loan in Cursor(connection).execute(RECEIPTS):
        receipts[loan].append(about)
    payments: dict[str, list[SavedPayment]] = defaultdict(list)
    for payment in all_payments(connection).values():
        payments[payment.loan].append(payment)
    for loan in sorted(payments.keys() - {""}):
        sums = booked[payments[loan][0].source]
        abouts = (loan, *receipts[loan], *(of_payment(p.instruction.id) for p in payments[loan]))
        there = sum(sums[about] for about in abouts)
        wanted = sum(p.instruction.amount_minor for p in payments[loan] if p.is_open)
        if there != wanted:
            yield _differs(f"loan {loan}", f"{there} is in clearing, {wanted} is right.")


def _at_the_bank(connection: Connection, booked: dict[str, Counter[str]]) -> Iterator[Finding]:
    moved = Counter({(n, c): amount for n, c, amount in Cursor(connection).execute(MOVED)})
    waits: Counter[str] = Counter()
    for each in waiting(connection):
        waits[each.suspended.movement.currency] -= each.suspended.movement.amount_minor
    for number, currency in Cursor(connection).execute(ACCOUNTS).fetchall():
        there = _of_flows(booked[bank(number, currency)])
        if there != moved[number, currency]:
            message = f"{there} is booked on it, {moved[number, currency]} moved."
            yield _differs(f"account {number}", message)
        there = _of_flows(booked[suspense(currency)])
        if there != waits[currency]:
            yield _differs(suspense(currency), f"{there} is booked, {waits[currency]} waits.")


def _of_flows(sums: Counter[str]) -> int:
    kinds = ("payment ", "movement ")
    return sum(amount for about, amount in sums.items() if about.startswith(kinds))


def _differs(where: str, message: str) -> Finding:
    remedy = "Find the first entry about it that differs; reverse it."
    return Finding("I11", Severity.ERROR, where, message, remedy)
