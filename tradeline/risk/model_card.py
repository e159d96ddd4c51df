"""The model card: what the model is, what it was learned from, how far it can be trusted."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from tradeline.creditfile.credit_file import CreditFile
from tradeline.risk.assessment import Assessment
from tradeline.risk.parameters import assumptions
from tradeline.risk.pricing.response import CURVES_ASSUMED
from tradeline.risk.report.data import CardSection, Figure, GroupRate, Interval
from tradeline.risk.report.formatting import count, number, percent
from tradeline.risk.scoring.artifact import card_hash
from tradeline.risk.scoring.card import CardKind
from tradeline.risk.scoring.grades import deciles_of, default_rates, rate_error_of
from tradeline.risk.validation.resampling import LEVEL
from tradeline.risk.validation.stability import Shift, shift_of

FORMAT = "tradeline-model-card/1"
ASSUMED = ("scoring", "grades", "eligibility", "pricing")
LIMITS = (
    "Outcomes are known only of firms that were lent to; applicants may differ from them.",
    "A PD's range is the doubt about the model on firms like these, not the firm's own fate.",
    "Intervals hold the chance of which firms were judged, no change of the market.",
    "A PD is calibrated to the stated default rate; if that is wrong, every PD is wrong with it.",
    "A grade's default rate takes the stated rate to be as unsure as one seen on these outcomes.",
    "Loss, funding and the rise of default with debt service are assumptions of ours, not data.",
)


def group_rates(found: Assessment) -> dict[str, tuple[GroupRate, ...]]:
    """The default rate that applicants of each grade and tenth are likely to show.

    The stated rate is taken to be no surer than one seen on the firms with a known outcome.
    """
    rows = found.records.applicant_rows
    draws, pd = found.model.scores.pd_draws[:, rows], found.applicants.pd
    groups = {"grade": found.decided.grades, "tenth": deciles_of(pd)}
    error = rate_error_of(found.records.labels.defaulted.values())
    seed = [found.terms.seed, 3]
    return {
        name: default_rates(member, pd, draws, np.random.default_rng(seed), rate_error=error)
        for name, member in groups.items()
    }


def score_shift(found: Assessment) -> Shift | None:
    """How far the applicants' scores lie from those of the firms that the model learned from."""
    scores = found.model.scores
    applicants = np.zeros(len(scores.known), dtype=bool)
    applicants[found.records.applicant_rows] = True
    return shift_of(
        scores.score[scores.out_of_fold].astype(np.float64),
        scores.score[applicants & scores.known].astype(np.float64),
    )


def model_card(found: Assessment) -> dict[str, Any]:
    """The card as plain values, ready for JSON."""
    scores, validation = found.model.scores, found.model.validation
    figures = validation.figures if validation else ()
    return {
        "format": FORMAT,
        "model": {
            "kind": str(scores.card.kind),
            "hash": card_hash(scores.card),
            "factors": list(scores.card.names),
            "inputs_considered": len(found.model.inputs),
        },
        "target": {
            "definition": found.request.default_definition,
            "horizon_days": found.terms.horizon_days,
            "stated_default_rate": found.terms.base_rate,
            "sample_default_rate": scores.card.sample_rate,
        },
        "data": _data(found),
        "figures": {_key(figure): _interval(figure.used) for figure in figures},
        "figures_with_suspicious": _others(figures, "with_suspicious"),
        "figures_of_peer": _others(figures, "peer"),
        "peer": validation.peer if validation else None,
        "meanings": {_key(figure): figure.meaning for figure in figures},
        "calibration": [asdict(bin_) for bin_ in validation.calibration] if validation else [],
        "default_rates": {
            name: [asdict(group) for group in groups] for name, groups in group_rates(found).items()
        },
        "stability": _stability(score_shift(found)),
        "rating": _rating(found),
        "suspicious": [asdict(feature) for feature in found.model.suspicious],
        "assumptions": [
            line
            for subject in _assumed(found)
            for line in assumptions(subject, found.records.as_of)
        ],
        "limits": list(LIMITS),
    }


def _assumed(found: Assessment) -> tuple[str, ...]:
    """The subjects whose parameters decided here: what data gave instead needs no assumption."""
    curves = any(finding.code == CURVES_ASSUMED for finding in found.records.curves.findings)
    expert = found.model.scores.card.kind is CardKind.EXPERT
    return ASSUMED + ("response",) * curves + ("expert_scorecard",) * expert


