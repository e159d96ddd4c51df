"""The report as one self-contained HTML page: same records, same bytes, no network."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import get_args

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tradeline.kernel.hashing import hash_bytes
from tradeline.risk.report import charts, formatting
from tradeline.risk.report.charts import Axis, share_axis
from tradeline.risk.report.data import Firm, Month, Move, Outcome, Report, offered_minor, outcomes
from tradeline.risk.report.notices import standing_notices

OUTCOME_WORDS = {"approve": "Approved", "decline": "Declined", "refer": "Referred"}
PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True, slots=True)
class FirmPage:
    """A firm's page: where it stands, its neighbours, and what the scenario does to it."""

    firm: Firm
    anchor: str
    previous: str
    next: str
    move: Move | None


@dataclass(frozen=True, slots=True)
class Group:
    """How many firms share a grade or a constraint, and what they are offered."""

    name: str
    firms: int
    counts: dict[Outcome, int]
    offered_minor: int


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
    template = _environment().get_template("report.html")
    return template.render(
        report=report,
        notices=standing_notices(report),
        counts=outcomes(report.firms),
        offered_minor=offered_minor(report.firms),
        counts_after=outcomes(report.firms_after_scenario),
        offered_after_minor=offered_minor(report.firms_after_scenario),
        pages=pages(report),
        grades=groups(report.firms, [firm.grade for firm in report.firms]),
        constraints=groups(report.firms, [firm.binding_constraint for firm in report.firms]),
        plots=portfolio_plots(report),
        money=partial(formatting.money, currency=report.currency),
        verdict=partial(verdict, currency=report.currency),
    )


def anchor(enterprise: str) -> str:
    """The place of a firm in the page: its identifier if plain, else a hash of it."""
    if PLAIN_ID.fullmatch(enterprise):
        return f"firm-{enterprise}"
    return "firm-" + hash_bytes(enterprise.encode("utf-8", "surrogatepass"))[7:27]


def pages(report: Report) -> tuple[FirmPage, ...]:
    """A page per firm in the report's order, linked to its neighbours."""
    anchors = ["", *(anchor(firm.enterprise) for firm in report.firms), ""]
    moves = {move.enterprise: move for move in report.scenario.moves} if report.scenario else {}
    return tuple(
        FirmPage(firm, here, before, after, moves.get(firm.enterprise))
        for firm, before, here, after in zip(
            report.firms, anchors, anchors[1:], anchors[2:], strict=False
        )
    )


def verdict(decided: Firm | Move, currency: str) -> str:
    """What a decision offers, in words that follow its outcome."""
    if decided.outcome == "approve":
        amount = formatting.money(decided.amount_minor, currency)
        return f"{amount} at {formatting.percent(decided.rate_annual, 2)} a year"
    return "no offer" if decided.outcome == "decline" else "a credit officer decides"


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
    limit = Axis(f"limit, {formatting.clean(report.currency, 3)}", write)
    by_pd = [(f.pd.estimate, f.rate_annual, f.amount_minor) for f in approved if f.pd]

    def histogram(values: Iterable[float | None], axis: Axis, caption: str) -> Plot:
        return Plot(caption, charts.histogram(list(values), axis, caption))

    def scatter(points: Iterable[tuple[float, float]], y: Axis, caption: str) -> Plot:
        return Plot(caption, charts.scatter(list(points), pd, y, caption))

    return (
        histogram((f.pd.estimate for f in report.firms if f.pd), pd, "PD of all firms"),
        histogram((f.rate_annual for f in approved), rate, "Rate of approved firms"),
        histogram((f.amount_minor for f in approved), limit, "Limit of approved firms"),
        scatter(((x, y) for x, y, _ in by_pd if y is not None), rate, "Rate by PD"),
        scatter(((x, z) for x, _, z in by_pd), limit, "Limit by PD"),
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tradeline.risk.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    written = ("name", "percent", "percent_range", "number", "points", "count")
    environment.filters.update({word: getattr(formatting, word) for word in written})
    environment.globals.update(
        outcome_words=OUTCOME_WORDS,
        outcome_order=get_args(Outcome),
        monthly=charts.monthly,
        roc=charts.roc,
        calibration=charts.calibration,
        years=years,
    )
    return environment


def _finalize(value: object) -> object:
    """Every text that reaches the page is clean, whoever forgot to clean it."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return formatting.clean(value)
