"""A figure of a credit file as it is declared once: which rows, how they add up, its words.

Value, rows behind it and wording follow from the declaration, and from nothing else.
"""

from dataclasses import dataclass
from functools import cache

from tradeline.creditfile.features.events import Condition as RowCondition
from tradeline.creditfile.features.events import Window, require_column
from tradeline.lake.contracts import BY_NAME, Field, Kind
from tradeline.lake.contracts.language import amount_of

EVER = Window()
MONTHS_SHOWN = 36
PARTNERS_SHOWN = 5
UNIT_COLUMNS = {
    ("production_output", "made"): "unit",
    ("production_output", "scrapped"): "unit",
    ("utility_use", "used"): "utility",
}
"""Amounts whose unit stands in another column of the row; that of money stands in `currency`."""

LAST_BY = ("enterprise", "source")
"""Whose numbers they are of which the last row is asked: two members may use the same."""


@dataclass(frozen=True, slots=True)
class Unended:
    """A moment that is empty or lies after the day: what ends then still holds."""

    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return (self.column,)


PARTNER_STANDINGS = ("registered", "not_active", "in_courts", "sued")
"""How registers say that a partner stands; `in_courts`: registered, and courts tell of anybody."""

DERIVED = {
    ("payments", "days_after_order"): amount_of(
        "days_after_order", "days from the order to the payment", "days"
    )
}
"""Columns that a row has together with others: by contract and name."""


@dataclass(frozen=True, slots=True)
class Partner:
    """What registers say of the other side of a row: one of `PARTNER_STANDINGS`."""

    standing: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return ("counterparty",)


Condition = RowCondition | Unended | Partner


def require(contract: str, column: str) -> None:
    """InputProblem unless the rows of a contract have a column."""
    if (contract, column) not in DERIVED:
        require_column(contract, column)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one contract that meet every condition, in a window that ends with the day.

    With `last_of` only the last of them for each value of those columns that a source tells of a
    member (`LAST_BY`), and only if it meets `standing`: of a loan that is told of day by day, how
    it stood last. What several tell with one value of `last_of` and of every column of `one_by` is
    one thing: the strongest last word of it counts, then the latest.
    """

    contract: str
    where: tuple[Condition, ...] = ()
    window: Window = EVER
    last_of: tuple[str, ...] = ()
    standing: tuple[Condition, ...] = ()
    one_by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        conditions = (*self.where, *self.standing)
        asked = (column for condition in conditions for column in condition.columns)
        for column in ("enterprise", *asked, *self.last_of, *self.one_by):
            require(self.contract, column)
        if self.last_of and self.window != EVER:
            raise ValueError("How things stood last has no window.")
        if self.standing and not self.last_of:
            raise ValueError("What stands is asked of the last row of something.")


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows."""

    rows: Rows


@dataclass(frozen=True, slots=True)
class Sum:
    """A column added up, by currency or unit."""

    rows: Rows
    column: str

    def __post_init__(self) -> None:
        require(self.rows.contract, self.column)


@dataclass(frozen=True, slots=True)
class Distinct:
    """How many different values a column has; a row without one does not count."""

    rows: Rows
    column: str

    def __post_init__(self) -> None:
        require(self.rows.contract, self.column)


@dataclass(frozen=True, slots=True)
class Highest:
    """The greatest value of a column."""

    rows: Rows
    column: str

    def __post_init__(self) -> None:
        require(self.rows.contract, self.column)


Total = Count | Sum


@dataclass(frozen=True, slots=True)
class Ratio:
    """One total over another: a share, or a mean where the lower one counts rows."""

    upper: Total
    lower: Total


@dataclass(frozen=True, slots=True)
class Monthly:
    """A total by calendar month, for the months that end with that of the day."""

    total: Sum
    months: int = MONTHS_SHOWN


@dataclass(frozen=True, slots=True)
class Ranked:
    """A total by the values of a column, the greatest of those above zero.

    What they come to all together, the smaller ones too, is what their shares are of.
    """

    total: Sum
    by: str = "counterparty"
    most: int = PARTNERS_SHOWN


@dataclass(frozen=True, slots=True)
class Concentration:
    """How far a total is with few values of a column: their shares, squared and added up.

    It is 1 where all is with one, and 1/n with n of equal size (Herfindahl and Hirschman). Shares
    are of all those above zero.
    """

    total: Sum
    by: str = "counterparty"


Adding = Count | Sum | Distinct | Highest | Ratio | Monthly | Ranked | Concentration


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its name for quoting, its label and what it means to the owner of a firm."""

    id: str
    label: str
    meaning: str
    adding: Adding

    @property
    def rows(self) -> tuple[Rows, ...]:
        """The rows it stands on: of the total, of both sides of a ratio."""
        match self.adding:
            case Ratio(upper, lower):
                return (upper.rows, lower.rows)
            case Monthly(total) | Ranked(total) | Concentration(total):
                return (total.rows,)
            case adding:
                return (adding.rows,)

    @property
    def contracts(self) -> tuple[str, ...]:
        """The contracts of its rows."""
        return tuple(dict.fromkeys(rows.contract for rows in self.rows))


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows that are shown as they are, the newest first, with some of their columns."""

    id: str
    label: str
    meaning: str
    rows: Rows
    columns: tuple[str, ...]

    def __post_init__(self) -> None:
        for column in self.columns:
            require(self.rows.contract, column)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A contract that a part draws on: its name in plain words, and what to bring for it."""

    contract: str
    name: str
    bring: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the file: what it tells of, from which datasets, in which figures and lists."""

    id: str
    title: str
    about: str
    datasets: tuple[Dataset, ...]
    figures: tuple[Figure, ...] = ()
    listings: tuple[Listing, ...] = ()

    @property
    def contracts(self) -> tuple[str, ...]:
        """The names of the contracts that it draws on."""
        return tuple(dataset.contract for dataset in self.datasets)


@cache
def field_of(contract: str, column: str) -> Field:
    """The field of a column."""
    if (contract, column) in DERIVED:
        return DERIVED[contract, column]
    (found,) = (field for field in BY_NAME[contract].fields if field.column == column)
    return found


def unit_column(contract: str, column: str) -> str | None:
    """The column that says in what an amount is counted; None where all rows count in the same."""
    if column and field_of(contract, column).kind is Kind.MONEY:
        return "currency"
    return UNIT_COLUMNS.get((contract, column))


def is_number(contract: str, column: str) -> bool:
    """Whether a column holds numbers that need not be whole."""
    return (contract, column) not in DERIVED and field_of(contract, column).kind in (
        Kind.NUMBER, Kind.SHARE,
    )  # fmt: skip
