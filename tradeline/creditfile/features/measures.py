"""What can be measured of a firm from the rows of one dataset: one number for each firm.

`fragments` says what each measure is in SQL, `tests/creditfile/features/oracle.py` what it is in
plain loops, `kernel` how it is computed in one pass over sorted rows.
"""

from dataclasses import dataclass

from tradeline.creditfile.features.events import Events, require_column
from tradeline.kernel.findings import problem
from tradeline.lake.contracts import BY_NAME, Kind


@dataclass(frozen=True, slots=True)
class _Measure:
    events: Events


@dataclass(frozen=True, slots=True)
class ColumnMeasure(_Measure):
    """What is measured of a column."""

    column: str

    def __post_init__(self) -> None:
        require_column(self.events.contract, self.column)


@dataclass(frozen=True, slots=True)
class _PartnerMeasure(_Measure):
    by: str

    def __post_init__(self) -> None:
        require_column(self.events.contract, self.by)


@dataclass(frozen=True, slots=True)
class _SharedMeasure(ColumnMeasure):
    by: str

    def __post_init__(self) -> None:
        require_column(self.events.contract, self.column)
        require_column(self.events.contract, self.by)


@dataclass(frozen=True, slots=True)
class Count(_Measure):
    """How many events."""


@dataclass(frozen=True, slots=True)
class Sum(ColumnMeasure):
    """The sum of a column; here and below numbers count to three decimals, so sums are exact."""

    absolute: bool = False


@dataclass(frozen=True, slots=True)
class Largest(ColumnMeasure):
    """The largest value of a column."""


@dataclass(frozen=True, slots=True)
class Latest(ColumnMeasure):
    """The column at the last moment with an event; the largest where several share that moment."""


@dataclass(frozen=True, slots=True)
class Distinct(ColumnMeasure):
    """How many different values a column takes."""


@dataclass(frozen=True, slots=True)
class ObservedMonths(_Measure):
    """Months of the window since the firm's first record of the dataset, whatever its kind."""

    def __post_init__(self) -> None:
        _require_months(self.events)


@dataclass(frozen=True, slots=True)
class ActiveMonths(_Measure):
    """Months of the window with at least one event."""


@dataclass(frozen=True, slots=True)
class ActiveDays(_Measure):
    """Days with at least one event."""


@dataclass(frozen=True, slots=True)
class LongestGap(_Measure):
    """Days between the two successive days of events that lie furthest apart."""


@dataclass(frozen=True, slots=True)
class DaysSinceLast(_Measure):
    """Days from the last event to as-of."""


@dataclass(frozen=True, slots=True)
class DaysSinceFirst(_Measure):
    """Days from the first event to as-of."""


@dataclass(frozen=True, slots=True)
class DaysSince(ColumnMeasure):
    """Days from the latest moment in a column to as-of; negative where that lies ahead."""

    def __post_init__(self) -> None:
        require_column(self.events.contract, self.column)
        fields = BY_NAME[self.events.contract].fields
        if self.column not in {field.column for field in fields if field.kind is Kind.MOMENT}:
            raise problem(
                "feature-no-moment",
                f"{self.events.contract}.{self.column}",
                "Days are counted from moments, and this column holds none.",
                "Name a column of moments.",
            )


@dataclass(frozen=True, slots=True)
class MeanAge(ColumnMeasure):
    """Days before as-of at which the events lie on average, weighted by a positive column."""


@dataclass(frozen=True, slots=True)
class Volatility(ColumnMeasure):
    """Coefficient of variation (population) of monthly sums, months of nothing included.

    Over the observed months; missing below `MONTHS_FOR_VOLATILITY` of them or without a positive
    total.
    """

    def __post_init__(self) -> None:
        require_column(self.events.contract, self.column)
        _require_months(self.events)


