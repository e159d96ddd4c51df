"""Ticks are round, even and cover the data; a frame holds every value."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeline.risk.report.scales import Frame, finite, nice_ticks

values = st.floats(-1e12, 1e12)


@given(values, values)
def test_ticks_cover_what_they_were_made_for(first: float, second: float) -> None:
    low, high = sorted((first, second))
    ticks = nice_ticks(low, high)
    slack = 1e-8 * (ticks[-1] - ticks[0])
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack
    assert 2 <= len(ticks) <= 8
    steps = [after - before for before, after in pairwise(ticks)]
    assert max(steps) == pytest.approx(min(steps), rel=1e-6)


def test_ticks_are_round() -> None:
    assert nice_ticks(0.04, 0.15) == (0.025, 0.05, 0.075, 0.1, 0.125, 0.15)
    assert nice_ticks(0, 1) == (0, 0.2, 0.4, 0.6, 0.8, 1)
    assert nice_ticks(3, 3) == (1, 2, 3, 4, 5)


@given(values)
def test_a_frame_holds_every_value(value: float) -> None:
    frame = Frame((0.0, 1.0), (0.0, 1.0))
    assert frame.left <= frame.x(value) <= frame.width - frame.right
    assert frame.top <= frame.y(value) <= frame.height - frame.bottom


def test_larger_is_further_right_and_higher() -> None:
    frame = Frame((0.0, 1.0), (0.0, 1.0))
    assert frame.x(0.2) < frame.x(0.8)
    assert frame.y(0.2) > frame.y(0.8)


def test_what_is_not_finite_is_not_drawn() -> None:
    assert finite([1.0, None, float("nan"), float("inf")]) == (1.0,)
