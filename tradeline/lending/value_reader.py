"""Values that stand as texts in files: money, rates, dates and numbers, or what is wrong told."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from tradeline.kernel.findings import Finding, InputProblem, Severity

GREATEST = 999_999_999


@dataclass(slots=True)
class ValueReader:
    """Reads values of a file and collects what is wrong with them; `remedy` says what to do."""

    remedy: str
    code: str = "bad-value"
    digits: int = 2
    findings: list[Finding] = field(default_factory=list)

    def refuse(self, where: str, message: str) -> None:
        """Note a value that cannot be taken."""
        self.findings.append(Finding(self.code, Severity.ERROR, where, message, self.remedy))

    def stop_if_refused(self) -> None:
        """InputProblem with all that was noted, if anything was."""
        if self.findings:
            raise InputProblem(self.findings)

    def text(self, where: str, value: object) -> str:
        """A text."""
        if isinstance(value, str):
            return value
        self.refuse(where, f"{shown(value)} is no text.")
        return ""

    def one_of(self, where: str, value: object, known: Mapping[str, Any]) -> Any:
        """What one of the known words stands for; None if it is none of them."""
        if isinstance(value, str) and value in known:
            return known[value]
        self.refuse(
            where, f"The value {shown(value)} is not known; write one of {', '.join(known)}."
        )
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
        self.refuse(where, f"{shown(value)} is no decimal number.")
        return Decimal(0)

    def number(self, where: str, value: object) -> int:
        """A whole number from 0 on, written as a number or as text."""
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= GREATEST:
            return value
        if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value):
            return int(value)
        self.refuse(where, f"{shown(value)} is no whole number.")
        return 0

    def money(self, where: str, value: object) -> int:
        """An amount in minor units; no more decimals than the currency has."""
        amount = self.decimal(where, value).scaleb(self.digits)
        if amount != amount.to_integral_value():
            self.refuse(where, f"{shown(value)} has more than {self.digits} decimals.")
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
        self.refuse(where, f"{shown(value)} is no date.")
        return date.min

    def each(self, read: Callable[[str, object], Any], where: str, value: object) -> Any:
        """What a reading gives, or None for null, where nothing is stated."""
        return None if value is None else read(where, value)


def shown(value: object) -> str:
    """A value as it is told of: texts in quotes, long ones cut."""
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
