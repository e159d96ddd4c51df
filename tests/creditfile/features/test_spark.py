"""Features through Spark Connect: from files of a lake, and what it says when it cannot."""

import hashlib
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.conformance.engines import on_duckdb, sail_server
from tests.creditfile.features.tables import LISTED, connect, market
from tests.creditfile.features.test_from_lake import ASSURANCES, EXPRESSIONS, FIRMS, declared
from tests.lake.lakes import day, land_orders, new_lake
from tradeline.creditfile.features import spark
from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.compute import compute_for
from tradeline.creditfile.features.joined import offer_joined
from tradeline.creditfile.features.plan import contracts_of_all
from tradeline.creditfile.linkage.entities import END_OF_TIME, Spell
from tradeline.kernel.findings import InputProblem
from tradeline.lake.store import open_lake

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")

AS_OF = datetime(2020, 2, 29, 12, 30)  # noqa: DTZ001
APPLICATIONS = [(firm, AS_OF) for firm in LISTED]


@pytest.fixture(scope="module")
def remote() -> Iterator[str]:
    with sail_server() as address:
        yield address


@pytest.fixture
def session(remote: str) -> "Iterator[SparkSession]":
    session = spark.open_session(remote)
    yield session
    session.stop()


def bucket(enterprise: str) -> str:
    return hashlib.sha256(enterprise.encode()).hexdigest()[0]


def test_reads_the_files_of_a_lake_in_buckets(session: "SparkSession", tmp_path: Path) -> None:
    tables = market(3, 200, AS_OF)
    with connect(tables) as connection:
        connection.create_function("bucket", bucket, ["VARCHAR"], "VARCHAR")
        for name in tables:
            connection.execute(
                f"COPY (SELECT *, bucket(enterprise) AS bucket FROM {name})"
                f" TO '{tmp_path / name}' (FORMAT parquet, PARTITION_BY bucket)"
            )
    for name in tables:
        buckets = sorted(map(str, (tmp_path / name).iterdir()))
        assert len(buckets) > 1
        spark.offer_files(session, name, buckets)
    found = spark.compute_for(session, APPLICATIONS)
    wanted = on_duckdb(tables, APPLICATIONS, CATALOGUE)
    assert np.allclose(found.values, wanted.values, rtol=1e-9, atol=0, equal_nan=True)


def test_reads_each_version_of_a_lake(session: "SparkSession", tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    told = [
        ("shop", [("E1", "1", 5, 0, 0), ("E2", "1", 7, 3, 4), ("E3", "1", 2, 5, 9)]),
        ("shop", [("E1", "1", 9, 0, 10), ("E2", "1", 8, 3, 30)]),
        ("firm", [("E1", "1", 1, 0, 20), ("E3", "2", 4, 40, 41)]),
    ]
    for number, (source, rows) in enumerate(told):
        land_orders(root, rows, f"batch {number}", source, ASSURANCES[source])
    lake = open_lake(root)
    features = declared(EXPRESSIONS)
    applications = [(firm, day(n)) for n in (1, 9, 10, 20, 29, 30, 50) for firm in FIRMS]
    spark.offer_lake(session, lake, contracts_of_all(features))
    found = spark.compute_for(session, applications, features)
    with lake.history() as connection:
        wanted = compute_for(connection, applications, features)
    assert len({row.tobytes() for row in wanted.values}) > len(FIRMS)
    assert found.values.tobytes() == wanted.values.tobytes()


def test_gives_a_frame_that_is_not_yet_computed(session: "SparkSession") -> None:
    spark.offer_applications(session, APPLICATIONS)
    frame = spark.frame_for(session, CATALOGUE[:2])
    assert frame.columns == ["application", "enterprise", "as_of", *(f.name for f in CATALOGUE[:2])]


def test_says_how_to_install_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql.connect.session", None)
    with pytest.raises(InputProblem) as refusal:
        spark.open_session("sc://localhost")
    assert str(refusal.value) == (
        "error: spark: The client of Spark is not installed with Tradeline."
        ' Run `pip install "tradeline[cluster]"`.'
    )


@pytest.mark.parametrize("address", ["sc://127.0.0.1:1", "http://127.0.0.1:1"])
def test_says_that_nobody_answers(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(spark, "ANSWER_SECONDS", 0.2)
    with pytest.raises(InputProblem) as refusal:
        spark.open_session(address)
    assert str(refusal.value) == (
        f"error: {address}: No Spark Connect server answers there."
        " Start one, or check the address: `sc://`, a host, a colon and a port."
    )


def test_errors_that_are_not_of_sums_pass(session: "SparkSession") -> None:
    with pytest.raises(Exception, match="nothing_of_the_kind"), spark.overflow_told():
        session.sql("SELECT nothing_of_the_kind").toArrow()


def test_enterprises_that_are_one_have_the_rows_of_both(session: "SparkSession") -> None:
    tables, some = market(7, 60, AS_OF), CATALOGUE[1::9]
    both = [Spell(firm, ("E1", "E2"), AS_OF, END_OF_TIME) for firm in ("E1", "E2")]
    asked = [(firm, AS_OF - timedelta(days=ago)) for ago in (0, 1) for firm in LISTED]
    with connect(tables) as connection:
        offer_joined(connection, both)
        expected = compute_for(connection, asked, some).values
        for name in tables:
            spark.offer(session, name, connection.table(name).to_arrow_table())
    spark.offer_spells(session, both)
    found = spark.compute_for(session, asked, some).values
    assert np.allclose(found, expected, rtol=1e-9, atol=0, equal_nan=True)
