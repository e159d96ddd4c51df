"""Features of enterprises as numbers in rows and columns."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Backend = Literal["pandas", "polars", "pyarrow"]


@dataclass(frozen=True, slots=True, eq=False)
class FeatureTable:
    """Features of enterprises: `values` is n enterprises by k names, NaN where missing.

    `moments` says as of when (naive UTC) each row is; none where that is one moment for all.
    """

    enterprises: tuple[str, ...]
    names: tuple[str, ...]
    values: Values
    moments: tuple[datetime, ...] = ()

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
