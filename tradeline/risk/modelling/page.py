"""The validation pack as one page and one JSON: the same record, the same bytes, no network."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from tradeline.kernel.findings import Severity
from tradeline.kernel.strict_json import strict_json
from tradeline.risk.modelling.ceilings import LOST, NAMES, size_of
from tradeline.risk.modelling.model import UNKNOWN, Model
from tradeline.risk.modelling.pack import Pack, Period
from tradeline.risk.report import charts, formatting
from tradeline.risk.report.charts import Axis, share_axis
from tradeline.risk.report.data import Interval
from tradeline.risk.report.environment import page_environment
from tradeline.risk.validation.groups import GroupFigures
from tradeline.risk.validation.resampling import LEVEL

FORMAT = "tradeline-validation/1"
MEANINGS = {
    "AUC": "how often a row that defaulted has a higher PD than one that did not; 0.5 is chance",
    "Gini": "the same as a share: twice the AUC less one; 0 is chance",
    "KS": "greatest distance between the PDs of rows that defaulted and of those that did not",
    "Expected maximum profit": "what refusing the riskiest earns at best, as a share of "
    "what is asked for, under the stated law of losses",
    "Brier score": "mean squared error of the PD; lower is better",
    "Brier skill": "that error against always stating the default rate; 0 is no better",
    "Log loss": "minus the mean log-likelihood of what happened; lower is better",
    "Calibration slope": "1 is right; below 1 the PDs lie too far apart, above 1 too close",
}
SEVERITIES = tuple(Severity)


def pack_content(pack: Pack) -> dict[str, Any]:
    """The pack as plain values, ready for JSON; of the model only what names and defines it."""
    content = asdict(pack)
    model = content.pop("model")
    kept = ("kind", "target", "meaning", "base_rate", "base_rate_is_stated", "learned", "figures",
            "ceiling", "created_for", "expires_on")  # fmt: skip
    content["model"] = {name: model[name] for name in kept}
    return {"format": FORMAT, "level": LEVEL, **content}


def pack_json(pack: Pack) -> str:
    """The pack as JSON text."""
    return strict_json(pack_content(pack)) + "\n"


def pack_page(pack: Pack) -> str:
    """The whole page as text; encode it as UTF-8."""
    shown = sorted(pack.findings, key=lambda found: SEVERITIES.index(found.severity))
    return (
        _environment()
        .get_template("validation_pack.html")
        .render(
            pack=pack,
            model=pack.model,
            facts=facts_of(pack.model),
            findings=shown,
            meanings=MEANINGS,
            kinds=NAMES,
            lost=LOST,
            size=size_of(pack.model),
            before={figure.name: figure for figure in pack.model.figures},
            level=formatting.percent(LEVEL, 0),
            auc_by_period=_by_period(pack.periods, "AUC by period"),
            rate_by_period=_rates(pack.periods, "Share that defaulted by period"),
            spread=lambda factor: _spread(pack, factor),
            forests={
                column: _forest(groups, pack.figures["AUC"].estimate, f"AUC by {column}")
                for column, groups in pack.segments.items()
            },
        )
    )


def facts_of(model: Model) -> tuple[tuple[str, str], ...]:
    """What a PD of the model means, each fact with its name; what nobody stated is said to be."""
    meaning, learned = model.meaning, model.learned
    days = meaning.days_past_due
    months = meaning.horizon_months
    return (
        ("Kind", str(model.kind)),
        ("Default", f"{model.target.column} is {' or '.join(model.target.bad)}"),
        ("Definition", meaning.default_definition or UNKNOWN),
        ("Days past due", UNKNOWN if days is None else f"{days}"),
        ("Cure", meaning.cure or UNKNOWN),
        ("Horizon", UNKNOWN if months is None else formatting.count(months, "month")),
        ("Population", meaning.population or UNKNOWN),
        ("Base rate", f"{formatting.percent(model.base_rate, 2)}, "
                      + ("stated" if model.base_rate_is_stated else "as in the training rows")),
        ("Learned from", f"{formatting.count(learned.rows, 'row')}, "
                         f"{formatting.count(learned.defaults, 'default')}"),
        ("Training period", " to ".join(learned.period) or UNKNOWN),
        ("Made for", model.created_for or UNKNOWN),
        ("Expires", model.expires_on or UNKNOWN),
    )  # fmt: skip


def _spread(pack: Pack, factor: str) -> tuple[float | None, float | None]:
    """The least and the greatest share of a reason in any period."""
    shares = [found.get(factor, 0.0) for found in pack.reasons_by_period.values()]
    return (min(shares), max(shares)) if shares else (None, None)


def _by_period(periods: Sequence[Period], title: str) -> Markup:
    axis = Axis("AUC", lambda value: f"{value:.2f}")
    return charts.over_time([(p.figures.group, p.figures.auc, None) for p in periods], axis, title)


def _rates(periods: Sequence[Period], title: str) -> Markup:
    shown = [(p.figures.group, p.figures.observed, p.figures.predicted) for p in periods
             if p.figures.observed]  # fmt: skip
    return charts.over_time(shown, share_axis("share that defaulted"), title)


def _forest(groups: Sequence[GroupFigures], whole: float, title: str) -> Markup:
    rows: list[tuple[str, Interval]] = [(g.group, g.auc) for g in groups if g.auc]
    return charts.intervals(rows, Axis("AUC", lambda value: f"{value:.2f}"), whole, title)


@cache
def _environment() -> Environment:
    environment = page_environment("tradeline.risk.modelling")
    environment.globals.update(roc=charts.roc, calibration=charts.calibration)
    return environment
