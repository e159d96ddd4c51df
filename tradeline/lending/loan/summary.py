"""From rows in the making to what is shown: instalments, totals, standing."""

from collections.abc import Sequence

from tradeline.lending.loan.amounts import NOTHING, Amounts
from tradeline.lending.loan.interest import Change
from tradeline.lending.loan.rows import Row
from tradeline.lending.loan.state import Instalment, PaidOut, Totals


def instalments(
    rows: Sequence[Row], disbursed: Sequence[PaidOut], owed_anew: Sequence[Change]
) -> tuple[Instalment, ...]:
    """The rows as they stand, numbered, with the principal left after each."""
    moves = sorted([*((paid.on, paid.amount) for paid in disbursed), *owed_anew])
    found, balance, at = [], 0, 0
    for number, row in enumerate(rows, 1):
        while at < len(moves) and (moves[at][0] <= row.due or number == len(rows)):
            balance += moves[at][1]
            at += 1
        owed = row.owed
        balance -= owed.principal
        found.append(
            Instalment(
                number, row.period.begin, row.due, owed, row.paid, row.in_advance, row.late,
                row.settled_on, balance,
            )
        )  # fmt: skip
    return tuple(found)


def totals(found: Sequence[Instalment], disbursed: Sequence[PaidOut]) -> Totals:
    """Sums over instalments, and over fees paid at disbursement."""
    fees = sum(paid.fees for paid in disbursed)
    owed = sum((row.owed for row in found), NOTHING) + Amounts(fees=fees)
    return Totals(
        owed,
        sum(row.paid.total for row in found) + fees,
        sum(row.paid_in_advance for row in found),
        sum(row.paid_late for row in found),
    )
