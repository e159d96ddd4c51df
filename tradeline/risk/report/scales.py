"""Where a value stands in a chart: round ticks and the frame they span."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def nice_ticks(low: float, high: float, most: int = 6) -> tuple[float, ...]:
    """Round, evenly spaced ticks that cover `low` to `high`, about `most` of them."""
    largest = max(abs(low), abs(high))
    if high - low <= max(1e-9 * largest, 1e-12):
        pad = largest / 2 if largest > 1e-9 else 0.5
        low, high = low - pad, high + pad
    raw = (high - low) / (most - 1)
    size = 10.0 ** floor(log10(raw))
    step = next(step * size for step in STEPS if step * size >= raw * (1 - 1e-9))
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return tuple(float(f"{k * step:.12g}") for k in range(first, last + 1))


def finite(values: Iterable[float | None]) -> tuple[float, ...]:
    """The values that can be drawn."""
    return tuple(value for value in values if value is not None and isfinite(value))


@dataclass(frozen=True, slots=True)
class Frame:
    """A plot of `width` times `height` whose axes run from the first to the last tick."""

    x_ticks: tuple[float, ...]
    y_ticks: tuple[float, ...]
    width: int = 360
    height: int = 256
    left: int = 46
    right: int = 14
    top: int = 28
    bottom: int = 40

    def x(self, value: float) -> float:
        """The horizontal place of a value, held inside the plot."""
        share = _share(value, self.x_ticks)
        return self.left + share * (self.width - self.left - self.right)

    def y(self, value: float) -> float:
        """The vertical place of a value, held inside the plot; larger is higher."""
        share = _share(value, self.y_ticks)
        return self.height - self.bottom - share * (self.height - self.top - self.bottom)


def _share(value: float, ticks: tuple[float, ...]) -> float:
    share = (value - ticks[0]) / (ticks[-1] - ticks[0])
    return min(1.0, max(0.0, share))
