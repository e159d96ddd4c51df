"""The language in which features are declared: events, windows, measures and arithmetic on them.

A *measure* is one number for each firm from the rows of one dataset; `feature_sql` turns measures
into SQL. An *expression* is a measure or arithmetic on expressions; `features` evaluates it.
Windows count whole months back from the as-of day, so nothing can look ahead.
"""

from dataclasses import dataclass
from typing import Literal

from tradeline.kernel.findings import problem
from tradeline.lake.contracts import BY_NAME

DERIVED_COLUMNS = ("day",)
"""What every row has besides its contract's columns: the day on which it occurred."""

Direction = Literal[-1, 0, 1]
Source = Literal["invoices", "orders", "bank"]


def counted_months(months: int) -> str:
    """A number of months in words."""
    return f"{months} month" if months == 1 else f"{months} months"


@dataclass(frozen=True, slots=True)
class Window:
    """Whole months that end `offset` months before the as-of day; no `months` means all history.

    Month 0 begins one calendar month before the day after as-of and includes its first day, so an
    as-of at a month's end gives calendar months.
    """

    months: int | None = None
    offset: int = 0

    def __post_init__(self) -> None:
        if self.offset < 0:
            raise problem(
                "feature-looks-ahead",
                "window",
                f"It ends {-self.offset} months after the as-of date, where nothing is known yet.",
                "Give an offset of 0 or more months.",
            )
        if self.months is not None and self.months < 1:
            raise problem(
                "feature-window-empty",
                "window",
                f"It is {self.months} months long.",
                "Give at least one month.",
            )

    @property
    def label(self) -> str:
        """The window in words."""
        length = "all history" if self.months is None else counted_months(self.months)
        return f"{length}, ending {counted_months(self.offset)} back" if self.offset else length


@dataclass(frozen=True, slots=True)
class Compare:
    """A column against a constant."""

    column: str
    operator: Literal["=", "<>", "<", "<=", ">", ">="]
    value: int | str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return (self.column,)


@dataclass(frozen=True, slots=True)
class After:
    """A column later than another of the same row."""

    column: str
    other: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return (self.column, self.other)


@dataclass(frozen=True, slots=True)
class Present:
    """A column that is not empty."""

    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return (self.column,)


@dataclass(frozen=True, slots=True)
class MultipleOf:
    """An amount that is a whole multiple of a step, zero apart."""

    column: str
    step_minor: int

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return (self.column,)


Condition = Compare | After | Present | MultipleOf


@dataclass(frozen=True, slots=True)
class Events:
    """Rows of one contract that meet every condition and lie in the window.

    `absent_is_zero`: where the dataset has rows, a firm without any counts 0. Right for incidents
    such as refunds; elsewhere a firm without rows is missing.
    """

    contract: str
    where: tuple[Condition, ...] = ()
    window: Window = Window()
    absent_is_zero: bool = False

    def __post_init__(self) -> None:
        conditions = (column for condition in self.where for column in condition.columns)
        for column in ("enterprise", "occurred_at", "recorded_at", *conditions):
            require_column(self.contract, column)


def require_column(contract: str, column: str) -> None:
    """Raise `InputProblem` unless the contract exists and has the column."""
    if contract not in BY_NAME:
        known = ", ".join(BY_NAME)
        raise problem(
            "feature-contract", contract, "No contract has that name.", f"Use one of: {known}."
        )
    columns = (*BY_NAME[contract].columns, *DERIVED_COLUMNS)
    if column not in columns:
        raise problem(
            "feature-column",
            f"{contract}.{column}",
            "The contract has no such column.",
            f"Use one of: {', '.join(columns)}.",
        )


@dataclass(frozen=True, slots=True)
class _Measure:
    events: Events


@dataclass(frozen=True, slots=True)
class _ColumnMeasure(_Measure):
    column: str

    def __post_init__(self) -> None:
        require_column(self.events.contract, self.column)


@dataclass(frozen=True, slots=True)
class _PartnerMeasure(_Measure):
    by: str

    def __post_init__(self) -> None:
        require_column(self.events.contract, self.by)


@dataclass(frozen=True, slots=True)
class _SharedMeasure(_ColumnMeasure):
    by: str

    def __post_init__(self) -> None:
        require_column(self.events.contract, self.column)
        require_column(self.events.contract, self.by)


