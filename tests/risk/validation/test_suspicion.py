"""What follows from default is named first, in words that the evidence allows."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.table import FeatureTable
from tradeline.risk.report.data import SuspiciousFeature
from tradeline.risk.scoring.cross_fit import draw_firms
from tradeline.risk.validation.resampling import RESAMPLES, interval_of
from tradeline.risk.validation.suspicion import suspicious_features, suspicious_names

Floats = NDArray[np.float64]

FIRMS = 200
ENTERPRISES = tuple(f"E{number:03}" for number in range(FIRMS))
BAD = np.arange(FIRMS) % 5 == 0
OUTCOMES = dict(zip(ENTERPRISES, BAD.tolist(), strict=True))
DECLARED = {feature.name for feature in CATALOGUE if feature.possible_consequence}
STOPPED = "A firm that defaulted may have stopped trading because of it."


def table(**columns: Floats) -> FeatureTable:
    values = np.full((FIRMS, len(CATALOGUE)), np.nan)
    names = tuple(feature.name for feature in CATALOGUE)
    for name, column in columns.items():
        values[:, names.index(name)] = column
    return FeatureTable(ENTERPRISES, names, values)


def noise(seed: int) -> Floats:
    return np.random.default_rng(seed).normal(size=FIRMS)


def sign(seed: int, strength: float) -> Floats:
    return noise(seed) + np.where(BAD, strength, 0.0)


def found(
    now: FeatureTable, earlier: FeatureTable, ratings: dict[str, int] | None = None
) -> tuple[SuspiciousFeature, ...]:
    generator = np.random.default_rng(1)
    return suspicious_features(CATALOGUE, now, earlier, OUTCOMES, generator, ratings=ratings)


def test_a_consequence_comes_before_a_true_sign() -> None:
    fates = sign(1, 1.0)
    now = table(
        days_since_last_purchase=fates,
        days_since_last_sale=sign(2, 2.0),
        sales_active_months_12m=-sign(3, 1.5),
        margin_12m=sign(4, -1.0),
    )
    earlier = table(
        days_since_last_purchase=fates + 0.1 * noise(7),
        days_since_last_sale=noise(5),
        sales_active_months_12m=-sign(6, 0.9),
        margin_12m=noise(8),
    )
    consequence, fading, lasting = found(now, earlier)
    assert consequence.name == "days_since_last_sale"
    assert consequence.meaning == "days since the last sale"
    assert consequence.evidence == (
        f"{STOPPED} Alone it ranks defaults with AUC 0.96 (0.93 to 0.97); the same figure a year "
        "earlier with 0.53 (0.46 to 0.62), so most of what it tells came within that year."
    )
    assert fading.name == "sales_active_months_12m"
    assert fading.evidence.endswith("so part of what it tells came within that year.")
    assert lasting.name == "days_since_last_purchase"
    assert lasting.evidence.endswith(
        "Most of what it tells was there then: it foretells default, or the default is older "
        "than a year."
    )
    assert not any(feature.used for feature in (consequence, fading, lasting))


def test_figures_equal_a_plain_loop_on_the_same_firms() -> None:
    now, earlier = sign(2, 1.0), sign(5, 0.7)
    now[:8] = np.nan
    (shown,) = found(table(days_since_last_sale=now), table(days_since_last_sale=earlier))
    generator = np.random.default_rng(1)
    draws = [np.arange(FIRMS), *(draw_firms(BAD, generator) for _ in range(RESAMPLES))]
    riskiest = np.where(np.isnan(now), 1e9, now)
    aucs = np.array([[roc_auc_score(BAD[r], x[r]) for x in (riskiest, earlier)] for r in draws])
    assert shown.auc_alone is not None
    expected = interval_of(aucs[:, 0])
    assert shown.auc_alone.estimate == pytest.approx(expected.estimate)
    assert (shown.auc_alone.low, shown.auc_alone.high) == pytest.approx(
        (expected.low, expected.high)
    )
    fall = interval_of(aucs[:, 0] - aucs[:, 1])
    assert fall.low < 0 < fall.high
    assert shown.evidence.endswith(
        f"The difference of {fall.estimate:.2f} ({fall.low:.2f} to {fall.high:.2f}) may be chance: "
        "this sample cannot tell."
    )


def test_what_told_more_a_year_earlier_is_no_mere_consequence() -> None:
    (shown,) = found(
        table(days_since_last_sale=sign(2, 0.5)), table(days_since_last_sale=sign(3, 2.5))
    )
    assert shown.evidence.endswith(
        ". It told more then: it foretells default, or the default is older than a year."
    )


def test_what_ranks_against_its_direction_is_not_explained() -> None:
    (shown,) = found(
        table(days_since_last_sale=-sign(2, 0.5)), table(days_since_last_sale=-sign(3, 2.5))
    )
    assert shown.evidence.endswith(
        ". Neither tells risk the way it should: this sample cannot tell."
    )


def test_without_figures_a_year_earlier_nothing_can_be_told() -> None:
    sparse = sign(3, 0.5)
    sparse[: FIRMS // 2 + 1] = np.nan
    now = table(days_since_last_sale=sign(2, 1.0), days_since_last_purchase=sign(4, 0.1))
    for earlier in (table(), table(days_since_last_sale=sparse)):
        first, second = found(now, earlier)
        assert (first.name, second.name) == ("days_since_last_sale", "days_since_last_purchase")
        assert first.evidence.endswith(
            ". Too few firms have the figure a year earlier: this sample cannot tell."
        )


def test_an_undecided_feature_is_taken_the_way_it_ranks_best() -> None:
    (shown,) = found(table(last_month_sales_share_12m=-sign(2, 2.0)), table())
    assert shown.auc_alone is not None
    assert shown.auc_alone.estimate > 0.85


@pytest.mark.parametrize("column", [sign(2, 9.0), -sign(2, 9.0), np.where(BAD, np.nan, noise(2))])
def test_an_undeclared_feature_that_nearly_equals_the_outcome_is_found(column: Floats) -> None:
    (shown,) = found(table(margin_12m=column, sales_12m_minor=sign(3, 1.0)), table())
    assert shown.name == "margin_12m"
    assert shown.evidence.startswith(
        "It nearly equals the outcome, as a consequence of default would. Alone it ranks defaults "
        "with AUC 1.00 (1.00 to 1.00)"
    )
    assert suspicious_names(CATALOGUE, [shown]) == DECLARED | {"margin_12m"}


def test_a_value_that_only_defaulters_have_is_found() -> None:
    column = np.where(BAD, noise(2), np.nan)
    (shown,) = found(table(margin_12m=column), table())
    assert shown.name == "margin_12m"


def test_few_defaults_do_not_accuse_an_undeclared_feature() -> None:
    now = table(margin_12m=sign(2, 9.0))
    names = [enterprise for enterprise, bad in OUTCOMES.items() if bad]
    for defaults, accused in ((9, 0), (10, 1)):
        left_out = names[defaults:]
        outcomes = {name: bad for name, bad in OUTCOMES.items() if name not in left_out}
        shown = suspicious_features(CATALOGUE, now, table(), outcomes, np.random.default_rng(1))
        assert len(shown) == accused


def test_the_rating_comes_first_and_is_called_what_it_is() -> None:
    ratings = {name: 3 if bad else place % 3 for place, (name, bad) in enumerate(OUTCOMES.items())}
    rating, other = found(table(days_since_last_sale=sign(2, 1.0)), table(), ratings=ratings)
    assert (rating.name, rating.meaning, rating.used) == ("rating", "the bank's rating", False)
    assert rating.evidence == (
        "The bank may have known of a default when it rated. Alone it ranks defaults with "
        "AUC 1.00 (1.00 to 1.00): nearly the same thing as default."
    )
    assert suspicious_names(CATALOGUE, [rating, other]) == DECLARED | {"rating"}
    fair = {name: place % 4 for place, name in enumerate(OUTCOMES)}
    (rating,) = found(table(), table(), ratings=fair)
    assert "nearly the same" not in rating.evidence


def test_without_both_outcomes_declared_features_are_named_unmeasured() -> None:
    now = table(days_since_last_sale=noise(1), margin_12m=noise(2))
    sound: dict[str, bool] = dict.fromkeys(ENTERPRISES, False)
    nobody: dict[str, bool] = {}
    for outcomes in (sound, nobody):
        (shown,) = suspicious_features(CATALOGUE, now, table(), outcomes, np.random.default_rng(1))
        assert shown == SuspiciousFeature(
            "days_since_last_sale",
            "days since the last sale",
            f"{STOPPED} Nothing can be measured without firms that defaulted and firms that "
            "did not.",
        )
    assert suspicious_names(CATALOGUE, ()) == DECLARED


def test_firms_without_outcome_have_no_say() -> None:
    now = sign(2, 1.0)
    some = dict(list(OUTCOMES.items())[:100])
    changed = np.where(np.arange(FIRMS) < 100, now, 1e6)
    first, second = (
        suspicious_features(
            CATALOGUE, table(days_since_last_sale=x), table(), some, np.random.default_rng(1)
        )
        for x in (now, changed)
    )
    assert first == second
