"""Identifiers that two firms use: a finding, and no evidence any more.

Two records that carry one identifier and are, all the same, almost certainly not one firm show that
the identifier tells nothing of anybody who carries it.
"""

from collections.abc import Sequence

import duckdb

from tradeline.creditfile.linkage.comparisons import place_of
from tradeline.creditfile.linkage.fields import Comparison, Field
from tradeline.creditfile.linkage.mixture import SAME

SURELY = 0.1
"""How likely *same* may be at most, where an identifier is taken to be used by two firms."""


def find_reused(
    connection: duckdb.DuckDBPyConnection,
    fields: Sequence[Field],
    comparisons: Sequence[Comparison],
) -> None:
    """Bring `reused` (field, value) up to date, and make `telling` (l, r, pattern, told).

    `telling` are the pairs in `patterned` and those that a change of `reused` concerns, which are
    in `revised`. `verdicts` must hold the patterns of `patterned`.
    """
    names = [one.name for one in fields if one.kind == "identifier"]
    connection.execute("CREATE TABLE IF NOT EXISTS at_odds (l INTEGER, r INTEGER, field VARCHAR)")
    connection.execute("CREATE TABLE IF NOT EXISTS reused (field VARCHAR, value VARCHAR)")
    connection.execute(
        "DELETE FROM at_odds USING parted WHERE at_odds.l = parted.l AND at_odds.r = parted.r"
    )
    for name in names:
        stride, digits, equal = place_of(comparisons, name)
        connection.execute(
            f"INSERT INTO at_odds SELECT l, r, '{name}' FROM patterned JOIN (FROM verdicts WHERE "
            f"probability < {SURELY} AND relation != '{SAME}' "
            f"AND (pattern // {stride}) % {digits} = {equal}) USING (pattern)"
        )
    _make_carriers(connection, names)
    silent = " + ".join(
        f"CASE WHEN l IN (SELECT n FROM carriers WHERE field = '{name}') "
        f"OR r IN (SELECT n FROM carriers WHERE field = '{name}') "
        f"THEN (pattern // {place_of(comparisons, name)[0]}) % {place_of(comparisons, name)[1]} "
        f"* {place_of(comparisons, name)[0]} ELSE 0 END"
        for name in names
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE revised AS SELECT judged.l, judged.r, judged.pattern "
        "FROM (FROM judged SEMI JOIN changed ON changed.n = l UNION "
        "FROM judged SEMI JOIN changed ON changed.n = r) AS judged ANTI JOIN parted USING (l, r)"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE telling AS SELECT l, r, pattern, pattern - ({silent or 0}) "
        "AS told FROM (FROM patterned UNION ALL FROM revised)"
    )


def _make_carriers(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> None:
    """Make `carriers` (field, n) of all reused values and `changed` (n) of those that changed."""
    none = "SELECT '' AS field, '' AS value, 0 AS n WHERE false"
    now = " UNION ".join(
        f"SELECT field, {name} AS value, 0 AS n FROM at_odds JOIN records ON records.n = at_odds.l "
        f"WHERE field = '{name}'"
        for name in names
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE reused_now AS {now or none}")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE turned AS (SELECT field, value FROM reused_now EXCEPT FROM "
        "reused) UNION (FROM reused EXCEPT SELECT field, value FROM reused_now)"
    )
    for made, values in (("carriers", "reused_now"), ("changed", "turned")):
        of_all = " UNION ALL ".join(
            f"SELECT field, value, records.n FROM records JOIN {values} ON field = '{name}' "
            f"AND value = records.{name}"
            for name in names
        )
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {made} AS {of_all or none}")
    connection.execute("DELETE FROM reused")
    connection.execute("INSERT INTO reused SELECT DISTINCT field, value FROM reused_now")
