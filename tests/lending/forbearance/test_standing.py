"""A forborne loan is at risk until it is cured and has proved itself, however its plan looks."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.lending.forbearance.made_forborne import (
    CONTRACT,
    CURE,
    OUT,
    kept,
    month,
    paid,
    reaged,
    rescheduled,
)
from tradeline.kernel.findings import InputProblem
from tradeline.lending.forbearance.measures import Grant
from tradeline.lending.forbearance.standing import Forborne, Stage, forborne
from tradeline.lending.forbearance.terms import read_cure_terms
from tradeline.lending.loan.events import (
    DelinquencyPause,
    Event,
    InstalmentPayment,
    Payoff,
    Reversal,
)

DAY = timedelta(days=1)
# Instalments 4 to 7 were not paid; 92 days late, the loan is re-aged and its interest paid.
INTEREST = 226_523
BROKEN = [*kept([OUT], range(1, 4)), reaged(month(7)), paid(month(7), INTEREST)]
# All were paid when, on the 5th due date, the next two are freed of principal.
EASED = [*kept([OUT], range(1, 6)), rescheduled(5, free=2)]


def standing(events: list[Event], on: date, *grants: Grant) -> Forborne:
    found = forborne(CONTRACT, events, on, CURE, grants)
    assert found is not None
    return found


def test_a_loan_whose_terms_never_changed_is_not_forborne() -> None:
    assert forborne(CONTRACT, [OUT], month(20), CURE) is None


def test_a_measure_that_is_taken_back_never_was() -> None:
    back = Reversal(value_date=month(8), entered_on=month(8), of=len(BROKEN) - 2)
    assert forborne(CONTRACT, [*BROKEN, back], month(20), CURE) is None


def test_contractual_days_go_on_where_the_plan_shows_none() -> None:
    found = standing(kept(BROKEN, range(8, 12)), month(11))
    assert found.under_plan.days == 0
    assert found.contractual.since == month(9)
    assert found.contractual.days == (month(11) - month(9)).days
    assert found.days_past_due == found.contractual.days


def test_a_non_performing_loan_is_cured_for_a_year_and_proves_itself_for_two() -> None:
    events = kept(BROKEN, range(8, 50))
    stages = {
        month(7): (Stage.CURE, month(7)),
        month(19) - DAY: (Stage.CURE, month(7)),
        month(19): (Stage.PROBATION, month(19)),
        month(43) - DAY: (Stage.PROBATION, month(19)),
        month(43): (Stage.CURED, month(43)),
        month(49): (Stage.CURED, month(43)),
    }
    for on, expected in stages.items():
        found = standing(events, on)
        assert (found.stage, found.since) == expected
        assert found.is_at_risk is (on < month(43))
        assert found.is_non_performing is (on < month(19))
        assert found.leaves_on == month(43)
    assert standing(events, month(43)).days_past_due == 0


def test_a_performing_loan_begins_with_the_probation() -> None:
    events = kept(EASED, range(6, 34))
    assert standing(events, month(29) - DAY).stage is Stage.PROBATION
    assert standing(events, month(29)).stage is Stage.CURED


def test_a_relapse_after_a_cure_is_cured_anew() -> None:
    """The 25th due date is paid 31 days late, which is a relapse."""
    events = kept(BROKEN, range(8, 50), late={25: 32, 26: 3})
    relapse = month(25) + 31 * DAY
    assert standing(events, relapse - DAY).stage is Stage.PROBATION
    found = standing(events, relapse)
    assert (found.stage, found.since, found.relapses) == (Stage.CURE, relapse, (relapse,))
    assert found.leaves_on > month(50)


def test_thirty_days_late_are_no_relapse() -> None:
    events = kept(BROKEN, range(8, 50), late={25: 31, 26: 2})
    assert standing(events, month(43)).stage is Stage.CURED


def test_a_relapse_of_a_loan_that_was_never_non_performing_begins_the_probation_anew() -> None:
    events = kept(EASED, range(6, 50), late={10: 40, 11: 10})
    relapse = month(10) + 31 * DAY
    assert standing(events, relapse).since == relapse
    assert standing(events, relapse).stage is Stage.PROBATION
    assert standing(events, month(29)).is_at_risk
    assert standing(events, month(36)).stage is Stage.CURED


def test_more_than_ninety_days_late_in_probation_is_non_performing() -> None:
    events = kept(EASED, range(6, 10))
    found = standing(events, month(10) + 91 * DAY)
    assert (found.stage, found.since) == (Stage.CURE, month(10) + 91 * DAY)


def test_another_measure_begins_the_way_anew() -> None:
    events = [*kept(EASED, range(6, 18)), rescheduled(17, free=1)]
    found = standing(events, month(17))
    assert (found.stage, found.since) == (Stage.PROBATION, month(17))
    assert len(found.measures) == 2


def test_a_relapse_in_a_cure_begins_it_anew() -> None:
    events = kept(BROKEN, range(8, 30), late={18: 40, 19: 9})
    found = standing(events, month(20))
    assert (found.stage, found.since) == (Stage.CURE, month(18) + 31 * DAY)


def test_what_is_past_due_at_the_end_of_a_cure_must_be_paid_first() -> None:
    patient = replace(CURE, relapse_after_days=45)
    events = kept(BROKEN, range(8, 30), late={18: 40, 19: 9})
    found = forborne(CONTRACT, events, month(20), patient)
    assert found is not None
    assert (found.stage, found.since) == (Stage.PROBATION, month(18) + 40 * DAY)


def test_a_cure_asks_for_as_much_as_was_overdue() -> None:
    """Re-aged over forty years, a month brings less than half of what each of three lacked."""
    events = kept([*kept([OUT], range(1, 4)), reaged(month(7), 480), paid(month(7), INTEREST)],
                  range(8, 14))  # fmt: skip
    short = replace(CURE, cure_months=2)
    stages = [forborne(CONTRACT, events, month(number), short) for number in (9, 10)]
    assert [found and found.stage for found in stages] == [Stage.CURE, Stage.PROBATION]


def test_a_probation_in_which_nothing_was_due_does_not_end() -> None:
    """Two years without instalments prove nothing; a year of them must be paid."""
    on = month(5)
    long = [*kept([OUT], range(1, 6)), replace(reaged(on), first_due=month(35))]
    assert standing(long, month(29)).stage is Stage.PROBATION
    assert standing(long, month(34)).stage is Stage.PROBATION
    assert standing(kept(long, [35]), month(35)).stage is Stage.CURED


def test_it_is_said_who_granted_a_measure_and_why() -> None:
    grant = Grant(len(BROKEN) - 2, "head of workout", "the main buyer failed")
    (measure,) = standing(BROKEN, month(8), grant).measures
    assert (measure.kind, measure.granted_on) == ("re-age", month(7))
    assert (measure.by, measure.why) == ("head of workout", "the main buyer failed")
    (silent,) = standing(BROKEN, month(8)).measures
    assert (silent.by, silent.why) == ("", "")


def test_a_commercial_change_is_no_forbearance_unless_the_loan_was_late() -> None:
    commercial = Grant(len(EASED) - 1, "sales", "rates fell", is_commercial=True)
    assert forborne(CONTRACT, EASED, month(8), CURE, [commercial]) is None
    late = [*kept([OUT], range(1, 6), late={3: 35, 4: 5}), rescheduled(5)]
    found = standing(late, month(8), replace(commercial, place=len(late) - 1))
    assert found.stage is Stage.PROBATION
    assert found.measures[0].why == "rates fell"


def test_days_that_a_pause_hides_are_contractual() -> None:
    pause = DelinquencyPause(value_date=month(4), entered_on=month(4), until=month(9))
    found = standing([*kept([OUT], range(1, 4)), pause], month(8))
    assert found.under_plan.days == 0
    assert found.contractual.days == (month(8) - month(4)).days


def test_after_a_cure_the_terms_it_was_cured_under_are_the_agreed_ones() -> None:
    events = [*kept(EASED, range(6, 36)), rescheduled(35, free=1)]
    found = standing(kept(events, range(36, 40)), month(39) + 10 * DAY)
    assert (found.stage, found.since) == (Stage.PROBATION, month(35))
    assert (found.contractual.days, found.under_plan.days) == (10, 0)


def test_a_payment_stated_for_an_eased_instalment_counts_as_any_payment() -> None:
    event = InstalmentPayment(
        value_date=month(8), entered_on=month(8), due=month(8), principal_minor=70_000,
        interest_minor=57_000,
    )  # fmt: skip
    found = standing([*BROKEN, event], month(9))
    assert found.contractual.since == month(6)


def test_a_loan_that_is_paid_is_at_no_risk() -> None:
    payoff = Payoff(value_date=month(9), entered_on=month(9))
    found = standing([*kept(BROKEN, range(8, 10)), payoff], month(9))
    assert (found.stage, found.is_at_risk) == (Stage.ENDED, False)


def test_terms_are_dated() -> None:
    assert (CURE.cure_months, CURE.probation_months, CURE.relapse_after_days) == (12, 24, 30)
    with pytest.raises(InputProblem, match="has no value on 2014-12-30"):
        read_cure_terms(date(2014, 12, 30))
