"""A hazard model and how it was judged, as one page, one JSON and lines of words."""

from collections.abc import Iterator
from dataclasses import asdict

from tradeline.kernel.findings import Severity, counted
from tradeline.kernel.strict_json import strict_json
from tradeline.risk.modelling.hazards import FIFTHS, HazardStudy
from tradeline.risk.report import charts, formatting
from tradeline.risk.report.charts import Axis, share_axis
from tradeline.risk.report.environment import page_environment
from tradeline.risk.validation.resampling import LEVEL

FORMAT = "tradeline-hazard-study/1"
SHOWN = (1, 3, 6, 12, 18, 24)


def hazard_json(study: HazardStudy) -> str:
    """How the model was judged, as JSON text; the model itself is another file."""
    content = asdict(study)
    hazard = content.pop("hazard")
    content["loans"], content["defaults"] = hazard["loans"], hazard["defaults"]
    for check, plain in zip(study.checks, content["checks"], strict=True):
        plain["agrees"] = check.agrees
    return strict_json({"format": FORMAT, "level": LEVEL, **content}) + "\n"  # fmt: skip


def hazard_page(study: HazardStudy) -> str:
    """The whole page as text; encode it as UTF-8."""
    months = enumerate(zip(study.observed, study.predicted, strict=True), start=1)
    curves = [
        (name, [(0.0, 0.0), *((float(month), pd) for month, pd in enumerate(pds, start=1))])
        for name, pds in zip(FIFTHS, study.fifths, strict=False)
    ]
    return (
        page_environment("tradeline.risk.modelling")
        .get_template("hazard.html")
        .render(
            study=study,
            findings=[f for f in study.findings if f.severity is not Severity.NOTE],
            level=formatting.percent(LEVEL, 0),
            observed=charts.over_time(
                [(str(month), seen, told) for month, (seen, told) in months],
                share_axis("share that defaulted"),
                "Defaults by month",
            ),
            fifths=charts.lines(curves, Axis("month"), share_axis("PD"), "PD by month"),
        )
    )


def hazard_words(study: HazardStudy) -> Iterator[str]:
    """What was learned and how it stood to the test, in a few lines."""
    hazard = study.hazard
    yield (
        f"{counted(hazard.loans, 'loan')}, {counted(hazard.defaults, 'default')} within "
        f"{counted(hazard.months, 'month')}"
    )
    yield f"judged on {counted(study.judged, 'row')} not seen ({study.judged_by}); by month:"
    for month in (month for month in SHOWN if month <= hazard.months):
        seen = study.observed[month - 1]
        yield (
            f"  {month}: mean PD {study.predicted[month - 1]:.2%}, defaulted {seen.estimate:.2%} "
            f"({seen.low:.2%} to {seen.high:.2%})"
        )
    off = sum(not check.agrees for check in study.checks)
    yield f"of {len(study.checks)} checks by fifth and month {off} lie outside their interval"
