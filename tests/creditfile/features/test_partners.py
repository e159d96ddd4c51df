"""Features of partners: what loops find, who is a partner, and nothing from what came later."""

from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.creditfile.features.oracle import Oracle
from tests.creditfile.features.specifications import (
    features,
    of_partners,
    partnered,
    tolerance,
)
from tests.creditfile.features.tables import LISTED, Row, Tables, connect, known_market
from tests.creditfile.features.test_from_lake import known_then, written
from tests.lake.lakes import HEADER, day, new_lake, orders_mapping
from tradeline.creditfile.features.catalogue import CATALOGUE, FEATURES
from tradeline.creditfile.features.compute import compute_for
from tradeline.creditfile.features.declaration import (
    Expression,
    Feature,
    Growth,
    OfPartners,
    Ratio,
    partners_of,
)
from tradeline.creditfile.features.events import Compare, Events, Window
from tradeline.creditfile.features.measures import Count, DaysSinceLast, Distinct, Sum
from tradeline.creditfile.features.partners import Bound, Dependence, Partners
from tradeline.creditfile.features.persons import reads_persons
from tradeline.creditfile.features.plan import contracts_of_all
from tradeline.creditfile.features.table import Values
from tradeline.kernel.findings import InputProblem
from tradeline.lake.folders import land_folder
from tradeline.lake.records import Assurance
from tradeline.lake.store import Lake, open_lake

AS_OF = datetime(2020, 2, 29, 23, 59)  # noqa: DTZ001
FIRMS = (*LISTED, "E9", "D", "nobody")
OTHERS = tuple(feature for feature in FEATURES if feature not in CATALOGUE)
SALES = Events("sales_invoices", (), Window(12))
BUYERS = Partners(SALES, "gross_minor")
SUPPLIERS = Partners(Events("purchase_invoices", (), Window(12)), "gross_minor")
SUED = Count(Events("court_cases", absent_is_zero=True))


def declared(*expressions: Expression) -> tuple[Feature, ...]:
    return tuple(
        Feature(f"f{n}", "orders", "1", "made up", expression, 0, "made up")
        for n, expression in enumerate(expressions)
    )


def values_of(
    tables: Tables,
    asked: tuple[Feature, ...],
    moment: datetime = AS_OF,
    firms: tuple[str, ...] = FIRMS,
) -> Values:
    with connect(tables) as connection:
        return compute_for(connection, [(firm, moment) for firm in firms], asked).values


def check_with_loops(tables: Tables, asked: tuple[Feature, ...], moment: datetime) -> None:
    values = values_of(tables, asked, moment)
    for row, firm in enumerate(FIRMS):
        oracle = Oracle(tables, firm, moment)
        for column, feature in enumerate(asked):
            expected = oracle.value(feature.expression)
            found = values[row, column]
            wanted = np.nan if expected is None else float(expected)
            close = np.isclose(found, wanted, tolerance(feature), 1e-9, equal_nan=True)
            assert close, (firm, feature)


@settings(max_examples=6, deadline=None)
@given(
    asked=features(1, 2, partnered()),
    seed=st.integers(0, 99),
    rows=st.sampled_from((5, 60, 150)),
    days=st.integers(-40, 800),
)
def test_made_up_features_of_partners_are_what_loops_find(
    asked: tuple[Feature, ...], seed: int, rows: int, days: int
) -> None:
    check_with_loops(
        known_market(seed, rows, AS_OF), asked, AS_OF - timedelta(days=days, hours=days % 24)
    )


@settings(max_examples=1, deadline=None)
@given(seed=st.integers(0, 99), days=st.integers(0, 400))
@example(seed=1, days=0)
def test_features_of_conduct_and_partners_are_what_loops_find(seed: int, days: int) -> None:
    check_with_loops(known_market(seed, 120, AS_OF), OTHERS, AS_OF - timedelta(days=days))


def sale(seller: str, buyer: str, gross: int = 100, days: int = 10) -> Row:
    moment = AS_OF - timedelta(days=days)
    return {
        "enterprise": seller,
        "invoice_no": f"{seller}{buyer}{gross}{days}",
        "counterparty": buyer,
        "gross_minor": gross,
        "status": "valid",
        "occurred_at": moment,
        "recorded_at": moment,
    }


def case(firm: str, days: int = 5, recorded: datetime | None = None) -> Row:
    moment = AS_OF - timedelta(days=days)
    return {
        "enterprise": firm,
        "case_no": firm,
        "role": "defendant",
        "status": "filed",
        "occurred_at": moment,
        "recorded_at": recorded or moment,
    }


