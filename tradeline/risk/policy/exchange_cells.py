"""Cells of other engines' decision tables: S-FEEL unary tests (DMN 1.x) and those of ZEN (JDM).

Only what means the same in both is read or written; `CellProblem` says what does not fit. A cell
that compares with another column, calls a function or computes is none of ours.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tradeline.kernel.strict_json import strict_json
from tradeline.risk.policy.cells import (
    ANY,
    KNOWN,
    Cell,
    CellProblem,
    Interval,
    Kind,
    UnaryTest,
    Value,
    normal,
    value_text,
)


class Dialect(StrEnum):
    """Whose cells they are."""

    FEEL = "S-FEEL"
    ZEN = "ZEN"


TOKEN = re.compile(
    r"""\s*(?:("(?:[^"\\]|\\.)*")|('(?:[^'\\]|\\.)*')|date\(\s*"([^"]*)"\s*\)"""
    r"|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(\.\.|<=|>=|!=|==|[<>=\[\](),-])|([^\W\d]\w*))"
)
KINDS = {str: Kind.CATEGORY, bool: Kind.BOOLEAN, float: Kind.NUMBER, date: Kind.DATE}
WORDS: dict[str, Value] = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class _Token:
    """A sign or word, or a value; `null` is a word."""

    text: str
    value: Value | None = None


def read_cell(text: str, dialect: Dialect) -> tuple[Cell, Kind | None]:
    """The cell that a text says, and the kind of its values, None where it names none.

    Texts are taken for levels, numbers for numbers. Raises CellProblem for what does not fit.
    """
    tokens = _tokens(text, dialect)
    if not tokens or [token.text for token in tokens] == ["-"]:
        return ANY, None
    cell = normal(_Parser(tokens, dialect, text.strip()).cell())
    ends = [end for test in cell.tests if test.interval
            for end in (test.interval.low, test.interval.high) if end is not None]  # fmt: skip
    values = [*ends, *(value for test in cell.tests for value in test.values)]
    kinds = {KINDS[type(value)] for value in values}
    if len(kinds) > 1:
        raise CellProblem(f"`{text.strip()}` mixes {' and '.join(sorted(kinds))}")
    return cell, kinds.pop() if kinds else None


def read_literal(text: str, dialect: Dialect) -> Value | None:
    """The value that an output cell states, None for an empty one; else CellProblem."""
    tokens = _tokens(text, dialect)
    if not tokens or [token.text for token in tokens] in (["-"], ["null"]):
        return None
    if len(tokens) != 1 or tokens[0].value is None:
        raise CellProblem(f"`{text.strip()}` is no value: only texts, numbers, flags and dates fit")
    return tokens[0].value


def write_cell(cell: Cell, dialect: Dialect) -> str:
    """The text of a cell in a dialect; CellProblem if it cannot be said there."""
    if cell == ANY:
        return "-" if dialect is Dialect.FEEL else ""
    if cell.stale:
        raise CellProblem(f"`stale` cannot be said in {dialect}")
    if cell == Cell((KNOWN,)):
        return "not(null)" if dialect is Dialect.FEEL else "!= null"
    if any(test.negated for test in cell.tests):
        return _negation(cell, dialect)
    parts = ["null"] if cell.missing else []
    for test in cell.tests:
        parts += [write_literal(value, dialect) for value in test.values]
        parts += [_interval(test.interval, dialect)] if test.interval else []
    return ", ".join(parts)


def write_literal(value: Value, dialect: Dialect) -> str:
    """The text of a value in a dialect; CellProblem if it cannot be said there."""
    if isinstance(value, str):
        return strict_json(str(value), indent=None)
    if isinstance(value, date):
        if dialect is Dialect.ZEN:
            raise CellProblem(f"the date {value} cannot be said in {dialect}, which has only texts")
        return f'date("{value.isoformat()}")'
    return value_text(value)


def _negation(cell: Cell, dialect: Dialect) -> str:
    if len(cell.tests) > 1 or cell.missing:
        raise CellProblem(f"`not` beside other tests cannot be said in {dialect}")
    (test,) = cell.tests
    if dialect is Dialect.FEEL:
        return f"not({write_cell(Cell((UnaryTest(test.values, test.interval),)), dialect)})"
    if test.interval:
        return f"not in {_interval(test.interval, dialect)}"
    return " and ".join(f"!= {write_literal(value, dialect)}" for value in test.values)


def _interval(interval: Interval, dialect: Dialect) -> str:
    low, high = interval.low, interval.high
    if low is None and high is not None:
        return f"{'<=' if interval.high_in else '<'} {write_literal(high, dialect)}"
    if high is None and low is not None:
        return f"{'>=' if interval.low_in else '>'} {write_literal(low, dialect)}"
    assert low is not None
    assert high is not None
    left, right = "[" if interval.low_in else "(", "]" if interval.high_in else ")"
    return f"{left}{write_literal(low, dialect)}..{write_literal(high, dialect)}{right}"


def _tokens(text: str, dialect: Dialect) -> list[_Token]:
    found: list[_Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = TOKEN.match(text, at)
        if not match or (match[2] and dialect is Dialect.FEEL):
            raise CellProblem(f"`{text.strip()}` does not fit: `{text[at:end].strip()}`")
        found.append(_token(match))
        at = match.end()
    return found


def _token(match: re.Match[str]) -> _Token:
    double, single, day, number, sign, word = match.groups()
    if double is not None or single is not None:
        return _Token("", _unescaped(double or single))
    if day is not None:
        try:
            return _Token("", date.fromisoformat(day))
        except ValueError:
            raise CellProblem(f"`{day}` is no date") from None
    if number is not None:
        return _Token("", float(number))
    return _Token(sign or word, WORDS.get(word or ""))


def _unescaped(quoted: str) -> str:
    inner = quoted[1:-1].replace("\\'", "'") if quoted[0] == "'" else quoted[1:-1]
    if quoted[0] == "'":
        inner = inner.replace('"', '\\"')
    try:
        return str(json.loads(f'"{inner}"'))
    except ValueError:
        raise CellProblem(f"{quoted} is no text") from None


class _Parser:
    """Reads tokens from left to right."""

    def __init__(self, tokens: Sequence[_Token], dialect: Dialect, text: str) -> None:
        self._tokens, self._dialect, self._text, self._at = tokens, dialect, text, 0

    def cell(self) -> Cell:
        if self._taken("not"):
            cell = self._negated()
        elif self._dialect is Dialect.ZEN and self._sees("!="):
            cell = self._unequal()
        else:
            cell = self._alternatives()
        if self._at < len(self._tokens):
            raise self._unfit()
        return cell

    def _alternatives(self) -> Cell:
        tests: list[UnaryTest] = []
        values: list[Value] = []
        missing = False
        while True:
            if self._taken("null"):
                missing = True
            elif (value := self._value_taken()) is not None:
                values.append(value)
            else:
                tests.append(UnaryTest(interval=self._interval()))
            if not self._taken(","):
                break
        equal = [UnaryTest(tuple(dict.fromkeys(values)))] if values else []
        return Cell((*equal, *tests), missing=missing)

    def _negated(self) -> Cell:
        """What stands after `not`: in brackets (S-FEEL), or `in` a list or range (ZEN)."""
        if self._dialect is Dialect.ZEN:
            return self._not_in()
        self._require("(")
        inner = self._alternatives()
        self._require(")")
        if inner == Cell(missing=True):
            return Cell((KNOWN,))
        if len(inner.tests) != 1 or inner.missing:
            raise CellProblem(f"`{self._text}` does not fit: `not` takes values or one range")
        (test,) = inner.tests
        return Cell((UnaryTest(test.values, test.interval, negated=True),))

    def _not_in(self) -> Cell:
        self._require("in")
        start = self._at
        if self._taken("[") and (first := self._value_taken()) is not None and not self._sees(".."):
            values = [first]
            while self._taken(","):
                values.append(self._value())
            self._require("]")
            return Cell((UnaryTest(tuple(dict.fromkeys(values)), negated=True),))
        self._at = start
        return Cell((UnaryTest(interval=self._interval(), negated=True),))

    def _unequal(self) -> Cell:
        """`!= null`, or unequal to several values."""
        values: list[Value] = []
        while True:
            self._require("!=")
            if not self._taken("null"):
                values.append(self._value())
            if not self._taken("and"):
                return Cell((UnaryTest(tuple(dict.fromkeys(values)), negated=True),))

    def _interval(self) -> Interval:
        for sign in ("<=", ">=", "<", ">"):
            if self._taken(sign):
                value = self._value()
                if sign[0] == "<":
                    return Interval(None, value, high_in=sign == "<=")
                return Interval(value, None, low_in=sign == ">=")
        return self._range()

    def _range(self) -> Interval:
        # ZEN reads `]1..5]` as its contrary, so the brackets that S-FEEL turns round are S-FEEL's.
        turned = self._dialect is Dialect.FEEL
        low_in = self._taken("[")
        if not low_in and not self._taken("(") and not (turned and self._taken("]")):
            raise self._unfit()
        low = self._value()
        self._require("..")
        high = self._value()
        high_in = self._taken("]")
        if not high_in and not self._taken(")") and not (turned and self._taken("[")):
            raise self._unfit()
        if type(low) is not type(high) or low > high:  # type: ignore[operator]
            raise CellProblem(f"`{self._text}` begins after its end")
        return Interval(low, high, low_in, high_in)

    def _value_taken(self) -> Value | None:
        """A value, or a sign of equality and a value, if one stands here."""
        start = self._at
        sign = "=" if self._dialect is Dialect.FEEL else "=="
        self._taken(sign)
        if self._at < len(self._tokens) and self._tokens[self._at].value is not None:
            self._at += 1
            return self._tokens[self._at - 1].value
        self._at = start
        return None

    def _value(self) -> Value:
        value = self._value_taken()
        if value is None:
            raise self._unfit()
        return value

    def _sees(self, text: str) -> bool:
        if self._at >= len(self._tokens):
            return False
        token = self._tokens[self._at]
        return token.text == text and token.value is None

    def _taken(self, text: str) -> bool:
        found = self._sees(text)
        self._at += found
        return found

    def _require(self, text: str) -> None:
        if not self._taken(text):
            raise self._unfit()

    def _unfit(self) -> CellProblem:
        rest = " ".join(
            token.text or write_literal(token.value, Dialect.FEEL)  # type: ignore[arg-type]
            for token in self._tokens[self._at :]
        )
        here = f": `{rest}`" if rest else ", it ends too early"
        return CellProblem(f"`{self._text}` does not fit{here}")
