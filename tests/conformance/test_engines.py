"""Every engine gives the same features: one definition, row by row the same values.

TRADELINE_CONFORMANCE_EXAMPLES sets how many specifications are made up, TRADELINE_SPARK_REMOTE
names a Spark Connect server that takes part.
"""

import os
import socket
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.engines import ENGINES, Applications, Engine, on_duckdb, sail_server
from tests.creditfile.features.specifications import features, partnered, tolerance
from tests.creditfile.features.tables import LISTED, Row, Tables, known_market, market
from tradeline.creditfile.features.catalogue import CATALOGUE, FEATURES
from tradeline.creditfile.features.declaration import Expression, Feature, Growth, Ratio
from tradeline.creditfile.features.events import Compare, Events, Window
from tradeline.creditfile.features.measures import (
    Circular,
    Count,
    Distinct,
    Herfindahl,
    Largest,
    LargestShare,
    Latest,
    MeanAge,
    Sum,
    Trend,
    Volatility,
)
from tradeline.creditfile.features.table import FeatureTable
from tradeline.kernel.findings import InputProblem

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas"),
]

EXAMPLES = int(os.environ.get("TRADELINE_CONFORMANCE_EXAMPLES", "6"))
EXACT_BELOW = 2**53
AS_OF = datetime(2020, 2, 29, 23, 59)  # noqa: DTZ001
MOMENTS = (
    AS_OF,
    datetime(2020, 1, 31, 23, 59, 59, 999999),  # noqa: DTZ001
    datetime(2019, 2, 28),  # noqa: DTZ001
    datetime(2019, 12, 30, 0, 0, 0, 1),  # noqa: DTZ001
    datetime(2018, 3, 31, 12),  # noqa: DTZ001
)
FIRMS = (*LISTED, "E9", "nobody")


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with ENGINES[request.param]() as running:
        yield running


def made(*expressions: Expression) -> tuple[Feature, ...]:
    return tuple(
        Feature(f"f{n}", "orders", "1", "made up", expression, 0, "made up")
        for n, expression in enumerate(expressions)
    )


def each_at(moments: Sequence[datetime], firms: Sequence[str] = FIRMS) -> Applications:
    return [(firm, moment) for moment in moments for firm in firms]


def agree(
    engine: Engine, tables: Tables, applications: Applications, asked: Sequence[Feature]
) -> FeatureTable:
    wanted, found = (run(tables, applications, asked) for run in (on_duckdb, engine))
    assert found.names == wanted.names
    assert found.enterprises == wanted.enterprises == tuple(firm for firm, _ in applications)
    assert found.moments == wanted.moments == tuple(moment for _, moment in applications)
    assert differences(found, wanted, [tolerance(feature) for feature in asked]) == []
    return found


def differences(
    found: FeatureTable, wanted: FeatureTable, tolerances: Sequence[float] = (1e-9,)
) -> list[tuple[str, str, float, float]]:
    """Name, enterprise and both values where they differ: whole numbers at all, others by a bit."""
    left, right = found.values, wanted.values
    whole = (np.floor(right) == right) & (np.abs(right) < EXACT_BELOW)
    close = np.isclose(left, right, np.array(tolerances), atol=0, equal_nan=True)
    same = np.where(whole, left == right, close)
    return [
        (found.names[k], found.enterprises[n], left[n, k], right[n, k])
        for n, k in np.argwhere(~same).tolist()
    ]


def test_the_whole_catalogue_agrees_at_several_moments(engine: Engine) -> None:
    found = agree(engine, market(1, 600, AS_OF), each_at(MOMENTS), CATALOGUE)
    assert not np.isnan(found.values).all(axis=0).any()


def test_features_of_conduct_and_partners_agree(engine: Engine) -> None:
    others = tuple(feature for feature in FEATURES if feature not in CATALOGUE)
    found = agree(engine, known_market(3, 300, AS_OF), each_at(MOMENTS), others)
    assert not np.isnan(found.values).all(axis=0).any()


