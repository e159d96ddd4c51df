"""The features of quality: what they add up, where they are silent, and that no score has them."""

import math
from dataclasses import replace

import numpy as np

from tests.creditfile.quality.tellings import AS_OF, TERMS, lake, tellings
from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.quality.features import QUALITY_FEATURES, quality_features
from tradeline.creditfile.quality.record import Quality, read_quality
from tradeline.lake.reading import Moment


def qualities() -> tuple[Quality, ...]:
    with lake(tellings(1, 150)) as connection:
        return read_quality(connection, Moment(AS_OF, AS_OF), TERMS)


QUALITIES = qualities()
FIRST = QUALITIES[0]


def value(quality: Quality, name: str) -> float:
    return float(quality_features([quality]).column(f"quality_{name}")[0])


def test_names_are_unique_and_none_stands_in_the_catalogue_of_scores() -> None:
    names = [feature.name for feature in QUALITY_FEATURES]
    assert len(set(names)) == len(names)
    assert {feature.name for feature in CATALOGUE} & set(names) == set()


def test_each_says_how_it_may_follow_from_a_default() -> None:
    assert all(feature.possible_consequence for feature in QUALITY_FEATURES)
    assert {feature.direction for feature in QUALITY_FEATURES} == {1, -1}


def test_shares_are_sums_over_sums() -> None:
    late = [t for t in FIRST.timeliness if t.late_rows is not None]
    assert value(FIRST, "late_share") == sum(t.late_rows or 0 for t in late) / sum(
        t.rows for t in late
    )
    judged = sum(item.judged for item in FIRST.reconciliations)
    matched = sum(item.matched.facts for item in FIRST.reconciliations)
    confirmed = sum(item.confirmed.facts for item in FIRST.reconciliations)
    assert value(FIRST, "matched_share") == matched / judged
    assert value(FIRST, "confirmed_share") == confirmed / judged
    checked = sum(item.checked for item in FIRST.accuracy)
    assert value(FIRST, "accurate_share") == sum(item.equal for item in FIRST.accuracy) / checked


def test_the_newest_record_counts_and_the_dataset_with_most_missing_months() -> None:
    assert value(FIRST, "age_days") == min(t.age_s for t in FIRST.timeliness) // 86_400
    assert value(FIRST, "missing_month_share") == max(
        (rhythm.months_missing or 0) / len(rhythm.rows_by_month) for rhythm in FIRST.rhythms
    )


def test_what_cannot_be_said_is_missing_and_never_perfect() -> None:
    nothing = QUALITIES[-1]
    assert nothing.enterprise == "E4"
    assert np.isnan(quality_features([nothing]).values).all()
    unchecked = replace(
        FIRST, accuracy=tuple(replace(item, checked=0, equal=0) for item in FIRST.accuracy)
    )
    assert math.isnan(value(unchecked, "accurate_share"))


def test_every_firm_has_its_row_in_order() -> None:
    table = quality_features(QUALITIES)
    assert table.enterprises == tuple(quality.enterprise for quality in QUALITIES)
    assert table.values.shape == (len(QUALITIES), len(QUALITY_FEATURES))
    assert quality_features([]).values.shape == (0, len(QUALITY_FEATURES))
