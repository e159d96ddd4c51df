"""Records of tables joined to those that stand: which are the same enterprise, which affiliated.

Everything stands in one DuckDB database: `records` in the form in which they are compared, their
keys (`keyed`), all compared pairs (`judged`), identifiers that lost their force (`reused`), and the
group of each record (`clusters`). The first records teach the model; from then on it is fixed, and
what is found follows from the set of records alone: equal clusters, in whatever batches and order
they came. Only pairs of which one is new are compared, and only groups that these touch are formed
anew.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import duckdb
import numpy as np

from tradeline.creditfile.linkage.candidates import (
    Dropped,
    Meeting,
    dropped,
    find_candidates,
    keyed_sql,
    rules_of,
)
from tradeline.creditfile.linkage.comparisons import (
    compare,
    comparisons_of,
    counted_patterns,
    levels_of,
)
from tradeline.creditfile.linkage.fields import Field
from tradeline.creditfile.linkage.grouping import regroup
from tradeline.creditfile.linkage.identifiers_reused import find_reused
from tradeline.creditfile.linkage.learning import Teaching, learn, weights_of
from tradeline.creditfile.linkage.mixture import (
    Weights,
    posterior,
)
from tradeline.creditfile.linkage.records import (
    Learned,
    Table,
    frequent_sql,
    prepare,
    read_raw,
    weighed_sql,
)
from tradeline.kernel.findings import problem
from tradeline.kernel.hashing import canonical_json

FREELY = Meeting()
BY_PAIRS = Teaching()
# Beyond this a chance is not told from certainty.
BITS_MAX = 60.0


@dataclass(frozen=True, slots=True)
class Model:
    """All that a judgement depends on, beside the records: what was learned, and who may meet.

    `frequent` (column, value, 1 or 2) are values that many records had when it was learned.
    """

    fields: tuple[Field, ...]
    meeting: Meeting
    learned: Learned
    frequent: tuple[tuple[str, str, int], ...]
    weights: Weights


@dataclass(frozen=True, slots=True)
class Added:
    """What an addition did: how many records came, pairs were compared and groups formed anew."""

    records: int
    pairs: int
    parted: int
    regrouped: int
    dropped: tuple[Dropped, ...]


def link(
    connection: duckdb.DuckDBPyConnection,
    fields: Sequence[Field],
    tables: Sequence[Table],
    meeting: Meeting = FREELY,
    model: Model | None = None,
    teaching: Teaching = BY_PAIRS,
) -> Added:
    """Join the records of tables to what stands in the database.

    Where nothing stands, the records are judged by `model`, else they teach one. All or nothing is
    kept. InputProblem if a record is known already or stands twice, or if the fields are others.
    """
    connection.execute("BEGIN")
    try:
        added = _link(connection, tuple(fields), tables, meeting, model, teaching)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return added


def _link(
    connection: duckdb.DuckDBPyConnection,
    fields: tuple[Field, ...],
    tables: Sequence[Table],
    meeting: Meeting,
    model: Model | None,
    teaching: Teaching,
) -> Added:
    stands = _has_table(connection, "model")
    model = _kept_model(connection) if stands else model
    if model:
        _check_fields(model, fields, meeting)
    first = _next_number(connection) if stands else 0
    read_raw(connection, fields, tables, first)
    learned = prepare(connection, fields, model.learned if model else None)
    if not stands:
        _keep_frequent(connection, fields, model)
    _keep_records(connection, fields)
    find_candidates(connection, first, meeting)
    compare(connection, comparisons_of(fields), few=stands)
    if model is None:
        model = _learned(connection, fields, meeting, learned, teaching)
    if not stands:
        _keep_model(connection, model)
    judge(connection, model)
    groups = regroup(connection, fields, first)
    ((records, pairs, parted),) = connection.execute(
        "SELECT (SELECT count(*) FROM raw), (SELECT count(*) FROM pairs), "
        "(SELECT count(*) FROM parted)"
    ).fetchall()
    lost = dropped(connection, rules_of(fields), meeting)
    return Added(records, pairs, parted, groups, lost)


def _has_table(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether something of that name is kept; what is temporary does not count."""
    return bool(
        connection.execute(
            "SELECT 1 FROM duckdb_tables() WHERE table_name = ? AND NOT temporary", [name]
        ).fetchall()
    )


def _next_number(connection: duckdb.DuckDBPyConnection) -> int:
    ((number,),) = connection.execute("SELECT coalesce(max(n) + 1, 0) FROM records").fetchall()
    return int(number)


def _keep_frequent(
    connection: duckdb.DuckDBPyConnection, fields: Sequence[Field], model: Model | None
) -> None:
    if model is None:
        connection.execute(f"CREATE TABLE frequent AS {frequent_sql(fields)}")
        return
    part, value, often = zip(*model.frequent, strict=True) if model.frequent else ((), (), ())
    connection.execute(
        "CREATE TABLE frequent AS SELECT unnest(CAST(? AS VARCHAR[])) AS part, "
        "unnest(CAST(? AS VARCHAR[])) AS value, unnest(CAST(? AS TINYINT[])) AS often",
        [list(part), list(value), list(often)],
    )


