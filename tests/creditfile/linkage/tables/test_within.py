"""Whether tables share anything shows where more is alike between them than within each."""

import numpy as np
import pytest

from tradeline.creditfile.linkage.tables.vectors import Floats
from tradeline.creditfile.linkage.tables.within import bests_of, is_shared, likely_from

ROWS = 300


def drawn(seed: int, rows: int = ROWS) -> Floats:
    return np.random.default_rng(seed).gumbel(10, 2, rows)


def with_counterparts(bests: Floats, share: float) -> Floats:
    found = bests.copy()
    found[: int(share * len(bests))] += 15
    return found


@pytest.mark.parametrize("seed", range(20))
def test_as_much_between_tables_as_within_them_shows_nothing(seed: int) -> None:
    between, within = [drawn(seed), drawn(100 + seed)], [drawn(200 + seed), drawn(300 + seed)]
    assert not is_shared(between, within)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.9])
def test_a_tenth_that_finds_much_more_shows_that_something_is_shared(share: float) -> None:
    between = [with_counterparts(drawn(side), share) for side in (1, 2)]
    within = [drawn(side) for side in (3, 4)]
    assert is_shared(between, within)
    assert likely_from(between, within) < 25


def test_a_table_that_has_things_several_times_does_not_hide_what_is_shared() -> None:
    between = [with_counterparts(drawn(side), 0.5) for side in (1, 2)]
    within = [drawn(3), with_counterparts(drawn(4), 0.9)]
    assert is_shared(between, within)


def test_who_was_compared_with_none_has_found_nothing() -> None:
    found = bests_of(np.array([3.0, 5.0]), np.array([1, 1]), 3)
    assert found.tolist() == [-100.0, 5.0, -100.0]


def reaching(share: float) -> Floats:
    """The bests of a hundred records, of which such a share reach a high score."""
    return np.where(np.arange(100) < 100 * share, 20.0, 5.0)


def test_what_either_side_leaves_open_both_may_show_together() -> None:
    within = [reaching(0.05), reaching(0.05)]
    assert is_shared([reaching(0.26), reaching(0.26)], within)
    assert not is_shared([reaching(0.26), reaching(0.05)], within)
