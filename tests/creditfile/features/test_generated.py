"""Specifications that nobody thought of: the engine against loops over rows."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.creditfile.features.oracle import Oracle
from tests.creditfile.features.specifications import features, tolerance
from tests.creditfile.features.tables import LISTED, connect, market
from tradeline.creditfile.features.compute import compute_features, compute_for
from tradeline.creditfile.features.declaration import Feature

AS_OF = datetime(2020, 2, 29, 23, 59)  # noqa: DTZ001
DAYS = st.integers(-40, 800)


def moments() -> st.SearchStrategy[list[datetime]]:
    return st.lists(
        DAYS.map(lambda n: AS_OF - timedelta(days=n, hours=n % 24)), min_size=1, max_size=3
    )


@pytest.mark.long
@settings(max_examples=30, deadline=None)
@given(asked=features(), seed=st.integers(0, 99), rows=st.sampled_from((5, 60, 300)))
def test_made_up_features_are_what_loops_find(
    asked: tuple[Feature, ...], seed: int, rows: int
) -> None:
    tables = market(seed, rows, AS_OF)
    with connect(tables) as connection:
        table = compute_features(connection, AS_OF, asked)
    for row, firm in enumerate(table.enterprises):
        oracle = Oracle(tables, firm, AS_OF)
        for column, feature in enumerate(asked):
            expected = oracle.value(feature.expression)
            found = table.values[row, column]
            wanted = np.nan if expected is None else float(expected)
            close = np.isclose(found, wanted, tolerance(feature), 1e-9, equal_nan=True)
            assert close, feature


@pytest.mark.long
@settings(max_examples=12, deadline=None)
@given(asked=features(), seed=st.integers(0, 99), dates=moments())
def test_each_application_sees_what_it_alone_would_see(
    asked: tuple[Feature, ...], seed: int, dates: list[datetime]
) -> None:
    applications = [(firm, date) for date in dates for firm in (*LISTED, "E9", "nobody")]
    with connect(market(seed, 200, AS_OF)) as connection:
        together = compute_for(connection, applications, asked)
        alone = [compute_for(connection, [a], asked).values[0] for a in applications]
    assert together.values.tobytes() == np.array(alone).tobytes()
    assert together.enterprises == tuple(firm for firm, _ in applications)
    assert together.moments == tuple(date for _, date in applications)


@settings(max_examples=8, deadline=None)
@given(asked=features(), seed=st.integers(0, 99), days=DAYS)
def test_applications_of_all_firms_are_the_features_of_all_firms(
    asked: tuple[Feature, ...], seed: int, days: int
) -> None:
    date = AS_OF - timedelta(days=days)
    with connect(market(seed, 200, AS_OF)) as connection:
        every = compute_features(connection, date, asked)
        each = compute_for(connection, [(firm, date) for firm in every.enterprises], asked)
    assert every.values.tobytes() == each.values.tobytes()
