"""Features on DuckDB: of every enterprise as of a moment, or of any applications."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from tradeline.creditfile.features.applications import JOINED, apply_all, apply_each
from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.declaration import Feature, ask_partners, measures_of
from tradeline.creditfile.features.firms import present_tables, read_enterprises
from tradeline.creditfile.features.joined import apply_members
from tradeline.creditfile.features.measures import contracts_of
from tradeline.creditfile.features.persons import reads_personal
from tradeline.creditfile.features.plan import Plan, Step, plan
from tradeline.creditfile.features.statement import GUARDS, asked_table
from tradeline.creditfile.features.table import FeatureTable, Values, form_of
from tradeline.kernel.findings import problem
from tradeline.kernel.moments import naive_utc
from tradeline.lake.contracts import BY_NAME
from tradeline.lake.sealing import plainly
from tradeline.lake.sql_text import literal


def compute_features(
    connection: duckdb.DuckDBPyConnection,
    as_of: datetime,
    features: Sequence[Feature] = CATALOGUE,
) -> FeatureTable:
    """The features of every firm in `enterprises`, from rows that were known by `as_of`.

    A naive `as_of` is UTC. A dataset that is absent, or holds nothing of a firm, makes that firm's
    features missing. Raises `InputProblem` without a table of enterprises, and where a feature
    needs what was erased; from a connection that shows what is erased, it is in `erased`.
    """
    read_enterprises(connection)
    apply_all(connection, naive_utc(as_of))
    return replace(_computed(connection, features), moments=())


def compute_for(
    connection: duckdb.DuckDBPyConnection,
    applications: Sequence[tuple[str, date]],
    features: Sequence[Feature] = CATALOGUE,
) -> FeatureTable:
    """The features of each enterprise as of its day or moment (naive: UTC), in the order given.

    Every application has a row: of a firm that nobody knows all features are missing. What was
    erased is treated as by `compute_features`.
    """
    apply_each(connection, applications)
    return _computed(connection, features)


def write_computed(
    connection: duckdb.DuckDBPyConnection, out: Path, features: Sequence[Feature]
) -> int:
    """Write the features of `applications` as Parquet or CSV; how many applications there were."""
    asked = prepared(connection, features)
    select = f"SELECT * EXCLUDE (application) FROM ({asked.result})"
    row = connection.execute(
        f"COPY ({select}) TO {literal(str(out))} (FORMAT {form_of(out)})"
    ).fetchone()
    return int(row[0]) if row else 0


def prepared(connection: duckdb.DuckDBPyConnection, features: Sequence[Feature]) -> Plan:
    """The plan for features, all of its steps done."""
    asked = plan_for(connection, features)
    for step in asked.every:
        keep(connection, step)
    return asked


def _are_linked(connection: duckdb.DuckDBPyConnection, tables: Container[str]) -> bool:
    """Whether some application is of an enterprise that was one with others by its moment."""
    return JOINED in tables and apply_members(connection)


def _computed(connection: duckdb.DuckDBPyConnection, features: Sequence[Feature]) -> FeatureTable:
    asked = prepared(connection, features)
    found = connection.execute(asked.result).fetchnumpy()
    names = tuple(feature.name for feature in features)
    values = values_of(found, features)
    firms = tuple(map(str, found["enterprise"]))
    gone = _gone(connection, features)
    for number, rows in gone.items():
        values[rows, number] = np.nan
    values.setflags(write=False)
    moments = tuple(found["as_of"].astype("datetime64[us]").tolist())
    erased = frozenset((firms[row], names[n]) for n, rows in gone.items() for row in rows)
    return FeatureTable(firms, names, values, moments, erased)


def values_of(found: Mapping[str, Any], features: Sequence[Feature]) -> Values:
    """The columns of features as one array, n by k; NaN where they are missing."""
    values = np.empty((len(found["enterprise"]), len(features)))
    for number, feature in enumerate(features):
        values[:, number] = np.ma.filled(np.ma.asarray(found[feature.name], dtype=float), np.nan)
    return values


def _gone(
    connection: duckdb.DuckDBPyConnection, features: Sequence[Feature]
) -> dict[int, list[int]]:
    """By the place of a feature, the applications for which it needs what was erased."""
    marked = _marked_tables(connection)
    asked = asked_table(_are_linked(connection, present_tables(connection))) if marked else ""
    gone: dict[int, list[int]] = {}
    for number, feature in enumerate(features):
        personal = filter(reads_personal, measures_of(feature.expression))
        read = marked.intersection(name for measure in personal for name in contracts_of(measure))
        rows = {row for name in read for row in _erased_applications(connection, name, asked)}
        if rows:
            gone[number] = sorted(rows)
    return gone


def _erased_applications(
    connection: duckdb.DuckDBPyConnection, contract: str, asked: str
) -> list[int]:
    """The applications to which an erased row of a contract is visible."""
    rows = connection.execute(
        f"SELECT DISTINCT application FROM {asked} JOIN {contract} USING (enterprise) "
        f"WHERE erased AND {' AND '.join(GUARDS)}"
    ).fetchall()
    return [application for (application,) in rows]


def _marked_tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The tables that say of which rows personal values are erased; a folder has none."""
    rows = connection.execute(
        "SELECT table_name FROM information_schema.columns WHERE column_name = 'erased'"
    ).fetchall()
    return {name for (name,) in rows}


def erased_firms(
    connection: duckdb.DuckDBPyConnection, table: str, where: str = "true"
) -> frozenset[str]:
    """The firms of a table with rows whose personal values are erased."""
    if table not in _marked_tables(connection):
        return frozenset()
    query = f"SELECT DISTINCT enterprise FROM {table} WHERE erased AND {where}"
    rows = connection.execute(query).fetchall()
    return frozenset(firm for (firm,) in rows if firm is not None)


def plan_for(
    connection: duckdb.DuckDBPyConnection, features: Sequence[Feature], level: int = 0
) -> Plan:
    """The plan for what a connection holds: datasets, superseded rows, enterprises that are one."""
    columns = connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
    ).fetchall()
    held = {table for table, _ in columns}
    tables = frozenset(held & BY_NAME.keys())
    versioned = any(t in tables and c == "superseded_at" for t, c in columns)
    linked = _are_linked(connection, held) or (JOINED in held and ask_partners(features))
    return plan(tuple(features), tables, versioned=versioned, linked=linked, level=level)


def keep(connection: duckdb.DuckDBPyConnection, step: Step) -> None:
    """Keep the rows of a step in a table of its name.

    InputProblem if sums overflow, and where it needs what was erased.
    """
    try:
        with plainly():
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {step.name} AS {step.sql}")
    except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
        raise problem(
            "too-large",
            step.name.partition("_")[2],
            "The amounts are too large to be added up.",
            "Check their unit: they are read as whole units of the currency.",
        ) from error