def one(tables: Tables, *asked: Expression, firm: str = "E1", at: datetime = AS_OF) -> list[float]:
    (row,) = values_of(tables, declared(*asked), at, (firm,)).tolist()
    return cast(list[float], row)


def sued_share(partners: Partners) -> Ratio:
    return Ratio(
        OfPartners(partners, SUED, "amount", Bound(">", 0)), OfPartners(partners, SUED, "amount")
    )


NETWORK: Tables = {
    "sales_invoices": [
        sale("E1", "E2", 300), sale("E1", "E3", 100), sale("E1", "stranger", 600),
        sale("E2", "E1", 50), sale("E3", "stranger", 50),
    ],
    "court_cases": [case("E2"), case("stranger")],
}  # fmt: skip


def test_a_buyer_that_nobody_knows_is_missing_and_never_sound() -> None:
    sound = OfPartners(BUYERS, SUED, "amount", Bound("=", 0))
    known = OfPartners(BUYERS, "known", "amount")
    anybody = OfPartners(BUYERS, "anybody", "amount")
    assert one(NETWORK, sound, sued_share(BUYERS), known, anybody) == [100, 0.75, 400, 1000]
    assert one(NETWORK, Ratio(known, anybody)) == [0.4]


def test_where_no_buyer_is_known_nothing_is_said_of_them() -> None:
    number = OfPartners(BUYERS, SUED, "number", Bound(">", 0))
    mean = OfPartners(BUYERS, SUED, "mean")
    known = OfPartners(BUYERS, "known", "number")
    assert np.isnan(one(NETWORK, number, sued_share(BUYERS), mean, firm="E3")).all()
    assert one(NETWORK, known, firm="E3") == [0]


def test_without_a_dataset_of_cases_nobody_counts_as_never_sued() -> None:
    tables = {"sales_invoices": NETWORK["sales_invoices"]}
    number = OfPartners(BUYERS, SUED, "number", Bound("=", 0))
    assert np.isnan(one(tables, number, sued_share(BUYERS))).all()


def test_a_firm_without_buyers_has_none_and_one_without_records_is_missing() -> None:
    number = OfPartners(BUYERS, "anybody", "number")
    old = {"sales_invoices": [sale("E1", "E2", days=900)]}
    assert one(old, number) == [0]
    assert np.isnan(one(old, number, firm="E2")).all()


def test_a_firm_is_no_partner_of_its_own() -> None:
    tables = {"sales_invoices": [sale("E1", "E1", 900), sale("E1", "E2", 100)]}
    asked = [OfPartners(BUYERS, "anybody", how) for how in ("amount", "number")]
    assert one(tables, *asked) == [100, 1]


def test_a_buyer_who_returned_more_than_it_bought_is_none() -> None:
    tables = {"sales_invoices": [sale("E1", "E2", 100), sale("E1", "E2", -101, 3)]}
    assert one(tables, OfPartners(BUYERS, "anybody", "number")) == [0]


def test_values_weigh_by_the_amount_of_trade() -> None:
    sold = Sum(SALES, "gross_minor")
    hows = [OfPartners(BUYERS, sold, how) for how in ("mean", "largest", "smallest")]
    tables = {
        "sales_invoices": [sale("E1", "E2", 300), sale("E1", "E3", 100), sale("E2", "X", 10),
                           sale("E3", "X", 50)],
    }  # fmt: skip
    assert one(tables, *hows) == [20, 50, 10]


def test_a_buyer_that_depends_on_the_firm_is_found() -> None:
    tables = {
        "sales_invoices": [sale("E1", "E2", 300), sale("E1", "E3", 100)],
        "purchase_invoices": [sale("E2", "E1", 300), sale("E2", "X", 100), sale("E3", "X", 1)],
    }
    depends = Dependence(SUPPLIERS)
    asked = (
        OfPartners(BUYERS, depends, "largest"),
        OfPartners(BUYERS, depends, "smallest"),
        OfPartners(BUYERS, depends, "number", Bound(">=", 0.75)),
        OfPartners(BUYERS, depends, "number", Bound(">", 0.75)),
    )
    assert one(tables, *asked) == [0.75, 0, 1, 0]


def test_partners_of_partners_can_be_asked() -> None:
    inner = OfPartners(BUYERS, SUED, "number", Bound(">", 0))
    tables = {
        "sales_invoices": [sale("E1", "E2"), sale("E2", "E3"), sale("E3", "X")],
        "court_cases": [case("E3")],
    }
    assert one(tables, OfPartners(BUYERS, inner, "largest"), inner) == [1, 0]


