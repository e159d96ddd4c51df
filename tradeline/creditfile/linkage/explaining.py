"""Why two records are linked or not: what each comparison says, in bits, and what came of it."""

from dataclasses import dataclass

import duckdb
import numpy as np

from tradeline.creditfile.linkage.comparisons import comparisons_of, levels_of
from tradeline.creditfile.linkage.linking import read_model
from tradeline.creditfile.linkage.mixture import Evidence, evidence
from tradeline.kernel.findings import problem


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is said of two records.

    `relation` is the likeliest, `rival` the next, `probability` that of *same*; the bits of
    `evidence` add up to log2 of the ratio of the chances of both. `together` says whether both
    stand in one cluster; it may differ from the relation, since a cluster weighs all its pairs and
    never joins identifiers that exclude each other.
    """

    relation: str
    rival: str
    probability: float
    evidence: tuple[Evidence, ...]
    together: bool


def explain(
    connection: duckdb.DuckDBPyConnection, one: tuple[str, str], other: tuple[str, str]
) -> Explanation:
    """Why two records (source, name) are linked as they are; InputProblem if they never met."""
    found = connection.execute(
        "SELECT told, probability, c.cluster = d.cluster FROM judged JOIN records AS a ON a.n = l "
        "JOIN records AS b ON b.n = r JOIN clusters AS c ON c.n = l JOIN clusters AS d ON d.n = r "
        "WHERE (a.source, a.record, b.source, b.record) IN ((?, ?, ?, ?), (?, ?, ?, ?))",
        [*one, *other, *other, *one],
    ).fetchall()
    if not found:
        raise problem(
            "never-met",
            f"{one[1]}, {other[1]}",
            "These two records were never compared: they share no key, or are not known.",
            "Check how the records are called; what shares nothing is taken to be unrelated.",
        )
    ((told, probability, together),) = found
    model = read_model(connection)
    levels = levels_of(np.array([told]), comparisons_of(model.fields))[0].tolist()
    relation, rival, lines = evidence(levels, model.weights)
    return Explanation(relation, rival, probability, lines, together)


LINKS = (
    "SELECT a.record AS left, b.record AS right, probability, CASE WHEN c.cluster = d.cluster "
    "THEN 'same' WHEN relation = 'same' THEN 'apart' ELSE relation END AS relation "
    "FROM judged JOIN records AS a ON a.n = l JOIN records AS b ON b.n = r "
    "JOIN clusters AS c ON c.n = l JOIN clusters AS d ON d.n = r "
    "WHERE relation != 'unrelated' OR c.cluster = d.cluster ORDER BY ALL"
)
"""SQL for all links: names of records, the chance of *same*, and the relation that stands.

*apart* are two that look the same but whose clusters something keeps apart.
"""
