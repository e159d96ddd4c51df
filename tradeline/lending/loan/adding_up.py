"""Whether a loan adds up (I9): its instalments against its transactions, which are kept apart.

What falls due is the principal that was paid out and the interest, fees and penalties on it; what
was paid and what is open of an instalment are what is due, in each component.
"""

from collections.abc import Iterable, Iterator
from dataclasses import astuple

from tradeline.lending.loan.amounts import NOTHING, Amounts, Component
from tradeline.lending.loan.state import LoanState, Transaction, TransactionKind

LENT = {
    TransactionKind.DISBURSEMENT,
    TransactionKind.CHARGEBACK,
    TransactionKind.CREDIT_BALANCE_REFUND,
}
PAID = {TransactionKind.DOWN_PAYMENT, TransactionKind.REPAYMENT, TransactionKind.REFUND}


def not_adding_up(state: LoanState) -> Iterator[str]:
    """What does not add up of a loan, the first instalment first; nothing if all does."""
    for row in state.instalments:
        for component, owed, paid in _components(row.owed, row.paid):
            if not 0 <= paid <= owed:
                yield f"Of instalment {row.number} {paid} of {component} is paid, {owed} is due."
        if row.paid_in_advance + row.paid_late > row.paid.total:
            yield f"Of instalment {row.number} more was paid early and late than was paid."
    yield from _sums(state)


def _sums(state: LoanState) -> Iterator[str]:
    made = [each for each in state.transactions if not each.reversed]
    owed = _total(row.owed for row in state.instalments)
    paid = _total(row.paid for row in state.instalments)
    lent = sum(_lent(each) for each in made if each.kind in LENT)
    lost = sum(each.parts.principal for each in made if each.kind is TransactionKind.WRITE_OFF)
    if owed.principal != lent - lost:
        yield f"Its instalments come to {owed.principal} of principal, {lent - lost} was lent."
    went = _total(each.parts for each in made if each.kind in PAID)
    for component, there, received in _components(paid, went):
        if there != received:
            yield f"Its instalments have {there} of {component} paid, {received} was received."
    fees = Amounts(fees=sum(each.fees for each in state.disbursed))
    if (state.totals.owed, state.totals.paid) != (owed + fees, paid.total + fees.total):
        yield "Its totals are not the sums of its instalments."


def _lent(made: Transaction) -> int:
    """Money given back from what was paid too much is not lent."""
    is_refund = made.kind is TransactionKind.CREDIT_BALANCE_REFUND
    return made.parts.principal if is_refund else made.amount


def _total(amounts: Iterable[Amounts]) -> Amounts:
    return sum(amounts, NOTHING)


def _components(one: Amounts, other: Amounts) -> Iterator[tuple[Component, int, int]]:
    return zip(Component, astuple(one), astuple(other), strict=True)
