"""Features of enterprises as numbers in rows and columns."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Backend = Literal["pandas", "polars", "pyarrow"]

PARQUET = "parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1"
"""The level that most writers take; the next ones save a little room for much time."""


@dataclass(frozen=True, slots=True, eq=False)
class FeatureTable:
    """Features of enterprises: `values` is n enterprises by k names, NaN where missing.

    `moments` says as of when (naive UTC) each row is; none where that is one moment for all.
    `erased` are firms and names of features whose value nobody knows any more, at one of the
    firm's moments at least: what it is of was erased. Whoever shows or uses such a value must say
    so; it is not merely missing.
    """

    enterprises: tuple[str, ...]
    names: tuple[str, ...]
    values: Values
    moments: tuple[datetime, ...] = ()
    erased: frozenset[tuple[str, str]] = frozenset()

    def column(self, name: str) -> Values:
        """One feature's values, in the order of `enterprises`; ValueError if there is none."""
        result: Values = self.values[:, self.names.index(name)]
        return result

    def frame(self, backend: Backend) -> Any:
        """A data frame of an installed library: enterprise, as_of where stated, the features."""
        import narwhals

        columns: dict[str, Any] = {"enterprise": list(self.enterprises)}
        if self.moments:
            columns["as_of"] = list(self.moments)
        columns |= {name: self.column(name) for name in self.names}
        return narwhals.from_dict(columns, backend=backend).to_native()


def form_of(out: Path) -> str:
    """How a file is written, by its name: as CSV, else as Parquet."""
    return "csv, HEADER" if out.suffix.lower() == ".csv" else PARQUET
