"""What patterns of agreement mean: first guesses, what pairs teach, and what people judged.

A pair that a person judged is known to be the same, or not to be; all others are known by how often
their patterns are found. Whom people judge follows from the patterns, for those in doubt are shown
to them, so a judged pair counts for itself and no more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.linkage.comparisons import (
    compared,
    comparisons_of,
    counted_patterns,
    levels_of,
)
from tradeline.creditfile.linkage.fields import Comparison, Field
from tradeline.creditfile.linkage.mixture import (
    AFFILIATED,
    NAMESAKE,
    RELATIONS,
    SAME,
    UNRELATED,
    Compared,
    Counts,
    Floats,
    Weights,
    fit,
    guess,
)

PRIOR = {SAME: 0.3, AFFILIATED: 0.15, NAMESAKE: 0.05, UNRELATED: 0.5}
JUDGED_MOST = 0.1
"""The greatest share of all compared pairs that judged ones count for, however many they are."""
Name = tuple[str, str]
BY_HAND = """
CREATE OR REPLACE TEMP TABLE by_hand AS
SELECT LEAST(one.n, other.n) AS l, GREATEST(one.n, other.n) AS r, is_same
FROM (SELECT UNNEST(?::VARCHAR[]) AS source, UNNEST(?::VARCHAR[]) AS record,
  UNNEST(?::VARCHAR[]) AS other_source, UNNEST(?::VARCHAR[]) AS other_record,
  UNNEST(?::BOOLEAN[]) AS is_same) AS told
JOIN records AS one ON one.source = told.source AND one.record = told.record
JOIN records AS other ON other.source = told.other_source AND other.record = told.other_record
"""
KNOWN = """
SELECT pattern, count(*) FILTER (is_same) AS same, count(*) FILTER (NOT is_same) AS apart
FROM patterned JOIN by_hand
  ON by_hand.l = LEAST(patterned.l, patterned.r) AND by_hand.r = GREATEST(patterned.l, patterned.r)
GROUP BY pattern ORDER BY pattern
"""


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """Two records, each by source and name, of which a person said whether they are the same."""

    one: Name
    other: Name
    is_same: bool


@dataclass(frozen=True, slots=True)
class Teaching:
    """What the weights of a new model come from, beside its own pairs.

    `weights` that were learned before are taken as they are; else `judged` pairs teach too.
    """

    judged: tuple[JudgedPair, ...] = ()
    weights: Weights | None = None


def weights_of(told: Mapping[str, Any]) -> Weights:
    """Weights from the plain data that `dataclasses.asdict` made of them."""
    return Weights(
        tuple(told["classes"]),
        tuple(Compared(one["name"], tuple(one["levels"])) for one in told["compared"]),
        tuple(told["prior"]),
        tuple(tuple(map(tuple, row)) for row in told["shares"]),
    )


def learn(
    connection: duckdb.DuckDBPyConnection, fields: Sequence[Field], judged: Sequence[JudgedPair]
) -> Weights:
    """Weights fitted to `patterned`, from the first guesses of the fields' kinds.

    Judged pairs that were not compared teach nothing.
    """
    comparisons = comparisons_of(fields)
    patterns, pairs = counted_patterns(connection, "patterned", "pattern")
    same, apart = _known(connection, patterns, judged)
    known = float(same.sum() + apart.sum())
    share = min(JUDGED_MOST * float(pairs.sum()) / known, 1.0) if known else 0.0
    counts = Counts(levels_of(patterns, comparisons), pairs, same * share, apart * share)
    start = first_guess(comparisons)
    return fit(counts, start, tied=ties(comparisons, start.classes))


def _known(
    connection: duckdb.DuckDBPyConnection,
    patterns: NDArray[np.int64],
    judged: Sequence[JudgedPair],
) -> tuple[Floats, Floats]:
    """By pattern, how many pairs are judged to be the same, and how many not to be."""
    same, apart = np.zeros(len(patterns)), np.zeros(len(patterns))
    if judged:
        sides = [*zip(*(pair.one for pair in judged), strict=True),
                 *zip(*(pair.other for pair in judged), strict=True)]  # fmt: skip
        connection.execute(BY_HAND, [*map(list, sides), [pair.is_same for pair in judged]])
        found = connection.execute(KNOWN).fetchnumpy()
        place = np.searchsorted(patterns, found["pattern"].astype(np.int64))
        same[place], apart[place] = found["same"], found["apart"]
    return same, apart


def ties(comparisons: Sequence[Comparison], classes: Sequence[str]) -> list[list[int]]:
    """For each comparison, the class whose shares a class has; see `mixture.fit`.

    Whatever sets sisters apart, they agree alike in all that is of their owner, and in what does
    not set them apart they agree like one firm with itself.
    """
    sisters = [c for c, name in enumerate(classes) if name == AFFILIATED]
    apart = [number for number, one in enumerate(comparisons) if one.apart]
    tied = []
    for number in range(len(comparisons)):
        group = list(range(len(classes)))
        for sister, by in zip(sisters, apart, strict=True):
            if number not in apart:
                group[sister] = sisters[0]
            elif number != by:
                group[sister] = 0
        tied.append(group)
    return tied


def first_guess(comparisons: Sequence[Comparison]) -> Weights:
    """The weights that the kinds of fields suggest.

    Where nothing sets sisters apart, as of other records than firms, there are two classes.
    """
    agreeing = {name: [getattr(one, name) for one in comparisons] for name in RELATIONS}
    apart = [number for number, one in enumerate(comparisons) if one.apart]
    classes: list[tuple[str, float, list[float]]] = [(SAME, PRIOR[SAME], agreeing[SAME])]
    for number in apart:
        differing = [0.05 if k == number else s for k, s in enumerate(agreeing[AFFILIATED])]
        classes.append((AFFILIATED, PRIOR[AFFILIATED] / len(apart), differing))
    if apart:
        classes.append((NAMESAKE, PRIOR[NAMESAKE], agreeing[NAMESAKE]))
        classes += _met_by_chance(comparisons, agreeing[UNRELATED])
    classes.append((UNRELATED, PRIOR[UNRELATED], agreeing[UNRELATED]))
    return guess(compared(comparisons), classes)


def _met_by_chance(
    comparisons: Sequence[Comparison], agreeing: Sequence[float]
) -> list[tuple[str, float, list[float]]]:
    """Classes of unrelated records that met by one thing alone, such as a common person's name.

    Without them those would be taken for firms of one owner.
    """
    return [
        (
            UNRELATED,
            PRIOR[UNRELATED] / 4,
            [0.95 if k == number else s for k, s in enumerate(agreeing)],
        )
        for number, one in enumerate(comparisons)
        if one.met
    ]