def test_a_case_against_a_buyer_shows_from_when_it_was_recorded() -> None:
    recorded = AS_OF - timedelta(days=2)
    tables = NETWORK | {"court_cases": [case("E9", 50), case("E2", 5, recorded)]}
    just_before = recorded - timedelta(microseconds=1)
    assert one(tables, sued_share(BUYERS), at=just_before) == [0]
    assert one(tables, sued_share(BUYERS), at=recorded) == [0.75]


def test_a_buyer_is_known_from_when_it_was_first_told_of() -> None:
    known = OfPartners(BUYERS, "known", "number")
    rows = [sale("E1", "E2", days=20), sale("E2", "X", days=5)]
    assert one({"sales_invoices": rows}, known, at=AS_OF - timedelta(days=6)) == [0]
    assert one({"sales_invoices": rows}, known, at=AS_OF - timedelta(days=5)) == [1]


def told_later(row: Row) -> Row:
    return row | {"recorded_at": cast(datetime, row["recorded_at"]) + timedelta(days=75)}


@settings(max_examples=4, deadline=None)
@given(
    asked=of_partners(0).filter(lambda leaf: "recorded_at" not in repr(leaf)),
    seed=st.integers(0, 99),
    partner=st.sampled_from(("E1", "E2", "E9")),
    days=st.integers(0, 300),
)
def test_a_partners_rows_change_exactly_what_they_should_while_they_are_not_told(
    asked: OfPartners, seed: int, partner: str, days: int
) -> None:
    tables = known_market(seed, 60, AS_OF)
    moment = AS_OF - timedelta(days=days)
    moved = {
        name: [told_later(row) if row["enterprise"] == partner else row for row in rows]
        for name, rows in tables.items()
    }
    untold = {
        name: [row for row in rows if cast(datetime, row["recorded_at"]) <= moment]
        for name, rows in moved.items()
    }
    asking = declared(asked)
    before, after = (values_of(t, asking, moment)[:, 0] for t in (tables, moved))
    assert after.tobytes() == values_of(untold, asking, moment)[:, 0].tobytes()
    begun = "absent_is_zero=True" in repr(asked)
    for firm, old, new in zip(FIRMS, before, after, strict=True):
        strangers = partner not in Oracle(tables, firm, moment).traded(asked.partners)
        if firm != partner and strangers and not begun:
            assert np.array_equal(old, new, equal_nan=True), firm


ORDERED = Partners(Events("orders", (), Window(days=60)), "gross_minor", known_in=("orders",))
RETURNED = Partners(Events("orders"), "gross_minor", known_in=("orders",))
OF_ORDERS = declared(
    Count(Events("orders")),
    OfPartners(ORDERED, "anybody", "amount"),
    OfPartners(ORDERED, "known", "number"),
    OfPartners(ORDERED, Sum(Events("orders"), "gross_minor"), "mean"),
    OfPartners(ORDERED, DaysSinceLast(Events("orders")), "largest"),
    OfPartners(RETURNED, Dependence(ORDERED), "largest"),
    OfPartners(RETURNED, OfPartners(ORDERED, "known", "amount"), "smallest"),
)
lake_orders = st.tuples(
    st.sampled_from(("E1", "E2", "E3")), st.sampled_from("123"), st.sampled_from(("E1", "E2", "X")),
    st.integers(1, 900), st.integers(0, 60), st.integers(0, 30),
)  # fmt: skip


def lake_of(folder: Path, told: list[list[tuple[Any, ...]]]) -> Lake:
    """A lake of batches of orders that correct each other."""
    root = new_lake(folder)
    for number, rows in enumerate(told):
        lines = [
            f"{firm},{order},{buyer},{gross},placed,{day(n):%Y-%m-%d},{day(n + lag):%Y-%m-%d}"
            for firm, order, buyer, gross, n, lag in rows
        ]
        incoming = folder / f"incoming {number}"
        incoming.mkdir()
        (incoming / "orders.csv").write_text("\n".join([HEADER, *lines]), encoding="utf-8")
        land_folder(
            root, incoming, orders_mapping(), "shop", Assurance.PLATFORM_OBSERVED, lambda _: None
        )
    return open_lake(root)


