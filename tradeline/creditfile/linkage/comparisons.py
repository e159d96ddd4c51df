"""From pairs to patterns: how alike two records are in every respect, as one whole number."""

from collections.abc import Sequence

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.linkage.fields import Comparison, Field
from tradeline.creditfile.linkage.mixture import Compared, Levels


def comparisons_of(fields: Sequence[Field]) -> tuple[Comparison, ...]:
    """All comparisons of all fields, in order."""
    return tuple(comparison for one in fields for comparison in one.treated().comparisons)


def compared(comparisons: Sequence[Comparison]) -> tuple[Compared, ...]:
    """The levels of each comparison, the weakest first, as a model has them."""
    return tuple(
        Compared(one.name, (one.otherwise, *(name for name, _ in reversed(one.levels))))
        for one in comparisons
    )


def pattern_sql(comparisons: Sequence[Comparison]) -> str:
    """SQL over records `l` and `r`: their pattern, a number with one digit for each comparison.

    The digit is 0 where the comparison says nothing, else 1 and the place of the level.
    """
    terms, stride = [], 1
    for one in comparisons:
        cases = " ".join(
            f"WHEN {condition} THEN {(len(one.levels) + 1 - place) * stride}"
            for place, (_, condition) in enumerate(one.levels)
        )
        terms.append(f"CASE WHEN {one.silent} THEN 0 {cases} ELSE {stride} END")
        stride *= len(one.levels) + 2
    assert stride < 2**63
    return f"CAST({' + '.join(f'CAST({term} AS BIGINT)' for term in terms)} AS BIGINT)"


def levels_of(patterns: NDArray[np.int64], comparisons: Sequence[Comparison]) -> Levels:
    """Patterns taken apart (patterns, comparisons): places of levels, -1 where nothing is said."""
    levels = np.empty((len(patterns), len(comparisons)), np.int8)
    rest = patterns
    for number, one in enumerate(comparisons):
        rest, digit = np.divmod(rest, len(one.levels) + 2)
        levels[:, number] = digit - 1
    return levels


def compare(
    connection: duckdb.DuckDBPyConnection, comparisons: Sequence[Comparison], few: bool
) -> None:
    """Make the table `patterned` (l, r, pattern) of `pairs` and `records`.

    Where `few` of the records are in pairs, those are taken out first.
    """
    involved = "SELECT * EXCLUDE (source, record) FROM records"
    if few:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE paired AS SELECT l AS n FROM pairs UNION "
            "SELECT r FROM pairs"
        )
        involved += " SEMI JOIN paired USING (n)"
    connection.execute(
        f"CREATE OR REPLACE TEMP {'TABLE' if few else 'VIEW'} involved AS {involved}"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE patterned AS SELECT pairs.l, pairs.r, "
        f"{pattern_sql(comparisons)} AS pattern FROM pairs JOIN involved AS l ON l.n = pairs.l "
        "JOIN involved AS r ON r.n = pairs.r"
    )
    connection.execute(f"DROP {'TABLE' if few else 'VIEW'} involved")


def place_of(comparisons: Sequence[Comparison], name: str) -> tuple[int, int, int]:
    """Of a comparison: what its digit counts in a pattern, how many digits it has, its highest."""
    stride = 1
    for one in comparisons:
        digits = len(one.levels) + 2
        if one.name == name:
            return stride, digits, digits - 1
        stride *= digits
    raise KeyError(name)


def counted_patterns(
    connection: duckdb.DuckDBPyConnection, table: str, column: str
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The distinct patterns of a table, in order, and how many pairs have each."""
    found = connection.execute(
        f"SELECT {column} AS pattern, count(*) AS pairs FROM {table} GROUP BY ALL ORDER BY ALL"
    ).fetchnumpy()
    return found["pattern"].astype(np.int64), found["pairs"].astype(float)
