"""Features from a lake: the versions that stood at each moment, slice by slice."""

from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lake.lakes import Order, day, land_orders, new_lake
from tradeline.creditfile.features.compute import compute_for
from tradeline.creditfile.features.declaration import Expression, Feature
from tradeline.creditfile.features.events import Events, Window
from tradeline.creditfile.features.from_lake import write_features
from tradeline.creditfile.features.measures import (
    ActiveDays,
    Count,
    DaysSinceLast,
    Distinct,
    Herfindahl,
    Latest,
    ObservedMonths,
    Sum,
)
from tradeline.creditfile.features.slices import ROWS_OF_SLICE, slices_of
from tradeline.creditfile.features.table import Values
from tradeline.lake.records import BUCKETS, Assurance
from tradeline.lake.store import Lake, open_lake

FIRMS = ("E1", "E2", "E3")
EVER, MONTH = Events("orders"), Events("orders", (), Window(days=30))
EXPRESSIONS: tuple[Expression, ...] = (
    Count(EVER),
    Sum(EVER, "gross_minor"),
    Sum(MONTH, "gross_minor"),
    Latest(EVER, "gross_minor"),
    Distinct(MONTH, "order_no"),
    ActiveDays(EVER),
    DaysSinceLast(EVER),
    ObservedMonths(Events("orders", (), Window(12))),
    Herfindahl(EVER, "gross_minor", "counterparty"),
    Count(Events("refunds", (), Window(12), absent_is_zero=True)),
)
BOUNDED: tuple[Expression, ...] = (Sum(MONTH, "gross_minor"), Distinct(MONTH, "order_no"))
ASSURANCES = {"shop": Assurance.PLATFORM_OBSERVED, "firm": Assurance.SELF_DECLARED}


def declared(expressions: tuple[Expression, ...]) -> tuple[Feature, ...]:
    return tuple(
        Feature(f"f{n}", "orders", "1", "made up", expression, 0, "made up")
        for n, expression in enumerate(expressions)
    )


orders = st.tuples(
    st.sampled_from(FIRMS), st.sampled_from("123"), st.integers(1, 900), st.integers(0, 60)
).flatmap(lambda o: st.integers(0, 30).map(lambda lag: (*o, o[3] + lag)))
batches = st.lists(
    st.tuples(st.sampled_from(sorted(ASSURANCES)), st.lists(orders, min_size=1, max_size=5)),
    min_size=1,
    max_size=4,
)
moments = st.integers(0, 100).map(lambda n: day(n) + timedelta(hours=1))


def landed(folder: Path, told: list[tuple[str, list[Order]]]) -> Lake:
    """A lake of batches that correct each other."""
    root = new_lake(folder)
    for number, (source, rows) in enumerate(told):
        land_orders(root, rows, f"batch {number}", source, ASSURANCES[source])
    return open_lake(root)


def known_then(lake: Lake, moment: datetime, features: tuple[Feature, ...]) -> Values:
    """The features of each firm from the lake as it was known at the moment."""
    with lake.connect(moment, moment) as connection:
        return compute_for(connection, [(firm, moment) for firm in FIRMS], features).values


@pytest.mark.long
@settings(max_examples=10, deadline=None)
@given(
    told=batches,
    dates=st.lists(moments, min_size=1, max_size=3),
    expressions=st.sampled_from((EXPRESSIONS, BOUNDED)),
)
def test_each_moment_sees_the_versions_that_stood_then(
    told: list[tuple[str, list[Order]]],
    dates: list[datetime],
    expressions: tuple[Expression, ...],
) -> None:
    features = declared(expressions)
    applications = [(firm, date) for date in dates for firm in FIRMS]
    with TemporaryDirectory() as folder:
        lake = landed(Path(folder), told)
        with lake.history() as connection:
            together = compute_for(connection, applications, features).values
        alone = np.concatenate([known_then(lake, date, features) for date in dates])
        assert together.tobytes() == alone.tobytes()
        assert written(lake, applications, features).tobytes() == alone.tobytes()


def written(
    lake: Lake, applications: list[tuple[str, datetime]], features: tuple[Feature, ...]
) -> Values:
    """The features of applications as the lake's slices write them."""
    asked, out = lake.root.parent / "applications.parquet", lake.root.parent / "out.parquet"
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE asked (enterprise VARCHAR, as_of TIMESTAMP)")
        for application in applications:
            connection.execute("INSERT INTO asked VALUES (?, ?)", application)
        connection.execute(f"COPY asked TO '{asked}' (FORMAT parquet)")
        assert write_features(lake, asked, out, features) == len(applications)
        found = connection.execute(f"FROM '{out}'").fetchall()
    assert [row[:2] for row in found] == applications
    return np.array([row[2:] for row in found], dtype=float)


def test_a_lake_without_the_dataset_makes_its_features_missing(tmp_path: Path) -> None:
    lake = landed(tmp_path, [("shop", [("E1", "1", 5, 0, 0)])])
    features = declared((Count(Events("reviews")), Count(EVER)))
    with lake.history() as connection:
        table = compute_for(connection, [("E1", day(3))], features)
    assert np.array_equal(table.values, [[np.nan, 1.0]], equal_nan=True)


def test_nothing_asked_is_nothing_written(tmp_path: Path) -> None:
    lake = landed(tmp_path, [("shop", [("E1", "1", 5, 0, 0)])])
    assert written(lake, [], declared((Count(EVER),))).size == 0


def test_the_lake_then_is_the_lake_as_known_then(tmp_path: Path) -> None:
    told = [("shop", [("E1", "1", 5, 0, 0)]), ("shop", [("E1", "1", 9, 0, 10)])]
    lake = landed(tmp_path, told)
    features = declared((Sum(EVER, "gross_minor"),))
    with lake.history() as connection:
        dates = [day(9), day(10), day(50)]
        table = compute_for(connection, [("E1", date) for date in dates], features)
    assert table.values[:, 0].tolist() == [500.0, 900.0, 900.0]


def test_few_rows_are_one_slice_and_many_are_sixteen() -> None:
    assert slices_of(0) == slices_of(ROWS_OF_SLICE) == [BUCKETS]
    assert [len(slices_of(n * ROWS_OF_SLICE)) for n in (2, 3, 8, 9, 99)] == [2, 4, 8, 16, 16]
    assert [bucket for part in slices_of(5 * ROWS_OF_SLICE) for bucket in part] == list(BUCKETS)


def test_slices_together_are_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(firm, "1", 5 * number, 0, 1) for number, firm in enumerate(FIRMS)]
    lake, features = landed(tmp_path, [("shop", rows)]), declared(EXPRESSIONS)
    asked = [(firm, day(n)) for firm in FIRMS for n in (0, 3)]
    together = written(lake, asked, features)
    (tmp_path / "out.parquet").unlink()
    monkeypatch.setattr("tradeline.creditfile.features.slices.ROWS_OF_SLICE", 0)
    assert written(lake, asked, features).tobytes() == together.tobytes()
