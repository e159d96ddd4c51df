"""Numbers of registers that tables hold: records with two different ones are not the same.

Numbers are taken from every column that is recognised by its check digits, compared or not, so a
number that was replaced does no harm where the former one stands beside it. A slip of the pen makes
no valid number; two valid ones of one register are two enterprises, however alike the rest is.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.linkage.doubtful_identifiers import evidence
from tradeline.creditfile.linkage.identifiers import (
    Texts,
    check,
    held,
    kinds_of,
    with_plain_width,
)
from tradeline.creditfile.linkage.tables.competition import Flags
from tradeline.creditfile.linkage.tables.files import DataTable
from tradeline.creditfile.linkage.tables.vectors import Places

VALID_SHARE, VALUES_MIN, SAMPLE = 0.9, 10, 100
"""From what share of valid values, and how many different ones, a column's register is known."""
DIGITS_MIN, LONGEST = 5, 30
NO_NUMBER = -1

Columns = tuple[NDArray[np.int64], ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """By kind of number, for each record of both sides which numbers it has, one column each."""

    kinds: Mapping[str, tuple[Columns, Columns]]

    def of_side(self, side: int) -> "Numbers":
        """The numbers of one table beside themselves."""
        return Numbers({kind: (sides[side], sides[side]) for kind, sides in self.kinds.items()})

    def at_odds(self, pairs: Places) -> Flags:
        """Whether both records of each pair (2, n) have numbers of one register and share none."""
        differing = np.zeros(pairs.shape[1], bool)
        agreeing = np.zeros(pairs.shape[1], bool)
        for left, right in self.kinds.values():
            ours, theirs = ([column[ends] for column in side]
                            for side, ends in ((left, pairs[0]), (right, pairs[1])))  # fmt: skip
            shared = np.zeros(pairs.shape[1], bool)
            for one in ours:
                for other in theirs:
                    shared |= (one != NO_NUMBER) & (one == other)
            told = _any(ours) & _any(theirs)
            agreeing |= shared
            differing |= told & ~shared
        return differing & ~agreeing


def _any(columns: Sequence[NDArray[np.int64]]) -> Flags:
    found: Flags = np.logical_or.reduce([column != NO_NUMBER for column in columns])
    return found


def numbers_of(left: DataTable, right: DataTable) -> Numbers:
    """The numbers of registers that both tables hold."""
    ours = _texts_by_kind(left)
    theirs = ours if right is left else _texts_by_kind(right)
    both = sorted(ours.keys() & theirs.keys())
    return Numbers({kind: _coded(ours[kind], theirs[kind]) for kind in both})


def _texts_by_kind(table: DataTable) -> Mapping[str, list[Texts]]:
    found: dict[str, list[Texts]] = defaultdict(list)
    for values in table.columns.values():
        sample = list(islice(dict.fromkeys(filter(None, values)), SAMPLE))
        if not _may_be_numbers(sample):
            continue
        plain = with_plain_width(values)
        for recognised in kinds_of(with_plain_width(sample), VALID_SHARE, VALUES_MIN):
            checked = check(recognised.kind.name, plain)
            told = evidence(checked)
            found[recognised.kind.name].append(_where(told, checked.normal))
            for kind, numbers in held(checked).items():
                found[kind].append(_where(told, numbers))
    return found


def _where(told: Flags, numbers: Texts) -> Texts:
    kept = np.full(len(numbers), None, object)
    kept[told] = numbers[told]
    return kept


def _may_be_numbers(sample: Sequence[str]) -> bool:
    """Whether most values are short and have digits: others are of no register."""
    fitting = sum(
        len(value) <= LONGEST and sum(map(str.isdigit, value)) >= DIGITS_MIN for value in sample
    )
    return len(sample) >= VALUES_MIN and fitting >= VALID_SHARE * len(sample)


def _coded(left: Sequence[Texts], right: Sequence[Texts]) -> tuple[Columns, Columns]:
    """Numbers as whole numbers that are equal where they are."""
    places: dict[str | None, int] = {None: NO_NUMBER}
    ours, theirs = (
        tuple(
            np.array([places.setdefault(one, len(places)) for one in column.tolist()], np.int64)
            for column in side
        )
        for side in (left, right)
    )
    return ours, theirs
