"""A plan near the bound of `portfolio.py` that exceeds no cap by one minor unit.

At the prices of the caps every firm has an order of its options. Firms choose one after another,
those first that lose most by their second best: each takes the first option that still fits all its
caps. What room is left goes to exchanges, those first that lose least at the prices, as long as one
fits and earns more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.pricing.connected import choose_together
from tradeline.risk.pricing.portfolio import (
    NONE,
    PRICE_UNIT,
    Floats,
    Grid,
    Ints,
    Number,
    Portfolio,
    firm_prices,
    grid_of,
)
from tradeline.risk.pricing.portfolio_prices import price_caps

ENOUGH = 5e-4
ENDLESS = 2**62
LEAST = -(2**62)
# Exchanges that are tried at a time.
EXCHANGES = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class PortfolioPlan:
    """The option of each firm (firms,), `NONE` for none, and how good that is.

    No plan that keeps to the caps earns more than `bound`. `prices` has for each kind what one more
    unit of each of its caps would bring, if offers could be made in part (caps,).
    """

    plan: Ints
    profit: int
    bound: int
    prices: tuple[Floats, ...]

    @property
    def gap(self) -> float:
        """How far at most the plan is from the best one, as a share of the bound."""
        return 1 - self.profit / self.bound if self.bound else 0.0


def plan_portfolio(portfolio: Portfolio, enough: float = ENOUGH) -> PortfolioPlan:
    """A plan whose gap is at most `enough`, or the best that was found with the least bound."""
    best = PortfolioPlan(np.full(portfolio.firms, NONE), 0, 0, ())
    if not len(portfolio.firm):
        return best
    grid = grid_of(portfolio)
    for prices in price_caps(portfolio, grid):
        choice = choice_at(portfolio, grid, prices)
        plan = _plan_from(portfolio, grid, choice)
        profit = portfolio.value(plan)
        if not best.prices or profit > best.profit:
            best = replace(best, plan=plan, profit=profit)
        if not best.prices or choice.bound < best.bound:
            shown = tuple(price.astype(np.float64) * float(PRICE_UNIT) for price in prices)
            best = replace(best, bound=choice.bound, prices=shown)
        if best.gap <= enough:
            break
    assert portfolio.keeps_to_caps(best.plan), "a plan keeps to its caps"
    return best


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What firms would choose at some prices, and the profit that no plan then exceeds.

    `worth` (options of a firm, firms) is profit less the price of what is used, in `PRICE_UNIT`s;
    `at` (firms,) the place of each firm's best option, `NONE` for none.
    """

    worth: Ints
    at: Ints
    bound: int


