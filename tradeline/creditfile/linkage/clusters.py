"""Which records are one enterprise, when all that was compared is taken together.

Links that say *same* join records; what speaks against it inside a group, and identifiers that
exclude each other, cut it again. Groups grow from their strongest links on: two are joined unless
their identifiers conflict, or all pairs between them together speak against it. So a wrong weak
link between two firms gives way, wherever it stands. The result follows from the records and
links alone, not from their order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

EVER = (-(2**62), 2**62)
"""The validity of an identifier that nobody limits."""


@dataclass(frozen=True, slots=True)
class Held:
    """An identifier that a record carries: its scheme, and between which moments it is valid."""

    scheme: str
    value: str
    first: int = EVER[0]
    last: int = EVER[1]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Compared pairs of records, by their numbers.

    `bits_milli` are thousandths of log2 of the odds of *same*; whole numbers, so that sums do not
    depend on their order. `linked` are pairs likely enough to join by themselves.
    """

    left: Ints
    right: Ints
    bits_milli: Ints
    linked: Flags


def conflicting(one: Sequence[Held], other: Sequence[Held]) -> bool:
    """Whether identifiers exclude each other: of one scheme, valid at one time, none in common."""
    for scheme in {held.scheme for held in one} & {held.scheme for held in other}:
        ours = [held for held in one if held.scheme == scheme]
        theirs = [held for held in other if held.scheme == scheme]
        if {held.value for held in ours} & {held.value for held in theirs}:
            continue
        if any(a.first <= b.last and b.first <= a.last for a in ours for b in theirs):
            return True
    return False


def find_clusters(records: int, pairs: Pairs, held: Mapping[int, tuple[Held, ...]]) -> Ints:
    """The cluster of every record: the lowest number of a record in it.

    Numbers must rise with the names of records; then ties are settled by name. `held` are
    identifiers that count, by record.
    """
    linked = np.flatnonzero(pairs.linked)
    labels = find_components(records, pairs.left[linked], pairs.right[linked])
    inside = np.flatnonzero(labels[pairs.left] == labels[pairs.right])
    doubtful = set(labels[pairs.left[inside[pairs.bits_milli[inside] < 0]]].tolist())
    doubtful |= _with_many_identifiers(labels, held)
    if doubtful:
        _regroup(labels, pairs, inside, held, np.array(sorted(doubtful)))
    return labels


def find_components(records: int, left: Ints, right: Ints) -> Ints:
    """The records that links hold together, each called by the lowest number among them.

    Names sink along links until both ends of each have one. Written out, since to load
    scipy's graphs takes longer than all of this where few records are new.
    """
    found = np.arange(records)
    while np.any(found[left] != found[right]):
        lower = np.minimum(found[left], found[right])
        for ends in (found[left], found[right]):
            np.minimum.at(found, ends, lower)
        while np.any(found != found[found]):
            found = found[found]
    return found


def _with_many_identifiers(labels: Ints, held: Mapping[int, tuple[Held, ...]]) -> set[int]:
    """Components in which two records carry different identifiers."""
    seen: dict[int, tuple[Held, ...]] = {}
    many = set()
    for record, ours in held.items():
        label = int(labels[record])
        if seen.setdefault(label, ours) != ours:
            many.add(label)
    return many


def _regroup(
    labels: Ints,
    pairs: Pairs,
    inside: Ints,
    held: Mapping[int, tuple[Held, ...]],
    doubtful: Ints,
) -> None:
    """Grow the groups of doubtful components anew, pair by pair."""
    wanted = inside[np.isin(labels[pairs.left[inside]], doubtful)]
    order = np.lexsort((pairs.right[wanted], pairs.left[wanted], -pairs.bits_milli[wanted]))
    wanted = wanted[order]
    members = np.flatnonzero(np.isin(labels, doubtful)).tolist()
    groups = Groups(
        {record: record for record in members},
        {record: held.get(record, ()) for record in members},
    )
    rows = list(
        zip(
            pairs.left[wanted].tolist(),
            pairs.right[wanted].tolist(),
            pairs.bits_milli[wanted].tolist(),
            strict=True,
        )
    )
    for left, right, bits in rows:
        groups.add(left, right, bits)
    for (left, right, _), joins in zip(rows, pairs.linked[wanted].tolist(), strict=True):
        if joins:
            groups.join(left, right)
    labels[members] = [groups.of(record) for record in members]


@dataclass(slots=True)
class Groups:
    """Groups of records that grow: who is in which, their identifiers, the sums between them."""

    parent: dict[int, int]
    held: dict[int, tuple[Held, ...]]
    between: dict[int, dict[int, int]] = field(default_factory=dict)

    def of(self, record: int) -> int:
        """The group of a record: its lowest number."""
        root = record
        while self.parent[root] != root:
            root = self.parent[root]
        while self.parent[record] != root:
            self.parent[record], record = root, self.parent[record]
        return root

    def add(self, left: int, right: int, bits: int) -> None:
        """Count what a pair says between two groups."""
        for one, other in ((left, right), (right, left)):
            sums = self.between.setdefault(one, {})
            sums[other] = sums.get(other, 0) + bits

    def join(self, left: int, right: int) -> None:
        """Join the groups of two records, unless something stands against it."""
        one, other = sorted((self.of(left), self.of(right)))
        if one == other or self.between[one].get(other, 0) <= 0:
            return
        if conflicting(self.held[one], self.held[other]):
            return
        self.parent[other] = one
        self.held[one] += self.held.pop(other)
        for neighbour, bits in self.between.pop(other).items():
            self.between[neighbour].pop(other)
            if neighbour != one:
                self.add(one, neighbour, bits)
