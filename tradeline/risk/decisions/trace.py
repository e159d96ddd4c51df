"""The trace of a decision, made again from its record: which rows fired, which failed, on what."""

from tradeline.kernel.findings import problem
from tradeline.risk.decisions.application import GRADE, PD, SCORE
from tradeline.risk.decisions.deciding import FRESH
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.record import Decision
from tradeline.risk.policy.verdict import Verdict


def verdict_of(decision: Decision, engine: Engine) -> Verdict:
    """What the policy of the engine that decided said of the record's values, with its trace.

    What stopped a decision before (consent, a measure, a flawed feature) is no part of it.
    InputProblem if the rows that take the values are not those that the record names.
    """
    scored = {SCORE: decision.score, PD: decision.pd, GRADE: decision.grade or None}
    verdict = engine.policy.evaluate({**decision.values, **scored}, {**decision.ages_days, **FRESH})
    if verdict.trace.hits != decision.hits:
        raise problem(
            "rows-differ",
            decision.decision,
            "The record names other rows of the policy than those that take its values.",
            "See with `tradeline decisions verify` what was changed since it was written.",
        )
    return verdict
