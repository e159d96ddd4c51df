"""Collateral and guarantees of a loan, and the loss given default that they leave.

What an item brings is its value less the haircut of its kind and what ranks before the lender. It
is counted up to what is owed, item by item, and discounted over the months until it brings money.
What is not secured loses as an unsecured loan does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, get_args

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.lending.dates.due_dates import plus_months
from tradeline.risk.parameters import read_parameters

CollateralKind = Literal[
    "deposit", "receivables", "real_estate", "equipment", "inventory", "guarantee"
]
KINDS: tuple[CollateralKind, ...] = get_args(CollateralKind)


@dataclass(frozen=True, slots=True)
class Collateral:
    """One thing that secures a loan, or a guarantee, whose value is its limit.

    `prior_minor` is what ranks before the lender; of items of a loan the lower `rank` is realised
    first.
    """

    id: str
    kind: CollateralKind
    value_minor: int
    currency: str
    valued_on: date
    rank: int = 1
    prior_minor: int = 0


@dataclass(frozen=True, slots=True)
class CollateralTerms:
    """Haircut, months to realise and months that a valuation holds, by kind; the floor of LGD."""

    haircut: Mapping[CollateralKind, Fraction]
    months_to_realise: Mapping[CollateralKind, int]
    valuation_months: Mapping[CollateralKind, int]
    lgd_floor: float


@dataclass(frozen=True, slots=True)
class Cover:
    """What one item covers of what is owed, in minor units, and why it counts less or not."""

    id: str
    covered_minor: int
    note: str


@dataclass(frozen=True, slots=True)
class Secured:
    """A loan with its collateral: what is covered, and the share that a default loses, 0 to 1."""

    exposure_minor: int
    covers: tuple[Cover, ...]
    lgd: float

    @property
    def covered_minor(self) -> int:
        """What all items cover together."""
        return sum(cover.covered_minor for cover in self.covers)


def read_collateral_terms(on: date) -> CollateralTerms:
    """The terms of `parameters/collateral.yaml` on a date."""
    found = {name: each.value for name, each in read_parameters("collateral", on).items()}
    return CollateralTerms(
        {kind: Fraction(str(found["haircut"][kind])) for kind in KINDS},
        {kind: int(found["months_to_realise"][kind]) for kind in KINDS},
        {kind: int(found["valuation_months"][kind]) for kind in KINDS},
        float(found["lgd_floor"]),
    )


def secured(
    exposure_minor: int,
    currency: str,
    items: Sequence[Collateral],
    terms: CollateralTerms,
    *,
    unsecured_lgd: float,
    rate_annual: float,
    on: date,
) -> Secured:
    """What collateral covers of an exposure on a day, and the LGD that is left.

    A valuation that is too old counts nothing. `rate_annual` is the loan's effective rate.
    InputProblem for an exposure of nothing, a value in another currency, or a negative one.
    """
    if exposure_minor <= 0 or not 0 <= unsecured_lgd <= 1:
        raise problem(
            "no-exposure",
            "collateral",
            f"An exposure of {exposure_minor} with an LGD of {unsecured_lgd} cannot be secured.",
            "State what is owed, and an LGD from 0 to 1.",
        )
    _check(items, currency)
    covers, left, lost = list[Cover](), exposure_minor, 0.0
    for item in sorted(items, key=lambda each: (each.rank, each.id)):
        worth, note = _worth(item, terms, on)
        covered = min(worth, left)
        left -= covered
        covers.append(Cover(item.id, covered, note))
        years = terms.months_to_realise[item.kind] / 12
        loss = 1 - (1 + rate_annual) ** -years
        lost += covered * max(loss, terms.lgd_floor)
    lgd = (lost + left * unsecured_lgd) / exposure_minor
    return Secured(exposure_minor, tuple(covers), min(lgd, 1.0))


def _worth(item: Collateral, terms: CollateralTerms, on: date) -> tuple[int, str]:
    """What an item brings, rounded down, and what was not counted."""
    if not item.valued_on <= on <= plus_months(item.valued_on, terms.valuation_months[item.kind]):
        return 0, f"valued on {item.valued_on}, too long ago or not yet"
    counted = item.value_minor * (1 - terms.haircut[item.kind])
    worth = max(int(counted) - item.prior_minor, 0)
    return worth, "" if worth else "what ranks before the lender takes all"


def _check(items: Sequence[Collateral], currency: str) -> None:
    ids = [item.id for item in items]
    wrong = [
        (f"collateral {item.id}", "It is valued in another currency.", f"Value it in {currency}.")
        for item in items
        if item.currency != currency
    ]
    wrong += [
        (f"collateral {item.id}", "Its value or what ranks before is below zero.", "Correct it.")
        for item in items
        if min(item.value_minor, item.prior_minor) < 0
    ]
    if len(set(ids)) < len(ids):
        wrong.append(("collateral", "An item stands twice.", "List each item once."))
    if wrong:
        raise InputProblem(
            Finding("bad-collateral", Severity.ERROR, where, message, remedy)
            for where, message, remedy in wrong
        )
