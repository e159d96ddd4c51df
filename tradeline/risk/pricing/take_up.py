"""How likely each firm takes an offer at each rate: the bank's curves by its estimated rating."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.firms import present_tables
from tradeline.creditfile.features.table import FeatureTable
from tradeline.kernel.findings import Finding, counted, problem
from tradeline.risk.pricing.profit import PricingTerms
from tradeline.risk.pricing.rating import RatingEstimate, estimate_ratings
from tradeline.risk.pricing.response import ResponseCurves, assumed_curves
from tradeline.risk.scoring.labels import Labels

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class TakeUp:
    """Chance that a firm takes an offer at each of `rates_annual` (firms x rates)."""

    rates_annual: Floats
    chance: Floats
    rating: RatingEstimate
    findings: tuple[Finding, ...]


def read_curves(connection: duckdb.DuckDBPyConnection, on: date) -> ResponseCurves:
    """The folder's response curves, else the assumed one.

    Raises InputProblem where rows of them were refused: every amount and rate would rest on a part.
    """
    _refuse_torn_curves(connection)
    rows = connection.execute(
        "SELECT rating, rate_annual, lost_share FROM response_curves ORDER BY ALL"
    ).fetchall()
    return ResponseCurves.from_rows(rows) if rows else assumed_curves(on)


def _refuse_torn_curves(connection: duckdb.DuckDBPyConnection) -> None:
    if "refused" not in present_tables(connection):
        return
    row = connection.execute(
        "SELECT count(*), arg_min(file, place), arg_min(file_row, place), arg_min(reason, place) "
        "FROM (SELECT *, (source, file_row) AS place FROM refused "
        "WHERE contract = 'response_curves' AND code <> 'copied-row')"
    ).fetchone()
    if row and row[0]:
        count, file, first, reason = row
        raise problem(
            "torn-curves",
            f"{file} row {first}",
            f"{counted(count, 'row')} of the response curves cannot be read: {reason}",
            "Mend the rows or take the file out: every amount and rate would rest on the others.",
        )


def estimate_take_up(
    table: FeatureTable,
    inputs: Sequence[Feature],
    labels: Labels,
    curves: ResponseCurves,
    terms: PricingTerms,
    generator: np.random.Generator,
) -> TakeUp:
    """Estimate every firm's rating from `inputs`, and mix the curves over its doubt."""
    used = [f for f in inputs if not np.isnan(table.column(f.name)).all()]
    estimate = estimate_ratings(
        table.enterprises,
        np.column_stack([table.column(feature.name) for feature in used]),
        [feature.direction for feature in used],
        labels.ratings,
        curves.ratings,
        generator,
    )
    rates = terms.rates_annual(curves)
    chance = curves.expected_take_up(estimate.probabilities, estimate.ratings, rates)
    return TakeUp(rates, chance, estimate, (*curves.findings, *estimate.findings))
