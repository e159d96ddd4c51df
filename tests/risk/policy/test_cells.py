"""A cell says what it takes, is written back as it was meant, and what is no cell says why."""

from datetime import date

import numpy as np
import pytest

from tests.risk.policy.policies import KINDS, LEVELS, chosen, random_cell
from tradeline.risk.policy.cells import (
    ANY,
    KNOWN,
    Cell,
    CellProblem,
    Interval,
    Kind,
    UnaryTest,
    cell_text,
    parse_cell,
    parse_interval,
)

NUMBER, INTEGER, BOOLEAN, CATEGORY, DATE = (
    Kind.NUMBER, Kind.INTEGER, Kind.BOOLEAN, Kind.CATEGORY, Kind.DATE,
)  # fmt: skip

READ = [
    ("any", NUMBER, ANY),
    ("known", NUMBER, Cell((KNOWN,))),
    ("missing", NUMBER, Cell(missing=True)),
    ("stale or missing", NUMBER, Cell(missing=True, stale=True)),
    ("= 5", NUMBER, Cell((UnaryTest((5.0,)),))),
    ("in 1, 2 , 3", INTEGER, Cell((UnaryTest((1, 2, 3)),))),
    ("< 1_000_000", INTEGER, Cell((UnaryTest(interval=Interval(None, 1_000_000, high_in=False)),))),
    ("<=-0.5e-3", NUMBER, Cell((UnaryTest(interval=Interval(None, -0.0005)),))),
    ("> 2024-02-29", DATE,
     Cell((UnaryTest(interval=Interval(date(2024, 2, 29), None, low_in=False)),))),
    (">= 0", NUMBER, Cell((UnaryTest(interval=Interval(0.0, None)),))),
    ("[0,5)", NUMBER, Cell((UnaryTest(interval=Interval(0.0, 5.0, high_in=False)),))),
    ("( 0 , 5 ]", INTEGER, Cell((UnaryTest(interval=Interval(0, 5, low_in=False)),))),
    ("not [0, 5]", NUMBER, Cell((UnaryTest(interval=Interval(0.0, 5.0), negated=True),))),
    ("not in a, b", CATEGORY, Cell((UnaryTest(("a", "b"), negated=True),))),
    ("= retail and wholesale", CATEGORY, Cell((UnaryTest(("retail and wholesale",)),))),
    ("in 'in or out', 'it''s', 农业", CATEGORY,
     Cell((UnaryTest(("in or out", "it's", "农业")),))),
    ("= true", BOOLEAN, Cell((UnaryTest((True,)),))),
    ("missing or < 0 or > 5", NUMBER,
     Cell((UnaryTest(interval=Interval(None, 0.0, high_in=False)),
           UnaryTest(interval=Interval(5.0, None, low_in=False))), missing=True)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "cell"), READ)
def test_a_cell_is_read_as_it_is_written(text: str, kind: Kind, cell: Cell) -> None:
    assert parse_cell(text, kind) == cell
    assert parse_cell(cell_text(cell), kind) == cell


@pytest.mark.parametrize("seed", range(50))
def test_any_cell_is_written_back_to_an_equal_one(seed: int) -> None:
    random = np.random.default_rng(seed)
    for _ in range(20):
        kind = chosen(random, KINDS)
        cell = random_cell(random, kind)
        assert parse_cell(cell_text(cell), kind) == cell


def test_a_level_of_any_signs_can_be_named() -> None:
    for level in (*LEVELS, "'", "''", "a,b", "(x]", "= 5", "missing", " ", "a  b", "a\tb", "any"):
        cell = Cell((UnaryTest((level,)),))
        assert parse_cell(cell_text(cell), CATEGORY) == cell


