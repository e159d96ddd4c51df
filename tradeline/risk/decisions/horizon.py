"""PDs by month of a model's scores, whatever months its own PDs speak of.

A hazard says when firms default, the model how many by its own horizon. So by the end of that month
every score has the model's PD, and what it has by another month follows: for twelve, the PD by
which an engine grades, decides and prices.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import InputProblem, counted, problem
from tradeline.risk.decisions.parts import Parts
from tradeline.risk.losses.hazard import HORIZON_MAX, HazardModel
from tradeline.risk.losses.term_structure import term_structure_of_scores
from tradeline.risk.scoring.card import Card

Floats = NDArray[np.float64]
YEAR = 12


def structure_of(
    model: Card | Parts, hazard: HazardModel | None, months: int, where: str
) -> Callable[[Floats], Floats]:
    """PDs by month (scores, months) of the PDs of a model (scores,), which speak of `months`.

    InputProblem for another horizon than a year without a hazard that covers both, and where by
    that hazard a higher score would have the higher PD of a year.
    """
    if months != YEAR:
        _require_covered(hazard, months, where)
    if hazard is None:
        return constant_pace
    table = term_structure_of_scores(hazard, model.scale, model.scores, month=months).table()
    if months != YEAR and (np.diff(table[:, YEAR - 1]) > 0).any():
        raise problem(
            "scores-out-of-order", where,
            f"By the hazard some higher scores have the higher PD of {YEAR} months.",
            f"Learn the hazard of more loans, or train a model with --horizon-months {YEAR}.",
        )  # fmt: skip
    return lambda _: table


def _require_covered(hazard: HazardModel | None, months: int, where: str) -> None:
    longest = max(months, YEAR)
    if hazard is None and longest <= HORIZON_MAX:
        raise _other_horizon(
            months, where, "Name a `hazard` of it in the engine file, which says how many default "
            f"by then (tradeline model hazard --horizon-months {longest}), or train",
        )  # fmt: skip
    if hazard is None:
        raise _other_horizon(months, where, "Train")
    if hazard.months < longest:
        raise problem(
            "short-hazard", where,
            f"The model's PDs speak of {counted(months, 'month')}, the hazard of "
            f"{counted(hazard.months, 'month')}.",
            f"Learn it with --horizon-months {longest}.",
        )  # fmt: skip


def _other_horizon(months: int, where: str, way: str) -> InputProblem:
    return problem(
        "other-horizon", where,
        f"The model's PDs speak of {counted(months, 'month')}; an engine decides by those of "
        f"{YEAR}.", f"{way} a model with --horizon-months {YEAR}.",
    )  # fmt: skip


def constant_pace(pds: Floats) -> Floats:
    """Cumulative PDs by month 1 to 24 of PDs within a year, at the same hazard each month."""
    structure: Floats = 1 - (1 - pds[:, None]) ** (np.arange(1, 2 * YEAR + 1) / YEAR)
    return structure
