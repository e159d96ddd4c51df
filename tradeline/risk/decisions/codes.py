"""The codes by which a record names its reasons; `words.py` says them in words."""

from dataclasses import dataclass

from tradeline.risk.decisions.factors import REASONS_MAX
from tradeline.risk.policy.axes import (
    BAD_AGE,
    MISSING,
    MISTYPED,
    OUT_OF_RANGE,
    STALE,
    UNKNOWN,
)
from tradeline.risk.policy.declaration import Outcome
from tradeline.risk.policy.verdict import Verdict
from tradeline.risk.pricing.lender_offer import OfferBinding

FLAWS = {
    MISSING: "missing",
    STALE: "stale",
    MISTYPED: "mistyped",
    OUT_OF_RANGE: "out of range",
    UNKNOWN: "unknown category",
    BAD_AGE: "age not known",
}
NO_ROW = "policy:no row allows it"
# Bindings that say that the lender lacks something it must know.
NOT_KNOWN = frozenset(
    (
        OfferBinding.NO_SCORE,
        OfferBinding.CURRENCY,
        OfferBinding.CASH_FLOW_UNKNOWN,
        OfferBinding.DEBT_UNKNOWN,
        OfferBinding.EXPOSURE_UNKNOWN,
        OfferBinding.REQUEST_UNKNOWN,
    )
)
# Bindings on which the score bears.
FACTORS_MATTER = frozenset(
    (
        OfferBinding.GRADE_NOT_LENT_TO,
        OfferBinding.NO_PROFITABLE_OFFER,
        OfferBinding.GRADE_CAP,
        OfferBinding.PROFIT,
    )
)


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that may be lent, and who says so."""

    greatest_minor: int
    name: str


def flaw_code(name: str, place: int) -> str:
    """What is wrong with a value, by the place that its axis gives it."""
    return f"flaw:{name}:{FLAWS[place]}"


def policy_codes(verdict: Verdict) -> tuple[str, ...]:
    """What in the policy decided: values that no table may see, else the reasons of its rows."""
    places = verdict.trace.places
    inputs = verdict.trace.program.declaration.inputs
    flaws = tuple(
        flaw_code(read.name, place)
        for read, place in zip(inputs, places, strict=False)
        if place < 0
    )
    if flaws:
        return flaws[:REASONS_MAX]
    return row_codes(verdict.outcome, verdict.reasons)


def row_codes(outcome: Outcome, reasons: tuple[str, ...]) -> tuple[str, ...]:
    """The reasons of the rows that fired; where nothing says why, that nothing allows it."""
    codes = tuple(f"policy:{reason}" for reason in reasons)
    if not codes and outcome is not Outcome.APPROVE:
        return (NO_ROW,)
    return codes[:REASONS_MAX]


def offer_code(binding: OfferBinding | None, cap: str) -> str:
    """What decided on the offer; `cap` names who capped what could be asked for, if anybody."""
    if binding is None:
        return "offer:sector not known"
    return f"offer:{cap if cap and binding is OfferBinding.REQUEST else binding}"