@dataclass(frozen=True, slots=True)
class Trend(ColumnMeasure):
    """Least-squares slope of the log of monthly sums on time, per month, of positive months.

    From `MONTHS_FOR_SEASONS` positive months on, the mean of each month of the year is removed
    from both sums and time (the within estimator, by Frisch and Waugh); with fewer it is plain.
    Missing below `MONTHS_FOR_TREND`.
    """

    def __post_init__(self) -> None:
        require_column(self.events.contract, self.column)
        months = self.events.window.months
        if months is None or months > LONGEST_TREND_MONTHS:
            raise problem(
                "feature-trend-too-long",
                "window",
                f"A trend over {self.events.window.label} is not kept exact.",
                f"Give at most {LONGEST_TREND_MONTHS} months.",
            )


@dataclass(frozen=True, slots=True)
class Herfindahl(_SharedMeasure):
    """Sum of squared shares of the column's total by partner; partners of a positive total."""


@dataclass(frozen=True, slots=True)
class LargestShare(_SharedMeasure):
    """The largest partner's share of the column's total; partners of a positive total."""


@dataclass(frozen=True, slots=True)
class Standing(_SharedMeasure):
    """The sum of what stands: of each value of `by`, such as loans, the column as last told.

    Of enterprises that are one, each value that each tells of counts. Of several events at that
    last moment the largest counts.
    """


@dataclass(frozen=True, slots=True)
class Gained(_PartnerMeasure):
    """Partners with events in the window and none in the equally long one before."""

    def __post_init__(self) -> None:
        _require_length(self.events)


@dataclass(frozen=True, slots=True)
class Lost(_PartnerMeasure):
    """Partners without events in the window and with some in the equally long one before."""

    def __post_init__(self) -> None:
        _require_length(self.events)


@dataclass(frozen=True, slots=True)
class SameDayPairs(ColumnMeasure):
    """Pairs of a positive and a negative event of the same size, partner and day."""


@dataclass(frozen=True, slots=True)
class Circular(ColumnMeasure):
    """The column's total with partners that also stand on the other side, in `mirror`."""

    mirror: Events


@dataclass(frozen=True, slots=True)
class Followed(_PartnerMeasure):
    """Values of `by`, such as orders, that an event of `then` with the same value follows.

    It must come `within_days` after the first event of that value, not before it.
    """

    then: Events
    within_days: int

    def __post_init__(self) -> None:
        require_column(self.events.contract, self.by)
        require_column(self.then.contract, self.by)
        if self.within_days < 0:
            raise problem(
                "feature-follows-before",
                "within_days",
                f"What follows cannot come {-self.within_days} days before.",
                "Give 0 or more days.",
            )


def _require_months(events: Events) -> None:
    if events.window.unit != "month":
        raise problem(
            "feature-window-days",
            "window",
            f"It counts months, and the window is {events.window.label} long.",
            "Give the window a length in months.",
        )


def _require_length(events: Events) -> None:
    if events.window.length is None:
        raise problem(
            "feature-window-endless",
            "window",
            "All history has no earlier window to compare with.",
            "Give the window a length.",
        )


MONTHS_FOR_VOLATILITY = 3
MONTHS_FOR_TREND = 6
MONTHS_FOR_SEASONS = 24
LONGEST_TREND_MONTHS = 120

Measure = (
    Count
    | Sum
    | Largest
    | Latest
    | Distinct
    | ObservedMonths
    | ActiveMonths
    | ActiveDays
    | LongestGap
    | DaysSinceLast
    | DaysSinceFirst
    | DaysSince
    | MeanAge
    | Volatility
    | Trend
    | Herfindahl
    | LargestShare
    | Standing
    | Gained
    | Lost
    | SameDayPairs
    | Circular
    | Followed
)


def mirrored(measure: Measure) -> Events | None:
    """The rows of a second dataset that a measure compares its own with."""
    match measure:
        case Circular():
            return measure.mirror
        case Followed():
            return measure.then
        case _:
            return None


def contracts_of(measure: Measure) -> tuple[str, ...]:
    """The datasets that a measure reads."""
    other = mirrored(measure)
    return (measure.events.contract, *([other.contract] if other else []))
