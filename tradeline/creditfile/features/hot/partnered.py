"""What is asked of partners, for the kernel: stages in DuckDB around the partners' own features."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.applications import apply_each
from tradeline.creditfile.features.compute import keep, plan_for
from tradeline.creditfile.features.declaration import Feature, OfPartners, partners_of
from tradeline.creditfile.features.plan import Partnered, quoted
from tradeline.creditfile.features.statement import at
from tradeline.creditfile.features.table import Values

Array = NDArray[Any]
Compute = Callable[[Sequence[tuple[str, datetime]], Sequence[Feature]], Values]


def of_partners(
    connection: duckdb.DuckDBPyConnection,
    applications: Sequence[tuple[str, datetime]],
    features: Sequence[Feature],
    compute: Compute,
    level: int,
) -> dict[OfPartners, Array]:
    """What features ask of partners, a value for each application, NaN where missing.

    `compute` gives the features of the partners, which are applications of the next level; those
    of a level above 0 stand in the connection already.
    """
    leaves = dict.fromkeys(leaf for f in features for leaf in partners_of(f.expression))
    if not leaves:
        return {}
    if level == 0:
        apply_each(connection, applications)
    asked = [Feature(f"f{n}", "partners", "1", "", leaf, 0, "") for n, leaf in enumerate(leaves)]
    steps = plan_for(connection, asked, level)
    if steps.partnered:
        _keep_values(connection, steps.partnered, compute, level + 1)
    for step in steps.steps:
        keep(connection, step)
    found = connection.execute(steps.result).fetchnumpy()
    return {
        leaf: np.ma.filled(np.ma.asarray(found[feature.name], dtype=float), np.nan)
        for leaf, feature in zip(leaves, asked, strict=True)
    }


def _keep_values(
    connection: duckdb.DuckDBPyConnection, partnered: Partnered, compute: Compute, level: int
) -> None:
    """Keep the partners of firms, and what is computed of them, in the connection."""
    for step in (*partnered.partners, partnered.pairs, *partnered.mirrors):
        keep(connection, step)
    pairs = connection.execute(
        f"SELECT enterprise, as_of FROM {partnered.pairs.name} ORDER BY application"
    ).fetchall()
    values = compute(pairs, partnered.features)
    columns = {f"f{n}": np.ascontiguousarray(line) for n, line in enumerate(values.T)}
    connection.register("computed", {"application": np.arange(len(pairs)), **columns})
    told = ", ".join(
        f"CASE WHEN NOT isnan(f{n}) THEN f{n} END AS {quoted(feature.name)}"
        for n, feature in enumerate(partnered.features)
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {partnered.values} AS SELECT enterprise, as_of, {told}"
        f" FROM {at('applications', level)} JOIN computed USING (application)"
    )
    connection.unregister("computed")
