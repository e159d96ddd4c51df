"""The bank's rating is estimated with its doubt, for take-up alone."""

import numpy as np
import pytest

from tradeline.risk.pricing.rating import RatingEstimate, estimate_ratings

CURVES = ("A", "B", "C")


def estimate(firms: int = 400, rated: int = 250, seed: int = 1) -> tuple[RatingEstimate, list[str]]:
    """Firms whose rating follows a latent quality, the first `rated` of them known."""
    generator = np.random.default_rng(seed)
    quality = generator.normal(size=firms)
    X = quality[:, None] * np.array([1.0, 0.8, 0.6]) + generator.normal(size=(firms, 3)) * 0.5
    places = np.searchsorted([-1.0, 0.0, 0.8], -quality + generator.normal(size=firms) * 0.2)
    truth = [str("ABCD"[place]) for place in places]
    names = [f"E{number:03}" for number in range(firms)]
    known = dict(zip(names[:rated], truth[:rated], strict=True))
    found = estimate_ratings(names, X, (-1, -1, -1), known, CURVES, np.random.default_rng(seed + 1))
    return found, truth


def test_each_firm_has_a_chance_of_each_rating() -> None:
    found, _ = estimate()
    assert found.ratings == ("A", "B", "C", "D")
    assert found.probabilities.shape == (400, 4)
    assert (found.probabilities >= 0).all()
    assert found.probabilities.sum(axis=1) == pytest.approx(np.ones(400))


def test_it_beats_a_guess_on_firms_it_did_not_see() -> None:
    found, truth = estimate()
    places = np.array(["ABCD".index(rating) for rating in truth[250:]])
    missed = np.abs(found.probabilities[250:].argmax(axis=1) - places).mean()
    guessed = np.abs(np.median(places) - places).mean()
    assert missed < 0.7 * guessed
    assert found.rank_error < 0.7 * found.rank_error_of_guess


def test_chances_come_true_as_often_as_they_say() -> None:
    found, truth = estimate(firms=3000, rated=1500)
    for place, rating in enumerate("ABCD"):
        said = found.probabilities[1500:, place].mean()
        came = np.mean([one == rating for one in truth[1500:]])
        assert said == pytest.approx(came, abs=0.05)


@pytest.mark.parametrize("known", [{}, {"E1": "B"}, {"E1": "B", "E2": "B"}, {"E1": ""}])
def test_without_two_ratings_every_curve_counts_equally(known: dict[str, str]) -> None:
    X = np.random.default_rng(1).normal(size=(3, 2))
    found = estimate_ratings(["E1", "E2", "E3"], X, (1, 1), known, CURVES, np.random.default_rng(2))
    assert found.ratings == CURVES
    assert found.probabilities == pytest.approx(np.full((3, 3), 1 / 3))
    assert found.findings[0].message == (
        "The bank's rating of no two kinds of firms is known, so each rating's take-up counts "
        "equally for every firm."
    )


def test_a_handful_of_ratings_is_enough_to_answer() -> None:
    X = np.random.default_rng(3).normal(size=(5, 2))
    names = ["E1", "E2", "E3", "E4", "E5"]
    known = {"E1": "A", "E2": "C"}
    found = estimate_ratings(names, X, (1, 1), known, CURVES, np.random.default_rng(4))
    assert found.probabilities.sum(axis=1) == pytest.approx(np.ones(5))
