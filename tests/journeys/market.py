"""A small simulated market, written once for the journeys, and tables read back."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import duckdb

from tradeline.world.settings import WorldSettings
from tradeline.world.writing import write_world

SETTINGS = WorldSettings(enterprises=240, seed=5, months=18, default_rate=0.15)
AS_OF = SETTINGS.as_of.isoformat()
Row = dict[str, object]


@cache
def market() -> Path:
    """The folder of the market; tests read it and never write into it."""
    folder = Path(mkdtemp()) / "market"
    write_world(SETTINGS, folder, lambda _: None)
    return folder


def rows_of(path: Path) -> list[Row]:
    """The rows of a Parquet file as dictionaries."""
    relation = duckdb.connect().execute("SELECT * FROM read_parquet(?)", [str(path)])
    names = [item[0] for item in relation.description]
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]