@settings(max_examples=2, deadline=None)
@given(
    told=st.lists(st.lists(lake_orders, min_size=1, max_size=8), min_size=1, max_size=2),
    days=st.lists(st.integers(0, 100), min_size=1, max_size=2),
)
def test_the_slices_of_a_lake_find_partners_in_other_slices(
    told: list[list[tuple[Any, ...]]], days: list[int]
) -> None:
    moments = [day(n) + timedelta(hours=1) for n in days]
    applications = [(firm, moment) for moment in moments for firm in ("E1", "E2", "E3")]
    asked = OF_ORDERS[:-1]
    with TemporaryDirectory() as folder:
        lake = lake_of(Path(folder), told)
        alone = np.concatenate([known_then(lake, moment, asked) for moment in moments])
        with lake.history(only=contracts_of_all(asked)) as connection:
            together = compute_for(connection, applications, asked).values
        assert together.tobytes() == alone.tobytes()
        assert written(lake, applications, asked).tobytes() == alone.tobytes()


def test_the_slices_find_what_is_in_them(tmp_path: Path) -> None:
    rows = [("E1", "1", "E2", 5, 1, 0), ("E2", "1", "E3", 7, 2, 0), ("E2", "2", "E1", 9, 2, 0)]
    found = written(lake_of(tmp_path, [rows]), [("E1", day(9)), ("E2", day(9))], OF_ORDERS)
    assert found.tolist() == [[1, 500, 1, 1600, 7, 0.5625, 900], [2, 1600, 1, 500, 8, 1, 500]]


def test_a_feature_says_all_that_it_reads() -> None:
    share = declared(sued_share(BUYERS))
    assert contracts_of_all(share) == {
        "court_cases", "orders", "purchase_invoices", "registrations", "sales_invoices",
    }  # fmt: skip
    assert share[0].window == "12 months; all history"
    assert partners_of(Growth(Count(SALES), Count(SALES))) == ()


def test_no_feature_of_partners_asks_for_their_personal_values() -> None:
    assert not any(map(reads_persons, OTHERS))


REFUSED: dict[str, tuple[Any, str]] = {
    "personal partners": (
        lambda: Partners(Events("bank_transactions"), "amount_minor"),
        "error: bank_transactions.counterparty: These partners may be natural persons, and are "
        "kept sealed. Take partners from invoices or orders.",
    ),
    "no rows, no partners": (
        lambda: Partners(Events("orders", absent_is_zero=True), "gross_minor"),
        "error: orders: A firm without any row has partners that nobody knows, not none. "
        "Leave absent_is_zero out.",
    ),
    "an unknown dataset": (
        lambda: Partners(SALES, "gross_minor", known_in=("rumours",)),
        "error: rumours: No contract has that name. Use one of: enterprises,",
    ),
    "a dataset of no firms": (
        lambda: Partners(SALES, "gross_minor", known_in=("response_curves",)),
        "error: response_curves.enterprise: The contract has no such column. Use one of: rating,",
    ),
    "the mean of nothing": (
        lambda: OfPartners(BUYERS, "known", "mean"),
        "error: of known: Partners as such have no value to compare or to take the mean of. "
        "Say what is asked of them, or take their amount or number without a bound.",
    ),
    "a bound on a mean": (
        lambda: OfPartners(BUYERS, SUED, "mean", Bound(">", 0)),
        "error: mean: A bound chooses the partners to be counted. "
        "Take the amount or number of partners, or leave the bound out.",
    ),
    "their personal values": (
        lambda: one(
            NETWORK,
            OfPartners(BUYERS, Distinct(Events("bank_transactions"), "counterparty"), "mean"),
        ),
        "error: Distinct: It asks for personal values of a partner, who is not the subject of the "
        "file. Ask for what reads none.",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_asked_is_refused_with_a_word(name: str) -> None:
    attempt, message = REFUSED[name]
    with pytest.raises(InputProblem) as refusal:
        attempt()
    assert str(refusal.value).startswith(message)


def test_amounts_of_partners_too_large_to_be_added_up_are_refused() -> None:
    rows = [sale("E1", "E2", 9 * 10**18, n) for n in range(5)] + [sale("E2", "X", 9 * 10**18)]
    mean = OfPartners(BUYERS, Sum(SALES, "gross_minor"), "mean")
    with pytest.raises(InputProblem, match="The amounts are too large to be added up"):
        one({"sales_invoices": rows}, mean)


def test_conditions_choose_what_makes_a_partner() -> None:
    valid = Partners(Events("sales_invoices", (Compare("status", "=", "valid"),)), "gross_minor")
    rows = [sale("E1", "E2"), sale("E1", "E3") | {"status": "void"}]
    assert one({"sales_invoices": rows}, OfPartners(valid, "anybody", "number")) == [1]
