"""Values of a case file, or a finding that names what is outside its vocabulary."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tradeline.lending.value_reader import ValueReader, shown

REMEDY = "See docs/reference/loan-cases.md."


@dataclass(slots=True)
class Reader(ValueReader):
    """Reads a case file."""

    remedy: str = REMEDY
    code: str = "outside-vocabulary"

    def table(self, where: str, value: object, known: Mapping[str, object]) -> dict[str, Any]:
        """A table whose keys are all known; empty if it is none."""
        if not isinstance(value, dict):
            self.refuse(where, f"{shown(value)} is no table of keys.")
            return {}
        for key in value:
            if key not in known:
                self.refuse(where, f"The word '{key}' is not in the vocabulary.")
        return {key: found for key, found in value.items() if key in known}

    def rows(self, where: str, value: object) -> list[Any]:
        """A list; empty if it is none."""
        if isinstance(value, list):
            return value
        self.refuse(where, f"{shown(value)} is no list.")
        return []

    def one_of(self, where: str, value: object, known: Mapping[str, Any]) -> Any:
        """What one of the known words stands for; None if it is none of them."""
        if isinstance(value, str) and value in known:
            return known[value]
        self.refuse(where, f"The value {shown(value)} is not in the vocabulary.")
        return None
