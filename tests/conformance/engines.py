"""The engines that compute features, each behind one small interface."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import partial

from tests.creditfile.features.tables import Tables, connect
from tradeline.creditfile.features import compute, spark
from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.hot.kernel import compute_with_kernel
from tradeline.creditfile.features.table import FeatureTable

Applications = Sequence[tuple[str, datetime]]
Engine = Callable[[Tables, Applications, Sequence[Feature]], FeatureTable]
"""Tables of contracts by name, applications and features: the features, in the order asked."""

REMOTE = "TRADELINE_SPARK_REMOTE"
"""The address of a Spark Connect server, such as `sc://localhost:15002`, that takes part too."""


def on_duckdb(
    tables: Tables, applications: Applications, features: Sequence[Feature]
) -> FeatureTable:
    """The reference, itself held to loops over rows."""
    with connect(tables) as connection:
        return compute.compute_for(connection, applications, features)


def on_kernel(
    tables: Tables, applications: Applications, features: Sequence[Feature]
) -> FeatureTable:
    """The compiled loop over sorted rows."""
    with connect(tables) as connection:
        return compute_with_kernel(connection, applications, features)


def on_spark(
    remote: str, tables: Tables, applications: Applications, features: Sequence[Feature]
) -> FeatureTable:
    """A session of its own on a Spark Connect server."""
    session = spark.open_session(remote)
    try:
        with connect(tables) as connection:
            for name in tables:
                spark.offer(session, name, connection.table(name).to_arrow_table())
        return spark.compute_for(session, applications, features)
    finally:
        session.stop()


@contextmanager
def sail_server() -> Iterator[str]:
    """The address of a Sail server on a free port, which ends with the context."""
    os.environ.setdefault("RUST_LOG", "error")
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    try:
        host, port = server.listening_address
        yield f"sc://{host}:{port}"
    finally:
        server.stop()


@contextmanager
def sail() -> Iterator[Engine]:
    """Sail, the light stand-in for a cluster."""
    with sail_server() as remote:
        yield partial(on_spark, remote)


@contextmanager
def kernel() -> Iterator[Engine]:
    """The kernel of the hot path."""
    yield on_kernel


@contextmanager
def cluster() -> Iterator[Engine]:
    """The Spark Connect server that the environment names."""
    yield partial(on_spark, os.environ[REMOTE])


ENGINES: dict[str, Callable[[], AbstractContextManager[Engine]]] = {
    "kernel": kernel,
    "sail": sail,
    **({"spark": cluster} if REMOTE in os.environ else {}),
}
"""Those that must agree with DuckDB."""
