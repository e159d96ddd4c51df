"""A model in words, for a terminal."""

from collections.abc import Sequence

from tradeline.kernel.findings import counted
from tradeline.kernel.texts import clean
from tradeline.risk.modelling.ceilings import LOST, NAMES, size_of
from tradeline.risk.modelling.model import Input, Measured, Model
from tradeline.risk.modelling.pack import Against, Pack
from tradeline.risk.report.data import Interval
from tradeline.risk.validation.comparison import Swapped

NAME_LENGTH = 40
LISTED = 15


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
    lines += [f"  {figure_words(figure)}" for figure in model.figures]
    return lines + _ceiling_words(model)


def _ceiling_words(model: Model) -> list[str]:
    """What less plain kinds would add, and what they would cost."""
    return [
        f"{NAMES[one.kind]} (--kind {one.kind}): AUC {_interval(one.area)}, {_added(one.gain)}: "
        f"{one.verdict}; {one.size:,} numbers instead of {size_of(model):,}, and lost is "
        f"{LOST[one.kind]}"
        for one in model.ceiling
    ]


def _added(gain: Measured) -> str:
    return f"{gain.estimate:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})"


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
    inputs = [f"{name_of(part.name)} ({_held(part)})" for part in model.inputs]
    lines = [f"{counted(len(inputs), 'input')} used:", *_first(inputs), *_pair_words(model)]
    reasons: dict[str, list[str]] = {}
    for part in model.left_out:
        reasons.setdefault(part.why, []).append(name_of(part.column))
    lines += [f"{counted(len(model.left_out), 'other column')} left out:"] if reasons else []
    for why, columns in reasons.items():
        more = f" and {len(columns) - LISTED} more" if len(columns) > LISTED else ""
        lines.append(f"  {', '.join(columns[:LISTED])}{more}: {why}")
    return lines


def _pair_words(model: Model) -> list[str]:
    """The factors of two columns, if the card has any."""
    factors = model.card.factors if model.card else ()
    pairs = [name_of(factor.name) for factor in factors if factor.binning.cross]
    return [f"pairs of columns in the card: {', '.join(pairs)}"] if pairs else []


def _first(lines: Sequence[str]) -> list[str]:
    more = [f"  and {len(lines) - LISTED} more"] if len(lines) > LISTED else []
    return [*(f"  {line}" for line in lines[:LISTED]), *more]


def _held(part: Input) -> str:
    unit = f" {part.form.signs.unit}" if part.form.signs.unit else ""
    if part.low is None or part.high is None:
        return f"{part.form.kind}, {counted(len(part.form.levels), 'level')}"
    return f"{part.form.kind}, {part.low:g} to {part.high:g}{unit}"


def pack_words(pack: Pack) -> list[str]:
    """What a validation found, in a few lines."""
    lines = [
        f"{counted(pack.known, 'row')} with an outcome, {counted(pack.defaults, 'default')}; "
        f"mean PD {pack.mean_pd:.2%}, defaulted {pack.defaults / pack.known:.2%}",
        *(f"  {name}: {_interval(found)}" for name, found in pack.figures.items()),
    ]
    if pack.population:
        lines.append(f"scores against the training rows: {pack.population.verdict}")
    shifted = [name for name, shift in pack.inputs.items() if shift.is_shift]
    if shifted:
        lines.append(f"inputs beyond what chance gives: {', '.join(shifted)}")
    return lines + (against_words(pack.against, pack.approve) if pack.against else [])


def against_words(against: Against, approve: float) -> list[str]:
    """A model beside the one in force."""
    found = against.comparison
    lines = [
        f"AUC in force {_interval(found.in_force)}, challenger {_interval(found.challenger)}",
        f"difference {_interval(found.difference)}: {found.verdict}",
        *([against.plainness] if against.plainness else []),
        f"rank correlation of the two orders {against.rank_correlation:.3f}",
        f"if the safest {approve:.0%} are approved:",
        *(f"  {_swapped(part)}" for part in against.swapped),
    ]
    if against.agreement:
        lines.append(
            f"the first reason is the same for {against.agreement.same_first.estimate:.0%} of rows"
        )
    return lines


def _swapped(part: Swapped) -> str:
    rate = f", defaulted {_interval(part.default_rate)}" if part.default_rate else ""
    return f"{part.name}: {counted(part.firms, 'row')}{rate}"


def _interval(found: Interval | Measured) -> str:
    return f"{found.estimate:.3f} ({found.low:.3f} to {found.high:.3f})"