@dataclass(frozen=True, slots=True)
class Count(_Measure):
    """How many events."""


@dataclass(frozen=True, slots=True)
class Sum(_ColumnMeasure):
    """The sum of a column; a number is taken to three decimals, so that sums are exact."""

    absolute: bool = False


@dataclass(frozen=True, slots=True)
class Largest(_ColumnMeasure):
    """The largest value of a column."""


@dataclass(frozen=True, slots=True)
class Distinct(_ColumnMeasure):
    """How many different values a column takes."""


@dataclass(frozen=True, slots=True)
class ObservedMonths(_Measure):
    """Months of the window since the firm's first record of the dataset, whatever its kind."""


@dataclass(frozen=True, slots=True)
class ActiveMonths(_Measure):
    """Months of the window with at least one event."""


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
class MeanAge(_ColumnMeasure):
    """Days before as-of at which the events lie on average, weighted by a positive column."""


@dataclass(frozen=True, slots=True)
class Volatility(_ColumnMeasure):
    """Coefficient of variation (population) of monthly sums, months of nothing included.

    Over the observed months; missing below `MONTHS_FOR_VOLATILITY` of them or without a positive
    total.
    """


@dataclass(frozen=True, slots=True)
class Trend(_ColumnMeasure):
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
class SameDayPairs(_ColumnMeasure):
    """Pairs of a positive and a negative event of the same size, partner and day."""


@dataclass(frozen=True, slots=True)
class Circular(_ColumnMeasure):
    """The column's total with partners that also stand on the other side, in `mirror`."""

    mirror: Events


def _require_length(events: Events) -> None:
    if events.window.months is None:
        raise problem(
            "feature-window-endless",
            "window",
            "All history has no earlier window to compare with.",
            "Give the window a length in months.",
        )


MONTHS_FOR_VOLATILITY = 3
MONTHS_FOR_TREND = 6
MONTHS_FOR_SEASONS = 24
LONGEST_TREND_MONTHS = 120

Measure = (
    Count
    | Sum
    | Largest
    | Distinct
    | ObservedMonths
    | ActiveMonths
    | LongestGap
    | DaysSinceLast
    | DaysSinceFirst
    | MeanAge
    | Volatility
    | Trend
    | Herfindahl
    | LargestShare
    | Gained
    | Lost
    | SameDayPairs
    | Circular
)


@dataclass(frozen=True, slots=True)
class Ratio:
    """One expression over another; missing unless the lower one is above zero."""

    upper: "Expression"
    lower: "Expression"


@dataclass(frozen=True, slots=True)
class Difference:
    """One expression less another."""

    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Growth:
    """The recent over the earlier, less one; missing unless the earlier is above zero."""

    recent: "Expression"
    earlier: "Expression"


Expression = Measure | Ratio | Difference | Growth


def measures_of(expression: Expression) -> tuple[Measure, ...]:
    """The measures that an expression stands on, in order, repeats kept."""
    if isinstance(expression, Ratio):
        return measures_of(expression.upper) + measures_of(expression.lower)
    if isinstance(expression, Difference):
        return measures_of(expression.left) + measures_of(expression.right)
    if isinstance(expression, Growth):
        return measures_of(expression.recent) + measures_of(expression.earlier)
    return (expression,)


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature as a credit officer knows it.

    `direction`: +1 if higher is riskier, -1 if higher is safer, 0 if undecided, and `why`.
    `verifiable`: independent sources can confirm a change, which takes `change_months`.
    `fraud_signal`: hints at fabricated trade, so never advice. `possible_consequence`: why it may
    follow from a default rather than foretell it; empty if it hardly can.
    """

    name: str
    source: Source
    unit: str
    meaning: str
    expression: Expression
    direction: Direction
    why: str
    verifiable: bool = False
    change_months: int = 0
    fraud_signal: bool = False
    possible_consequence: str = ""

    @property
    def window(self) -> str:
        """The windows that it looks at, the nearest first."""
        windows = {measure.events.window for measure in measures_of(self.expression)}
        ordered = sorted(windows, key=lambda w: (w.offset, w.months is None, w.months or 0))
        return "; ".join(window.label for window in ordered)
