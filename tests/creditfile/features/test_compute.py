"""Features equal a slow oracle, see nothing that came later, and give the same bytes always."""

from datetime import UTC, datetime, timedelta, timezone

import duckdb
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.creditfile.features.oracle import Oracle, known_by
from tests.creditfile.features.tables import LISTED, Row, Tables, connect, market
from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.compute import compute_features
from tradeline.creditfile.features.declaration import measures_of
from tradeline.creditfile.features.measures import contracts_of
from tradeline.creditfile.features.table import FeatureTable
from tradeline.kernel.findings import InputProblem

AS_OF = datetime(2020, 2, 29, 12, 30)  # noqa: DTZ001
moments = st.datetimes(AS_OF - timedelta(days=60), AS_OF + timedelta(days=60))
DAY = timedelta(days=1)
BY_NAME = {feature.name: feature for feature in CATALOGUE}


def features_of(tables: Tables, as_of: datetime = AS_OF, threads: int = 1) -> FeatureTable:
    with connect(tables, threads) as connection:
        return compute_features(connection, as_of)


def sale(occurred: datetime, recorded: datetime | None = None, gross: int = 113_00) -> Row:
    return {
        "enterprise": "E1",
        "invoice_no": "1",
        "counterparty": "A",
        "net_minor": 100_00,
        "tax_minor": 13_00,
        "gross_minor": gross,
        "status": "valid",
        "occurred_at": occurred,
        "recorded_at": recorded or occurred,
    }


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), rows=st.integers(0, 500), as_of=moments)
@example(seed=1, rows=600, as_of=AS_OF)
@example(seed=2, rows=0, as_of=AS_OF)
def test_every_feature_equals_the_oracle(seed: int, rows: int, as_of: datetime) -> None:
    tables = market(seed, rows, as_of)
    computed = features_of(tables, as_of)
    assert computed.enterprises == tuple(sorted(LISTED))
    for row, firm in enumerate(computed.enterprises):
        oracle = Oracle(tables, firm, as_of)
        expected = [oracle.value(feature.expression) for feature in CATALOGUE]
        for feature, found, wanted in zip(CATALOGUE, computed.values[row], expected, strict=True):
            number = np.nan if wanted is None else float(wanted)
            assert found == pytest.approx(number, rel=1e-9, abs=1e-8, nan_ok=True), feature.name


@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_amounts_that_are_read_can_be_added_up(sign: int) -> None:
    old = sale(AS_OF - timedelta(days=365 * 50), gross=sign * 10**15) | {"invoice_no": "2"}
    table = features_of({"sales_invoices": [sale(AS_OF, gross=sign * 10**15), old]})
    assert table.column("sales_12m_minor")[0] == sign * 1e15


def test_amounts_too_large_to_be_added_up_are_refused() -> None:
    rows = [sale(AS_OF, gross=9 * 10**18) | {"invoice_no": str(number)} for number in range(5)]
    with pytest.raises(InputProblem, match="The amounts are too large to be added up"):
        features_of({"sales_invoices": rows})


def test_the_market_of_the_oracle_gives_every_feature_a_value() -> None:
    values = features_of(market(1, 600, AS_OF)).values
    assert not np.isnan(values).all(axis=0).any()


def same(left: FeatureTable, right: FeatureTable) -> bool:
    return left.enterprises == right.enterprises and left.values.tobytes() == right.values.tobytes()


def test_a_row_that_occurs_later_is_not_seen() -> None:
    early, late = sale(AS_OF - DAY), sale(AS_OF + timedelta(seconds=1))
    assert same(
        features_of({"sales_invoices": [early, late]}), features_of({"sales_invoices": [early]})
    )


def test_a_row_that_is_recorded_later_is_not_seen() -> None:
    early, late = sale(AS_OF - DAY), sale(AS_OF - DAY, AS_OF + timedelta(seconds=1))
    assert same(
        features_of({"sales_invoices": [early, late]}), features_of({"sales_invoices": [early]})
    )


