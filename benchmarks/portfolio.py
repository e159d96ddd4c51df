"""A portfolio of offers planned under five kinds of caps, beside scipy's linear and integer solver.

Every firm has a few efficient offers of a made-up bank. The budget, 17 sectors, 4 grades, groups of
three connected clients and the expected loss of all are capped. The linear programme lets offers be
made in part, and its value is a bound as ours is; the integer programme makes a plan. Both are
given the same offers, at sizes they can do, and are asked to stop after a time.
Goal: 100,000 firms within 0.1 % of the bound in 60 s.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from benchmarks.lending import silent
from benchmarks.measure import REPOSITORY, cpu_seconds, show, wall_seconds
from tradeline.risk.pricing.efficient_offers import efficient_offers
from tradeline.risk.pricing.lender_file import read_lender_terms
from tradeline.risk.pricing.lender_offer import NOT_ASKED, Firms
from tradeline.risk.pricing.portfolio import NONE, Portfolio
from tradeline.risk.pricing.portfolio_limits import (
    NO_GROUP,
    PortfolioLimits,
    limited_portfolio,
)
from tradeline.risk.pricing.portfolio_plan import ENOUGH, plan_portfolio
from tradeline.risk.pricing.price_book import price_book

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ON = date(2026, 5, 1)
SCORES = 60
SECTORS, SECTOR_SHARE = 17, 0.065
GRADE_ENDS, GRADE_SHARES = (0.005, 0.015, 0.03), (0.5, 0.3, 0.2, 0.1)
# A third of what all would take, and less loss than that would bring.
BUDGET_SHARE, LOSS_SHARE = 0.3, 0.005
GROUP_SIZE, GROUP_CAP_MINOR = 3, 60_000_000


def main(words: Sequence[str] | None = None) -> int:
    """Plan at every size, with the peers up to theirs."""
    options = _options(words)
    for firms in options.firms:
        _one_size(firms, options)
    return 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks.portfolio",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--firms",
        type=int,
        nargs="+",
        default=[1000, 10_000, 100_000],
        help="sizes (1000, 10000 and 100000)",
    )
    parser.add_argument("--linear", type=int, default=10_000, help="linear peer up to (10000)")
    parser.add_argument("--integer", type=int, default=1000, help="integer peer up to (1000)")
    parser.add_argument("--seconds", type=float, default=120, help="limit of a peer (120)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the firms (1)")
    return parser.parse_args(words)


def made_portfolio(firms: int, seed: int) -> Portfolio:
    """Firms with skewed cash flows and PDs, their efficient offers and the caps on all."""
    generator = np.random.default_rng(seed)
    by_year = 1 / (1 + np.exp(-np.linspace(-6.5, -2.5, SCORES)))
    pds = 1 - (1 - by_year[:, None]) ** (np.arange(1, 25) / 12)
    terms = read_lender_terms(REPOSITORY / "examples" / "lenders" / "harbour_bank.yaml", ON)
    score = np.clip(generator.normal(SCORES / 2, SCORES / 5, firms), 0, SCORES - 1).astype(np.int64)
    cash = (100 * np.exp(generator.normal(10.5, 1.0, firms))).astype(np.int64)
    nothing = np.zeros(firms, dtype=np.int64)
    asked = Firms(
        score, ["CNY"] * firms, cash, (cash * generator.uniform(0, 0.3, firms)).astype(np.int64),
        ["retail"] * firms, nothing, nothing, np.full(firms, NOT_ASKED),
    )  # fmt: skip
    offers = efficient_offers(price_book(terms, pds), asked)
    wanted = np.zeros(firms, dtype=np.int64)
    np.maximum.at(wanted, offers.firm, offers.amount_minor)
    budget = int(BUDGET_SHARE * int(wanted.sum()))
    sectors = [f"sector {place}" for place in range(SECTORS)]
    limits = PortfolioLimits(
        budget_minor=budget,
        loss_minor=int(LOSS_SHARE * budget),
        single_name_minor=GROUP_CAP_MINOR,
        sector_shares=dict.fromkeys(sectors, SECTOR_SHARE),
        grade_shares=dict(zip("ABCD", GRADE_SHARES, strict=True)),
    )
    group = [NO_GROUP] * firms
    grouped = firms // 10 // GROUP_SIZE * GROUP_SIZE
    for place, firm in enumerate(generator.permutation(firms)[:grouped].tolist()):
        group[firm] = f"group {place // GROUP_SIZE}"
    sector = [sectors[place] for place in generator.integers(0, SECTORS, firms).tolist()]
    grade = ["ABCD"[place] for place in np.searchsorted(GRADE_ENDS, by_year[score]).tolist()]
    return limited_portfolio(limits, offers, sector, grade, group, nothing)


@dataclass(frozen=True, slots=True)
class PeerAnswer:
    """What a peer found: profit in minor units, and whether it ended by itself."""

    profit_minor: float
    ended: bool


def rows_of(portfolio: Portfolio) -> tuple[csr_array, Floats]:
    """One offer a firm, and every cap, as rows over options with their right sides."""
    options, firm = np.arange(len(portfolio.firm)), portfolio.firm
    rows, columns, values = [firm], [options], [np.ones(len(options))]
    right, first = [np.ones(portfolio.firms)], portfolio.firms
    for kind in portfolio.kinds:
        capped = np.flatnonzero(kind.place[firm] != NONE)
        rows.append(first + kind.place[firm[capped]])
        columns.append(capped)
        values.append(portfolio.uses[kind.measure][capped].astype(np.float64))
        right.append(kind.caps.astype(np.float64))
        first += len(kind.caps)
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return csr_array(entries, shape=(first, len(options))), np.concatenate(right)


def linear_peer(portfolio: Portfolio, seconds: float) -> PeerAnswer:
    """The linear programme by HiGHS, whichever of its methods it chooses."""
    return _by_highs(portfolio, 0, seconds)


def integer_peer(portfolio: Portfolio, seconds: float) -> PeerAnswer:
    """The integer programme by HiGHS, to the gap that ours looks for."""
    return _by_highs(portfolio, 1, seconds)


def _by_highs(portfolio: Portfolio, integrality: int, seconds: float) -> PeerAnswer:
    rows, right = rows_of(portfolio)
    with silent():
        found = milp(
            -portfolio.profit,
            integrality=np.full_like(portfolio.profit, integrality),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(rows, ub=right),
            options={"time_limit": seconds, "mip_rel_gap": ENOUGH},
        )
    return PeerAnswer(-float(found.fun or 0.0), found.status == 0)


def _one_size(firms: int, options: argparse.Namespace) -> None:
    made_s, portfolio = cpu_seconds(lambda: made_portfolio(firms, options.seed))
    cpu_s, (wall_s, plan) = cpu_seconds(lambda: wall_seconds(lambda: plan_portfolio(portfolio)))
    assert portfolio.keeps_to_caps(plan.plan)
    shown = {
        kind.name: round(float(price.max()), 6)
        for kind, price in zip(portfolio.kinds, plan.prices, strict=True)
    }
    lines = [
        f"{firms:,} firms, {len(portfolio.firm):,} efficient offers made in {made_s:.1f} s.",
        f"Ours: {wall_s:.1f} s ({cpu_s:.1f} s of processor), profit {plan.profit / 100:,.0f}, "
        f"bound {plan.bound / 100:,.0f}, gap {plan.gap:.2e}.",
        f"Greatest price of a cap of each kind: {shown}.",
    ]
    figures: dict[str, Any] = {
        "firms": firms, "offers": len(portfolio.firm), "made_cpu_s": made_s,
        "ours": {"wall_s": wall_s, "cpu_s": cpu_s, "profit_minor": plan.profit,
                 "bound_minor": plan.bound, "gap": plan.gap},
        "prices": shown,
    }  # fmt: skip
    peers = {"linear": (options.linear, linear_peer), "integer": (options.integer, integer_peer)}
    for name, (most, peer) in peers.items():
        if firms > most:
            continue
        peer_cpu_s, answer = cpu_seconds(partial(peer, portfolio, options.seconds))
        ended = "" if answer.ended else " (stopped by its time limit)"
        lines.append(
            f"scipy's {name} programme: {peer_cpu_s:.1f} s of processor{ended}, value "
            f"{answer.profit_minor / 100:,.0f}; peer to ours {peer_cpu_s / cpu_s:.2g}."
        )
        figures[name] = {
            "cpu_s": peer_cpu_s, "profit_minor": answer.profit_minor, "ended": answer.ended,
            "time_ratio": peer_cpu_s / cpu_s,
        }  # fmt: skip
    show("portfolio", lines, figures)


if __name__ == "__main__":
    raise SystemExit(main())
