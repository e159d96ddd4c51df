"""Columns of objects hold what was given, whatever it is."""

import pytest

from tradeline.lake.columns import objects


@pytest.mark.parametrize(
    "values", [[(1, 2), (3, 4)], [(), ()], [[1.0]], ["a", None], [], [{"a": 1}, float("inf")]]
)
def test_values_of_any_shape_stand_as_they_are(values: list[object]) -> None:
    column = objects(values)
    assert column.shape == (len(values),)
    assert column.tolist() == values
