"""What a reader of a trained model must be told: odd cells, repeats, suspects, few defaults."""

import numpy as np

from tradeline.kernel.findings import Finding, Severity, counted
from tradeline.risk.modelling.leaks import Suspect
from tradeline.risk.modelling.learning import Judged, Rows
from tradeline.risk.modelling.model import Overrides
from tradeline.risk.modelling.screening import duplicates_said
from tradeline.risk.modelling.study import Study

FEW_DEFAULTS = 50
NEARLY_PERFECT = 0.97


def cells_not_read(study: Study) -> list[Finding]:
    """Cells of the training table that are not what their column holds."""
    found = []
    for name, column in study.columns.items():
        odd = int((column.values.misfits & study.rows).sum())
        if odd and not column.form.is_category:
            found.append(Finding(
                "mistyped", Severity.WARNING, name,
                f"{counted(odd, 'cell')} of this column of {column.form.kind}s cannot be read and "
                f"{'counts' if odd == 1 else 'count'} as missing.",
                "Mend them at their source.", odd,
            ))  # fmt: skip
    if study.time is not None:
        gone = int((study.target.known & np.isnan(study.time.days)).sum())
        if gone:
            found.append(Finding(
                "no-moment", Severity.WARNING, study.time.column,
                f"{counted(gone, 'row')} without a moment {'is' if gone == 1 else 'are'} not "
                "learned from.", "Give the moment of each row.", gone,
            ))  # fmt: skip
    return found


def repeats_told(repeats: int) -> tuple[Finding, ...]:
    """Rows that repeat another in every input."""
    if not repeats:
        return ()
    return (
        Finding(
            "repeated-rows",
            Severity.WARNING,
            "rows",
            f"{duplicates_said(repeats)} in every input; such rows share a fold.",
            "If they are one case that was exported twice, send it once.",
            repeats,
        ),
    )


def suspects_told(suspects: tuple[Suspect, ...], overrides: Overrides) -> tuple[Finding, ...]:
    """Each suspect with its evidence, and whether it is kept."""
    found = []
    for suspect in suspects:
        kept = not suspect.strong or suspect.column in overrides.keep
        remedy = "It is kept; take it out with --drop if it was not known at the decision."
        if not kept:
            remedy = "It is left out; keep it with --keep if you know that it was known before."
        found.append(
            Finding(
                "strong-suspect" if suspect.strong else "weak-suspect",
                Severity.WARNING if suspect.strong else Severity.NOTE,
                suspect.column,
                " ".join(suspect.evidence),
                remedy,
            )
        )
    return tuple(found)


def enterprises_told(enterprise: str) -> tuple[Finding, ...]:
    """That rows were set apart one by one, where no column names enterprises."""
    if enterprise:
        return ()
    return (
        Finding(
            "no-enterprise",
            Severity.WARNING,
            "--enterprise",
            "No column names enterprises, so rows were set apart one by one: one that has several "
            "rows may judge a model that has seen it, which flatters the figures.",
            "Name it in training, unless each row is another enterprise.",
        ),
    )


def doubts_of(judged: Judged, data: Rows) -> tuple[Finding, ...]:
    """Too few defaults to trust a figure, or a figure too good to be true."""
    found = []
    defaults = int(data.bad.sum())
    if defaults < FEW_DEFAULTS:
        found.append(Finding(
            "few-defaults", Severity.WARNING, "outcomes",
            f"Every figure of the model rests on {counted(defaults, 'default')}, fewer than "
            f"{FEW_DEFAULTS}.", "Read the intervals, not the estimates.",
        ))  # fmt: skip
    (area,) = (figure for figure in judged.figures if figure.name == "AUC")
    if area.estimate >= NEARLY_PERFECT:
        found.append(Finding(
            "nearly-perfect", Severity.WARNING, "model",
            f"An AUC of {area.estimate:.3f} on rows that the model did not see is rare among "
            "honest models.", "Look again at which columns were known at the decision.",
        ))  # fmt: skip
    return tuple(found)
