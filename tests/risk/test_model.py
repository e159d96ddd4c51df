"""A model uses no feature that may follow from default, and is judged out of fold."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from tests.risk.assessed import REQUEST, assessment
from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.table import FeatureTable
from tradeline.risk.model import build_model
from tradeline.risk.scoring.labels import Labels
from tradeline.risk.scoring.scores import ScoringTerms


def test_suspicious_features_are_shown_and_not_used() -> None:
    model = assessment().model
    shown = {feature.name for feature in model.suspicious}
    assert {"rating", "days_since_last_sale"} <= shown
    assert not shown & {feature.name for feature in model.inputs}
    assert not shown & set(model.scores.card.names)


@pytest.mark.long
def test_a_feature_that_equals_the_outcome_is_left_out_by_itself() -> None:
    found = assessment()
    records, labels = found.records, found.records.labels
    planted = next(f for f in CATALOGUE if f.name == "buyers_12m")
    values = records.table.values.copy()
    column = records.table.names.index(planted.name)
    values[:, column] = [labels.defaulted.get(firm, False) for firm in records.table.enterprises]
    table = FeatureTable(records.table.enterprises, records.table.names, values)
    terms = replace(found.terms, resamples=3)
    model = build_model(
        CATALOGUE, table, records.earlier, labels, terms, records.as_of, lambda _: None
    )
    assert planted.name in {feature.name for feature in model.suspicious}
    assert planted.name not in {feature.name for feature in model.inputs}


def test_the_model_is_shown_with_suspicious_features_and_beside_a_plain_one() -> None:
    validation = assessment().model.validation
    assert validation is not None
    assert validation.firms == int(assessment().model.scores.out_of_fold.sum())
    assert validation.peer == "ridge logistic on 12 hand-made features"
    auc = validation.figures[0]
    assert auc.with_suspicious is not None
    assert auc.peer is not None


def test_without_outcomes_there_is_nothing_to_judge() -> None:
    records = assessment().records
    terms = ScoringTerms(0.05, 365, resamples=3)
    model = build_model(
        CATALOGUE, records.table, records.earlier, Labels({}, {}), terms, date(2024, 12, 31),
        lambda _: None,
    )  # fmt: skip
    assert model.validation is None
    assert not model.scores.out_of_fold.any()


@pytest.mark.long
def test_the_seed_decides_the_folds() -> None:
    found = assessment()
    terms = replace(found.terms, seed=REQUEST.seed + 1, resamples=3)
    other = build_model(
        CATALOGUE, found.records.table, found.records.earlier, found.records.labels, terms,
        found.records.as_of, lambda _: None,
    )  # fmt: skip
    assert not np.array_equal(other.scores.fold, found.model.scores.fold)
