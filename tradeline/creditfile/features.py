"""Features of every enterprise as of a moment, from rows known by then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.feature_catalogue import CATALOGUE
from tradeline.creditfile.feature_spec import (
    Difference,
    Expression,
    Feature,
    Growth,
    Measure,
    Ratio,
    measures_of,
)
from tradeline.creditfile.feature_sql import contracts_of, reads_personal, statement
from tradeline.kernel.findings import problem
from tradeline.kernel.moments import naive_utc
from tradeline.lake.sealing import plainly

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class FeatureTable:
    """Features of enterprises: `values` is n enterprises by k names, NaN where missing.

    `erased` are firms and names of features whose value nobody knows any more: what it is of was
    erased. Whoever shows or uses such a value must say so; it is not merely missing.
    """

    enterprises: tuple[str, ...]
    names: tuple[str, ...]
    values: Values
    erased: frozenset[tuple[str, str]] = frozenset()

    def column(self, name: str) -> Values:
        """One feature's values, in the order of `enterprises`; ValueError if there is none."""
        result: Values = self.values[:, self.names.index(name)]
        return result


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
    enterprises = read_enterprises(connection)
    wanted = dict.fromkeys(m for feature in features for m in measures_of(feature.expression))
    measured = measure_all(connection, as_of, tuple(wanted), enterprises)
    values = np.full((len(enterprises), len(features)), np.nan)
    for number, feature in enumerate(features):
        values[:, number] = evaluate(feature.expression, measured)
    gone = _gone(connection, as_of, features)
    for number, feature in enumerate(features):
        rows = [row for row, firm in enumerate(enterprises) if (firm, feature.name) in gone]
        values[rows, number] = np.nan
    values.setflags(write=False)
    names = tuple(feature.name for feature in features)
    return FeatureTable(enterprises, names, values, gone)


def _gone(
    connection: duckdb.DuckDBPyConnection, as_of: datetime, features: Sequence[Feature]
) -> frozenset[tuple[str, str]]:
    """The firms and features that need what was erased."""
    gone = set[tuple[str, str]]()
    seen = "occurred_at <= $as_of AND recorded_at <= $as_of"
    firms: dict[str, frozenset[str]] = {}
    for feature in features:
        for measure in filter(reads_personal, measures_of(feature.expression)):
            for contract in contracts_of(measure):
                if contract not in firms:
                    moment = {"as_of": naive_utc(as_of)}
                    firms[contract] = erased_firms(connection, contract, seen, moment)
                gone |= {(firm, feature.name) for firm in firms[contract]}
    return frozenset(gone)


def erased_firms(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    where: str = "true",
    parameters: Mapping[str, datetime] | None = None,
) -> frozenset[str]:
    """The firms of a table with rows whose personal values are erased; a folder has none."""
    marked = connection.execute(
        "SELECT 1 FROM information_schema.columns WHERE table_name = ? AND column_name = 'erased'",
        [table],
    ).fetchall()
    if not marked:
        return frozenset()
    query = f"SELECT DISTINCT enterprise FROM {table} WHERE erased AND {where}"
    rows = connection.execute(query, parameters or {}).fetchall()
    return frozenset(firm for (firm,) in rows if firm is not None)


def present_tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The names of tables and views that the connection holds."""
    rows = connection.execute("SELECT table_name FROM information_schema.tables").fetchall()
    return {name for (name,) in rows}


def read_enterprises(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """The identifiers of all firms, sorted."""
    rows = []
    if "enterprises" in present_tables(connection):
        rows = connection.execute("SELECT DISTINCT enterprise FROM enterprises").fetchall()
    if not rows:
        raise problem(
            "no-enterprises",
            "enterprises",
            "There is no list of enterprises.",
            "Add a file that names the firms, one row each.",
        )
    return tuple(sorted(name for (name,) in rows))


def measure_all(
    connection: duckdb.DuckDBPyConnection,
    as_of: datetime,
    measures: Sequence[Measure],
    enterprises: Sequence[str],
) -> dict[Measure, Values]:
    """Each measure's value per enterprise; NaN where a dataset has nothing to say."""
    tables = present_tables(connection)
    measured: dict[Measure, Values] = {m: np.full(len(enterprises), np.nan) for m in measures}
    readable = [m for m in measures if tables.issuperset(contracts_of(m))]
    for contract in dict.fromkeys(m.events.contract for m in readable):
        mine = [m for m in readable if m.events.contract == contract]
        # Apart, so that what reads no personal value opens none.
        for personal in (False, True):
            batch = tuple(m for m in mine if reads_personal(m) is personal)
            if batch:
                measured |= measure_batch(connection, as_of, batch, enterprises)
    return measured


def measure_batch(
    connection: duckdb.DuckDBPyConnection,
    as_of: datetime,
    measures: tuple[Measure, ...],
    enterprises: Sequence[str],
) -> dict[Measure, Values]:
    """The values of measures of one contract, by one statement; InputProblem if sums overflow."""
    parameters = {"as_of": naive_utc(as_of)}
    try:
        with plainly():
            result = connection.execute(statement(measures), parameters).fetchnumpy()
    except duckdb.OutOfRangeException as error:
        raise problem(
            "too-large",
            measures[0].events.contract,
            "The amounts are too large to be added up.",
            "Check their unit: they are read as whole units of the currency.",
        ) from error
    found = {str(name): row for row, name in enumerate(result["enterprise"])}
    rows = [found.get(name, -1) for name in enterprises]
    return {
        measure: _aligned(result[f"m{number}"], rows, measure)
        for number, measure in enumerate(measures)
    }


def _aligned(column: Values, rows: Sequence[int], measure: Measure) -> Values:
    absent = 0.0 if measure.events.absent_is_zero and len(column) else np.nan
    return np.append(np.ma.filled(column, np.nan), absent)[list(rows)]


def evaluate(expression: Expression, measured: Mapping[Measure, Values]) -> Values:
    """An expression's value for each enterprise from the values of its measures."""
    match expression:
        case Ratio(upper, lower):
            return _divide(evaluate(upper, measured), evaluate(lower, measured))
        case Difference(left, right):
            return evaluate(left, measured) - evaluate(right, measured)
        case Growth(recent, earlier):
            return _divide(evaluate(recent, measured), evaluate(earlier, measured)) - 1.0
        case _:
            return measured[expression]


def _divide(upper: Values, lower: Values) -> Values:
    result = np.full(len(upper), np.nan)
    np.divide(upper, lower, out=result, where=lower > 0)
    return result
