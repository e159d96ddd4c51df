"""Exposure at default: how far firms draw on their lines before they default.

The cohort method: firms are looked at on a day of each year, and those that default in the twelve
months after it are followed to their default. Of what was not drawn on that day the conversion
factor (CCF) says which part is drawn by then:

    exposure at default = drawn + conversion factor x (limit - drawn)

It is the sum of what was drawn in addition over the sum of what was undrawn, each in shares of the
limit, so that every default counts alike and lines that were nearly full, whose own factors run to
any size, do no harm. A segment is pulled towards all by 10 imagined defaults.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import problem
from tradeline.risk.losses.workouts import day_number
from tradeline.risk.report.data import Interval
from tradeline.risk.validation.resampling import LEVEL, interval_of

Floats = NDArray[np.float64]

IMAGINED_DEFAULTS = 10.0
DEFAULTS_MIN = 10
RESAMPLES = 200
COHORT_DAYS = 365
# What was seen of a line longer ago does not say how it stood on the day of the cohort.
STALE_AFTER_DAYS = 45
ALL = "all"


@dataclass(frozen=True, slots=True, eq=False)
class Drawings:
    """Lines of firms that defaulted within the year: how they stood at the cohort's day and then.

    `drawn` and `exposure` are shares of the limit of that day.
    """

    segments: NDArray[np.str_]
    drawn: Floats
    exposure: Floats

    def __len__(self) -> int:
        """How many lines there are."""
        return len(self.drawn)


@dataclass(frozen=True, slots=True)
class SegmentEad:
    """One segment: the conversion factor of what is undrawn, and utilisation at default."""

    segment: str
    defaults: int
    conversion: Interval
    utilisation: Interval


@dataclass(frozen=True, slots=True)
class EadModel:
    """The conversion factor of each segment in the order of names, and of all together."""

    segments: tuple[SegmentEad, ...]
    overall: SegmentEad

    def of(self, segment: str) -> SegmentEad:
        """A segment by its name, or `all`; InputProblem if no default of it was seen."""
        for found in (*self.segments, self.overall):
            if found.segment == segment:
                return found
        raise problem(
            "unknown-segment",
            "EAD",
            f"No default of the segment '{segment}' was seen.",
            f"Segments are {', '.join(found.segment for found in self.segments)}.",
        )

    def conversion(self, segment: str) -> float:
        """The part of what is undrawn that is drawn by default; never below 0."""
        return max(self.of(segment).conversion.estimate, 0.0)

    def exposure_share(self, segment: str, drawn: float) -> float:
        """Mean exposure at default as a share of the limit, `drawn` being so too."""
        return drawn + self.conversion(segment) * max(1.0 - drawn, 0.0)


def read_drawings(
    connection: duckdb.DuckDBPyConnection, cohorts: Sequence[date], known_at: date
) -> Drawings:
    """Lines of `connect_losses` at each cohort's day, that defaulted in the 365 days after it.

    Cohorts must lie at least 365 days apart, so that no default counts twice. Of each line the last
    look counts that is at most 45 days older than the cohort's day; lines with no limit are left
    out, and defaults that were not there by the end of `known_at`.
    """
    days = [day_number(cohort) for cohort in sorted(cohorts)]
    if any(late - early < COHORT_DAYS for early, late in pairwise(days)):
        raise problem(
            "near-cohorts",
            "cohorts",
            "Two cohorts lie less than 365 days apart, so a default would count twice.",
            "Take a day of each year.",
        )
    found = connection.execute(
        "WITH cohort AS (SELECT unnest($1::BIGINT[]) AS day), "
        "look AS (SELECT *, epoch(observed_at) // 86400 AS seen FROM draws), "
        "fall AS (SELECT *, epoch(defaulted_at) // 86400 AS fell FROM defaults) "
        "SELECT segment, drawn_minor / limit_minor AS drawn, "
        "exposure_minor / limit_minor AS exposure "
        "FROM cohort JOIN fall ON fell > day AND fell <= day + $2 AND fell <= $4 "
        "JOIN look ON look.loan_no = fall.loan_no AND seen <= day AND seen >= day - $3 "
        "WHERE limit_minor > 0 "
        "QUALIFY row_number() OVER (PARTITION BY day, fall.loan_no ORDER BY observed_at DESC) = 1 "
        "ORDER BY day, fall.loan_no",
        [days, COHORT_DAYS, STALE_AFTER_DAYS, day_number(known_at)],
    ).fetchnumpy()
    segments, drawn, exposure = found.values()
    return Drawings(np.asarray(segments).astype(np.str_), np.asarray(drawn), np.asarray(exposure))


def fit_ead(
    drawings: Drawings, generator: np.random.Generator, *, level: float = LEVEL
) -> EadModel:
    """The conversion factor of each segment, its interval from defaults drawn anew.

    Raises InputProblem if fewer than 10 lines were not fully drawn at their cohort's day.
    """
    undrawn = np.maximum(1 - drawings.drawn, 0.0)
    if (undrawn > 0).sum() < DEFAULTS_MIN:
        raise problem(
            "few-defaults",
            "draws",
            f"Only {(undrawn > 0).sum()} defaults had something undrawn before.",
            f"Give at least {DEFAULTS_MIN}, or take whole limits for exposures.",
        )
    added = np.where(undrawn > 0, drawings.exposure - drawings.drawn, 0.0)
    names, place = np.unique(drawings.segments, return_inverse=True)
    even = np.full(len(drawings), 1 / len(drawings))
    drawn = generator.multinomial(len(drawings), even, size=RESAMPLES)
    weights = np.vstack([np.ones(len(drawings)), drawn])
    columns = np.stack([added, undrawn, drawings.exposure, np.ones(len(drawings))])
    total = np.einsum("df,cf->cd", weights, columns)
    whole = _segment(ALL, total, None, len(drawings), level)
    found = []
    for row, name in enumerate(names.tolist()):
        inside = np.where(place == row, 1.0, 0.0)
        part = np.einsum("df,cf->cd", weights * inside, columns)
        found.append(_segment(name, part, total, int(inside.sum()), level))
    return EadModel(tuple(found), whole)


def _segment(
    name: str, sums: Floats, total: Floats | None, defaults: int, level: float
) -> SegmentEad:
    """A segment from sums over its defaults (of 4 columns, by draw), pulled towards the total."""
    if total is not None:
        sums = sums + IMAGINED_DEFAULTS * total / total[3]
    added, undrawn, exposure, count = sums
    conversion = added / np.maximum(undrawn, np.finfo(float).tiny)
    return SegmentEad(
        name, defaults, interval_of(conversion, level), interval_of(exposure / count, level)
    )
