"""The plain model is plain, learns nothing outside its folds, and keeps off suspicious features."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.risk.scoring.cross_fit import deal_folds
from tradeline.risk.validation.peer import (
    FROM_INVOICES,
    FROM_ORDERS,
    hand_made,
    peer_on_folds,
    signed_log,
)

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NAMES = tuple(feature.name for feature in CATALOGUE)


def market(rows: int = 120, seed: int = 1) -> tuple[Floats, Flags]:
    """Firms with invoices and no orders; those that default sell less."""
    generator = np.random.default_rng(seed)
    X = np.full((rows, len(NAMES)), np.nan)
    bad = generator.random(rows) < 0.3
    for name in FROM_INVOICES:
        X[:, NAMES.index(name)] = generator.normal(size=rows)
    X[:, NAMES.index("sales_12m_minor")] = np.exp(generator.normal(18, 1, rows) - 1.5 * bad)
    X[generator.random(X.shape) < 0.1] = np.nan
    return X, bad


def test_both_dozens_are_of_the_catalogue_and_not_suspicious() -> None:
    consequence = {feature.name: feature.possible_consequence for feature in CATALOGUE}
    for dozen in (FROM_INVOICES, FROM_ORDERS):
        assert len(set(dozen)) == 12
        assert [consequence[name] for name in dozen] == [""] * 12


def test_it_equals_the_same_steps_by_hand_within_each_fold() -> None:
    X, bad = market()
    fold = deal_folds(bad, np.random.default_rng(2))
    peer = peer_on_folds(X, NAMES, bad, fold)
    assert peer is not None
    assert peer.name == "ridge logistic on 12 hand-made features"
    taken = signed_log(X[:, [NAMES.index(name) for name in FROM_INVOICES]])
    for number in range(5):
        inside, outside = taken[fold != number], taken[fold == number]
        median = np.nanmedian(inside, axis=0)
        inside = np.where(np.isnan(inside), median, inside)
        outside = np.where(np.isnan(outside), median, outside)
        mean, spread = inside.mean(axis=0), inside.std(axis=0)
        plain = LogisticRegression().fit((inside - mean) / spread, bad[fold != number])
        expected = plain.predict_proba((outside - mean) / spread)[:, 1]
        assert peer.pds[fold == number] == pytest.approx(expected, abs=1e-6)


def test_its_pds_are_at_the_rate_of_the_sample() -> None:
    X, bad = market(rows=2000)
    peer = peer_on_folds(X, NAMES, bad, deal_folds(bad, np.random.default_rng(3)))
    assert peer is not None
    assert peer.pds.mean() == pytest.approx(bad.mean(), abs=0.005)


def test_orders_serve_where_there_are_no_invoices() -> None:
    X = np.full((4, len(NAMES)), np.nan)
    assert hand_made(X, NAMES) == []
    X[0, NAMES.index("orders_12m")] = 3.0
    assert hand_made(X, NAMES) == [NAMES.index(name) for name in FROM_ORDERS]
    X[0, NAMES.index("buyers_12m")] = 3.0
    assert hand_made(X, NAMES) == [NAMES.index(name) for name in FROM_INVOICES]


def test_a_feature_that_is_left_out_is_not_taken() -> None:
    X, bad = market()
    kept = [column for column, name in enumerate(NAMES) if name != "sales_12m_minor"]
    fold = deal_folds(bad, np.random.default_rng(4))
    peer = peer_on_folds(X[:, kept], [NAMES[column] for column in kept], bad, fold)
    assert peer is not None
    assert peer.name == "ridge logistic on 11 hand-made features"


def test_a_feature_that_a_fold_lacks_is_no_obstacle() -> None:
    X, bad = market()
    fold = deal_folds(bad, np.random.default_rng(5))
    X[fold != 0, NAMES.index("margin_12m")] = np.nan
    X[:, NAMES.index("buyers_12m")] = 7.0
    peer = peer_on_folds(X, NAMES, bad, fold)
    assert peer is not None
    assert np.isfinite(peer.pds).all()


def test_without_its_features_there_is_no_peer() -> None:
    X, bad = market()
    assert peer_on_folds(np.full_like(X, np.nan), NAMES, bad, np.arange(len(bad)) % 5) is None


def test_one_thread_and_two_give_the_same_bytes() -> None:
    X, bad = market(rows=3000)
    fold = deal_folds(bad, np.random.default_rng(6))
    given = []
    for threads in (1, 2):
        with threadpool_limits(limits=threads):
            peer = peer_on_folds(X, NAMES, bad, fold)
        assert peer is not None
        given.append(peer.pds.tobytes())
    assert given[0] == given[1]


def test_the_signed_logarithm_keeps_order_and_sign() -> None:
    values = np.array([-1e12, -0.5, 0.0, 0.5, 1e12, np.nan])
    tamed = signed_log(values)
    assert tamed == pytest.approx(
        [-27.631, -0.405, 0, 0.405, 27.631, np.nan], abs=1e-3, nan_ok=True
    )
