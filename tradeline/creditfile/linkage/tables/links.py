"""Link two tables: candidates, comparisons, chances, and the links above a threshold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from tradeline.creditfile.linkage.tables.comparisons import (
    agreements,
    fineness,
    record_codes,
    text_vectors,
)
from tradeline.creditfile.linkage.tables.competition import Once
from tradeline.creditfile.linkage.tables.fields import FieldValues
from tradeline.creditfile.linkage.tables.model import Learned, learn, odds_of
from tradeline.creditfile.linkage.tables.neighbours import WORK, distinct, neighbours, sharing
from tradeline.creditfile.linkage.tables.numbers import Numbers
from tradeline.creditfile.linkage.tables.starts import Patterns, patterns_of
from tradeline.creditfile.linkage.tables.vectors import Places, Vectors
from tradeline.creditfile.linkage.tables.within import Within
from tradeline.kernel.findings import InputProblem, problem

PAIRS = 2_000_000
"""About how many pairs are compared, where tables are large."""
NEIGHBOURS = (6, 40)
ALONE = 5
"""Nearest by a single field that tells much."""
TELLING = 0.5
"""A field is searched by alone if it tells at least this share of what the best one tells."""
SEARCHES = 3
RANDOM = 50_000
RARE_KINDS = ("identifier", "phone", "email", "web")


@dataclass(frozen=True, slots=True)
class TableLinks:
    """All compared pairs (2, n), what their comparisons say, and what was learned.

    `at_odds` (2, m) are those that would be the same by all that was compared, had their records
    not two different numbers of one register.
    """

    pairs: Places
    patterns: Patterns
    learned: Learned
    at_odds: Places


def link(
    fields: Sequence[FieldValues],
    rows: tuple[int, int],
    itself: bool,
    once: Once | None,
    numbers: Numbers,
    progress: Callable[[str], None],
) -> TableLinks:
    """Compare and learn; `rows` says how many records each table has.

    Pairs with two different `numbers` of one register are not the same, whatever else they say.
    """
    progress("reading words and letters")
    texts = [text_vectors(field) for field in fields]
    progress("searching for candidates")
    pairs = candidates(fields, texts, rows, itself)
    progress(f"comparing {pairs.shape[1]:,} pairs")
    told = agreements(fields, texts, pairs)
    if not told or not pairs.size:
        raise _nothing_to_compare()
    random = agreements(fields, texts, _random(rows, itself))
    progress("learning weights")
    patterns = patterns_of(told)
    fine = fineness(fields, texts, pairs)
    alone = itself or once == Once(False, False)
    within = () if alone else tuple(_within(fields, texts, rows, numbers, n) for n in (0, 1))
    vetoed = numbers.at_odds(pairs)
    lone = len(fields) == 1
    learned = learn(patterns, random, pairs, rows, once, itself, fine, within, vetoed, lone)
    at_odds = vetoed & learned.shared & (odds_of(patterns, learned.weights) > 0)
    return TableLinks(pairs, patterns, learned, pairs[:, at_odds])


def _within(
    fields: Sequence[FieldValues],
    texts: Sequence[Vectors | None],
    rows: tuple[int, int],
    numbers: Numbers,
    side: int,
) -> Within:
    """What is nearest within one table, of what may be the same."""
    own = [replace(field, left=field.sides[side], right=field.sides[side]) for field in fields]
    both = (rows[side], rows[side])
    pairs = candidates(own, texts, both, itself=True)
    pairs = pairs[:, ~numbers.of_side(side).at_odds(pairs)]
    return Within(
        pairs,
        patterns_of(agreements(own, texts, pairs)),
        tuple(agreements(own, texts, _random(both, itself=True))),
        fineness(own, texts, pairs),
        rows[side],
    )


def _nothing_to_compare() -> InputProblem:
    return problem(
        "nothing-alike",
        "tables",
        "No record of the one table is like any of the other in what is compared.",
        "Check the fields of the mapping.",
    )


def _random(rows: tuple[int, int], itself: bool) -> Places:
    rng = np.random.default_rng(0)
    pairs = np.stack([rng.integers(0, count, RANDOM) for count in rows])
    return pairs[:, pairs[0] != pairs[1]] if itself else pairs


def candidates(
    fields: Sequence[FieldValues],
    texts: Sequence[Vectors | None],
    rows: tuple[int, int],
    itself: bool,
) -> Places:
    """Pairs of nearest records by all fields together, by each telling one, and by rare values."""
    fewest, most = NEIGHBOURS
    count = int(np.clip(PAIRS / (rows[0] + rows[1]), fewest, most))
    spoken = [(f, t) for f, t in zip(fields, texts, strict=True) if t is not None]
    found: list[Places] = []
    if spoken:
        left, right = (_stacked(spoken, side) for side in ("left", "right"))
        found.append(neighbours(left, right, count, itself))
        best = max(field.bits() for field, _ in spoken)
        telling = sorted(spoken, key=lambda one: -one[0].bits())[:SEARCHES]
        for field, text in telling:
            if len(spoken) > 1 and field.bits() >= TELLING * best:
                left, right = (_stacked([(field, text)], side) for side in ("left", "right"))
                few, work = min(ALONE, count // 2), WORK / SEARCHES
                found.append(neighbours(left, right, few, itself, work))
    found += [_together(field) for field in fields if field.field.kind in RARE_KINDS or not spoken]
    found.append(_by_codes(fields))
    return distinct(np.hstack(found), itself)


def _stacked(spoken: Sequence[tuple[FieldValues, Vectors]], side: str) -> Any:
    """Records as vectors: those of their fields, each as long as equal values would tell."""
    parts = []
    for field, text in spoken:
        places = getattr(field, side)
        chosen = sparse.csr_matrix(
            (np.full((places >= 0).sum(), np.sqrt(max(field.bits(), 0.1))),
             (np.flatnonzero(places >= 0), places[places >= 0])),
            shape=(len(places), len(field.values)),
        )  # fmt: skip
        parts.append(chosen @ text.blend)
    return sparse.hstack(parts, format="csr")


def _together(field: FieldValues) -> Places:
    sides = [(np.flatnonzero(s >= 0), s[s >= 0]) for s in (field.left, field.right)]
    return sharing(*sides)


def _by_codes(fields: Sequence[FieldValues]) -> Places:
    places: dict[str, int] = {}
    sides = []
    for side in ("left", "right"):
        rows, values = [], []
        found = record_codes(fields, side)
        for row, codes in enumerate(map(set.union, map(set, found.wholes), map(set, found.parts))):
            for code in sorted(codes):
                rows.append(row)
                values.append(places.setdefault(code, len(places)))
        sides.append((np.array(rows, np.int64), np.array(values, np.int64)))
    return sharing(*sides)
