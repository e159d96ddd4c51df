"""Records of several tables as one, each brought once to the form in which pairs are compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from tradeline.creditfile.linkage.company_names import (
    NAME_PARTS,
    Vocabulary,
    classified,
    common_words,
    unbroken_words,
    vocabulary,
)
from tradeline.creditfile.linkage.fields import NOTHING, OFTEN, Field, plain
from tradeline.kernel.findings import counted, problem


@dataclass(frozen=True, slots=True)
class Table:
    """A table of records: what to select from, the column that names a record, and its fields.

    `source` is who tells of these records; a record is named once in its source.
    """

    relation: str
    source: str
    record: str
    columns: Mapping[str, str]


def quoted(name: str) -> str:
    """A name of a column or table as SQL."""
    return '"' + name.replace('"', '""') + '"'


def read_raw(
    connection: duckdb.DuckDBPyConnection, fields: Sequence[Field], tables: Sequence[Table]
) -> None:
    """Make the table `raw` (n, source, record, fields as text) of all tables.

    Records are numbered by source and name, whatever the order of rows. InputProblem if a name
    stands twice in a source, or is missing.
    """
    texts = [_texts_sql(table, fields) for table in tables]
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE raw AS SELECT CAST(row_number() OVER (ORDER BY source, "
        f"record) - 1 AS INTEGER) AS n, * FROM ({' UNION ALL '.join(texts)})",
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
    connection: duckdb.DuckDBPyConnection, fields: Sequence[Field], known: Vocabulary | None = None
) -> Vocabulary:
    """Make the table `records` of `raw`: the normal columns of every field.

    With a vocabulary words of names are told apart by it, else also by how many names have them;
    it is given back. The table `frequent` (part, value, often) must be there if values that many
    records have are to count for less; `learn_frequent` makes it.
    """
    _make_plain(connection, fields)
    selected, joins = ["raw.n", "raw.source", "raw.record"], []
    for one in fields:
        kind = one.treated()
        raw = f"raw.{quoted(one.name)}"
        plainly = f"plain.{quoted(one.name)}"
        selected += [
            f"{sql.replace('{raw}', raw).replace('{plain}', plainly)} AS {name}"
            for name, sql in kind.columns.items()
        ]
        if one.kind == "company_name":
            known = _take_names_apart(connection, one.name, known)
            selected += [f"{one.name}_{part}" for part in NAME_PARTS]
            joins.append(f"LEFT JOIN {one.name}_parts USING (n)")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE records AS SELECT {', '.join(selected)} FROM raw "
        f"JOIN plain USING (n) {' '.join(joins)} ORDER BY n"
    )
    return known or vocabulary()


def _make_plain(connection: duckdb.DuckDBPyConnection, fields: Sequence[Field]) -> None:
    """Make the table `plain` (n, the fields that are compared as plain text)."""
    texts = [
        one.name
        for one in fields
        if one.kind == "company_name"
        or any("{plain}" in sql for sql in one.treated().columns.values())
    ]
    words = "".join(f", {plain(quoted(name))} AS {quoted(name)}" for name in texts)
    known = "".join(
        f", CASE WHEN {quoted(name)} NOT IN {NOTHING} THEN {quoted(name)} END AS {quoted(name)}"
        for name in texts
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE plain AS SELECT n{known} FROM (SELECT n{words} FROM raw)"
    )


def _take_names_apart(
    connection: duckdb.DuckDBPyConnection, name: str, known: Vocabulary | None
) -> Vocabulary:
    """Make the table `<name>_parts` (n, one column for each part)."""
    base = known or vocabulary()
    broken = f"({'|'.join(unbroken_words(base))})"
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE words AS SELECT n, unnest(list) AS word, "
        "generate_subscripts(list, 1) AS place FROM (SELECT n, string_split(trim(regexp_replace("
        f"regexp_replace({quoted(name)}, ?, ' \\1 ', 'g'), ' +', ' ', 'g')), ' ') AS list "
        "FROM plain)",
        [broken],
    )
    if known is None:
        base = Vocabulary(
            base.forms, base.trades, base.beginnings, common_words(connection, "words")
        )
    distinct = connection.execute("SELECT DISTINCT word FROM words ORDER BY word").fetchnumpy()
    found = classified(distinct["word"].tolist(), base)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE name_words AS SELECT unnest(?) AS word, unnest(?) AS part, "
        "unnest(?) AS canon",
        [list(column) for column in zip(*found, strict=True)] if found else [[], [], []],
    )
    parts = ", ".join(
        f"string_agg(canon, ' ' ORDER BY canon) FILTER (part = '{part}') AS {name}_{part}"
        for part in NAME_PARTS[1:]
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {name}_parts AS SELECT n, string_agg(word, '' ORDER BY "
        f"place) FILTER (part IS NULL) AS {name}_brand, {parts} FROM words LEFT JOIN name_words "
        "USING (word) GROUP BY n"
    )
    return base


def learn_frequent(connection: duckdb.DuckDBPyConnection, fields: Sequence[Field]) -> None:
    """Make the table `frequent` of values that many of the records have."""
    rare, several = OFTEN
    parts = [
        f"SELECT '{column}' AS part, {column} AS value, "
        f"CAST(CASE WHEN count(*) > {several} THEN 2 ELSE 1 END AS TINYINT) AS often "
        f"FROM records WHERE {column} IS NOT NULL GROUP BY {column} HAVING count(*) > {rare}"
        for column in weighed_columns(fields)
    ]
    none = "SELECT '' AS part, '' AS value, CAST(0 AS TINYINT) AS often WHERE false"
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE frequent AS "
        f"{' UNION ALL '.join([none, *parts])} ORDER BY ALL"
    )


def weigh(connection: duckdb.DuckDBPyConnection, fields: Sequence[Field]) -> None:
    """Add to `records` how often the values of weighed columns are found, as `frequent` has it."""
    selected, joins = ["records.*"], []
    for number, column in enumerate(weighed_columns(fields)):
        often = f"often_{number}"
        selected.append(f"coalesce({often}.often, 0) AS {column}_often")
        joins.append(
            f"LEFT JOIN frequent AS {often} ON {often}.part = '{column}' "
            f"AND {often}.value = records.{column}"
        )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE records AS SELECT {', '.join(selected)} FROM records "
        f"{' '.join(joins)} ORDER BY n"
    )


def weighed_columns(fields: Sequence[Field]) -> list[str]:
    """The columns of which rare values count for more."""
    return [column for one in fields for column in one.treated().weighed]
