"""The cells of decision tables: unary tests, read from text and written back to it.

A cell is `any`, or alternatives joined by `or`: `missing`, `stale`, `known`, `= 5`, `in A, B`,
`< 5`, `<= 5`, `> 5`, `>= 5`, ranges such as `[0, 5)`, and `not` before any test of a value. Nothing
else can be said, so that what a table does can be proven.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from tradeline.lake.yaml_fields import MAX_WHOLE

Value = float | int | bool | str | date


class Kind(StrEnum):
    """The type of a value."""

    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CATEGORY = "category"
    TEXT = "text"
    DATE = "date"

    @property
    def is_ordered(self) -> bool:
        """Whether `<` has a meaning."""
        return self in (Kind.NUMBER, Kind.INTEGER, Kind.DATE)


class CellProblem(Exception):
    """What is wrong with the text of a cell, in words that follow the cell's place."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Values between two ends; None is no end."""

    low: Value | None
    high: Value | None
    low_in: bool = True
    high_in: bool = True

    def holds(self, value: Value) -> bool:
        """Whether a value of the same kind lies in it."""
        if self.low is not None and (value < self.low or (value == self.low and not self.low_in)):  # type: ignore[operator]
            return False
        return self.high is None or value < self.high or (value == self.high and self.high_in)  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class UnaryTest:
    """A test of a value that is known: one of `values`, or in the interval; or the contrary.

    `known` is the contrary of no value at all.
    """

    values: tuple[Value, ...] = ()
    interval: Interval | None = None
    negated: bool = False

    def takes(self, value: Value) -> bool:
        """Whether a known value passes."""
        found = value in self.values or (self.interval is not None and self.interval.holds(value))
        return found is not self.negated


@dataclass(frozen=True, slots=True)
class Cell:
    """A value passes if any of the tests takes it; without a test only missing or stale ones do."""

    tests: tuple[UnaryTest, ...] = ()
    missing: bool = False
    stale: bool = False

    def takes(self, value: Value) -> bool:
        """Whether a known value passes."""
        return any(test.takes(value) for test in self.tests)


KNOWN = UnaryTest(negated=True)
ANY = Cell((KNOWN,), missing=True, stale=True)
RESERVED = frozenset(("any", "known", "missing", "stale", "or", "not", "in"))
COMPARISONS: dict[str, Callable[[Value], Interval]] = {
    "<": lambda value: Interval(None, value, high_in=False),
    "<=": lambda value: Interval(None, value),
    ">": lambda value: Interval(value, None, low_in=False),
    ">=": lambda value: Interval(value, None),
}
TOKEN = re.compile(r"\s*(?:'((?:[^']|'')*)'|(<=|>=|[<>=\[\](),])|([^\s'<>=\[\](),]+))")
NUMBER = re.compile(r"[+-]?\d+(?:_\d+)*(?:\.\d+)?(?:[eE][+-]?\d+)?")
LONGEST_CELL = 10_000
TESTS = "any, known, missing, stale, =, in, <, <=, >, >=, a range such as `[0, 5)`, not"


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    is_quoted: bool = False


def parse_cell(text: str, kind: Kind) -> Cell:
    """The cell that a text says; CellProblem if it says none for a column of that kind."""
    alternatives: list[list[_Token]] = [[]]
    for token in _tokens(text):
        if token == _Token("or"):
            alternatives.append([])
        else:
            alternatives[-1].append(token)
    if alternatives == [[_Token("any")]]:
        return ANY
    tests: list[UnaryTest] = []
    states = {"missing": False, "stale": False}
    for tokens in alternatives:
        word = tokens[0].text if len(tokens) == 1 and not tokens[0].is_quoted else ""
        if word in states:
            states[word] = True
        elif word == "any":
            raise CellProblem("`any` takes everything, so it stands alone")
        else:
            tests.append(_test(tokens, kind))
    return normal(Cell(tuple(tests), **states))


