"""What a lender offers to many firms at once, within the caps of the policy and of measures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.lake.columns import Column
from tradeline.risk.decisions.application import (
    CASH_FLOW,
    CURRENCY,
    DEBT_SERVICE,
    EXPOSURE,
    REQUESTED,
    SECTOR_EXPOSURE,
    Applications,
    money_of,
)
from tradeline.risk.decisions.books import BookKey
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.measures import Measure
from tradeline.risk.decisions.record import OFFERED
from tradeline.risk.pricing.best_offers import best_offers
from tradeline.risk.pricing.lender_offer import (
    BINDINGS,
    MOST_MINOR,
    NOT_ASKED,
    UNKNOWN,
    Firms,
    OfferBinding,
)
from tradeline.risk.pricing.lender_terms import LenderTerms
from tradeline.risk.pricing.price_book import PriceBook

Ints = NDArray[np.int64]
NO_CAP = 2**62


@dataclass(frozen=True, slots=True, eq=False)
class Offering:
    """The offers to the `rows` that the policy approved and whose sector is known.

    `binding_at` are places in `BINDINGS`; `terms` are the columns of `OFFERED`, 0 where nothing is
    offered. `cap_names` names who capped what could be asked for, empty for nobody.
    """

    rows: Ints
    binding_at: Ints
    terms: Mapping[str, Column]
    cap_names: NDArray[np.object_]

    def columns(self, rows: int) -> dict[str, Column]:
        """The terms for all rows of a table, 0 where nothing is offered."""
        found = _nothing(rows)
        for name, column in found.items():
            column[self.rows] = self.terms[name]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Approved:
    """The `rows` that the policy approved and whose sector is known, each with what bounds it.

    `score_at` are rows of the price book, `cap_minor` the policy's caps or `NO_CAP`, `books` say
    which of the engine's price books counts.
    """

    rows: Ints
    sectors: NDArray[np.object_]
    score_at: Ints
    cap_minor: Ints
    books: Sequence[BookKey]


def offers_to(
    approved: Approved, applications: Applications, engine: Engine, measures: Sequence[Measure]
) -> Offering:
    """The offer to each approved row, or none and why."""
    rows = approved.rows
    firms, names = firms_of(approved, applications, measures)
    found = Offering(rows, np.zeros(len(rows), dtype=np.int64), _nothing(len(rows)), names)
    for key in set(approved.books):
        inside = np.flatnonzero([one == key for one in approved.books])
        _enter(found, engine.books[key], firms, inside)
    return found


def segments_of(applications: Applications, terms: LenderTerms) -> list[str]:
    """The segment whose LGD counts for each application, as `LenderTerms.segment_of` says."""
    if not terms.lgd_by:
        return [""] * len(applications)
    stated = _listed(applications.values.get(terms.lgd_by), np.arange(len(applications)))
    return [terms.segment_of(one) for one in stated]


def firms_of(
    approved: Approved, applications: Applications, measures: Sequence[Measure]
) -> tuple[Firms, NDArray[np.object_]]:
    """What the lender knows of the approved rows; who capped what could be asked for, if any did.

    Where a cap is less than what was asked for, it stands in place of that.
    """
    rows, sectors = approved.rows, approved.sectors
    cap, names = _caps(approved.cap_minor, measures, sectors)
    asked = _money(applications.values.get(REQUESTED), rows)
    is_less = (asked != UNKNOWN) & (cap < asked)
    names[~is_less] = ""
    firms = Firms(
        score=approved.score_at,
        currency=_listed(applications.values.get(CURRENCY), rows),
        cash_flow_minor=_known_money(applications.values.get(CASH_FLOW), rows),
        debt_service_minor=_known_money(applications.values.get(DEBT_SERVICE), rows),
        sector=sectors.tolist(),
        exposure_minor=_known_money(applications.values.get(EXPOSURE), rows),
        sector_exposure_minor=_known_money(applications.values.get(SECTOR_EXPOSURE), rows),
        requested_minor=np.where(is_less, cap, asked),
    )
    return firms, names


def _nothing(rows: int) -> dict[str, Column]:
    return {name: np.zeros(rows, dtype=kind) for name, kind in OFFERED.items()}


def _enter(found: Offering, book: PriceBook | None, firms: Firms, inside: Ints) -> None:
    """Enter in place what a book offers to some of the firms; without a book, nothing."""
    if book is None:
        found.binding_at[inside] = BINDINGS.index(OfferBinding.NO_PROFITABLE_OFFER)
        found.cap_names[inside] = ""
        return
    offers = best_offers(book, some_of(firms, inside))
    found.binding_at[inside] = offers.binding_at
    made = offers.amount_minor > 0
    for name, column in found.terms.items():
        column[inside] = np.where(made, getattr(offers, name), 0)


def some_of(firms: Firms, inside: Ints) -> Firms:
    """The firms at some places."""
    places = inside.tolist()
    return Firms(
        firms.score[inside],
        [firms.currency[place] for place in places],
        firms.cash_flow_minor[inside],
        firms.debt_service_minor[inside],
        [firms.sector[place] for place in places],
        firms.exposure_minor[inside],
        firms.sector_exposure_minor[inside],
        firms.requested_minor[inside],
    )


def _caps(
    policy_cap: Ints, measures: Sequence[Measure], sectors: NDArray[np.object_]
) -> tuple[Ints, NDArray[np.object_]]:
    """The least of what the policy and the measures allow, and who says so."""
    cap = policy_cap.copy()
    names = np.where(cap < NO_CAP, "policy cap", "").astype(object)
    for measure in measures:
        lower = measure.concerned(sectors) & (measure.greatest_minor < cap)
        cap[lower] = measure.greatest_minor
        names[lower] = measure.code
    return cap, names


def _money(column: Column | None, rows: Ints) -> Ints:
    """Money of some rows; `UNKNOWN` where it is none, `NOT_ASKED` where there is no value."""
    found = [money_of(value) for value in _listed(column, rows)]
    return np.fromiter((_minor(value) for value in found), np.int64, len(found))


def _known_money(column: Column | None, rows: Ints) -> Ints:
    """Money that must be known: `UNKNOWN` where there is no value, too."""
    found = _money(column, rows)
    return np.where(found == NOT_ASKED, UNKNOWN, found)


def _minor(value: object) -> int:
    if value is None:
        return NOT_ASKED
    return value if type(value) is int and -MOST_MINOR <= value <= MOST_MINOR else UNKNOWN


def _listed(column: Column | None, rows: Ints) -> list[Any]:
    """Values of some rows as plain Python, None where there is none."""
    if column is None:
        return [None] * len(rows)
    values: list[Any] = np.ma.getdata(column)[rows].tolist()
    for row in np.flatnonzero(np.ma.getmaskarray(column)[rows]).tolist():
        values[row] = None
    return values
