"""Figures of a model equal a library's and a slow loop's, at the rate of the firms they judge."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score, roc_curve

from tradeline.kernel.findings import InputProblem
from tradeline.risk.scoring.cross_fit import deal_folds, draw_firms
from tradeline.risk.scoring.folds import Ints
from tradeline.risk.validation.calibration import calibration_bins, restate
from tradeline.risk.validation.discrimination import roc_points
from tradeline.risk.validation.figures import SplitRange, compare, figures, split_range
from tradeline.risk.validation.peer import Peer
from tradeline.risk.validation.resampling import draw_counts, interval_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def judged(rows: int = 60, seed: int = 1) -> tuple[Flags, Floats]:
    """Outcomes, and PDs that are right on average, with ties."""
    generator = np.random.default_rng(seed)
    pds = np.round(expit(generator.normal(-1.2, 1.5, rows)), 2).clip(0.01, 0.99)
    return generator.random(rows) < pds, pds


def ks(bad: Flags, pds: Floats) -> float:
    alarms, caught, _ = roc_curve(bad, pds, drop_intermediate=False)
    return float(np.abs(caught - alarms).max())


def skill(bad: Flags, pds: Floats) -> float:
    bare = np.full(len(bad), bad.mean())
    return float(1 - brier_score_loss(bad, pds) / brier_score_loss(bad, bare))


ORACLES: dict[str, Callable[[Flags, Floats], float]] = {
    "AUC": roc_auc_score,
    "KS": ks,
    "Brier score": brier_score_loss,
    "Brier skill": skill,
    "Log loss": log_loss,
}


def test_every_figure_and_interval_equals_a_plain_loop_on_the_same_draws() -> None:
    bad, pds = judged()
    found = figures(bad, pds, draw_counts(bad, np.random.default_rng(2), resamples=60), 0.8)
    generator = np.random.default_rng(2)
    draws = [np.arange(len(bad)), *(draw_firms(bad, generator) for _ in range(60))]
    assert list(found) == [*ORACLES, "Calibration slope"]
    for name, oracle in ORACLES.items():
        expected = interval_of(np.array([oracle(bad[rows], pds[rows]) for rows in draws]), 0.8)
        shown = (found[name].estimate, found[name].low, found[name].high)
        assert shown == pytest.approx((expected.estimate, expected.low, expected.high)), name


def test_the_calibration_slope_is_that_of_outcomes_on_log_odds() -> None:
    bad, pds = judged(rows=2000)
    log_odds = np.log(pds / (1 - pds))[:, None]
    plain = LogisticRegression(C=np.inf, tol=1e-8).fit(log_odds, bad)
    counts = draw_counts(bad, np.random.default_rng(3), resamples=20)
    found = figures(bad, pds, counts)["Calibration slope"]
    assert found.estimate == pytest.approx(float(plain.coef_[0, 0]), abs=1e-3)
    assert found.low < found.estimate < found.high


@given(st.integers(0, 1000), st.floats(0.01, 0.5), st.floats(0.01, 0.5))
@settings(max_examples=25, deadline=None)
def test_auc_and_ks_do_not_care_about_the_rate(seed: int, one: float, two: float) -> None:
    bad, pds = judged(seed=seed)
    bad[:2] = (True, False)
    counts = draw_counts(bad, np.random.default_rng(seed), resamples=20)
    before, after = figures(bad, pds, counts), figures(bad, restate(pds, one, two), counts)
    assert after["AUC"] == before["AUC"]
    assert after["KS"] == before["KS"]
    for interval in (*before.values(), *after.values()):
        assert interval.low <= interval.estimate <= interval.high


def test_certain_pds_have_finite_figures() -> None:
    bad = np.array([True, False, True, False, False])
    pds = np.array([0.0, 0.0, 1.0, 1.0, 0.2])
    counts = draw_counts(bad, np.random.default_rng(4), resamples=20)
    found = figures(bad, pds, counts)
    assert found["Log loss"].estimate == pytest.approx(log_loss(bad, pds))
    assert all(np.isfinite([i.estimate, i.low, i.high]).all() for i in found.values())


def test_one_pd_for_all_says_nothing_and_has_no_slope() -> None:
    bad = np.arange(20) < 5
    counts = draw_counts(bad, np.random.default_rng(5), resamples=20)
    found = figures(bad, np.full(20, 0.25), counts)
    assert "Calibration slope" not in found
    assert (found["AUC"].low, found["AUC"].high) == (0.5, 0.5)
    assert found["KS"].estimate == 0
    assert found["Brier skill"].estimate == pytest.approx(0)


def test_the_model_is_judged_at_the_rate_of_the_firms_beside_its_peers() -> None:
    bad, pds = judged(rows=200)
    rate = float(bad.mean())
    stated = restate(pds, rate, 0.05)
    peer = Peer("plain ridge", pds[::-1])
    shown = compare(
        bad, stated, stated**2, peer, np.random.default_rng(6), base_rate=0.05, level=0.8
    )
    counts = draw_counts(bad, np.random.default_rng(6))
    used = figures(bad, restate(stated, 0.05, rate), counts, 0.8)
    other = figures(bad, restate(stated**2, 0.05, rate), counts, 0.8)
    assert (shown.firms, shown.defaults, shown.peer) == (200, bad.sum(), "plain ridge")
    for figure in shown.figures:
        assert figure.used == used[figure.name]
        assert figure.with_suspicious == other[figure.name]
        assert figure.peer == figures(bad, peer.pds, counts, 0.8)[figure.name]
    assert shown.roc == roc_points(bad, restate(stated, 0.05, rate), counts, 0.8)
    assert shown.calibration == calibration_bins(bad, restate(stated, 0.05, rate), 0.8)
    brier = next(figure for figure in shown.figures if figure.name == "Brier score")
    assert brier.used.estimate == pytest.approx(brier_score_loss(bad, pds))


def test_the_same_generator_gives_the_same_figures_without_companions_too() -> None:
    bad, pds = judged()
    once, again = (
        compare(bad, pds, None, None, np.random.default_rng(7), base_rate=0.05) for _ in range(2)
    )
    assert once == again
    assert once.peer == "no plain model"
    assert {(figure.with_suspicious, figure.peer) for figure in once.figures} == {(None, None)}


def test_figures_say_what_they_mean() -> None:
    bad, pds = np.arange(20) < 5, np.linspace(0.5, 0.1, 20)
    shown = compare(
        bad,
        pds,
        None,
        None,
        np.random.default_rng(8),
        base_rate=0.25,
        splits=SplitRange(10, 0.86, 0.905),
    )
    meaning = {figure.name: figure.meaning for figure in shown.figures}
    assert meaning["AUC"] == (
        "how often a firm that defaulted has a higher PD than one that did not; 0.5 is chance; "
        "over 10 other random splits into folds from 0.860 to 0.905"
    )
    assert meaning["Brier score"].endswith("lower is better, that rate alone has 0.188")
    assert meaning["Log loss"].endswith("lower is better, that rate alone has 0.562")
    plain = compare(bad, pds, None, None, np.random.default_rng(8), base_rate=0.25)
    assert "splits" not in plain.figures[0].meaning


def test_the_range_over_splits_is_that_of_so_many_other_splits() -> None:
    bad, pds = judged()
    seen = []

    def predict(fold: Ints) -> Floats:
        seen.append(fold)
        return pds + 0.3 * fold

    found = split_range(predict, bad, np.random.default_rng(9), 6)
    generator = np.random.default_rng(9)
    splits = [deal_folds(bad, generator) for _ in range(6)]
    assert np.array_equal(seen, splits)
    aucs = [roc_auc_score(bad, pds + 0.3 * fold) for fold in splits]
    assert found == SplitRange(6, min(aucs), max(aucs))


@pytest.mark.parametrize("outcome", [True, False])
def test_one_class_is_refused(outcome: bool) -> None:
    bad, pds = np.full(9, outcome), np.linspace(0.1, 0.9, 9)
    with pytest.raises(InputProblem) as refusal:
        compare(bad, pds, None, None, np.random.default_rng(1), base_rate=0.05)
    assert str(refusal.value) == (
        "error: outcomes: Figures of a model need firms that defaulted and firms that did not. "
        "Give more firms with known outcomes, or go without validation."
    )
