"""The model of a folder: which features it may use, its scores, and how far they can be trusted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.table import FeatureTable
from tradeline.risk.report.data import SuspiciousFeature, Validation
from tradeline.risk.scoring.cross_fit import pds_on_folds
from tradeline.risk.scoring.labels import Labels
from tradeline.risk.scoring.scores import Scores, ScoringTerms, make_scorecard, score_firms
from tradeline.risk.validation.figures import compare, split_range
from tradeline.risk.validation.peer import peer_on_folds
from tradeline.risk.validation.suspicion import suspicious_features, suspicious_names

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

# Up to so many labelled firms the split into folds matters, and trying others is quick.
FEW_FIRMS = 500
# Other splits that are tried; each costs several refits, so fewer where few refits are asked for.
SPLITS, REFITS_PER_SPLIT = 10, 20


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Scores with their evidence; without outcomes of both kinds there is no validation."""

    inputs: tuple[Feature, ...]
    scores: Scores
    suspicious: tuple[SuspiciousFeature, ...]
    validation: Validation | None


def build_model(
    features: Sequence[Feature],
    now: FeatureTable,
    earlier: FeatureTable,
    labels: Labels,
    terms: ScoringTerms,
    on: date,
    progress: Callable[[str], None],
) -> Model:
    """Leave out what may follow from default, score every firm, and judge the scores.

    `now` and `earlier` hold the same firms as of the date and a year before; `earlier` serves only
    to judge which features are suspicious.
    """
    generator = np.random.default_rng([terms.seed, 1])
    progress("looking for features that may follow from default")
    suspicious = suspicious_features(
        features, now, earlier, labels.defaulted, generator, ratings=labels.rating_places
    )
    barred = suspicious_names(features, suspicious)
    inputs = tuple(feature for feature in features if feature.name not in barred)
    progress("scoring every firm, and every labelled firm by a model that did not see it")
    scores = score_firms(now, inputs, labels.defaulted, terms, on, progress)
    validation = None
    if scores.out_of_fold.any():
        progress("judging the model out of fold")
        validation = _validate(features, inputs, now, labels, scores, terms, generator)
    return Model(inputs, scores, suspicious, validation)


@dataclass(frozen=True, slots=True, eq=False)
class _Study:
    """Labelled firms: their features, outcomes and folds."""

    table: FeatureTable
    rows: Flags
    bad: Flags
    fold: Ints
    terms: ScoringTerms

    def matrix(self, features: Sequence[Feature]) -> Floats:
        return np.column_stack([self.table.column(f.name)[self.rows] for f in features])

    def pds(self, features: Sequence[Feature], fold: Ints) -> Floats:
        scorecard = make_scorecard(features, self.terms)
        return pds_on_folds(scorecard, self.matrix(features), self.bad, fold)


def _validate(
    features: Sequence[Feature],
    inputs: Sequence[Feature],
    table: FeatureTable,
    labels: Labels,
    scores: Scores,
    terms: ScoringTerms,
    generator: np.random.Generator,
) -> Validation:
    rows = scores.out_of_fold
    bad = np.array([labels.defaulted.get(firm, False) for firm in table.enterprises])[rows]
    study = _Study(table, rows, bad, scores.fold[rows], terms)
    used, every = (_with_data(table, part) for part in (inputs, features))
    splits = None
    if len(bad) <= FEW_FIRMS:
        count = min(SPLITS, max(2, terms.resamples // REFITS_PER_SPLIT))
        splits = split_range(lambda fold: study.pds(used, fold), bad, generator, count)
    return compare(
        bad,
        scores.pd[rows],
        study.pds(every, study.fold) if len(every) > len(used) else None,
        peer_on_folds(study.matrix(used), [f.name for f in used], bad, study.fold),
        generator,
        base_rate=terms.base_rate,
        splits=splits,
    )


def _with_data(table: FeatureTable, features: Sequence[Feature]) -> tuple[Feature, ...]:
    return tuple(f for f in features if not np.isnan(table.column(f.name)).all())
