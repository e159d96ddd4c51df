"""LGD from workouts that still go on is near the truth, where leaving them out is not."""

from datetime import date

import numpy as np
import pytest

from tests.risk.losses.defaults import simulate
from tradeline.kernel.findings import InputProblem
from tradeline.risk.losses.checks import check_lgd
from tradeline.risk.losses.lgd import LgdModel, fit_lgd, read_lgd_terms
from tradeline.risk.losses.tables import connect_losses
from tradeline.risk.losses.workouts import Workouts, day_number, read_workouts

MONTHS = 36
HALFWAY = date(2022, 1, 1)
LATER = date(2024, 6, 1)
END = date(2040, 1, 1)


def workouts(known_at: date, loans: int = 1500) -> Workouts:
    made = simulate(loans, 1)
    tables = {"defaults": made.defaults, "recoveries": made.recoveries}
    return read_workouts(connect_losses(tables), known_at, MONTHS)


def fitted(known_at: date) -> LgdModel:
    return fit_lgd(workouts(known_at), known_at, 0.15, np.random.default_rng(1))


def test_of_workouts_seen_whole_the_lgd_is_the_plain_mean() -> None:
    seen, model, truth = workouts(END), fitted(END), simulate(1500, 1).true_lgd
    lost = 1 - seen.recovered.sum(axis=1)
    assert model.overall.lgd.estimate == pytest.approx(lost.mean())
    for name, true in truth.items():
        inside = seen.segments == name
        assert lost[inside].mean() == pytest.approx(true, abs=0.001)
        # 10 imagined defaults pull a segment of many hardly at all.
        assert model.lgd(name) == pytest.approx(true, abs=0.02)
        assert model.of(name).open_workouts == 0


def test_workouts_that_go_on_are_brought_to_their_end_without_bias() -> None:
    seen, model, truth = workouts(HALFWAY), fitted(HALFWAY), simulate(1500, 1).true_lgd
    assert model.overall.open_workouts > 100
    for name, true in truth.items():
        found = model.of(name).lgd
        naive = 1 - seen.recovered[seen.ended & (seen.segments == name)].sum(axis=1).mean()
        assert found.low < true < found.high
        assert abs(found.estimate - true) < abs(naive - true)


def test_nothing_is_known_before_it_came() -> None:
    early, late = workouts(HALFWAY), workouts(LATER)
    assert early.defaulted_day.max() <= day_number(HALFWAY)
    same = np.isin(late.loans, early.loans)
    assert (early.recovered.sum(axis=1) <= late.of(same).recovered.sum(axis=1) + 1e-12).all()
    assert not early.recovered[~early.is_seen].any() or (early.seen < MONTHS).any()


def test_later_defaults_agree_with_the_curve_and_a_worse_time_is_seen() -> None:
    model, later = fitted(HALFWAY), workouts(LATER)
    later = later.of(later.defaulted_day > day_number(HALFWAY))
    found = check_lgd(model, later)
    assert [item.segment for item in found] == ["secured", "unsecured"]
    assert [item.verdict for item in found] == ["as predicted"] * 2
    worse = Workouts(
        later.loans,
        later.segments,
        later.defaulted_day,
        later.recovered / 2,
        later.seen,
        later.ended,
    )
    assert {item.verdict for item in check_lgd(model, worse)} == {"more was lost than predicted"}
    few = later.of(np.arange(len(later)) < 12)
    assert "too few to tell: 10 loans are needed" in {
        item.verdict for item in check_lgd(model, few)
    }


def test_a_small_segment_is_pulled_towards_all() -> None:
    seen = workouts(END)
    total = 1 - seen.recovered.sum(axis=1)
    # Five of those that lost most, as a segment of their own.
    rare = np.argsort(total)[-5:]
    segments = seen.segments.astype("<U9").copy()
    segments[rare] = "rare"
    moved = Workouts(
        seen.loans, segments, seen.defaulted_day, seen.recovered, seen.seen, seen.ended
    )
    model = fit_lgd(moved, END, 0.15, np.random.default_rng(1))
    assert total[rare].mean() > 0.95
    expected = (5 * total[rare].mean() + 10 * total.mean()) / 15
    assert model.lgd("rare") == pytest.approx(expected, abs=0.02)


def test_an_open_default_keeps_what_is_left_of_the_curve() -> None:
    model = fitted(END)
    curve = model.of("unsecured").left
    assert model.lgd_of_open("unsecured", 0, 1.0) == pytest.approx(model.lgd("unsecured"))
    assert model.lgd_of_open("unsecured", 6, 0.5) == pytest.approx(0.5 * curve[-1] / curve[5])
    assert model.lgd_of_open("unsecured", 60, 0.4) == pytest.approx(0.4)


def test_a_downturn_adds_the_stated_margin() -> None:
    model, terms = fitted(END), read_lgd_terms(date(2024, 12, 31))
    assert (terms.workout_months, terms.downturn_margin) == (36, 0.15)
    assert model.downturn_lgd("secured") == pytest.approx(model.lgd("secured") + 0.15)


def test_a_segment_that_was_never_seen_is_refused() -> None:
    with pytest.raises(InputProblem) as refusal:
        fitted(END).lgd("leasing")
    assert str(refusal.value) == (
        "error: LGD: No default of the segment 'leasing' was seen. Segments are secured, unsecured."
    )


def test_a_handful_of_defaults_is_refused() -> None:
    few = workouts(END).of(np.arange(1500) < 9)
    with pytest.raises(InputProblem) as refusal:
        fit_lgd(few, END, 0.15, np.random.default_rng(1))
    assert str(refusal.value) == (
        "error: defaults: Of 9 defaults fewer than 10 were seen for a month. "
        "Give more defaults, or state a loss given default."
    )
