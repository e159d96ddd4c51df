"""The hazard model equals a plain optimum, and is right about loans whose truth is known."""

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from tests.data import data_folder
from tradeline.kernel.findings import InputProblem
from tradeline.risk.losses.hazard import HazardModel, cumulative_of, fit_hazard
from tradeline.risk.losses.survival import check_months, observed_cumulative

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

HORIZON = 18


def true_log_odds(x: Floats, horizon: int = HORIZON) -> Floats:
    """A hazard that rises and falls again, and a sign of risk that fades (rows x months)."""
    month = np.arange(1, horizon + 1)
    level = -4.2 + 1.2 * np.exp(-(((month - 7) / 4.0) ** 2))
    slope = 0.4 + 0.8 * np.exp(-month / 8.0)
    return np.asarray(level + slope * x[:, None])


def loans(count: int, seed: int, horizon: int = HORIZON) -> tuple[Floats, Ints, Flags]:
    """Signs of risk, months seen and defaults of loans, many of them seen for a part only."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=count).round(1)
    falls = generator.random((count, horizon)) < expit(true_log_odds(x, horizon))
    month = np.where(falls.any(axis=1), falls.argmax(axis=1) + 1, horizon + 1)
    leaves = np.where(generator.random(count) < 0.5, horizon, generator.integers(0, horizon, count))
    return x[:, None], np.minimum(month, leaves), month <= leaves


def fitted(count: int = 20_000, seed: int = 1) -> HazardModel:
    X, months, defaulted = loans(count, seed)
    return fit_hazard(X, months, defaulted, features=("x",), horizon_months=HORIZON)


def test_pds_are_right_though_half_of_the_loans_left_early() -> None:
    model = fitted(60_000)
    x = np.array([-1.0, 0.0, 1.5])
    truth = cumulative_of(true_log_odds(x))
    found = model.cumulative(x[:, None])
    assert found[:, [2, 5, 11, 17]] == pytest.approx(truth[:, [2, 5, 11, 17]], rel=0.08)


def test_the_fading_of_a_sign_is_found() -> None:
    slopes = np.array(fitted(60_000).slopes)[:, 0]
    truth = 0.4 + 0.8 * np.exp(-np.arange(1, HORIZON + 1) / 8.0)
    assert np.abs(slopes - truth).max() < 0.15
    assert slopes[0] - slopes[-1] > 0.3


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    x = np.array([-1.0, 0.0, 1.0])
    truth, held = cumulative_of(true_log_odds(x)), np.zeros(3)
    for seed in range(30):
        low, high = fitted(2000, seed).cumulative_interval(x[:, None], 0.9)
        held += ((low <= truth) & (truth <= high))[:, [5, 11, 17]].mean(axis=0)
    assert (held / 30 > 0.75).all()


def test_of_one_month_it_is_a_logistic_regression() -> None:
    X, months, defaulted = loans(4000, 3, horizon=1)
    model = fit_hazard(X, months, defaulted, features=("x",), horizon_months=1)
    at_risk = months >= 1
    plain = LogisticRegression(C=1 / (0.01 / X.std() ** 2), tol=1e-10)
    plain.fit(X[at_risk], defaulted[at_risk])
    assert model.levels[0] == pytest.approx(plain.intercept_[0], abs=1e-3)
    assert model.slopes[0][0] == pytest.approx(plain.coef_[0, 0], abs=1e-3)


def test_each_of_several_signs_has_its_own_slopes() -> None:
    generator = np.random.default_rng(6)
    X = generator.normal(size=(20_000, 2)).round(1) * [1.0, 50.0]
    log_odds = -3.5 + 0.8 * X[:, 0] - 0.01 * X[:, 1]
    falls = generator.random((20_000, 12)) < expit(log_odds)[:, None]
    defaulted = np.asarray(falls.any(axis=1))
    months = np.where(defaulted, falls.argmax(axis=1) + 1, 12)
    model = fit_hazard(X, months, defaulted, features=("a", "b"), horizon_months=12)
    slopes = np.array(model.slopes)
    assert slopes.mean(axis=0) == pytest.approx([0.8, -0.01], rel=0.06)
    assert model.cumulative(np.array([[1.0, 50.0]]))[0, 11] == pytest.approx(
        1 - (1 - expit(-3.2)) ** 12, rel=0.06
    )


def test_without_signs_it_is_near_the_model_free_curve_and_smoother() -> None:
    _, months, defaulted = loans(5000, 4)
    empty = np.empty((5000, 0))
    model = fit_hazard(empty, months, defaulted, features=(), horizon_months=HORIZON)
    found = model.cumulative(empty[:1])[0]
    observed = observed_cumulative(months, defaulted, HORIZON, 0.99)
    assert all(
        item.low <= pd <= item.high for item, pd in zip(observed, found.tolist(), strict=True)
    )
    rough = np.diff([item.estimate for item in observed], 3)
    assert np.abs(np.diff(found, 3)).max() < np.abs(rough).max() / 2


def test_on_real_loans_it_agrees_with_what_became_of_them() -> None:
    path = data_folder("sba_case_train") / "sba_case_selected1.csv.gz"
    found = duckdb.execute(
        "SELECT RealEstate, ceil((ChgOffDate - DisbursementDate) / (365 / 12)) AS fell, Term "
        "FROM read_csv(?) WHERE DisbursementDate IS NOT NULL ORDER BY LoanNr_ChkDgt",
        [str(path)],
    ).fetchnumpy()
    fell = np.ma.filled(found["fell"].astype(np.float64), np.inf)
    defaulted = fell < np.inf
    # A loan that was repaid was seen for its term.
    months = np.where(defaulted, np.maximum(fell, 1), found["Term"]).clip(0, 99).astype(np.int64)
    X = found["RealEstate"].astype(np.float64)[:, None]
    model = fit_hazard(X, months, defaulted, features=("real_estate",), horizon_months=24)
    assert model.loans > 1000
    groups = np.where(X[:, 0] > 0, "secured by real estate", "not").tolist()
    checks = check_months(model.cumulative(X), months, defaulted, groups, at=(12, 18, 24))
    # Of 298 loans that real estate secured none defaulted in time, and PDs stay above 0.
    assert [check.agrees for check in checks] == [True] * 6
    assert all(check.predicted > 0 for check in checks)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.floats(-3, 3), st.floats(0, 2))
def test_pds_rise_with_the_month_and_units_do_not_matter(
    seed: int, shift: float, stretch: float
) -> None:
    X, months, defaulted = loans(400, seed)
    ask = np.linspace(-2, 2, 5)[:, None]
    model = fit_hazard(X, months, defaulted, features=("x",), horizon_months=HORIZON)
    found = model.cumulative(ask)
    assert (np.diff(found, axis=1) > 0).all()
    assert ((found > 0) & (found < 1)).all()
    unit = np.exp(stretch)
    other = fit_hazard(shift + unit * X, months, defaulted, features=("x",), horizon_months=HORIZON)
    assert other.cumulative(shift + unit * ask) == pytest.approx(found, rel=1e-3)


def test_months_without_a_default_stay_finite() -> None:
    months = np.array([1] * 5 + [12] * 200)
    model = fit_hazard(
        np.zeros((205, 0)), months, np.arange(205) < 5, features=(), horizon_months=12
    )
    assert 0.015 < model.cumulative(np.zeros((1, 0)))[0, -1] < 0.04


def test_the_same_loans_give_the_same_model_in_any_order() -> None:
    X, months, defaulted = loans(500, 5)
    order = np.random.default_rng(1).permutation(500)
    one, other = (
        fit_hazard(X[o], months[o], defaulted[o], features=("x",), horizon_months=12)
        for o in (np.arange(500), order)
    )
    assert np.array(one.levels) == pytest.approx(np.array(other.levels), rel=1e-9)
    assert (one.loans, one.defaults) == (500, int((defaulted & (months <= 12)).sum()))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"horizon_months": 0}, "A horizon of 0 months is out of range. Take 1 to 24 months."),
        ({"horizon_months": 25}, "A horizon of 25 months is out of range. Take 1 to 24 months."),
        (
            {"features": ("x", "y")},
            "Features, months and outcomes are not of the same loans. "
            "Give one row, one month and one outcome for each loan.",
        ),
        (
            {"X": np.full((100, 1), np.nan)},
            "A feature is missing or infinite. "
            "Give the log-odds of a score, which has a place for missing values.",
        ),
        (
            {"months": np.zeros(100, dtype=np.int64)},
            "A loan has a negative month, or defaulted in month 0. "
            "Count months from 1, the first after the start.",
        ),
        (
            {"defaulted": np.zeros(100, dtype=bool)},
            "Within the horizon all loans defaulted, or none did. Give loans of both kinds.",
        ),
        (
            {"months": np.where(np.arange(100) < 80, 3, 12)},
            "Only 20 loans were seen into month 12. "
            "Take a shorter horizon, into whose last month at least 30 were seen.",
        ),
    ],
)
def test_what_cannot_be_learned_from_is_refused(change: dict[str, object], message: str) -> None:
    given_loans: dict[str, object] = {
        "X": np.zeros((100, 1)),
        "months": np.full(100, 12),
        "defaulted": np.arange(100) < 10,
        "features": ("x",),
        "horizon_months": 12,
    }
    with pytest.raises(InputProblem) as refusal:
        fit_hazard(**(given_loans | change))  # type: ignore[arg-type]
    assert message in str(refusal.value)
