from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from tests.lending.loan.plain_loan import (
    APRIL,
    FEBRUARY,
    INSTALMENT,
    LOAN,
    MARCH,
    START,
    on,
    owed,
    paid,
    paid_out,
)
from tradeline.kernel.findings import InputProblem
from tradeline.lending.dates.business_days import Calendar
from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.loan.contract import (
    Amortisation,
    Arrears,
    ChargeBase,
    ChargeKind,
    Family,
    Grace,
    OverduePenalty,
    PayoffInterest,
    Recalculation,
    Rest,
)
from tradeline.lending.loan.events import (
    Charge,
    Chargeback,
    ChargeOff,
    CreditBalanceRefund,
    Disbursement,
    EndOfDay,
    InstalmentCharge,
    PercentCharge,
    Reamortisation,
    WriteOff,
)
from tradeline.lending.loan.fold import fold, payoff_quote, preview
from tradeline.lending.loan.state import Status, TransactionKind

PLAIN = [(39_603, 1_200), (39_999, 804), (40_398, 404)]


def test_an_instalment_pays_the_interest_of_the_balance_first() -> None:
    state = preview(LOAN)
    assert owed(state) == PLAIN
    assert [row.due for row in state.instalments] == [FEBRUARY, MARCH, APRIL]
    assert [row.balance_after for row in state.instalments] == [80_397, 40_398, 0]


def test_principal_paid_at_the_end_leaves_interest_alone() -> None:
    bullet = replace(LOAN, grace=Grace(principal_periods=2))
    assert owed(preview(bullet)) == [(0, 1_200), (0, 1_200), (120_000, 1_200)]


def test_equal_principal_makes_instalments_fall() -> None:
    falling = replace(LOAN, amortisation=Amortisation.PRINCIPAL)
    assert owed(preview(falling)) == [(40_000, 1_200), (40_000, 800), (40_000, 400)]


def test_interest_deferred_is_paid_once_the_grace_is_over() -> None:
    deferred = replace(
        LOAN, amortisation=Amortisation.PRINCIPAL, grace=Grace(interest_deferred_periods=1)
    )
    assert owed(preview(deferred)) == [(40_000, 0), (40_000, 2_000), (40_000, 400)]


def test_a_balloon_is_paid_with_the_last_instalment() -> None:
    state = preview(replace(LOAN, balloon_minor=60_000))
    assert [row.owed.principal for row in state.instalments] == [19_801, 19_999, 80_200]
    assert state.instalments[-1].balance_after == 0


def test_a_down_payment_is_paid_at_once() -> None:
    state = fold(replace(LOAN, down_payment=Fraction(1, 4)), [paid_out()], START)
    first = state.instalments[0]
    assert (first.due, first.owed.principal, first.settled_on) == (START, 30_000, START)
    assert [made.kind for made in state.transactions] == [
        TransactionKind.DISBURSEMENT, TransactionKind.DOWN_PAYMENT,
    ]  # fmt: skip
    assert sum(row.owed.principal for row in state.instalments) == 120_000


def test_a_down_payment_may_be_left_to_the_borrower() -> None:
    by_hand = replace(LOAN, down_payment=Fraction(1, 4), down_payment_kept=False)
    state = fold(by_hand, [paid_out(), paid(START, 30_000)], START)
    assert state.instalments[0].settled_on == START
    assert [made.kind for made in state.transactions] == [
        TransactionKind.DISBURSEMENT, TransactionKind.REPAYMENT,
    ]  # fmt: skip


@pytest.mark.parametrize("rest", Rest)
@pytest.mark.parametrize("family", Family)
def test_a_down_payment_bears_no_interest_unless_it_is_late(family: Family, rest: Rest) -> None:
    # 900.00 of 1,200.00 bear 9.00 in the first month, and are paid back as any 900.00 are.
    parts = [(30_000, 0), (29_702, 900), (29_999, 603), (30_299, 303)]
    follows = replace(
        LOAN, family=family, recalculation=Recalculation(rest), down_payment=Fraction(1, 4)
    )
    assert owed(preview(follows)) == owed(fold(follows, [paid_out()], START)) == parts
    by_hand = replace(follows, down_payment_kept=False)
    assert owed(fold(by_hand, [paid_out(), paid(START, 30_000)], START)) == parts
    # 19 of 31 days of 300.00 at 1 % a month are 1.84; until the next due date, all of them 3.00.
    late = date(2024, 1, 20)
    interest = owed(fold(by_hand, [paid_out(), paid(late, 30_000)], late))[1][1]
    assert interest == 900 + (184 if rest is Rest.DAY else 300)


