"""Stages of many loans, moved from day to day by arrays, are those of each loan by itself."""

from datetime import date, timedelta

import numpy as np
import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.lending.end_of_day.portfolio import Staging
from tradeline.lending.end_of_day.staging import Seen, moved, staging_of
from tradeline.lending.provisions import stages

START = date(2026, 1, 1)
RULES = stages.StageRules(31, 2.0, 0.005, 90, 20, 45, 15)
LOANS, DAYS = 60, 220
TERMS = {"currency": "CNY", "principal": "1200", "annual_rate_percent": "12", "instalments": "12",
         "start": "2026-01-01", "day_count": "equal periods"}  # fmt: skip


def test_arrays_move_stages_as_the_rule_for_one_loan_does() -> None:
    generator = np.random.default_rng(6)
    late = np.cumsum((generator.random((DAYS, LOANS)) < 0.9).astype(np.int64), axis=0)
    paid = generator.random((DAYS, LOANS)) < 0.03
    late = late - np.maximum.accumulate(np.where(paid, late, 0), axis=0)
    late = np.where(generator.random(LOANS) < 0.3, np.minimum(late, 5), late)
    pd = generator.choice([0.01, 0.02, 0.021, 0.5], (DAYS, LOANS), p=[0.7, 0.2, 0.08, 0.02])
    forborne = generator.random((DAYS, LOANS)) < 0.01
    unlikely = generator.random((DAYS, LOANS)) < 0.003
    found = Staging(*np.zeros((7, LOANS), dtype=np.int64))
    told = []
    for day in range(DAYS):
        seen = Seen(late[day], pd[day], np.full(LOANS, 0.01), forborne[day], unlikely[day])
        on = (START + timedelta(days=day)).toordinal()
        found = moved(found, RULES, on, seen, np.ones(LOANS, dtype=bool))
        told.append(found.stage)
    for place in range(LOANS):
        looks = [
            stages.Seen(
                START + timedelta(days=day), int(late[day, place]), float(pd[day, place]), 0.01,
                bool(forborne[day, place]), bool(unlikely[day, place]),
            )
            for day in range(DAYS)
        ]  # fmt: skip
        right = [each.stage for each in stages.staged(RULES, looks)]
        assert [int(stage[place]) for stage in told] == right
    assert {int(stage) for day in told for stage in day} == {1, 2, 3}


def test_loans_that_are_not_looked_at_keep_their_stage() -> None:
    found = Staging(*np.full((7, 2), 1, dtype=np.int64))
    sick = Seen(np.array([200, 200]), np.zeros(2), np.zeros(2), np.zeros(2, dtype=bool),
                np.zeros(2, dtype=bool))  # fmt: skip
    after = moved(found, RULES, START.toordinal(), sick, np.array([True, False]))
    assert after.stage.tolist() == [3, 1]


def test_the_effective_rate_follows_from_the_schedule_unless_it_is_stated() -> None:
    by_stage = TERMS | {"provisions": "by stage", "lgd_percent": "45"}
    found = staging_of([
        ("a", by_stage), ("b", by_stage | {"effective_rate_percent": "13.5"}), ("c", TERMS),
    ])  # fmt: skip
    assert found.by_stage.tolist() == [1, 1, 0]
    assert found.lgd.tolist() == [450_000, 450_000, 0]
    by_months = 1.01**12 - 1
    assert abs(found.rate_annual[0] / 1e6 - by_months) < 0.001
    assert found.rate_annual[1] == 135_000


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"provisions": "by stage"},
         "error: loan a, lgd_percent: Provisions by stage need one from 0 to 100. "
         "See docs/guides/end-of-day.md."),
        ({"provisions": "by stage", "lgd_percent": "101"},
         "error: loan a, lgd_percent: Provisions by stage need one from 0 to 100. "
         "See docs/guides/end-of-day.md."),
        ({"provisions": "by heart"},
         "error: loan a, provisions: The value 'by heart' is not known; write one of by age, by "
         "stage. See docs/guides/end-of-day.md."),
    ],
)  # fmt: skip
def test_a_loan_by_stage_states_what_a_default_loses(texts: dict[str, str], message: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        staging_of([("a", TERMS | texts)])
    assert str(refusal.value).splitlines()[0] == message
