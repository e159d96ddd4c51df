"""The warnings that the report gives by itself, before any figure is shown."""

from tradeline.kernel.findings import Severity
from tradeline.risk.report.data import Notice, Report
from tradeline.risk.report.formatting import count, percent

# Below this number of defaults a figure of the model is shown with a warning.
ENOUGH_DEFAULTS = 50


def standing_notices(report: Report) -> tuple[Notice, ...]:
    """What every reader must know first, followed by the notices of this run."""
    own = (_meaning(report), _expert(report), _few_defaults(report), _reconciliation(report))
    return tuple(notice for notice in own if notice) + report.notices


def _meaning(report: Report) -> Notice:
    definition = report.definition
    sample = definition.sample_rate
    beside = "" if sample is None else f" In the sample, {percent(sample)} defaulted."
    return Notice(
        Severity.NOTE,
        "What a PD means here",
        f"{definition.text} Horizon: {count(definition.horizon_days, 'day')}. Every PD is "
        f"calibrated to a stated portfolio default rate of {percent(definition.portfolio_rate)}."
        f"{beside}",
    )


def _expert(report: Report) -> Notice | None:
    if report.scored_by == "model":
        return None
    return Notice(
        Severity.WARNING,
        "An expert scorecard, not a model",
        "No outcomes of earlier loans were given. The scores follow stated weights that no data "
        "of this folder has confirmed; read each PD as an order of risk, not as a frequency.",
    )


def _few_defaults(report: Report) -> Notice | None:
    validation = report.validation
    if validation is None or validation.defaults >= ENOUGH_DEFAULTS:
        return None
    return Notice(
        Severity.WARNING,
        "Few defaults",
        f"The model and all its figures rest on {count(validation.defaults, 'default')} among "
        f"{count(validation.firms, 'firm')}. Read the intervals, not the estimates: with fewer "
        f"than {ENOUGH_DEFAULTS} defaults a good figure may be luck.",
    )


def _reconciliation(report: Report) -> Notice | None:
    wrong = [source.name for source in report.sources if not source.adds_up]
    if not wrong:
        return None
    return Notice(
        Severity.ERROR,
        "Rows do not add up",
        f"In {', '.join(wrong)}, accepted and refused rows are not all that were read. "
        "Do not decide on this report before that is cleared up.",
    )
