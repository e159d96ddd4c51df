"""The records of the report say what was decided, in the order and with the advice that is due."""

import json
from functools import cache

from tests.risk.assessed import assessment
from tradeline.risk.decision import CONSTRAINT_TEXTS
from tradeline.risk.eligibility import Bar
from tradeline.risk.model_card import model_card
from tradeline.risk.report.data import Report
from tradeline.risk.report.render import render_report
from tradeline.risk.reporting import NEXT_STEPS, SCORE_COUNTS, report_of


@cache
def report() -> Report:
    return report_of(assessment(), json.loads(json.dumps(model_card(assessment()))), ())


def test_approved_firms_come_first_then_referred_then_declined_the_safest_first() -> None:
    order = ["approve", "refer", "decline"]
    places = [
        (order.index(firm.outcome), firm.pd.estimate if firm.pd else 1.0) for firm in report().firms
    ]
    assert places == sorted(places)
    assert {firm.enterprise for firm in report().firms} == {
        decision.enterprise for decision in assessment().decisions
    }


def test_every_constraint_that_can_leave_a_firm_without_an_offer_has_a_next_step() -> None:
    never = {"largest loan", "profit"}
    assert set(NEXT_STEPS) == (set(CONSTRAINT_TEXTS) - never) | {str(bar) for bar in Bar}
    assert set(SCORE_COUNTS) <= set(NEXT_STEPS)


def test_a_better_score_is_advised_only_where_it_may_change_the_answer() -> None:
    advised = set()
    for firm in report().firms:
        assert bool(firm.next_step) is (firm.outcome != "approve")
        if firm.changes:
            advised.add(firm.binding_constraint)
            assert firm.outcome == "decline"
    assert advised
    assert advised <= set(SCORE_COUNTS)


def test_the_plan_is_shown_beside_every_simple_one_and_never_below() -> None:
    plan = report().portfolio
    assert len(plan.simple_plans) == 2
    assert all(profit <= plan.expected_profit_minor for _, profit in plan.simple_plans)


def test_the_default_rates_are_those_of_the_grades_shown() -> None:
    grades = {firm.grade for firm in report().firms if firm.grade}
    assert {group.name for group in report().default_rates} == grades


def test_the_whole_report_is_a_page() -> None:
    html = render_report(report())
    assert html.count('<section class="firm"') == len(report().firms)
    assert "50 points double the odds that it repays" in html


def test_applicants_unlike_the_learners_are_a_warning() -> None:
    card = model_card(assessment())
    titles = []
    for is_shift in (True, False):
        shifted = {**card, "stability": {**card["stability"], "is_shift": is_shift}}
        notices = report_of(assessment(), shifted, ()).notices
        titles.append("Applicants unlike the firms with an outcome" in {n.title for n in notices})
    assert titles == [True, False]
