"""Agreements of the book that are provided for by stage: what they rest on is stated."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import psycopg

from tests.lending.end_of_day.test_expected import CURVES, ByStage
from tests.lending.servicing.loans import LOAN, NOW
from tradeline.book.connection import in_tenant
from tradeline.lending.end_of_day.curves import Curve
from tradeline.lending.servicing.risk import ByStage as StatedByStage
from tradeline.lending.servicing.risk import Fact, Rating, Valuation

ROWS = """
SELECT agreement, day, stage, allowance_minor, suspended_minor FROM servicing_ended_day
ORDER BY agreement, day
"""
Rows = dict[tuple[str, date], tuple[int, int, int]]


def facts(each: ByStage) -> list[Fact]:
    """What is stated of a made-up loan, each on its own day."""
    begin = each.made.contract.start
    lgd, rate = (Fraction(str(round(part, 4))) for part in (each.lgd, each.rate))
    return [
        StatedByStage(begin, lgd, rate),
        *(Rating(on, on, grade, bad) for on, grade, bad in each.ratings),
        *(
            Valuation(item.valued_on, item.valued_on, item.id, item.kind, item.value_minor,
                      item.rank, item.prior_minor)
            for item in each.items
        ),
    ]  # fmt: skip


def state(lender: str, *stated: Fact, name: str = LOAN) -> None:
    """State facts of an agreement, each under a key that it makes."""
    from tradeline.lending.servicing.flows import Command, state_risk

    for fact in stated:
        state_risk(Command(lender, name, f"{name} {fact}", NOW), fact)


def state_curves(lender: str, curves: Sequence[Curve] = CURVES) -> None:
    """State PDs, each known from the day on which it is in force."""
    from tradeline.lending.servicing.flows import Command, state_pds

    for each in curves:
        state_pds(Command(lender, "", f"pds {each.grade} {each.since}", NOW), [each], each.since)


def stage_rows(worker: psycopg.Connection, lender: str) -> Rows:
    """Stage, allowance and interest in suspense of each agreement and day."""
    with in_tenant(worker, lender):
        return {(row[0], row[1]): tuple(row[2:]) for row in worker.execute(ROWS).fetchall()}