TESTS = "one of any, known, missing, stale, =, in, <, <=, >, >=, a range such as `[0, 5)`, not"
BROKEN = [
    ("", NUMBER, "it says nothing; write `any` for every value"),
    ("   ", NUMBER, "it says nothing; write `any` for every value"),
    ("5", NUMBER, f"`5` is no test; write `= 5` for a value, else {TESTS}"),
    ("A", CATEGORY, f"`A` is no test; write `= A` for a value, else {TESTS}"),
    ("'any'", CATEGORY, f"`'any'` is no test; write `= 'any'` for a value, else {TESTS}"),
    ("any or missing", NUMBER, "`any` takes everything, so it stands alone"),
    ("missing or", NUMBER, "it says nothing; write `any` for every value"),
    ("not not = 5", NUMBER, "`not` stands once, before a test of a value"),
    ("not known", NUMBER, "`not` stands once, before a test of a value"),
    ("not", NUMBER, "it says nothing; write `any` for every value"),
    ("= 1, 2", NUMBER, "`=` is followed by one value; write `in` before several"),
    ("=", NUMBER, "a value is missing after a sign or a comma"),
    ("in 1,,2", NUMBER, "a value is missing after a sign or a comma"),
    ("in", CATEGORY, "a value is missing after a sign or a comma"),
    ("= five", NUMBER, "`five` is no number"),
    ("= nan", NUMBER, "`nan` is no number"),
    ("< inf", NUMBER, "`inf` is no number"),
    ("< 1e400", NUMBER, "1e400 is beyond 9,007,199,254,740,992"),
    ("< 10%", NUMBER, "`10%` is no number"),
    ("= 5 6", NUMBER, "`5 6` is no number"),
    ("= 0.5", INTEGER, "`0.5` is no whole number"),
    ("= yes", BOOLEAN, "`yes` is no `true` or `false`"),
    ("> 2024-13-01", DATE, "`2024-13-01` is no date such as 2024-12-31"),
    ("< b", CATEGORY, "`< b` compares values of type category, which have no order; use `=` or "
                      "`in`"),
    ("[false, true]", BOOLEAN,
     "`[ false , true ]` compares values of type boolean, which have no order; use `=` or `in`"),
    ("[5, 1]", NUMBER, "`[ 5 , 1 ]` begins after its end"),
    ("[1, 2, 3]", NUMBER, "`[ 1 , 2 , 3 ]` is no range; write it like `[0, 5)`"),
    ("[1, 2", NUMBER, "`[ 1 , 2` is no range; write it like `[0, 5)`"),
    ("[1..2]", NUMBER, "`[ 1..2 ]` is no range; write it like `[0, 5)`"),
    ("= a < b", CATEGORY, "`a < b` is no value; write a text with such signs or words in single "
                          "quotes"),
    ("= rain or shine", CATEGORY,
     f"`shine` is no test; write `= shine` for a value, else {TESTS}"),
    ("= rain in May", CATEGORY, "`rain in May` is no value; write a text with such signs or words "
                                "in single quotes"),
    ("= 'open", CATEGORY, "a quote is not closed in `= 'open`"),
    ("pd > 0.5", NUMBER, f"`pd > 0.5` is no test; a cell is {TESTS}"),
    ("__import__('os')", NUMBER,
     f"`__import__ ( 'os' )` is no test; a cell is {TESTS}"),
    ("x" * 10_001, NUMBER, "it is longer than 10,000 characters"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "message"), BROKEN, ids=range(len(BROKEN)))
def test_what_is_no_cell_says_why(text: str, kind: Kind, message: str) -> None:
    with pytest.raises(CellProblem) as refusal:
        parse_cell(text, kind)
    assert str(refusal.value) == message


@pytest.mark.parametrize("text", ["= 5", "any", "missing", "not [1, 2]", "< 1 or > 2", "known"])
def test_a_range_is_one_stretch(text: str) -> None:
    with pytest.raises(CellProblem) as refusal:
        parse_interval(text, NUMBER)
    assert str(refusal.value) == f"`{text}` is no range"
