"""The same retrieval by Feast; run by the interpreter that has it, as one process.

`feast_retrieval.py STORE FOLDER --out OUT`, STORE duckdb or dask. Prints a line of JSON: the
processor time of imports, of making its registry, and of the work. Nothing may use a network.
"""

import json
import os
import sys
import time
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ["FEAST_USAGE"] = "False"


def _offline(event: str, details: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise PermissionError(f"This comparison stays offline, but asked for {details}.")


sys.addaudithook(_offline)

import pandas as pd  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from feast import Entity, FeatureStore, FeatureView, Field, FileSource  # noqa: E402
from feast.repo_config import RegistryConfig, RepoConfig  # noqa: E402
from feast.types import Float64  # noqa: E402
from feast.value_type import ValueType  # noqa: E402

KEYS = ("enterprise", "as_of")


def registered(kind: str, stored: Path, root: Path) -> tuple[FeatureStore, list[str]]:
    """A store of that kind that knows the stored features, and their names."""
    store = FeatureStore(
        config=RepoConfig(
            project="retrieval",
            provider="local",
            registry=RegistryConfig(path=str(root / "registry.db")),
            offline_store={"type": kind},
            online_store=None,
            entity_key_serialization_version=3,
        )
    )
    names = [name for name in pq.read_schema(stored).names if name not in KEYS]
    firm = Entity(name="enterprise", join_keys=["enterprise"], value_type=ValueType.STRING)
    view = FeatureView(
        name="stored",
        entities=[firm],
        ttl=timedelta(0),
        schema=[Field(name=name, dtype=Float64) for name in names],
        source=FileSource(path=str(stored), timestamp_field="as_of"),
    )
    store.apply([firm, view])
    return store, names


def retrieve(store: FeatureStore, names: list[str], applications: Path, out: Path) -> None:
    """What the store gives for the applications, in their order."""
    asked = pd.read_parquet(applications).rename(columns={"as_of": "event_timestamp"})
    asked["application"] = range(len(asked))
    found = store.get_historical_features(
        entity_df=asked, features=[f"stored:{name}" for name in names]
    ).to_arrow()
    numbers = found["application"].cast(pa.int64())
    found = found.set_column(found.schema.get_field_index("application"), "application", numbers)
    pq.write_table(found.sort_by("application"), out, compression="zstd")


def main() -> None:
    """Retrieve once and say what it took."""
    kind, folder, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[4])
    import_module(f"feast.infra.offline_stores.{kind}")
    imported = time.process_time()
    with TemporaryDirectory() as root:
        store, names = registered(kind, folder / "stored.parquet", Path(root))
        ready = time.process_time()
        retrieve(store, names, folder / "applications.parquet", out)
        done = time.process_time()
    print(
        json.dumps({"imports_s": imported, "registry_s": ready - imported, "work_s": done - ready})
    )


if __name__ == "__main__":
    main()
