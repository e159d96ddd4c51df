"""From tables to relations: which records are the same enterprise, and which are affiliated."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.linkage.candidates import Dropped, find_candidates, rules_of
from tradeline.creditfile.linkage.clusters import Held, Pairs, find_clusters
from tradeline.creditfile.linkage.company_names import Vocabulary
from tradeline.creditfile.linkage.comparisons import (
    compare,
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
    Counts,
    Weights,
    fit,
    guess,
    posterior,
)
from tradeline.creditfile.linkage.records import Table, learn_frequent, prepare, read_raw, weigh

THRESHOLD = 0.9
"""How likely *same* must be for a pair to be joined."""
PRIOR = {"same": 0.3, "affiliated": 0.15, "namesake": 0.05, "unrelated": 0.5}
# Beyond this a chance is not told from certainty.
BITS_MAX = 60.0


@dataclass(frozen=True, slots=True)
class Model:
    """All that was learned and that a judgement of a pair depends on, but for `frequent`."""

    fields: tuple[Field, ...]
    vocabulary: Vocabulary
    weights: Weights


def make_patterns(
    connection: duckdb.DuckDBPyConnection,
    fields: Sequence[Field],
    tables: Sequence[Table],
    across: bool = False,
) -> tuple[Vocabulary, tuple[Dropped, ...]]:
    """Make the tables `records`, `frequent`, `pairs` and `patterned`."""
    read_raw(connection, fields, tables)
    known = prepare(connection, fields)
    learn_frequent(connection, fields)
    weigh(connection, fields)
    dropped = find_candidates(connection, rules_of(fields), across)
    compare(connection, comparisons_of(fields))
    return known, dropped


def learn_weights(connection: duckdb.DuckDBPyConnection, fields: Sequence[Field]) -> Weights:
    """Weights fitted to `patterned`, from the first guesses of the fields' kinds."""
    comparisons = comparisons_of(fields)
    patterns, pairs = counted_patterns(connection)
    none = np.zeros(len(pairs))
    counts = Counts(levels_of(patterns, comparisons), pairs, none, none)
    return fit(counts, first_guess(comparisons))


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
    classes.append((UNRELATED, PRIOR[UNRELATED], agreeing[UNRELATED]))
    return guess(compared(comparisons), classes)


def judge(connection: duckdb.DuckDBPyConnection, fields: Sequence[Field], weights: Weights) -> None:
    """Make the table `judged` (l, r, pattern, relation, probability, bits_milli) of `patterned`.

    `probability` is that of *same*, `bits_milli` thousandths of log2 of its odds, `relation` the
    likeliest.
    """
    patterns, _ = counted_patterns(connection)
    chances = posterior(levels_of(patterns, comparisons_of(fields)), weights)
    names, table = np.array(list(chances), object), np.stack(list(chances.values()), axis=1)
    rest = table[:, 1:].sum(axis=1)
    bits = np.log2(np.maximum(table[:, 0], 1e-300)) - np.log2(np.maximum(rest, 1e-300))
    verdicts = {
        "pattern": patterns,
        "relation": names[table.argmax(axis=1)],
        "probability": table[:, 0],
        "bits_milli": np.rint(np.clip(bits, -BITS_MAX, BITS_MAX) * 1000).astype(np.int64),
    }
    connection.register("verdicts", verdicts)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE judged AS SELECT l, r, patterned.pattern, relation, "
        "probability, bits_milli FROM patterned JOIN verdicts USING (pattern)"
    )
    connection.unregister("verdicts")


def identifiers_held(
    connection: duckdb.DuckDBPyConnection, fields: Sequence[Field]
) -> dict[int, tuple[Held, ...]]:
    """By number of a record, the identifiers that it carries."""
    held: dict[int, tuple[Held, ...]] = {}
    for one in fields:
        if one.kind == "identifier":
            rows = connection.execute(
                f"SELECT n, {one.name} FROM records WHERE {one.name} IS NOT NULL ORDER BY n"
            ).fetchall()
            for n, value in rows:
                held[n] = (*held.get(n, ()), Held(one.name, value))
    return held


def cluster(
    connection: duckdb.DuckDBPyConnection, fields: Sequence[Field], threshold: float = THRESHOLD
) -> NDArray[np.int64]:
    """The cluster of each of `records`, from `judged`."""
    ((records,),) = connection.execute("SELECT count(*) FROM records").fetchall()
    found = connection.execute(
        "SELECT l, r, bits_milli, probability >= ? AS linked FROM judged ORDER BY l, r", [threshold]
    ).fetchnumpy()
    pairs = Pairs(
        found["l"].astype(np.int64),
        found["r"].astype(np.int64),
        found["bits_milli"].astype(np.int64),
        found["linked"].astype(bool),
    )
    return find_clusters(records, pairs, identifiers_held(connection, fields))
