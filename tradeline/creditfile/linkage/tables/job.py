"""The whole job: two tables and a mapping in, links with their chances and the evidence out."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tradeline.creditfile.linkage.tables.chains import closed
from tradeline.creditfile.linkage.tables.fields import FieldValues, TableField, field_values
from tradeline.creditfile.linkage.tables.files import DataTable
from tradeline.creditfile.linkage.tables.links import TableLinks, link
from tradeline.creditfile.linkage.tables.mapping import LinkMapping
from tradeline.creditfile.linkage.tables.numbers import numbers_of
from tradeline.creditfile.linkage.tables.recognition import Recognised, recognise, texts_of
from tradeline.creditfile.linkage.tables.vectors import Floats, Places
from tradeline.kernel.findings import Finding, Severity

THRESHOLD = 0.5
NOTHING_SHARED = Finding(
    "nothing-shared",
    Severity.NOTE,
    "tables",
    "No more is alike between the two tables than within each of them, so nothing shows that they "
    "tell of the same things, and nothing is linked.",
    "If you know that they do, compare more that tells things apart; `--all` writes what is "
    "nearest.",
)
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Linked:
    """Two tables linked.

    `pairs` (2, n) are the places of records whose chance to be the same is at least the threshold,
    `chances` their chances, in the order of the tables. `judged` are all pairs that were compared.
    """

    left: DataTable
    right: DataTable
    recognised: Recognised
    fields: tuple[FieldValues, ...]
    judged: TableLinks
    pairs: Places
    chances: Floats
    threshold: float
    itself: bool

    @property
    def mapping(self) -> LinkMapping:
        """The mapping as it was completed, with what was found out."""
        learned = self.judged.learned
        each = learned.once if learned.shared else self.recognised.mapping.each
        return replace(self.recognised.mapping, each=each, threshold=self.threshold)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is odd with the tables and the fields."""
        own = self.left.findings + (() if self.itself else self.right.findings)
        told = own + self.recognised.findings + self._at_odds
        return told if self.judged.learned.shared else (*told, NOTHING_SHARED)

    @property
    def _at_odds(self) -> tuple[Finding, ...]:
        count = self.judged.at_odds.shape[1]
        if not count:
            return ()
        pairs = "1 pair is" if count == 1 else f"{count:,} pairs are"
        return (
            Finding(
                "numbers-at-odds",
                Severity.WARNING,
                "tables",
                f"{pairs} alike in what is compared, but with two different valid numbers of one "
                "register, so not linked.",
                "Look at them with `--review`. If a number was replaced, give the former one in a "
                "column of its own.",
                count,
            ),
        )


def link_tables(
    left: DataTable, right: DataTable, mapping: LinkMapping, progress: Progress
) -> Linked:
    """Link two tables; the same object twice is a table whose duplicates are sought.

    InputProblem for unknown columns, and where nothing can be compared.
    """
    itself = left is right
    recognised = recognise(left, right, mapping)
    fields = tuple(
        field_values(
            TableField(choice.name, str(choice.kind), choice.left, choice.right),
            texts_of(left, choice.left),
            texts_of(right, choice.right),
        )
        for choice in recognised.mapping.fields
    )
    numbers = numbers_of(left, right)
    judged = link(fields, (left.rows, right.rows), itself, mapping.each, numbers, progress)
    threshold = THRESHOLD if mapping.threshold is None else mapping.threshold
    pairs, chances = judged.pairs, judged.learned.chances
    if itself:
        progress("closing clusters")
        pairs, chances = closed(pairs, chances, left.rows, threshold)
        sound = ~numbers.at_odds(pairs)
        pairs, chances = pairs[:, sound], chances[sound]
    above = chances >= threshold
    return Linked(
        left, right, recognised, fields, judged, pairs[:, above], chances[above], threshold, itself
    )


def expected_precision(linked: Linked) -> float:
    """The share of links that are right, by their own chances; NaN without any."""
    return float(linked.chances.mean()) if len(linked.chances) else float("nan")


def expected_recall(linked: Linked) -> float:
    """The share of all compared pairs that are the same which are linked, by their own chances."""
    judged = linked.judged.learned.chances
    missed = float(judged[judged < linked.threshold].sum())
    found = float(linked.chances.sum())
    return found / (found + missed) if found + missed else float("nan")


def ids_of(linked: Linked) -> tuple[list[object], list[object]]:
    """The identifiers of the records of each link."""
    return (
        [linked.left.ids[place] for place in linked.pairs[0].tolist()],
        [linked.right.ids[place] for place in linked.pairs[1].tolist()],
    )


def no_links(linked: Linked) -> bool:
    """Whether nothing was linked."""
    return not np.any(linked.chances >= linked.threshold)
