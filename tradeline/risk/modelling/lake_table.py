"""A table to learn from out of a lake: features as of each application, outcomes by its horizon."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tradeline.creditfile.features.applications import apply_file
from tradeline.creditfile.features.from_lake import write_recorded
from tradeline.lake.store import Lake

TARGET, TIME, ENTERPRISE = "defaulted", "as_of", "enterprise"

# An application of a firm that had defaulted by then is none to learn from, nor is one whose
# outcome is not known by its horizon: their outcome stays empty, and they are counted as such.
LABELLED = """
COPY (
  SELECT f.*, CASE
      WHEN bool_or(o.defaulted AND o.occurred_at <= f.as_of) THEN NULL
      WHEN bool_or(o.defaulted AND o.occurred_at <= f.as_of + to_months($months)) THEN 1
      WHEN bool_or(o.occurred_at > f.as_of) THEN 0
    END AS defaulted
  FROM read_parquet($features) f LEFT JOIN outcomes o USING (enterprise)
  GROUP BY ALL ORDER BY f.as_of, f.enterprise
) TO $out (FORMAT parquet)
"""


def write_training_table(
    lake: Lake,
    applications: Path,
    out: Path,
    horizon_months: int,
    at: datetime,
    progress: Callable[[str], None] = lambda _: None,
) -> None:
    """Write features and outcome of each row of a file with `enterprise` and `as_of`, as Parquet.

    Features see what was known by an application's moment, outcomes what is known at `at` (naive
    UTC). An application of which no default is known by its horizon is good if any later outcome of
    its firm is known. InputProblem as `write_recorded`.
    """
    connection = lake.connect(at, at)
    with TemporaryDirectory() as folder:
        asked, features = (Path(folder) / f"{name}.parquet" for name in ("asked", "features"))
        apply_file(connection, applications)
        connection.execute(
            "COPY (FROM applications ORDER BY application) TO $asked (FORMAT parquet)",
            {"asked": str(asked)},
        )
        write_recorded(lake, asked, features, at, progress=progress)
        connection.execute(
            LABELLED, {"months": horizon_months, "features": str(features), "out": str(out)}
        )
