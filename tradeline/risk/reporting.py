"""From an assessment to the report's records: words and figures chosen, no risk computed."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tradeline.creditfile.credit_file import Counterparty as Partner
from tradeline.creditfile.credit_file import CreditFile
from tradeline.kernel.findings import Severity
from tradeline.risk.assessment import Assessment
from tradeline.risk.decision import Decision
from tradeline.risk.model_card import card_sections, group_rates
from tradeline.risk.pricing.response import CURVES_ASSUMED
from tradeline.risk.pricing.simple_plans import amount_by_score, largest_to_safest
from tradeline.risk.report.data import (
    Counterparty,
    DefaultDefinition,
    Firm,
    Interval,
    KeyFigure,
    ManifestEntry,
    Month,
    Notice,
    Portfolio,
    RatingEstimate,
    Report,
    SourceFile,
    Unit,
)
from tradeline.risk.report.formatting import number
from tradeline.risk.scoring.card import CardKind
from tradeline.risk.validation.resampling import LEVEL

SHOWN_FIRST = ("approve", "refer", "decline")
LOWER_PD = "A lower PD is needed; these figures would lower it most."
AGAIN = "The firm may apply again in the next round; a better score makes an offer likelier."
# What may lift a constraint that left a firm without an offer.
NEXT_STEPS = {
    "no data": "Records of the firm's trade, such as tax invoices, orders on a platform or bank "
    "statements, would let it be judged.",
    "stale records": "Records up to the day of the decision would let it be judged.",
    "doubtful records": "The rows that were refused, or do not add up, must be mended at their "
    "source and sent again; then it can be judged.",
    "grade D": LOWER_PD,
    "no verified cash flow": "Bank statements or tax invoices of twelve months that show money "
    "left over after purchases would lift this; a better score alone would not.",
    "signs of fabricated trade": "A credit officer looks at the invoices. Papers that show that "
    "the trade took place, such as contracts, deliveries and payments, help.",
    "budget": AGAIN,
    "industry cap": AGAIN,
    "cash flow": "Bank statements or tax invoices of twelve months that show more money left over "
    "after purchases would lift this; a better score alone would not.",
    "no profitable offer": LOWER_PD,
}
SCORE_COUNTS = ("grade D", "budget", "industry cap", "no profitable offer")
# Feature, what the reader calls it, unit, suffix.
KEY_FIGURES: tuple[tuple[str, str, Unit, str], ...] = (
    ("sales_12m_minor", "Sales, 12 months", "minor", ""),
    ("purchases_12m_minor", "Purchases, 12 months", "minor", ""),
    ("orders_12m_minor", "Orders, 12 months", "minor", ""),
    ("sales_growth_12m", "Growth of sales", "share", ""),
    ("margin_12m", "Margin proxy", "share", ""),
    ("tax_burden_12m", "Tax burden", "share", ""),
    ("sales_volatility_12m", "Volatility of sales", "number", ""),
    ("buyers_12m", "Buyers", "number", ""),
    ("largest_buyer_share_12m", "Largest buyer", "share", ""),
    ("sales_void_share_12m", "Void invoices", "share", ""),
    ("refund_share_12m", "Refunds", "share", ""),
    ("bank_net_flow_monthly_minor", "Net flow on the account, a month", "minor", ""),
)


def report_of(
    found: Assessment, card: Mapping[str, Any], manifest: Sequence[ManifestEntry]
) -> Report:
    """The whole report of an assessment; `card` is its model card."""
    on = found.records.as_of
    scorecard = found.model.scores.card
    return Report(
        title=f"Credit decisions on {len(found.decisions):,} applicants",
        as_of=on,
        currency=found.currency,
        definition=DefaultDefinition(
            found.request.default_definition,
            found.terms.horizon_days,
            found.terms.base_rate,
            scorecard.sample_rate,
        ),
        portfolio=_portfolio(found),
        firms=_firms(found),
        scored_by="model" if scorecard.kind is CardKind.FITTED else "expert",
        interval_level=LEVEL,
        notices=_notices(found, card),
        points_to_double=scorecard.scale.pdo,
        default_rates=group_rates(found)["grade"],
        validation=found.model.validation,
        suspicious=found.model.suspicious,
        sources=tuple(
            SourceFile(count.file, count.contract, count.read, count.accepted, count.refused)
            for count in found.landing.counts
        ),
        findings=found.findings,
        scenario=found.stressed.shown if found.stressed else None,
        model_card=card_sections(card),
        manifest=tuple(manifest),
    )


def _portfolio(found: Assessment) -> Portfolio:
    plan, limits = found.decided.plan, found.rules.limits
    return Portfolio(
        limits.budget_minor,
        limits.binds,
        plan.offers.total_drawn_minor,
        plan.offers.total_profit_minor,
        plan.budget_value,
        plan.gap,
        _simple_plans(found),
    )


def _simple_plans(found: Assessment) -> tuple[tuple[str, int], ...]:
    decided, pd = found.decided, found.applicants.pd
    given = (decided.choices, found.rules.limits, pd, decided.grades)
    return (
        ("one rate for a grade, the largest loan to the safest first",
         largest_to_safest(*given).total_profit_minor),
        ("one rate for a grade, the amount by the score",
         amount_by_score(*given).total_profit_minor),
    )  # fmt: skip


def _notices(found: Assessment, card: Mapping[str, Any]) -> tuple[Notice, ...]:
    warnings = (
        Notice(Severity.WARNING, NOTICED[finding.code], f"{finding.message} {finding.remedy}")
        for finding in found.findings
        if finding.code in NOTICED
    )
    return (*warnings, *_shift(card["stability"]), *_one_clock(found))


NOTICED = {
    CURVES_ASSUMED: "Take-up is assumed",
    "rating-unknown": "The bank's rating is not known",
    "no-informative-feature": "The features say nothing about default",
}


def _shift(stability: Mapping[str, Any] | None) -> list[Notice]:
    if stability is None or not stability["is_shift"]:
        return []
    text = (
        "The applicants' scores lie elsewhere than those of the firms that the model learned from "
        f"(population stability index {number(stability['index'], 3)}; chance alone gives up to "
        f"{number(stability['highest_by_chance'], 3)}). The figures of the model may not hold for "
        "them."
    )
    return [Notice(Severity.WARNING, "Applicants unlike the firms with an outcome", text)]


def _one_clock(found: Assessment) -> list[Notice]:
    files = [finding.where for finding in found.findings if finding.code == "one-clock"]
    if not files:
        return []
    text = (
        f"In {', '.join(dict.fromkeys(files))} a row carries one date, so it counts as known on "
        "the day it occurred. If it came later in truth, figures of the past look better than "
        "they were."
    )
    return [Notice(Severity.NOTE, "Sources with one clock", text)]


def _firms(found: Assessment) -> tuple[Firm, ...]:
    """Approved firms first, then referred, then declined ones, the lowest PD first."""
    rows = found.records.applicant_rows.tolist()
    firms = (
        _firm(found, place, row, decision)
        for place, (row, decision) in enumerate(zip(rows, found.decisions, strict=True))
    )
    return tuple(sorted(firms, key=_place))


def _place(firm: Firm) -> tuple[int, float, str]:
    pd = firm.pd.estimate if firm.pd else 1.0
    return SHOWN_FIRST.index(firm.outcome), pd, firm.enterprise


def _firm(found: Assessment, place: int, row: int, decision: Decision) -> Firm:
    file, scores = found.records.files[row], found.model.scores
    known = bool(scores.known[row])
    approved = decision.outcome == "approve"
    return Firm(
        enterprise=decision.enterprise,
        name=file.name,
        outcome=decision.outcome,
        industry=_industry(file),
        pd=Interval(float(scores.pd[row]), float(scores.pd_low[row]), float(scores.pd_high[row]))
        if known
        else None,
        grade=found.decided.grades[place],
        score=float(scores.score[row]) if known else None,
        amount_minor=decision.amount_minor,
        rate_annual=decision.rate_annual,
        term_days=decision.term_days,
        expected_profit_minor=decision.expected_profit_minor if approved else None,
        binding_constraint=decision.binding_constraint,
        reasons=decision.reasons,
        next_step="" if approved else NEXT_STEPS[decision.binding_constraint],
        changes=decision.changes if _score_counts(decision) else (),
        key_figures=_key_figures(found, place),
        months=tuple(Month(m.month, m.sales_minor, m.purchases_minor) for m in file.months),
        buyers=_partners(file.buyers),
        suppliers=_partners(file.suppliers),
        rating=_rating(found, row, decision.rate_annual),
    )


def _score_counts(decision: Decision) -> bool:
    """Whether a better score may change the answer: no advice is given that leads nowhere."""
    return decision.outcome == "decline" and decision.binding_constraint in SCORE_COUNTS


def _industry(file: CreditFile) -> str:
    if file.industry.basis == "erased":
        return "erased"
    if file.industry.basis == "unknown":
        return ""
    return f"{file.industry.name}{' (by name)' if file.industry.basis == 'name' else ''}"


def _key_figures(found: Assessment, place: int) -> tuple[KeyFigure, ...]:
    table = found.applicants.table
    flow = float(found.applicants.cash_flow_minor[place])
    shown = [KeyFigure("Verified cash flow, a month", _known(flow), "minor")]
    for name, title, unit, suffix in KEY_FIGURES:
        column = table.column(name)
        if not np.isnan(column).all():
            shown.append(KeyFigure(title, _known(float(column[place])), unit, suffix))
    return tuple(shown)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def _partners(partners: Sequence[Partner]) -> tuple[Counterparty, ...]:
    return tuple(Counterparty(p.name, p.amount_minor, p.share) for p in partners)


def _rating(found: Assessment, row: int, rate_annual: float | None) -> RatingEstimate:
    rating, take_up = found.take_up.rating, None
    if rate_annual is not None:
        at = int(np.searchsorted(found.take_up.rates_annual, rate_annual))
        take_up = float(found.take_up.chance[row, at])
    chances = rating.probabilities[row].tolist()
    return RatingEstimate(tuple(zip(rating.ratings, chances, strict=True)), take_up)
