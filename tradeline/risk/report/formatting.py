"""How the report writes money, shares, numbers and texts that come from data: here only."""

from math import isfinite

from tradeline.kernel.money import minor_per_unit
from tradeline.kernel.texts import clean
from tradeline.risk.report.data import Interval

NOT_KNOWN = "–"
NAME_LENGTH = 80
NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


def name(text: str) -> str:
    """A name from the data, short enough for a line; `(no name)` if nothing is left."""
    return clean(text, NAME_LENGTH).strip() or "(no name)"


def money(minor: float | None, currency: str) -> str:
    """Minor units as whole currency units, rounded half to even, such as `CNY 1,250,000`."""
    if minor is None or not isfinite(minor):
        return NOT_KNOWN
    units = round(minor / minor_per_unit(currency))
    return f"{clean(currency, 3)}{NBSP}{_signed(f'{units:,}')}"


def compact(value: float) -> str:
    """A number short enough for an axis: `950`, `12k`, `1.5M`, `2bn`."""
    for size, letter in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return _signed(f"{value / size:.4g}") + letter
    return _signed(f"{value:.4g}")


def compact_money(minor: float, currency: str) -> str:
    """Minor units as a short number of currency units, for an axis."""
    return compact(minor / minor_per_unit(currency))


def percent(share: float | None, digits: int = 1) -> str:
    """A share as per cent: 0.0845 is `8.45 %` at two digits."""
    if share is None or not isfinite(share):
        return NOT_KNOWN
    return f"{_signed(f'{100 * share:,.{digits}f}')}{NBSP}%"


def chance(share: float | None) -> str:
    """A probability as per cent, with two decimals below 1 %: 0.0062 is `0.62 %`."""
    if share is not None and 0 < share < 0.0001:
        return f"under{NBSP}0.01{NBSP}%"
    return percent(share, 2 if share is not None and 0 < share < 0.00995 else 1)


def chance_range(interval: Interval | None) -> str:
    """The ends of an interval of probabilities, such as `0.42 % to 3.4 %`."""
    if interval is None:
        return NOT_KNOWN
    return f"{chance(interval.low)} to {chance(interval.high)}"


def number(value: float | None, digits: int | None = None) -> str:
    """A number with thousands separators; without `digits`, at most two decimals."""
    if value is None or not isfinite(value):
        return NOT_KNOWN
    if digits is not None:
        return _signed(f"{value:,.{digits}f}")
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return _signed(text)


def points(value: float) -> str:
    """Points with their sign."""
    text = number(round(value, 1))
    return f"+{text}" if value > 0 and text != "0" else text


def count(how_many: int, one: str, many: str = "") -> str:
    """A count with its noun: `1 firm`, `2,000 firms`."""
    noun = one if how_many == 1 else many or one + "s"
    return f"{how_many:,}{NBSP}{noun}"


def _signed(text: str) -> str:
    text = text.replace("-", MINUS)
    return text.lstrip(MINUS) if not any(digit in text for digit in "123456789") else text
