"""The keys of a YAML table, read by type; everything that is wrong is said, and reading goes on."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from reprlib import Repr
from typing import Any, TypeVar

from tradeline.risk.policy.cells import MAX_WHOLE, CellProblem, Interval, Kind, parse_interval

Content = dict[str, Any]
Words = TypeVar("Words", bound=StrEnum)

# What YAML makes of itself many times over is told in brief.
_BRIEF = Repr()
_BRIEF.maxlevel = 2
brief = _BRIEF.repr

NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(slots=True)
class Fields:
    """What was found wrong so far; a part that cannot be read is left out."""

    problems: list[str] = field(default_factory=list)

    def keys(self, item: object, where: str, known: Sequence[str]) -> Content | None:
        """The item, if it is a table; a key that is not known is a problem."""
        if not isinstance(item, dict):
            self.say(f"{where} must be a table of keys: {', '.join(known)}.")
            return None
        for key in item:
            if key not in known:
                self.say(f"{where}: unknown key {key!r}; known are {', '.join(known)}.")
        return item

    def text(self, content: Content, key: str, where: str, needed: bool = False) -> str:
        """A text; without it, or if it is none, an empty one."""
        value = content.get(key)
        if value is None and not needed:
            return ""
        if not is_text(value):
            said = f"{where} needs `{key}`." if value is None else f"{where}: `{key}` must be text."
            self.say(said)
            return ""
        return str(value)

    def word(
        self,
        content: Mapping[str, Any],
        key: str,
        where: str,
        words: type[Words],
        default: Words | None = None,
        needed: bool = True,
    ) -> Any:
        """One of some words; without it the default, or a problem if it is needed."""
        value = content.get(key)
        if key not in content and (default is not None or not needed):
            return default
        if isinstance(value, str) and value in list(words):
            return words(value)
        said = f"is {brief(value)}" if key in content else "is not stated"
        self.say(f"{where}: `{key}` {said}; write one of {', '.join(words)}.")
        return default

    def whole(
        self, content: Content, key: str, where: str, least: int, most: int, default: Any
    ) -> Any:
        """A whole number within bounds; without it, or if it is none, the default."""
        if key not in content:
            return default
        value = content[key]
        if type(value) is int and least <= value <= most:
            return value
        allowed = f"a whole number from {least:,} to {most:,}"
        self.say(f"{where}: `{key}` is {brief(value)}; it must be {allowed}.")
        return default

    def interval(self, text: object, where: str, kind: Kind) -> Interval | None:
        """The interval that a text says."""
        if not isinstance(text, str):
            self.say(f'{where} must be text such as "[0, 1]" or ">= 0".')
            return None
        try:
            return parse_interval(text, kind)
        except CellProblem as refusal:
            self.say(f"{where}: {refusal}.")
            return None

    def repeated(self, names: Iterable[str], noun: str) -> None:
        """Say which names stand more than once."""
        for name, times in Counter(names).items():
            if times > 1:
                self.say(f"{noun} `{name}` stands {times} times; names tell them apart.")

    def say(self, message: str) -> None:
        """Note a problem."""
        self.problems.append(message)


def fits(value: object, kind: Kind) -> bool:
    """Whether a value of YAML is one of a kind."""
    if kind is Kind.INTEGER:
        return type(value) is int and abs(value) <= MAX_WHOLE
    if kind is Kind.NUMBER:
        return is_number(value)
    if kind is Kind.BOOLEAN:
        return type(value) is bool
    if kind is Kind.DATE:
        return isinstance(value, date) and not isinstance(value, datetime)
    return is_text(value)


def is_number(value: object) -> bool:
    """Whether a value of YAML is a number; its flags are numbers to Python."""
    if type(value) is int:
        return abs(value) <= MAX_WHOLE
    return type(value) is float and math.isfinite(value) and abs(value) <= MAX_WHOLE


def is_text(value: object) -> bool:
    """Whether a value of YAML is a text with something in it."""
    return isinstance(value, str) and bool(value.strip())
