"""The report as one self-contained HTML page: same records, same bytes, no network."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import get_args

from jinja2 import Environment
from markupsafe import Markup

from tradeline.kernel.findings import Severity
from tradeline.kernel.texts import clean
from tradeline.risk.report import charts, formatting
from tradeline.risk.report.charts import Axis, share_axis
from tradeline.risk.report.data import (
    Firm,
    Interval,
    Month,
    Move,
    Outcome,
    Portfolio,
    Report,
    offered_minor,
    outcomes,
)
from tradeline.risk.report.environment import page_environment
from tradeline.risk.report.moves import movers
from tradeline.risk.report.notices import standing_notices
from tradeline.risk.report.pages import PAGES_MAX, pages

OUTCOME_WORDS = {"approve": "Approved", "decline": "Declined", "refer": "Referred"}
SEVERITIES = tuple(Severity)
BACKTICKS = re.compile("`([^`]+)`")
PDS = "PD of all firms, in bands"
# They show the many low ones apart.
PD_BANDS = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Group:
    """How many firms share a grade or a constraint, and what they are offered.

    `default_rate` is what they are likely to show, None where that is not known.
    """

    name: str
    firms: int
    counts: dict[Outcome, int]
    offered_minor: int
    default_rate: Interval | None = None


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart with its caption."""

    caption: str
    svg: Markup


@dataclass(frozen=True, slots=True)
class Year:
    """Sales and purchases of one calendar year."""

    year: int
    sales_minor: int
    purchases_minor: int


def render_report(report: Report) -> str:
    """The whole page as text; encode it as UTF-8."""
    template, shown = _environment().get_template("report.html"), pages(report)
    return template.render(
        report=report,
        notices=standing_notices(report),
        findings=sorted(report.findings, key=lambda found: SEVERITIES.index(found.severity)),
        counts=outcomes(report.firms),
        offered_minor=offered_minor(report.firms),
        counts_after=outcomes(report.firms_after_scenario),
        offered_after_minor=offered_minor(report.firms_after_scenario),
        pages=shown,
        pages_max=PAGES_MAX,
        movers=movers(shown),
        gain_minor=gain_minor(report.portfolio),
        grades=graded(report),
        constraints=groups(report.firms, [firm.binding_constraint for firm in report.firms]),
        plots=portfolio_plots(report),
        money=partial(formatting.money, currency=report.currency),
        verdict=partial(verdict, currency=report.currency),
    )


def verdict(decided: Firm | Move, currency: str) -> str:
    """What an approval or a referral means, in words that follow its outcome."""
    if decided.outcome == "refer":
        return "to a credit officer, who decides"
    amount = formatting.money(decided.amount_minor, currency)
    return f"{amount} at {formatting.percent(decided.rate_annual, 2)} a year"


def gain_minor(plan: Portfolio) -> int | None:
    """What the plan earns above the best of the simple ones; None if there is none beside it."""
    if not plan.simple_plans:
        return None
    return plan.expected_profit_minor - max(profit for _, profit in plan.simple_plans)


def graded(report: Report) -> tuple[Group, ...]:
    """Firms grouped by grade, with the default rate that each grade is likely to show."""
    rates = {group.name: group.default_rate for group in report.default_rates}
    grades = groups(report.firms, [firm.grade for firm in report.firms])
    return tuple(replace(group, default_rate=rates.get(group.name)) for group in grades)


def groups(firms: Sequence[Firm], keys: Sequence[str]) -> tuple[Group, ...]:
    """Firms grouped by key, in the order of the keys; an empty key comes last."""
    members: dict[str, list[Firm]] = {}
    for firm, key in zip(firms, keys, strict=True):
        members.setdefault(key, []).append(firm)
    return tuple(
        Group(key, len(inside), dict(outcomes(inside)), offered_minor(inside))
        for key, inside in sorted(members.items(), key=lambda item: (not item[0], item[0]))
    )


def years(months: Iterable[Month]) -> tuple[Year, ...]:
    """Monthly sales and purchases summed by calendar year."""
    sums: dict[int, list[int]] = {}
    for month in months:
        year = sums.setdefault(month.month.year, [0, 0])
        year[0] += month.sales_minor
        year[1] += month.purchases_minor
    return tuple(Year(year, *sums[year]) for year in sorted(sums))


def portfolio_plots(report: Report) -> tuple[Plot, ...]:
    """The distributions of PD, rate and limit, and how rate and limit follow PD."""
    approved = [firm for firm in report.firms if firm.outcome == "approve"]
    write = partial(formatting.compact_money, currency=report.currency)
    pd, rate = share_axis("PD"), share_axis("annual rate")
    limit = Axis(f"limit, {clean(report.currency, 3)}", write)
    by_pd = [(f.pd.estimate, f.rate_annual, f.amount_minor) for f in approved if f.pd]

    def histogram(values: Iterable[float | None], axis: Axis, caption: str) -> Plot:
        return Plot(caption, charts.histogram(list(values), axis, caption))

    def scatter(points: Iterable[tuple[float, float]], y: Axis, caption: str) -> Plot:
        return Plot(caption, charts.scatter(list(points), pd, y, caption))

    return (
        Plot(PDS, charts.bands([f.pd.estimate for f in report.firms if f.pd], PD_BANDS, pd, PDS)),
        histogram((f.rate_annual for f in approved), rate, "Rate of approved firms"),
        histogram((f.amount_minor for f in approved), limit, "Limit of approved firms"),
        scatter(((x, y) for x, y, _ in by_pd if y is not None), rate, "Rate by PD"),
        scatter(((x, z) for x, _, z in by_pd), limit, "Limit by PD"),
    )


@cache
def _environment() -> Environment:
    environment = page_environment("tradeline.risk.report")
    environment.filters.update(marked=_marked, plain=lambda value: f"{value:.6g}")
    environment.globals.update(
        outcome_words=OUTCOME_WORDS,
        outcome_order=get_args(Outcome),
        monthly=charts.monthly,
        roc=charts.roc,
        calibration=charts.calibration,
        years=years,
    )
    return environment


def _marked(text: str) -> Markup:
    """A text whose words in backticks are code."""
    escaped = str(Markup.escape(clean(text)))
    return Markup(BACKTICKS.sub(r"<code>\1</code>", escaped))  # noqa: S704
