"""A decision on one application, and on a table of them: equal, explained, and never by chance."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec

import numpy as np
import pytest

from tests.risk.decisions.made import (
    AT,
    COLUMNS,
    LEVELS,
    REGIONS,
    engine,
    engine_of_curves,
    engine_of_pairs,
    engine_of_trees,
    engine_with_pairs,
    learned_from,
    malformed,
    sound,
)
from tradeline.kernel.findings import InputProblem
from tradeline.lake.columns import differing
from tradeline.risk.decisions.application import Application, as_columns
from tradeline.risk.decisions.batch import Dealing, decide_batch
from tradeline.risk.decisions.deciding import decide
from tradeline.risk.decisions.deciding_columns import decide_all
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.measures import Measure
from tradeline.risk.decisions.parts import parts_of_trees
from tradeline.risk.decisions.record import SHADOW, decision_columns
from tradeline.risk.policy.declaration import Outcome
from tradeline.risk.scoring.boosted import Boosted

MEASURES = (
    Measure("m-cap", 300_000_00, "services"),
    Measure("m-stop", 0, "manufacturing"),
    Measure("m-later", 0, valid_from=(AT + timedelta(days=1)).date()),
)


def many(count: int, seed: int = 3) -> list[Application]:
    generator = np.random.default_rng(seed)
    return [sound(generator, n) if n % 3 else malformed(generator, n)[0] for n in range(count)]


def test_sound_applications_meet_every_outcome_and_many_reasons() -> None:
    generator = np.random.default_rng(5)
    found = [decide(sound(generator, n), engine(), AT) for n in range(400)]
    outcomes = Counter(decision.outcome for decision in found)
    assert set(outcomes) >= {Outcome.APPROVE, Outcome.DECLINE, Outcome.REFER}
    assert len({decision.reasons[0] for decision in found}) > 8


BOOSTED = pytest.mark.skipif(find_spec("lightgbm") is None, reason="LightGBM is not installed")
ENGINES = pytest.mark.parametrize(
    "made",
    [
        engine,
        engine_with_pairs,
        engine_of_curves,
        engine_of_pairs,
        pytest.param(engine_of_trees, marks=BOOSTED),
    ],
)


@ENGINES
def test_the_batch_decides_as_the_single_path_to_the_bit(made: Callable[[], Engine]) -> None:
    applications = many(900 if made is engine else 240)
    for measures in ((), MEASURES):
        singly = decision_columns(
            [decide(one, made(), AT, measures) for one in applications], made()
        )
        together = decide_all(as_columns(applications), made(), AT, measures)
        assert list(singly) == list(together)
        assert differing(singly, together) == {}
        assert {singly[n].dtype for n in singly} == {together[n].dtype for n in together}


@pytest.mark.parametrize("seed", range(10))
def test_nothing_malformed_is_approved(seed: int) -> None:
    generator = np.random.default_rng(seed)
    spoilt = [malformed(generator, n) for n in range(1000)]
    others = {3: engine_of_pairs, 4: engine_of_curves, 5: engine_with_pairs}
    made = others.get(seed, engine)()
    found = decide_all(as_columns([one for one, _ in spoilt]), made, AT)
    approved = [spoilt[row] for row in np.flatnonzero(found["outcome"] == "approve").tolist()]
    assert approved == []


@ENGINES
def test_points_are_the_score_and_the_dearest_of_them_the_reasons(
    made: Callable[[], Engine],
) -> None:
    model, explained = made().model, 0
    for number in range(60):
        found = decide(sound(np.random.default_rng(number), number), made(), AT)
        assert found.score == model.constant + sum(found.points)
        assert found.score in model.scores
        lost = [int(code.rpartition(":")[2]) for code in found.reasons if code.startswith("factor")]
        assert lost == sorted(lost)
        explained += bool(lost)
    assert explained


@BOOSTED
def test_points_of_trees_are_what_trees_say_of_a_firm_but_for_rounding() -> None:
    X, bad = learned_from()
    trees = Boosted(names=COLUMNS, levels=LEVELS).fit(X, bad).model_
    parts = parts_of_trees(trees)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in X[:200].tolist()]
    for row in rows:
        row["region"] = REGIONS[int(row["region"])]
    log_odds = (parts.scale.offset - parts.constant - parts.points(rows).sum(axis=1)) / (
        parts.scale.factor
    )
    most = (len(COLUMNS) + 1) / 2 / parts.scale.factor
    assert np.abs(log_odds - trees.log_odds(X[:200])).max() <= most + 1e-9


def test_what_stands_in_a_pair_is_no_step_and_may_be_a_reason() -> None:
    made, reasons = engine_with_pairs(), Counter[str]()
    assert made.readers[-1].name == "days_since_last_sale"
    for one in many(300):
        found = decide(one, made, AT)
        reasons.update(code.split(":")[1] for code in found.reasons if code.startswith("factor"))
        assert {change.split(":")[0] for change in found.changes} <= {"buyer_hhi_12m"}
    assert reasons["days_since_last_sale & sales_growth_12m"]
    assert reasons["region & margin_12m"]


def test_a_figure_of_a_pair_alone_is_judged_too() -> None:
    one = sound(np.random.default_rng(1), 1)
    absent = replace(one, values={**one.values, "days_since_last_sale": None})
    found = decide(absent, engine_with_pairs(), AT)
    assert found.outcome is Outcome.REFUSE
    assert found.reasons == ("flaw:days_since_last_sale:missing",)


def test_what_is_no_card_binds_nobody() -> None:
    applications = as_columns(many(30))
    with pytest.raises(InputProblem, match="Its model is no card: nobody can read why a firm has"):
        decide_batch(applications, engine_of_pairs(), AT)
    records, _ = decide_batch(applications, engine_of_pairs(), AT, (), Dealing(SHADOW))
    assert set(records["role"]) == {SHADOW}
    assert set(records["change_1"]) == {""}
    assert decide(many(1)[0], engine_of_pairs(), AT).role == SHADOW


def test_without_consent_nothing_is_scored_for_use() -> None:
    one = sound(np.random.default_rng(1), 1)
    for until in (None, AT - timedelta(seconds=1)):
        found = decide(replace(one, consent_until=until), engine(), AT)
        assert found.outcome is Outcome.REFUSE
        assert found.reasons[0] == "stop:consent"


def test_an_engine_past_its_day_decides_on_nobody() -> None:
    one = replace(sound(np.random.default_rng(1), 1), consent_until=AT + timedelta(days=900))
    found = decide(one, engine(), AT + timedelta(days=400))
    assert found.outcome is Outcome.REFUSE
    assert found.reasons[:2] == ("stop:model expired", "stop:policy not valid")


def test_a_measure_binds_at_once_and_by_its_name() -> None:
    generator = np.random.default_rng(2)
    free = [one for n in range(300) if (d := decide(one := sound(generator, n), engine(), AT))
            and d.outcome is Outcome.APPROVE]  # fmt: skip
    stopped = decide(free[0], engine(), AT, [Measure("m1", 0)])
    assert (stopped.outcome, stopped.reasons[0]) == (Outcome.REFUSE, "measure:m1")
    capped = [decide(one, engine(), AT, [Measure("m2", 30_000_00)]) for one in free]
    amounts = [decision.offered.amount_minor for decision in capped]
    assert max(amounts) == 30_000_00
    assert "offer:measure:m2" in {decision.reasons[0] for decision in capped}


def test_reasons_are_at_most_four_and_factors_are_those_really_used() -> None:
    generator = np.random.default_rng(9)
    for number in range(200):
        found = decide(sound(generator, number), engine(), AT)
        assert 1 <= len(found.reasons) <= 4
        lost = [code for code in found.reasons if code.startswith("factor:")]
        if lost:
            costs = [int(code.rpartition(":")[2]) for code in lost]
            assert costs == sorted(costs)
            assert all(cost < 0 for cost in costs)
            assert found.score is not None


def test_a_score_of_its_own_does_not_help_an_application() -> None:
    one = sound(np.random.default_rng(4), 1)
    boast = replace(one, values={**one.values, "score": 899, "pd": 0.0001, "grade": "A"})
    assert decide(boast, engine(), AT).score == decide(one, engine(), AT).score
    assert decide(boast, engine(), AT).outcome == decide(one, engine(), AT).outcome


def test_a_change_gains_what_it_says_and_the_first_one_moves_something_if_any_does() -> None:
    generator = np.random.default_rng(6)
    moved = 0
    for number in range(300):
        one = sound(generator, number)
        found = decide(one, engine(), AT)
        gains = []
        for code in found.changes:
            name, place, gain = code.rsplit(":", 2)
            changed = replace(one, values={**one.values, name: value_in(name, int(place))})
            after = decide(changed, engine(), AT)
            assert after.score is not None
            assert found.score is not None
            assert after.score == found.score + int(gain)
            gains.append(int(gain))
        if found.changes:
            lacking = engine().lacking(found.score or 0)
            enough = [gain >= lacking for gain in gains]
            assert enough == sorted(enough, reverse=True)
            moved += enough[0]
    assert moved > 20


def value_in(name: str, place: int) -> float:
    """A value in a bin of a feature of the card."""
    factor = next(factor for factor in engine().card.factors if factor.name == name)
    edges = factor.binning.edges
    return edges[place] if place < len(edges) else edges[-1] + 1


def test_scores_lack_the_points_up_to_the_next_that_changes_anything() -> None:
    made = engine()
    for place, lacking in enumerate(made.lacks):
        assert len({made.grades[place + step] for step in range(lacking or 1)}) == 1
    below, at = (made.lacks[score - made.lowest] for score in (559, 560))
    assert below == 1
    assert at > 0


@pytest.mark.parametrize(
    "age", [float("nan"), 10**400, -(10**400), float("inf"), -1, True, "0", None, 93.0, 92.0, 0]
)
def test_an_age_counts_alone_as_it_does_in_a_batch_wherever_it_stands(age: object) -> None:
    one = sound(np.random.default_rng(8), 1)
    ages = dict.fromkeys(one.ages_days, 0.5)
    spoilt = [replace(one, ages_days={**ages, name: age}) for name in COLUMNS]
    singly = decision_columns([decide(each, engine(), AT) for each in spoilt], engine())
    assert differing(singly, decide_all(as_columns(spoilt), engine(), AT)) == {}
    scored = singly["score"] > 0
    assert scored.all() if age in (92.0, 0) and age is not True else not scored.any()
