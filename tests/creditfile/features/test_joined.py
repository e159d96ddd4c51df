"""Features of enterprises that are one with others: all members' rows count, each fact once."""

from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np

import tradeline
from tests.creditfile.features.tables import FIRMS, Tables, connect, market
from tests.creditfile.features.test_from_lake import EXPRESSIONS, declared, written
from tests.creditfile.features.test_partners import OF_ORDERS
from tests.creditfile.features.test_partners import lake_of as orders_lake
from tests.creditfile.linkage.registers import firms_lake, link, say
from tests.lake.lakes import day, land_orders
from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.compute import compute_features, compute_for, plan_for
from tradeline.creditfile.features.events import Events
from tradeline.creditfile.features.from_lake import (
    record_written,
    write_features,
    write_recorded,
)
from tradeline.creditfile.features.hot.answers import compute_stored, features_of, write_stored
from tradeline.creditfile.features.hot.daily import next_standing, standing_of
from tradeline.creditfile.features.hot.kernel import compute_with_kernel
from tradeline.creditfile.features.hot.store import PLAIN, open_store
from tradeline.creditfile.features.joined import offer_joined, spells_of
from tradeline.creditfile.features.measures import Count, Distinct, Standing, Sum
from tradeline.creditfile.features.plan import plan
from tradeline.creditfile.linkage.entities import Spell
from tradeline.creditfile.linkage.links import JUDGED
from tradeline.creditfile.linkage.touched import touched
from tradeline.kernel.hashing import hash_file
from tradeline.lake.own_records import tell
from tradeline.lake.records import Assurance
from tradeline.lake.store import open_lake

AS_OF = datetime(2020, 2, 29, 12, 30)  # noqa: DTZ001
JOINED_AT, SPLIT_AT = AS_OF - timedelta(days=100), AS_OF + timedelta(days=100)
ONE = ("E1", "E2")
SPELLS = [Spell(firm, ONE, JOINED_AT, SPLIT_AT) for firm in ONE]
MOMENTS = [AS_OF - timedelta(days=200), AS_OF, AS_OF + timedelta(days=100)]
APPLICATIONS = [(firm, moment) for moment in MOMENTS for firm in (*FIRMS, "nobody")]
PLAIN_COUNTS = declared((Count(Events("orders")), Sum(Events("orders"), "gross_minor"),
                         Distinct(Events("orders"), "order_no")))  # fmt: skip


SOME, FEW = CATALOGUE[::6], PLAIN[::7]


def renamed(tables: Tables) -> Tables:
    """The same rows, told under one id."""
    return {
        name: [row | {"enterprise": "E1"} if row["enterprise"] == "E2" else row for row in rows]
        for name, rows in tables.items()
    }


def test_one_enterprise_of_two_ids_is_as_if_its_rows_were_told_under_one() -> None:
    tables = market(1, 120, AS_OF)
    with connect(tables) as two, connect(renamed(tables)) as one:
        offer_joined(two, SPELLS)
        found = compute_for(two, APPLICATIONS, SOME).values
        alone = compute_for(two, APPLICATIONS[:5], SOME).values
        wanted = [("E1" if f in ONE and m == AS_OF else f, m) for f, m in APPLICATIONS]
        as_one = compute_for(one, wanted, SOME).values
    with connect(tables) as plain:
        as_two = compute_for(plain, APPLICATIONS, SOME).values
    then = [number for number, (f, m) in enumerate(APPLICATIONS) if f in ONE and m == AS_OF]
    others = [number for number in range(len(APPLICATIONS)) if number not in then]
    assert found[then].tobytes() == as_one[then].tobytes()
    assert found[others].tobytes() == as_two[others].tobytes()
    assert alone.tobytes() == as_two[:5].tobytes()


def test_partners_are_asked_of_all_members_and_with_all_theirs(tmp_path: Path) -> None:
    trade = [("E1", "E3"), ("E2", "E3"), ("E2", "E1"), ("E3", "E2"), ("E4", "E2"), ("E3", "X")]
    orders = [
        (firm, str(number), buyer, 100 + number, number, 1)
        for number, (firm, buyer) in enumerate(trade)
    ]
    as_one = {"E2": "E1"}
    told = [(as_one.get(row[0], row[0]), row[1], as_one.get(row[2], row[2]), *row[3:])
            for row in orders]  # fmt: skip
    folders = [tmp_path / "two", tmp_path / "one"]
    for folder in folders:
        folder.mkdir()
    two, one = orders_lake(folders[0], [orders]), orders_lake(folders[1], [told])
    say(two.root, [link("E1", "E2")], 0)
    asked = [(firm, day(40)) for firm in ("E1", "E2", "E3", "E4")]
    wanted = [(as_one.get(firm, firm), moment) for firm, moment in asked]
    expected = written(one, wanted, OF_ORDERS)
    assert expected[0, 3] > 0
    assert written(open_lake(two.root), asked, OF_ORDERS).tobytes() == expected.tobytes()