@settings(
    max_examples=max(EXAMPLES // 4, 1),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(asked=features(1, 4, partnered()), seed=st.integers(0, 2**32), seen=st.booleans())
def test_made_up_features_of_partners_agree(
    engine: Engine, asked: tuple[Feature, ...], seed: int, seen: bool
) -> None:
    tables = known_market(seed, 60, AS_OF)
    agree(engine, tables if seen else versioned(tables, seed), each_at(MOMENTS[:3]), asked)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), asked=features(2, 10), seed=st.integers(0, 2**32))
def test_made_up_features_agree(
    engine: Engine, data: st.DataObject, asked: tuple[Feature, ...], seed: int
) -> None:
    tables = market(seed, data.draw(st.sampled_from((5, 60, 400))), AS_OF)
    for name in data.draw(st.sets(st.sampled_from(sorted(tables)), max_size=3)):
        if data.draw(st.booleans()):
            tables[name] = []
        else:
            del tables[name]
    if data.draw(st.booleans()):
        tables = versioned(tables, seed)
    days = data.draw(st.lists(st.integers(-40, 800), min_size=1, max_size=3))
    moments = [AS_OF - timedelta(days=n, hours=n % 24) for n in days]
    agree(engine, tables, each_at(moments), asked)


def versioned(tables: Tables, seed: int) -> Tables:
    """The tables with rows of which some were replaced after a while."""
    random = np.random.default_rng(seed)
    return {
        name: [row | {"superseded_at": replaced(row, random)} for row in rows]
        for name, rows in tables.items()
    }


def replaced(row: Row, random: np.random.Generator) -> datetime | None:
    recorded = row["recorded_at"]
    assert isinstance(recorded, datetime)
    days = int(random.integers(0, 400))
    return recorded + timedelta(days=days) if random.random() < 0.4 else None


def test_superseded_versions_agree(engine: Engine) -> None:
    tables = market(2, 300, AS_OF)
    now = agree(engine, versioned(tables, 2), each_at(MOMENTS), CATALOGUE)
    assert differences(now, on_duckdb(tables, each_at(MOMENTS), CATALOGUE))


def test_empty_and_absent_datasets_agree(engine: Engine) -> None:
    empty: Tables = {"orders": [], "refunds": [], "sales_invoices": []}
    assert np.isnan(agree(engine, empty, each_at(MOMENTS), CATALOGUE).values).all()
    assert np.isnan(agree(engine, {}, each_at([AS_OF]), CATALOGUE).values).all()


def test_nobody_asked_for_is_an_empty_table(engine: Engine) -> None:
    assert agree(engine, market(1, 20, AS_OF), [], CATALOGUE).values.shape == (0, len(CATALOGUE))


def order(number: int, amount: int, days: int, **values: object) -> Row:
    moment = AS_OF - timedelta(days=days)
    return {
        "enterprise": "E1",
        "order_no": str(number),
        "counterparty": f"C{number}",
        "gross_minor": amount,
        "status": "placed",
        "occurred_at": moment,
        "recorded_at": moment,
    } | values


def test_names_of_any_script_agree(engine: Engine) -> None:
    firm, status = "企业·Ünïcødé 'E' \"1\" \\ 🏭", "it's \\ 'delivered'; -- 已签收"
    rows = [order(n, 100, n, enterprise=firm, status=status, counterparty=status) for n in range(3)]
    delivered = Events("orders", (Compare("status", "=", status),))
    asked = [
        Feature('销售额 "新" `x` \\', "orders", "1", "", Sum(delivered, "gross_minor"), 0, ""),
        *made(Count(delivered), Distinct(delivered, "counterparty")),
    ]
    found = agree(engine, {"orders": rows}, [(firm, AS_OF), ("企业", AS_OF)], asked)
    assert found.values[0].tolist() == [300, 3, 1]


