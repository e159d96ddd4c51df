"""What losses were estimated, as one page, one JSON and lines of words: the same record."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from tradeline.kernel.findings import counted
from tradeline.kernel.strict_json import strict_json
from tradeline.kernel.texts import clean
from tradeline.risk.losses.checks import LossCheck
from tradeline.risk.losses.ead import EadModel
from tradeline.risk.losses.lgd import LgdModel
from tradeline.risk.losses.study import Judged, LossStudy
from tradeline.risk.report import charts, formatting
from tradeline.risk.report.charts import Axis, share_axis
from tradeline.risk.report.data import Interval
from tradeline.risk.report.environment import page_environment
from tradeline.risk.validation.resampling import LEVEL

FORMAT = "tradeline-losses/1"
NAME_LENGTH = 40


def losses_json(study: LossStudy) -> str:
    """The estimates and how they were judged, as JSON text."""
    content = asdict(study)
    content |= {"lgd_judged": _content(study.lgd_judged), "ead_judged": _content(study.ead_judged)}
    whole = {"format": FORMAT, "level": LEVEL, **content}
    return strict_json(whole) + "\n"


def _content(judged: Judged | None) -> dict[str, Any] | None:
    if judged is None:
        return None
    checks = [{**asdict(check), "verdict": check.verdict} for check in judged.checks]
    return {**asdict(judged), "checks": checks}


def losses_page(study: LossStudy) -> str:
    """The whole page as text; encode it as UTF-8."""
    ead = study.ead
    return (
        _environment()
        .get_template("losses.html")
        .render(
            study=study,
            level=formatting.percent(LEVEL, 0),
            left=_left(study.lgd),
            conversion=_conversion(ead) if ead else "",
        )
    )


def _left(lgd: LgdModel) -> Markup:
    curves = [
        (one.segment, [(0.0, 1.0), *((float(m), x) for m, x in enumerate(one.left, start=1))])
        for one in (*lgd.segments, lgd.overall)
    ]
    return charts.lines(curves, Axis("months after default"), share_axis("left"), "What is left")


def _conversion(ead: EadModel) -> Markup:
    rows = [(one.segment, one.conversion) for one in ead.segments]
    whole = ead.overall.conversion.estimate
    return charts.intervals(rows, share_axis("conversion factor"), whole, "Conversion factors")


def losses_words(study: LossStudy) -> Iterator[str]:
    """What was estimated and how it stood to the test, in a few lines."""
    yield (
        f"LGD of {counted(study.defaults, 'default')} known on {study.known_at}, recoveries within "
        f"{counted(study.workout_months, 'month')}:"
    )
    for one in (study.lgd.overall, *study.lgd.segments):
        yield (
            f"  {_name(one.segment)}: {_interval(one.lgd)}, in a downturn "
            f"{study.lgd.downturn_lgd(one.segment):.3f}; {counted(one.defaults, 'default')}, "
            f"{counted(one.open_workouts, 'workout')} not ended"
        )
    yield from _judged(study.lgd_judged, "share lost")
    if study.ead is None:
        return
    yield f"conversion of what is undrawn, cohorts of {', '.join(study.cohorts)}:"
    for part in (study.ead.overall, *study.ead.segments):
        yield (
            f"  {_name(part.segment)}: {_interval(part.conversion)}; "
            f"{counted(part.defaults, 'default')}, owed {_interval(part.utilisation)} of the limit"
        )
    yield from _judged(study.ead_judged, "exposure, as a share of the limit")


def _judged(judged: Judged | None, noun: str) -> Iterator[str]:
    if judged is None:
        return
    yield f"judged as estimated by {judged.since}, by {counted(judged.loans, 'later default')}:"
    for check in judged.checks:
        yield f"  {_name(check.segment)}: {noun} predicted {check.predicted:.3f}, {_came(check)}"


def _came(check: LossCheck) -> str:
    if check.realised is None:
        return check.verdict
    return f"came {_interval(check.realised)}: {check.verdict}"


def _interval(found: Interval) -> str:
    return f"{found.estimate:.3f} ({found.low:.3f} to {found.high:.3f})"


def _name(segment: str) -> str:
    return clean(segment, NAME_LENGTH)


@cache
def _environment() -> Environment:
    return page_environment("tradeline.risk.losses")
