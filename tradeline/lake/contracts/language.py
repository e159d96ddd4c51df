"""The language of contracts: kinds of value, fields, contracts, and the fields that many share.

Money is read in currency units and kept as integer minor units in a column that ends in `_minor`.
Periods are half-open: `period_start` belongs to the period, `period_end` to the next.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

# Years beyond these are slips of the pen, or stand for "never".
YEARS = (1970, 2199)
MINOR_UNITS = "minor units of the currency"


class Kind(StrEnum):
    """What a field's values are."""

    TEXT = "text"
    MONEY = "money"
    MOMENT = "moment"
    NUMBER = "number"
    SHARE = "share"
    CHOICE = "choice"
    FLAG = "flag"


SQL_TYPES = {
    Kind.TEXT: "VARCHAR",
    Kind.MONEY: "BIGINT",
    Kind.MOMENT: "TIMESTAMP",
    Kind.NUMBER: "DOUBLE",
    Kind.SHARE: "DOUBLE",
    Kind.CHOICE: "VARCHAR",
    Kind.FLAG: "BOOLEAN",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its kind, unit and meaning, and the names by which real files call it.

    `flag` is true or false, `moment` is UTC. `choices` are the allowed values of a `choice`;
    `lowest` and `highest` bound a number, a share or money (in currency units). `personal` is
    whether the value tells of a natural person.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    required: bool = True
    choices: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None
    aliases: tuple[str, ...] = ()
    personal: bool = False

    @property
    def column(self) -> str:
        """The column's name once read: money gains `_minor`."""
        return f"{self.name}_minor" if self.kind is Kind.MONEY else self.name

    @property
    def sql_type(self) -> str:
        """The column's type in the lake."""
        return SQL_TYPES[self.kind]


@dataclass(frozen=True, slots=True)
class Contract:
    """One dataset: its fields, the key that makes a row unique, and what takes a row back.

    `subject` is the field that tells apart the natural persons of whom personal fields speak; it
    is empty where the contract has none.
    """

    name: str
    meaning: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    reversal: str = "Rows are never taken back."
    subject: str = ""

    def field(self, name: str) -> Field:
        """The field of that name; KeyError if the contract has none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns in the lake, in order."""
        return tuple(field.column for field in self.fields)

    @property
    def personal_columns(self) -> tuple[str, ...]:
        """The names of the columns in the lake that tell of natural persons, in order."""
        return tuple(field.column for field in self.fields if field.personal)


ENTERPRISE = Field(
    "enterprise",
    Kind.TEXT,
    "the firm's identifier in this folder",
    aliases=("enterprise_id", "company", "firm", "seller_id", "merchant", "企业代号", "企业"),
)
OCCURRED_AT = Field(
    "occurred_at",
    Kind.MOMENT,
    "when it was true",
    "UTC",
    aliases=("date", "datetime", "time", "invoice_date", "order_date", "开票日期", "日期"),
)
RECORDED_AT = Field(
    "recorded_at",
    Kind.MOMENT,
    "when we learned of it",
    "UTC",
    aliases=("known_at", "created_at", "received_at", "loaded_at"),
)
CURRENCY = Field("currency", Kind.TEXT, "ISO 4217 code", required=False, aliases=("ccy",))


def clocks(meaning: str, *aliases: str, recorded: tuple[str, ...] = ()) -> tuple[Field, Field]:
    """Both clocks: when a row of the contract was true, and when we learned of it."""
    return (
        replace(OCCURRED_AT, meaning=meaning, aliases=(*aliases, *OCCURRED_AT.aliases)),
        replace(RECORDED_AT, aliases=(*recorded, *RECORDED_AT.aliases)),
    )


def period() -> tuple[Field, Field]:
    """The first moment of a period, and the first after it."""
    return (
        moment("period_start", "the period's first moment", "from", "所属期起", "开始日期"),
        moment("period_end", "the first moment after the period", "to", "所属期止", "结束日期"),
    )


def moment(name: str, meaning: str, *aliases: str, required: bool = True) -> Field:
    """A moment in UTC."""
    return Field(name, Kind.MOMENT, meaning, "UTC", required, aliases=aliases)


def money(name: str, meaning: str, *aliases: str, required: bool = True) -> Field:
    """An amount of either sign."""
    return Field(name, Kind.MONEY, meaning, MINOR_UNITS, required, aliases=aliases)


def positive_money(name: str, meaning: str, *aliases: str, required: bool = True) -> Field:
    """An amount of zero or more."""
    return replace(money(name, meaning, *aliases, required=required), lowest=0)


def share(name: str, meaning: str, *aliases: str, required: bool = True) -> Field:
    """A part of the whole, 0 to 1."""
    return Field(name, Kind.SHARE, meaning, "1", required, lowest=0, highest=1, aliases=aliases)


def amount_of(name: str, meaning: str, unit: str, *aliases: str, required: bool = True) -> Field:
    """A number of zero or more in a unit."""
    return Field(name, Kind.NUMBER, meaning, unit, required, lowest=0, aliases=aliases)


def text(name: str, meaning: str, *aliases: str, required: bool = True) -> Field:
    """A text, such as a number by which a thing is called."""
    return Field(name, Kind.TEXT, meaning, required=required, aliases=aliases)


def choice(name: str, meaning: str, choices: tuple[str, ...], *aliases: str) -> Field:
    """One of some allowed values."""
    return Field(name, Kind.CHOICE, meaning, choices=choices, aliases=aliases)


def personal(field: Field) -> Field:
    """The field, marked as telling of a natural person."""
    return replace(field, personal=True)
