"""Every figure of every firm is what its rows add up to, and nothing is counted twice."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.creditfile.file import oracle
from tests.creditfile.file.tellings import AS_OF, LATER, subject_of, tellings, told
from tradeline.creditfile.features.events import Compare, Window
from tradeline.creditfile.file.declaration import (
    Concentration,
    Count,
    Figure,
    Listing,
    Ranked,
    Rows,
)
from tradeline.creditfile.file.opening import open_figure, open_figures
from tradeline.creditfile.file.parts import FIGURES, LISTINGS, PARTS
from tradeline.creditfile.file.reckoning import Reckoned, reckon
from tradeline.creditfile.file.subject import Subject, of_folder, of_lake
from tradeline.creditfile.linkage.links import JUDGED, Link, tell_links
from tradeline.lake.contracts import BY_NAME
from tradeline.lake.extracts import extracts
from tradeline.lake.folders import land_folder
from tradeline.lake.landing import land
from tradeline.lake.mapping import FolderMapping
from tradeline.lake.reading import Moment
from tradeline.lake.recognition import folder_proposal
from tradeline.lake.records import Assurance
from tradeline.lake.store import init_lake, open_lake
from tradeline.world.settings import WorldSettings
from tradeline.world.writing import enterprise_code, write_world

EVERY = tuple(FIGURES.values())
MEMBERS = ("E1", "E2", "E3")
DAY = timedelta(days=1)
moments = st.tuples(st.datetimes(AS_OF - 500 * DAY, AS_OF), st.integers(0, 120)).map(
    lambda pair: (pair[0], pair[0] + pair[1] * DAY)
)

markets = st.builds(
    WorldSettings,
    enterprises=st.integers(3, 10),
    seed=st.integers(0, 2**32),
    months=st.integers(6, 18),
    default_rate=st.just(0.15),
)
orders = st.permutations(range(10))
MARKET_END = datetime.fromisoformat("2024-12-31T23:59:59")
market_moments = st.tuples(st.integers(0, 200), st.integers(0, 60)).map(
    lambda days: (MARKET_END - sum(days) * DAY, MARKET_END - days[0] * DAY)
)
"""As of a moment, as known at one that is no earlier."""


def check(subject: Subject, found: Reckoned, pieces: list[oracle.Piece]) -> None:
    """A figure is what plain Python makes of the rows, and its opened rows come to it, each once.

    Values without any row are a plain 0, or not known.
    """
    rows = open_figure(subject, found.figure)
    assert len(rows) == found.rows
    assert len({row.record for row in rows}) == len(rows)
    assert all(row.counts for row in rows)
    opened = [
        oracle.Piece(row.unit, Decimal(row.adds or 0), Decimal(row.of or 0), row.label or "")
        for row in rows
    ]
    if isinstance(found.figure.adding, Concentration):
        check_concentration(found, oracle.labelled(opened), oracle.labelled(pieces))
        return
    values = {v.unit: (Decimal(v.adds), Decimal(v.of or 0)) for v in found.values}
    assert values == (oracle.summed(opened) or values)
    assert oracle.summed(pieces) == (oracle.summed(opened) if pieces else {}) or not pieces
    assert {unit: sums for unit, sums in values.items() if any(sums)} == {
        unit: sums for unit, sums in oracle.summed(pieces).items() if any(sums)
    }
    labelled = oracle.labelled(pieces)
    assert oracle.labelled(opened) == labelled or not (found.months or found.partners)
    for month in found.months:
        label = f"{month.month:%Y-%m}"
        assert month.value.adds == labelled.get((month.value.unit, label), 0)
    for partner in found.partners:
        assert partner.value.adds == labelled[partner.value.unit, partner.name]
    if isinstance(found.figure.adding, Ranked):
        check_the_greatest(found, found.figure.adding, labelled)


def check_concentration(
    found: Reckoned, opened: dict[tuple[str, str], Decimal], sums: dict[tuple[str, str], Decimal]
) -> None:
    """The rows come to what each partner is; the shares are squared and added up, by unit."""
    assert opened == sums
    expected = {}
    for unit in {unit for unit, _ in sums}:
        sizes = [float(value) for (mine, _), value in sums.items() if mine == unit]
        expected[unit] = sum((size / sum(sizes)) ** 2 for size in sizes)
    assert {v.unit: float(v.adds) for v in found.values} == pytest.approx(expected, abs=1e-6)


def check_the_greatest(
    found: Reckoned, asked: Ranked, labelled: dict[tuple[str, str], Decimal]
) -> None:
    by_unit = defaultdict(list)
    for (unit, name), value in labelled.items():
        by_unit[unit].append((-value, name))
    expected = [name for unit in sorted(by_unit) for _, name in sorted(by_unit[unit])[: asked.most]]
    assert [partner.name for partner in found.partners] == expected


def check_every_figure(
    subject: Subject, tables: dict[str, list[oracle.Told]], when: datetime, known: datetime
) -> int:
    """Every figure of a firm beside plain Python; how many were held against it."""
    own = {
        name: [row for row in rows if row["enterprise"] in subject.members.same]
        for name, rows in tables.items()
    }
    mine = {name: oracle.standing(rows, name, when, known) for name, rows in own.items()}
    reckoned = reckon(subject, EVERY)
    told = {name for name, rows in own.items() if any(r["recorded_at"] <= known for r in rows)}
    assert set(reckoned) == {f.id for f in EVERY if set(f.contracts) <= told}
    adding = oracle.Adding(mine, when, oracle.partners(tables, when, known))
    for found in reckoned.values():
        check(subject, found, adding.pieces(found.figure))
    return len(reckoned)


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**32), when=moments)
@example(seed=1, when=(AS_OF, LATER))
def test_every_figure_of_random_tellings_is_what_plain_python_makes_of_the_rows(
    seed: int, when: tuple[datetime, datetime]
) -> None:
    tables = tellings(seed, 18)
    check_every_figure(subject_of(tables, *when), tables, *when)


@settings(max_examples=1, deadline=None)
@given(seed=st.integers(0, 2**32), when=moments)
@example(seed=2, when=(AS_OF, LATER))
def test_every_figure_of_members_that_use_the_same_numbers_is_what_plain_python_makes_of_them(
    seed: int, when: tuple[datetime, datetime]
) -> None:
    check_members(seed, when)


@pytest.mark.long
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32), when=moments)
def test_every_figure_of_many_members_that_use_the_same_numbers_is_what_plain_python_makes_of_them(
    seed: int, when: tuple[datetime, datetime]
) -> None:
    check_members(seed, when)


def check_members(seed: int, when: tuple[datetime, datetime]) -> None:
    tables = tellings(seed, 9, MEMBERS)
    check_every_figure(subject_of(tables, *when, MEMBERS), tables, *when)


def test_the_oracle_meets_every_figure_and_most_are_not_zero() -> None:
    tables = tellings(7, 40)
    subject = subject_of(tables, AS_OF, LATER)
    assert check_every_figure(subject, tables, AS_OF, LATER) == len(EVERY)
    assert sum(found.rows > 0 for found in reckon(subject, EVERY).values()) > len(EVERY) - 3


@settings(max_examples=2, deadline=None)
@given(market=markets, order=orders, when=market_moments)
def test_every_figure_of_a_firm_of_a_market_opens_to_rows_that_add_up(
    market: WorldSettings, order: list[int], when: tuple[datetime, datetime]
) -> None:
    check_firm(market, order, when)


@pytest.mark.long
@settings(max_examples=10, deadline=None)
@given(market=markets, order=orders, when=market_moments)
def test_every_figure_of_firms_of_many_markets_opens_to_rows_that_add_up(
    market: WorldSettings, order: list[int], when: tuple[datetime, datetime]
) -> None:
    check_firm(market, order, when)


def check_firm(market: WorldSettings, order: list[int], when: tuple[datetime, datetime]) -> None:
    with TemporaryDirectory() as folder:
        connection = land(duckdb.connect(), *written(market, Path(folder)), silent).connection
    firm = firms_of(market, order)[0]
    subject = of_folder(connection, firm, Moment(*when))
    check_every_figure(subject, told_tables(subject), *when)


@settings(max_examples=1, deadline=None)
@given(market=markets, order=orders, when=market_moments)
def test_every_figure_of_two_joined_members_opens_to_the_rows_of_both(
    market: WorldSettings, order: list[int], when: tuple[datetime, datetime]
) -> None:
    check_joined(market, order, when)


@pytest.mark.long
@settings(max_examples=5, deadline=None)
@given(market=markets, order=orders, when=market_moments)
def test_every_figure_of_many_joined_members_opens_to_the_rows_of_both(
    market: WorldSettings, order: list[int], when: tuple[datetime, datetime]
) -> None:
    check_joined(market, order, when)


def check_joined(market: WorldSettings, order: list[int], when: tuple[datetime, datetime]) -> None:
    """What a lake says of two that are one, beside what the folder says of each of them alone."""
    left, right = sorted(firms_of(market, order)[:2])
    with TemporaryDirectory() as folder:
        told, root = written(market, Path(folder) / "market"), Path(folder) / "lake"
        connection = land(duckdb.connect(), *told, silent).connection
        init_lake(root)
        who = ("shop", Assurance.PLATFORM_OBSERVED)
        land_folder(root, *told, *who, silent, learned_at=when[1])
        link = Link(left, right, "same", 1.0, "one owner, one account", "clerk")
        tell_links(root, [link], when[1], JUDGED)
        subject = of_lake(extracts(open_lake(root)), right, Moment(*when))
        assert subject.members.same == (left, right)
        tables: dict[str, list[oracle.Told]] = defaultdict(list)
        for firm in (left, right):
            for name, rows in told_tables(of_folder(connection, firm, Moment(*when))).items():
                tables[name] += rows
        check_every_figure(subject, tables, *when)


def written(market: WorldSettings, folder: Path) -> tuple[Path, FolderMapping]:
    """The folder of a market, and how it is read."""
    write_world(market, folder, silent)
    return folder, folder_proposal(folder, None, "CNY", silent).mapping


def firms_of(market: WorldSettings, order: list[int]) -> list[str]:
    """The firms of a market in an order that is drawn."""
    return [enterprise_code(number) for number in order if number < market.enterprises]


def silent(line: str) -> None:
    """Progress that nobody reads."""


def told_tables(subject: Subject) -> dict[str, list[oracle.Told]]:
    """All rows of a subject as dictionaries; a list of names that nobody dated is always known."""
    tables = {}
    for name in subject.told:
        found = subject.connection.execute(f"FROM told_{name}")
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        always = {"recorded_at": datetime.min, "occurred_at": datetime.min}  # noqa: DTZ901
        tables[name] = [row if row["recorded_at"] else row | always for row in rows]
    return tables


def test_superseded_rows_count_nowhere_and_are_shown_when_asked_for() -> None:
    subject, told = subject_of(tellings(3, 30), AS_OF, LATER), 0
    every_name: tuple[Figure | Listing, ...] = (*EVERY, *LISTINGS.values())
    for asked in every_name:
        counted = open_figure(subject, asked)
        every = open_figure(subject, asked, superseded=True)
        assert every[: len(counted)] == counted
        gone = every[len(counted) :]
        assert not any(row.counts or row.adds or row.of for row in gone)
        assert not {row.record for row in gone} & {row.record for row in counted}
        told += len(gone)
    assert told > 50


def test_what_is_told_later_is_not_known_before() -> None:
    tables, known = tellings(5, 30), AS_OF - 60 * DAY
    seen = {
        name: [row for row in rows if row["recorded_at"] <= known] for name, rows in tables.items()
    }
    before = reckon(subject_of(tables, known, known), EVERY)
    assert before == reckon(subject_of(seen, known, known), EVERY)
    assert before != reckon(subject_of(tables, known, LATER), EVERY)


def test_the_first_rows_are_the_newest() -> None:
    subject = subject_of(tellings(9, 60), AS_OF, LATER)
    figure: Figure = FIGURES["bank_in_12m"]
    every, first = open_figure(subject, figure), open_figure(subject, figure, 3)
    assert first == every[:3]
    days = [row.occurred_at for row in every if row.occurred_at]
    assert days == sorted(days, reverse=True)
    assert len(days) > 3


def test_rows_that_are_opened_together_are_those_of_each_figure() -> None:
    subject = subject_of(tellings(9, 60), AS_OF, LATER)
    with_rows = [found for found in reckon(subject, EVERY, 3).values() if found.rows]
    together = open_figures(subject, with_rows, 3)
    assert together == {f.figure.id: open_figure(subject, f.figure, 3) for f in with_rows}
    assert len(together) > len(EVERY) - 3
    assert open_figures(subject, (), 3) == {}


def test_of_what_was_never_told_no_figure_is_known() -> None:
    tables = {"orders": tellings(2, 9)["orders"]}
    subject = subject_of(tables, AS_OF, LATER)
    known = reckon(subject, EVERY)
    assert {name for found in known.values() for name in found.figure.contracts} == {"orders"}
    assert open_figure(subject, FIGURES["sales_12m"]) == ()
    assert reckon(subject_of({}, AS_OF, LATER), EVERY) == {}


def borrower(*rows: oracle.Told) -> Subject:
    """Two members, of which each row is told."""
    return subject_of({"loans": told(BY_NAME["loans"], rows)}, AS_OF, LATER, ("E1", "E2"))


def owed(*rows: oracle.Told) -> list[tuple[str, int]]:
    """What is owed on loans that run, as opened."""
    opened = open_figure(borrower(*rows), FIGURES["loans_outstanding"])
    return sorted((row.source, int(row.adds or 0)) for row in opened)


def loan(firm: str, source: str, days: int, outstanding: int, principal: int = 900) -> oracle.Told:
    at = AS_OF - days * DAY
    return {"enterprise": firm, "source": source, "loan_no": "1", "principal_minor": principal,
            "status": "current", "currency": "CNY", "drawn_at": AS_OF - 400 * DAY,
            "due_at": AS_OF + 400 * DAY, "outstanding_minor": outstanding, "occurred_at": at,
            "recorded_at": at}  # fmt: skip


def test_a_debt_of_one_member_stays_where_another_uses_its_number() -> None:
    assert owed(loan("E1", "shop", 9, 500), loan("E2", "shop", 5, 70, 100)) == [
        ("shop", 70), ("shop", 500),
    ]  # fmt: skip
    assert owed(loan("E1", "shop", 9, 500), loan("E1", "tax", 5, 70, 100)) == [
        ("shop", 500), ("tax", 70),
    ]  # fmt: skip
    assert owed(loan("E1", "shop", 9, 500), loan("E1", "shop", 5, 70)) == [("shop", 70)]


def test_a_debt_that_two_members_tell_alike_counts_once() -> None:
    assert owed(loan("E1", "shop", 9, 500), loan("E2", "tax", 9, 500)) == [("shop", 500)]


def test_of_a_day_that_two_sources_tell_the_stronger_counts_and_no_earlier_day_comes_back() -> None:
    told_then = [loan("E1", "shop", 40, 500), loan("E1", "shop", 9, 400)]
    assert owed(*told_then, loan("E1", "tax", 9, 300)) == [("tax", 300)]


def test_months_have_no_gap() -> None:
    found = reckon(subject_of(tellings(8, 40), AS_OF, LATER), EVERY)["sales_by_month"]
    months = [item.month for item in found.months if item.value.unit == "CNY"]
    following = [date(m.year + m.month // 12, m.month % 12 + 1, 1) for m in months[:-1]]
    assert months[1:] == following
    assert len(months) > 6


def test_every_figure_belongs_to_one_part_that_names_its_contracts() -> None:
    figures = [figure.id for part in PARTS for figure in part.figures]
    ids = [*figures, *(listing.id for part in PARTS for listing in part.listings)]
    assert len(set(ids)) == len(ids) == len(FIGURES) + len(LISTINGS)
    for part in PARTS:
        drawn = {name for figure in part.figures for name in figure.contracts}
        drawn |= {listing.rows.contract for listing in part.listings}
        assert drawn <= set(part.contracts)


def test_how_things_stood_last_has_no_window_and_what_stands_is_asked_of_the_last() -> None:
    with pytest.raises(ValueError, match="How things stood last has no window"):
        Rows("loans", (), Window(12), ("loan_no",))
    with pytest.raises(ValueError, match="What stands is asked of the last row"):
        Count(Rows("loans", standing=(Compare("status", "=", "late"),)))
