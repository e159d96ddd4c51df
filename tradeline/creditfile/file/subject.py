"""The rows of one enterprise as tables of a connection: told by then, and which of them stand.

`told_<contract>` holds every version of its rows that was recorded by `known_at`, as the lake keeps
them; `file_<contract>` those that had occurred by `as_of` (disputes all), the newest first, each
with its id, its ages, whether it `stands` or another counts in its place (a better version, or what
another member tells alike), and whether it is `disputed`.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

import duckdb

from tradeline.creditfile.features.fragments import AGES
from tradeline.creditfile.features.statement import alike_columns
from tradeline.creditfile.file.declaration import LAST_BY
from tradeline.creditfile.file.links import Members, members
from tradeline.creditfile.file.row_sql import ORDER, lasts_of, where_sql
from tradeline.lake.contracts import BY_NAME, CONTRACTS, Contract
from tradeline.lake.extracts import Extracts
from tradeline.lake.reading import Moment, parsed
from tradeline.lake.records import (
    Assurance,
    is_dated,
    key_columns,
    record_id_sql,
    row_hash_sql,
    stored_columns,
    strength_sql,
)
from tradeline.lake.sql_text import literal

FOLDER = "folder"
"""What the one source of a folder is called; nobody stated who stands behind it."""

DISPUTES = "disputes"
DAY = timedelta(days=1)
_NEWEST = "occurred_at DESC, recorded_at DESC, entry DESC, record_id"
Told = tuple[duckdb.DuckDBPyConnection, tuple[str, ...]]
"""A connection with tables `told_` of contracts, and which."""

OF_ENTERPRISES = tuple(contract.name for contract in CONTRACTS if "enterprise" in contract.columns)


@dataclass(frozen=True, slots=True)
class Subject:
    """An enterprise and the connection that holds its rows, told by a moment.

    `told` are the contracts of which anything of it had been told, in the order of the contracts;
    `contested` is what open disputes are about: ids of records and figures. `others` gives what was
    told of other enterprises under some contracts, with nothing personal in the clear.
    """

    enterprise: str
    members: Members
    moment: Moment
    connection: duckdb.DuckDBPyConnection
    told: tuple[str, ...]
    contested: frozenset[str] = frozenset()
    others: Callable[[Collection[str], Collection[str]], Told] | None = None


def of_lake(source: Extracts, enterprise: str, moment: Moment) -> Subject:
    """The rows of an enterprise in a lake; only the files of its own slices are read."""
    found = members(source.lake, enterprise, moment)
    connection, contracts = source.of(found.same, moment)
    subject = prepared(enterprise, found, moment, connection, contracts)
    return replace(subject, others=lambda names, only: source.sealed(names, only, moment))


def of_folder(connection: duckdb.DuckDBPyConnection, enterprise: str, moment: Moment) -> Subject:
    """The rows of an enterprise in the tables of a landed folder, which is one source."""
    found = Members((enterprise,))
    for name in OF_ENTERPRISES:
        _tell(connection, BY_NAME[name], found.same, moment)
    subject = prepared(enterprise, found, moment, connection, OF_ENTERPRISES)

    def others(enterprises: Collection[str], contracts: Collection[str]) -> Told:
        beside = connection.cursor()
        for name in contracts:
            _tell(beside, BY_NAME[name], enterprises, moment)
        return beside, tuple(contracts)

    return replace(subject, others=others)


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
) -> Subject:
    """The subject of a connection that holds `told_` tables of contracts, as told by the moment.

    Makes the tables `file_`, and `enterprises`: the members alone.
    """
    # Disputes first: they say which rows of the others are contested.
    names = sorted(contracts, key=DISPUTES.__ne__)
    told, disputed = set[str](), tuple[str, ...]()
    seen = _told(connection, names)
    for name in names:
        rows, revised = seen[name]
        if rows:
            told.add(name)
            several = len(found.same) > 1
            sql = file_sql(BY_NAME[name], moment, disputed, revised=revised, several=several)
            connection.execute(f"CREATE OR REPLACE TEMP TABLE file_{name} AS {sql}")
        if rows and name == DISPUTES:
            disputed = _contested(connection)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE enterprises AS SELECT unnest(?::VARCHAR[]) AS enterprise",
        [list(found.same)],
    )
    in_order = tuple(contract.name for contract in CONTRACTS if contract.name in told)
    return Subject(enterprise, found, moment, connection, in_order, frozenset(disputed))


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


def file_sql(
    contract: Contract,
    moment: Moment,
    disputed: Collection[str],
    *,
    revised: bool,
    several: bool,
) -> str:
    """The rows of `file_` and the contract; only rows that were revised are ranked at all.

    `place` 1 is the best version of a key, `own_place` 1 that of one source.
    """
    place = own_place = "1"
    if revised:
        key = ", ".join(key_columns(contract))
        best = f"ORDER BY {strength_sql()} DESC, recorded_at DESC, entry DESC"
        place = f"row_number() OVER (PARTITION BY {key} {best})"
        own_place = f"row_number() OVER (PARTITION BY {key}, source {best})"
    as_of_day = moment.as_of.date()
    # What was contested later than as of concerns what the file says of then.
    dated = is_dated(contract) and contract.name != DISPUTES
    occurred = f" WHERE {moment.occurred_sql}" if dated else ""
    erased = "" if contract.personal_columns else ", false AS erased"
    listed = ", ".join(map(literal, disputed))
    contested = f"record_id IN ({listed})" if disputed else "false"
    return (
        f"WITH ranked AS (SELECT *, {place} AS place, {own_place} AS own_place "
        f"FROM told_{contract.name}), "
        f"dated AS (SELECT *, place = 1{_once_sql(contract) if several else ''} AS stands, "
        f"{record_id_sql(contract.name)} AS record_id, "
        f"CAST(occurred_at AS DATE) AS day, TIMESTAMP '{moment.as_of}' AS as_of, "
        f"DATE '{as_of_day}' AS as_of_day, DATE '{as_of_day + DAY}' AS next_day{erased} "
        f"FROM ranked{occurred}), "
        f"aged AS (SELECT *, {_derived(contract.name)}, {contested} AS disputed FROM dated) "
        f"SELECT *{_lasts_sql(contract.name)} FROM aged ORDER BY {ORDER}"
    )


def _once_sql(contract: Contract) -> str:
    """That no other member tells the row alike, as features count it too; disputes stay apart."""
    if not is_dated(contract) or contract.name == DISPUTES:
        return ""
    alike = ", ".join(("place", *alike_columns(contract.name)))
    return f" AND row_number() OVER (PARTITION BY {alike} ORDER BY enterprise, entry) = 1"


@cache
def _derived(contract: str) -> str:
    """Ages, and which rows are the latest that a source tells of something of a member.

    A number is unique only with whoever gave it. A source whose last row does not stand says
    nothing: its earlier ones are no news.
    """
    ages = [f"{sql} AS {name}" for name, sql in AGES.items()]
    latest = []
    for number, (where, last_of, _) in enumerate(lasts_of(contract)):
        mine = f"coalesce({where_sql(where, 'own_place = 1')}, false)"
        whose = ", ".join((*LAST_BY, *last_of))
        latest.append(
            f"{mine} AND row_number() OVER (PARTITION BY {mine}, {whose} ORDER BY {_NEWEST}) = 1 "
            f"AS latest_{number}"
        )
    return ", ".join([*ages, *latest])


@cache
def _lasts_sql(contract: str) -> str:
    """Which rows are the last of something, as the declarations ask for it.

    Where several sources or members tell of one thing, their latest rows agree in every column
    that says so, and one counts. What is not stated says nothing.
    """
    found = []
    for number, (_, last_of, one_by) in enumerate(lasts_of(contract)):
        last = f"latest_{number}"
        if one_by:
            told = f"CASE WHEN {last} AND stands THEN {stated_sql(one_by)} ELSE false END"
            one = ", ".join((f"CASE WHEN {told} THEN '' ELSE record_id END", *last_of, *one_by))
            best = f"ORDER BY {strength_sql()} DESC, {_NEWEST}"
            last = f"{last} AND row_number() OVER (PARTITION BY {one} {best}) = 1"
        found.append(f", {last} AS last_{number}")
    return "".join(found)


def stated_sql(columns: Sequence[str]) -> str:
    """Whether a row states every one of some columns."""
    return " AND ".join(f"{column} IS NOT NULL" for column in columns)
