"""The kernel gives what DuckDB gives and what loops over rows find, whatever is asked."""

from datetime import datetime, timedelta

import duckdb
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.creditfile.features.oracle import Oracle
from tests.creditfile.features.specifications import features, tolerance
from tests.creditfile.features.tables import FIRMS, LISTED, Row, Tables, connect, market
from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.compute import compute_for
from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.hot.kernel import compute_with_kernel
from tradeline.kernel.findings import InputProblem

AS_OF = datetime(2020, 2, 29, 23, 59)  # noqa: DTZ001
DAYS = st.integers(-40, 1100)
EVERYBODY = (*FIRMS, *LISTED, "nobody")


def applications_of(days: list[int]) -> list[tuple[str, datetime]]:
    moments = [AS_OF - timedelta(days=n, hours=n % 24) for n in days]
    return [(firm, moment) for moment in moments for firm in EVERYBODY]


def versioned(connection: duckdb.DuckDBPyConnection, tables: Tables, seed: int) -> None:
    """Let some rows be superseded, a few before they were ever seen."""
    random = np.random.default_rng(seed)
    for name, rows in tables.items():
        connection.execute(f"ALTER TABLE {name} ADD COLUMN superseded_at TIMESTAMP")
        for _ in range(min(len(rows), 12)):
            row = rows[int(random.integers(len(rows)))]
            since = row["recorded_at"]
            assert isinstance(since, datetime)
            until = since + timedelta(days=int(random.integers(0, 200)))
            connection.execute(
                f"UPDATE {name} SET superseded_at = ? WHERE occurred_at = ? AND recorded_at = ?",
                [until, row["occurred_at"], since],
            )


def equal(
    connection: duckdb.DuckDBPyConnection, days: list[int], asked: tuple[Feature, ...] = CATALOGUE
) -> None:
    wanted = applications_of(days)
    ours = compute_with_kernel(connection, wanted, asked)
    theirs = compute_for(connection, wanted, asked)
    assert ours.enterprises == theirs.enterprises
    assert ours.names == theirs.names
    assert ours.moments == theirs.moments
    for number, feature in enumerate(asked):
        close = np.isclose(
            ours.values[:, number],
            theirs.values[:, number],
            tolerance(feature),
            1e-9,
            equal_nan=True,
        )
        assert close.all(), (feature, ours.values[:, number], theirs.values[:, number])


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32), rows=st.integers(0, 500), days=st.lists(DAYS, max_size=4))
@example(seed=1, rows=600, days=[0, 1, 30, 31, 366])
@example(seed=2, rows=0, days=[0])
def test_the_catalogue_is_what_duckdb_gives(seed: int, rows: int, days: list[int]) -> None:
    with connect(market(seed, rows, AS_OF)) as connection:
        equal(connection, days)


@settings(max_examples=15, deadline=None)
@given(asked=features(), seed=st.integers(0, 99), days=st.lists(DAYS, max_size=3))
def test_made_up_features_are_what_duckdb_gives(
    asked: tuple[Feature, ...], seed: int, days: list[int]
) -> None:
    with connect(market(seed, 200, AS_OF)) as connection:
        equal(connection, days, asked)


@settings(max_examples=10, deadline=None)
@given(asked=features(), seed=st.integers(0, 99), days=st.lists(DAYS, max_size=3))
def test_superseded_rows_are_seen_as_long_as_duckdb_sees_them(
    asked: tuple[Feature, ...], seed: int, days: list[int]
) -> None:
    tables = market(seed, 60, AS_OF)
    with connect(tables) as connection:
        versioned(connection, tables, seed)
        equal(connection, days, asked)


@settings(max_examples=12, deadline=None)
@given(asked=features(), seed=st.integers(0, 99), days=DAYS)
def test_made_up_features_are_what_loops_find(
    asked: tuple[Feature, ...], seed: int, days: int
) -> None:
    tables = market(seed, 200, AS_OF)
    wanted = applications_of([days])
    with connect(tables) as connection:
        table = compute_with_kernel(connection, wanted, asked)
    for (firm, moment), values in zip(wanted, table.values, strict=True):
        oracle = Oracle(tables, firm, moment)
        for feature, found in zip(asked, values, strict=True):
            expected = oracle.value(feature.expression)
            number = np.nan if expected is None else float(expected)
            close = np.isclose(found, number, tolerance(feature), 1e-9, equal_nan=True)
            assert close, feature


def sale(gross: int, number: int) -> Row:
    return {
        "enterprise": "E1",
        "invoice_no": str(number),
        "counterparty": "A",
        "net_minor": 0,
        "tax_minor": 0,
        "gross_minor": gross,
        "status": "valid",
        "occurred_at": AS_OF - timedelta(days=number),
        "recorded_at": AS_OF - timedelta(days=number),
    }


@pytest.mark.parametrize("gross", [10**15, -(10**15), 2**58 + 1])
def test_the_largest_amounts_are_added_up_as_duckdb_adds_them(gross: int) -> None:
    rows = [sale(gross, number) for number in range(15)]
    with connect({"sales_invoices": rows}) as connection:
        equal(connection, [0])


def test_sums_beyond_64_bits_are_left_to_duckdb() -> None:
    rows = [sale(2**62, number) for number in range(5)]
    asked = tuple(feature for feature in CATALOGUE if feature.name == "sales_12m_minor")
    with connect({"sales_invoices": rows}) as connection:
        equal(connection, [0], asked)
        table = compute_with_kernel(connection, [("E1", AS_OF)], asked)
    assert table.values.tolist() == [[5.0 * 2**62]]


def test_amounts_too_large_to_be_added_up_are_refused() -> None:
    rows = [sale(9 * 10**18, number) for number in range(5)]
    with (
        connect({"sales_invoices": rows}) as connection,
        pytest.raises(InputProblem, match="sales_invoices: The amounts are too large to be added"),
    ):
        compute_with_kernel(connection, [("E1", AS_OF)])


def test_any_number_of_threads_gives_the_same_bytes() -> None:
    wanted = applications_of(list(range(800)))
    assert len(wanted) > 6000
    with connect(market(7, 300, AS_OF)) as connection:
        one, three = (compute_with_kernel(connection, wanted, threads=n) for n in (1, 3))
    assert one.values.tobytes() == three.values.tobytes()
