"""A model in words, for a terminal."""

from collections.abc import Sequence

from tradeline.kernel.findings import counted
from tradeline.kernel.texts import clean
from tradeline.risk.modelling.model import Input, Measured, Model

NAME_LENGTH = 40


def trained_words(model: Model) -> list[str]:
    """What was learned, how it was judged, and what was left out."""
    return [
        *_outcome_words(model),
        *_figure_words(model),
        *_suspect_words(model),
        *_input_words(model),
    ]


def name_of(column: str) -> str:
    """The name of a column, fit for a line."""
    return clean(column, NAME_LENGTH)


def _outcome_words(model: Model) -> list[str]:
    learned, rule = model.learned, model.target
    bad = " or ".join(f"'{clean(value, NAME_LENGTH)}'" for value in rule.bad)
    rate = "as stated" if model.base_rate_is_stated else "as in the table"
    lines = [
        f"default: {name_of(rule.column)} is {bad} ({rule.because})",
        f"{counted(learned.rows, 'row')}, {counted(learned.defaults, 'default')} "
        f"({model.sample_rate:.1%}); PDs are calibrated to {model.base_rate:.2%}, {rate}",
    ]
    if learned.period:
        lines.append(f"from {learned.period[0]} to {learned.period[1]}")
    return lines


def _figure_words(model: Model) -> list[str]:
    learned = model.learned
    lines = [
        f"judged on {counted(learned.judged, 'row')} that the model did not see "
        f"({counted(learned.judged_defaults, 'default')}): {learned.protocol}"
    ]
    return lines + [f"  {figure_words(figure)}" for figure in model.figures]


def figure_words(figure: Measured) -> str:
    """A figure with its interval."""
    return f"{figure.name}: {figure.estimate:.3f} ({figure.low:.3f} to {figure.high:.3f})"


def _suspect_words(model: Model) -> list[str]:
    if not model.suspects:
        return ["no column is suspected of being known only after the outcome"]
    lines = ["suspected of being known only after the outcome:"]
    for suspect in model.suspects:
        is_used = suspect.column in model.names
        fate = "left out" if suspect.strong and not is_used else "used" if is_used else "not used"
        strength = "strong" if suspect.strong else "weak"
        lines.append(
            f"  {name_of(suspect.column)} ({strength}, {fate}): {' '.join(suspect.evidence)}"
        )
    return lines


def _input_words(model: Model) -> list[str]:
    others = len(model.left_out)
    return [f"{counted(len(model.inputs), 'input')} used, {others} other columns left out:",
            *(f"  {line}" for line in _listed(model.inputs)),
            *(f"  not {name_of(part.column)}: {part.why}" for part in model.left_out)]  # fmt: skip


def _listed(inputs: Sequence[Input]) -> list[str]:
    return [f"{name_of(part.name)} ({_held(part)})" for part in inputs]


def _held(part: Input) -> str:
    unit = f" {part.form.signs.unit}" if part.form.signs.unit else ""
    if part.low is None or part.high is None:
        return f"{part.form.kind}, {counted(len(part.form.levels), 'level')}"
    return f"{part.form.kind}, {part.low:g} to {part.high:g}{unit}"
