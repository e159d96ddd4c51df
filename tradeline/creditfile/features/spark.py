"""Features on a cluster: the same plan through a Spark Connect server, such as Spark's or Sail.

`offer`, `offer_files` and `offer_lake` lend datasets to the session under their contracts' names,
with the columns that the lake keeps; `superseded_at` among them says that rows may be replaced.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.joined import COLUMNS, JOINED, spells_of
from tradeline.creditfile.features.plan import Plan, contracts_of_all, plan, translated
from tradeline.creditfile.features.statement import members_sql
from tradeline.creditfile.features.table import FeatureTable
from tradeline.creditfile.linkage.entities import Spell
from tradeline.kernel.findings import InputProblem, problem
from tradeline.kernel.moments import naive_utc
from tradeline.lake.contracts import BY_NAME
from tradeline.lake.reading import versions_sql
from tradeline.lake.store import Lake

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import DataFrame
    from pyspark.sql.connect.session import SparkSession

SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
}
"""What every session is told: sums that overflow are errors, and moments are UTC without a zone."""

OVERFLOW = re.compile("overflow|out_of_range|too large", re.IGNORECASE)


ANSWER_SECONDS = 20
"""How long a server may take to answer at first; PySpark itself would try for ten minutes."""


def open_session(remote: str) -> "SparkSession":
    """A session of its own on a server such as `sc://localhost:15002`.

    Raises `InputProblem` if PySpark is not installed, or nobody answers.
    """
    try:
        from pyspark.sql.connect.session import SparkSession
    except ImportError as error:
        raise _not_installed() from error
    _require_answer(remote)
    session = SparkSession.builder.remote(remote).create()
    for name, value in SETTINGS.items():
        session.conf.set(name, value)
    return session


def _require_answer(remote: str) -> None:
    import grpc  # type: ignore[import-untyped]
    from pyspark.errors import PySparkException
    from pyspark.sql.connect.client import DefaultChannelBuilder

    try:
        with DefaultChannelBuilder(remote).toChannel() as channel:
            grpc.channel_ready_future(channel).result(ANSWER_SECONDS)
    except (PySparkException, grpc.FutureTimeoutError) as error:
        raise problem(
            "no-cluster",
            remote,
            "No Spark Connect server answers there.",
            "Start one, or check the address: `sc://`, a host, a colon and a port.",
        ) from error


def offer(session: "SparkSession", name: str, rows: "pyarrow.Table") -> None:
    """Lend the rows of a small table to the session under a name."""
    from pyspark.sql.pandas.types import from_arrow_schema

    # An empty table says its types only this way.
    schema = from_arrow_schema(rows.schema, prefer_timestamp_ntz=True)
    frame = session.createDataFrame(rows, schema)
    frame.createOrReplaceTempView(name)


def offer_files(session: "SparkSession", name: str, paths: Sequence[str]) -> None:
    """Lend Parquet files, or folders of them, that the cluster can read, under a name."""
    session.read.parquet(*paths).createOrReplaceTempView(name)


def offer_lake(session: "SparkSession", lake: Lake, datasets: Iterable[str]) -> None:
    """Lend datasets of a lake, every version of every row, each under its contract's name.

    The cluster must see the lake's files under the same path. A dataset without rows is absent.
    Which enterprises its links join is told to the session too.
    """
    offer_spells(session, spells_of(lake))
    for name in datasets:
        files = lake.files_of(name)
        if not files:
            continue
        told = f"told_{name}"
        offer_files(session, told, [str(lake.root.absolute() / file.path) for file in files])
        revised = f"SELECT * FROM {told}" if any(file.revisions for file in files) else ""
        versions = translated(versions_sql(BY_NAME[name], revised), "spark")
        session.sql(versions).createOrReplaceTempView(name)


def offer_spells(session: "SparkSession", found: Sequence[Spell]) -> None:
    """Tell the session who was one with whom when; nothing changes where nobody was."""
    import pyarrow

    rows = [(s.enterprise, member, s.since, s.until) for s in found for member in s.members]
    if rows:
        kinds = [pyarrow.string()] * 2 + [pyarrow.timestamp("us")] * 2
        columns = map(pyarrow.array, zip(*rows, strict=True), kinds)
        offer(session, JOINED, pyarrow.table(dict(zip(COLUMNS, columns, strict=True))))


def offer_applications(
    session: "SparkSession", applications: Sequence[tuple[str, datetime]]
) -> None:
    """Ask for each enterprise as of its moment (naive: UTC), in the order given."""
    import pyarrow

    columns = {
        "application": pyarrow.array(range(len(applications)), pyarrow.int64()),
        "enterprise": pyarrow.array([firm for firm, _ in applications], pyarrow.string()),
        "as_of": pyarrow.array([naive_utc(m) for _, m in applications], pyarrow.timestamp("us")),
    }
    offer(session, "applications", pyarrow.table(columns))


def frame_for(session: "SparkSession", features: Sequence[Feature] = CATALOGUE) -> "DataFrame":
    """The features of the view `applications (application, enterprise, as_of)`, not yet computed.

    A row for each application, in its order: application, enterprise, as_of, and a double for each
    feature, NULL where it is missing. Datasets that the session lacks make features missing.
    """
    asked = plan_for(session, features)
    for step in asked.every:
        session.sql(step.sql).createOrReplaceTempView(step.name)
    return session.sql(asked.result)


def compute_for(
    session: "SparkSession",
    applications: Sequence[tuple[str, datetime]],
    features: Sequence[Feature] = CATALOGUE,
) -> FeatureTable:
    """The features of each enterprise as of its moment (naive: UTC), in the order given.

    Every application has a row: of a firm that nobody knows all features are missing. For as many
    as fit in memory here; `frame_for` has no such limit. InputProblem if sums overflow.
    """
    offer_applications(session, applications)
    with overflow_told():
        found = frame_for(session, features).toArrow()
    names = tuple(feature.name for feature in features)
    values = np.empty((found.num_rows, len(names)))
    for number in range(len(names)):
        values[:, number] = found.column(number + 3).to_numpy()
    values.setflags(write=False)
    moments = tuple(found.column("as_of").to_pylist())
    return FeatureTable(tuple(found.column("enterprise").to_pylist()), names, values, moments)


def plan_for(session: "SparkSession", features: Sequence[Feature]) -> Plan:
    """The plan for what a session holds: which datasets, and whether rows are superseded."""
    named = contracts_of_all(features)
    tables = frozenset(name for name in named if session.catalog.tableExists(name))
    versioned = any("superseded_at" in session.table(name).columns for name in tables)
    return plan(tuple(features), tables, "spark", versioned, _are_linked(session))


def _are_linked(session: "SparkSession") -> bool:
    """Whether enterprises were one with others; then lets `members` say whose rows count."""
    linked: bool = session.catalog.tableExists(JOINED)
    if linked:
        session.sql(translated(members_sql(), "spark")).createOrReplaceTempView("members")
    return linked


@contextmanager
def overflow_told() -> Iterator[None]:
    """Turn the error of a sum that overflows into `InputProblem`; other errors pass."""
    from pyspark.errors import PySparkException

    try:
        yield
    except PySparkException as error:
        if not OVERFLOW.search(str(error)):
            raise
        raise problem(
            "too-large",
            "amounts",
            "The amounts are too large to be added up.",
            "Check their unit: they are read as whole units of the currency.",
        ) from error


def _not_installed() -> InputProblem:
    return problem(
        "no-cluster",
        "spark",
        "The client of Spark is not installed with Tradeline.",
        'Run `pip install "tradeline[cluster]"`.',
    )
