"""A decision on one application: a pure function of what was seen, the engine and the moment.

Nothing that is missing, stale, mistyped, out of range or unknown is approved, unless the policy
names that case: the gate judges what the card reads, the policy judges what it reads itself, and
the price book lends on no money that it does not know.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tradeline.kernel.moments import naive_utc
from tradeline.risk.decisions.application import (
    CASH_FLOW,
    CURRENCY,
    DEBT_SERVICE,
    EXPOSURE,
    GRADE,
    PD,
    REQUESTED,
    SCORE,
    SECTOR,
    SECTOR_EXPOSURE,
    Application,
    money_of,
)
from tradeline.risk.decisions.codes import (
    FACTORS_MATTER,
    NOT_KNOWN,
    Cap,
    flaw_code,
    offer_code,
    policy_codes,
)
from tradeline.risk.decisions.engine import LIMIT_CAP, RATE_FLOOR, Engine
from tradeline.risk.decisions.factors import REASONS_MAX, dearest, steps
from tradeline.risk.decisions.measures import Measure, in_force
from tradeline.risk.decisions.parts import dearest_parts
from tradeline.risk.decisions.record import CHAMPION, NO_OFFER, SHADOW, Decision, Offered, name_of
from tradeline.risk.decisions.seen_factors import seen_bins
from tradeline.risk.decisions.stops import NO_CONSENT, engine_stops
from tradeline.risk.policy.declaration import Outcome
from tradeline.risk.policy.verdict import Verdict
from tradeline.risk.pricing.best_offer import best_offer
from tradeline.risk.pricing.lender_offer import MOST_MINOR, FirmRisk, LenderOffer, OfferBinding
from tradeline.risk.scoring.card import Card, points_of_bins

FRESH = {SCORE: 0, PD: 0, GRADE: 0}


def decide(
    application: Application, engine: Engine, at: datetime, measures: Sequence[Measure] = ()
) -> Decision:
    """Decide on one application at an aware moment, under the measures of a supervisor."""
    values, ages = application.values, application.ages_days
    binding = in_force(measures, at)
    stops = (*_stops(application, engine, at), *_halts(binding, values))
    flaws, bins, points = _seen(engine, values, ages)
    score = None if flaws else engine.model.constant + sum(points)
    facts, pd, grade = with_score(engine, values, score)
    verdict = engine.policy.evaluate(facts, {**ages, **FRESH})
    lead = (*stops, *flaws)
    outcome = Outcome.REFUSE if lead else verdict.outcome
    offer, cap = None, None
    if not lead:
        lead = policy_codes(verdict)
    if outcome is Outcome.APPROVE:
        offer, cap = offer_at(engine, values, score, verdict, binding)
        outcome = _outcome_of(offer)
        lead = (offer_code(offer.binding if offer else None, cap.name if cap else ""),)
    with_factors = score is not None and _factors_matter(engine, verdict, offer, stops)
    return Decision(
        decision=name_of(application.application, engine.hash, at),
        application=application.application,
        enterprise=application.enterprise,
        engine=engine.hash,
        at=at,
        consent_until=application.consent_until,
        values=values,
        ages_days=ages,
        points=points,
        score=score,
        pd=pd,
        grade=grade,
        hits=verdict.trace.hits,
        outcome=outcome,
        offered=_offered(offer),
        reasons=(*lead, *(_dearest(engine, bins, points) if with_factors else ()))[:REASONS_MAX],
        changes=_changes(engine, bins, score) if with_factors else (),
        role=SHADOW if engine.is_shadow else CHAMPION,
        versions=engine.versions,
        lgd_segment=segment_of(engine, values),
    )


def _stops(application: Application, engine: Engine, at: datetime) -> tuple[str, ...]:
    until = application.consent_until
    held = type(until) is datetime and naive_utc(until) >= naive_utc(at)
    return engine_stops(engine, at) if held else (NO_CONSENT, *engine_stops(engine, at))


def _halts(measures: Sequence[Measure], values: Mapping[str, object]) -> tuple[str, ...]:
    sector = values.get(SECTOR)
    return tuple(
        measure.code
        for measure in measures
        if measure.greatest_minor <= 0 and measure.concerns(sector)
    )


def _seen(
    engine: Engine, values: Mapping[str, object], ages: Mapping[str, object]
) -> tuple[tuple[str, ...], Sequence[int], tuple[int, ...]]:
    """What is wrong with the features of the model; where nothing is, their bins and points."""
    model = engine.model
    if isinstance(model, Card):
        bins = seen_bins(engine.readers, values, ages)
        if min(bins, default=0) < 0:
            return _flaws(model.columns, bins), (), ()
        if engine.pairs:
            singles = len(model.factors) - len(engine.pairs)
            bins = [*bins[:singles], *(pair.bin(values) for pair in engine.pairs)]
        return (), bins, points_of_bins(model, bins)
    assert engine.gate is not None, "parts read something"
    places = engine.gate.evaluate(values, ages).trace.places
    if min(places) < 0:
        return _flaws(model.inputs, places), (), ()
    return (), (), tuple(model.points([values])[0].tolist())


def _flaws(names: Sequence[str], places: Sequence[int]) -> tuple[str, ...]:
    pairs = zip(names, places, strict=True)
    return tuple(flaw_code(name, place) for name, place in pairs if place < 0)


def _dearest(engine: Engine, bins: Sequence[int], points: tuple[int, ...]) -> tuple[str, ...]:
    if engine.is_shadow:
        return dearest_parts(engine.model.names, points)
    return dearest(engine.costs, bins)


def with_score(
    engine: Engine, values: Mapping[str, object], score: int | None
) -> tuple[Mapping[str, object], float | None, str]:
    """What the policy sees: an application cannot bring a score of its own."""
    if score is None:
        return {**values, SCORE: None, PD: None, GRADE: None}, None, ""
    pd, grade = engine.pds[score - engine.lowest], engine.grades[score - engine.lowest]
    return {**values, SCORE: score, PD: pd, GRADE: grade}, pd, grade


def segment_of(engine: Engine, values: Mapping[str, object]) -> str:
    """The segment whose LGD counts for a firm, empty where the lender has one for all."""
    return engine.terms.segment_of(values.get(engine.terms.lgd_by))


def offer_at(
    engine: Engine,
    values: Mapping[str, object],
    score: int | None,
    verdict: Verdict,
    measures: Sequence[Measure],
) -> tuple[LenderOffer | None, Cap | None]:
    """The lender's offer within the caps; None where the sector is not known."""
    sector = values.get(SECTOR)
    if type(sector) is not str or score is None:
        return None, None
    requested, cap = money_of(values.get(REQUESTED)), _cap(verdict, measures, sector)
    is_less = requested is None or (
        type(requested) is int and cap is not None and cap.greatest_minor < requested <= MOST_MINOR
    )
    firm = FirmRisk(
        score=score - engine.lowest,
        currency=values.get(CURRENCY),  # type: ignore[arg-type]
        cash_flow_minor=money_of(values.get(CASH_FLOW)),  # type: ignore[arg-type]
        debt_service_minor=money_of(values.get(DEBT_SERVICE)),  # type: ignore[arg-type]
        sector=sector,
        exposure_minor=money_of(values.get(EXPOSURE)),  # type: ignore[arg-type]
        sector_exposure_minor=money_of(values.get(SECTOR_EXPOSURE)),  # type: ignore[arg-type]
        requested_minor=cap.greatest_minor if cap and is_less else requested,  # type: ignore[arg-type]
    )
    book = engine.books[verdict.outputs.get(RATE_FLOOR), segment_of(engine, values)]
    if book is None:
        bare = LenderOffer(
            engine.terms.lender, engine.terms.currency, OfferBinding.NO_PROFITABLE_OFFER
        )
        return bare, None
    return best_offer(book, firm), cap if is_less else None


