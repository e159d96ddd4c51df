"""Levels of a category are grouped by risk, and only as far as their outcomes carry."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradeline.kernel.findings import InputProblem
from tradeline.risk.scoring.binning import BinLimits, Binning, bins_of_column, tally
from tradeline.risk.scoring.categories import bin_levels, bucketise_levels

NAMES = tuple(f"level {number}" for number in range(40))


def grouped(
    codes: np.ndarray, bad: np.ndarray, levels: tuple[str, ...], limits: BinLimits | None = None
) -> Binning:
    buckets = bucketise_levels(codes, levels, "trade")
    return bin_levels(buckets, tally(buckets, bad, np.ones(len(bad))), limits or BinLimits())


def sample(
    seed: int, rows: int, size: int, spread: float, missing: float
) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    codes = generator.integers(0, size, rows).astype(float)
    risk = generator.normal(size=size) * spread
    bad = generator.random(rows) < 1 / (1 + np.exp(1 - risk[codes.astype(int)]))
    bad[0], bad[1] = True, False
    codes[generator.random(rows) < missing] = np.nan
    return codes, bad


cases = st.tuples(
    st.integers(0, 2**32 - 1),
    st.integers(2, 400),
    st.integers(1, 40),
    st.sampled_from([0.0, 2.0]),
    st.sampled_from([0.0, 0.3, 1.0]),
)


@given(cases)
@settings(max_examples=150, deadline=None)
def test_groups_hold_their_promises(case: tuple[int, int, int, float, float]) -> None:
    seed, rows, size, spread, missing = case
    codes, bad = sample(seed, rows, size, spread, missing)
    limits = BinLimits(max_bins=5, min_bin_share=0.1, min_bin_count=7)
    found = grouped(codes, bad, NAMES[:size], limits)

    bins = bins_of_column(found, codes)
    assert tuple(np.bincount(bins, minlength=found.missing + 1)) == found.counts
    assert sum(found.bads) == bad.sum()
    assert sum(found.goods) == (~bad).sum()
    assert found.missing == len(found.groups) <= limits.max_bins
    named = [level for group in found.groups for level in group]
    assert len(named) == len(set(named))
    seen = {NAMES[int(code)] for code in codes[~np.isnan(codes)]}
    assert seen <= set(named)
    assert all(np.diff(found.woe[:-1]) > -1e-12)
    if len(found.groups) > 1:
        assert min(found.counts[:-1]) >= max(limits.min_bin_count, 0.1 * rows - 1e-9)


def test_levels_of_equal_risk_share_a_group() -> None:
    codes = np.repeat(np.arange(4.0), 1000)
    rates = (0.05, 0.3, 0.05, 0.3)
    bad = np.concatenate([np.arange(1000) < 1000 * rate for rate in rates])
    found = grouped(codes, bad, ("north", "south", "east", "west"))
    assert found.groups == (("north", "east"), ("south", "west"))
    assert found.woe[0] < 0 < found.woe[1]


def test_many_levels_without_any_difference_are_told_apart_no_more_often_than_stated() -> None:
    split = sum(
        len(grouped(*sample(seed, 2000, 40, 0.0, 0.0), NAMES).groups) > 1 for seed in range(60)
    )
    assert split <= 6


def test_rare_levels_are_pooled() -> None:
    codes = np.concatenate([np.zeros(500), np.ones(500), np.repeat(np.arange(2.0, 40), 3)])
    bad = np.concatenate([np.arange(500) < 25, np.arange(500) < 150, np.zeros(114) > 0])
    found = grouped(codes, bad, NAMES)
    assert found.groups == (NAMES[:1] + NAMES[2:], NAMES[1:2])


def test_a_level_never_seen_is_in_no_group_and_counts_as_unknown() -> None:
    codes = np.repeat([0.0, 1.0], 500)
    found = grouped(codes, np.arange(1000) % 500 < codes * 200 + 20, ("old", "new", "ghost"))
    assert found.groups == (("old",), ("new",))
    strange = [2.0, 3.0, -1.0, 0.5, 1e9]
    assert bins_of_column(found, strange).tolist() == [found.unknown] * 5
    assert bins_of_column(found, [np.nan]).tolist() == [found.missing]


def test_more_levels_than_can_be_searched_keep_the_frequent_ones_apart() -> None:
    levels = tuple(map(str, range(1000)))
    codes = np.concatenate([np.repeat(np.arange(1000.0), 8), np.zeros(2000)])
    found = grouped(codes, np.arange(len(codes)) % 7 == 0, levels)
    assert sum(map(len, found.groups)) == 1000


@pytest.mark.parametrize("code", [3.0, -1.0, 0.5])
def test_a_number_that_is_the_place_of_no_level_is_refused(code: float) -> None:
    with pytest.raises(InputProblem) as caught:
        bucketise_levels([0.0, code, np.nan], ("a", "b", "c"), "trade")
    assert str(caught.value) == (
        f"error: trade: {code:g} is the place of none of its 3 levels. "
        "Number the levels from 0, and leave what is missing empty."
    )
