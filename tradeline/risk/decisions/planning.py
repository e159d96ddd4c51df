"""Offers to many applications at once, within what a lender limits over all of them together.

The policy and the measures bind as in a decision. Each firm that would be offered something brings
its few efficient offers, none above the one that is best for it alone; the plan takes one or none
of each (`pricing/portfolio_plan.py`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, Severity, problem
from tradeline.lake.columns import Column, objects
from tradeline.risk.decisions.application import Applications
from tradeline.risk.decisions.books import BookKey
from tradeline.risk.decisions.deciding_columns import approved_of
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.measures import Measure, in_force
from tradeline.risk.decisions.offering import Approved, firms_of, some_of
from tradeline.risk.decisions.record import LGD_SEGMENT
from tradeline.risk.pricing.efficient_offers import EfficientOffers, efficient_offers
from tradeline.risk.pricing.lender_offer import Firms
from tradeline.risk.pricing.portfolio import GREATEST, NONE, CapKind, Portfolio
from tradeline.risk.pricing.portfolio_limits import NO_GROUP, PortfolioLimits, limited_portfolio
from tradeline.risk.pricing.portfolio_plan import ENOUGH, PortfolioPlan, plan_portfolio

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
EVERYBODY = "all"


@dataclass(frozen=True, slots=True)
class CapUsed:
    """One cap: what the plan uses of it, and its shadow price: profit per unit more of it."""

    kind: str
    name: str
    cap_minor: int
    used_minor: int
    shadow_price: float


@dataclass(frozen=True, slots=True, eq=False)
class PlannedOffers:
    """The plan over some applications; `columns` has a row for each that is made an offer.

    `alone` counts those that would get one by themselves, and `alone_minor` and
    `alone_profit_minor` are what these offers come to.
    """

    applications: int
    alone: int
    alone_minor: int
    alone_profit_minor: int
    columns: Mapping[str, Column]
    profit_minor: int
    bound_minor: int
    caps: tuple[CapUsed, ...]
    findings: tuple[Finding, ...]

    @property
    def gap(self) -> float:
        """How far at most the plan is from the best one, as a share of the bound."""
        return 1 - self.profit_minor / self.bound_minor if self.bound_minor else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Options:
    """The offers that may be made: of all floors, in order of firm, with their terms."""

    offers: EfficientOffers
    rate_annual: Floats
    term_months: Ints
    apr_annual: Floats


def plan_offers(
    applications: Applications,
    engine: Engine,
    at: datetime,
    measures: Sequence[Measure],
    limits: PortfolioLimits,
    groups: Sequence[str] = (),
    enough: float = ENOUGH,
) -> PlannedOffers:
    """The offers of greatest expected profit within the limits.

    `groups` names the connected clients that each application's firm belongs to, empty for none;
    what it and they have been lent is its exposure. Applications of one firm are connected. Raises
    InputProblem for an engine that may only be a shadow.
    """
    if engine.is_shadow:
        raise problem(
            "shadow-only", engine.name, "Its model is no card, so it binds nobody.",
            "Plan by a scorecard or by curves.",
        )  # fmt: skip
    connected = _connected(applications, groups)
    approved = approved_of(applications, engine, at, measures)
    firms, _ = firms_of(approved, applications, in_force(measures, at))
    options = _options(engine, firms, approved.books)
    _require_size(options.offers)
    grades = [engine.grades[place] for place in approved.score_at.tolist()]
    group = [connected[row] for row in approved.rows.tolist()]
    lent = np.maximum(firms.exposure_minor, 0)
    portfolio = limited_portfolio(limits, options.offers, firms.sector, grades, group, lent)
    plan = plan_portfolio(portfolio, enough)
    best = _best_alone(options.offers)
    names = _names(limits, group)
    return PlannedOffers(
        len(applications),
        len(best),
        int(options.offers.amount_minor[best].sum()),
        int(options.offers.profit_minor[best].sum()),
        _columns(applications, approved, options, plan, grades, firms.sector),
        plan.profit,
        plan.bound,
        tuple(_caps_used(portfolio, plan, names)),
        tuple(_findings(limits, options.offers, firms.sector, grades)),
    )


def _connected(applications: Applications, groups: Sequence[str]) -> list[str]:
    """The group of each application: the stated one, else the firm where it applies twice."""
    firms = applications.enterprise.tolist()
    times = Counter(firms)
    stated = groups or [NO_GROUP] * len(firms)
    return [
        group or (str(firm) if times[firm] > 1 else NO_GROUP)
        for group, firm in zip(stated, firms, strict=True)
    ]


def _options(engine: Engine, firms: Firms, books: Sequence[BookKey]) -> _Options:
    """The efficient offers by the price book of each firm."""
    parts = []
    for key in set(books):
        inside = np.flatnonzero([one == key for one in books])
        book = engine.books[key]
        if book is None:
            continue
        found = efficient_offers(book, some_of(firms, inside))
        parts.append(
            (inside[found.firm], found.cell, found.amount_minor, found.loss_minor,
             found.profit_minor, book.rates_annual[found.cell], book.months[found.cell],
             book.apr_annual[found.cell])
        )  # fmt: skip
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)] if parts else []
    firm, cell, amount, loss, profit, rate, term, apr = columns or _nothing()
    order = np.argsort(firm, kind="stable")
    offers = EfficientOffers(*(one[order] for one in (firm, cell, amount, loss, profit)))
    return _Options(offers, rate[order], term[order], apr[order])


def _nothing() -> list[Column]:
    return [np.empty(0, dtype=np.int64)] * 5 + [
        np.empty(0),
        np.empty(0, dtype=np.int64),
        np.empty(0),
    ]


def _require_size(offers: EfficientOffers) -> None:
    most = max(int(offers.amount_minor.max(initial=0)), int(offers.profit_minor.max(initial=0)))
    if most >= GREATEST:
        raise problem(
            "too-large", "offers", f"An offer of {most:,} minor units is too large to be planned "
            "with others.", f"Plan offers below {GREATEST:,} minor units.",
        )  # fmt: skip


def _best_alone(offers: EfficientOffers) -> Ints:
    """The place of the offer of greatest profit of each firm that has one."""
    order = np.lexsort((-offers.profit_minor, offers.firm))
    first = (
        np.flatnonzero(np.append(True, np.diff(offers.firm[order]) != 0)) if len(order) else order
    )
    return order[first]


def _names(limits: PortfolioLimits, groups: Sequence[str]) -> dict[str, list[str]]:
    """The names of the caps of each kind, in their order."""
    return {
        "budget": [EVERYBODY],
        "sector": sorted(limits.sector_shares),
        "grade": sorted(limits.grade_shares),
        "connected clients": sorted(set(groups) - {NO_GROUP}),
        "expected loss": [EVERYBODY],
    }


def _caps_used(
    portfolio: Portfolio, plan: PortfolioPlan, names: Mapping[str, Sequence[str]]
) -> Iterator[CapUsed]:
    prices = plan.prices or tuple(np.zeros(len(kind.caps)) for kind in portfolio.kinds)
    for kind, price in zip(portfolio.kinds, prices, strict=True):
        yield from _of_kind(kind, portfolio.used(kind, plan.plan), price, names[kind.name])


def _of_kind(kind: CapKind, used: Ints, price: Floats, names: Sequence[str]) -> Iterator[CapUsed]:
    rows = zip(names, kind.caps.tolist(), used.tolist(), price.tolist(), strict=True)
    for name, cap, taken, one_more in rows:
        yield CapUsed(kind.name, name, cap, taken, one_more)


def _columns(
    applications: Applications,
    approved: Approved,
    options: _Options,
    plan: PortfolioPlan,
    grades: Sequence[str],
    sectors: Sequence[str],
) -> dict[str, Column]:
    """What is offered to whom, in the order of the applications."""
    firm = np.flatnonzero(plan.plan != NONE)
    at = plan.plan[firm]
    asked = approved.rows[firm]
    return {
        "application": applications.application[asked],
        "enterprise": applications.enterprise[asked],
        "sector": np.array(sectors, dtype=object)[firm],
        "grade": np.array(grades, dtype=object)[firm],
        "amount_minor": options.offers.amount_minor[at],
        "rate_annual": options.rate_annual[at],
        "term_months": options.term_months[at],
        "apr_annual": options.apr_annual[at],
        "profit_minor": options.offers.profit_minor[at],
        "loss_minor": options.offers.loss_minor[at],
        LGD_SEGMENT: objects([approved.books[place][1] for place in firm.tolist()]),
    }


def _findings(
    limits: PortfolioLimits, offers: EfficientOffers, sectors: Sequence[str], grades: Sequence[str]
) -> Iterator[Finding]:
    """Caps that bind nobody: their name may be misspelt."""
    offered = np.unique(offers.firm).tolist()
    for noun, stated, held in (
        ("sector", limits.sector_shares, {sectors[firm] for firm in offered}),
        ("grade", limits.grade_shares, {grades[firm] for firm in offered}),
    ):
        absent = sorted(set(stated) - held)
        if absent:
            yield Finding(
                "cap-of-nobody", Severity.WARNING, noun,
                f"Nobody who could be offered something is of {', '.join(absent)}: the cap binds "
                "nothing.", "Check the name.",
            )  # fmt: skip
