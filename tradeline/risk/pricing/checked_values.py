"""Values taken out of a parsed YAML table one by one, with what is wrong with each collected."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import TypeGuard, TypeVar

from tradeline.risk.pricing.lender_terms import BASIS_POINTS, Curve

MOST_UNITS = 1e12
Choice = TypeVar("Choice", bound=StrEnum)


class CheckedValues:
    """Takes values by the way to them, `amount.least`; `wrong` says what cannot be taken.

    What is wrong gives a value that stands in, so that all that is wrong is found in one pass.
    """

    def __init__(self, content: object) -> None:
        self.content: Mapping[object, object] = content if isinstance(content, Mapping) else {}
        self.wrong: list[str] = []
        if not isinstance(content, Mapping):
            self.wrong.append("The file must be a table of keys.")

    def only(self, known: Iterable[str]) -> None:
        """Note every key that is not known."""
        known = tuple(known)
        self.wrong += [
            f"Unknown key {key!r}; known are {', '.join(known)}."
            for key in self.content
            if key not in known
        ]

    def value(self, way: str) -> object:
        """Whatever stands there; None if nothing does."""
        found: object = self.content
        for key in way.split("."):
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    def require(self, way: str, holds: bool, must: str) -> None:
        """Note that a value is not what it must be, unless it is."""
        if not holds:
            value = self.value(way)
            found = "is missing" if value is None else f"is {value!r}"
            self.wrong.append(f"`{way}` {found}; it must be {must}.")

    def text(self, way: str) -> str:
        """A text that is not blank."""
        value = self.value(way)
        self.require(way, isinstance(value, str) and bool(value.strip()), "text")
        return str(value)

    def choice(self, way: str, choices: type[Choice]) -> Choice:
        """One of a few words."""
        found = [choice for choice in choices if choice == self.value(way)]
        self.require(way, bool(found), f"one of {', '.join(choices)}")
        return found[0] if found else next(iter(choices))

    def date(self, way: str) -> date:
        """A date."""
        value = self.value(way)
        self.require(way, type(value) is date, "a date such as 2026-01-31")
        return value if type(value) is date else date.min

    def number(self, way: str, least: float, greatest: float) -> float:
        """A number within bounds, both allowed."""
        value = self.value(way)
        if is_number(value) and least <= value <= greatest:
            return float(value)
        self.require(way, False, f"a number from {least:g} to {greatest:g}")
        return least

    def money_minor(self, way: str, minor_per_unit: int, least: float = 0.0) -> int:
        """An amount in units of a currency, in whole minor units."""
        units = self.number(way, least, MOST_UNITS)
        minor = round(units * minor_per_unit)
        self.require(way, abs(units * minor_per_unit - minor) < 1e-6, "in whole minor units")
        return minor

    def basis_points(self, way: str) -> int:
        """An annual rate above 0 and at most 1, in whole basis points."""
        rate = self.number(way, 1 / BASIS_POINTS, 1.0)
        points = round(rate * BASIS_POINTS)
        self.require(way, abs(rate * BASIS_POINTS - points) < 1e-6, "in whole basis points, 0.0001")
        return points

    def curve(self, way: str, least: float, greatest: float) -> Curve:
        """Pairs of a rising number and a share, the first at most `least`, the last `greatest`."""
        pairs = self.value(way)
        holds = (
            isinstance(pairs, list)
            and bool(pairs)
            and all(isinstance(pair, list) and len(pair) == 2 for pair in pairs)
            and all(is_number(at) and is_number(share) and 0 <= share <= 1 for at, share in pairs)
            and all(one[0] < other[0] for one, other in pairwise(pairs))
            and pairs[0][0] <= least
            and pairs[-1][0] >= greatest
        )
        ends = f"from {least:g} or less to {greatest:g} or more"
        self.require(way, holds, f"pairs of a rising number and a share of 1, {ends}")
        if not isinstance(pairs, list) or not holds:
            return ((0.0, 0.0),)
        return tuple((float(at), float(share)) for at, share in pairs)


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a number; YAML's true and false are numbers to Python."""
    return isinstance(value, int | float) and not isinstance(value, bool)
