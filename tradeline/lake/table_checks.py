"""What only a whole dataset can show: repeated keys, firms that nobody names, odd sums.

One scan tells whether there is anything of the kind at all; only where keys repeat are their rows
looked for.
"""

from dataclasses import dataclass

import duckdb

from tradeline.kernel.findings import Finding, Severity, counted
from tradeline.lake.contracts import Contract

INVOICES = ("sales_invoices", "purchase_invoices")


@dataclass(frozen=True, slots=True)
class TableCheck:
    """A landed dataset: its rows, and whether keys repeat; `odd` and `strangers` say first where.

    Keys are told apart by a hash of 64 bits: where all hashes differ, so do all keys.
    """

    rows: int
    repeated: bool
    odd: tuple[int, str, int]
    strangers: tuple[int, str]


def check_sql(contract: Contract) -> str:
    """The one statement that checks a landed dataset."""
    key = ", ".join(contract.field(name).column for name in contract.key)
    odd = "false"
    if contract.name in INVOICES:
        odd = "abs(net_minor::HUGEINT + tax_minor - gross_minor) > 1"
    strange = "false"
    firm = "''"
    if contract.name != "enterprises" and contract.fields[0].name == "enterprise":
        strange = "enterprise NOT IN (SELECT enterprise FROM landed_enterprises)"
        firm = "enterprise"
    return (
        f"SELECT count(*), count(DISTINCT hash({key})), count(*) FILTER (odd), "
        "arg_min(source_file, place) FILTER (odd), arg_min(source_row, place) FILTER (odd), "
        f"count(*) FILTER (strange), min({firm}) FILTER (strange) "
        f"FROM (SELECT *, rowid AS place, {odd} AS odd, {strange} AS strange "
        f"FROM landed_{contract.name})"
    )


def check_table(connection: duckdb.DuckDBPyConnection, contract: Contract) -> TableCheck:
    """Check a landed dataset in one scan."""
    row = connection.execute(check_sql(contract)).fetchone()
    assert row
    rows, keys, odd, file, place, strangers, firm = row
    return TableCheck(rows, keys < rows, (odd, file, place), (strangers, firm))


def refuse_repeated_keys(connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Keep the first row of each key; the copy is refused, and so is one that differs."""
    key = ", ".join(contract.field(name).column for name in contract.key)
    same = " AND ".join(f"r.{c} IS NOT DISTINCT FROM f.{c}" for c in contract.columns)
    shown = ", ".join(f"{c} := r.{c}" for c in contract.columns)
    firm = "r.enterprise" if "enterprise" in contract.columns else "NULL"
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE repeated AS SELECT * FROM ("
        f"SELECT rowid AS place, min(rowid) OVER (PARTITION BY {key}) AS first_place "
        f"FROM landed_{contract.name} WHERE hash({key}) IN (SELECT hash({key}) "
        f"FROM landed_{contract.name} GROUP BY ALL HAVING count(*) > 1)) WHERE place > first_place"
    )
    connection.execute(
        "INSERT INTO refused SELECT r.source, r.source_file, ?, r.source_row, "
        f"CASE WHEN {same} THEN 'copied-row' ELSE 'repeated-key' END, "
        f"CASE WHEN {same} THEN 'The same row stands earlier.' "
        "ELSE 'Another row with this key stands earlier and says otherwise.' END, "
        f"CAST(struct_pack({shown}) AS VARCHAR), {firm} FROM repeated "
        f"JOIN landed_{contract.name} r ON r.rowid = place "
        f"JOIN landed_{contract.name} f ON f.rowid = first_place ORDER BY place",
        [contract.name],
    )
    connection.execute(
        f"DELETE FROM landed_{contract.name} WHERE rowid IN (SELECT place FROM repeated)"
    )


def odd_sums(contract: Contract, check: TableCheck) -> list[Finding]:
    """Invoices that were accepted and do not add up."""
    rows, file, place = check.odd
    if not rows:
        return []
    return [
        Finding(
            "invoice-does-not-add-up",
            Severity.WARNING,
            f"{file} row {place}",
            f"{counted(rows, 'row')} of {contract.name}: net and tax differ from gross.",
            "Mend what is wrong; until then gross is what counts.",
            rows,
        )
    ]


def strangers(contract: Contract, check: TableCheck) -> list[Finding]:
    """Rows of firms that no file of firms names."""
    rows, firm = check.strangers
    if not rows:
        return []
    return [
        Finding(
            "unknown-enterprise",
            Severity.WARNING,
            contract.name,
            f"No enterprises file names the firms of {counted(rows, 'row')}, such as {firm!r}.",
            "These firms are not assessed; add them to an enterprises file if they should.",
            rows,
        )
    ]
