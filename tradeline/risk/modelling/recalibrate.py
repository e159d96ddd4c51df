"""A saved model whose PDs are brought to what happened, or to a base rate, ranks as they were.

Scores and points stay, the scale moves that gives them a PD. Of a glass box the curves are
stretched, of boosted trees only the shift can move. What the model says of itself that no longer
holds is taken out.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from tradeline.kernel.findings import Finding, Severity, counted, problem
from tradeline.risk.modelling.model import Model, ModelKind
from tradeline.risk.modelling.score import score_table
from tradeline.risk.modelling.tables import Table
from tradeline.risk.modelling.target import flags_by_rule
from tradeline.risk.report.data import Interval
from tradeline.risk.scoring.boosted import read_boosted, write_boosted
from tradeline.risk.scoring.glass_box import read_glass_box, write_glass_box
from tradeline.risk.scoring.logistic import log_odds_of
from tradeline.risk.scoring.scores import check_base_rate
from tradeline.risk.validation.groups import CLASS_MIN
from tradeline.risk.validation.recalibration import (
    NEAREST,
    Recalibration,
    fit_shift,
    fit_shift_and_slope,
)
from tradeline.risk.validation.resampling import LEVEL

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Figures of ranks outlive a recalibration, those of PDs do not.
OF_RANKS = ("AUC", "KS")
NO_SLOPE = Interval(1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Moved:
    """A model that was moved by rows with outcomes, and its mean PD on them before and after.

    `chance` is how often rows that the PDs were right of would ask for as much (likelihood ratio).
    """

    model: Model
    recalibration: Recalibration
    rows: int
    defaults: int
    before: float
    after: float
    chance: float
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> str:
        """What the rows allow one to say of the PDs as they were."""
        if self.chance > 1 - LEVEL:
            return "these rows give no reason to change anything"
        return "the PDs were not what these rows say"


def recalibrate(model: Model, table: Table, target: str, *, shift_only: bool = False) -> Moved:
    """The model as rows with outcomes say; its base rate becomes their default rate.

    InputProblem as `score_table` and `flags_by_rule` raise, for fewer than 10 defaults or others,
    for reversed ranks, and for boosted trees that are to be stretched.
    """
    if model.kind is ModelKind.BOOSTED and not shift_only:
        raise problem(
            "no-stretch", "model", "The log-odds of boosted trees can be shifted, not stretched.",
            "Shift them: --shift-only.",
        )  # fmt: skip
    known, bad_rows = flags_by_rule(table, target, model.target)
    bad = bad_rows[known]
    if min(int(bad.sum()), int((~bad).sum())) < CLASS_MIN:
        raise problem(
            "too-few-outcomes", table.name,
            f"{counted(int(bad.sum()), 'row')} with a default and {int((~bad).sum()):,} without.",
            f"Give at least {CLASS_MIN} of each.",
        )  # fmt: skip
    scored = score_table(model, table)
    pds = scored.pds[known]
    found = (fit_shift if shift_only else fit_shift_and_slope)(bad, pds)
    told = (
        f"note: model: Recalibrated on {table.name} ({table.content_hash}), "
        f"{counted(len(bad), 'row')}, {counted(int(bad.sum()), 'default')}: log-odds of default "
        f"became {found.shift.estimate:.4f} + {found.slope.estimate:.4f} times what they were."
    )
    moved = _moved(model, found, float(bad.mean()), told)
    return Moved(
        replace(moved, figures=tuple(f for f in model.figures if f.name in OF_RANKS)),
        found,
        len(bad),
        int(bad.sum()),
        float(pds.mean()),
        float(found.pds(pds).mean()),
        _chance(bad, pds, found.pds(pds), 1 if shift_only else 2),
        (*scored.findings, *_findings(model, table)),
    )


def _chance(bad: Flags, before: Floats, after: Floats, freedom: int) -> float:
    """The chance of so much better a likelihood by luck (Wilks 1938)."""
    likely = [np.clip(np.where(bad, pds, 1 - pds), NEAREST, 1.0) for pds in (before, after)]
    gain = 2 * float(np.sum(np.log(likely[1]) - np.log(likely[0])))
    return float(chdtrc(freedom, max(gain, 0.0)))


def at_base_rate(model: Model, base_rate: float) -> Model:
    """The model calibrated to another default rate: odds change by the ratio of the rates' odds.

    The prior correction of King and Zeng (2001). Its figures were measured at the rate of the
    training rows, and stay.
    """
    check_base_rate(base_rate)
    shift = log_odds_of(base_rate) - log_odds_of(model.base_rate)
    told = (
        f"note: model: Brought from a base rate of {model.base_rate:.4%} to {base_rate:.4%}: "
        f"log-odds of default rose by {shift:.4f}."
    )
    return _moved(model, Recalibration(Interval(shift, shift, shift), NO_SLOPE), base_rate, told)


def _moved(model: Model, by: Recalibration, base_rate: float, told: str) -> Model:
    card = model.card
    if card is not None:
        card = replace(card, scale=by.scale(card.scale), base_rate=base_rate)
    return replace(
        model,
        card=card,
        challenger=_challenger(model, by),
        scale=by.scale(model.scale),
        base_rate=base_rate,
        base_rate_is_stated=True,
        notes=(*model.notes, told),
    )


def _challenger(model: Model, by: Recalibration) -> str:
    """The text of a challenger whose log-odds are moved."""
    shift, slope = by.shift.estimate, by.slope.estimate
    if model.card is not None:
        return model.challenger
    if model.kind is ModelKind.BOOSTED:
        trees = read_boosted(model.challenger)
        return write_boosted(replace(trees, shift=trees.shift + shift))
    box = read_glass_box(model.challenger)
    terms = tuple(replace(term, scores=slope * term.scores) for term in box.terms)
    return write_glass_box(replace(box, intercept=shift + slope * box.intercept, terms=terms))


def _findings(model: Model, table: Table) -> list[Finding]:
    if table.content_hash != model.learned.data_hash:
        return []
    return [
        Finding(
            "training-table", Severity.WARNING, table.name,
            "These are the rows that the model learned from, of which its PDs are right already.",
            "Give rows that it has not seen.",
        )
    ]  # fmt: skip
