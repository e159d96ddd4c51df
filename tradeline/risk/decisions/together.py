"""Applications of one client in one batch: one is decided after another, by time, then by name.

A client is an enterprise with all that it is connected to. What one of its applications is granted
is exposure of those after it. Both stand among what was seen, so a record replays by itself.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.hashing import canonical_json
from tradeline.lake.columns import Column, Columns, objects, stacked
from tradeline.risk.decisions.application import EXPOSURE, Applications, money_of, some
from tradeline.risk.decisions.batch import Dealing, decide_batch
from tradeline.risk.decisions.connected_exposure import Groups, client_of
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.measures import Measure

GRANTED = "granted_before"
"""What a record has seen of its own batch: what the client was granted before, as JSON."""

Grants = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Place:
    """Whose application it is, and how many of the same client are decided before it."""

    client: str
    turn: int


Queue = Mapping[str, Place]
"""By application its place, of those whose client applies more than once."""


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """Applications in the order in which they were decided, as they were seen, and their records.

    `grants` is by application what its client was granted before it, in minor units; `spent_minor`
    is what exploring has cost.
    """

    applications: Applications
    records: dict[str, Column]
    grants: Grants
    spent_minor: int


def queue_of(
    applications: Applications, applied_at: NDArray[np.datetime64], groups: Groups
) -> dict[str, Place]:
    """The order among applications of one client; those without a moment (NaT) come last."""
    clients = [client_of(one, groups) for one in applications.enterprise.tolist()]
    times = Counter(clients)
    names = applications.application.tolist()
    last = np.iinfo(np.int64).max
    moments = np.where(np.isnat(applied_at), last, applied_at.astype(np.int64)).tolist()
    rows = [row for row, client in enumerate(clients) if client and times[client] > 1]
    rows.sort(key=lambda row: (moments[row], names[row]))
    found, before = dict[str, Place](), Counter[str]()
    for row in rows:
        found[names[row]] = Place(clients[row], before[clients[row]])
        before[clients[row]] += 1
    return found


def decide_together(
    applications: Applications,
    engine: Engine,
    at: datetime,
    measures: Sequence[Measure],
    dealing: Dealing,
    queue: Queue,
) -> Decided:
    """Decide turn by turn: on the first of each client, then on the second, and so on.

    Raises what `decide_batch` does.
    """
    names = applications.application.tolist()
    turns = np.array([queue[name].turn if name in queue else 0 for name in names], dtype=np.int64)
    if not turns.any():
        records, spent_minor = decide_batch(applications, engine, at, measures, dealing)
        return Decided(applications, records, {}, spent_minor)
    grants, granted = dict[str, Mapping[str, int]](), dict[str, dict[str, int]]()
    decided = []
    for turn in range(int(turns.max()) + 1):
        asking = some(applications, np.flatnonzero(turns == turn))
        grants |= {name: dict(granted.get(queue[name].client, {}))
                   for name in asking.application.tolist() if name in queue}  # fmt: skip
        records, spent_minor = decide_batch(
            with_grants(asking, grants), engine, at, measures, dealing
        )
        dealing = replace(dealing, spent_minor=spent_minor)
        decided.append(records)
        _note(records, queue, granted)
    ordered = some(applications, np.argsort(turns, kind="stable"))
    return Decided(with_grants(ordered, grants), stacked(decided), grants, dealing.spent_minor)


def with_grants(applications: Applications, grants: Grants) -> Applications:
    """The applications with what was granted before counted as exposure; as they are without any.

    An exposure that is not known, or no amount, stays what it is: nothing is lent on it.
    """
    if not grants:
        return applications
    before = [grants.get(name) or {} for name in applications.application.tolist()]
    values = dict(applications.values)
    values[GRANTED] = objects([canonical_json(dict(one)) if one else None for one in before])
    if EXPOSURE in values:
        owed = np.ma.getdata(values[EXPOSURE]).astype(object)
        owed[np.ma.getmaskarray(values[EXPOSURE])] = None
        for row, one in enumerate(before):
            owed[row] = _more(owed[row], sum(one.values()))
        values[EXPOSURE] = owed
    return replace(applications, values=values)


def _more(owed: object, granted_minor: int) -> object:
    minor = money_of(owed)
    return minor + granted_minor if type(minor) is int and minor >= 0 < granted_minor else owed


def _note(records: Columns, queue: Queue, granted: dict[str, dict[str, int]]) -> None:
    """Enter in place what a turn granted to those whose client asks again."""
    offered = zip(records["application"].tolist(), records["amount_minor"].tolist(), strict=True)
    for name, minor in offered:
        if name in queue and minor > 0:
            granted.setdefault(queue[name].client, {})[name] = minor