def _data(found: Assessment) -> dict[str, Any]:
    scores = found.model.scores
    labels = found.records.labels.defaulted
    return {
        "first_record": _first_record(found.records.files),
        "as_of": found.records.as_of.isoformat(),
        "enterprises": len(scores.enterprises),
        "without_data": int((~scores.known).sum()),
        "with_outcome": int(scores.out_of_fold.sum()) or len(labels),
        "defaults": sum(labels.values()),
        "applicants": len(found.decisions),
        "sources": [asdict(source) for source in found.landing.counts],
    }


def _first_record(files: Iterable[CreditFile]) -> str | None:
    firsts = [data.first for file in files for data in file.datasets if data.first]
    return min(firsts).date().isoformat() if firsts else None


def _others(figures: tuple[Figure, ...], side: str) -> dict[str, Any]:
    intervals = ((_key(figure), getattr(figure, side)) for figure in figures)
    return {name: _interval(interval) for name, interval in intervals if interval}


def _key(figure: Figure) -> str:
    return figure.name.lower().replace(" ", "_")


def _interval(interval: Interval) -> dict[str, float]:
    return {**asdict(interval), "level": LEVEL}


def _stability(shift: Shift | None) -> dict[str, Any] | None:
    return None if shift is None else {**asdict(shift), "is_shift": shift.is_shift}


def _rating(found: Assessment) -> dict[str, Any]:
    rating = found.take_up.rating
    errors = (rating.rank_error, rating.rank_error_of_guess)
    missed, guessed = (None if np.isnan(error) else error for error in errors)
    return {
        "ratings": list(rating.ratings),
        "rank_error": missed,
        "rank_error_of_guess": guessed,
        "use": "take-up only, never the PD",
    }


def card_sections(card: Mapping[str, Any]) -> tuple[CardSection, ...]:
    """The card as headings and lines for a reader."""
    return (
        CardSection("Model", _model_lines(card)),
        CardSection("Population", _population_lines(card)),
        CardSection("Stability", _stability_lines(card["stability"])),
        CardSection("The bank's rating", _rating_lines(card["rating"])),
        CardSection("Assumptions", tuple(card["assumptions"])),
        CardSection("Known limits", tuple(card["limits"])),
    )


def _model_lines(card: Mapping[str, Any]) -> tuple[str, ...]:
    model, target = card["model"], card["target"]
    learned = "stated weights, nothing learned"
    if model["kind"] == CardKind.FITTED:
        learned = (
            f"logistic scorecard on monotone bins, learned from "
            f"{count(card['data']['with_outcome'], 'firm')}"
        )
    return (
        (
            f"Kind: {learned}; {count(len(model['factors']), 'factor')} of "
            f"{count(model['inputs_considered'], 'feature')} considered."
        ),
        f"It predicts: {target['definition']} Horizon: {count(target['horizon_days'], 'day')}.",
        f"Hash: {model['hash']}.",
    )


def _population_lines(card: Mapping[str, Any]) -> tuple[str, ...]:
    data, target = card["data"], card["target"]
    sample = target["sample_default_rate"]
    return (
        (
            f"{count(data['enterprises'], 'firm')} as of {data['as_of']}: "
            f"{number(data['with_outcome'])} with a known outcome ({number(data['defaults'])} "
            f"defaulted), {number(data['applicants'])} without, who are the applicants; "
            f"{number(data['without_data'])} without any record."
        ),
        f"Records from {data['first_record'] or 'no day'} to {data['as_of']}, as known on that "
        "day.",
        f"PDs are calibrated to a stated default rate of {percent(target['stated_default_rate'])}"
        + ("." if sample is None else f"; in the sample {percent(sample)} defaulted."),
    )


def _stability_lines(stability: dict[str, Any] | None) -> tuple[str, ...]:
    if stability is None:
        return ("No firms with known outcome to compare the applicants with.",)
    index, mean, highest = (
        number(stability[name], 3) for name in ("index", "by_chance", "highest_by_chance")
    )
    verdict = "more than" if stability["is_shift"] else "no more than"
    return (
        f"Population stability index of scores, applicants against labelled firms: {index}.",
        f"Chance alone gives {mean} in the mean, up to {highest} in 19 of 20 samples of these "
        f"sizes: the applicants differ by {verdict} chance would.",
    )


def _rating_lines(rating: Mapping[str, Any]) -> tuple[str, ...]:
    if rating["rank_error"] is None:
        return ("No rating was learned; every firm has the same doubt about it.",)
    missed, guessed = (number(rating[name]) for name in ("rank_error", "rank_error_of_guess"))
    return (
        f"Estimated on the scale {', '.join(rating['ratings'])}, for take-up only, never the PD.",
        f"Out of fold the likeliest rating misses by {missed} places in the mean; always guessing "
        f"the middle one misses by {guessed}.",
    )
