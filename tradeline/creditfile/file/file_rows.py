"""The SQL of the tables `file_`: rows of a contract that had occurred, and what follows of each.

Ages, which rows stand, which are the last of something, whether somebody contests them; of invoices
how registers say that the partner stands, of payments how long after the order they came.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from functools import cache

from tradeline.creditfile.features.fragments import AGES
from tradeline.creditfile.features.statement import alike_columns
from tradeline.creditfile.file.declaration import LAST_BY, PARTNER_STANDINGS
from tradeline.creditfile.file.row_sql import ORDER, lasts_of, where_sql
from tradeline.lake.contracts import Contract
from tradeline.lake.reading import Moment
from tradeline.lake.records import is_dated, key_columns, record_id_sql, strength_sql
from tradeline.lake.sql_text import literal

DISPUTES = "disputes"
PARTNERED = ("sales_invoices", "purchase_invoices")
"""Contracts whose partners are looked up in registers: what stands in `partners_seen`."""

DAY = timedelta(days=1)
_NEWEST = "occurred_at DESC, recorded_at DESC, entry DESC, record_id"
_ORDERED = (
    " LEFT JOIN (SELECT enterprise, order_no, min(day) AS ordered_on FROM file_orders WHERE stands "
    "GROUP BY enterprise, order_no) USING (enterprise, order_no)"
)


def file_sql(
    contract: Contract,
    moment: Moment,
    disputed: Collection[str],
    *,
    revised: bool,
    several: bool,
    beside: Collection[str] = (),
) -> str:
    """The rows of `file_` and the contract; only rows that were revised are ranked at all.

    `place` 1 is the best version of a key, `own_place` 1 that of one source. `beside` are the
    tables that are there already.
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
        f"aged AS (SELECT *, {_derived(contract.name)}, {contested} AS disputed "
        f"{_beside_sql(contract.name, beside)}) "
        f"SELECT *{_lasts_sql(contract.name)} FROM aged ORDER BY {ORDER}"
    )


def _once_sql(contract: Contract) -> str:
    """That no other member tells the row alike, as features count it too; disputes stay apart."""
    if not is_dated(contract) or contract.name == DISPUTES:
        return ""
    alike = ", ".join(("place", *alike_columns(contract.name)))
    return f" AND row_number() OVER (PARTITION BY {alike} ORDER BY enterprise, entry) = 1"


def _beside_sql(contract: str, beside: Collection[str]) -> str:
    """What a row says together with other tables, and from where it is read."""
    if contract in PARTNERED:
        names = (f"coalesce({name}, false) AS partner_{name}" for name in PARTNER_STANDINGS)
        joined = "LEFT JOIN partners_seen ON partner = counterparty"
        return f", {', '.join(names)} FROM dated {joined}"
    if contract == "payments" and "orders" in beside:
        return f", date_diff('day', ordered_on, day) AS days_after_order FROM dated{_ORDERED}"
    if contract == "payments":
        return ", CAST(NULL AS BIGINT) AS days_after_order FROM dated"
    return "FROM dated"


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
