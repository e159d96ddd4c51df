from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from tests.lending.loan.plain_loan import FEBRUARY, LOAN, START, on, paid, paid_out
from tradeline.kernel.findings import InputProblem
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.loan.contract import Contract, Family, Grace, InterestMethod, Recalculation
from tradeline.lending.loan.events import (
    ChargeOff,
    Disbursement,
    Event,
    InterestPause,
    Payoff,
    RateChange,
    Reage,
    Reversal,
    WriteOff,
)
from tradeline.lending.loan.fold import fold, preview

BEFORE = date(2023, 12, 31)
FLAT = replace(LOAN, interest=InterestMethod.FLAT)


@pytest.mark.parametrize(
    ("contract", "code", "message", "remedy"),
    [
        (replace(LOAN, currency="XXY"), "unknown-currency",
         "'XXY' is no currency.", "Write its ISO 4217 code, such as CNY."),
        (replace(LOAN, principal_minor=-5), "no-principal",
         "A principal of -5 is none.", "State an amount above zero."),
        (replace(LOAN, annual_rate=Fraction(-1, 100)), "negative-rate",
         "The rate is below zero.", "State a rate from 0 on."),
        (replace(LOAN, every=0), "no-frequency",
         "Due dates every 0 months are none.", "State a whole number from 1 on."),
        (replace(LOAN, instalments=None), "no-instalments",
         "Neither the number of instalments nor the instalment is stated.", "State one of them."),
        (replace(LOAN, instalments=0), "no-instalments",
         "0 instalments are none.", "State a whole number from 1 on."),
        (replace(LOAN, instalments=3_000), "too-long",
         "3000 instalments every 1 months would run for too long.",
         "State at most 20000 instalments that end before the year 2200."),
        (replace(LOAN, fixed_instalment_minor=0), "no-instalment",
         "An instalment of nothing pays nothing back.", "State an amount above zero."),
        (replace(LOAN, first_due=START), "first-due",
         "The first due date, 2024-01-01, is not after the start, 2024-01-01.",
         "State a later day."),
        (replace(LOAN, down_payment=Fraction(1)), "down-payment",
         "A down payment is a part of the loan below all of it.",
         "State a share from 0 to below 1."),
        (replace(LOAN, balloon_minor=120_001), "balloon",
         "The balloon is no part of the principal.", "State an amount from 0 to the principal."),
        (replace(LOAN, grace=Grace(principal_periods=3)), "grace",
         "Of 3 instalments 3 cannot be without principal.",
         "Leave at least one that pays it back."),
        (replace(LOAN, grace=Grace(interest_deferred_periods=3)), "grace",
         "Of 3 instalments 3 cannot defer their interest.", "Leave at least one that pays it."),
        (replace(FLAT, family=Family.PROGRESSIVE), "flat-progressive",
         "A progressive schedule follows the balance; flat interest does not.",
         "Take a cumulative schedule, or a declining balance."),
        (replace(FLAT, recalculation=Recalculation()), "flat-recalculated",
         "Flat interest does not follow what is paid.",
         "Leave recalculation out, or take a declining balance."),
        (replace(FLAT, instalments=None, fixed_instalment_minor=100), "open-end",
         "Such a schedule needs a number of instalments.", "State it."),
    ],
)  # fmt: skip
def test_terms_of_which_no_schedule_can_be_made_are_refused(
    contract: Contract, code: str, message: str, remedy: str
) -> None:
    with pytest.raises(InputProblem) as refused:
        preview(contract)
    found = refused.value.findings[0]
    assert (found.code, found.message, found.remedy) == (code, message, remedy)


def test_a_first_refusal_does_not_hide_the_others() -> None:
    with pytest.raises(InputProblem) as refused:
        preview(replace(LOAN, principal_minor=0, every=0))
    assert [found.code for found in refused.value.findings] == ["no-principal", "no-frequency"]


def reversal(of: int) -> Reversal:
    return on(Reversal, FEBRUARY, of=of)


MORE = on(Disbursement, FEBRUARY, amount_minor=5_000)
REAGE = {"frequency": Frequency.MONTHS, "every": 1, "instalments": 2}


@pytest.mark.parametrize(
    ("events", "code", "message", "remedy"),
    [
        ([paid(FEBRUARY, -1)], "bad-amount", "event 2: an amount of -1 is none.",
         "State an amount above zero; take a mistake back by a reversal."),
        ([replace(paid(FEBRUARY, 0), reference="wire 7")], "bad-amount",
         "wire 7: an amount of 0 is none.",
         "State an amount above zero; take a mistake back by a reversal."),
        ([paid(BEFORE, 1)], "before-contract",
         "event 2 counts from 2023-12-31, before the contract of 2024-01-01.", "Correct the day."),
        ([on(RateChange, FEBRUARY, annual_rate=Fraction(-1, 100))], "negative-rate",
         "event 2: the rate is below zero.", "State a rate from 0 on."),
        ([on(InterestPause, FEBRUARY, until=FEBRUARY)], "bad-pause",
         "event 2: a pause until 2024-02-01 does not begin.", "State a day after its begin."),
        ([on(Reage, FEBRUARY, first_due=FEBRUARY, **REAGE)], "bad-reage",
         "event 2: new instalments need a number, a frequency and a first due date after the day.",
         "Correct them."),
        ([reversal(1)], "no-such-event",
         "event 2 takes back an event that was not entered before it.", "Name an earlier one."),
        ([paid(FEBRUARY, 1), reversal(1), reversal(2)], "reversed-reversal",
         "event 4 takes back a reversal.", "Enter what was taken back once more."),
        ([paid(FEBRUARY, 1), reversal(1), reversal(1)], "reversed-twice",
         "event 4 takes back what was taken back before.", "Leave it out."),
        ([on(ChargeOff, FEBRUARY), on(ChargeOff, FEBRUARY)], "charged-off-twice",
         "The loan is charged off on 2024-02-01, and was on 2024-02-01.",
         "Leave it out, or take the first back."),
        ([on(ChargeOff, date(2024, 1, 9)), MORE], "paid-out-after-loss",
         "Money is paid out on 2024-02-01, and the loan was taken as lost on 2024-01-09.",
         "Agree on a new contract."),
        ([MORE, on(WriteOff, START)], "paid-out-after-loss",
         "Money is paid out on 2024-02-01, and the loan was taken as lost on 2024-01-01.",
         "Agree on a new contract."),
        ([on(Payoff, date(2024, 1, 9)), MORE], "paid-off",
         "The loan was paid off before 2024-02-01, and its schedule is closed.",
         "Agree on a new contract."),
    ],
)  # fmt: skip
def test_events_that_make_no_sense_are_refused(
    events: list[Event], code: str, message: str, remedy: str
) -> None:
    with pytest.raises(InputProblem) as refused:
        fold(LOAN, [paid_out(), *events], FEBRUARY)
    (found,) = refused.value.findings
    assert (found.code, found.message, found.remedy) == (code, message, remedy)


def test_a_loss_that_was_taken_back_is_none() -> None:
    events = [
        paid_out(),
        on(ChargeOff, date(2024, 1, 9)),
        reversal(1),
        MORE,
        on(ChargeOff, FEBRUARY),
    ]
    assert fold(LOAN, events, FEBRUARY).charged_off_on == FEBRUARY