def test_due_dates_move_to_business_days_and_interest_with_them() -> None:
    china = replace(
        LOAN, start=date(2024, 9, 1), day_count=DayCount.ACTUAL_365, calendar=Calendar("CN")
    )
    state = preview(china)
    assert [row.due for row in state.instalments] == [
        date(2024, 10, 8), date(2024, 11, 1), date(2024, 12, 2),
    ]  # fmt: skip
    assert state.instalments[0].owed.interest == round(120_000 * 0.12 * 37 / 365)


def test_a_payment_pays_what_is_due_first() -> None:
    state = fold(LOAN, [paid_out(), paid(FEBRUARY, INSTALMENT + 100)], FEBRUARY)
    first, second = state.instalments[:2]
    assert first.settled_on == FEBRUARY
    assert (second.paid.interest, second.paid.principal, second.paid_in_advance) == (100, 0, 100)


@pytest.mark.parametrize("family", Family)
def test_a_payoff_within_a_period_pays_the_interest_of_its_days(family: Family) -> None:
    contract = replace(LOAN, family=family, recalculation=Recalculation())
    quote = payoff_quote(contract, [paid_out()], date(2024, 1, 16))
    assert (quote.parts.principal, quote.parts.interest) == (120_000, round(1_200 * 15 / 31))


@pytest.mark.parametrize("family", Family)
def test_a_payoff_may_have_to_pay_the_whole_period(family: Family) -> None:
    contract = replace(
        LOAN,
        family=family,
        recalculation=Recalculation(),
        payoff_interest=PayoffInterest.PERIOD_END,
    )
    quote = payoff_quote(contract, [paid_out()], date(2024, 1, 16))
    assert quote.amount == 121_200


def test_what_is_paid_too_much_is_kept_for_the_borrower() -> None:
    events = [paid_out(), paid(FEBRUARY, 140_803)]
    state = fold(LOAN, events, FEBRUARY)
    assert (state.status, state.overpaid) == (Status.OVERPAID, 140_803 - 122_408)


def test_a_refund_beyond_what_was_paid_too_much_is_owed_again() -> None:
    refund = on(CreditBalanceRefund, date(2024, 2, 3), amount_minor=20_000)
    state = fold(LOAN, [paid_out(), paid(FEBRUARY, 140_803), refund], MARCH)
    assert state.overpaid == 0
    assert state.principal_open == 20_000 - 18_395
    assert state.transactions[-1].overpayment == 18_395


def test_a_payment_charged_back_is_owed_again() -> None:
    back = on(Chargeback, date(2024, 2, 10), amount_minor=INSTALMENT)
    state = fold(LOAN, [paid_out(), paid(FEBRUARY, INSTALMENT), back], date(2024, 2, 10))
    assert state.instalments[1].owed.principal == 39_999 + INSTALMENT
    assert state.transactions[-1].balance == 80_397 + INSTALMENT


def test_what_is_written_off_is_owed_no_more() -> None:
    events = [paid_out(), paid(FEBRUARY, INSTALMENT), on(WriteOff, date(2024, 4, 15))]
    state = fold(LOAN, events, date(2024, 4, 15))
    assert state.status is Status.WRITTEN_OFF
    assert state.totals.open == 0
    written = state.transactions[-1]
    assert (written.parts.principal, written.parts.interest) == (80_397, 1_208)


