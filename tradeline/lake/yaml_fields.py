"""The keys of a YAML table, read by type; everything that is wrong is said, and reading goes on."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from reprlib import Repr
from typing import Any, TypeGuard, TypeVar

from tradeline.kernel.findings import Finding, InputProblem, Severity

Content = dict[str, Any]
Words = TypeVar("Words", bound=StrEnum)
MAX_WHOLE = 2**53
"""Beyond it a float no longer holds every whole number."""


class _Brief(Repr):
    """What YAML makes of itself many times over is told in brief, keys in the order they stand."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 2

    def repr_dict(self, table: dict[Any, Any], level: int) -> str:
        shown = [
            f"{self.repr1(key, level - 1)}: {self.repr1(value, level - 1)}"
            for key, value in islice(table.items(), self.maxdict)
        ]
        more = ["..."] if len(table) > self.maxdict else []
        return f"{{{', '.join(shown + more)}}}" if level > 0 else "{...}"


brief = _Brief().repr


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
        self.require(content, key, where, False, f"a whole number from {least:,} to {most:,}")
        return default

    def number(self, content: Content, key: str, where: str, least: float, most: float) -> float:
        """A number within bounds, both allowed; the least stands in for what is none."""
        value = content.get(key)
        if is_number(value) and least <= value <= most:
            return float(value)
        self.require(content, key, where, False, f"a number from {least:g} to {most:g}")
        return least

    def require(self, content: Content, key: str, where: str, holds: bool, must: str) -> None:
        """Say that a value is not what it must be, unless it is."""
        if not holds:
            found = f"is {brief(content[key])}" if key in content else "is missing"
            self.say(f"{where}: `{key}` {found}; it must be {must}.")

    def repeated(self, names: Iterable[str], noun: str) -> None:
        """Say which names stand more than once."""
        for name, times in Counter(names).items():
            if times > 1:
                self.say(f"{noun} `{name}` stands {times} times; names tell them apart.")

    def say(self, message: str) -> None:
        """Note a problem."""
        self.problems.append(message)

    def refuse(self, code: str, where: str, remedy: str) -> None:
        """InputProblem with all that was found wrong, if anything was."""
        if self.problems:
            raise InputProblem(
                Finding(code, Severity.ERROR, where, message, remedy) for message in self.problems
            )


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value of YAML is a number; its flags are numbers to Python."""
    if type(value) is int:
        return abs(value) <= MAX_WHOLE
    return type(value) is float and math.isfinite(value) and abs(value) <= MAX_WHOLE


def is_text(value: object) -> bool:
    """Whether a value of YAML is a text with something in it."""
    return isinstance(value, str) and bool(value.strip())