def test_a_row_of_the_moment_itself_is_seen() -> None:
    table = features_of({"sales_invoices": [sale(AS_OF)]})
    assert table.column("sales_12m_minor")[0] == 113_00


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_what_was_not_known_by_then_changes_nothing(seed: int) -> None:
    tables = market(seed, 200, AS_OF)
    seen = {name: [row for row in rows if known_by(row, AS_OF)] for name, rows in tables.items()}
    assert sum(map(len, seen.values())) < sum(map(len, tables.values()))
    assert same(features_of(tables), features_of(seen))


@settings(max_examples=10, deadline=None)
@given(delay_days=st.integers(1, 90), look_days=st.integers(0, 120))
def test_a_later_record_shows_from_its_recording_on(delay_days: int, look_days: int) -> None:
    occurred = AS_OF - timedelta(days=30)
    early = sale(occurred - timedelta(days=40))
    at_once = sale(occurred, occurred, 777_00)
    late = sale(occurred, occurred + timedelta(days=delay_days), 777_00)
    as_of = occurred + timedelta(days=look_days)
    visible = [early, at_once] if look_days >= delay_days else [early]
    assert same(
        features_of({"sales_invoices": [early, late]}, as_of),
        features_of({"sales_invoices": visible}, as_of),
    )


def test_one_thread_and_two_give_the_same_bytes() -> None:
    tables = market(7, 3000, AS_OF)
    tables["sales_invoices"] = market(8, 20_000, AS_OF)["sales_invoices"]
    assert same(features_of(tables, threads=1), features_of(tables, threads=2))


def test_the_order_of_rows_does_not_matter() -> None:
    tables = market(7, 500, AS_OF)
    turned = {name: rows[::-1] for name, rows in tables.items()}
    assert same(features_of(tables), features_of(turned))


def test_without_any_dataset_everything_is_missing() -> None:
    table = features_of({})
    assert table.values.shape == (len(LISTED), len(CATALOGUE))
    assert np.isnan(table.values).all()


def test_empty_datasets_are_missing_not_zero() -> None:
    assert np.isnan(features_of({name: [] for name in market(1, 1, AS_OF)}).values).all()


def test_a_firm_without_events_has_a_row_of_missing_values() -> None:
    table = features_of(market(1, 600, AS_OF))
    alone = table.enterprises.index("E4")
    assert np.isnan(table.values[alone]).all()
    assert not np.isnan(np.delete(table.values, alone, axis=0)).all(axis=1).any()


def test_an_absent_dataset_makes_only_its_own_features_missing() -> None:
    tables = market(1, 600, AS_OF)
    whole = features_of(tables)
    without = features_of({n: rows for n, rows in tables.items() if n != "purchase_invoices"})
    for number, feature in enumerate(CATALOGUE):
        contracts = {c for m in measures_of(feature.expression) for c in contracts_of(m)}
        column = without.values[:, number]
        if "purchase_invoices" in contracts:
            assert np.isnan(column).all(), feature.name
        else:
            assert np.array_equal(column, whole.values[:, number], equal_nan=True), feature.name


def test_void_invoices_bring_no_money() -> None:
    valid, void = sale(AS_OF - DAY), sale(AS_OF - 2 * DAY) | {"status": "void"}
    table = features_of({"sales_invoices": [valid, void]})
    assert table.column("sales_12m_minor")[0] == 113_00
    assert table.column("sales_void_share_12m")[0] == 0.5


def test_an_as_of_in_another_zone_is_the_same_moment() -> None:
    tables = market(3, 300, AS_OF)
    in_shanghai = AS_OF.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=8)))
    assert same(features_of(tables, in_shanghai), features_of(tables))


def test_only_the_features_asked_for_are_computed() -> None:
    wanted = (BY_NAME["sales_invoices_12m"], BY_NAME["sales_12m_minor"])
    with connect({"sales_invoices": [sale(AS_OF)]}) as connection:
        table = compute_features(connection, AS_OF, wanted)
    assert table.names == (wanted[0].name, wanted[1].name)
    assert table.values[0].tolist() == [1.0, 113_00.0]


def test_values_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        features_of({}).values[0, 0] = 1.0


def test_without_a_list_of_enterprises_there_is_a_clear_word() -> None:
    with duckdb.connect() as connection, pytest.raises(InputProblem) as refusal:
        compute_features(connection, AS_OF)
    assert str(refusal.value) == (
        "error: enterprises: There is no list of enterprises."
        " Add a file that names the firms, one row each."
    )