def test_the_kernel_says_what_duckdb_says() -> None:
    tables = market(4, 80, AS_OF)
    with connect(tables) as connection:
        offer_joined(connection, SPELLS)
        expected = compute_for(connection, APPLICATIONS, SOME).values
        found = compute_with_kernel(connection, APPLICATIONS, SOME).values
    assert np.allclose(found, expected, rtol=1e-9, atol=0, equal_nan=True)


def test_every_member_has_the_values_of_its_entity() -> None:
    with connect(market(5, 60, AS_OF)) as connection:
        offer_joined(connection, SPELLS)
        table = compute_features(connection, AS_OF, SOME)
    lines = {firm: table.values[place].tobytes() for place, firm in enumerate(table.enterprises)}
    assert lines["E1"] == lines["E2"] != lines["E3"]


def lake_of(tmp_path: Path) -> Path:
    """E1 and E2, one from day 10 to day 20: each tells order 1 alike, order 2 otherwise."""
    root = firms_lake(tmp_path)
    land_orders(root, [("E1", "1", 10, 0, 0), ("E1", "2", 20, 3, 3), ("E3", "9", 7, 1, 1),
                       ("E2", "1", 10, 0, 1), ("E2", "2", 40, 3, 3)], "b1")  # fmt: skip
    say(root, [link("E1", "E2")], 10)
    say(root, [link("E1", "E2", "different")], 20, JUDGED)
    return root


def test_what_members_tell_alike_counts_once_and_what_they_tell_otherwise_twice(
    tmp_path: Path,
) -> None:
    found = tradeline.features(lake_of(tmp_path), [("E2", day(15))], PLAIN_COUNTS)
    assert found.values.tolist() == [[3.0, 7000.0, 2.0]]


def test_a_debt_of_one_member_stays_where_another_uses_its_number(tmp_path: Path) -> None:
    root = firms_lake(tmp_path)
    debts = [("E1", 3, 500), ("E2", 4, 70), ("E2", 5, 60), ("E1", 6, 900), ("E2", 6, 900)]
    plain = {"obligation_no": "1", "creditor": "B", "obligation_kind": "loan",
             "amount_minor": 1000, "currency": "CNY", "status": "current"}  # fmt: skip
    rows = [
        plain | {"enterprise": firm, "outstanding_minor": owed, "occurred_at": day(on),
                 "recorded_at": day(on)}
        for firm, on, owed in debts
    ]  # fmt: skip
    tell(root, "obligations", rows, "register", Assurance.AUTHORITY_VERIFIED)
    say(root, [link("E1", "E2")], 0)
    owed = declared((Standing(Events("obligations"), "outstanding_minor", "obligation_no"),))
    asked = [("E1", day(4)), ("E2", day(5)), ("E1", day(6))]
    found = tradeline.features(root, asked, owed).values
    assert found[:, 0].tolist() == [570.0, 560.0, 960.0]
    assert written(open_lake(root), asked, owed).tobytes() == found.tobytes()


def test_a_lake_s_slices_say_what_its_connection_says(tmp_path: Path) -> None:
    root, features = lake_of(tmp_path), declared(EXPRESSIONS)
    asked = [(firm, day(on)) for on in (5, 10, 19, 20) for firm in ("E3", "E1", "E2", "E4")]
    expected = tradeline.features(root, asked, features).values
    assert written(open_lake(root), asked, features).tobytes() == expected.tobytes()


def test_corrections_of_a_member_count_from_when_they_were_recorded(tmp_path: Path) -> None:
    root = lake_of(tmp_path)
    land_orders(root, [("E2", "2", 90, 3, 14)], "b2")
    asked = [("E1", day(on)) for on in (13, 14)]
    values = tradeline.features(root, asked, PLAIN_COUNTS).values
    assert values[:, 1].tolist() == [7000.0, 12000.0]
    assert written(open_lake(root), asked, PLAIN_COUNTS).tobytes() == values.tobytes()


def test_without_links_nothing_is_read_and_the_statements_are_the_same(tmp_path: Path) -> None:
    root = firms_lake(tmp_path)
    land_orders(root, [("E1", "1", 10, 0, 0)], "b1")
    assert spells_of(open_lake(root)) == ()
    with connect(market(6, 10, AS_OF)) as connection:
        offer_joined(connection, ())
        tables = frozenset(market(6, 1, AS_OF)) | {"enterprises"}
        assert plan_for(connection, SOME) == plan(SOME, tables)


