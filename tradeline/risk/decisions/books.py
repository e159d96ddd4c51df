"""The price books of an engine: one by each rate floor of its policy, made when it is asked for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.pricing.lender_terms import BASIS_POINTS, LenderTerms
from tradeline.risk.pricing.price_book import PriceBook, price_book, require_priced

Floats = NDArray[np.float64]
Floor = float | None


@dataclass(frozen=True, slots=True, eq=False)
class Books(Mapping[Floor, PriceBook | None]):
    """By rate floor the book of the rates from it on; None for a floor above all rates.

    To tell what was decided none is needed, to decide mostly one, and each takes a while to make.
    """

    terms: Mapping[Floor, LenderTerms | None]
    pd_cumulative: Floats
    _made: dict[Floor, PriceBook | None] = field(default_factory=dict)

    def __getitem__(self, floor: Floor) -> PriceBook | None:
        """The book of a floor; KeyError if the policy has none such."""
        if floor not in self._made:
            terms = self.terms[floor]
            self._made[floor] = price_book(terms, self.pd_cumulative) if terms else None
        return self._made[floor]

    def __iter__(self) -> Iterator[Floor]:
        """The floors."""
        return iter(self.terms)

    def __len__(self) -> int:
        """How many floors there are."""
        return len(self.terms)


def books_of(terms: LenderTerms, pd_cumulative: Floats, floors: Sequence[float]) -> Books:
    """The books without a floor and from each floor on; InputProblem if one cannot be made."""
    by_floor = {None: terms} | {floor: _from(terms, floor) for floor in floors}
    for found in by_floor.values():
        if found:
            require_priced(found, pd_cumulative)
    return Books(by_floor, pd_cumulative)


def _from(terms: LenderTerms, floor: float) -> LenderTerms | None:
    """The terms with the rates from a floor on."""
    lowest = round(floor * BASIS_POINTS, 6)
    rates = tuple(rate for rate in terms.rates_bp if rate >= lowest)
    return replace(terms, rates_bp=rates) if rates else None
