"""A shift is told from chance, however few the firms."""

import numpy as np
import pytest
from scipy.stats import chi2

from tradeline.risk.validation.stability import (
    Shift,
    shift_of,
    shift_of_categories,
    shifts_by_group,
)


@pytest.mark.parametrize(("few", "many"), [(60, 302), (500, 500), (2000, 300)])
def test_without_a_shift_chance_is_not_taken_for_one(few: int, many: int) -> None:
    generator = np.random.default_rng(few)
    shifts = [shift_of(generator.normal(size=few), generator.normal(size=many)) for _ in range(300)]
    assert np.mean([shift is not None and shift.is_shift for shift in shifts]) < 0.12


def test_a_real_shift_is_seen() -> None:
    generator = np.random.default_rng(1)
    shift = shift_of(generator.normal(size=300), generator.normal(1.0, size=300))
    assert shift is not None
    assert shift.is_shift
    assert shift.index > 0.25


def test_what_chance_gives_follows_the_sizes() -> None:
    shift = shift_of(np.arange(100.0), np.arange(100.0))
    assert shift is not None
    assert shift.index == pytest.approx(0, abs=1e-12)
    assert shift.by_chance == pytest.approx(9 * 0.02)
    assert shift.highest_by_chance == pytest.approx(chi2.ppf(0.95, 9) * 0.02)


def test_without_a_sample_there_is_no_shift() -> None:
    assert shift_of(np.empty(0), np.ones(3)) is None


@pytest.mark.parametrize(("few", "many"), [(200, 200), (300, 2000)])
def test_false_alarms_are_as_rare_as_stated(few: int, many: int) -> None:
    generator, rates = np.random.default_rng([few, many]), np.array([0.01, 0.05, 0.10])
    pairs, alarms = 500, np.zeros(3)
    for _ in range(pairs):
        one, other = generator.normal(size=few), generator.normal(size=many)
        shifts = [shift_of(one, other, alarm_rate=rate) for rate in rates]
        alarms += [shift is not None and shift.is_shift for shift in shifts]
    # Three standard errors of a share over so many pairs of samples.
    assert (np.abs(alarms / pairs - rates) < 3 * np.sqrt(rates * (1 - rates) / pairs)).all()


def test_false_alarms_of_categories_are_as_rare_as_stated_though_some_are_rare() -> None:
    generator = np.random.default_rng(2)
    share = np.array([0.5, 0.3, 0.15, 0.03, 0.01, 0.005, 0.005])
    shifts = [
        shift_of_categories(generator.choice(7, 300, p=share), generator.choice(7, 900, p=share))
        for _ in range(600)
    ]
    assert np.mean([shift is not None and shift.is_shift for shift in shifts]) < 0.08


def test_a_new_category_is_a_shift() -> None:
    shift = shift_of_categories(["retail"] * 300, ["retail"] * 200 + ["mining"] * 100)
    assert shift is not None
    assert shift.verdict == "a large shift"


def test_missing_values_that_come_or_go_are_a_shift() -> None:
    generator = np.random.default_rng(3)
    reference, other = generator.normal(size=500), generator.normal(size=500)
    other[:150] = np.nan
    shift = shift_of(reference, other)
    assert shift is not None
    assert shift.is_shift


def test_months_are_judged_together() -> None:
    generator = np.random.default_rng(4)
    months = [f"2024-{month:02d}" for month in range(1, 11) for _ in range(150)]
    alarms = []
    for _ in range(100):
        found = shifts_by_group(generator.normal(size=1000), generator.normal(size=1500), months)
        alarms.append(any(shift.is_shift for shift in found.values()))
    assert np.mean(alarms) < 0.12
    moved = generator.normal(size=1500) + (np.array(months) == "2024-07") * 0.8
    found = shifts_by_group(generator.normal(size=1000), moved, months)
    assert list(found) == sorted(set(months))
    assert [month for month, shift in found.items() if shift.is_shift] == ["2024-07"]


@pytest.mark.parametrize(
    ("index", "verdict"),
    [
        (0.05, "no more than chance"),
        (0.10, "a slight shift"),
        (0.20, "a shift"),
        (0.40, "a large shift"),
    ],
)
def test_a_size_is_named_only_beyond_chance(index: float, verdict: str) -> None:
    assert Shift(index, by_chance=0.03, highest_by_chance=0.06).verdict == verdict


def test_values_that_never_vary_do_not_shift() -> None:
    for shift in (shift_of(np.ones(50), np.ones(70)), shift_of_categories(["a"] * 9, ["a"] * 9)):
        assert shift is not None
        assert not shift.is_shift