def choice_at(portfolio: Portfolio, grid: Grid, prices: Sequence[Ints]) -> Choice:
    """The choice of every firm alone, but of connected clients together, whose cap has no price."""
    priced = [
        np.zeros_like(price) if kind.together else price
        for kind, price in zip(portfolio.kinds, prices, strict=True)
    ]
    worth = PRICE_UNIT.denominator * grid.profit
    for use, cost in zip(grid.uses, firm_prices(portfolio, priced), strict=True):
        worth -= use * cost
    worth[grid.option == NONE] = LEAST
    at = np.where(worth.max(axis=0, initial=LEAST) > 0, worth.argmax(axis=0), NONE)
    for kind in portfolio.kinds:
        if kind.together:
            at = np.where(kind.place == NONE, at, choose_together(grid, kind, worth))
    chosen = np.where(at == NONE, 0, worth[at, np.arange(portfolio.firms)])
    total = sum(chosen.tolist())
    for kind, price in zip(portfolio.kinds, priced, strict=True):
        total += sum(one * cap for one, cap in zip(price.tolist(), kind.caps.tolist(), strict=True))
    return Choice(worth, at, total // PRICE_UNIT.denominator)


def _plan_from(portfolio: Portfolio, grid: Grid, choice: Choice) -> Ints:
    """A plan that keeps to the caps, made from what firms would choose."""
    table = _Table(portfolio, grid, choice.worth)
    table.choose(choice.at)
    while table.exchange():
        pass
    return table.plan()


class _Table:
    """Firms and their options, what they have chosen so far, and what room that leaves.

    Caps of all kinds are numbered through; a last one, without end, stands for no cap.
    """

    def __init__(self, portfolio: Portfolio, grid: Grid, worth: Ints) -> None:
        self.grid, self.worth = grid, worth
        self.grouped = np.zeros(portfolio.firms, dtype=np.bool_)
        for kind in portfolio.kinds:
            self.grouped |= kind.together & (kind.place != NONE)
        self.measures = [kind.measure for kind in portfolio.kinds]
        sizes = [len(kind.caps) for kind in portfolio.kinds]
        firsts = np.cumsum([0, *sizes])
        self.caps_of: Ints = np.stack(
            [
                np.where(kind.place == NONE, firsts[-1], first + kind.place)
                for kind, first in zip(portfolio.kinds, firsts, strict=False)
            ]
        )
        self.room: list[int] = np.concatenate([kind.caps for kind in portfolio.kinds]).tolist()
        self.room.append(ENDLESS)
        self.at = np.full(portfolio.firms, NONE)

    def plan(self) -> Ints:
        """The option of each firm."""
        return np.where(self.at == NONE, NONE, self._chosen(self.grid.option))

    def choose(self, first: Ints) -> None:
        """Let firms choose one after another, those first that lose most by their second best.

        `first` (firms,) is what they would choose; connected clients try nothing else.
        """
        firms = np.flatnonzero(first != NONE)
        second, regret = self._second_best(firms, first[firms])
        order = np.argsort(-regret, kind="stable")
        firms = firms[order]
        tried = np.stack([first[firms], second[order]])
        needs = self._needs(np.maximum(tried, 0), firms)
        for firm, caps, places, needed in zip(
            firms.tolist(),
            self.caps_of[:, firms].T.tolist(),
            tried.T.tolist(),
            needs.transpose(2, 1, 0).tolist(),
            strict=True,
        ):
            for place, need in zip(places, needed, strict=True):
                if place != NONE and self._take(caps, need):
                    self.at[firm] = place
                    break

    def _second_best(self, firms: Ints, first: Ints) -> tuple[Ints, Ints]:
        """What firms would choose if not their first, and what that loses; none if grouped."""
        worth, at = self.worth[:, firms].copy(), np.arange(len(firms))
        best = worth[first, at]
        worth[first, at] = LEAST
        next_best = np.where(self.grouped[firms], 0, np.maximum(worth.max(axis=0), 0))
        return np.where(next_best > 0, worth.argmax(axis=0), NONE), best - next_best

    def exchange(self) -> bool:
        """Let firms exchange their option for one that earns more and fits; whether any did."""
        now_worth = np.where(self.at == NONE, 0, self._chosen(self.worth))
        now_profit = np.where(self.at == NONE, 0, self._chosen(self.grid.profit))
        place, firm = np.nonzero(self.grid.profit > now_profit)
        needs = self._needs(place[None], firm)[:, 0] - self._needs_now(firm)
        fits = (needs <= np.array(self.room)[self.caps_of[:, firm]]).all(axis=0)
        place, firm, needs = place[fits], firm[fits], needs[:, fits]
        order = np.argsort(now_worth[firm] - self.worth[place, firm], kind="stable")[:EXCHANGES]
        changed = set[int]()
        for one, at, caps, need in zip(
            firm[order].tolist(),
            place[order].tolist(),
            self.caps_of[:, firm[order]].T.tolist(),
            needs[:, order].T.tolist(),
            strict=True,
        ):
            if one not in changed and self._take(caps, need):
                self.at[one] = at
                changed.add(one)
        return bool(changed)

    def _take(self, caps: list[int], need: list[int]) -> bool:
        """Take what is needed of each cap, if there is as much; whether there was."""
        room = self.room
        for cap, use in zip(caps, need, strict=True):
            if use > room[cap]:
                return False
        for cap, use in zip(caps, need, strict=True):
            room[cap] -= use
        return True

    def _chosen(self, table: NDArray[Number]) -> NDArray[Number]:
        """The entry of each firm's option in a table (options of a firm, firms)."""
        chosen: NDArray[Number] = table[self.at, np.arange(len(self.at))]
        return chosen

    def _needs(self, places: Ints, firms: Ints) -> Ints:
        """What options use under each kind, (kinds, places of a firm, firms)."""
        needs: Ints = self.grid.uses[:, places, firms][self.measures]
        return needs

    def _needs_now(self, firms: Ints) -> Ints:
        """What the options at hand use under each kind (kinds, firms)."""
        at = self.at[firms]
        return np.where(at == NONE, 0, self._needs(np.maximum(at, 0)[None], firms)[:, 0])
