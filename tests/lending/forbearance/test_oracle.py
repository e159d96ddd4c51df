"""The way of a forborne loan, held to a walk over every day; late days, to a fold of each."""

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from tests.lending.forbearance.made_forborne import (
    CONTRACT,
    CURE,
    OUT,
    kept,
    month,
    reaged,
    rescheduled,
)
from tradeline.lending.dates.due_dates import plus_months
from tradeline.lending.forbearance.late import is_later_than, is_past_due
from tradeline.lending.forbearance.measures import without
from tradeline.lending.forbearance.standing import Stage, forborne
from tradeline.lending.loan.events import Event, Repayment
from tradeline.lending.loan.fold import fold
from tradeline.lending.loan.state import LoanState

# Each example folds years of a loan: an eighth of the usual number, and no minutes of shrinking.
FEW = settings(
    max_examples=max(settings().max_examples // 8, 1),
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
)
DAY = timedelta(days=1)
LATE = st.sampled_from([0] * 12 + [5, 20, 33, 45, 70, 100])


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[Event], date]:
    """A loan that misses some instalments, is eased, and then pays more or less on time."""
    paid_until, missed = draw(st.integers(1, 6)), draw(st.integers(0, 6))
    number = paid_until + missed
    base = kept([OUT], range(1, paid_until + 1))
    eased = reaged(month(number)) if missed else rescheduled(number, free=draw(st.integers(0, 3)))
    late = {at: draw(LATE) for at in range(number + 1, 50)}
    events = kept([*base, eased], range(number + 1, 50), late)
    if draw(st.booleans()):
        owed = fold(CONTRACT, [*base, eased], month(number)).totals.owed.interest // 2
        events.append(Repayment(value_date=month(number), entered_on=month(number),
                                amount_minor=owed))  # fmt: skip
    return events, month(number)


@dataclass
class Walk:
    """Where the walk over the days stands."""

    stage: Stage
    since: date
    was_lost: bool


def walk(state: LoanState, granted: date, to_catch_up: int, walked: Walk) -> Walk:
    """Every day from the measure on: relapses, then whether a stage is done."""
    day = granted
    while day < state.as_of and walked.stage is not Stage.CURED:
        day += DAY
        late = [
            (day - row.due).days
            for row in state.instalments
            if row.owed.total > 0 and (row.settled_on is None or row.settled_on > day)
        ]
        if 31 in late or 91 in late:
            walked.was_lost |= 91 in late
            walked.stage = Stage.CURE if walked.was_lost else Stage.PROBATION
            walked.since = day
        elif walked.stage is Stage.CURE and day >= plus_months(walked.since, 12):
            paid = sum(made.amount for made in state.transactions
                       if made.kind == "repayment" and granted <= made.on <= day)  # fmt: skip
            if max(late, default=0) <= 0 and paid >= to_catch_up:
                walked.stage, walked.since = Stage.PROBATION, day
        elif walked.stage is Stage.PROBATION and day >= plus_months(walked.since, 24):
            end = plus_months(walked.since, 24)
            if (
                max(late, default=0) <= 30
                and _covered(state, walked.since, day) * 2 >= (end - walked.since).days
            ):
                walked.stage, walked.since = Stage.CURED, day
    return walked


def _covered(state: LoanState, since: date, day: date) -> int:
    """Days of the probation that lie in the period of a paid instalment, counted one by one."""
    periods = [
        (row.begin, row.due) for row in state.instalments
        if row.owed.principal + row.owed.interest and row.settled_on and row.settled_on <= day
    ]  # fmt: skip
    count, at = 0, since
    while at < day:
        count += sum(begin <= at < due for begin, due in periods)
        at += DAY
    return count


@FEW
@given(lives())
def test_the_way_is_that_of_a_walk_over_every_day(life: tuple[list[Event], date]) -> None:
    events, granted = life
    on = month(49)
    found = forborne(CONTRACT, events, on, CURE)
    assert found is not None
    places = {measure.place for measure in found.measures}
    before = without(CONTRACT, events, granted - DAY, places).delinquency
    lost = before.days > 90
    begun = Walk(Stage.CURE if lost else Stage.PROBATION, granted, lost)
    walked = walk(fold(CONTRACT, events, on), granted, before.overdue.total, begun)
    assert (found.stage, found.since) == (walked.stage, walked.since)
    assert found.is_at_risk is (found.stage is not Stage.CURED)


@FEW
@given(lives(), st.data())
def test_late_days_are_those_of_the_loan_on_that_day(
    life: tuple[list[Event], date], data: DataObject
) -> None:
    events, granted = life
    final = fold(CONTRACT, events, month(49))
    day = granted + data.draw(st.integers(1, 900)) * DAY
    then = fold(CONTRACT, events, day).delinquency
    assert is_past_due(final, day) is (then.days > 0)
    for days in (0, 30, 90):
        assert is_later_than(days, final, CONTRACT, day) is (then.days > days)


@FEW
@given(lives())
def test_a_forborne_loan_is_at_risk_for_two_years_at_least(
    life: tuple[list[Event], date],
) -> None:
    events, granted = life
    last = plus_months(granted, 24) - DAY
    found = forborne(CONTRACT, events, last, CURE)
    assert found is not None
    assert found.is_at_risk
    assert found.days_past_due >= found.contractual.days


@FEW
@given(lives(), st.integers(1, 900), st.integers(0, 60))
def test_a_stage_holds_until_the_day_it_may_change(
    life: tuple[list[Event], date], number: int, further: int
) -> None:
    """Nothing more happens after a day: all is the same on each day before `changes_on`."""
    events, granted = life
    on = granted + number * DAY
    known = [event for event in events if event.value_date <= on]
    found = forborne(CONTRACT, known, on, CURE)
    assert found is not None
    last = found.changes_on - DAY if found.changes_on else month(60)
    later = forborne(CONTRACT, known, min(on + further * DAY, last), CURE)
    assert later is not None
    assert (later.stage, later.since) == (found.stage, found.since)
    assert later.contractual.since == found.contractual.since
