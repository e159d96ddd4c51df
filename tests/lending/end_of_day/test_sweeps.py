"""Sweeps by arrays collect what the rule for one advance says, day after day."""

from datetime import date, timedelta
from fractions import Fraction

import numpy as np

from tradeline.lending.end_of_day.sweeps import advances_of, swept
from tradeline.lending.revenue_share.collection import Payment, Sale, collections
from tradeline.lending.revenue_share.terms import Milestones, Terms

START = date(2026, 1, 1)
DAYS = 80


def terms(generator: np.random.Generator) -> Terms:
    """Terms of an advance, with milestones or an end or neither."""
    milestones = None
    if generator.random() < 0.6:
        number, days, unit = (int(generator.integers(1, most)) for most in (7, 20, 300))
        milestones = Milestones(number, days, unit)
    return Terms(
        currency="CNY",
        advance_minor=int(generator.integers(1_000, 900_000)),
        fee_minor=int(generator.integers(0, 90_000)),
        share=Fraction(int(generator.integers(1, 60)), int(generator.choice([100, 365, 999]))),
        base="net of refunds" if generator.random() < 0.5 else "gross",
        disbursed_on=START + timedelta(days=int(generator.integers(0, 10))),
        milestones=milestones,
        term_days=int(generator.integers(5, 90)) if generator.random() < 0.5 else None,
    )


def test_arrays_collect_what_is_collected_of_each_advance() -> None:
    generator = np.random.default_rng(4)
    all_terms = [terms(generator) for _ in range(150)]
    sold = generator.integers(0, 60_000, (DAYS, 150)) * (generator.random((DAYS, 150)) < 0.7)
    refunds = generator.integers(0, 90_000, (DAYS, 150)) * (generator.random((DAYS, 150)) < 0.1)
    paid = generator.integers(-2_000, 30_000, (DAYS, 150)) * (generator.random((DAYS, 150)) < 0.05)
    found = advances_of(all_terms)
    told: list[list[tuple[date, bool, int, int]]] = [[] for _ in all_terms]
    for after in range(DAYS):
        day = START + timedelta(days=after)
        net = np.array([each.base == "net of refunds" for each in all_terms])
        done = swept(found, day.toordinal(), sold[after] - refunds[after] * net, paid[after])
        found = done.after
        for place in range(len(all_terms)):
            share, lacking = int(done.share[place]), int(done.lacking[place])
            if share:
                told[place].append((day, False, share, int(found.owed[place]) + lacking))
            if lacking:
                told[place].append((day, True, lacking, int(found.owed[place])))
    for place, each in enumerate(all_terms):
        days = [START + timedelta(days=after) for after in range(DAYS)]
        sales = [Sale(day, int(sold[at, place])) for at, day in enumerate(days)
                 if day > each.disbursed_on]  # fmt: skip
        sales += [Sale(day, int(refunds[at, place]), refund=True) for at, day in enumerate(days)
                  if day > each.disbursed_on]  # fmt: skip
        payments = [Payment(day, int(paid[at, place])) for at, day in enumerate(days)]
        right = collections(each, sales, days[-1], payments=payments)
        assert told[place] == [
            (one.on, one.reason != "share of sales", one.amount_minor, one.owed_minor)
            for one in right
        ]
    assert sum(map(len, told)) > 2_000
    assert any(lacks for each in told for _, lacks, _, _ in each)