def test_what_is_charged_off_is_owed_still() -> None:
    day = date(2024, 4, 15)
    state = fold(LOAN, [paid_out(), on(ChargeOff, day), paid(date(2024, 5, 1), 1_000)], MARCH)
    assert state.status is Status.ACTIVE
    state = fold(LOAN, [paid_out(), on(ChargeOff, day), paid(day, 1_000)], day)
    assert (state.status, state.charged_off_on) == (Status.CHARGED_OFF, day)
    assert state.totals.open == 122_408 - 1_000
    assert state.transactions[-1].charged_off_before


def test_a_charge_falls_due_with_the_instalment_of_its_period() -> None:
    fee = on(Charge, date(2024, 2, 15), START, kind=ChargeKind.FEE, amount_minor=700)
    state = fold(LOAN, [paid_out(), fee], START)
    assert [row.owed.fees for row in state.instalments] == [0, 700, 0]


def test_a_charge_after_the_last_due_date_falls_due_by_itself() -> None:
    late = date(2024, 5, 10)
    penalty = on(Charge, late, kind=ChargeKind.PENALTY, amount_minor=700)
    state = fold(LOAN, [paid_out(), penalty], late)
    last = state.instalments[-1]
    assert (last.due, last.owed.penalties, last.owed.principal) == (late, 700, 0)


def test_charges_may_be_a_part_of_the_loan_or_of_each_instalment() -> None:
    base = ChargeBase.PRINCIPAL_AND_INTEREST
    whole = on(PercentCharge, START, kind=ChargeKind.FEE, rate=Fraction(1, 100), base=base)
    each = on(InstalmentCharge, START, kind=ChargeKind.FEE, rate=Fraction(1, 100), base=base)
    assert fold(LOAN, [paid_out(), whole], START).totals.owed.fees == 1_224
    state = fold(LOAN, [paid_out(), each], START)
    assert [row.owed.fees for row in state.instalments] == [408, 408, 408]


def penalised(*days: date, **rule: object) -> int:
    terms = {"rate": Fraction(1, 1_000), "base": ChargeBase.PRINCIPAL} | rule
    contract = replace(LOAN, overdue_penalty=OverduePenalty(**terms))  # type: ignore[arg-type]
    ends = [on(EndOfDay, day) for day in days]
    return fold(contract, [paid_out(), *ends], days[-1]).instalments[0].owed.penalties


def earned(family: Family, *days: date) -> list[tuple[date, int]]:
    contract = replace(LOAN, family=family, recalculation=Recalculation())
    ends = [on(EndOfDay, day) for day in days]
    made = fold(contract, [paid_out(), *ends], days[-1]).transactions
    return [(each.on, each.amount) for each in made if each.kind is TransactionKind.ACCRUAL]


def test_a_cumulative_loan_earns_interest_when_it_falls_due() -> None:
    assert earned(Family.CUMULATIVE, FEBRUARY) == []
    assert earned(Family.CUMULATIVE, date(2024, 2, 2)) == [(FEBRUARY, 1_200)]


def test_a_progressive_loan_earns_interest_by_days() -> None:
    first, second = date(2024, 1, 11), date(2024, 1, 12)
    until = [round(1_200 * days / 31) for days in (9, 10)]
    assert earned(Family.PROGRESSIVE, first, second) == [
        (date(2024, 1, 10), until[0]), (first, until[1] - until[0]),
    ]  # fmt: skip


def test_days_that_were_not_ended_are_earned_one_by_one_later() -> None:
    first, last = date(2024, 1, 11), date(2024, 1, 20)
    every = [first + timedelta(days=day) for day in range(10)]
    assert earned(Family.PROGRESSIVE, first, last) == earned(Family.PROGRESSIVE, *every)


@pytest.mark.parametrize("family", Family)
def test_the_end_of_a_day_alone_bears_no_interest_on_what_a_payment_would(family: Family) -> None:
    by_payments = Recalculation(arrears=Arrears.RUNNING_PERIOD)
    contract = replace(LOAN, family=family, recalculation=by_payments)
    late = date(2024, 2, 20)
    ends = [on(EndOfDay, date(2024, 2, day)) for day in (2, 10, 20)]
    assert owed(fold(contract, [paid_out(), *ends], late)) == PLAIN
    # 19 of 29 days of 396.03 at 1 % a month are 2.59.
    paid_late = fold(contract, [paid_out(), *ends, paid(late, 10_000)], late)
    assert owed(paid_late)[1][1] == 804 + 259


