"""The groups of records that stand, formed anew where something touched them."""

from collections.abc import Sequence

import duckdb
import numpy as np

from tradeline.creditfile.linkage.clusters import (
    Held,
    Ints,
    Pairs,
    find_clusters,
    find_components,
)
from tradeline.creditfile.linkage.fields import Field

THRESHOLD = 0.5
"""How likely *same* must be for a pair to join two records: likelier than not."""


def regroup(connection: duckdb.DuckDBPyConnection, fields: Sequence[Field], first: int) -> int:
    """Bring `clusters` (n, component, cluster) up to date; how many records were grouped anew.

    A cluster is called by the number of the record in it that comes first by source and name.
    Touched are records from number `first` on, and all that links tie to a pair in `telling` or
    `parted`.
    """
    connection.execute(
        "CREATE TABLE IF NOT EXISTS clusters (n INTEGER, component INTEGER, cluster INTEGER)"
    )
    _make_touched(connection, first)
    # The first records are numbered by source and name.
    order = "source, record" if first else "n"
    numbers = _column(
        connection, f"SELECT n FROM records SEMI JOIN touched USING (n) ORDER BY {order}"
    )
    place = np.full(int(numbers.max(initial=-1)) + 1, -1, np.int64)
    place[numbers] = np.arange(len(numbers))
    pairs = _pairs(connection, place)
    linked = pairs.linked
    components = find_components(len(numbers), pairs.left[linked], pairs.right[linked])
    held = _held(connection, fields, place, components)
    labels = find_clusters(len(numbers), pairs, held)
    made = {"n": numbers, "component": numbers[components], "cluster": numbers[labels]}
    connection.register("made_clusters", made)
    connection.execute("DELETE FROM clusters WHERE n IN (SELECT n FROM touched)")
    connection.execute("INSERT INTO clusters FROM made_clusters")
    connection.unregister("made_clusters")
    return len(numbers)


def _make_touched(connection: duckdb.DuckDBPyConnection, first: int) -> None:
    """Make the table `touched` (n): new records, and whole components that something changed."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE ends AS SELECT l, r FROM parted UNION ALL SELECT l, r FROM "
        f"telling JOIN verdicts ON verdicts.pattern = told WHERE probability >= {THRESHOLD}"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE touched AS SELECT n FROM clusters SEMI JOIN (SELECT "
        "component FROM clusters SEMI JOIN (SELECT l AS n FROM ends UNION SELECT r FROM ends UNION "
        "SELECT n FROM changed) USING (n)) USING (component) "
        f"UNION ALL SELECT n FROM records WHERE n >= {first}"
    )


def _column(connection: duckdb.DuckDBPyConnection, query: str) -> Ints:
    (values,) = connection.execute(query).fetchnumpy().values()
    return np.asarray(values).astype(np.int64)


def _pairs(connection: duckdb.DuckDBPyConnection, place: Ints) -> Pairs:
    """All judged pairs of touched records, by their places."""
    found = connection.execute(
        f"SELECT l, r, bits_milli, probability >= {THRESHOLD} AS linked FROM judged "
        "SEMI JOIN touched ON touched.n = l"
    ).fetchnumpy()
    left, right = (found[name].astype(np.int64) for name in ("l", "r"))
    inside = (right < len(place)) & (place[np.minimum(right, len(place) - 1)] >= 0)
    ends = np.sort(np.stack([place[left[inside]], place[right[inside]]]), axis=0)
    return Pairs(
        ends[0],
        ends[1],
        found["bits_milli"].astype(np.int64)[inside],
        found["linked"].astype(bool)[inside],
    )


def _held(
    connection: duckdb.DuckDBPyConnection, fields: Sequence[Field], place: Ints, components: Ints
) -> dict[int, tuple[Held, ...]]:
    """The identifiers of records, where two of one component carry different ones."""
    held: dict[int, tuple[Held, ...]] = {}
    for name in (one.name for one in fields if one.kind == "identifier"):
        found = connection.execute(
            f"SELECT n, {name} AS value, hash({name}) AS code FROM records SEMI JOIN touched "
            f"USING (n) WHERE {name} IS NOT NULL AND {name} NOT IN "
            f"(SELECT value FROM reused WHERE field = '{name}') ORDER BY n"
        ).fetchnumpy()
        holders = place[found["n"].astype(np.int64)]
        label, code = components[holders], found["code"].astype(np.uint64)
        lowest = np.full(len(components), 2**64 - 1, np.uint64)
        highest = np.zeros(len(components), np.uint64)
        np.minimum.at(lowest, label, code)
        np.maximum.at(highest, label, code)
        for row in np.flatnonzero(lowest[label] != highest[label]).tolist():
            holder = int(holders[row])
            held[holder] = (*held.get(holder, ()), Held(name, str(found["value"][row])))
    return held