ORDERS = Events("orders")
YEAR = Events("orders", (), Window(12))
LARGE = 2**62


def test_the_largest_amounts_agree(engine: Engine) -> None:
    rows = [order(1, LARGE, 3), order(2, LARGE - 1, 40), order(3, -LARGE, 70), order(4, 7, 100)]
    rows += [row | {"enterprise": "E2"} for row in rows[:2]]
    asked = made(
        Sum(ORDERS, "gross_minor"),
        Sum(ORDERS, "gross_minor", absolute=True),
        Largest(ORDERS, "gross_minor"),
        Latest(ORDERS, "gross_minor"),
        MeanAge(Events("orders", (Compare("gross_minor", ">", 0),)), "gross_minor"),
        Herfindahl(ORDERS, "gross_minor", "counterparty"),
        LargestShare(ORDERS, "gross_minor", "counterparty"),
    )
    found = agree(engine, {"orders": rows}, each_at([AS_OF], ["E1", "E2"]), asked)
    assert found.column("f0").tolist() == [float(LARGE - 1 + 7), float(2 * LARGE - 1)]


@pytest.mark.parametrize(
    "measure",
    [
        Volatility(YEAR, "gross_minor"),
        Herfindahl(ORDERS, "gross_minor", "counterparty"),
    ],
)
def test_amounts_too_large_to_be_added_up_are_refused(
    engine: Engine, measure: Volatility | Herfindahl
) -> None:
    rows = [order(n, (-1) ** (n // 12) * (9 * 10**18 + n), 30 * (n % 12)) for n in range(23)]
    for run in (on_duckdb, engine):
        with pytest.raises(InputProblem, match="The amounts are too large to be added up"):
            run({"orders": rows}, [("E1", AS_OF)], made(measure))


def test_numbers_that_are_not_whole_agree(engine: Engine) -> None:
    quantities = (0.0005, 1.0005, 2.0015, -1.5005, 0.1 + 0.2, 1e9 + 0.0625, 12.3456)
    clocks = [AS_OF - timedelta(days=20 * n) for n in range(len(quantities) * 3)]
    rows: list[Row] = [
        {
            "enterprise": "E1",
            "order_no": str(n),
            "product": "XYZ"[n % 3],
            "quantity": quantities[n % len(quantities)],
            "gross_minor": n,
            "occurred_at": moment,
            "recorded_at": moment,
        }
        for n, moment in enumerate(clocks)
    ]
    lines = Events("order_lines", (), Window(12))
    asked = made(
        Sum(lines, "quantity"),
        Sum(lines, "quantity", absolute=True),
        Largest(lines, "quantity"),
        Latest(lines, "quantity"),
        MeanAge(lines, "quantity"),
        Volatility(lines, "quantity"),
        Trend(lines, "quantity"),
        Herfindahl(lines, "quantity", "product"),
        LargestShare(lines, "quantity", "product"),
    )
    found = agree(engine, {"order_lines": rows}, [("E1", AS_OF)], asked)
    assert not np.isnan(found.values).any()


def test_ratios_over_nothing_are_missing_everywhere(engine: Engine) -> None:
    never = Events("orders", (Compare("gross_minor", "<", 0),), absent_is_zero=True)
    asked = made(
        Ratio(Count(ORDERS), Count(never)),
        Growth(Sum(never, "gross_minor"), Count(never)),
        Circular(Events("sales_invoices"), "gross_minor", Events("purchase_invoices")),
    )
    tables: Tables = {"orders": [order(1, 5, 3)], "sales_invoices": []}
    assert np.isnan(agree(engine, tables, each_at([AS_OF]), asked).values).all()


def test_the_stand_in_for_a_cluster_ends_by_itself() -> None:
    with sail_server() as remote:
        address = urlsplit(remote)
        assert address.hostname is not None
        assert address.port is not None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname, address.port), timeout=5).close()
