"""Values taken out of a table of YAML by type; of what cannot be taken a value stands in.

So all that is wrong with a file is found in one pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Self, TypeVar

from tradeline.kernel.money import CURRENCIES
from tradeline.lake.yaml_fields import Content, Fields

MOST_UNITS = 1e12
Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Values:
    """A table of the file and where it stands; what is wrong is said to `fields`."""

    fields: Fields
    content: Content
    where: str

    def has(self, key: str) -> bool:
        """Whether something stands there."""
        return self.content.get(key) is not None

    def table(self, key: str, known: Sequence[str]) -> Self:
        """A table within this one; of one that is none, what lacks is not said again."""
        return self.named(key, self.content.get(key), known)

    def named(self, where: str, item: object, known: Sequence[str]) -> Self:
        """A table that stands in a list, by the name that it has where something is wrong."""
        found = self.fields.keys(item, where, known)
        return type(self)(Fields() if found is None else self.fields, found or {}, where)

    def require(self, key: str, holds: bool, must: str) -> None:
        """Say that a value is not what it must be, unless it is."""
        self.fields.require(self.content, key, self.where, holds, must)

    def text(self, key: str) -> str:
        """A text that is not blank."""
        return self.fields.text(self.content, key, self.where, needed=True)

    def currency(self, key: str) -> str:
        """A currency that firms trade in."""
        found = self.content.get(key)
        holds = isinstance(found, str) and found in CURRENCIES
        self.require(key, holds, "a code of ISO 4217 such as CNY")
        return str(found)

    def date(self, key: str) -> date:
        """A date."""
        value = self.content.get(key)
        self.require(key, type(value) is date, "a date such as 2026-01-31")
        return value if type(value) is date else date.min

    def flag(self, key: str, without: bool = False) -> bool:
        """True or false; without it the default."""
        found = self.content.get(key)
        self.require(key, found is None or isinstance(found, bool), "true or false")
        return found if isinstance(found, bool) else without

    def word(self, key: str, words: type[Word], without: Word) -> Word:
        """One of some words; without it the default."""
        found: Word | None = self.fields.word(self.content, key, self.where, words, without)
        return found or without

    def number(self, key: str, least: float, greatest: float) -> float:
        """A number within bounds, both allowed."""
        return self.fields.number(self.content, key, self.where, least, greatest)

    def whole(self, key: str, least: int, greatest: int, without: int = 0) -> int:
        """A whole number within bounds; without it the default."""
        found: int = self.fields.whole(self.content, key, self.where, least, greatest, without)
        return found

    def share(self, key: str, greatest: float) -> Fraction:
        """A share as it is written: 0.084 is 84 thousandths, not the nearest binary number."""
        return Fraction(Decimal(str(self.number(key, 0, greatest))))

    def money_minor(self, key: str, minor_per_unit: int, least: float = 0.0) -> int:
        """An amount in units of a currency, in whole minor units."""
        units = self.number(key, least, MOST_UNITS)
        minor = round(units * minor_per_unit)
        self.require(key, abs(units * minor_per_unit - minor) < 1e-6, "in whole minor units")
        return minor
