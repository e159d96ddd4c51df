"""Whom the experiment explores follows from terms, firm and losses alone; the stop holds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeline.kernel.findings import InputProblem
from tradeline.risk.selection.exploration import ExplorationTerms, explore

TERMS = ExplorationTerms((520, 560), 0.1, 1_000_000, "autumn")


def explored(terms: ExplorationTerms, firms: int, score: int = 540) -> list[bool]:
    answers = (
        explore(terms, f"ent_{firm}", score, spent_minor=0, at_stake_minor=0)
        for firm in range(firms)
    )
    return [answer.explored for answer in answers]


@pytest.mark.parametrize("share", [0.0, 0.02, 0.1, 0.5, 1.0])
def test_as_many_are_explored_as_the_propensity_says(share: float) -> None:
    terms = ExplorationTerms((520, 560), share, 1_000_000, "autumn")
    answer = explore(terms, "ent_1", 540, spent_minor=0, at_stake_minor=0)
    assert answer.propensity == pytest.approx(share, abs=1e-15)
    firms = 20_000
    error = 4 * (share * (1 - share) / firms) ** 0.5
    assert abs(np.mean(explored(terms, firms)) - share) <= error


def test_the_same_firm_gets_the_same_answer_and_another_experiment_draws_anew() -> None:
    other = ExplorationTerms((520, 560), 0.1, 1_000_000, "winter")
    assert explored(TERMS, 2000) == explored(TERMS, 2000)
    both = np.array(explored(TERMS, 20_000)) & np.array(explored(other, 20_000))
    # Two experiments are independent: 1 in 100 firms is in both.
    assert abs(both.mean() - 0.01) < 4 * (0.01 * 0.99 / 20_000) ** 0.5


def test_an_answer_is_the_same_on_every_machine() -> None:
    half = ExplorationTerms((520, 560), 0.5, 0, "autumn")
    told = "".join("x" if answer else "." for answer in explored(half, 12))
    assert told == ".xx..xxx.x.x"


def test_a_greater_share_explores_the_same_firms_and_more() -> None:
    wider = ExplorationTerms((520, 560), 0.3, 1_000_000, "autumn")
    assert set(np.flatnonzero(explored(TERMS, 3000))) < set(np.flatnonzero(explored(wider, 3000)))


@given(st.integers(300, 900), st.integers(0, 2_000_000), st.integers(0, 2_000_000))
def test_outside_the_band_or_beyond_the_stop_nobody_has_a_chance(
    score: int, spent: int, at_stake: int
) -> None:
    always = ExplorationTerms((520, 560), 1.0, 1_000_000, "autumn")
    answer = explore(always, "ent_1", score, spent_minor=spent, at_stake_minor=at_stake)
    allowed = 520 <= score <= 560 and spent + at_stake <= 1_000_000
    assert answer.explored == allowed
    assert answer.propensity == float(allowed)


@given(
    st.lists(st.tuples(st.integers(1, 300_000), st.booleans(), st.booleans()), max_size=60),
    st.floats(0, 1),
)
def test_losses_never_pass_the_stop_whatever_befalls(
    loans: list[tuple[int, bool, bool]], share: float
) -> None:
    terms = ExplorationTerms((520, 560), share, 1_000_000, "autumn")
    lost, running = 0, list[tuple[int, bool]]()
    for firm, (amount, defaults, ends) in enumerate(loans):
        if ends and running:
            stake, bad = running.pop(0)
            lost += stake if bad else 0
        spent = lost + sum(stake for stake, _ in running)
        answer = explore(terms, f"ent_{firm}", 540, spent_minor=spent, at_stake_minor=amount)
        if answer.explored:
            running.append((amount, defaults))
    lost += sum(stake for stake, bad in running if bad)
    assert lost <= 1_000_000


@pytest.mark.parametrize("score", [None, 540.0, "540", True, float("nan")])
def test_a_score_that_is_none_is_refused(score: object) -> None:
    with pytest.raises(InputProblem) as refusal:
        explore(TERMS, "ent_1", score, spent_minor=0, at_stake_minor=0)  # type: ignore[arg-type]
    assert str(refusal.value) == (
        "error: exploration: Exploring needs a firm, a whole score, and whole amounts of 0 or "
        "more. Decline the firm, or give what is missing."
    )


@pytest.mark.parametrize(
    ("firm", "spent", "stake"), [("", 0, 0), (None, 0, 0), (7, 0, 0), ("e", -1, 0), ("e", 0, -1)]
)
def test_no_firm_or_a_negative_amount_is_refused(firm: object, spent: int, stake: int) -> None:
    with pytest.raises(InputProblem, match="Exploring needs a firm"):
        explore(TERMS, firm, 540, spent_minor=spent, at_stake_minor=stake)  # type: ignore[arg-type]


def test_terms_that_make_no_sense_are_refused_together() -> None:
    with pytest.raises(InputProblem) as refusal:
        ExplorationTerms((560, 520), 1.5, -1, "")
    assert str(refusal.value) == "\n".join(
        f"error: exploration: {message} Mend the term."
        for message in (
            "band must be two whole scores, the lower first.",
            "share must lie in 0 to 1.",
            "stop_loss_minor must be a whole number, 0 or more.",
            "experiment must have a name of one line.",
        )
    )


@pytest.mark.parametrize("share", [float("nan"), float("inf"), "0.1", None, True])
def test_a_share_that_is_no_share_is_refused(share: object) -> None:
    with pytest.raises(InputProblem, match="share must lie in 0 to 1"):
        ExplorationTerms((520, 560), share, 0, "autumn")  # type: ignore[arg-type]


@pytest.mark.parametrize("band", [(520,), (520, 540, 560), (520.0, 560.0), (True, 560), ("a", "b")])
def test_a_band_that_is_none_is_refused(band: tuple[int, int]) -> None:
    with pytest.raises(InputProblem, match="band must be two whole scores, the lower first"):
        ExplorationTerms(band, 0.1, 0, "autumn")


@pytest.mark.parametrize("experiment", ["", "two\nlines", None, 7])
def test_an_experiment_without_a_name_is_refused(experiment: object) -> None:
    with pytest.raises(InputProblem, match="experiment must have a name of one line"):
        ExplorationTerms((520, 560), 0.1, 0, experiment)  # type: ignore[arg-type]
