"""PD by month as a table, so that a decision only looks up: a row for each score or grade."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import problem
from tradeline.risk.losses.hazard import HazardModel, cumulative_of
from tradeline.risk.scoring.card import Scale

Floats = NDArray[np.float64]

# The month by whose end a card's PD speaks: one year.
CARD_MONTHS = 12
BISECTIONS = 60
REACH = 50.0


@dataclass(frozen=True, slots=True)
class TermStructure:
    """Probability of default by the end of month 1, 2, ...: a row for each score from `lowest` on.

    For grades the score is the place of the grade, 0 the best.
    """

    lowest: int
    cumulative: tuple[tuple[float, ...], ...]

    @property
    def months(self) -> int:
        """How many months each row holds."""
        return len(self.cumulative[0])

    @property
    def highest(self) -> int:
        """The last score that has a row."""
        return self.lowest + len(self.cumulative) - 1

    def by_month(self, score: int) -> tuple[float, ...]:
        """The PDs of a score, month 1 first; InputProblem if the table has no such score."""
        if type(score) is not int or not self.lowest <= score <= self.highest:
            raise problem(
                "no-such-score",
                "term structure",
                f"There is no row for the score {score!r}.",
                f"Rows are from {self.lowest} to {self.highest}.",
            )
        return self.cumulative[score - self.lowest]

    def table(self) -> Floats:
        """All rows (scores x months)."""
        return np.array(self.cumulative)


def term_structure(
    model: HazardModel,
    X: Floats,
    *,
    lowest: int,
    pds: Floats | None = None,
    month: int = CARD_MONTHS,
) -> TermStructure:
    """The table of rows of X (scores x features), the first of which is the score `lowest`.

    Where `pds` are given, each row is shifted on the log-odds of its hazards until its PD by the
    end of `month` is just that: the model then says when firms default, and the PDs how many.
    """
    log_odds = model.log_odds(X)
    if pds is not None:
        log_odds = _aligned(log_odds, pds, month)
    return TermStructure(lowest, tuple(tuple(row) for row in cumulative_of(log_odds).tolist()))


def term_structure_of_scores(
    model: HazardModel, scale: Scale, scores: range, *, month: int = CARD_MONTHS
) -> TermStructure:
    """The table for every score that a card can give, its PDs kept at `month`.

    The model's one feature must be the log-odds of default of the card's score.
    """
    shifts = log_odds_of_scores(scale, scores)
    pds = 1 / (1 + np.exp(-shifts))
    return term_structure(model, shifts[:, None], lowest=scores[0], pds=pds, month=month)


def log_odds_of_scores(scale: Scale, scores: Sequence[int]) -> Floats:
    """Log-odds of default at each score."""
    odds: Floats = (scale.offset - np.asarray(scores, dtype=np.float64)) / scale.factor
    return odds


def _aligned(log_odds: Floats, pds: Floats, month: int) -> Floats:
    """Logits of hazards, each row shifted so that its PD by the end of `month` is as given."""
    if month > log_odds.shape[1] or not ((pds > 0) & (pds < 1)).all():
        raise problem(
            "bad-alignment",
            "term structure",
            f"PDs must lie between 0 and 1 and speak of a month from 1 to {log_odds.shape[1]}.",
            "Give PDs of a month that the model covers.",
        )
    wanted = -np.log1p(-pds)
    low, high = np.full(len(pds), -REACH), np.full(len(pds), REACH)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        total = np.logaddexp(0, log_odds[:, :month] + middle[:, None]).sum(axis=1)
        low, high = np.where(total < wanted, middle, low), np.where(total < wanted, high, middle)
    shifted: Floats = log_odds + ((low + high) / 2)[:, None]
    return shifted
