"""The decisions again under a scenario: who moves, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tradeline.risk.decision import Applicants, Decided, Rules, decide, plan_text
from tradeline.risk.eligibility import BAR_TEXTS
from tradeline.risk.report.data import Move, Outcome, Portfolio
from tradeline.risk.report.data import Scenario as ShownScenario
from tradeline.risk.report.formatting import chance
from tradeline.risk.scenario import (
    OTHERS,
    Scenario,
    describe,
    lgd_of,
    read_scenario,
    shocked_cash_flow,
    shocked_pd,
)


@dataclass(frozen=True, slots=True, eq=False)
class Stressed:
    """A scenario, the decisions under it, and what the report shows of it."""

    scenario: Scenario
    decided: Decided
    shown: ShownScenario


def stress(path: Path, applicants: Applicants, rules: Rules, before: Decided) -> Stressed:
    """Decide again under the scenario of a file, within the same limits.

    Raises InputProblem where the file makes no scenario.
    """
    industries = rules.limits.industries
    scenario = read_scenario(path, sorted(set(industries)))
    shocked = replace(
        applicants,
        pd=shocked_pd(scenario, industries, applicants.pd),
        cash_flow_minor=shocked_cash_flow(scenario, industries, applicants.cash_flow_minor),
        lgd=lgd_of(scenario, industries, rules.pricing.lgd),
    )
    after = decide(shocked, rules)
    moves = tuple(
        _move(firm, applicants, shocked, before, after, scenario, industries)
        for firm in range(len(industries))
        if _offer(before, firm) != _offer(after, firm)
    )
    shown = ShownScenario(
        scenario.name,
        scenario.description,
        tuple((_industry(shock.industry), describe(shock)) for shock in scenario.shocks),
        portfolio_of(after, rules),
        moves,
    )
    return Stressed(scenario, after, shown)


def portfolio_of(decided: Decided, rules: Rules) -> Portfolio:
    """What a plan adds up to."""
    plan, limits = decided.plan, rules.limits
    return Portfolio(
        limits.budget_minor,
        limits.binds,
        plan.offers.total_drawn_minor,
        plan.offers.total_profit_minor,
        plan.budget_value,
        plan.gap,
    )


def _offer(decided: Decided, firm: int) -> tuple[Outcome, int, float]:
    """Outcome, amount and rate, 0 where there is no offer."""
    amount = int(decided.plan.offers.amount_minor[firm])
    rate = float(decided.plan.offers.rate_annual[firm]) if amount else 0.0
    return decided.outcome(firm), amount, rate


def _move(
    firm: int,
    applicants: Applicants,
    shocked: Applicants,
    before: Decided,
    after: Decided,
    scenario: Scenario,
    industries: Sequence[str],
) -> Move:
    outcome, amount, rate = _offer(after, firm)
    return Move(
        applicants.table.enterprises[firm],
        outcome,
        amount,
        rate if amount else None,
        float(shocked.pd[firm]),
        _why(firm, before, after, scenario, industries[firm], float(applicants.pd[firm])),
        after.grades[firm],
        after.constraint(firm),
    )


def _why(
    firm: int, before: Decided, after: Decided, scenario: Scenario, industry: str, pd: float
) -> str:
    """What hit the firm, and what then decided; or that others were hit."""
    shock, bar = scenario.shock_of(industry), after.bars[firm]
    hit = f"{industry.capitalize()}: {describe(shock)}."
    text = BAR_TEXTS[bar] if bar in BAR_TEXTS else plan_text(after, firm)
    freed = before.outcome(firm) == "decline" and after.outcome(firm) == "approve"
    more = " Budget that others no longer take goes to it." if freed else ""
    grades = before.grades[firm], after.grades[firm]
    moved = f" Grade {grades[0]} becomes {grades[1]} (PD before {chance(pd)})."
    return f"{hit}{moved if grades[0] != grades[1] else ''} {text}{more}"


def _industry(name: str) -> str:
    return "all others" if name == OTHERS else name