BEARS_NONE = replace(LOAN, recalculation=Recalculation(arrears=Arrears.NONE))


@pytest.mark.parametrize("family", Family)
def test_overdue_principal_that_bears_none_bears_none_until_it_is_paid(family: Family) -> None:
    contract, late = replace(BEARS_NONE, family=family), date(2024, 2, 20)
    for amount in (1, 20_000, INSTALMENT):
        assert owed(fold(contract, [paid_out(), paid(late, amount)], late)) == PLAIN
    # 100.00 more, of which a progressive loan takes interest of 5.27, lower it for 10 of 29 days.
    more = fold(contract, [paid_out(), paid(late, INSTALMENT + 10_000)], late)
    lower = 10_000 if family is Family.CUMULATIVE else 10_000 - 527
    assert more.instalments[1].owed.interest == round(
        Fraction(80_397, 100) - Fraction(lower * 10, 100 * 29)
    )


@pytest.mark.parametrize("family", Family)
def test_overdue_principal_that_is_re_amortised_bears_interest_from_then_on(family: Family) -> None:
    contract, day = replace(BEARS_NONE, family=family), date(2024, 2, 20)
    state = fold(contract, [paid_out(), on(Reamortisation, day)], MARCH)
    assert state.instalments[1].owed.interest == round(804 + 396 * Fraction(10, 29))


@pytest.mark.parametrize("family", Family)
def test_a_down_payment_that_is_not_paid_bears_none_either(family: Family) -> None:
    contract = replace(
        BEARS_NONE, family=family, down_payment=Fraction(1, 4), down_payment_kept=False
    )
    halves = [on(Disbursement, day, amount_minor=60_000) for day in (START, date(2024, 1, 16))]
    for events in ([], [paid(date(2024, 1, 20), 30_000)]):
        state = fold(contract, [*halves, *events], date(2024, 1, 20))
        first = next(row for row in state.instalments if row.due == FEBRUARY)
        assert first.owed.interest == round(450 + 450 * Fraction(16, 31))


def test_a_penalty_is_charged_once_on_what_is_overdue() -> None:
    days = [date(2024, 2, 2), date(2024, 2, 9)]
    assert penalised(*days) == 40
    assert penalised(*days, base=ChargeBase.PRINCIPAL_AND_INTEREST) == 41


def test_a_penalty_by_days_is_the_same_however_often_the_day_was_ended() -> None:
    days = [FEBRUARY + timedelta(days=day) for day in range(1, 11)]
    assert penalised(*days, per_day=True) == penalised(days[-1], per_day=True) == 396


def test_days_of_grace_bear_no_penalty_unless_they_pass_unpaid() -> None:
    assert penalised(date(2024, 2, 4), per_day=True, after_grace_days=3) == 0
    assert penalised(date(2024, 2, 5), per_day=True, after_grace_days=3) == 158


def test_nothing_can_happen_to_a_loan_that_was_not_paid_out() -> None:
    with pytest.raises(InputProblem) as refused:
        fold(LOAN, [paid(FEBRUARY, 100)], FEBRUARY)
    found = refused.value.findings[0]
    assert found.message == "On 2024-02-01 nothing was disbursed yet."
    assert found.remedy == "Enter the disbursement first, or correct the day."


def test_a_loan_not_paid_out_is_approved_and_owes_nothing() -> None:
    state = fold(LOAN, [], START)
    assert (state.status, state.instalments, state.principal_open) == (Status.APPROVED, (), 0)


def test_an_event_counts_from_its_day_and_not_from_its_entry() -> None:
    late_entry = replace(paid(FEBRUARY, INSTALMENT), entered_on=date(2024, 2, 20))
    events = [paid_out(), late_entry]
    assert fold(LOAN, events, date(2024, 2, 20)).instalments[0].settled_on == FEBRUARY
