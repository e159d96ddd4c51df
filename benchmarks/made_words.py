"""Words that made tables are made of, and the ways in which people write the same thing twice."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import yaml

Item = TypeVar("Item")
VOWELS, CONSONANTS = "aeiou", "bcdfghjklmnprstvwz"
WORDS: dict[str, list[str]] = yaml.safe_load(
    Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
)
GIVEN, FAMILY = WORDS["given"], WORDS["family"]
CITIES = (
    ("New York", "New York City"), ("Los Angeles", "LA"), ("San Francisco", "SF"),
    ("Chicago", "Chicago"), ("Atlanta", "Atlanta"), ("Santa Monica", "Santa Monica"),
    ("Las Vegas", "Las Vegas"), ("Boston", "Boston"), ("West Hollywood", "W. Hollywood"),
    ("Brooklyn", "New York"), ("Pasadena", "Pasadena"), ("Beverly Hills", "Beverly Hills"),
)  # fmt: skip


class Draw:
    """Chance with the few verbs that the makers of tables need."""

    def __init__(self, seed: int, stream: int) -> None:
        self.rng = np.random.default_rng([seed, stream])

    def one(self, items: Sequence[Item]) -> Item:
        """One of the items."""
        return items[int(self.rng.integers(len(items)))]

    def some(self, items: Sequence[Item], count: int) -> list[Item]:
        """Several different items, in an order of chance."""
        chosen = self.rng.choice(len(items), size=min(count, len(items)), replace=False)
        return [items[int(place)] for place in chosen]

    def often(self, items: Sequence[Item]) -> Item:
        """One of the items, the first ones far more often, as words of a language are."""
        place = int(len(items) * self.rng.random() ** 2.5)
        return items[place]

    def number(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        return int(self.rng.integers(low, high + 1))

    def true(self, share: float) -> bool:
        """Whether a thing happens that happens in this share of cases."""
        return bool(self.rng.random() < share)

    def word(self, syllables: int) -> str:
        """A word that no dictionary has."""
        parts = [self.one(CONSONANTS) + self.one(VOWELS) for _ in range(syllables)]
        return ("".join(parts) + self.one(("", "n", "r", "s", "l"))).capitalize()

    def typo(self, text: str) -> str:
        """The text with one letter lost, doubled, exchanged or replaced."""
        if len(text) < 4:
            return text
        place = self.number(1, len(text) - 2)
        before, here, after = text[:place], text[place], text[place + 1 :]
        made = self.number(0, 3)
        if made == 0:
            return before + after
        if made == 1:
            return before + here + here + after
        if made == 2:
            return before + after[0] + here + after[1:]
        return before + self.one(CONSONANTS) + after

    def worn(self, text: str, share: float) -> str:
        """The text, with a typing error in this share of cases."""
        return self.typo(text) if self.true(share) else text

    def or_none(self, text: str, share: float) -> str:
        """The text, or nothing in this share of cases."""
        return "" if self.true(share) else text

    def person(self) -> tuple[str, str]:
        """A given name and a family name, often a rare one."""
        family = self.one(FAMILY) if self.true(0.5) else self.word(self.number(2, 3))
        return self.one(GIVEN), family
