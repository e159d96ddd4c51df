"""Decisions on the applicants: who is offered what, what stopped the others, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.table import FeatureTable
from tradeline.risk.eligibility import (
    Bar,
    EligibilityTerms,
    bars_of,
    evidence_text,
    referral_text,
    verified_cash_flow,
)
from tradeline.risk.evidence import Evidence
from tradeline.risk.pricing.allocation import Plan, allocate
from tradeline.risk.pricing.offers import Choices, Limits, price_choices
from tradeline.risk.pricing.profit import PricingTerms
from tradeline.risk.report.data import Change, Outcome, Reason
from tradeline.risk.report.formatting import NBSP
from tradeline.risk.scoring.grades import GradeScale, grades_of
from tradeline.risk.scoring.reasons import Explainer

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CONSTRAINT_TEXTS = {
    "budget": "More would pay, but the budget earns more elsewhere.",
    "industry cap": "More would pay, but the cap on the firm's industry is reached.",
    "largest loan": "The offer is the largest loan of the programme.",
    "cash flow": "A larger loan would take more of the verified cash flow than its ceiling allows.",
    "profit": "A larger loan would raise the expected loss by more than it earns.",
    "no profitable offer": "At no amount and rate does the expected income cover expected loss, "
    "funding and cost.",
}
# The same constraints where they leave a firm without an offer.
DECLINED_TEXTS = CONSTRAINT_TEXTS | {
    "budget": "Creditworthy under these rules, but the budget goes to offers that together are "
    "expected to earn more.",
    "industry cap": "Creditworthy under these rules, but the cap on the firm's industry goes to "
    "offers that together are expected to earn more.",
    "cash flow": "The verified cash flow is too small to serve a loan that covers its own cost.",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides beside the score: the scale of grades, eligibility, prices and limits."""

    scale: GradeScale
    eligibility: EligibilityTerms
    pricing: PricingTerms
    limits: Limits


@dataclass(frozen=True, slots=True, eq=False)
class Applicants:
    """The firms to decide on, one row each; `take_up` has shape (firms, rates).

    `cash_flow_minor` is verified and a month; `lgd` replaces that of the pricing terms; `evidence`
    says how far the records behind all of it can be relied on.
    """

    table: FeatureTable
    pd: Floats
    cash_flow_minor: Floats
    rates_annual: Floats
    take_up: Floats
    lgd: Floats
    evidence: Evidence


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """Grades, bars and the plan of a set of applicants, in their order."""

    grades: tuple[str, ...]
    bars: tuple[Bar | None, ...]
    choices: Choices
    plan: Plan

    def outcome(self, firm: int) -> Outcome:
        """What is decided on one firm."""
        if self.bars[firm] is Bar.REFERRAL:
            return "refer"
        return "approve" if self.plan.offers.amount_minor[firm] > 0 else "decline"

    def constraint(self, firm: int) -> str:
        """What decided on one firm, in a word or two: a bar, or what keeps it from more."""
        return str(self.bars[firm] or self.plan.binding[firm])


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision with its reasons; an approval carries amount, rate and term.

    Reasons come most important first; the first says what decided, the others what the score lost
    by. Amount and expected profit are 0, rate and term None unless approved.
    """

    enterprise: str
    outcome: Outcome
    amount_minor: int
    currency: str
    rate_annual: float | None
    term_days: int | None
    expected_profit_minor: int
    binding_constraint: str
    reasons: tuple[Reason, ...]
    changes: tuple[Change, ...]


def applicants_of(
    table: FeatureTable,
    rows: Ints,
    pd: Floats,
    rates_annual: Floats,
    take_up: Floats,
    evidence: Evidence,
    rules: Rules,
) -> Applicants:
    """The firms at `rows` of a table; `pd`, `take_up` and `evidence` go by the whole table."""
    firms = FeatureTable(
        tuple(table.enterprises[row] for row in rows), table.names, table.values[rows]
    )
    return Applicants(
        firms,
        pd[rows],
        verified_cash_flow(firms, rules.eligibility),
        rates_annual,
        take_up[rows],
        np.full(len(rows), rules.pricing.lgd),
        evidence.of(rows),
    )


def decide(applicants: Applicants, rules: Rules) -> Decided:
    """Grade, bar and plan: the offers of greatest expected profit within the limits."""
    grades = grades_of(applicants.pd, rules.scale)
    bars = bars_of(
        applicants.table,
        grades,
        applicants.cash_flow_minor,
        applicants.evidence,
        rules.eligibility,
    )
    choices = price_choices(
        applicants.rates_annual,
        applicants.take_up,
        applicants.pd,
        applicants.cash_flow_minor,
        np.array([bar is None for bar in bars], dtype=np.bool_),
        rules.pricing,
        applicants.lgd,
    )
    return Decided(grades, bars, choices, allocate(choices, rules.limits))


def decisions_of(
    applicants: Applicants, decided: Decided, rules: Rules, explainer: Explainer
) -> tuple[Decision, ...]:
    """The decision on each applicant, with reasons from its own figures."""
    values = applicants.table.values.tolist()
    return tuple(
        _decision(firm, dict(zip(applicants.table.names, row, strict=True)), applicants, decided,
                  rules, explainer)
        for firm, row in enumerate(values)
    )  # fmt: skip


def _decision(
    firm: int,
    values: Mapping[str, float],
    applicants: Applicants,
    decided: Decided,
    rules: Rules,
    explainer: Explainer,
) -> Decision:
    offers, constraint = decided.plan.offers, decided.constraint(firm)
    bare = Decision(
        applicants.table.enterprises[firm],
        decided.outcome(firm),
        int(offers.amount_minor[firm]),
        explainer.currency,
        None,
        None,
        int(offers.profit_minor[firm]),
        constraint,
        (Reason(constraint, _constraint_text(firm, applicants, decided, rules), 0),),
        (),
    )
    if decided.grades[firm]:
        explained = explainer.explain(values)
        bare = replace(bare, reasons=(*bare.reasons, *explained.reasons), changes=explained.changes)
    if bare.outcome != "approve":
        return bare
    return replace(
        bare, rate_annual=float(offers.rate_annual[firm]), term_days=rules.pricing.term_days
    )


def _constraint_text(firm: int, applicants: Applicants, decided: Decided, rules: Rules) -> str:
    bar = decided.bars[firm]
    if bar is Bar.REFERRAL:
        return referral_text(applicants.table, firm, rules.eligibility)
    if bar:
        return evidence_text(bar, applicants.evidence, firm, rules.eligibility)
    return plan_text(decided, firm)


def plan_text(decided: Decided, firm: int) -> str:
    """What in the plan keeps a firm from a larger offer, or from any."""
    approved = decided.outcome(firm) == "approve"
    texts = CONSTRAINT_TEXTS if approved else DECLINED_TEXTS
    return texts[decided.plan.binding[firm]]


def reason_lines(reasons: Sequence[Reason]) -> list[str]:
    """Reasons as lines of plain text, each with the points that it cost, where it cost any."""
    lines = (
        f"{reason.text}" if not reason.points else
        f"{reason.factor}: {reason.text} ({reason.points:+g} points)"
        for reason in reasons
    )  # fmt: skip
    return [line.replace(NBSP, " ") for line in lines]
