"""What measures need of the rows of one dataset, as SQL that makes plain integers of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from tradeline.creditfile.features.events import Condition, Events
from tradeline.creditfile.features.fragments import condition_sql
from tradeline.creditfile.features.measures import (
    Circular,
    DaysSince,
    Distinct,
    Followed,
    Gained,
    Herfindahl,
    Largest,
    LargestShare,
    Latest,
    Lost,
    MeanAge,
    Measure,
    SameDayPairs,
    Standing,
    Sum,
    Trend,
    Volatility,
    mirrored,
)
from tradeline.lake.contracts import BY_NAME, Kind

THOUSANDTHS = 1000
"""What a number is counted in, so that sums of it are exact."""

WORD_BITS = 32
DAY_US = 86_400_000_000
EMPTY = -(2**63)
"""What stands for an empty value among integers."""

NEVER = 2**63 - 1
"""What stands for the moment at which a row was superseded if it was not."""

ENTRY_SHIFT, STRENGTH_SHIFT, STRENGTHS = 4, 1, 7
"""Where in a stamp the entry and the assurance stand."""


@dataclass(frozen=True, slots=True)
class Need:
    """What is asked of the rows of a contract: all in a fixed order.

    `amounts` are columns to be added up, `numbers` fractions of which single values are told,
    `grains` the values that rows are grouped by, each of one or more columns, and `wheres` the
    conditions, each list of them one bit of a row.
    """

    contract: str
    amounts: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    grains: tuple[tuple[str, ...], ...] = ()
    wheres: tuple[tuple[Condition, ...], ...] = ()

    def covers(self, other: "Need") -> bool:
        """Whether all that the other asks for is here too."""
        parts = (
            (self.amounts, other.amounts),
            (self.numbers, other.numbers),
            (self.grains, other.grains),
            (self.wheres, other.wheres),
        )
        return all(set(theirs) <= set(ours) for ours, theirs in parts)

    def joined(self, other: "Need") -> "Need":
        """What both ask for."""
        return Need(
            self.contract,
            tuple(dict.fromkeys(self.amounts + other.amounts)),
            tuple(dict.fromkeys(self.numbers + other.numbers)),
            tuple(dict.fromkeys(self.grains + other.grains)),
            tuple(dict.fromkeys(self.wheres + other.wheres)),
        )

    @property
    def words(self) -> int:
        """How many words of bits a row has."""
        return -(-len(self.wheres) // WORD_BITS)


def needs_of(measures: Iterable[Measure]) -> dict[str, Need]:
    """What measures need of each contract that they read, by name."""
    needs: dict[str, Need] = {}
    for measure in measures:
        grains = grains_of(measure)
        own = Need(
            measure.events.contract,
            amounts_of(measure),
            numbers_of(measure),
            grains,
            _wheres(measure.events),
        )
        other = mirrored(measure)
        beside = [Need(other.contract, (), (), grains, _wheres(other))] if other else []
        for need in (own, *beside):
            needs[need.contract] = needs.get(need.contract, Need(need.contract)).joined(need)
    return dict(sorted(needs.items()))


def _wheres(events: Events) -> tuple[tuple[Condition, ...], ...]:
    return (events.where,) if events.where else ()


def is_fraction(contract: str, column: str) -> bool:
    """Whether the column holds numbers that may have decimals."""
    return kind_of(contract, column) in (Kind.NUMBER, Kind.SHARE)


def kind_of(contract: str, column: str) -> Kind | None:
    """What a column holds; None for the day of a row."""
    kinds = {field.column: field.kind for field in BY_NAME[contract].fields}
    return kinds.get(column)


def amounts_of(measure: Measure) -> tuple[str, ...]:
    """The columns that a measure adds up or compares as whole numbers; moments as days."""
    match measure:
        case Sum() | MeanAge() | Volatility() | Trend() | Herfindahl() | LargestShare():
            return (measure.column,)
        case SameDayPairs() | Circular() | Standing() | DaysSince():
            return (measure.column,)
        case Largest() | Latest() if not is_fraction(measure.events.contract, measure.column):
            return (measure.column,)
        case _:
            return ()


def numbers_of(measure: Measure) -> tuple[str, ...]:
    """The columns of fractions of which a measure tells a single value."""
    match measure:
        case Largest() | Latest() if is_fraction(measure.events.contract, measure.column):
            return (measure.column,)
        case _:
            return ()


def grains_of(measure: Measure) -> tuple[tuple[str, ...], ...]:
    """By what a measure groups rows, besides time."""
    match measure:
        case Distinct():
            return ((measure.column,),)
        case Herfindahl() | LargestShare() | Standing() | Gained() | Lost() | Followed():
            return ((measure.by,),)
        case Circular():
            return (("counterparty",),)
        case SameDayPairs():
            return (("counterparty", "day", measure.column),)
        case _:
            return ()


def amount_sql(contract: str, column: str) -> str:
    """A column as a whole number: minor units, thousandths of a number, or the day of a moment."""
    value = column
    if kind_of(contract, column) is Kind.MOMENT:
        value = f"epoch_us({column}) // {DAY_US}"
    if is_fraction(contract, column):
        value = f"CAST({column} AS DECIMAL(18, 3)) * {THOUSANDTHS}"
    return f"COALESCE(CAST({value} AS BIGINT), {EMPTY})"


def grain_sql(contract: str, grain: tuple[str, ...]) -> str:
    """What rows are grouped by as 64 bits: the value itself, or the hash of a text.

    Two of a million different texts of one firm share a hash with a chance of 3 in 100 million.
    """
    if len(grain) > 1:
        partner, _, column = grain
        key = f"hash({partner}, CAST(occurred_at AS DATE), ABS({column}))"
        return _or_empty(f"CASE WHEN {partner} IS NOT NULL AND {column} IS NOT NULL THEN {key} END")
    (column,) = grain
    if column == "day":
        return f"CAST(epoch_us(occurred_at) // {DAY_US} AS BIGINT)"
    match kind_of(contract, column):
        case Kind.MOMENT:
            return f"COALESCE(epoch_us({column}), {EMPTY})"
        case Kind.MONEY | Kind.FLAG:
            return f"COALESCE(CAST({column} AS BIGINT), {EMPTY})"
        case _:
            # An empty value would have a hash like any other.
            return _or_empty(f"CASE WHEN {column} IS NOT NULL THEN hash({column}) END")


def _or_empty(hashed: str) -> str:
    return f"COALESCE({hashed}, CAST({2**63} AS UBIGINT))"


def bits_sql(wheres: tuple[tuple[Condition, ...], ...], word: int) -> str:
    """One word of bits: whether a row meets each list of conditions."""
    own = wheres[word * WORD_BITS : (word + 1) * WORD_BITS]
    parts = [
        f"CASE WHEN {' AND '.join(map(condition_sql, where))} THEN {1 << place} ELSE 0 END"
        for place, where in enumerate(own)
    ]
    return f"CAST({' + '.join(f'CAST({part} AS BIGINT)' for part in parts)} AS UINTEGER)"


def select_sql(need: Need, superseded: str) -> str:
    """The columns of `rows.COLUMNS` and what is needed, from rows and `firms` (firm)."""
    contract = need.contract
    columns = [
        "firm",
        "epoch_us(occurred_at) AS occurred",
        "epoch_us(recorded_at) AS recorded",
        f"{superseded} AS superseded",
        *(f"{amount_sql(contract, c)} AS amount_{n}" for n, c in enumerate(need.amounts)),
        *(f"COALESCE({c}, 'NaN'::DOUBLE) AS number_{n}" for n, c in enumerate(need.numbers)),
        *(f"{grain_sql(contract, g)} AS key_{n}" for n, g in enumerate(need.grains)),
        *(f"{bits_sql(need.wheres, w)} AS word_{w}" for w in range(need.words)),
    ]
    return ", ".join(columns)


def stamp_sql(strength: str) -> str:
    """The stamp of a row of the lake, given what grows with its assurance.

    It says in one number which entry landed the row, how strong its assurance is, and whether its
    key had been told before. A second stamp is the hash of the key.
    """
    return f"(entry << {ENTRY_SHIFT}) + ({strength} << {STRENGTH_SHIFT}) + CAST(revision AS BIGINT)"
