"""The rows that quality is measured on: each version as told, by whom, and which one stands.

One view for each contract, `quality_<contract>`, over a lake (`told_<contract>`: every version of
every source) or over a landed folder (one source that says nothing twice). This is the one place
where rows become visible: recorded by `known_at`, occurred by `as_of`.
"""

from collections.abc import Collection, Mapping

import duckdb

from tradeline.creditfile.features.firms import present_tables
from tradeline.creditfile.quality.terms import origins
from tradeline.lake.contracts import CONTRACTS, Contract
from tradeline.lake.reading import Moment, parsed
from tradeline.lake.records import Assurance, is_dated, key_columns, strength_sql
from tradeline.lake.sql_text import literal

FOLDER = "folder"
"""What the one source of a folder is called; nobody stated who stands behind it."""

# A label is no record of what the firm does, and neither is what it contests.
APART = ("outcomes", "disputes")
MEASURED = tuple(c for c in CONTRACTS if "enterprise" in c.columns and c.name not in APART)
CLOCKS = ("occurred_at", "recorded_at")
# By what a row of one source is known again in another, where the key holds amounts or moments.
FACTS = {
    "sales_invoices": ("enterprise", "invoice_no", "counterparty"),
    "purchase_invoices": ("enterprise", "invoice_no", "counterparty"),
}


def view(contract: Contract) -> str:
    """The name of a contract's view."""
    return f"quality_{contract.name}"


def fact_columns(contract: Contract) -> tuple[str, ...]:
    """The columns by which two sources speak of the same fact."""
    return FACTS.get(contract.name, key_columns(contract))


def said_columns(contract: Contract) -> tuple[str, ...]:
    """The columns in which two sources may differ on a fact."""
    apart = (*fact_columns(contract), "recorded_at")
    return tuple(name for name in contract.columns if name not in apart)


def create_views(
    connection: duckdb.DuckDBPyConnection,
    moment: Moment,
    fed_by: Mapping[str, str],
    held: Collection[str] | None = None,
) -> tuple[Contract, ...]:
    """Make the views as of a moment; the contracts of which anything was known by then.

    `held` are the tables of a connection that holds but few rows: it is not asked for them, and
    what it would be asked for again and again is worked out once.

    Beside its contract's columns a row has `key` (as text), `source`, `assurance`, `strength`,
    `origin`, `origin_bit`, `entry`, `source_file`, `source_row`, `lag_s`, and whether its source
    told the key with it first (`first_told`) and last (`last_told`), and whether of all sources it
    `stands`.
    """
    tables = present_tables(connection) if held is None else set(held)
    bases = {c: base for c in MEASURED if (base := _base(connection, c, tables))}
    behind = origins(_assurances(connection, bases, moment), fed_by)
    revised = _holding(connection, {c: f"({base}) WHERE revision" for c, base in bases.items()})
    for contract, base in bases.items():
        sql = _view_sql(contract, base, moment, behind, revised=contract in revised)
        kind = "VIEW" if held is None else "TABLE"
        connection.execute(f"CREATE OR REPLACE TEMP {kind} {view(contract)} AS {sql}")
    return _holding(connection, {contract: view(contract) for contract in bases})


def _base(
    connection: duckdb.DuckDBPyConnection, contract: Contract, tables: set[str]
) -> str | None:
    """Every version of a contract's rows with who told it; None where the contract is absent."""
    columns = [*contract.columns, *([] if is_dated(contract) else CLOCKS)]
    if f"told_{contract.name}" in tables:
        kept = ("source", "assurance", "entry", "revision", "source_file", "source_row")
        return f"SELECT {', '.join([*columns, *kept])} FROM told_{contract.name}"
    if contract.name not in tables:
        return None
    described = connection.execute(f"DESCRIBE {contract.name}").fetchall()
    present = {row[0] for row in described}
    stamps = {
        "occurred_at": "CAST(NULL AS TIMESTAMP)",
        "recorded_at": "CAST(NULL AS TIMESTAMP)",
        "source": literal(FOLDER),
        "assurance": literal(Assurance.SELF_DECLARED),
        "entry": "CAST(0 AS BIGINT)",
        "revision": "false",
        "source_file": "CAST(NULL AS VARCHAR)",
        "source_row": "CAST(NULL AS BIGINT)",
    }
    own = [*contract.columns, *(name for name in stamps if name in present - set(columns))]
    added = [f"{sql} AS {name}" for name, sql in stamps.items() if name not in own]
    return f"SELECT {', '.join([*own, *added])} FROM {contract.name}"


