"""What several lenders offer to the same applications, each by its own model, policy and terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from tradeline.kernel.findings import problem
from tradeline.lake.columns import Column, Columns, objects
from tradeline.risk.decisions.application import Applications
from tradeline.risk.decisions.deciding_columns import decide_all
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.measures import Measure
from tradeline.risk.decisions.record import LGD_SEGMENT
from tradeline.risk.pricing.lenders_compared import by_cost
from tradeline.risk.pricing.loan_value import apr

TERMS = ("amount_minor", "rate_annual", "term_months")
APR = "apr_annual"
COPIED = ("outcome", *TERMS, APR, LGD_SEGMENT, "reason_1")


@dataclass(frozen=True, slots=True)
class LenderSum:
    """What one lender offers to all: how many, how much, and to how many it is the cheapest."""

    lender: str
    currency: str
    offers: int
    cheapest: int
    amount_minor: int


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """The offers of all lenders as columns: a row for each application and lender.

    Applications stand in their order, the lenders of each from the cheapest by APR, of equals the
    larger amount; `rank` counts them from 1, and is 0 where nothing is offered.
    """

    applications: int
    with_offer: int
    lenders: tuple[LenderSum, ...]
    columns: Mapping[str, Column]


def compare_lenders(
    asked: Sequence[tuple[Engine, Applications]], at: datetime, measures: Sequence[Measure] = ()
) -> Compared:
    """Let every engine decide on the same applications, as each reads them, and compare.

    InputProblem for lenders of one name, and for an engine that may only be a shadow.
    """
    names = [engine.terms.lender for engine, _ in asked]
    for engine, _ in asked:
        if names.count(engine.terms.lender) > 1:
            raise problem(
                "lender-twice", engine.name, f"Two engines lend for '{engine.terms.lender}'.",
                "Give each lender an engine of its own.",
            )  # fmt: skip
        if engine.is_shadow:
            raise problem(
                "shadow-only", engine.name, "Its model is no card, so it binds nobody.",
                "Compare engines that decide by a scorecard or by curves.",
            )  # fmt: skip
    decided = [_decided(engine, applications, at, measures) for engine, applications in asked]
    order = [_order(decided, names, row) for row in range(len(decided[0]["outcome"]))]
    columns = _columns(decided, names, order)
    first = columns["rank"] == 1
    sums = tuple(
        _sum(engine, records, int((first & (columns["lender"] == engine.terms.lender)).sum()))
        for (engine, _), records in zip(asked, decided, strict=True)
    )
    return Compared(len(order), int(first.sum()), sums, columns)


def _decided(
    engine: Engine, applications: Applications, at: datetime, measures: Sequence[Measure]
) -> dict[str, Column]:
    """The records of one lender's decisions, each offer with its APR."""
    records = decide_all(applications, engine, at, measures)
    pairs = list(zip(records["rate_annual"].tolist(), records["term_months"].tolist(), strict=True))
    terms = engine.terms
    aprs = {
        (rate, months): apr(rate, months, terms.repayment, terms.fee) if months else 0.0
        for rate, months in set(pairs)
    }
    segments = records.get(LGD_SEGMENT, objects([""] * len(pairs)))
    return {**records, APR: np.array([aprs[pair] for pair in pairs]), LGD_SEGMENT: segments}


def _order(decided: Sequence[Columns], names: Sequence[str], row: int) -> list[int]:
    """The places of the lenders of one application, the cheapest first."""

    def cost(place: int) -> tuple[bool, float, int, str]:
        one = decided[place]
        return by_cost(int(one["amount_minor"][row]), float(one[APR][row]), names[place])

    return sorted(range(len(decided)), key=cost)


def _columns(
    decided: Sequence[Columns], names: Sequence[str], order: Sequence[Sequence[int]]
) -> dict[str, Column]:
    rows = np.repeat(np.arange(len(order)), len(names))
    places = np.array(order, dtype=np.int64).reshape(-1)
    copied = {
        name: np.stack([records[name] for records in decided])[places, rows] for name in COPIED
    }
    rank = np.tile(np.arange(1, len(names) + 1), len(order))
    return {
        "application": decided[0]["application"][rows],
        "enterprise": decided[0]["enterprise"][rows],
        "rank": np.where(copied["amount_minor"] > 0, rank, 0),
        "lender": objects(names)[places],
        **copied,
    }


def _sum(engine: Engine, records: Columns, cheapest: int) -> LenderSum:
    amounts = records["amount_minor"]
    return LenderSum(
        engine.terms.lender, engine.terms.currency, int((amounts > 0).sum()), cheapest,
        int(amounts.sum()),
    )  # fmt: skip
