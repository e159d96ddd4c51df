"""Parts add up, are within one of what is exact, and fall to the largest remainders."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tradeline.lending.participation.apportionment import after_opening, apportioned, whole_weights

THIRDS = [1, 1, 1]


def test_the_largest_remainders_get_what_is_left() -> None:
    assert apportioned(100, [500, 333, 167]) == (50, 33, 17)
    assert apportioned(1, THIRDS) == (1, 0, 0)
    assert apportioned(2, THIRDS) == (1, 1, 0)
    assert apportioned(-2, THIRDS) == (-1, -1, 0)
    assert apportioned(5, [0, 0]) == (0, 0)


def test_shares_become_whole_weights() -> None:
    shares = [Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)]
    assert whole_weights(shares) == (3, 2, 1)


weights = st.lists(st.integers(1, 10**6), min_size=1, max_size=7)


@given(weights, st.integers(-(10**12), 10**12))
def test_parts_add_up_and_keep_within_one_of_the_exact(shares: list[int], total: int) -> None:
    parts = apportioned(total, shares)
    assert sum(parts) == total
    for part, share in zip(parts, shares, strict=True):
        assert abs(part - Fraction(share * total, sum(shares))) < 1
    assert apportioned(-total, shares) == tuple(-part for part in parts)


@given(weights, st.data())
def test_at_the_sum_of_the_opening_amounts_each_has_its_own(
    opening: list[int], data: st.DataObject
) -> None:
    shares = [1] * len(opening)
    assert after_opening(sum(opening), opening, shares) == tuple(opening)
    more = data.draw(st.integers(0, 10**6))
    assert sum(after_opening(sum(opening) + more, opening, shares)) == sum(opening) + more
    less = data.draw(st.integers(0, sum(opening)))
    parts = after_opening(less, opening, shares)
    assert all(0 <= part <= own for part, own in zip(parts, opening, strict=True))
