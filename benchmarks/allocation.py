"""A budget allocated, beside scipy's mixed-integer solver on the same offers, and simple plans.

Two cases: the budget alone limits offers; or budget and a cap on each of 17 industries limit
expected drawings, which is hard for a general solver. It may stop at a gap, so that it ends.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks.lending import Lending, applicants, solve_by_peer
from benchmarks.measure import show, wall_seconds
from tradeline.risk.pricing.allocation import allocate
from tradeline.risk.pricing.simple_plans import amount_by_score, largest_to_safest


def main(words: Sequence[str] | None = None) -> int:
    """Allocate in every size and case."""
    options = _options(words)
    for firms in options.firms:
        lending = applicants(firms, options.seed)
        for capped in (False, True):
            _one_case(lending, capped, options.gap, options.seconds)
    return 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.allocation", description=__doc__)
    parser.add_argument(
        "--firms", type=int, nargs="+", default=[302, 2000], help="applicants (302 and 2000)"
    )
    parser.add_argument("--seed", type=int, default=1, help="seed of the applicants (1)")
    parser.add_argument("--gap", type=float, default=1e-4, help="the peer may stop here (0.0001)")
    parser.add_argument("--seconds", type=float, default=60, help="or after so long (60)")
    return parser.parse_args(words)


def _one_case(lending: Lending, capped: bool, gap: float, seconds: float) -> None:
    limits = lending.limits(capped)
    ours_s, plan = wall_seconds(lambda: allocate(lending.choices, limits))
    sys.stdout.flush()
    peer_s, (peer_profit, peer_gap, ended) = wall_seconds(
        lambda: solve_by_peer(lending, limits, gap, seconds)
    )
    profit = plan.offers.total_profit_minor
    simple = {
        "largest loans to the safest": largest_to_safest,
        "amounts by score": amount_by_score,
    }
    plans = {
        name: make(lending.choices, limits, lending.pd, lending.grades).total_profit_minor
        for name, make in simple.items()
    }
    bound = "expected drawings, 17 industries capped" if capped else "offers"
    stopped = "" if ended else " (stopped by its time limit)"
    figures: dict[str, Any] = {
        "firms": len(lending.pd),
        "limits": bound,
        "ours": {"wall_s": ours_s, "profit_minor": profit, "gap": plan.gap},
        "peer": {"wall_s": peer_s, "profit_minor": peer_profit, "gap": peer_gap, "ended": ended},
        "time_ratio": peer_s / ours_s,
        "profit_ratio": profit / peer_profit if peer_profit else None,
        "simple_plans_minor": plans,
    }
    show(
        "allocation",
        [
            f"{len(lending.pd):,} applicants; the budget limits {bound}.",
            f"Ours: {ours_s:.2f} s, profit {profit / 100:,.0f}, proven gap {plan.gap:.2g}.",
            f"scipy's milp: {peer_s:.2f} s{stopped}, profit {peer_profit / 100:,.0f}, gap "
            f"{peer_gap:.2g}.",
            f"Ratio of time, peer to ours: {peer_s / ours_s:.2g}; of profit, ours to peer: "
            + (f"{profit / peer_profit:.7f}." if peer_profit else "none, it found no plan."),
            *(
                f"Simple plan, {name}: profit {value / 100:,.0f}, {value / profit:.1%} of ours."
                for name, value in plans.items()
            ),
        ],
        figures,
    )


if __name__ == "__main__":
    raise SystemExit(main())
