"""Figures of a model for all applicants, as one page, one JSON and lines of words."""

from collections.abc import Iterator
from dataclasses import asdict

from tradeline.kernel.findings import Severity, counted
from tradeline.kernel.strict_json import strict_json
from tradeline.risk.modelling.selected import SelectionStudy
from tradeline.risk.report import charts, formatting
from tradeline.risk.report.charts import Axis
from tradeline.risk.report.environment import page_environment
from tradeline.risk.selection.evaluation import Way
from tradeline.risk.validation.resampling import LEVEL

FORMAT = "tradeline-selection/1"
DRAWN = ("AUC", "Default rate", "Profit")


def selection_json(study: SelectionStudy) -> str:
    """The figures as JSON text."""
    content = {"format": FORMAT, "level": LEVEL, **asdict(study)}
    return strict_json(content) + "\n"


def selection_page(study: SelectionStudy) -> str:
    """The whole page as text; encode it as UTF-8."""
    naive = study.figures[Way.APPROVED_ONLY]
    forests = {
        figure: charts.intervals(
            [(way, found[figure]) for way, found in study.figures.items()],
            Axis(figure, lambda value: f"{value:.3f}"),
            naive[figure].estimate,
            figure,
        )
        for figure in DRAWN
    }
    return (
        page_environment("tradeline.risk.modelling")
        .get_template("selection.html")
        .render(
            study=study,
            findings=[f for f in study.findings if f.severity is not Severity.NOTE],
            names=tuple(naive),
            forests=forests,
            level=formatting.percent(LEVEL, 0),
        )
    )


def selection_words(study: SelectionStudy) -> Iterator[str]:
    """Each figure by each way, in lines."""
    overlap = study.overlap
    yield (
        f"{counted(overlap.applicants, 'applicant')}, {overlap.approved:,} approved; propensities "
        f"{study.propensities}, as good as {overlap.effective:,.0f} even weights"
    )
    for figure in study.figures[Way.APPROVED_ONLY]:
        yield f"{figure}:"
        for way, found in study.figures.items():
            one = found[figure]
            yield f"  {way}: {one.estimate:.3f} ({one.low:.3f} to {one.high:.3f})"
