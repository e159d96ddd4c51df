"""The exported SELECT gives a card's own points, score and PD on DuckDB and on PostgreSQL."""

import math
import os
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.book.servers import ABSENT, is_installed, server_folder
from tests.risk.portfolios import LEVELS, TRADES, make_traders
from tradeline.kernel.findings import InputProblem
from tradeline.lake.sql_text import quoted
from tradeline.risk.scoring.binning import Binning
from tradeline.risk.scoring.card import (
    Card,
    CardKind,
    Factor,
    Scale,
    Value,
    bin_of,
    pd_of_score,
)
from tradeline.risk.scoring.card_sql import card_sql
from tradeline.risk.scoring.crosses import Cross, Side
from tradeline.risk.scoring.scorecard import Scorecard

Row = Mapping[str, Value]
# Longer than any generated name.
KEY = "number_of_row"


@pytest.fixture(scope="module")
def postgres() -> Iterator[psycopg.Connection[Any]]:
    """A connection to a server of the tests' own."""
    if not is_installed():
        if os.environ.get("CI") == "true":
            pytest.fail(ABSENT)
        pytest.skip(ABSENT)
    from tradeline.book.server import start

    with (
        server_folder() as folder,
        psycopg.connect(
            start(folder).url("owner"), autocommit=True, prepare_threshold=None
        ) as connection,
    ):
        yield connection


def in_duckdb(card: Card, rows: list[Row]) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.execute(_table(card))
        marks = ", ".join("?" * (len(card.columns) + 1))
        for number, row in enumerate(rows):
            values = [number, *map(row.get, card.columns)]
            connection.execute(f"INSERT INTO features VALUES ({marks})", values)
        text = card_sql(card, "duckdb", keys=(KEY,))
        return connection.execute(f"SELECT * FROM ({text}) AS t ORDER BY {KEY}").fetchall()


def in_postgres(
    connection: psycopg.Connection[Any], card: Card, rows: list[Row]
) -> list[tuple[Any, ...]]:
    connection.execute("DROP TABLE IF EXISTS features")
    connection.execute(_table(card).encode())
    marks = ", ".join(["%s"] * (len(card.columns) + 1))
    for number, row in enumerate(rows):
        connection.execute(
            f"INSERT INTO features VALUES ({marks})".encode(),
            [number, *map(row.get, card.columns)],
        )
    text = card_sql(card, "postgres", keys=(KEY,))
    return connection.execute(f"SELECT * FROM ({text}) AS t ORDER BY {KEY}".encode()).fetchall()


def _table(card: Card) -> str:
    columns = [
        f"{quoted(name)} {'VARCHAR' if sides[name].levels else 'DOUBLE PRECISION'}"
        for sides in [_sides(card)]
        for name in card.columns
    ]
    return f"CREATE TABLE features ({', '.join([f'{KEY} INTEGER', *columns])})"


def _sides(card: Card) -> dict[str, Binning | Side]:
    return dict(side for factor in card.factors for side in factor.sides)


def in_python(card: Card, rows: list[Row]) -> list[tuple[Any, ...]]:
    found = []
    for number, row in enumerate(rows):
        points, unknown = [], False
        for factor in card.factors:
            try:
                points.append(factor.points[bin_of(factor, row)])
            except InputProblem:
                points.append(min(factor.points))
                unknown = True
        score = card.constant + sum(points)
        found.append((number, *points, unknown, score, pd_of_score(card.scale, score)))
    return found


names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
numbers = st.floats(allow_nan=False, allow_infinity=False)
points = st.integers(0, 60)


@st.composite
def factors(draw: st.DrawFn, name: str) -> Factor:
    if draw(st.booleans()):
        levels = tuple(draw(st.lists(names, min_size=1, max_size=5, unique=True)))
        cut = draw(st.integers(0, len(levels) - 1))
        groups = tuple(group for group in (levels[:cut], levels[cut:]) if group)
        edges: tuple[float, ...] = ()
        bins = len(groups) + 1
    else:
        levels, groups = (), ()
        edges = tuple(sorted(set(draw(st.lists(numbers, max_size=4)))))
        bins = len(edges) + 2
    nothing = (0.0,) * bins
    binning = Binning(edges, (0,) * bins, nothing, nothing, nothing, 1, 0.0, levels, groups)
    own = draw(st.lists(points, min_size=bins, max_size=bins))
    return Factor(name, binning, 1.0, tuple(own))


