"""What provisions by stage of an agreement rest on: dated facts beside what happens to it.

Each is known from the day on which it was entered, and holds from a day of its own.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from tradeline.lending.collateral.security import KINDS, Collateral, CollateralKind
from tradeline.lending.servicing.kinds import Kind, Wrong


@dataclass(frozen=True, slots=True)
class ByStage:
    """It is provided for by stage, with the share that a default loses where nothing secures it.

    `effective_rate` (of a year) discounts losses; None: that of the schedule.
    """

    entered_on: date
    lgd: Fraction
    effective_rate: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """The grade of who owes it from a day on; `unlikely_to_pay`: in default, however late."""

    entered_on: date
    rated_on: date
    grade: str
    unlikely_to_pay: bool = False


@dataclass(frozen=True, slots=True)
class Valuation:
    """What an item that secures it is worth on a day, in minor units of the agreement's currency.

    A later valuation of the same `item` takes its place (see `collateral.security.Collateral`).
    """

    entered_on: date
    valued_on: date
    item: str
    kind: CollateralKind
    value_minor: int
    rank: int = 1
    prior_minor: int = 0


Fact = ByStage | Rating | Valuation
FACTS: tuple[type[Fact], ...] = (ByStage, Rating, Valuation)


@dataclass(frozen=True, slots=True)
class Known:
    """The facts of an agreement that are known on a day: ratings in the order of their days."""

    by_stage: ByStage | None
    ratings: tuple[Rating, ...]
    collateral: tuple[Collateral, ...]


def known_facts(facts: Iterable[Fact], currency: str, on: date) -> Known:
    """What facts, in the order of entry, say on a day; of two of one day the later one counts."""
    known = [fact for fact in facts if fact.entered_on <= on]
    stated = [fact for fact in known if isinstance(fact, ByStage)]
    ratings = [fact for fact in known if isinstance(fact, Rating) and fact.rated_on <= on]
    valued = [fact for fact in known if isinstance(fact, Valuation) and fact.valued_on <= on]
    newest = {fact.item: fact for fact in sorted(valued, key=lambda each: each.valued_on)}
    return Known(
        stated[-1] if stated else None,
        tuple(sorted(ratings, key=lambda each: each.rated_on)),
        tuple(_collateral(fact, currency) for fact in newest.values()),
    )


def _collateral(fact: Valuation, currency: str) -> Collateral:
    return Collateral(fact.item, fact.kind, fact.value_minor, currency, fact.valued_on, fact.rank,
                      fact.prior_minor)  # fmt: skip


def wrong_fact(kind: Kind[Any, Any], fact: Fact, grades: Sequence[str]) -> Wrong:
    """What is wrong with a fact of an agreement of a kind; `grades` are those that have PDs."""
    if kind.expected is None:
        yield (
            "by-age-alone",
            f"{kind.called.capitalize()} is provided for by age: {kind.by_age}.",
            "State it of loans, financed invoices and financed orders.",
        )
        return
    yield from _WRONG[type(fact)](kind, fact, grades)


def _wrong_statement(kind: Kind[Any, Any], fact: ByStage, _: Sequence[str]) -> Wrong:
    if not 0 <= fact.lgd <= 1:
        yield "bad-lgd", f"An LGD of {float(fact.lgd)} is none.", "State a share from 0 to 1."
    if fact.effective_rate is not None and not fact.effective_rate > -1:
        yield ("bad-rate", f"An effective rate of {float(fact.effective_rate)} is none.",
               "State one above -1.")  # fmt: skip
    if fact.effective_rate is None and kind.expected is not None and kind.expected.rate is None:
        yield ("no-rate", f"The terms of {kind.called} say no effective rate.",
               "State the effective rate, fees counted.")  # fmt: skip


def _wrong_rating(_: Kind[Any, Any], fact: Rating, grades: Sequence[str]) -> Wrong:
    if fact.grade not in grades:
        yield ("no-pds", f"It is rated '{fact.grade}', a grade without PDs.",
               "State the PDs of that grade first.")  # fmt: skip


def _wrong_valuation(_: Kind[Any, Any], fact: Valuation, __: Sequence[str]) -> Iterator[Any]:
    if fact.kind not in KINDS or not fact.item:
        yield ("bad-collateral", f"'{fact.item}' of the kind '{fact.kind}' is no collateral.",
               f"Name the item, and one of {', '.join(KINDS)}.")  # fmt: skip
    if min(fact.value_minor, fact.prior_minor) < 0:
        yield ("bad-collateral", f"'{fact.item}' is valued below zero, or what ranks before it is.",
               "State amounts from 0 on.")  # fmt: skip


_WRONG: dict[type[Fact], Any] = {
    ByStage: _wrong_statement, Rating: _wrong_rating, Valuation: _wrong_valuation,
}  # fmt: skip
