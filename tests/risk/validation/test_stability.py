"""A shift is told from chance, however few the firms."""

import numpy as np
import pytest
from scipy.stats import chi2

from tradeline.risk.validation.stability import shift_of


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