def test_a_file_of_features_is_recorded_by_its_hash(tmp_path: Path) -> None:
    root, asked, out = lake_of(tmp_path), tmp_path / "asked.parquet", tmp_path / "out.parquet"
    duckdb.execute(
        "COPY (SELECT UNNEST(['E1', 'E3']) AS enterprise, TIMESTAMP '2024-01-15' AS as_of) "
        f"TO '{asked}' (FORMAT parquet)"
    )
    assert write_recorded(open_lake(root), asked, out, day(15), PLAIN_COUNTS) == 2
    (found,) = touched(open_lake(root), "E1", "E2")
    assert (found.use.output.id, found.use.output.title) == (hash_file(out), "out.parquet")
    assert (found.use.asked.enterprise, found.use.members) == ("E1", ("E1", "E2"))


def test_a_table_that_is_to_be_recorded_is_found_when_the_join_is_undone(tmp_path: Path) -> None:
    root = lake_of(tmp_path)
    pairs = [("E1", day(15)), ("E3", day(15))]
    plain = tradeline.features(root, pairs, PLAIN_COUNTS)
    assert touched(open_lake(root), "E1", "E2") == ()
    table = tradeline.features(root, pairs, PLAIN_COUNTS, recorded=("a model", day(16)))
    assert table.values.tobytes() == plain.values.tobytes()
    (found,) = touched(open_lake(root), "E1", "E2")
    assert (found.use.output.title, found.use.made_at) == ("a model", day(16))
    assert (found.use.asked.enterprise, found.use.members) == ("E1", ("E1", "E2"))
    tradeline.features(root, day(15).date(), PLAIN_COUNTS, recorded=("a day", day(16)))
    late = [one for one in touched(open_lake(root), "E1", "E2") if one.use.output.title == "a day"]
    assert {one.use.asked.enterprise for one in late} == {"E1", "E2"}


def test_a_file_from_a_hot_store_says_what_the_lake_says_and_is_recorded(tmp_path: Path) -> None:
    root, asked = lake_of(tmp_path), tmp_path / "asked.parquet"
    cold, hot = tmp_path / "cold.parquet", tmp_path / "hot.parquet"
    duckdb.execute(
        "COPY (SELECT UNNEST(['E1', 'E3', 'E2']) AS enterprise, TIMESTAMP '2024-01-15' AS as_of) "
        f"TO '{asked}' (FORMAT parquet)"
    )
    lake = open_lake(root)
    store = open_store(tmp_path / "store", lake, PLAIN_COUNTS)

    def write(made: Path) -> int:
        return write_stored(store, asked, made, PLAIN_COUNTS)

    assert record_written(lake, asked, hot, day(15), write) == 3
    (found,) = {use.use.output for use in touched(open_lake(root), "E1", "E2")}
    assert (found.id, found.title) == (hash_file(hot), "hot.parquet")
    write_features(lake, asked, cold, PLAIN_COUNTS)
    ours, theirs = (duckdb.execute(f"FROM '{out}'").fetchall() for out in (hot, cold))
    assert ours == theirs


def test_a_hot_store_has_of_who_was_joined_what_the_lake_says(tmp_path: Path) -> None:
    root = lake_of(tmp_path)
    store = open_store(tmp_path / "hot", open_lake(root), FEW)
    asked = [(firm, day(on)) for on in (9, 10, 25) for firm in ("E3", "E2", "E1")]
    expected = tradeline.features(root, asked, FEW).values
    found = compute_stored(store, asked, FEW).values
    assert np.allclose(found, expected, rtol=1e-9, atol=0, equal_nan=True)
    alone = features_of(store, "E2", day(10), FEW)
    assert np.allclose(alone, expected[4], rtol=1e-9, atol=0, equal_nan=True)


def test_from_one_day_to_the_next_a_split_counts(tmp_path: Path) -> None:
    root = lake_of(tmp_path)
    store = open_store(tmp_path / "hot", open_lake(root), FEW)
    earlier = standing_of(store, day(19), FEW)
    later = next_standing(store, earlier, day(20))
    anew = standing_of(store, day(20), FEW)
    assert later.values.tobytes() == anew.values.tobytes()
    first = store.places["E1"]
    assert earlier.values[first].tobytes() != later.values[first].tobytes()


def test_a_standing_has_of_who_was_joined_what_the_lake_says(tmp_path: Path) -> None:
    root = lake_of(tmp_path)
    store = open_store(tmp_path / "hot", open_lake(root), FEW)
    standing = standing_of(store, day(9), FEW)
    for on in (10, 19, 20):
        standing = next_standing(store, standing, day(on))
        asked = [(firm, day(on)) for firm in sorted(store.places)]
        expected = tradeline.features(root, asked, FEW).values
        found = standing.values[[store.places[firm] for firm, _ in asked]]
        assert np.allclose(found, expected, rtol=1e-9, atol=0, equal_nan=True)
