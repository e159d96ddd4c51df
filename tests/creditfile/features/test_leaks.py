"""No look ahead: when rows are recorded later, exactly the moments in between see a change."""

from datetime import datetime, timedelta
from typing import cast

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.creditfile.features.specifications import features
from tests.creditfile.features.tables import LISTED, Row, Tables, connect, market
from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.compute import compute_for
from tradeline.creditfile.features.declaration import Feature, measures_of
from tradeline.creditfile.features.events import Events
from tradeline.creditfile.features.measures import Count, contracts_of, mirrored
from tradeline.creditfile.features.table import Values

AS_OF = datetime(2020, 2, 29, 23, 59)  # noqa: DTZ001
MOMENTS = tuple(AS_OF + timedelta(days=30 * step) for step in range(-8, 9))
LATER = timedelta(days=75)
APPLICATIONS = [(firm, moment) for moment in MOMENTS for firm in LISTED]


def values_of(tables: Tables, asked: tuple[Feature, ...]) -> Values:
    """Moments by firms by features."""
    with connect(tables) as connection:
        found = compute_for(connection, APPLICATIONS, asked).values
    return found.reshape(len(MOMENTS), len(LISTED), len(asked))


def told_later(row: Row) -> Row:
    return row | {"recorded_at": cast(datetime, row["recorded_at"]) + LATER}


def waiting(row: Row, moment: datetime) -> bool:
    """Whether the row is known at the moment as first told, and not yet as told later."""
    first = max(cast(datetime, row["recorded_at"]), cast(datetime, row["occurred_at"]))
    later = max(cast(datetime, told_later(row)["recorded_at"]), cast(datetime, row["occurred_at"]))
    return first <= moment < later


def check(asked: tuple[Feature, ...], seed: int, chosen: set[int]) -> None:
    tables = market(seed, 150, AS_OF)
    moved = {
        name: [told_later(row) if n in chosen else row for n, row in enumerate(rows)]
        for name, rows in tables.items()
    }
    picked = [(name, rows[n]) for name, rows in tables.items() for n in chosen if n < len(rows)]
    before, after = values_of(tables, asked), values_of(moved, asked)
    for step, moment in enumerate(MOMENTS):
        late = [(name, row) for name, row in picked if waiting(row, moment)]
        seen = {
            name: [row for row in rows if (name, row) not in late] for name, rows in tables.items()
        }
        expected = values_of(seen, asked)[step] if late else before[step]
        assert after[step].tobytes() == expected.tobytes(), moment
        untold = [firm for firm in LISTED if firm not in {row["enterprise"] for _, row in late}]
        rows = [LISTED.index(firm) for firm in untold]
        begun = [n for n, feature in enumerate(asked) if not asks_of_anybody(feature)]
        assert np.array_equal(
            after[step][np.ix_(rows, begun)], before[step][np.ix_(rows, begun)], equal_nan=True
        )


def asks_of_anybody(feature: Feature) -> bool:
    """Whether a feature depends on other firms: on whether a dataset had begun at all."""
    return any(measure.events.absent_is_zero for measure in measures_of(feature.expression))


def asks_when_recorded(feature: Feature) -> bool:
    """Whether the time of recording is itself a condition, which a later recording may meet."""
    asked = [e for m in measures_of(feature.expression) for e in (m.events, mirrored(m)) if e]
    return any("recorded_at" in condition.columns for e in asked for condition in e.where)


@pytest.mark.long
@settings(max_examples=4, deadline=None)
@given(asked=features(), seed=st.integers(0, 99), chosen=st.sets(st.integers(0, 149), max_size=20))
def test_made_up_features_change_exactly_while_rows_are_not_told(
    asked: tuple[Feature, ...], seed: int, chosen: set[int]
) -> None:
    assume(not any(map(asks_when_recorded, asked)))
    check(asked, seed, chosen)


@pytest.mark.long
def test_the_catalogue_changes_exactly_while_rows_are_not_told() -> None:
    check(CATALOGUE, 1, {1, 5, 9, 40, 41, 77})


def test_a_row_told_later_is_missed_until_then() -> None:
    counts = tuple(
        Feature(name, "orders", "rows", "made up", Count(Events(name)), 0, "made up")
        for name in dict.fromkeys(c for f in CATALOGUE for m in measures_of(f.expression)
                                  for c in contracts_of(m))
    )  # fmt: skip
    tables = market(3, 150, AS_OF)
    every = {name: [told_later(row) for row in rows] for name, rows in tables.items()}
    before, after = values_of(tables, counts), values_of(every, counts)
    for step, moment in enumerate(MOMENTS):
        for place, firm in enumerate(LISTED):
            for column, feature in enumerate(counts):
                rows = [r for r in tables[feature.name] if r["enterprise"] == firm]
                missed = sum(waiting(row, moment) for row in rows)
                left = np.nan_to_num(before[step, place, column] - missed)
                assert np.nan_to_num(after[step, place, column]) == left
