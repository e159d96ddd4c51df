"""Judged for all applicants a model is nearer to its truth than on approved firms alone."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.metrics import brier_score_loss, roc_auc_score

from tradeline.kernel.findings import InputProblem
from tradeline.risk.selection.evaluation import (
    Applicants,
    Lending,
    Way,
    evaluate,
    figures_of,
)

Floats = NDArray[np.float64]

LENDING = Lending(approved_share=0.5, earned=0.1, lost=0.4)
FIGURES = ("AUC", "Brier score", "Default rate", "Default rate of approved", "Profit")


def applicants(seed: int, rows: int = 3000, *, least: float = 0.1) -> tuple[Applicants, Floats]:
    """Applicants of whom an earlier score approved the safer, others by chance; their true PDs."""
    generator = np.random.default_rng(seed)
    known, unseen = generator.normal(size=(2, rows))
    truth = expit(-1.5 + known + 0.8 * unseen)
    # The earlier score knows the one sign, the model that is judged a bit of both.
    propensity = np.where(known < 0.3, 1.0, least)
    approved = generator.random(rows) < propensity
    pds = expit(-1.5 + 0.8 * known + 0.5 * unseen + generator.normal(0, 0.5, rows))
    outcome = (generator.random(rows) < truth).astype(np.float64)
    prior = expit(-1.5 + 0.9 * known + 0.7 * unseen)
    return Applicants(pds, approved, outcome, propensity, prior), truth


def errors(way: Way, seeds: int = 12, least: float = 0.1) -> dict[str, Floats]:
    """How far each figure is off, by seed."""
    found: dict[str, list[float]] = {name: [] for name in FIGURES}
    for seed in range(seeds):
        given, truth = applicants(seed, least=least)
        true = figures_of(given.pds, np.ones(len(truth)), truth, LENDING)
        told = evaluate(given, way, LENDING, np.random.default_rng(seed), resamples=2)
        for name in FIGURES:
            found[name].append(told[name].estimate - true[name])
    return {name: np.array(values) for name, values in found.items()}


@pytest.mark.parametrize("way", [Way.REWEIGHTED, Way.BAYESIAN, Way.COMBINED])
def test_every_way_is_nearer_to_the_truth_than_approved_firms_alone(way: Way) -> None:
    naive, mended = errors(Way.APPROVED_ONLY), errors(way)
    for name in FIGURES:
        assert np.abs(mended[name]).mean() < np.abs(naive[name]).mean()


def test_reweighted_and_combined_figures_are_right_on_average() -> None:
    for way in (Way.REWEIGHTED, Way.COMBINED):
        for off in errors(way, 30).values():
            assert abs(off.mean()) < 3.5 * off.std(ddof=1) / 30**0.5


def test_combined_is_right_where_the_prior_is_wrong_and_bayesian_is_not() -> None:
    given, truth = applicants(1, 40_000)
    wrong = replace(given, prior=given.prior / 3)
    rate = truth.mean()
    found = {
        way: evaluate(wrong, way, LENDING, np.random.default_rng(1), resamples=2)[
            "Default rate"
        ].estimate
        for way in (Way.BAYESIAN, Way.COMBINED)
    }
    assert abs(found[Way.COMBINED] - rate) < 0.01 < abs(found[Way.BAYESIAN] - rate)


def test_the_bayesian_estimate_is_the_mean_over_drawn_outcomes() -> None:
    given, _ = applicants(7, 2000)
    generator, everyone = np.random.default_rng(7), np.ones(2000)
    drawn = []
    for _ in range(200):
        fate = np.where(given.approved, given.outcome, generator.random(2000) < given.prior)
        drawn.append(list(figures_of(given.pds, everyone, fate, LENDING).values()))
    found = evaluate(given, Way.BAYESIAN, LENDING, generator, resamples=2)
    error = np.std(drawn, axis=0) / 200**0.5
    means = [found[name].estimate for name in FIGURES]
    assert (np.abs(np.mean(drawn, axis=0) - means) < 4 * error).all()


def test_of_firms_that_could_not_be_approved_the_prior_alone_speaks() -> None:
    naive, reweighted = errors(Way.APPROVED_ONLY, least=0.0), errors(Way.REWEIGHTED, least=0.0)
    combined = errors(Way.COMBINED, least=0.0)
    assert np.abs(reweighted["Default rate"]).mean() == pytest.approx(
        np.abs(naive["Default rate"]).mean()
    )
    assert np.abs(combined["Default rate"]).mean() < np.abs(naive["Default rate"]).mean() / 3


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = []
    for seed in range(40):
        given, truth = applicants(seed, 600, least=0.3)
        true = figures_of(given.pds, np.ones(len(truth)), truth, LENDING)
        told = evaluate(given, Way.COMBINED, LENDING, np.random.default_rng(seed), resamples=60)
        held.append([told[name].low <= true[name] <= told[name].high for name in FIGURES])
    assert (np.mean(held, axis=0) > 0.76).all()


@pytest.mark.parametrize("way", Way)
def test_where_all_were_approved_every_way_gives_the_figures_of_the_library(way: Way) -> None:
    given, _ = applicants(3, 800)
    whole = np.ones(800, dtype=bool)
    given = replace(given, approved=whole, propensity=np.ones(800), pds=given.pds.round(2))
    found = evaluate(given, way, LENDING, np.random.default_rng(1))
    assert found["AUC"].estimate == pytest.approx(roc_auc_score(given.outcome, given.pds))
    assert found["Brier score"].estimate == pytest.approx(
        brier_score_loss(given.outcome, given.pds)
    )
    assert found["Default rate"].estimate == pytest.approx(given.outcome.mean())


def test_weights_count_like_copies() -> None:
    generator = np.random.default_rng(4)
    pds, bad = generator.random(40).round(1), (generator.random(40) < 0.4).astype(np.float64)
    times = generator.integers(0, 4, 40)
    rows = np.repeat(np.arange(40), times)
    found = figures_of(pds, times.astype(np.float64), bad, LENDING)
    copies = figures_of(pds[rows], np.ones(len(rows)), bad[rows], LENDING)
    assert found == pytest.approx(copies)
    assert found["AUC"] == pytest.approx(roc_auc_score(bad[rows], pds[rows]))


def test_profit_is_that_of_the_safest_share_worked_by_hand() -> None:
    pds, bad = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.0, 1.0, 0.0, 1.0])
    found = figures_of(pds, np.ones(4), bad, LENDING)
    assert found["Profit"] == pytest.approx((0.1 - 0.4) / 4)
    assert found["Default rate of approved"] == 0.5


def test_the_same_chance_gives_the_same_intervals() -> None:
    given, _ = applicants(5, 500)
    one, other = (
        evaluate(given, Way.BAYESIAN, LENDING, np.random.default_rng(9)) for _ in range(2)
    )
    assert one == other


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pds": np.ones(3)}, "The columns are not of the same applicants. Mend the columns."),
        (
            {"outcome": np.zeros(500)},
            "Fewer than 10 approved firms defaulted, or fewer did not. Take a longer period.",
        ),
        (
            {"outcome": np.full(500, np.nan)},
            "An approved firm has no outcome yet. Leave out firms whose time has not run.",
        ),
        ({"prior": np.full(500, 1.2)}, "A PD or a prior is not within 0 to 1. Mend the column."),
    ],
)
def test_what_does_not_fit_together_is_refused(change: dict[str, Floats], message: str) -> None:
    given, _ = applicants(6, 500)
    with pytest.raises(InputProblem) as refusal:
        replace(given, **change)  # type: ignore[arg-type]
    assert message in str(refusal.value)
