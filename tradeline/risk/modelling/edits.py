"""What an analyst decides over the data, brought to models of every kind.

A direction and a forbidden column bind any of them; whatever else speaks of the bins of a card.
"""

from collections.abc import Mapping, Sequence

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.risk.modelling.model import Input, ModelKind
from tradeline.risk.scoring.overrides import OF_EVERY_KIND, Action, Override, check_overrides

# A reach of numbers; what binds every kind does not ask which.
NUMBERS = (0.0, 0.0)


def require_applicable(kind: ModelKind, inputs: Sequence[Input], edits: Sequence[Override]) -> None:
    """InputProblem for what cannot apply to a challenger; a scorecard asks that in each fit."""
    if kind is ModelKind.SCORECARD:
        return
    free = [edit for edit in edits if edit.action in OF_EVERY_KIND]
    findings = check_overrides(free, {part.name: part.form.levels or NUMBERS for part in inputs})
    findings += [_no_bins(edit, kind) for edit in edits if edit not in free]
    if set(forbidden_by(edits)).issuperset(part.name for part in inputs):
        message, remedy = "Every column is forbidden.", "Leave one to learn from."
        findings.append(Finding("no-input", Severity.ERROR, "--overrides", message, remedy))
    if findings:
        raise InputProblem(findings)


def _no_bins(edit: Override, kind: ModelKind) -> Finding:
    return Finding(
        "override", Severity.ERROR, edit.feature,
        f"A model of the kind {kind} has no bins, so it cannot {edit.action}.",
        f"Leave the entry out, or train a scorecard; {' and '.join(OF_EVERY_KIND)} bind every "
        "kind.",
    )  # fmt: skip


def forbidden_by(edits: Sequence[Override]) -> Mapping[str, str]:
    """The columns that no model may use, each with who says so and why."""
    return {
        edit.feature: f"Forbidden by {edit.who}: {edit.why}"
        for edit in edits
        if edit.action is Action.FORBID
    }
