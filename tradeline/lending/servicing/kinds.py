"""What differs between the kinds of agreement: one declared record for each.

Everything else (saving, folding, booking the difference, telling, once for each key) is the same.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, Protocol, TypeVar

from tradeline.lending.bookings.chart import Account
from tradeline.lending.bookings.entries import Booking
from tradeline.lending.loan.events import Event, Reversal
from tradeline.lending.receivables.documents import Document
from tradeline.lending.receivables.events import Withdrawal


class Agreed(Protocol):
    """What every contract says."""

    @property
    def currency(self) -> str:
        """Its only currency."""

    @property
    def start(self) -> date:
        """Its first day."""


Contract = TypeVar("Contract", bound=Agreed)
State = TypeVar("State")
Events = tuple[Event, ...]
Wrong = Iterator[tuple[str, str, str]]
"""What is wrong with a command: a code, what is the matter, what to do."""


def none_wrong(*_: object) -> Wrong:
    """Nothing that the fold would not refuse itself."""
    return iter(())


def wrong_of_documents(_: object, events: Events, new: Event) -> Wrong:
    """Once a document is free, another may finance it: that is not taken back."""
    taken_back = events[new.of : new.of + 1] if isinstance(new, Reversal) and new.of >= 0 else ()
    if any(isinstance(event, Withdrawal) for event in taken_back):
        yield ("withdrawn", "It was withdrawn, and its document is free.",
               "Finance the document anew.")  # fmt: skip


def no_ends(*_: object) -> Events:
    """Nothing of it changes by time alone."""
    return ()


@dataclass(frozen=True, slots=True)
class Late:
    """How late an agreement is, and whether it is at risk as forborne."""

    days: int
    is_forborne: bool = False


@dataclass(frozen=True, slots=True)
class Expected(Generic[Contract, State]):
    """What the expected loss of a kind follows from.

    `ahead` gives the days to come on which principal falls due, and how much, if all is paid as
    agreed; `rate` the effective rate of a contract in millionths (`InputProblem` if it has none),
    None where its terms alone do not say it.
    """

    ahead: Callable[[Contract, State, date], Iterable[tuple[date, int]]]
    rate: Callable[[Contract, str], int] | None = None


@dataclass(frozen=True, slots=True)
class Kind(Generic[Contract, State]):
    """A kind of agreement.

    `name` begins its ids (`loan_0001`) and is part of what is told. `events` are those that may be
    entered, `done` those of them that have happened when they are. `wrong` says what is wrong with
    a new event beside what `fold` refuses. `principal` is what the books must hold as owed, None
    where part of it was taken as lost. `told` names what happened (`Disbursement`: `disbursed`).
    `document` is what may be financed once only, `takes_over` the agreement whose financing of it
    goes on. `not_adding_up` says what of its instalments does not add up, where it has any.

    `late` says how late it is on a day, `ends` which ends of days, until one, change something of
    it beside its events. `rests` tells whether nothing comes to be owed by time alone while nothing
    is owed. `expected` is what provisions by stage need; where it is None, `by_age` says why it is
    provided for by age alone.
    """

    name: str
    contract: type[Contract]
    events: tuple[type[Event], ...]
    done: tuple[type[Event], ...]
    accounts: tuple[Account, ...]
    check: Callable[[Contract], object]
    wrong: Callable[[Contract, Events, Event], Wrong]
    fold: Callable[[Contract, Events, date], State]
    bookings: Callable[[State], Sequence[Booking]]
    principal: Callable[[State], int | None]
    standing: Callable[[State], Mapping[str, Any]]
    told: Mapping[str, str]
    late: Callable[[Contract, Events, State, date], Late]
    ends: Callable[[Contract, Events, date], Events] = no_ends
    rests: Callable[[State], bool] = lambda _: True
    document: Callable[[Contract], Document] | None = None
    takes_over: Callable[[Contract], str] = lambda _: ""
    not_adding_up: Callable[[State], Iterable[str]] = lambda _: ()
    expected: Expected[Contract, State] | None = None
    by_age: str = ""

    @property
    def called(self) -> str:
        """One of them, in words."""
        return f"{'an' if self.name[0] in 'aeiou' else 'a'} {self.name}"

    @property
    def prefix(self) -> str:
        """What ids of this kind begin with."""
        return f"{self.name}_"

    def tells(self, event: str) -> str:
        """The name under which an event of this kind is told."""
        return f"lending.{self.name}.{self.told.get(event, 'changed')}"
