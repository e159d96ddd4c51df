"""Shares add up and the season only moves sales around the year."""

import numpy as np
import pytest

from tradeline.world.sectors import CHINESE_SPEAKING, COUNTRIES, COUNTRY_SHARES, season, trait


def test_shares_add_up() -> None:
    assert trait("share").sum() == pytest.approx(1)
    assert sum(COUNTRY_SHARES) == pytest.approx(1)
    assert len(COUNTRIES) == len(COUNTRY_SHARES) == len(CHINESE_SPEAKING)


def test_the_season_averages_0_and_peaks_in_its_month() -> None:
    effect = season(np.arange(12))
    assert np.allclose(effect.mean(axis=1), 0)
    assert (effect.argmax(axis=1) == trait("season_peak")).all()
