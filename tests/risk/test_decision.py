"""Each firm is decided on by the first thing that stands in its way, or by the plan."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.table import FeatureTable
from tradeline.risk.decision import (
    Applicants,
    Decided,
    Decision,
    Rules,
    applicants_of,
    decide,
    decisions_of,
    reason_lines,
)
from tradeline.risk.eligibility import EligibilityTerms
from tradeline.risk.evidence import Evidence
from tradeline.risk.pricing.offers import Limits
from tradeline.risk.pricing.profit import read_pricing_terms
from tradeline.risk.report.data import Reason
from tradeline.risk.scoring.expert import expert_scorecard
from tradeline.risk.scoring.grades import GradeScale
from tradeline.risk.scoring.reasons import Explainer, make_explainer

NAMES = ("sales_12m_minor", "cash_flow_monthly_minor", "same_day_reversal_share_12m")
USED = tuple(feature for feature in CATALOGUE if feature.name in NAMES[:1])
NAN = float("nan")
RICH = 500_000_00.0
# Sound, sound but small, no data, grade D, no cash flow, signs of fabricated trade, records that
# ended long ago, rows that were refused.
FIRMS = ("sound", "small", "unknown", "risky", "broke", "odd", "old", "torn")
VALUES = np.array(
    [
        [9e9, RICH, 0.0],
        [5e7, 12_000_00.0, 0.0],
        [NAN, NAN, NAN],
        [4e9, RICH, 0.0],
        [3e9, -1.0, 0.0],
        [2e9, RICH, 0.4],
        [9e9, RICH, 0.0],
        [9e9, RICH, 0.0],
    ]
)
PD = np.array([0.005, 0.008, NAN, 0.3, 0.005, 0.005, 0.005, 0.005])
EVIDENCE = Evidence(
    np.array([5.0, 30.0, NAN, 5.0, 5.0, 5.0, 130.0, 5.0]), np.array([0.0] * 7 + [0.2])
)
RATES = np.array([0.04, 0.06, 0.08])
TAKE_UP = np.tile([1.0, 0.8, 0.5], (8, 1))


def rules(budget: int = 5_000_000_00) -> Rules:
    return Rules(
        GradeScale((0.01, 0.03, 0.10)),
        EligibilityTerms(0.1, {"same_day_reversal_share_12m": 0.1}, 120, 0.01),
        read_pricing_terms(date(2024, 12, 31), "CNY"),
        Limits(budget),
    )


def applicants() -> Applicants:
    table = FeatureTable(FIRMS, NAMES, VALUES)
    return applicants_of(table, np.arange(8), PD, RATES, TAKE_UP, EVIDENCE, rules())


def explainer() -> Explainer:
    sizes = np.linspace(1e6, 1e10, 100)[:, None]
    card = expert_scorecard(sizes, NAMES[:1], (-1,), (0.5,), 0.05)
    return make_explainer(card, USED, "CNY")


def decided(budget: int = 5_000_000_00) -> tuple[Decided, dict[str, Decision]]:
    found = decide(applicants(), rules(budget))
    decisions = decisions_of(applicants(), found, rules(budget), explainer())
    return found, {decision.enterprise: decision for decision in decisions}


@pytest.mark.parametrize(
    ("firm", "outcome", "constraint"),
    [
        ("sound", "approve", "largest loan"),
        ("small", "approve", "cash flow"),
        ("unknown", "decline", "no data"),
        ("risky", "decline", "grade D"),
        ("broke", "decline", "no verified cash flow"),
        ("odd", "refer", "signs of fabricated trade"),
        ("old", "decline", "stale records"),
        ("torn", "decline", "doubtful records"),
    ],
)
def test_what_decides_on_each_firm(firm: str, outcome: str, constraint: str) -> None:
    _, decisions = decided()
    assert (decisions[firm].outcome, decisions[firm].binding_constraint) == (outcome, constraint)


def test_only_an_approval_carries_terms() -> None:
    _, decisions = decided()
    for decision in decisions.values():
        approved = decision.outcome == "approve"
        assert (decision.amount_minor > 0) is approved
        assert (decision.rate_annual is not None) is approved
        assert (decision.term_days is not None) is approved
        assert (decision.expected_profit_minor > 0) is approved


def test_the_first_reason_says_what_decided_and_the_others_what_the_score_lost() -> None:
    _, decisions = decided()
    reasons = decisions["small"].reasons
    assert reasons[0].text == (
        "A larger loan would take more of the verified cash flow than its ceiling allows."
    )
    assert reasons[1].points < 0
    assert len(decisions["unknown"].reasons) == 1


def test_a_budget_too_small_for_all_is_said_to_bind() -> None:
    found, decisions = decided(budget=100_000_00)
    assert decisions["sound"].binding_constraint == "budget"
    assert found.plan.offers.total_offered_minor <= 100_000_00
    declined = [each for each in decisions.values() if each.binding_constraint == "budget"]
    assert {each.outcome: each.reasons[0].text for each in declined} == {
        "approve": "More would pay, but the budget earns more elsewhere.",
        "decline": "Creditworthy under these rules, but the budget goes to offers that together "
        "are expected to earn more.",
    }


def test_a_higher_loss_given_default_never_raises_a_profit() -> None:
    found, _ = decided()
    harsher = decide(replace(applicants(), lgd=np.full(8, 0.9)), rules())
    assert (harsher.choices.profit_minor <= found.choices.profit_minor).all()


def test_reasons_become_lines_with_their_points() -> None:
    lines = reason_lines([Reason("budget", "The budget is spent.", 0), Reason("Size", "Low.", -12)])
    assert lines == ["The budget is spent.", "Size: Low. (-12 points)"]


def test_lines_of_reasons_have_plain_blanks() -> None:
    assert reason_lines([Reason("Share", "71.4\u00a0% of it.", -1)]) == [
        "Share: 71.4 % of it. (-1 points)"
    ]
