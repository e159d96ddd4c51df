"""A plan keeps to policy and caps to the minor unit, and is what a small search finds."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from tests.risk.decisions.made import AT, engine, engine_of_pairs, sound
from tradeline.kernel.findings import InputProblem
from tradeline.risk.decisions.application import Application, as_columns
from tradeline.risk.decisions.deciding_columns import approved_of, decide_all
from tradeline.risk.decisions.measures import Measure
from tradeline.risk.decisions.offering import firms_of
from tradeline.risk.decisions.planning import CapUsed, PlannedOffers, plan_offers
from tradeline.risk.pricing.efficient_offers import efficient_offers
from tradeline.risk.pricing.loan_value import apr
from tradeline.risk.pricing.portfolio_limits import PortfolioLimits

WIDE = PortfolioLimits(10**12, 10**12, 10**12)


def asked(count: int = 120, seed: int = 3) -> list[Application]:
    generator = np.random.default_rng(seed)
    found = [sound(generator, number) for number in range(count)]
    return [replace(one, enterprise=f"firm {number}") for number, one in enumerate(found)]


def planned(
    limits: PortfolioLimits = WIDE,
    applications: Sequence[Application] | None = None,
    groups: Sequence[str] = (),
    measures: Sequence[Measure] = (),
) -> PlannedOffers:
    columns = as_columns(asked() if applications is None else applications)
    return plan_offers(columns, engine(), AT, measures, limits, groups, enough=0.0)


def cap(plan: PlannedOffers, kind: str, name: str = "all") -> CapUsed:
    (found,) = (one for one in plan.caps if (one.kind, one.name) == (kind, name))
    return found


def test_without_caps_that_bind_everybody_has_the_offer_of_a_decision() -> None:
    plan, records = planned(), decide_all(as_columns(asked()), engine(), AT)
    offered = records["amount_minor"] > 0
    assert 10 < offered.sum() == plan.alone
    for name in ("application", "enterprise", "grade", "amount_minor", "rate_annual",
                 "term_months", "profit_minor", "loss_minor"):  # fmt: skip
        assert plan.columns[name].tolist() == records[name][offered].tolist()
    assert plan.profit_minor == plan.bound_minor == plan.alone_profit_minor
    assert {one.shadow_price for one in plan.caps} == {0.0}


def test_the_apr_is_that_of_rate_term_and_fee() -> None:
    found, terms = planned().columns, engine().terms
    for rate, months, yearly in zip(found["rate_annual"], found["term_months"],
                                    found["apr_annual"], strict=True):  # fmt: skip
        assert yearly == apr(rate, months, terms.repayment, terms.fee)


def test_caps_are_kept_and_those_that_bind_have_a_price() -> None:
    wide = planned()
    budget = wide.alone_minor // 2
    plan = planned(PortfolioLimits(budget, 10**9, 10**12, {"services": 0.1}, {"B": 0.6}))
    sums = {name: int(plan.columns["amount_minor"][plan.columns[kind] == name].sum())
            for kind, name in (("sector", "services"), ("grade", "B"))}  # fmt: skip
    assert cap(plan, "budget").used_minor == plan.columns["amount_minor"].sum() <= budget
    assert cap(plan, "sector", "services").used_minor == sums["services"] <= budget // 10
    assert cap(plan, "grade", "B").used_minor == sums["B"] <= 6 * budget // 10
    assert cap(plan, "expected loss").used_minor == plan.columns["loss_minor"].sum()
    assert cap(plan, "budget").shadow_price > 0
    assert cap(plan, "expected loss").shadow_price == 0
    assert plan.profit_minor <= plan.bound_minor < wide.profit_minor
    assert plan.gap < 0.01
    assert set(plan.columns["application"]) <= set(wide.columns["application"])


def test_one_more_unit_of_the_budget_brings_about_its_price() -> None:
    half = planned().alone_minor // 2
    plan = planned(PortfolioLimits(half, 10**12, 10**12))
    more = planned(PortfolioLimits(half + half // 50, 10**12, 10**12))
    gained = (more.bound_minor - plan.bound_minor) / (half // 50)
    assert gained == pytest.approx(cap(plan, "budget").shadow_price, rel=0.2)


def test_few_firms_have_the_best_plan_that_there_is() -> None:
    few = [one for one in asked(60) if approved_of(as_columns([one]), engine(), AT).rows.size][:4]
    budget = planned(applications=few).alone_minor // 2
    plan = planned(PortfolioLimits(budget, 10**12, 10**12), few)
    best = max(
        sum(profit for _, profit in chosen)
        for chosen in product(*(_options(one) for one in few))
        if sum(amount for amount, _ in chosen) <= budget
    )
    assert best * 0.99 <= plan.profit_minor <= best <= plan.bound_minor


def _options(one: Application) -> list[tuple[int, int]]:
    """Amount and profit of what may be offered to a firm, nothing among it."""
    columns = as_columns([one])
    approved = approved_of(columns, engine(), AT)
    book = engine().books[approved.books[0]]
    assert book is not None
    found = efficient_offers(book, firms_of(approved, columns, ())[0])
    return [(0, 0), *zip(found.amount_minor.tolist(), found.profit_minor.tolist(), strict=True)]


def test_connected_clients_and_applications_of_one_firm_share_a_single_name() -> None:
    applications = asked()
    alone = planned(applications=applications)
    one, other = alone.columns["application"][:2].tolist()
    most = int(alone.columns["amount_minor"][:2].max())
    limits = PortfolioLimits(10**12, 10**12, most)
    groups = ["owner" if a.application in (one, other) else "" for a in applications]
    grouped = planned(limits, applications, groups)
    inside = np.isin(grouped.columns["application"], [one, other])
    assert grouped.columns["amount_minor"][inside].sum() <= most
    assert cap(grouped, "connected clients", "owner").used_minor <= most
    same = [replace(a, enterprise="twice") if a.application in (one, other) else a
            for a in applications]  # fmt: skip
    twice = planned(limits, same)
    inside = np.isin(twice.columns["application"], [one, other])
    assert twice.columns["amount_minor"][inside].sum() <= most


def test_measures_and_missing_figures_bind_as_in_a_decision() -> None:
    halted = planned(measures=[Measure("halt", 0, "services")])
    assert "services" not in set(halted.columns["sector"])
    spoilt = [replace(one, values={**one.values, "cash_flow_minor": None}) for one in asked(40)]
    nothing = planned(applications=spoilt)
    assert len(nothing.columns["application"]) == nothing.profit_minor == nothing.alone == 0
    assert nothing.gap == 0.0


def test_a_cap_of_nobody_is_told_and_a_shadow_plans_nothing() -> None:
    plan = planned(PortfolioLimits(10**12, 10**12, 10**12, {"buildings": 0.1}))
    assert [finding.line() for finding in plan.findings] == [
        "warning: sector: Nobody who could be offered something is of buildings: the cap binds "
        "nothing. Check the name."
    ]
    with pytest.raises(InputProblem) as refusal:
        plan_offers(as_columns(asked(3)), engine_of_pairs(), AT, (), WIDE)
    assert str(refusal.value) == (
        "error: made up: Its model is no card, so it binds nobody. Plan by a scorecard or by "
        "curves."
    )
