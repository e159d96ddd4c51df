"""The rows of one enterprise as tables of a connection: told by then, and which of them stand.

`told_<contract>` holds every version of its rows that was recorded by `known_at`, as the lake keeps
them; `file_<contract>` those that had occurred by `as_of` (disputes all), the newest first, each
with its id, its ages, whether it `stands` or another counts in its place (a better version, or what
another member tells alike), and whether it is `disputed`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import duckdb

from tradeline.creditfile.file.file_rows import DISPUTES, PARTNERED, file_sql
from tradeline.creditfile.file.links import Members, members
from tradeline.creditfile.file.registers import Others, Registers, Told, read_registers
from tradeline.lake.contracts import BY_NAME, CONTRACTS, Contract
from tradeline.lake.extracts import Extracts
from tradeline.lake.reading import Moment, parsed
from tradeline.lake.records import (
    Assurance,
    is_dated,
    row_hash_sql,
    stored_columns,
)
from tradeline.lake.sql_text import literal

FOLDER = "folder"
"""What the one source of a folder is called; nobody stated who stands behind it."""

PLACES = {contract.name: place for place, contract in enumerate(CONTRACTS)}
TRADING = ("sales_invoices", "purchase_invoices", "orders")
"""Contracts that name partners."""

OF_ENTERPRISES = tuple(contract.name for contract in CONTRACTS if "enterprise" in contract.columns)


@dataclass(frozen=True, slots=True)
class Subject:
    """An enterprise and the connection that holds its rows, told by a moment.

    `told` are the contracts of which anything of it had been told, in the order of the contracts;
    `contested` is what open disputes are about: ids of records and figures. `registers` is what
    public registers told of its partners.
    """

    enterprise: str
    members: Members
    moment: Moment
    connection: duckdb.DuckDBPyConnection
    told: tuple[str, ...]
    contested: frozenset[str] = frozenset()
    registers: Registers = field(default_factory=Registers)


def of_lake(source: Extracts, enterprise: str, moment: Moment) -> Subject:
    """The rows of an enterprise in a lake; only the files of its own slices are read."""
    found = members(source.lake, enterprise, moment)
    connection, contracts = source.of(found.same, moment)

    def others(enterprises: Collection[str], only: Collection[str]) -> Told:
        return source.sealed(enterprises, only, moment)

    return prepared(enterprise, found, moment, connection, contracts, others)


def of_folder(connection: duckdb.DuckDBPyConnection, enterprise: str, moment: Moment) -> Subject:
    """The rows of an enterprise in the tables of a landed folder, which is one source."""
    found = Members((enterprise,))
    for name in OF_ENTERPRISES:
        _tell(connection, BY_NAME[name], found.same, moment)

    def others(enterprises: Collection[str], only: Collection[str]) -> Told:
        beside = connection.cursor()
        there = tuple(name for name in only if beside.table(f"landed_{name}").limit(1).fetchall())
        for name in there:
            _tell(beside, BY_NAME[name], enterprises, moment)
        return beside, there

    return prepared(enterprise, found, moment, connection, OF_ENTERPRISES, others)


def _tell(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    enterprises: Collection[str],
    moment: Moment,
) -> None:
    """The table `told_` and the contract, as a lake would hold what the folder says."""
    given = {
        "source": literal(FOLDER),
        "assurance": literal(Assurance.SELF_DECLARED),
        "batch": literal(FOLDER),
        "entry": "CAST(0 AS BIGINT)",
        "revision": "false",
        "row_hash": row_hash_sql(contract),
        "subject": "CAST(NULL AS VARCHAR)",
        "erased": "false",
    }
    if not is_dated(contract):
        given |= dict.fromkeys(("occurred_at", "recorded_at"), "CAST(NULL AS TIMESTAMP)")
    columns = [
        f"{given[name]} AS {name}" if name in given else name
        for name in (*stored_columns(contract.name), *_erased(contract))
    ]
    listed = ", ".join(map(literal, enterprises))
    known = f" AND {moment.known_sql}" if is_dated(contract) else ""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE told_{contract.name} AS SELECT {', '.join(columns)} "
        f"FROM landed_{contract.name} WHERE enterprise IN ({listed}){known}"
    )


def _erased(contract: Contract) -> tuple[str, ...]:
    return ("erased",) if contract.personal_columns else ()


def prepared(
    enterprise: str,
    found: Members,
    moment: Moment,
    connection: duckdb.DuckDBPyConnection,
    contracts: Collection[str],
    others: Others | None = None,
) -> Subject:
    """The subject of a connection that holds `told_` tables of contracts, as told by the moment.

    Makes the tables `file_`, and `enterprises`: the members alone. `others` gives what was told of
    other enterprises, for their part in public registers.
    """
    # Disputes first: they say which rows of the others are contested. Orders before payments.
    names = sorted(contracts, key=lambda name: (name != DISPUTES, PLACES[name]))
    told, disputed = set[str](), tuple[str, ...]()
    seen = _told(connection, names)
    trading = [name for name in TRADING if seen.get(name, (0, False))[0]]
    registers = read_registers(others, _partners(connection, trading, found), moment)
    if not set(PARTNERED).isdisjoint(trading):
        registers.tell(connection)
    for name in names:
        rows, revised = seen[name]
        if rows:
            told.add(name)
            several = len(found.same) > 1
            sql = file_sql(BY_NAME[name], moment, disputed, revised=revised, several=several,
                           beside=told)  # fmt: skip
            connection.execute(f"CREATE OR REPLACE TEMP TABLE file_{name} AS {sql}")
        if rows and name == DISPUTES:
            disputed = _contested(connection)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE enterprises AS SELECT unnest(?::VARCHAR[]) AS enterprise",
        [list(found.same)],
    )
    in_order = tuple(contract.name for contract in CONTRACTS if contract.name in told)
    return Subject(enterprise, found, moment, connection, in_order, frozenset(disputed), registers)


def _partners(
    connection: duckdb.DuckDBPyConnection, trading: Sequence[str], found: Members
) -> list[str]:
    """Whoever is named as the other side of the trade, members apart."""
    if not trading:
        return []
    parts = (f"SELECT counterparty FROM told_{name}" for name in trading)
    rows = connection.execute(parsed(" UNION ".join(parts))).fetchall()
    return sorted({name for (name,) in rows if name} - set(found.same))


def _told(
    connection: duckdb.DuckDBPyConnection, contracts: Sequence[str]
) -> dict[str, tuple[int, bool]]:
    """By contract, how many rows were told of it, and whether any revises another."""
    if not contracts:
        return {}
    parts = (
        f"SELECT {literal(name)}, count(*), coalesce(bool_or(revision), false) FROM told_{name}"
        for name in contracts
    )
    found = connection.execute(parsed(" UNION ALL ".join(parts))).fetchall()
    return {name: (int(rows), bool(revised)) for name, rows, revised in found}


def _contested(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """What open disputes are about."""
    rows = connection.execute(
        "SELECT DISTINCT about FROM file_disputes WHERE stands AND status = 'open' ORDER BY about"
    ).fetchall()
    return tuple(about for (about,) in rows)
