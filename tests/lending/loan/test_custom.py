"""Instalments agreed one by one: as agreed while all goes so, in proportion where it does not."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from tests.lending.loan.made_loans import agreed_one_by_one, contracts, paid_out, repayments
from tests.lending.loan.plain_loan import on, owed, paid
from tradeline.kernel.findings import InputProblem
from tradeline.lending.dates.business_days import Calendar
from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.loan.adding_up import not_adding_up
from tradeline.lending.loan.contract import (
    Amortisation,
    Contract,
    CustomInstalment,
    Family,
    Grace,
    InterestMethod,
    Prepayment,
    Recalculation,
)
from tradeline.lending.loan.events import (
    Disbursement,
    Event,
    Payoff,
    RateChange,
    Reage,
    Reamortisation,
    Reschedule,
    Reversal,
)
from tradeline.lending.loan.fold import fold, payoff_quote, preview
from tradeline.lending.loan.state import LoanState, Status
from tradeline.lending.servicing.written import read_record, record_values

# CNY 1,200.00 at 12 %, over actual/365: three dates as a harvest has them.
START = date(2026, 1, 15)
FIRST, SECOND, THIRD = date(2026, 2, 28), date(2026, 6, 30), date(2026, 9, 30)
PLAIN = Contract(
    "CNY", 120_000, Fraction(12, 100), START, Frequency.MONTHS, 1, 3,
    amortisation=Amortisation.PRINCIPAL, day_count=DayCount.ACTUAL_365,
    custom=(CustomInstalment(FIRST, 30_000), CustomInstalment(SECOND, 50_000),
            CustomInstalment(THIRD, 40_000)),
)  # fmt: skip
OPEN_END = (CustomInstalment(FIRST, 30_000), CustomInstalment(SECOND, 50_000),
            CustomInstalment(THIRD))  # fmt: skip
TOTALS = replace(PLAIN, amortisation=Amortisation.INSTALMENTS, custom=OPEN_END)
FOLLOWS = replace(TOTALS, recalculation=Recalculation())


def test_principal_as_agreed_bears_interest_on_what_is_left() -> None:
    # 44 days of 1,200.00 at 12 % are 17.36; 122 of 900.00 36.10; 92 of 400.00 12.10.
    expected = [(30_000, 1_736), (50_000, 3_610), (40_000, 1_210)]
    state = preview(PLAIN)
    assert owed(state) == expected
    assert [row.due for row in state.instalments] == [FIRST, SECOND, THIRD]
    assert owed(preview(replace(PLAIN, custom=OPEN_END))) == expected
    assert owed(preview(replace(PLAIN, family=Family.PROGRESSIVE))) == expected


@pytest.mark.parametrize("family", Family)
def test_an_amount_as_agreed_pays_its_interest_first_and_the_last_what_remains(
    family: Family,
) -> None:
    # 300.00 less 17.36; 122 days of 917.36 are 36.79; 92 of 454.15 are 13.74.
    expected = [(28_264, 1_736), (46_321, 3_679), (45_415, 1_374)]
    assert owed(preview(replace(TOTALS, family=family))) == expected


def test_flat_interest_is_the_same_in_each_instalment() -> None:
    # 258 days of 1,200.00 at 12 % are 101.79, of which each has 33.93.
    flat = replace(PLAIN, interest=InterestMethod.FLAT)
    assert owed(preview(flat)) == [(30_000, 3_393), (50_000, 3_393), (40_000, 3_393)]


def test_interest_alone_may_be_agreed_of_an_instalment() -> None:
    season = (CustomInstalment(FIRST, 0), CustomInstalment(SECOND, 0), CustomInstalment(THIRD))
    assert owed(preview(replace(PLAIN, custom=season)))[0] == (0, 1_736)


def test_due_dates_move_to_business_days_as_those_of_others_do() -> None:
    moved = preview(replace(PLAIN, calendar=Calendar("CN")))
    assert [row.due for row in moved.instalments] == [date(2026, 2, 28), SECOND, THIRD]
    sunday = (CustomInstalment(date(2026, 3, 1), 80_000), CustomInstalment(THIRD))
    moved = preview(replace(PLAIN, instalments=2, custom=sunday, calendar=Calendar("DE")))
    assert moved.instalments[0].due == date(2026, 3, 2)


def test_paid_early_the_rest_is_lower_in_proportion() -> None:
    # 600.00 pay 582.64 of principal: 617.36 are left of 917.36. Of 500.00 so much are 336.49.
    out = on(Disbursement, START, amount_minor=120_000)
    state = fold(FOLLOWS, [out, paid(FIRST, 60_000)], FIRST)
    assert owed(state)[:2] == [(58_264, 1_736), (33_649 - 2_476, 2_476)]
    assert owed(state)[2][0] == 61_736 - 31_173
    keeps = replace(FOLLOWS, recalculation=Recalculation(prepayment=Prepayment.SHORTER_TERM))
    shorter = fold(keeps, [out, paid(FIRST, 60_000)], FIRST)
    assert owed(shorter)[1] == (50_000 - 2_476, 2_476)


def test_paid_out_by_and_by_each_part_is_spread_as_agreed() -> None:
    half = [on(Disbursement, START, amount_minor=60_000)]
    assert [row.owed.principal for row in fold(PLAIN, half, START).instalments] == [
        15_000, 25_000, 20_000
    ]  # fmt: skip
    # 450.00 are left after the first, and 600.00 more: 1,050.00 of the 900.00 that were to be.
    whole = [*half, on(Disbursement, date(2026, 3, 5), amount_minor=60_000)]
    assert [row.owed.principal for row in fold(PLAIN, whole, date(2026, 3, 5)).instalments] == [
        15_000, 58_333, 46_667
    ]  # fmt: skip


def test_another_rate_leaves_the_agreed_amounts() -> None:
    change = on(RateChange, FIRST, annual_rate=Fraction(24, 100))
    state = fold(PLAIN, [on(Disbursement, START, amount_minor=120_000), change], FIRST)
    assert owed(state) == [(30_000, 1_736), (50_000, 7_220), (40_000, 2_420)]


def test_a_payoff_pays_the_days_until_it() -> None:
    # 15 days of 1,200.00 at 12 % are 5.92.
    out = on(Disbursement, START, amount_minor=120_000)
    quote = payoff_quote(FOLLOWS, [out], date(2026, 1, 30))
    assert (quote.parts.principal, quote.parts.interest) == (120_000, 592)


def test_overdue_principal_is_spread_over_what_was_agreed_of_the_rest() -> None:
    # Nothing was paid: 1,200.00 instead of 900.00 are left, and 500.00 become 666.67.
    events = [on(Disbursement, START, amount_minor=120_000), on(Reamortisation, date(2026, 3, 10))]
    state = fold(PLAIN, events, date(2026, 3, 10))
    assert [row.owed.principal for row in state.instalments] == [0, 66_667, 53_333]


def test_a_reschedule_puts_agreed_instalments_off() -> None:
    later = on(Reschedule, date(2026, 3, 10), from_due=SECOND, principal_grace_periods=1)
    state = fold(PLAIN, [on(Disbursement, START, amount_minor=120_000), later], date(2026, 3, 10))
    assert [(row.due, row.owed.principal) for row in state.instalments] == [
        (FIRST, 30_000), (SECOND, 0), (THIRD, 50_000), (date(2026, 10, 30), 40_000),
    ]  # fmt: skip


def test_re_aged_principal_has_equal_instalments() -> None:
    reage = on(Reage, date(2026, 3, 10), first_due=date(2026, 4, 10), frequency=Frequency.MONTHS,
               every=1, instalments=3)  # fmt: skip
    state = fold(PLAIN, [on(Disbursement, START, amount_minor=120_000), reage], date(2026, 3, 10))
    assert [row.owed.principal for row in state.instalments] == [0, 40_000, 40_000, 40_000]


def test_it_is_saved_and_read_as_it_is() -> None:
    assert read_record(Contract, record_values(TOTALS)) == TOTALS


LOAN = "error: loan: "
WRONG = [
    ({"custom": (CustomInstalment(SECOND, 1), CustomInstalment(FIRST, 2), CustomInstalment(THIRD))},
     "The due dates do not rise from the start, 2026-01-15. State each once, in order."),
    ({"custom": OPEN_END[1:]},
     "3 instalments are stated, and 2 agreed one by one. State as many."),
    ({"balloon_minor": 5}, "Instalments that are agreed one by one have no other first due date, "
     "grace, balloon or equal amount. State it in their amounts."),
    ({"grace": Grace(principal_periods=1)}, "Instalments that are agreed one by one have no other "
     "first due date, grace, balloon or equal amount. State it in their amounts."),
    ({"custom": (CustomInstalment(FIRST), *OPEN_END[1:])},
     "An instalment before the last states no amount from 0 on. State each; the last may be left "
     "open."),
    ({"custom": (CustomInstalment(FIRST, -1), *OPEN_END[1:])},
     "An instalment before the last states no amount from 0 on. State each; the last may be left "
     "open."),
    ({"principal_minor": 120_001},
     "The instalments pay 120000 of principal back, of 120001. Have them add up, or leave the last "
     "open."),
    ({"principal_minor": 70_000, "custom": OPEN_END},
     "The instalments pay 80000 of principal back, of 70000. Have them add up, or leave the last "
     "open."),
    ({"amortisation": Amortisation.INSTALMENTS},
     "The last instalment is agreed, though it takes what remains. Leave its amount open."),
    ({"amortisation": Amortisation.INSTALMENTS,
      "custom": (CustomInstalment(FIRST, 1_000), *OPEN_END[1:])},
     "The instalment of 2026-02-28 is agreed as 1000, and comes to 1736. Agree on no less than its "
     "interest, and no more than what is left."),
    ({"amortisation": Amortisation.INSTALMENTS,
      "custom": (CustomInstalment(FIRST, 130_000), *OPEN_END[1:])},
     "The instalment of 2026-02-28 is agreed as 130000, and comes to 121736. Agree on no less than "
     "its interest, and no more than what is left."),
    ({"custom": (*OPEN_END[:2], CustomInstalment(date(2200, 1, 1)))},
     "3 instalments every 1 months would run for too long. State at most 20000 instalments that "
     "end before the year 2200."),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "line"), WRONG)
def test_amounts_that_make_no_schedule_are_refused(changes: dict[str, object], line: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        preview(replace(PLAIN, **changes))  # type: ignore[arg-type]
    assert str(refusal.value) == LOAN + line


# What holds of all of them.

LATER = timedelta(days=900)
CUSTOM = contracts().flatmap(agreed_one_by_one)


def principal_of(state: LoanState) -> list[int]:
    return [row.owed.principal for row in state.instalments]


@settings(deadline=None)
@given(CUSTOM, st.data(), st.integers(0, 600))
def test_it_is_as_agreed_and_adds_up_whatever_is_paid_paid_off_or_taken_back(
    contract: Contract, data: DataObject, days: int
) -> None:
    plan = preview(contract)
    assert plan.instalments[-1].balance_after == 0
    whole = contract.amortisation is Amortisation.INSTALMENTS
    for row, agreed in zip(plan.instalments, contract.custom, strict=False):
        amount = row.owed.principal + (row.owed.interest if whole else 0)
        assert agreed == CustomInstalment(
            row.due, amount if agreed.amount_minor is not None else None
        )
    events: list[Event] = [paid_out(contract), *data.draw(repayments(contract))]
    until = contract.start + LATER
    state = fold(contract, events, until)
    assert list(not_adding_up(state)) == []
    assert sum(principal_of(state)) == contract.principal_minor
    if len(events) > 1:
        back = Reversal(value_date=until, entered_on=until, of=len(events) - 1)
        assert fold(contract, [*events, back], until).instalments == (
            fold(contract, events[:-1], until).instalments
        )
    day = contract.start + timedelta(days=days)
    if fold(contract, events, day).status is Status.ACTIVE:
        closed = fold(contract, [*events, Payoff(value_date=day, entered_on=day)], day)
        assert (closed.status, closed.totals.open) == (Status.CLOSED, 0)


@settings(deadline=None)
@given(CUSTOM, st.data(), st.integers(1, 400), st.booleans())
def test_it_adds_up_when_terms_change(
    contract: Contract, data: DataObject, days: int, spread: bool
) -> None:
    day, until = contract.start + timedelta(days=days), contract.start + LATER
    paid_back = [each for each in data.draw(repayments(contract)) if each.value_date <= day]
    change: Event = on(Reamortisation, day)
    if not spread:
        change = on(Reage, day, first_due=day + timedelta(days=9), frequency=Frequency.WEEKS,
                    every=2, instalments=4)  # fmt: skip
    events = [paid_out(contract), *paid_back, change]
    if spread and not any(row.due >= day for row in preview(contract).instalments):
        return
    state = fold(contract, events, until)
    assert list(not_adding_up(state)) == []
    assert sum(principal_of(state)) == contract.principal_minor


@settings(deadline=None)
@given(contracts(), st.data())
def test_what_equals_equal_principal_is_equal_principal(
    contract: Contract, data: DataObject
) -> None:
    number = contract.instalments or 1
    equal = replace(
        contract, amortisation=Amortisation.PRINCIPAL, grace=Grace(),
        principal_minor=contract.principal_minor * number,
    )  # fmt: skip
    rows = replace(equal, calendar=None, annual_rate=Fraction(0))
    agreed = tuple(
        CustomInstalment(row.due, row.owed.principal) for row in preview(rows).instalments
    )
    same = replace(equal, custom=agreed)
    events = [paid_out(equal), *data.draw(repayments(equal))]
    for day in (equal.start, equal.start + LATER):
        assert fold(same, events, day) == fold(equal, events, day)
