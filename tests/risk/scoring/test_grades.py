"""Grades follow PD; the rates of groups come with honest intervals."""

from datetime import date

import numpy as np
import pytest

from tradeline.risk.scoring.grades import (
    GradeScale,
    deciles_of,
    default_rates,
    grades_of,
    rate_error_of,
    read_grade_scale,
)

SCALE = GradeScale((0.01, 0.03, 0.10))


def test_a_grade_ends_where_the_next_begins() -> None:
    pds = np.array([0.0001, 0.0099, 0.01, 0.0299, 0.03, 0.0999, 0.10, 0.9, np.nan])
    assert grades_of(pds, SCALE) == ("A", "A", "B", "B", "C", "C", "D", "D", "")


def test_the_scale_of_the_parameters_rises() -> None:
    below = read_grade_scale(date(2024, 12, 31)).below
    assert list(below) == sorted(below)


def test_tenths_hold_equally_many_firms_in_the_order_of_risk() -> None:
    pds = np.append(np.random.default_rng(1).random(100), np.nan)
    tenths = deciles_of(pds)
    assert tenths[-1] == ""
    means = [pds[[t == str(n) for t in tenths]].mean() for n in range(1, 11)]
    assert means == sorted(means)
    assert all(tenths.count(str(n)) == 10 for n in range(1, 11))


def test_intervals_cover_the_rates_that_come_true() -> None:
    generator = np.random.default_rng(2)
    covered = []
    for _ in range(150):
        true = generator.beta(1, 12, 400)
        # The model's doubt: each world moves all log-odds together, as an intercept would.
        shift = generator.normal(0, 0.2, 201)
        odds = true / (1 - true) * np.exp(shift[:, None])
        worlds = odds / (1 + odds)
        fate = generator.random(400) < worlds[0]
        groups = grades_of(true, SCALE)
        for group in default_rates(groups, true, worlds[1:], generator):
            rate = fate[[g == group.name for g in groups]].mean()
            covered.append(group.default_rate.low <= rate <= group.default_rate.high)
    assert 0.85 <= np.mean(covered) <= 0.97


def test_intervals_cover_where_the_rate_is_only_seen_on_labelled_firms() -> None:
    generator = np.random.default_rng(6)
    covered: list[bool] = []
    too_sure: list[bool] = []
    for _ in range(200):
        pds = generator.beta(1, 12, 2000)
        fate = generator.random(2000) < pds
        seen, judged = fate[:1000], fate[1000:]
        # All PDs are stated at the rate of the firms that were seen.
        odds = pds[1000:] / (1 - pds[1000:]) * seen.mean() / pds[:1000].mean()
        stated = odds / (1 + odds)
        draws = np.broadcast_to(stated, (200, 1000))
        for error, found in ((rate_error_of(seen.tolist()), covered), (0.0, too_sure)):
            (group,) = default_rates(("all",) * 1000, stated, draws, generator, rate_error=error)
            rate = group.default_rate
            found.append(rate.low <= judged.mean() <= rate.high)
    assert 0.86 <= np.mean(covered) <= 0.95
    assert np.mean(too_sure) < 0.82


def test_draws_that_are_milder_than_the_pds_give_only_their_spread() -> None:
    generator = np.random.default_rng(7)
    pds = np.full(4000, 0.02)
    mild = 0.04 * np.exp(generator.normal(0, 0.1, (2000, 1))) * np.ones((1, 4000))
    (group,) = default_rates(("A",) * 4000, pds, mild, generator)
    assert group.default_rate.low < 0.02 < group.default_rate.high
    assert (group.default_rate.low + group.default_rate.high) / 2 == pytest.approx(0.02, rel=0.03)


def test_a_rate_seen_on_fewer_firms_is_less_sure() -> None:
    assert rate_error_of([True] * 25 + [False] * 100) == pytest.approx(0.05**0.5)
    assert rate_error_of([False, False]) == rate_error_of([]) == 0


def test_without_draws_only_fate_is_uncertain() -> None:
    pds = np.full(100, 0.05)
    (group,) = default_rates(("B",) * 100, pds, np.empty((0, 100)), np.random.default_rng(3))
    assert group.firms == 100
    assert group.default_rate.low < 0.05 < group.default_rate.high
    assert group.default_rate.estimate == pytest.approx(0.05)


def test_firms_without_a_grade_are_in_no_group() -> None:
    pds = np.array([np.nan, 0.02])
    found = default_rates(("", "B"), pds, np.empty((0, 2)), np.random.default_rng(4))
    assert [group.name for group in found] == ["B"]