@st.composite
def pairs(draw: st.DrawFn, singles: tuple[Factor, ...]) -> Factor:
    """Two of the columns crossed, a number cut elsewhere than by itself."""
    sides = []
    for factor in draw(st.permutations(singles))[:2]:
        binning = factor.binning
        edges = () if binning.levels else tuple(sorted(set(draw(st.lists(numbers, max_size=3)))))
        sides.append(Side(factor.name, edges, binning.levels, binning.groups))
    bins = draw(st.integers(1, 4))
    nothing = (0.0,) * bins
    row = st.tuples(*[st.integers(0, bins - 1)] * (sides[1].missing + 1))
    cells = draw(st.tuples(*[row] * (sides[0].missing + 1)))
    cross = Cross((sides[0], sides[1]), cells)
    binning = Binning((), (0,) * bins, nothing, nothing, nothing, 1, 0.0, cross=cross)
    own = draw(st.lists(points, min_size=bins, max_size=bins))
    return Factor(cross.name, binning, 1.0, tuple(own))


@st.composite
def cards_and_rows(draw: st.DrawFn) -> tuple[Card, list[Row]]:
    chosen = draw(st.lists(names, min_size=1, max_size=4, unique_by=str.lower))
    made = tuple(draw(factors(name)) for name in chosen)
    crossed = (draw(pairs(made)),) if len(made) > 1 and draw(st.booleans()) else ()
    whole = (*made, *crossed)
    card = Card(CardKind.FITTED, Scale(), draw(st.integers(-50, 700)), whole, 0.05, 0.05)
    values = {
        factor.name: st.none() | st.sampled_from([*factor.binning.levels, "elsewhere", "NaN"])
        if factor.binning.levels
        else st.none() | st.floats() | st.sampled_from([*factor.binning.edges, math.nan])
        for factor in made
    }
    return card, draw(st.lists(st.fixed_dictionaries(values), min_size=1, max_size=4))


def test_both_engines_give_the_card_to_the_digit(postgres: psycopg.Connection[Any]) -> None:
    @given(cards_and_rows())
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def agree(case: tuple[Card, list[Row]]) -> None:
        card, rows = case
        expected = in_python(card, rows)
        assert in_duckdb(card, rows) == expected
        assert in_postgres(postgres, card, rows) == expected

    agree()


def test_a_fitted_card_scores_alike_everywhere(postgres: psycopg.Connection[Any]) -> None:
    traders = make_traders(3, 1500)
    fitted = ("margin", "age", "delay", "trade")
    card = Scorecard(names=fitted, levels=LEVELS).fit(traders.X, traders.bad).card_
    rows: list[Row] = [
        {
            name: None
            if np.isnan(value)
            else TRADES[int(value)]
            if name == "trade"
            else float(value)
            for name, value in zip(fitted, row, strict=True)
        }
        for row in traders.X[:150]
    ]
    expected = in_python(card, rows)
    assert in_duckdb(card, rows) == expected
    assert in_postgres(postgres, card, rows) == expected
    assert not any(row[-3] for row in expected)


def card_of(*called: str, points: tuple[int, ...] = (5, 0)) -> Card:
    plain = Binning((), (0, 0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0), 1, 0.0)
    made = tuple(Factor(name, plain, 1.0, points) for name in called)
    return Card(CardKind.FITTED, Scale(), 500, made, 0.05, 0.05)


def test_names_that_an_engine_cannot_tell_apart_are_refused() -> None:
    with pytest.raises(InputProblem) as caught:
        card_sql(card_of("Sales", "sales"), "duckdb")
    assert str(caught.value) == (
        "error: sales_points: The database would take it for Sales_points. Rename one of the two."
    )
    assert "Sales_points" in card_sql(card_of("Sales", "sales"), "postgres")
    with pytest.raises(InputProblem, match="The database would take it for score"):
        card_sql(card_of("a"), "postgres", keys=("score",))


@pytest.mark.parametrize("name", ["", "a\0b", "企" * 21])
def test_names_that_postgresql_would_cut_are_refused(name: str) -> None:
    with pytest.raises(InputProblem, match="It cannot be a name in this database: it is empty"):
        card_sql(card_of(name), "postgres")


def test_a_card_of_too_many_scores_is_refused() -> None:
    many = [card_of(f"x{n}", points=(3**n, 0)).factors[0] for n in range(15)]
    card = Card(CardKind.FITTED, Scale(), 0, tuple(many), 0.05, 0.05)
    with pytest.raises(InputProblem, match="The card can reach more than 20,000 scores, too many"):
        card_sql(card, "duckdb")
