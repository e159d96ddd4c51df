"""What is collected day by day: the share of sales, what a milestone lacks, the rest at the end."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from tradeline.kernel.findings import problem
from tradeline.lending.revenue_share.terms import Terms, checked

Reason = Literal["share of sales", "milestone", "end of term"]


@dataclass(frozen=True, slots=True)
class Sale:
    """An order of the platform on the day it was paid, or a refund on the day it was given.

    The refund of an earlier order counts on the day of the refund; both amounts are positive.
    """

    on: date
    amount_minor: int
    refund: bool = False


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that the borrower moved: a lump sum, or below zero a debit that came back."""

    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Collection:
    """What is to be collected on a day, and what is owed of advance and fee after it."""

    on: date
    reason: Reason
    amount_minor: int
    owed_minor: int


@dataclass(frozen=True, slots=True)
class Position:
    """What is owed of advance and fee (below zero: paid too much), sales so far, their share."""

    owed_minor: int
    sold_minor: int = 0
    asked_minor: int = 0


def collections(
    terms: Terms, sales: Iterable[Sale], until: date, *, payments: Iterable[Payment] = ()
) -> tuple[Collection, ...]:
    """All collections up to the end of a day, in order.

    The share is taken of the running total of sales, so that roundings never add up. Net of
    refunds, a refund first lowers what later sales bring; nothing that was taken is given back. A
    milestone that lacks something asks for it on its last day, after that day's share; what came
    earlier counts. InputProblem if terms make no contract or an amount is below zero.
    """
    days = _days(terms, sales, until, payments)
    return tuple(collection for _, found in days for collection in found)


def position(
    terms: Terms, sales: Iterable[Sale], until: date, *, payments: Iterable[Payment] = ()
) -> Position:
    """Where an advance stands at the end of a day, all that was to be collected having come."""
    after = [at for at, _ in _days(terms, sales, until, payments)]
    return after[-1] if after else Position(terms.total_minor)


def _days(
    terms: Terms, sales: Iterable[Sale], until: date, payments: Iterable[Payment]
) -> Iterator[tuple[Position, list[Collection]]]:
    sold = _sold_by_day(checked(terms), sales)
    paid = Counter[date]()
    for payment in payments:
        paid[payment.on] += payment.amount_minor
    at = Position(terms.total_minor)
    for number in range(1, (until - terms.disbursed_on).days + 1):
        day = terms.disbursed_on + timedelta(days=number)
        at, found = _swept(terms, at, day, sold[day], paid[day])
        yield at, found


def _swept(
    terms: Terms, before: Position, day: date, sold: int, paid: int
) -> tuple[Position, list[Collection]]:
    """Where an advance stands after a day, and what the day collects."""
    owed, base, found = before.owed_minor - paid, before.sold_minor + sold, list[Collection]()
    share = max(round(terms.share * base) - before.asked_minor, 0)
    if (part := min(share, owed)) > 0:
        owed -= part
        found.append(Collection(day, "share of sales", part, owed))
    if (part := min(owed, owed - (terms.total_minor - _minimum_on(terms, day)))) > 0:
        owed -= part
        found.append(Collection(day, _reason(terms, day), part, owed))
    return Position(owed, base, before.asked_minor + share), found


def _minimum_on(terms: Terms, day: date) -> int:
    """What must have come, on a day on which that is asked for; zero on all others."""
    milestones = terms.milestones
    elapsed = (day - terms.disbursed_on).days
    ends = day == terms.ends_on
    if milestones is not None and elapsed <= milestones.number * milestones.days:
        ends = ends or elapsed % milestones.days == 0
    return terms.minimum_by(day) if ends else 0


def _reason(terms: Terms, day: date) -> Reason:
    return "end of term" if day == terms.ends_on else "milestone"


def lacking(terms: Terms, received_minor: int, day: date) -> int:
    """How much less has come than must have come by the end of a day, in minor units."""
    return max(terms.minimum_by(day) - received_minor, 0)


def asked_on(terms: Terms) -> tuple[date, ...]:
    """The days by whose end a part must have come, milestones and the end of the term, in order."""
    milestones, days = terms.milestones, set[date]()
    if milestones is not None:
        days = {terms.disbursed_on + timedelta(days=number * milestones.days)
                for number in range(1, milestones.number + 1)}  # fmt: skip
    if terms.ends_on is not None:
        days.add(terms.ends_on)
    return tuple(sorted(days))


def days_late(terms: Terms, received_minor: int, day: date) -> int:
    """Days since the first milestone, or the end, that less has come for than must; else 0."""
    for due in asked_on(terms):
        if due < day and lacking(terms, received_minor, due):
            return (day - due).days
    return 0


def _sold_by_day(terms: Terms, sales: Iterable[Sale]) -> Counter[date]:
    sold = Counter[date]()
    for sale in sales:
        if sale.amount_minor < 0:
            raise problem(
                "negative-sale",
                f"sales of {sale.on}",
                "An order or refund has an amount below zero.",
                "Give refunds as refunds, with positive amounts.",
            )
        if not sale.refund:
            sold[sale.on] += sale.amount_minor
        elif terms.base == "net of refunds":
            sold[sale.on] -= sale.amount_minor
    return sold
