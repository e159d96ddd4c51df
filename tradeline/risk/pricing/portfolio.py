"""Choosing at most one offer of each firm under caps of several kinds: the problem, and its bound.

A kind of cap parts the firms: one part for the budget, one for each sector, grade or group of
connected clients; what the offers to a part use, of money or of expected loss, is capped. With a
price of at least 0 on every cap (Lagrange multipliers; Everett 1963), each firm alone takes the
offer of greatest profit less the price of what it uses, and no plan that keeps to the caps earns
more than

    sum over firms of that + sum over caps of price x cap

whatever the prices (Fisher 1981, The Lagrangian relaxation method for solving integer programming
problems). `portfolio_prices.py` looks for the prices that make it least, `portfolio_plan.py` for a
plan that comes near it. Groups of connected clients are few firms under a small cap, where half an
offer is no good guide to whole ones: their firms choose together, exactly (`connected.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Number = TypeVar("Number", np.int64, np.float64)

NONE = -1
# Prices are whole multiples of this and not above 16, and options earn and use less than 2^34 minor
# units: the whole numbers of the exact bound then fit 64 bits.
PRICE_UNIT = Fraction(1, 2**22)
GREATEST_PRICE = 2**26
GREATEST = 2**34


@dataclass(frozen=True, slots=True, eq=False)
class CapKind:
    """One kind of cap: `caps` (caps,) at least 0, on what `measure` says options use.

    `place` (firms,) is the cap that each firm's offer counts under, `NONE` for no cap. Firms under
    one cap of a kind that is `together` choose together; at most one kind is.
    """

    name: str
    measure: int
    caps: Ints
    place: Ints
    together: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Portfolio:
    """Options in order of firm, and the caps on all together.

    `firm` (options,) is each option's firm, `profit` (options,) above 0; `uses` (measures, options)
    at least 0. A plan is the option of each firm (firms,), `NONE` for none.
    """

    firms: int
    firm: Ints
    profit: Ints
    uses: Ints
    kinds: tuple[CapKind, ...]

    def __post_init__(self) -> None:
        """Check what the bound rests on."""
        assert (np.diff(self.firm) >= 0).all(), "options come in order of firm"
        assert (self.profit > 0).all(), "an option earns something"
        assert (self.uses >= 0).all(), "an option uses nothing negative"
        assert sum(kind.together for kind in self.kinds) <= 1, "a firm is in one group"
        assert max(self.profit.max(initial=0), self.uses.max(initial=0)) < GREATEST, "too much"

    def value(self, plan: Ints) -> int:
        """Profit of a plan."""
        return int(np.append(self.profit, 0)[plan].sum())

    def used(self, kind: CapKind, plan: Ints) -> Ints:
        """What a plan uses of each cap of a kind (caps,)."""
        capped = (plan != NONE) & (kind.place != NONE)
        used = np.zeros(len(kind.caps), dtype=np.int64)
        np.add.at(used, kind.place[capped], self.uses[kind.measure][plan[capped]])
        return used

    def keeps_to_caps(self, plan: Ints) -> bool:
        """Whether a plan exceeds no cap, by not one minor unit."""
        return all((self.used(kind, plan) <= kind.caps).all() for kind in self.kinds)


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Options as a table (options of a firm, firms), so that firms stand side by side.

    `option` is each one's place, `NONE` where a firm has fewer; `profit` is -1 there. `uses` has
    shape (measures, options of a firm, firms). What exceeds a cap all by itself is left out.
    """

    option: Ints
    profit: Ints
    uses: Ints


def grid_of(portfolio: Portfolio) -> Grid:
    """The options of a portfolio that may be part of a plan, firm by firm."""
    kept = np.flatnonzero(_fits_alone(portfolio))
    firm = portfolio.firm[kept]
    count = np.bincount(firm, minlength=portfolio.firms)
    first = np.concatenate([[0], np.cumsum(count)])[firm]
    option = np.full((int(count.max(initial=1)), portfolio.firms), NONE, dtype=np.int64)
    option[np.arange(len(kept)) - first, firm] = kept
    uses = np.pad(portfolio.uses, ((0, 0), (0, 1)))
    return Grid(option, np.append(portfolio.profit, -1)[option], uses[:, option])


def _fits_alone(portfolio: Portfolio) -> Flags:
    fits = np.ones(len(portfolio.firm), dtype=np.bool_)
    for kind in portfolio.kinds:
        room = np.append(kind.caps, 2**62)[kind.place]
        fits &= portfolio.uses[kind.measure] <= room[portfolio.firm]
    return fits


def firm_prices(portfolio: Portfolio, prices: Sequence[NDArray[Number]]) -> NDArray[Number]:
    """What a unit of each measure costs each firm (measures, firms), all its caps together."""
    costs = np.zeros((len(portfolio.uses), portfolio.firms), dtype=prices[0].dtype)
    for kind, price in zip(portfolio.kinds, prices, strict=True):
        costs[kind.measure] += np.append(price, 0)[kind.place]
    return costs
