"""Figure by figure: what a checkpoint expects against what was computed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from tradeline.lending.cases.case import Difference

NOTHING = "nothing"


@dataclass(slots=True)
class Comparison:
    """Counts the figures of one checkpoint that hold, and keeps those that do not."""

    variant: str
    checkpoint: str
    whole_units: bool = False
    figures: int = 0
    differences: list[Difference] = field(default_factory=list)

    def hold(self, figure: str, expected: object, got: object) -> None:
        """Compare one figure; null expects nothing."""
        if expected is None:
            return
        self.figures += 1
        if not self._equal(expected, got):
            shown = NOTHING if got is None else str(got)
            self.differences.append(
                Difference(self.variant, self.checkpoint, figure, str(expected), shown)
            )

    def hold_all(self, figure: str, expected: Mapping[str, Any], got: Mapping[str, Any]) -> None:
        """Compare the figures of one row; what was not computed does not hold."""
        for key, value in expected.items():
            self.hold(f"{figure}: {key}", value, got.get(key))

    def hold_rows(
        self,
        figure: str,
        expected: Sequence[Mapping[str, Any]],
        got: Sequence[Mapping[str, Any]],
    ) -> None:
        """Compare rows one by one; there must be as many."""
        self.hold(f"{figure}: how many", len(expected), len(got))
        for at, row in enumerate(expected, 1):
            found = got[at - 1] if at <= len(got) else {}
            self.hold_all(f"{figure} {at}", row, found)

    def fail(self, figure: str, expected: object, why: str) -> None:
        """Note a figure that could not be computed."""
        self.figures += 1
        self.differences.append(
            Difference(self.variant, self.checkpoint, figure, str(expected), why)
        )

    def _equal(self, expected: object, got: object) -> bool:
        if isinstance(expected, bool) or isinstance(got, bool):
            return expected is got
        first, second = _number(expected), _number(got)
        if first is None or second is None:
            return got is not None and str(expected) == str(got)
        return first == (second.quantize(Decimal(1)) if self.whole_units else second)


def is_nothing(value: object) -> bool:
    """Whether a figure is stated to be 0."""
    return _number(value) == 0


def _number(value: object) -> Decimal | None:
    """A finite number, or None; the sign of nothing does not matter."""
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
