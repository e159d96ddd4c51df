"""The price books of an engine by rate floor and segment of the LGD, made when asked for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.pricing.lender_terms import BASIS_POINTS, LenderTerms
from tradeline.risk.pricing.price_book import PriceBook, price_book, require_priced

Floats = NDArray[np.float64]
Floor = float | None
BookKey = tuple[Floor, str]
"""A rate floor, and the segment whose LGD counts, empty where one LGD is for all."""


@dataclass(frozen=True, slots=True, eq=False)
class Books(Mapping[BookKey, PriceBook | None]):
    """By floor and segment the book of the rates from it on; None for a floor above all rates.

    To tell what was decided none is needed, to decide mostly one, and each takes a while to make.
    """

    terms: Mapping[BookKey, LenderTerms | None]
    pd_cumulative: Floats
    _made: dict[BookKey, PriceBook | None] = field(default_factory=dict)

    def __getitem__(self, key: BookKey) -> PriceBook | None:
        """The book of a floor and segment; KeyError if policy and terms have none such."""
        if key not in self._made:
            terms = self.terms[key]
            self._made[key] = price_book(terms, self.pd_cumulative) if terms else None
        return self._made[key]

    def __iter__(self) -> Iterator[BookKey]:
        """The floors, each with all segments."""
        return iter(self.terms)

    def __len__(self) -> int:
        """How many books there may be."""
        return len(self.terms)


def books_of(terms: LenderTerms, pd_cumulative: Floats, floors: Sequence[float]) -> Books:
    """The books without a floor and from each floor on; InputProblem if one cannot be made."""
    by_floor = {None: terms} | {floor: _from(terms, floor) for floor in floors}
    for found in by_floor.values():
        if found:
            require_priced(found, pd_cumulative)
    by_key = {
        (floor, segment): found.in_segment(segment) if found else None
        for floor, found in by_floor.items()
        for segment in terms.lgd_of or ("",)
    }
    return Books(by_key, pd_cumulative)


def _from(terms: LenderTerms, floor: float) -> LenderTerms | None:
    """The terms with the rates from a floor on."""
    lowest = round(floor * BASIS_POINTS, 6)
    rates = tuple(rate for rate in terms.rates_bp if rate >= lowest)
    return replace(terms, rates_bp=rates) if rates else None