def normal(cell: Cell) -> Cell:
    """The cell in its one form: values first and each once, `not > 5` as `<= 5`."""
    values = [value for test in cell.tests if not test.negated for value in test.values]
    others = [_turned(test) for test in cell.tests if test.negated or test.interval]
    equal = [UnaryTest(tuple(dict.fromkeys(values)))] if values else []
    return replace(cell, tests=tuple(dict.fromkeys((*equal, *others))))


def _turned(test: UnaryTest) -> UnaryTest:
    """A negated interval of one end as its complement."""
    interval = test.interval
    if not test.negated or interval is None:
        return test
    if interval.low is None and interval.high is not None:
        return UnaryTest(interval=Interval(interval.high, None, low_in=not interval.high_in))
    if interval.high is None and interval.low is not None:
        return UnaryTest(interval=Interval(None, interval.low, high_in=not interval.low_in))
    return test


def parse_interval(text: str, kind: Kind) -> Interval:
    """The interval that a text such as `[0, 1]` or `>= 0` says; CellProblem if it says none."""
    cell = parse_cell(text, kind)
    if len(cell.tests) != 1 or cell.missing or cell.stale or cell.tests[0].negated:
        raise CellProblem(f"`{text}` is no range")
    interval = cell.tests[0].interval
    if interval is None:
        raise CellProblem(f"`{text}` is no range")
    return interval


def _tokens(text: str) -> list[_Token]:
    if len(text) > LONGEST_CELL:
        raise CellProblem(f"it is longer than {LONGEST_CELL:,} characters")
    found, at = [], 0
    end = len(text.rstrip())
    while at < end:
        match = TOKEN.match(text, at)
        if not match:
            raise CellProblem(f"a quote is not closed in `{text.strip()}`")
        quoted, sign, word = match.groups()
        found.append(_Token(quoted.replace("''", "'"), True) if quoted is not None
                     else _Token(sign or word))  # fmt: skip
        at = match.end()
    return found


def _test(tokens: Sequence[_Token], kind: Kind) -> UnaryTest:
    """One alternative: a test of a known value."""
    if not tokens:
        raise CellProblem("it says nothing; write `any` for every value")
    first, rest = tokens[0], tokens[1:]
    if first == _Token("known") and not rest:
        return KNOWN
    if first == _Token("not"):
        test = _test(rest, kind)
        if test.negated:
            raise CellProblem("`not` stands once, before a test of a value")
        return UnaryTest(test.values, test.interval, negated=True)
    if first in (_Token("="), _Token("in")):
        values = tuple(_value(part, kind) for part in _split(rest))
        if first.text == "=" and len(values) != 1:
            raise CellProblem("`=` is followed by one value; write `in` before several")
        return UnaryTest(values)
    return UnaryTest(interval=_interval(tokens, kind))


def _interval(tokens: Sequence[_Token], kind: Kind) -> Interval:
    """A comparison or a range."""
    sign = "" if tokens[0].is_quoted else tokens[0].text
    if sign not in (*COMPARISONS, "[", "("):
        raise _unclear(tokens)
    if not kind.is_ordered:
        raise CellProblem(
            f"`{_shown(tokens)}` compares values of type {kind}, which have no order; use `=` or "
            "`in`"
        )
    if sign in COMPARISONS:
        return COMPARISONS[sign](_value(tokens[1:], kind))
    return _range(tokens, kind)


def _range(tokens: Sequence[_Token], kind: Kind) -> Interval:
    ends = _split(tokens[1:-1])
    if tokens[-1].text not in ("]", ")") or len(ends) != 2:
        raise CellProblem(f"`{_shown(tokens)}` is no range; write it like `[0, 5)`")
    low, high = (_value(end, kind) for end in ends)
    if low > high:  # type: ignore[operator]
        raise CellProblem(f"`{_shown(tokens)}` begins after its end")
    return Interval(low, high, tokens[0].text == "[", tokens[-1].text == "]")


