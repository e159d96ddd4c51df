"""Cells of other engines are read as they mean them, or refused; never as something else."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from tests.risk.policy.policies import EDGES, chosen, random_cell, values_near
from tradeline.risk.policy.cells import Cell, CellProblem, Kind, cell_text, parse_cell
from tradeline.risk.policy.exchange_cells import (
    Dialect,
    read_cell,
    read_literal,
    write_cell,
)

FEEL, ZEN = Dialect.FEEL, Dialect.ZEN
READ = [
    (FEEL, "-", Kind.NUMBER, "any"),
    (FEEL, "", Kind.NUMBER, "any"),
    (ZEN, "  ", Kind.NUMBER, "any"),
    (FEEL, "5", Kind.NUMBER, "= 5"),
    (FEEL, "= 5", Kind.NUMBER, "= 5"),
    (ZEN, "== -0.5", Kind.NUMBER, "= -0.5"),
    (FEEL, "< 5, >= 10.5", Kind.NUMBER, "< 5 or >= 10.5"),
    (FEEL, "[0..5)", Kind.NUMBER, "[0, 5)"),
    (FEEL, "]0..5[", Kind.NUMBER, "(0, 5)"),
    (ZEN, "(1e-3..5]", Kind.NUMBER, "(0.001, 5]"),
    (FEEL, '"a","b c"', Kind.CATEGORY, "in a, b c"),
    (ZEN, "'it\\'s', \"or\"", Kind.CATEGORY, "in 'it''s', 'or'"),
    (FEEL, 'not("a","b")', Kind.CATEGORY, "not in a, b"),
    (FEEL, "not([1..2])", Kind.NUMBER, "not [1, 2]"),
    (FEEL, "not(> 2)", Kind.NUMBER, "not > 2"),
    (FEEL, "not(null)", Kind.NUMBER, "known"),
    (ZEN, "!= null", Kind.NUMBER, "known"),
    (ZEN, '!= null and != "a" and != "b"', Kind.CATEGORY, "not in a, b"),
    (ZEN, 'not in ["a", "b"]', Kind.CATEGORY, "not in a, b"),
    (ZEN, "not in [1..4]", Kind.NUMBER, "not [1, 4]"),
    (FEEL, "null", Kind.NUMBER, "missing"),
    (FEEL, "null, > 4", Kind.NUMBER, "missing or > 4"),
    (FEEL, "true", Kind.BOOLEAN, "= true"),
    (FEEL, '>= date("2024-02-29")', Kind.DATE, ">= 2024-02-29"),
    (FEEL, '"农业"', Kind.CATEGORY, "= 农业"),
]


@pytest.mark.parametrize(("dialect", "text", "kind", "ours"), READ)
def test_a_cell_of_another_engine_is_read(
    dialect: Dialect, text: str, kind: Kind, ours: str
) -> None:
    assert read_cell(text, dialect)[0] == parse_cell(ours, kind)


REFUSED = [
    (FEEL, "> other_column", "`> other_column` does not fit: `other_column`"),
    (FEEL, "sum(x) > 5", "`sum(x) > 5` does not fit: `sum ( x ) > 5`"),
    (FEEL, "? * 2 > 5", "`? * 2 > 5` does not fit: `? * 2 > 5`"),
    (FEEL, "5 + 1", "`5 + 1` does not fit: `+ 1`"),
    (FEEL, "x", "`x` does not fit: `x`"),
    (FEEL, "'a'", "`'a'` does not fit: `'a'`"),
    (FEEL, "[1..", "`[1..` does not fit, it ends too early"),
    (FEEL, "[1..2", "`[1..2` does not fit, it ends too early"),
    (FEEL, "[5..1]", "`[5..1]` begins after its end"),
    (FEEL, "5,", "`5,` does not fit, it ends too early"),
    (FEEL, '1, "a"', '`1, "a"` mixes category and number'),
    (FEEL, 'date("2024-02-30")', "`2024-02-30` is no date"),
    (FEEL, 'time("08:00:00")', '`time("08:00:00")` does not fit: `time ( "08:00:00" )`'),
    (FEEL, "not(null, 5)", "`not(null, 5)` does not fit: `not` takes values or one range"),
    (FEEL, "not(< 1, > 5)", "`not(< 1, > 5)` does not fit: `not` takes values or one range"),
    (FEEL, "!= 5", "`!= 5` does not fit: `!= 5`"),
    (ZEN, "> 0 and < 10", "`> 0 and < 10` does not fit: `and < 10`"),
    (ZEN, "]1..5]", "`]1..5]` does not fit: `] 1 .. 5 ]`"),
    (ZEN, "startsWith($, 'a')", "`startsWith($, 'a')` does not fit: `$, 'a')`"),
    (ZEN, "$ > 5", "`$ > 5` does not fit: `$ > 5`"),
    (ZEN, 'not("a")', '`not("a")` does not fit: `( "a" )`'),
    (ZEN, "`a${b}`", "``a${b}`` does not fit: ``a${b}``"),
]


@pytest.mark.parametrize(("dialect", "text", "message"), REFUSED)
def test_what_is_no_plain_test_is_refused(dialect: Dialect, text: str, message: str) -> None:
    with pytest.raises(CellProblem) as refusal:
        read_cell(text, dialect)
    assert str(refusal.value) == message


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("seed", range(20))
def test_a_cell_that_can_be_written_is_read_back_and_takes_the_same(
    dialect: Dialect, seed: int
) -> None:
    random = np.random.default_rng([seed, 5])
    for _ in range(50):
        kind = chosen(random, (Kind.NUMBER, Kind.BOOLEAN, Kind.CATEGORY, Kind.DATE))
        cell = random_cell(random, kind)
        try:
            text = write_cell(cell, dialect)
        except CellProblem:
            continue
        again, _ = read_cell(text, dialect)
        assert again.missing == cell.missing
        for value in taken_values(kind):
            assert again.takes(value) == cell.takes(value), (cell_text(cell), text)


def taken_values(kind: Kind) -> list[Any]:
    return list(values_near(kind, EDGES.get(kind, [])))


@pytest.mark.parametrize(
    ("text", "dialect", "message"),
    [
        ("stale", FEEL, "`stale` cannot be said in S-FEEL"),
        ("not = 5 or missing", FEEL, "`not` beside other tests cannot be said in S-FEEL"),
        ("not = 5 or > 7", ZEN, "`not` beside other tests cannot be said in ZEN"),
        ("known or missing", ZEN, "`not` beside other tests cannot be said in ZEN"),
    ],
)
def test_what_a_dialect_cannot_say_is_refused(text: str, dialect: Dialect, message: str) -> None:
    with pytest.raises(CellProblem) as refusal:
        write_cell(parse_cell(text, Kind.NUMBER), dialect)
    assert str(refusal.value) == message


def test_a_date_cannot_be_said_in_zen() -> None:
    with pytest.raises(CellProblem) as refusal:
        write_cell(parse_cell("> 2024-01-01", Kind.DATE), ZEN)
    assert str(refusal.value) == ("the date 2024-01-01 cannot be said in ZEN, which has only texts")


def test_an_output_is_one_value() -> None:
    assert read_literal('"approve"', FEEL) == "approve"
    assert read_literal(" 0.05 ", ZEN) == 0.05
    assert read_literal("false", ZEN) is False
    assert read_literal('date("2024-01-01")', FEEL) == date(2024, 1, 1)
    for nothing in ("", "-", "null"):
        assert read_literal(nothing, FEEL) is None
    with pytest.raises(CellProblem) as refusal:
        read_literal("amount * 0.1", ZEN)
    assert str(refusal.value) == "`amount * 0.1` does not fit: `* 0.1`"
    with pytest.raises(CellProblem) as refusal:
        read_literal("1, 2", FEEL)
    assert str(refusal.value) == ("`1, 2` is no value: only texts, numbers, flags and dates fit")


def test_no_text_breaks_the_reader() -> None:
    random = np.random.default_rng(3)
    signs = [*"[]().,<>=!-+'\"\\0159aé $", "..", "not", "null", "date", "in", "and", "or"]
    for _ in range(3000):
        text = "".join(chosen(random, signs) for _ in range(int(random.integers(1, 9))))
        for dialect in Dialect:
            try:
                cell, _kind = read_cell(text, dialect)
            except CellProblem:
                continue
            assert isinstance(cell, Cell)
