"""The exploration arm of a policy, applied to what it declined: who is lent a little, to learn.

Only the score may stand in the way: with the first score above the band, and all else as it is, the
policy would approve. The loan is the least that the lender makes, at the terms of that score. The
draw and its stop are those of `risk.selection.exploration`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil

import numpy as np

from tradeline.lake.columns import Column
from tradeline.risk.decisions.application import REQUESTED, Applications
from tradeline.risk.decisions.deciding import FRESH, offer_at, with_score
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.measures import Measure, in_force
from tradeline.risk.decisions.record import Decision, Offered, decision_at, enter_decision
from tradeline.risk.policy.declaration import Outcome
from tradeline.risk.pricing.lender_offer import LenderOffer
from tradeline.risk.selection.exploration import ExplorationTerms, explore

EXPLORATION = "exploration"


@dataclass(frozen=True, slots=True)
class Arm:
    """The exploration arm of an engine: its terms, and the score as which it prices."""

    terms: ExplorationTerms
    priced_as: int


def arm_of(engine: Engine) -> Arm | None:
    """The exploration arm that the policy names, None if it names none."""
    terms = engine.policy.declaration.exploration_terms()
    return Arm(terms, terms.band[1] + 1) if terms else None


def explored(
    decision: Decision,
    engine: Engine,
    arm: Arm,
    measures: Sequence[Measure],
    spent_minor: int,
) -> Decision:
    """The decision as it is, or an approval in order to learn; its propensity counts the draw.

    `spent_minor` is what the experiment has lost so far and what its loans could yet lose.
    """
    offer = _offer(decision, engine, arm, measures)
    if offer is None or decision.score is None:
        return decision
    drawn = explore(
        arm.terms,
        decision.enterprise,
        decision.score,
        spent_minor=spent_minor,
        at_stake_minor=at_stake_minor(offer.amount_minor, engine, decision.lgd_segment),
    )
    if not drawn.explored:
        return replace(decision, propensity=decision.propensity * (1 - drawn.propensity))
    offered = Offered(
        offer.amount_minor, offer.rate_annual, offer.term_months, offer.profit_minor,
        offer.loss_minor,
    )  # fmt: skip
    return replace(
        decision,
        role=EXPLORATION,
        propensity=decision.propensity * drawn.propensity,
        outcome=Outcome.APPROVE,
        offered=offered,
        reasons=(f"explore:{arm.terms.experiment}", *decision.reasons)[:4],
    )


def at_stake_minor(amount_minor: int, engine: Engine, segment: str = "") -> int:
    """What a loan could lose: all of it but what is recovered."""
    return ceil(amount_minor * engine.terms.lgd_in(segment))


def _offer(
    decision: Decision, engine: Engine, arm: Arm, measures: Sequence[Measure]
) -> LenderOffer | None:
    """The least loan at the first score above the band, if the score alone stood in the way."""
    if decision.outcome is not Outcome.DECLINE or decision.score is None:
        return None
    last = engine.lowest + len(engine.pds) - 1
    if not arm.terms.band[0] <= decision.score <= arm.terms.band[1] or arm.priced_as > last:
        return None
    values, _, _ = with_score(engine, decision.values, arm.priced_as)
    verdict = engine.policy.evaluate(values, {**decision.ages_days, **FRESH})
    if verdict.outcome is not Outcome.APPROVE:
        return None
    least = {**decision.values, REQUESTED: engine.terms.amounts.least_minor}
    offer, _ = offer_at(engine, least, arm.priced_as, verdict, measures)
    return offer if offer is not None and offer.amount_minor > 0 else None


def explore_all(
    records: dict[str, Column],
    applications: Applications,
    engine: Engine,
    at: datetime,
    measures: Sequence[Measure],
    spent_minor: int,
) -> int:
    """Apply the arm in place to the records of a batch, row by row, each counting for the next.

    Gives what the experiment has spent after it.
    """
    arm = arm_of(engine)
    if arm is None:
        return spent_minor
    binding, score = in_force(measures, at), records["score"]
    near = (score >= arm.terms.band[0]) & (score <= arm.terms.band[1])
    for row in np.flatnonzero(near & (records["outcome"] == str(Outcome.DECLINE))).tolist():
        made = decision_at(records, row, engine, applications, at)
        found = explored(made, engine, arm, binding, spent_minor)
        if found.role == EXPLORATION:
            spent_minor += at_stake_minor(found.offered.amount_minor, engine, found.lgd_segment)
        enter_decision(records, row, found)
    return spent_minor
