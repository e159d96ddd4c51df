"""The prices of caps that bring the bound of `portfolio.py` to its least.

The bound is convex in the prices, with corners where firms change their mind. Smoothed, each firm
spreads over its offers as a logit of their worth: m log(1 + sum of exp(worth / m)). That is nowhere
below the bound, at most m log(1 + offers) a firm above it, and has a gradient: what the caps leave.
A quasi-Newton search (L-BFGS-B) finds its least for ever smaller m, each from the last (Nesterov
2005, Smooth minimization of non-smooth functions).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from tradeline.risk.pricing.portfolio import (
    GREATEST_PRICE,
    NONE,
    PRICE_UNIT,
    CapKind,
    Grid,
    Ints,
    Portfolio,
    firm_prices,
)

Floats = NDArray[np.float64]

# The smoothing m as a share of the mean of firms' greatest profits, and steps of the search at it.
SMOOTHINGS = ((0.03, 30), (0.004, 50), (0.001, 60))
# Firms whose options stay in the cache of the processor.
CHUNK = 4096


def price_caps(portfolio: Portfolio, grid: Grid) -> Iterator[tuple[Ints, ...]]:
    """Ever better prices of each kind's caps, in `PRICE_UNIT`s."""
    search = _Search(portfolio, grid)
    at = np.zeros(search.size)
    for smoothing, steps in SMOOTHINGS:
        found = minimize(
            search.smoothed,
            at,
            args=(smoothing,),
            jac=True,
            method="L-BFGS-B",
            bounds=[(0, None)] * search.size,
            options={"maxiter": steps, "maxfun": 2 * steps},
        )
        at = found.x
        yield search.prices(at)


class _Search:
    """The smoothed bound in scaled prices.

    Profits are in their mean over firms. A price is scaled by the root of what its firms could use:
    the bound then bends about as much in every direction.
    """

    def __init__(self, portfolio: Portfolio, grid: Grid) -> None:
        self.portfolio, self.grid = portfolio, grid
        most = grid.profit.max(axis=0, initial=0)
        self.total = max(float(most.sum()), 1.0)
        self.mean = max(float(most.mean()), 1.0)
        self.scales = [self._scale(kind) for kind in portfolio.kinds]
        self.size = sum(len(kind.caps) for kind in portfolio.kinds)
        self.ends = np.cumsum([len(kind.caps) for kind in portfolio.kinds])[:-1]
        self.parts = self._parts()

    def _parts(self) -> list[tuple[Ints, Floats, Floats]]:
        """Firms with as many options each, what those are worth and use, in means."""
        count = (self.grid.option != NONE).sum(axis=0)
        order, parts = np.argsort(count, kind="stable"), []
        for begin in range(0, len(order), CHUNK):
            firms = order[begin : begin + CHUNK]
            width = slice(0, int(count[firms[-1]]))
            option = self.grid.option[width, firms]
            worth = np.where(option == NONE, -np.inf, self.grid.profit[width, firms] / self.mean)
            parts.append((firms, worth, self.grid.uses[:, width, firms] / self.mean))
        return parts

    def _scale(self, kind: CapKind) -> Floats:
        """Prices of a kind's caps that count as 1 (caps,)."""
        greatest = self.grid.uses[kind.measure].max(axis=0, initial=0)
        capped = kind.place != NONE
        whole = float(greatest.sum())
        parts = np.bincount(kind.place[capped], greatest[capped], minlength=len(kind.caps))
        return self.total / max(whole, 1.0) * np.sqrt(whole / np.maximum(parts, 1.0))

    def prices(self, at: Floats) -> tuple[Ints, ...]:
        """The prices at a point, in whole `PRICE_UNIT`s."""
        unit = PRICE_UNIT.denominator
        return tuple(
            np.minimum(np.rint(price * unit), GREATEST_PRICE).astype(np.int64)
            for price in self._unscaled(at)
        )

    def _unscaled(self, at: Floats) -> list[Floats]:
        parts = np.split(at, self.ends)
        return [part * scale for part, scale in zip(parts, self.scales, strict=True)]

    def smoothed(self, at: Floats, smoothing: float) -> tuple[float, Floats]:
        """The smoothed bound as a share of the total of greatest profits, and its gradient."""
        prices = self._unscaled(at)
        costs = firm_prices(self.portfolio, prices)
        used = np.empty_like(costs)
        value = 0.0
        for firms, worth, uses in self.parts:
            smooth, used[:, firms] = _spread(worth, uses, costs[:, firms], smoothing)
            value += smooth
        value, used = value * self.mean, used * self.mean
        gradient = []
        for kind, price, scale in zip(self.portfolio.kinds, prices, self.scales, strict=True):
            value += float((price * kind.caps).sum())
            gradient.append(scale * self._left(kind, used[kind.measure]) / self.total)
        return value / self.total, np.concatenate(gradient)

    def _left(self, kind: CapKind, used: Floats) -> Floats:
        """What each cap leaves, below 0 where it is exceeded; `used` (firms,)."""
        capped = kind.place != NONE
        parts = np.bincount(kind.place[capped], used[capped], minlength=len(kind.caps))
        return np.asarray(kind.caps - parts, dtype=np.float64)


def _spread(worth: Floats, uses: Floats, costs: Floats, smoothing: float) -> tuple[float, Floats]:
    """What firms are worth together, smoothed, and what each uses (measures, firms)."""
    worth = worth.copy()
    for use, cost in zip(uses, costs, strict=True):
        worth -= use * cost
    best = worth.max(axis=0, initial=0.0)
    worth -= best
    worth /= smoothing
    share = np.exp(worth, out=worth)
    every = share.sum(axis=0) + np.exp(-best / smoothing)
    used = np.stack([(use * share).sum(axis=0) / every for use in uses])
    return float((best + smoothing * np.log(every)).sum()), used
