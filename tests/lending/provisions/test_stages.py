"""A loan goes down the stages at once and up slowly, and only on what was seen."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeline.kernel.findings import InputProblem
from tradeline.lending.provisions.stages import (
    Seen,
    Staged,
    read_stage_rules,
    remaining_pd,
    staged,
)

BEGIN = date(2026, 1, 1)
RULES = read_stage_rules(BEGIN)


def seen(
    number: int, late: int = 0, pd: float = 0.02, *, forborne: bool = False, unlikely: bool = False
) -> Seen:
    return Seen(BEGIN + timedelta(days=number), late, pd, 0.02, forborne, unlikely)


def course(*each: Seen) -> list[tuple[int, int, tuple[str, ...]]]:
    return [((s.on - BEGIN).days, s.stage, s.signs) for s in staged(RULES, each)]


SIGNS = [
    (seen(0), 1, ()),
    (seen(0, 30), 1, ()),
    (seen(0, 31), 2, ("increase: days past due",)),
    (seen(0, 89), 2, ("increase: days past due",)),
    (seen(0, 90), 3, ("default: days past due",)),
    (seen(0, unlikely=True), 3, ("default: unlikely to pay",)),
    (seen(0, pd=0.04), 1, ()),
    (seen(0, pd=0.041), 2, ("increase: PD",)),
    (seen(0, forborne=True), 2, ("increase: forborne",)),
    (seen(0, 40, 0.5), 2, ("increase: days past due", "increase: PD")),
]


@pytest.mark.parametrize(("how", "stage", "signs"), SIGNS, ids=range(len(SIGNS)))
def test_signs_put_a_loan_in_its_stage(how: Seen, stage: int, signs: tuple[str, ...]) -> None:
    assert course(how) == [(0, stage, signs)]


def test_a_pd_that_doubles_by_little_is_no_increase() -> None:
    assert staged(RULES, [Seen(BEGIN, 0, 0.003, 0.001)])[0].stage == 1


def test_the_way_back_goes_by_probation_one_stage_at_a_time() -> None:
    assert course(seen(0, 90), seen(30), seen(89), seen(90), seen(179), seen(180)) == [
        (0, 3, ("default: days past due",)),
        (30, 3, ("probation",)),
        (89, 3, ("probation",)),
        (90, 2, ("probation",)),
        (179, 2, ("probation",)),
        (180, 1, ()),
    ]


def test_an_arrear_on_probation_starts_it_anew() -> None:
    stages = [stage for _, stage, _ in course(seen(0, 90), seen(60, 5), seen(90), seen(150))]
    assert stages == [3, 3, 3, 2]


def test_a_loan_forborne_in_default_waits_a_year() -> None:
    stages = [
        stage
        for _, stage, _ in course(
            seen(0, 90), seen(10, forborne=True), seen(200), seen(364), seen(365), seen(455)
        )
    ]
    assert stages == [3, 3, 3, 3, 2, 1]


def test_the_stage_is_held_since_its_first_day() -> None:
    found = staged(RULES, [seen(0), seen(30, 31), seen(60, 61), seen(90, 91)])
    assert [(each.since - BEGIN).days for each in found] == [0, 30, 30, 90]


def test_the_pd_of_what_remains_is_of_those_that_survived() -> None:
    cumulative = (0.1, 0.28, 0.46)
    assert remaining_pd(cumulative, 0) == pytest.approx(0.46)
    assert remaining_pd(cumulative, 1) == pytest.approx(0.4)
    assert remaining_pd(cumulative, 2) == pytest.approx(0.25)
    assert remaining_pd((1.0, 1.0), 1) == 1.0


courses = st.lists(
    st.tuples(
        st.integers(1, 60), st.integers(0, 120), st.floats(0, 1), st.booleans(), st.booleans()
    ),
    min_size=1,
    max_size=15,
)


def made(steps: list[tuple[int, int, float, bool, bool]]) -> list[Seen]:
    day, found = 0, list[Seen]()
    for gap, late, pd, forborne, unlikely in steps:
        day += gap
        found.append(seen(day, late, pd, forborne=forborne, unlikely=unlikely))
    return found


@given(courses)
def test_no_stage_is_skipped_on_the_way_up_and_none_is_left_early(
    steps: list[tuple[int, int, float, bool, bool]],
) -> None:
    looks = made(steps)
    found = staged(RULES, looks)
    last_default: date | None = None
    before: Staged | None = None
    for look, now in zip(looks, found, strict=True):
        default = look.days_past_due >= 90 or look.unlikely_to_pay
        if default:
            last_default = look.on
            assert now.stage == 3
        if before is not None and now.stage < before.stage:
            assert before.stage - now.stage == 1
            assert not default
        if now.stage < 3 and last_default is not None:
            assert (look.on - last_default).days >= 90
        if look.days_past_due > 30 or look.forborne:
            assert now.stage >= 2
        before = now


@given(courses, st.integers(0, 14))
def test_a_sign_of_default_more_never_gives_a_better_stage(
    steps: list[tuple[int, int, float, bool, bool]], place: int
) -> None:
    looks = made(steps)
    place %= len(looks)
    worse = [*looks]
    worse[place] = replace(looks[place], unlikely_to_pay=True)
    pairs = zip(staged(RULES, worse), staged(RULES, looks), strict=True)
    assert all(bad.stage >= good.stage for bad, good in pairs)


BAD = [
    [seen(0, pd=float("nan"))],
    [seen(0, pd=1.1)],
    [seen(0, -1)],
    [seen(1), seen(1)],
    [seen(2), seen(1)],
]


@pytest.mark.parametrize("looks", BAD, ids=range(len(BAD)))
def test_what_gives_no_stage_is_refused(looks: list[Seen]) -> None:
    with pytest.raises(InputProblem, match="past due give no stage, or the day does not follow"):
        staged(RULES, looks)