def _cap(verdict: Verdict, measures: Sequence[Measure], sector: str) -> Cap | None:
    """The least of what the policy and the measures allow, if any of them caps the amount."""
    caps = []
    if verdict.outputs.get(LIMIT_CAP) is not None:
        caps.append(Cap(int(verdict.outputs[LIMIT_CAP]), "policy cap"))
    caps += [Cap(m.greatest_minor, m.code) for m in measures if m.concerns(sector)]
    return min(caps, key=lambda cap: cap.greatest_minor, default=None)


def _outcome_of(offer: LenderOffer | None) -> Outcome:
    if offer is None or offer.binding in NOT_KNOWN:
        return Outcome.REFUSE
    return Outcome.APPROVE if offer.amount_minor > 0 else Outcome.DECLINE


def _factors_matter(
    engine: Engine, verdict: Verdict, offer: LenderOffer | None, stops: tuple[str, ...]
) -> bool:
    """Whether the score moved the decision, so that its factors are reasons of it."""
    if stops or verdict.outcome is Outcome.REFUSE:
        return False
    if verdict.outcome is Outcome.APPROVE:
        return offer is not None and offer.binding in FACTORS_MATTER
    return engine.is_by_score(verdict.trace.hits)


def _changes(engine: Engine, bins: Sequence[int], score: int | None) -> tuple[str, ...]:
    assert score is not None, "factors matter only where there is a score"
    if engine.is_shadow:
        return ()
    return steps(engine.costs, bins, engine.lacking(score))


def _offered(offer: LenderOffer | None) -> Offered:
    if offer is None or offer.amount_minor <= 0:
        return NO_OFFER
    return Offered(
        offer.amount_minor,
        offer.rate_annual,
        offer.term_months,
        offer.profit_minor,
        offer.loss_minor,
    )
