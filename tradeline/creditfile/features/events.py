"""Which rows a measure looks at: rows of one dataset, under conditions, in a window of time.

Windows count back from the as-of day, in days or in whole months, so nothing can look ahead.
"""

from dataclasses import dataclass
from typing import Literal

from tradeline.kernel.findings import problem
from tradeline.lake.contracts import BY_NAME

DERIVED_COLUMNS = ("day",)
"""What every row has besides its contract's columns: the day on which it occurred."""

LONGEST_MONTH_DAYS = 31


def counted(number: int, unit: str) -> str:
    """A number of units in words."""
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


@dataclass(frozen=True, slots=True)
class Window:
    """Whole months, or days, that end `offset` of them before the as-of day; neither: all history.

    Month 0 begins one calendar month before the day after as-of and includes its first day, so an
    as-of at a month's end gives calendar months. Day 0 is the as-of day itself.
    """

    months: int | None = None
    offset: int = 0
    days: int | None = None

    def __post_init__(self) -> None:
        if self.offset < 0:
            raise problem(
                "feature-looks-ahead",
                "window",
                f"It ends {counted(-self.offset, self.unit)} after the as-of date, where nothing "
                "is known yet.",
                f"Give an offset of 0 or more {self.unit}s.",
            )
        if self.months is not None and self.days is not None:
            raise problem(
                "feature-window-twofold",
                "window",
                f"It is {self.months} months and {self.days} days long.",
                "Give months or days, not both.",
            )
        if self.length is not None and self.length < 1:
            raise problem(
                "feature-window-empty",
                "window",
                f"It is {counted(self.length, self.unit)} long.",
                f"Give at least one {self.unit}.",
            )

    @property
    def unit(self) -> Literal["month", "day"]:
        """What length and offset count."""
        return "month" if self.days is None else "day"

    @property
    def length(self) -> int | None:
        """How many units it is long; None if it holds all history."""
        return self.months if self.days is None else self.days

    @property
    def end(self) -> int | None:
        """How many units before as-of it begins; None if it holds all history."""
        return None if self.length is None else self.offset + self.length

    @property
    def horizon_days(self) -> int | None:
        """A number of days before as-of that it never reaches; None if it holds all history."""
        if self.end is None:
            return None
        return self.end if self.unit == "day" else self.end * LONGEST_MONTH_DAYS

    @property
    def label(self) -> str:
        """The window in words."""
        length = "all history" if self.length is None else counted(self.length, self.unit)
        return f"{length}, ending {counted(self.offset, self.unit)} back" if self.offset else length

    def before(self) -> "Window":
        """The equally long window before it; ValueError if it holds all history."""
        if self.end is None:
            raise ValueError("All history has no window before it.")
        return Window(self.months, self.end, self.days)


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