def _assurances(
    connection: duckdb.DuckDBPyConnection, bases: Mapping[Contract, str], moment: Moment
) -> dict[str, str]:
    """The assurance of each source that had told anything, as a lake keeps it for good."""
    parts = [
        f"SELECT DISTINCT source, assurance FROM ({base}) WHERE {_known(contract, moment)}"
        for contract, base in bases.items()
    ]
    return dict(connection.execute(" UNION ".join(parts)).fetchall()) if parts else {}


def _holding(
    connection: duckdb.DuckDBPyConnection, relations: Mapping[Contract, str]
) -> tuple[Contract, ...]:
    """The contracts of whose relation (SQL) there is any row; one statement asks for them all."""
    if not relations:
        return ()
    parts = (
        f"(SELECT {place} FROM {relation} LIMIT 1)"
        for place, relation in enumerate(relations.values())
    )
    found = connection.execute(parsed(" UNION ALL ".join(parts))).fetchall()
    return tuple(contract for place, contract in enumerate(relations) if (place,) in found)


def _known(contract: Contract, moment: Moment) -> str:
    """Whether a row had been told; a folder does not say when its list of firms was."""
    known = moment.known_sql
    return known if is_dated(contract) else f"(recorded_at IS NULL OR {known})"


def _view_sql(
    contract: Contract,
    base: str,
    moment: Moment,
    behind: Mapping[str, str],
    *,
    revised: bool,
) -> str:
    """The contract's rows by then; only keys that were told again are ranked at all."""
    key = ", ".join(key_columns(contract))
    mine = f"PARTITION BY {key}, source ORDER BY recorded_at"
    ranked = (
        f"ROW_NUMBER() OVER ({mine}, entry) = 1 AS first_told, "
        f"ROW_NUMBER() OVER ({mine} DESC, entry DESC) = 1 AS last_told, "
        f"ROW_NUMBER() OVER (PARTITION BY {key} "
        "ORDER BY strength DESC, recorded_at DESC, entry DESC) = 1 AS stands"
    )
    occurred = moment.occurred_sql if is_dated(contract) else "true"
    text = " || '|' || ".join(
        f"CAST({name} AS VARCHAR)" for name in key_columns(contract) if name != "enterprise"
    )
    once = "SELECT *, true AS first_told, true AS last_told, true AS stands FROM known"
    told = f"told AS ({once})"
    if revised:
        told = (
            f"again AS (SELECT DISTINCT {key} FROM known WHERE revision), "
            f"told AS ({once} ANTI JOIN again USING ({key}) "
            f"UNION ALL SELECT *, {ranked} FROM known SEMI JOIN again USING ({key}))"
        )
    return (
        f"WITH known AS (SELECT *, {strength_sql()} AS strength, {_origin_sql(behind)} "
        f"FROM ({base}) WHERE {_known(contract, moment)}), {told} "
        f"SELECT *, {text or 'enterprise'} AS key, "
        f"date_sub('second', occurred_at, recorded_at) AS lag_s FROM told WHERE {occurred}"
    )


def _origin_sql(behind: Mapping[str, str]) -> str:
    """The origin of a row, by name and as a bit of its own: sets of origins are or-ed quickly."""
    listed = sorted(set(behind.values()))
    bits = {origin: format(1 << place, f"0{len(listed)}b") for place, origin in enumerate(listed)}
    names, marks = "", ""
    for source, origin in behind.items():
        names += f"WHEN {literal(source)} THEN {literal(origin)} "
        marks += f"WHEN {literal(source)} THEN {literal(bits[origin])}::BIT "
    if not behind:
        return "source AS origin, CAST('0' AS BIT) AS origin_bit"
    return f"CASE source {names}END AS origin, CASE source {marks}END AS origin_bit"