def _split(tokens: Sequence[_Token]) -> list[list[_Token]]:
    parts: list[list[_Token]] = [[]]
    for token in tokens:
        if token == _Token(","):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _value(tokens: Sequence[_Token], kind: Kind) -> Value:
    """The value that some words say; several words are one level or text."""
    if not tokens:
        raise CellProblem("a value is missing after a sign or a comma")
    if len(tokens) == 1 and tokens[0].is_quoted:
        text = tokens[0].text
    elif any(t.is_quoted or t.text in RESERVED or not TOKEN.match(t.text)[3] for t in tokens):  # type: ignore[index]
        raise CellProblem(f"`{_shown(tokens)}` is no value; write a text with such signs or words "
                          "in single quotes")  # fmt: skip
    else:
        text = " ".join(token.text for token in tokens)
    return literal(text, kind)


def literal(text: str, kind: Kind) -> Value:
    """A value from its text; CellProblem if it is none of that kind."""
    if kind in (Kind.CATEGORY, Kind.TEXT):
        return text
    if kind is Kind.BOOLEAN and text in ("true", "false"):
        return text == "true"
    if kind in (Kind.NUMBER, Kind.INTEGER) and NUMBER.fullmatch(text):
        number = float(text)
        if abs(number) > MAX_WHOLE:
            raise CellProblem(f"{text} is beyond {MAX_WHOLE:,}")
        if kind is Kind.NUMBER:
            return number
        if number.is_integer():
            return int(number)
    if kind is Kind.DATE:
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise CellProblem(f"`{text}` is no {_NOUNS[kind]}")


_NOUNS = {
    Kind.NUMBER: "number",
    Kind.INTEGER: "whole number",
    Kind.BOOLEAN: "`true` or `false`",
    Kind.DATE: "date such as 2024-12-31",
}


def _shown(tokens: Sequence[_Token]) -> str:
    return " ".join(f"'{token.text}'" if token.is_quoted else token.text for token in tokens)


def _unclear(tokens: Sequence[_Token]) -> CellProblem:
    shown = _shown(tokens)
    is_value = not any(token.text in (*COMPARISONS, *"[](),=") for token in tokens)
    hint = f"write `= {shown}` for a value, else one of" if is_value else "a cell is one of"
    return CellProblem(f"`{shown}` is no test; {hint} {TESTS}")


def cell_text(cell: Cell) -> str:
    """The text that `parse_cell` reads back to an equal cell."""
    if cell == ANY:
        return "any"
    states = [name for name in ("missing", "stale") if getattr(cell, name)]
    return " or ".join([*states, *(_test_text(test) for test in cell.tests)])


def _test_text(test: UnaryTest) -> str:
    if test == KNOWN:
        return "known"
    if test.interval:
        text = interval_text(test.interval)
    else:
        word = "=" if len(test.values) == 1 else "in"
        text = f"{word} {', '.join(value_text(value) for value in test.values)}"
    return f"not {text}" if test.negated else text


def interval_text(interval: Interval) -> str:
    """The text of an interval: a comparison, or a range."""
    low, high = interval.low, interval.high
    if low is None or high is None:
        sign = ("<" if low is None else ">") + (
            "=" if (interval.high_in if low is None else interval.low_in) else ""
        )
        return f"{sign} {value_text(high if low is None else low)}"  # type: ignore[arg-type]
    left, right = "[" if interval.low_in else "(", "]" if interval.high_in else ")"
    return f"{left}{value_text(low)}, {value_text(high)}{right}"


def value_text(value: Value) -> str:
    """A value as a cell writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if _is_plain(value) else "'" + value.replace("'", "''") + "'"
    if isinstance(value, float) and value.is_integer() and abs(value) <= MAX_WHOLE:
        return f"{int(value)}"
    return f"{value}"


def _is_plain(text: str) -> bool:
    words = text.split(" ")
    return all(
        word not in RESERVED and (match := TOKEN.fullmatch(word)) and match[3] == word
        for word in words
    )
