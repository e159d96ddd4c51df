"""Scores for every firm of a folder: learned from outcomes where there are any, else by expert."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.table import FeatureTable
from tradeline.kernel.findings import Finding, Severity, counted, problem
from tradeline.risk.parameters import read_parameters
from tradeline.risk.scoring.card import (
    Card,
    pds_of_scores,
    points_of_rows,
    scores_of_pds,
    scores_of_points,
)
from tradeline.risk.scoring.cross_fit import RESAMPLES, bootstrap_pds, deal_folds, pds_on_folds
from tradeline.risk.scoring.expert import expert_scorecard
from tradeline.risk.scoring.scorecard import Scorecard

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Of each kind of outcome, so that a firm can be predicted by a card that saw both kinds.
FEWEST = 2


@dataclass(frozen=True, slots=True)
class ScoringTerms:
    """What a PD means: the stated default rate of the portfolio, and the horizon in days."""

    base_rate: float
    horizon_days: int
    seed: int = 0
    resamples: int = RESAMPLES


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """One row for each enterprise, NaN and score 0 where `known` is false: no data, no score.

    `out_of_fold` marks firms with an outcome, whose score and PD come from a card that did not see
    them; `fold` is the part of them that was left out together, -1 for firms without outcome.
    `pd_draws` (resamples x firms, none for an expert card) is each firm's PD when the whole fit is
    done on resampled firms; `pd_low` and `pd_high` hold the middle 90 % of it.
    """

    enterprises: tuple[str, ...]
    known: Flags
    pd: Floats
    pd_low: Floats
    pd_high: Floats
    pd_draws: Floats
    score: NDArray[np.int64]
    out_of_fold: Flags
    fold: NDArray[np.int64]
    card: Card
    findings: tuple[Finding, ...]


def read_scoring_terms(on: date, base_rate: float | None) -> ScoringTerms:
    """The terms on a date; a stated base rate goes before the parameter."""
    values = {name: found.value for name, found in read_parameters("scoring", on).items()}
    rate = values["portfolio_default_rate"] if base_rate is None else base_rate
    check_base_rate(rate)
    return ScoringTerms(rate, values["horizon_days"])


def check_base_rate(rate: float) -> None:
    """Raise InputProblem unless a stated default rate lies between 0 and 1."""
    if not 0 < rate < 1:
        raise problem(
            "base-rate",
            "--base-rate",
            f"A default rate of {rate:g} does not lie between 0 and 1.",
            "State it as a share, such as 0.05.",
        )


def known_firms(table: FeatureTable) -> Flags:
    """Which firms have any data at all; a firm without is never scored."""
    return np.asarray(~np.isnan(table.values).all(axis=1))


def score_firms(
    table: FeatureTable,
    inputs: Sequence[Feature],
    outcomes: Mapping[str, bool],
    terms: ScoringTerms,
    on: date,
    progress: Callable[[str], None] = lambda _: None,
) -> Scores:
    """Score every firm by `inputs`, features that cannot follow from a default.

    Where fewer than two defaults or two good outcomes are known, or no feature says anything of
    default, the expert card serves if it weighs any of them. Raises InputProblem where no firm has
    data.
    """
    known = known_firms(table)
    if not known.any():
        raise problem(
            "no-data",
            "folder",
            "No firm has any record that was known as of the date.",
            "Choose a later --as-of, or send the firms' records.",
        )
    labelled = np.array([firm in outcomes for firm in table.enterprises]) & known
    bad = np.array([outcomes.get(firm, False) for firm in table.enterprises])
    used = [feature for feature in inputs if not np.isnan(table.column(feature.name)).all()]
    population = _Population(table, tuple(used), known, labelled, bad)
    if min(int(bad[labelled].sum()), int((~bad[labelled]).sum())) < FEWEST:
        return _by_expert(population, terms, on)
    scorecard = make_scorecard(population.used, terms)
    scorecard.fit(population.matrix()[labelled], bad[labelled])
    if not scorecard.card_.factors and _weighed(population, on):
        return _by_expert(population, terms, on)
    return _by_model(population, scorecard, terms, progress)


@dataclass(frozen=True, slots=True, eq=False)
class _Population:
    """The firms to score: which have data, which an outcome, which defaulted."""

    table: FeatureTable
    used: tuple[Feature, ...]
    known: Flags
    labelled: Flags
    bad: Flags

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.used)

    def matrix(self) -> Floats:
        return np.column_stack([self.table.column(name) for name in self.names])


def make_scorecard(used: Sequence[Feature], terms: ScoringTerms) -> Scorecard:
    """The unfitted scorecard on features, leaning in their declared directions."""
    return Scorecard(
        names=tuple(feature.name for feature in used),
        directions=tuple(feature.direction for feature in used),
        base_rate=terms.base_rate,
        seed=terms.seed,
    )


def _by_model(
    firms: _Population,
    fitted: Scorecard,
    terms: ScoringTerms,
    progress: Callable[[str], None],
) -> Scores:
    scorecard, X = clone(fitted), firms.matrix()
    seen, bad = X[firms.labelled], firms.bad[firms.labelled]
    fold_draw, resample_draw = np.random.default_rng(terms.seed).spawn(2)
    scores = _by_card(firms, fitted.card_)
    pd, fold = scores.pd.copy(), scores.fold.copy()
    fold[firms.labelled] = deal_folds(bad, fold_draw)
    pd[firms.labelled] = pds_on_folds(scorecard, seen, bad, fold[firms.labelled])
    spread = bootstrap_pds(
        scorecard,
        seen,
        bad,
        X[firms.known],
        resample_draw,
        resamples=terms.resamples,
        progress=progress,
    )
    draws = np.full((terms.resamples, len(pd)), np.nan)
    draws[:, firms.known] = spread.draws
    low, high = scores.pd.copy(), scores.pd.copy()
    low[firms.known], high[firms.known] = spread.low, spread.high
    return replace(
        scores,
        pd=pd,
        pd_low=np.fmin(low, pd),
        pd_high=np.fmax(high, pd),
        pd_draws=draws,
        score=np.where(firms.known, scores_of_pds(fitted.card_.scale, pd), 0),
        out_of_fold=firms.labelled,
        fold=fold,
        findings=(*fitted.findings_, *_few_defaults(int(bad.sum()))),
    )


def _expert_weights(on: date) -> dict[str, float]:
    return {name: found.value for name, found in read_parameters("expert_scorecard", on).items()}


def _weighed(firms: _Population, on: date) -> list[Feature]:
    """The features that the expert scorecard weighs."""
    weights = _expert_weights(on)
    return [feature for feature in firms.used if feature.name in weights]


def _by_expert(firms: _Population, terms: ScoringTerms, on: date) -> Scores:
    weights = _expert_weights(on)
    chosen = _weighed(firms, on)
    if not chosen:
        raise problem(
            "no-expert-factor",
            "folder",
            "There is no outcome to learn from and no record that the expert scorecard weighs.",
            "Send sales invoices, or the outcomes of earlier loans.",
        )
    card = expert_scorecard(
        np.column_stack([firms.table.column(feature.name) for feature in chosen])[firms.known],
        [feature.name for feature in chosen],
        [feature.direction for feature in chosen],
        [weights[feature.name] for feature in chosen],
        terms.base_rate,
    )
    finding = _expert_serves(firms.bad[firms.labelled])
    return replace(_by_card(firms, card), findings=(finding,))


def _by_card(firms: _Population, card: Card) -> Scores:
    known = firms.known
    score = np.zeros(len(known), dtype=np.int64)
    score[known] = scores_of_points(card, points_of_rows(card, firms.matrix()[known], firms.names))
    pd = np.full(len(known), np.nan)
    pd[known] = pds_of_scores(card.scale, score[known])
    nobody, draws = np.zeros(len(known), dtype=bool), np.empty((0, len(known)))
    fold = np.full(len(known), -1, dtype=np.int64)
    return Scores(
        firms.table.enterprises, known, pd, pd, pd, draws, score, nobody, fold, card, findings=()
    )


def _few_defaults(defaults: int) -> tuple[Finding, ...]:
    if defaults >= 50:
        return ()
    message = f"Every figure of the model rests on {defaults} defaults, fewer than 50."
    remedy = "Read the intervals, not the estimates."
    return (Finding("few-defaults", Severity.WARNING, "outcomes", message, remedy),)


def _expert_serves(bad: Flags) -> Finding:
    defaults = int(bad.sum())
    known = "No outcome is known"
    if min(defaults, len(bad) - defaults) >= FEWEST:
        known = f"No feature says more about {counted(defaults, 'default')} than chance would"
    elif len(bad):
        known = (
            f"{counted(len(bad), 'outcome')} known, defaults among them {defaults}: a model "
            f"needs {FEWEST} defaults and {FEWEST} others"
        )
    return Finding(
        "expert-scorecard",
        Severity.WARNING,
        "outcomes",
        f"{known}, so an expert scorecard with stated weights serves: nothing was learned.",
        "Send outcomes of earlier loans, both good and bad.",
    )