def _keep_records(connection: duckdb.DuckDBPyConnection, fields: Sequence[Field]) -> None:
    """Add what is in `normal` to `records` and `keyed`."""
    rules = rules_of(fields)
    if not _has_table(connection, "records"):
        connection.execute(f"CREATE TABLE records AS {weighed_sql(fields)}")
        connection.execute(f"CREATE TABLE keyed AS {keyed_sql(rules, 'records')}")
        return
    for source, record in connection.execute(
        "SELECT raw.source, raw.record FROM raw JOIN records USING (source, record) "
        "ORDER BY ALL LIMIT 1"
    ).fetchall():
        raise problem(
            "record-known",
            source,
            f"The record '{record}' is known already.",
            "Leave out what was told before; link everything anew to correct a record.",
        )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE arrived AS {weighed_sql(fields)}")
    connection.execute("INSERT INTO records FROM arrived")
    connection.execute(f"INSERT INTO keyed {keyed_sql(rules, 'arrived')}")


def _learned(
    connection: duckdb.DuckDBPyConnection,
    fields: tuple[Field, ...],
    meeting: Meeting,
    learned: Learned,
    teaching: Teaching,
) -> Model:
    frequent = connection.execute("FROM frequent ORDER BY ALL").fetchall()
    weights = teaching.weights or learn(connection, fields, teaching.judged)
    return Model(fields, meeting, learned, tuple(frequent), weights)


def judge(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Bring `judged` (l, r, pattern, told, relation, probability, bits_milli) up to date.

    `pattern` is how a pair compares, `told` what of it counts: an identifier that two firms use
    says nothing. `probability` is that of *same*, `bits_milli` thousandths of log2 of its odds,
    `relation` the likeliest. What was judged anew is in the table `fresh` (l, r).
    """
    comparisons = comparisons_of(model.fields)
    connection.execute(
        "CREATE TABLE IF NOT EXISTS judged (l INTEGER, r INTEGER, pattern BIGINT, told BIGINT, "
        "relation VARCHAR, probability DOUBLE, bits_milli BIGINT)"
    )
    _make_verdicts(connection, model, "patterned", "pattern")
    find_reused(connection, model.fields, comparisons)
    _make_verdicts(connection, model, "telling", "told")
    connection.execute(
        "DELETE FROM judged USING (SELECT l, r FROM parted UNION ALL SELECT l, r FROM revised) AS "
        "gone WHERE judged.l = gone.l AND judged.r = gone.r"
    )
    connection.execute(
        "INSERT INTO judged SELECT l, r, telling.pattern, told, relation, probability, bits_milli "
        "FROM telling JOIN verdicts ON verdicts.pattern = told"
    )


def _make_verdicts(
    connection: duckdb.DuckDBPyConnection, model: Model, table: str, column: str
) -> None:
    """Make `verdicts` (pattern, relation, probability, bits_milli) of distinct patterns."""
    patterns, _ = counted_patterns(connection, table, column)
    chances = posterior(levels_of(patterns, comparisons_of(model.fields)), model.weights)
    names, shares = np.array(list(chances), object), np.stack(list(chances.values()), axis=1)
    rest = shares[:, 1:].sum(axis=1)
    bits = np.log2(np.maximum(shares[:, 0], 1e-300)) - np.log2(np.maximum(rest, 1e-300))
    made = {
        "pattern": patterns,
        "relation": names[shares.argmax(axis=1)],
        "probability": shares[:, 0],
        "bits_milli": np.rint(np.clip(bits, -BITS_MAX, BITS_MAX) * 1000).astype(np.int64),
    }
    connection.register("made_verdicts", made)
    connection.execute("CREATE OR REPLACE TEMP TABLE verdicts AS FROM made_verdicts")
    connection.unregister("made_verdicts")


def _keep_model(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    told = asdict(replace(model, frequent=()))
    del told["frequent"]
    connection.execute("CREATE TABLE model (engine VARCHAR, learned VARCHAR)")
    connection.execute(
        "INSERT INTO model VALUES (?, ?)", [duckdb.__version__, canonical_json(told)]
    )


def read_model(connection: duckdb.DuckDBPyConnection) -> Model:
    """The model of a database in which something stands.

    InputProblem if another version of the engine made it, whose hashes may be others.
    """
    frequent = connection.execute("FROM frequent ORDER BY ALL").fetchall()
    return replace(_kept_model(connection), frequent=tuple(frequent))


def _kept_model(connection: duckdb.DuckDBPyConnection) -> Model:
    """The model without its frequent values, which are left where they stand."""
    ((engine, learned),) = connection.execute("FROM model").fetchall()
    if engine != duckdb.__version__:
        raise problem(
            "other-engine",
            "linkage",
            f"What stands was made by DuckDB {engine}; this is {duckdb.__version__}.",
            "Link everything anew.",
        )
    told = json.loads(learned)
    return Model(
        tuple(Field(**one) for one in told["fields"]),
        Meeting(**told["meeting"]),
        Learned(tuple(told["learned"]["generic"]), tuple(map(tuple, told["learned"]["registers"]))),
        (),
        weights_of(told["weights"]),
    )


def _check_fields(model: Model, fields: tuple[Field, ...], meeting: Meeting) -> None:
    asked, known = ([(one.name, one.kind) for one in both] for both in (fields, model.fields))
    if asked != known or meeting != model.meeting:
        raise problem(
            "other-fields",
            "fields",
            f"What stands was linked by {', '.join(name for name, _ in known)}, or by other rules.",
            "Link with the same fields, or link everything anew.",
        )
