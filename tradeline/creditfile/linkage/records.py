"""Records of several tables as one, each brought once to the form in which pairs are compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from tradeline.creditfile.linkage.company_names import NAME_PARTS, letters_of
from tradeline.creditfile.linkage.doubtful_identifiers import evidence
from tradeline.creditfile.linkage.fields import NOTHING, OFTEN, Field
from tradeline.creditfile.linkage.identifiers import check, kinds_of
from tradeline.creditfile.linkage.name_parts import take_apart
from tradeline.creditfile.linkage.text_columns import distinct_texts, keep_texts
from tradeline.kernel.findings import counted, problem
from tradeline.lake.sql_text import quoted

# An identifier is held to the rules of a register if so many of its values obey them.
VALID_SHARE, VALUES_MIN, SAMPLE = 0.9, 50, 100


@dataclass(frozen=True, slots=True)
class Table:
    """A table of records: what to select from, the column that names a record, and its fields.

    `source` is who tells of these records; a record is named once in its source.
    """

    relation: str
    source: str
    record: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Learned:
    """What records teach of their fields before any are compared.

    `generic` are words of names that are no brands; `registers` name the kind of number
    (`identifier_kinds`) that an identifier is, where nearly all are valid numbers of that kind.
    """

    generic: tuple[str, ...]
    registers: tuple[tuple[str, str], ...]


def read_raw(
    connection: duckdb.DuckDBPyConnection,
    fields: Sequence[Field],
    tables: Sequence[Table],
    first: int = 0,
) -> None:
    """Make the table `raw` (n, source, record, fields as text) of all tables.

    Records are numbered from `first` on by source and name, whatever the order of rows.
    InputProblem if a name stands twice in a source, or is missing.
    """
    texts = [_texts_sql(table, fields) for table in tables]
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE raw AS SELECT CAST(row_number() OVER (ORDER BY source, "
        f"record) + {first - 1} AS INTEGER) AS n, * FROM ({' UNION ALL '.join(texts)})",
        [table.source for table in tables],
    )
    _check_names(connection)


def _texts_sql(table: Table, fields: Sequence[Field]) -> str:
    columns = "".join(
        f", CAST({quoted(table.columns[one.name])} AS VARCHAR) AS {quoted(one.name)}"
        if one.name in table.columns
        else f", CAST(NULL AS VARCHAR) AS {quoted(one.name)}"
        for one in fields
    )
    return (
        f"SELECT CAST(? AS VARCHAR) AS source, CAST({quoted(table.record)} AS VARCHAR) AS record"
        f"{columns} FROM {table.relation}"
    )


def _check_names(connection: duckdb.DuckDBPyConnection) -> None:
    for source, record, rows in connection.execute(
        "SELECT source, record, count(*) FROM raw GROUP BY ALL "
        "HAVING count(*) > 1 OR record IS NULL ORDER BY ALL LIMIT 1"
    ).fetchall():
        what = f"names {counted(rows, 'record')} '{record}'" if record else "leaves records unnamed"
        raise problem(
            "no-such-record" if record is None else "record-twice",
            source,
            f"The source {what}.",
            "Name a column that identifies each row.",
        )


def prepare(
    connection: duckdb.DuckDBPyConnection,
    fields: Sequence[Field],
    learned: Learned | None = None,
) -> Learned:
    """Make the table `normal` of `raw`: the columns of every field.

    What is not given as learned is learned from these records, and given back.
    """
    generic = learned.generic if learned else None
    _make_bases(connection, fields)
    registers = dict(learned.registers) if learned else _registers(connection, fields)
    _check_numbers(connection, registers)
    selected, joins = ["bases.n", "bases.source", "bases.record"], []
    for one in fields:
        base = f"bases.{quoted(one.name)}"
        columns = one.treated().columns.items()
        selected += [f"{sql.replace('{base}', base)} AS {name}" for name, sql in columns]
        if one.kind == "company_name":
            generic = take_apart(connection, one.name, generic)
            selected += [f"{one.name}_{part}" for part in NAME_PARTS]
            joins.append(f"LEFT JOIN {one.name}_parts ON {one.name}_parts.base = {base}")
        if one.treated().read:
            _read_letters(connection, one.name)
            selected.append(f"{one.name}_letters")
            joins.append(f"LEFT JOIN {one.name}_read ON {one.name}_read.base = {base}")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE normal AS SELECT {', '.join(selected)} FROM bases "
        f"{' '.join(joins)}"
    )
    return Learned(tuple(generic or ()), tuple(sorted(registers.items())))


def _make_bases(connection: duckdb.DuckDBPyConnection, fields: Sequence[Field]) -> None:
    """Make the table `bases` (n, source, record, the fields in their kinds' first form)."""
    names = [quoted(one.name) for one in fields]
    bases = ", ".join(
        f"{one.treated().base.replace('{raw}', name)} AS {name}"
        for one, name in zip(fields, names, strict=True)
    )
    told = ", ".join(
        f"CASE WHEN {name} NOT IN {NOTHING} THEN {name} END AS {name}" for name in names
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE bases AS SELECT n, source, record, {told} "
        f"FROM (SELECT n, source, record, {bases} FROM raw)"
    )


def _registers(connection: duckdb.DuckDBPyConnection, fields: Sequence[Field]) -> dict[str, str]:
    """By identifier, the one kind of number that its values are."""
    found = {}
    for name in (one.name for one in fields if one.kind == "identifier"):
        values = distinct_texts(connection, quoted(name), "bases")
        sample = values[:: max(len(values) // SAMPLE, 1)]
        kinds = kinds_of(sample, VALID_SHARE, VALUES_MIN)
        if len(kinds) == 1:
            found[name] = kinds[0].kind.name
    return found


def _check_numbers(connection: duckdb.DuckDBPyConnection, registers: Mapping[str, str]) -> None:
    """Take numbers that their register cannot have given, or nobody has, out of `bases`."""
    for name, kind in registers.items():
        values = distinct_texts(connection, quoted(name), "bases")
        invalid = values[~evidence(check(kind, values))]
        connection.execute(
            f"UPDATE bases SET {quoted(name)} = NULL WHERE {quoted(name)} IN "
            "(SELECT unnest(CAST(? AS VARCHAR[])))",
            [invalid.tolist()],
        )


def _read_letters(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Make the table `<name>_read` (base, letters)."""
    bases = distinct_texts(connection, quoted(name), "bases")
    told = {"base": bases, f"{name}_letters": letters_of(bases.tolist())}
    keep_texts(connection, f"{name}_read", told)


def frequent_sql(fields: Sequence[Field]) -> str:
    """SQL for the values (part, value, often) that many of the records in `normal` have."""
    rare, several = OFTEN
    parts = [
        f"SELECT '{column}' AS part, {column} AS value, "
        f"CAST(CASE WHEN count(*) > {several} THEN 2 ELSE 1 END AS TINYINT) AS often "
        f"FROM normal WHERE {column} IS NOT NULL GROUP BY {column} HAVING count(*) > {rare}"
        for column in weighed_columns(fields)
    ]
    none = "SELECT '' AS part, '' AS value, CAST(0 AS TINYINT) AS often WHERE false"
    return f"{' UNION ALL '.join([none, *parts])} ORDER BY ALL"


def weighed_sql(fields: Sequence[Field]) -> str:
    """SQL for `normal` with how often the values of weighed columns are found, by `frequent`."""
    selected, joins = ["normal.*"], []
    for number, column in enumerate(weighed_columns(fields)):
        often = f"often_{number}"
        selected.append(f"coalesce({often}.often, 0) AS {column}_often")
        joins.append(
            f"LEFT JOIN frequent AS {often} ON {often}.part = '{column}' "
            f"AND {often}.value = normal.{column}"
        )
    return f"SELECT {', '.join(selected)} FROM normal {' '.join(joins)} ORDER BY n"


def weighed_columns(fields: Sequence[Field]) -> list[str]:
    """The columns of which rare values count for more."""
    return [column for one in fields for column in one.treated().weighed]
