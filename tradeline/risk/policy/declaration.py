"""What a policy declares: typed inputs and outputs, decision tables, when it is valid."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from tradeline.risk.policy.cells import Cell, Interval, Kind, Value
from tradeline.risk.selection.exploration import ExplorationTerms

OUTCOME, REASON, CURRENCY = "outcome", "reason", "currency"


class Outcome(StrEnum):
    """What is done with an application; a later one outweighs an earlier one."""

    APPROVE = "approve"
    REFER = "refer"
    DECLINE = "decline"
    REFUSE = "refuse"


RANK = {outcome: rank for rank, outcome in enumerate(Outcome, start=1)}


def worst(outcomes: Iterable[Outcome]) -> Outcome | None:
    """The outcome that outweighs the others, None if there is none."""
    return max(outcomes, key=RANK.__getitem__, default=None)


class Treatment(StrEnum):
    """What a missing or stale value means: an outcome at once, or a case that tables test."""

    REFUSE = "refuse"
    REFER = "refer"
    DECLINE = "decline"
    CASE = "case"


class Hit(StrEnum):
    """Which of the rows that take the values give the outputs of a table (DMN 1.x, 8.2.10)."""

    UNIQUE = "UNIQUE"
    ANY = "ANY"
    PRIORITY = "PRIORITY"
    FIRST = "FIRST"
    COLLECT = "COLLECT"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"

    @property
    def takes_one(self) -> bool:
        """Whether the outputs come from one row."""
        return self in (Hit.UNIQUE, Hit.ANY, Hit.PRIORITY, Hit.FIRST)

    @property
    def is_ordered(self) -> bool:
        """Whether rows stand back behind others by the order of their first output's levels."""
        return self in (Hit.PRIORITY, Hit.OUTPUT_ORDER)


class Collect(StrEnum):
    """How COLLECT brings the values of several rows to one; `count` counts the rows that fire."""

    MIN = "min"
    MAX = "max"
    SUM = "sum"
    COUNT = "count"


class Otherwise(StrEnum):
    """What no hit means where a table says that it has gaps; `pass` goes on to the next table."""

    REFUSE = "refuse"
    REFER = "refer"
    DECLINE = "decline"
    PASS = "pass"  # noqa: S105, no password


@dataclass(frozen=True, slots=True)
class Input:
    """A value that a policy reads. Without `max_age_days` its age is not asked."""

    name: str
    kind: Kind
    unit: str = ""
    meaning: str = ""
    range: Interval | None = None
    levels: tuple[str, ...] = ()
    missing: Treatment = Treatment.REFUSE
    stale: Treatment = Treatment.REFUSE
    max_age_days: int | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """A value that tables give; the order of `levels` is their priority, the first is highest."""

    name: str
    kind: Kind
    unit: str = ""
    meaning: str = ""
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A rule: it fires if each cell, in the order of columns, takes the value there.

    `why` is in English, `why_in` the same in other languages, by their code.
    """

    id: str
    cells: tuple[Cell, ...]
    gives: Mapping[str, Value]
    why: str
    source: str = ""
    why_in: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under one hit policy. `otherwise` None: the table must have no gap."""

    name: str
    hit: Hit
    columns: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: tuple[Row, ...]
    collect: Mapping[str, Collect] = field(default_factory=dict)
    otherwise: Otherwise | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Exploration:
    """A random share of applications near the cut-off that may be approved to learn from.

    Those whose `input`, a whole number such as the score, lies in the `band`, until the losses that
    this made reach `stop_loss_minor` of the policy's currency.
    """

    input: str
    band: Interval
    share: float
    stop_loss_minor: int

    def terms(self, experiment: str) -> ExplorationTerms:
        """The terms by which `risk.selection` decides; `experiment` is the seed of its chance."""
        assert isinstance(self.band.low, int)
        assert isinstance(self.band.high, int)
        first = self.band.low + (not self.band.low_in)
        last = self.band.high - (not self.band.high_in)
        return ExplorationTerms((first, last), self.share, self.stop_loss_minor, experiment)


@dataclass(frozen=True, slots=True)
class Declaration:
    """A version of a policy, valid from a day up to and without another.

    `persons_to_go_live` is how many different persons must have said so. With a `currency` there is
    an input of that name, so that values in another one are refused.
    """

    name: str
    version: str
    valid_from: date
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    tables: tuple[Table, ...]
    valid_to: date | None = None
    about: str = ""
    currency: str = ""
    persons_to_go_live: int = 1
    explore: Exploration | None = None

    def is_valid_on(self, day: date) -> bool:
        """Whether the policy may be asked on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def exploration_terms(self) -> ExplorationTerms | None:
        """Whom an experiment may approve, None if the policy explores nobody.

        All versions of a policy share one experiment, so a firm stays where it was drawn.
        """
        return self.explore.terms(f"{self.name}: exploration") if self.explore else None
