"""Schedules of random loans held to the oracle, and what folding a thousand payments takes.

The oracle is the slow one of the tests: written apart, in fractions, without the engine. Goals: no
figure differs by a cent; one loan with 1,000 payments is folded in well under a second.
`python -m benchmarks.loan_schedules [--loans N] [--payments N] [--seed N]`
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from functools import partial

import numpy as np

from benchmarks.measure import cpu_seconds, show
from tests.lending.loan import oracle
from tests.lending.loan.made_loans import drawn_contract, paid_out, repayment
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.loan.contract import Contract, Family, Prepayment, Recalculation
from tradeline.lending.loan.fold import fold, preview

LONG = Contract("CNY", 50_000_000, Fraction(12, 100), date(2020, 1, 15), Frequency.MONTHS, 1, 60)


def main(words: Sequence[str] | None = None) -> int:
    """Hold and measure; 1 if any figure differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loans", type=int, default=2_000)
    parser.add_argument("--payments", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args(words)
    differing = _hold(options.loans, options.seed)
    _fold(options.payments)
    return int(differing > 0)


def _hold(loans: int, seed: int) -> int:
    """How many loans differ from the oracle in any figure."""
    generator = np.random.default_rng(seed)
    ours = apart = 0.0
    rows = differing = 0
    for _ in range(loans):
        contract = drawn_contract(generator)
        took, state = cpu_seconds(partial(preview, contract))
        ours += took
        took, expected = cpu_seconds(partial(oracle.schedule, contract))
        apart += took
        shown = [(row.due, row.owed.principal, row.owed.interest) for row in state.instalments]
        rows += len(shown)
        empty = all(line[1:] == (0, 0) for line in expected[len(shown) :])
        differing += shown != expected[: len(shown)] or not empty
    lines = [
        f"{loans:,} loans, {rows:,} instalments: {differing:,} loans differ by a cent or more",
        f"engine {1000 * ours / loans:.2f} ms a loan, oracle {1000 * apart / loans:.2f} ms",
    ]
    figures = {"loans": loans, "rows": rows, "differing": differing}
    show("schedules beside an oracle", lines, figures | {"engine_s": ours, "oracle_s": apart})
    return differing


def _fold(payments: int) -> None:
    lines, figures = [], {}
    for family in Family:
        for recalculation in (None, Recalculation(), Recalculation(prepayment=Prepayment.KEEP)):
            contract = replace(LONG, family=family, recalculation=recalculation)
            changed = recalculation.prepayment.value if recalculation else "no recalculation"
            days = [contract.start + timedelta(days=1 + 17 * at // 10) for at in range(payments)]
            events = [paid_out(contract), *(repayment(day, 40_000) for day in days)]
            took, _ = cpu_seconds(partial(fold, contract, events, days[-1]))
            figures[f"{family}, {changed}"] = took
            lines.append(f"{family}, {changed}: {took:.3f} s")
    show(f"one loan of 60 instalments with {payments:,} payments", lines, {"seconds": figures})


if __name__ == "__main__":
    raise SystemExit(main())
