"""Values of a case file: money, rates, dates and numbers, or a finding that names what is none."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from tradeline.kernel.findings import Finding, InputProblem, Severity

REMEDY = "See docs/reference/loan-cases.md."


def outside(where: str, message: str) -> Finding:
    """A word or value that the vocabulary of the cases does not have."""
    return Finding("outside-vocabulary", Severity.ERROR, where, message, REMEDY)


GREATEST = 999_999_999


@dataclass(slots=True)
class Reader:
    """Reads values of a file and collects what is wrong with them."""

    findings: list[Finding] = field(default_factory=list)
    digits: int = 2

    def refuse(self, where: str, message: str) -> None:
        """Note a word or value that cannot be taken."""
        self.findings.append(outside(where, message))

    def stop_if_refused(self) -> None:
        """InputProblem with all that was noted, if anything was."""
        if self.findings:
            raise InputProblem(self.findings)

    def table(self, where: str, value: object, known: Mapping[str, object]) -> dict[str, Any]:
        """A table whose keys are all known; empty if it is none."""
        if not isinstance(value, dict):
            self.refuse(where, f"{_shown(value)} is no table of keys.")
            return {}
        for key in value:
            if key not in known:
                self.refuse(where, f"The word '{key}' is not in the vocabulary.")
        return {key: found for key, found in value.items() if key in known}

    def rows(self, where: str, value: object) -> list[Any]:
        """A list; empty if it is none."""
        if isinstance(value, list):
            return value
        self.refuse(where, f"{_shown(value)} is no list.")
        return []

    def text(self, where: str, value: object) -> str:
        """A text."""
        if isinstance(value, str):
            return value
        self.refuse(where, f"{_shown(value)} is no text.")
        return ""

    def one_of(self, where: str, value: object, known: Mapping[str, Any]) -> Any:
        """What one of the known words stands for; None if it is none of them."""
        if isinstance(value, str) and value in known:
            return known[value]
        self.refuse(where, f"The value {_shown(value)} is not in the vocabulary.")
        return None

    def decimal(self, where: str, value: object) -> Decimal:
        """A decimal number, written as text or as a number."""
        if isinstance(value, (str, int, Decimal)) and not isinstance(value, bool):
            try:
                found = Decimal(value)
            except InvalidOperation:
                found = Decimal("NaN")
            if found.is_finite():
                return found
        self.refuse(where, f"{_shown(value)} is no decimal number.")
        return Decimal(0)

    def number(self, where: str, value: object) -> int:
        """A whole number from 0 on, written as a number or as text."""
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= GREATEST:
            return value
        if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value):
            return int(value)
        self.refuse(where, f"{_shown(value)} is no whole number.")
        return 0

    def money(self, where: str, value: object) -> int:
        """An amount in minor units; no more decimals than the currency has."""
        amount = self.decimal(where, value).scaleb(self.digits)
        if amount != amount.to_integral_value():
            self.refuse(where, f"{_shown(value)} has more than {self.digits} decimals.")
        return int(amount)

    def rate(self, where: str, value: object) -> Fraction:
        """A part, from percent."""
        return Fraction(self.decimal(where, value)) / 100

    def date(self, where: str, value: object) -> date:
        """A day, written like 2024-12-31."""
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        self.refuse(where, f"{_shown(value)} is no date.")
        return date.min

    def each(self, read: Callable[[str, object], Any], where: str, value: object) -> Any:
        """What a reading gives, or None for null, where nothing is stated."""
        return None if value is None else read(where, value)


def _shown(value: object) -> str:
    shown = f"'{value}'" if isinstance(value, str) else str(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def written(minor: int, digits: int = 2) -> str:
    """An amount in minor units as text with its decimals."""
    return f"{Decimal(minor).scaleb(-digits):.{digits}f}"
