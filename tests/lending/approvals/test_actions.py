"""Which events need two people, and by how much, under which rules."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from tests.lending.lines.made_lines import (
    BY_DRAW,
    START,
    TERMS,
    asked,
    day,
    limited,
    paid,
    settled,
)
from tradeline.kernel.findings import InputProblem
from tradeline.lending.approvals.actions import (
    Kind,
    SendBack,
    Stake,
    line_action,
    loan_action,
    needing_two,
    send_back_action,
)
from tradeline.lending.approvals.rules import checked_rules, read_rules
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.lines.events import DrawEvent
from tradeline.lending.loan.contract import ChargeBase, ChargeKind
from tradeline.lending.loan.events import (
    Charge,
    ChargeOff,
    CreditBalanceRefund,
    DelinquencyPause,
    Disbursement,
    Event,
    InterestPause,
    PercentCharge,
    Reage,
    Reamortisation,
    Reschedule,
    Reversal,
    WriteOff,
)

RULES = read_rules("term loan", "CNY", START)
LENIENT = replace(
    RULES, write_off_above_minor=600_000, waiver_above_minor=5_000, refund_above_minor=1_000,
    limit_raise_above_minor=50_000, reschedule=False, back_date_beyond_days=30,
)  # fmt: skip
CONTRACT = replace(TERMS, principal_minor=500_000)
FEE = Charge(value_date=day(20), entered_on=day(20), kind=ChargeKind.FEE, amount_minor=5_000)
PERCENT = PercentCharge(
    value_date=day(20), entered_on=day(20), kind=ChargeKind.PENALTY, rate=Fraction(1, 50),
    base=ChargeBase.PRINCIPAL,
)  # fmt: skip
HISTORY = (
    Disbursement(value_date=START, entered_on=START, amount_minor=500_000), FEE, PERCENT
)  # fmt: skip


def on(number: int, kind: type[Event], **more: object) -> Event:
    return kind(value_date=day(number), entered_on=day(number), **more)  # type: ignore[arg-type]


def stakes(event: Event) -> list[Stake]:
    return list(loan_action("loan_1", CONTRACT, HISTORY, event).stakes)


EASED = [
    on(40, Reschedule, from_due=day(59), principal_grace_periods=1),
    on(40, Reage, first_due=day(90), frequency=Frequency.MONTHS, every=1, instalments=12),
    on(40, Reamortisation),
    on(40, InterestPause, until=day(60)),
    on(40, DelinquencyPause, until=day(60)),
]


@pytest.mark.parametrize("event", EASED, ids=lambda event: type(event).__name__)
def test_eased_terms_need_two_people_where_the_product_says_so(event: Event) -> None:
    action = loan_action("loan_1", CONTRACT, HISTORY, event)
    assert needing_two(RULES, action) == (Stake(Kind.RESCHEDULE),)
    assert needing_two(LENIENT, action) == ()


@pytest.mark.parametrize("kind", [WriteOff, ChargeOff])
def test_a_loss_is_all_that_is_owed(kind: type[Event]) -> None:
    (stake,) = stakes(on(40, kind))
    assert stake.kind is Kind.WRITE_OFF
    assert stake.size > 515_000


def test_taking_a_charge_back_waives_it() -> None:
    assert stakes(on(20, Reversal, of=1)) == [Stake(Kind.WAIVER, 5_000)]
    assert stakes(on(20, Reversal, of=2)) == [Stake(Kind.WAIVER, 10_000)]
    assert stakes(on(25, Reversal, of=1))[1] == Stake(Kind.BACK_DATE, 5)


def test_a_payment_needs_nobody_else_unless_it_is_back_dated_far() -> None:
    assert stakes(paid(40, 10)) == []
    for days, needed in ((3, False), (4, True)):
        late = replace(paid(30, 10), entered_on=day(30 + days))
        action = loan_action("loan_1", CONTRACT, HISTORY, late)
        assert (needing_two(RULES, action) != ()) is needed


def test_a_reversal_reaches_back_to_what_it_takes_back() -> None:
    history = (*HISTORY, paid(2, 100))
    action = loan_action("loan_1", CONTRACT, history, on(40, Reversal, of=3))
    assert action.stakes == (Stake(Kind.BACK_DATE, 38),)


def test_a_refund_and_a_loss_count_from_their_amount() -> None:
    refund = on(40, CreditBalanceRefund, amount_minor=1_000)
    action = loan_action("loan_1", CONTRACT, HISTORY, refund)
    assert needing_two(RULES, action) == (Stake(Kind.REFUND, 1_000),)
    assert needing_two(LENIENT, action) == ()


def test_raising_a_limit_needs_two_people_and_cutting_it_does_not() -> None:
    raised = line_action("line_1", BY_DRAW, (), limited(3, 1_050_001))
    assert needing_two(LENIENT, raised) == (Stake(Kind.LIMIT_RAISE, 50_001),)
    again = line_action("line_1", BY_DRAW, (limited(2, 1_040_000),), limited(3, 1_050_001))
    assert needing_two(LENIENT, again) == ()
    cut = line_action("line_1", BY_DRAW, (), limited(3, 1))
    assert needing_two(RULES, cut) == ()
    taken_back = line_action("line_1", BY_DRAW, (limited(3, 1),), on(3, Reversal, of=0))
    assert needing_two(RULES, taken_back) == (Stake(Kind.LIMIT_RAISE, 999_999),)


def test_what_happens_to_one_draw_needs_two_people_as_for_a_loan() -> None:
    history = (asked("A", 0, 400_000), settled("A", 0))
    loss = on(40, WriteOff)
    event = DrawEvent(value_date=day(40), entered_on=day(40), draw="A", event=loss)
    (stake,) = line_action("line_1", BY_DRAW, history, event).stakes
    assert stake.kind is Kind.WRITE_OFF
    assert stake.size > 400_000


def test_money_given_back_and_fees_waived_on_a_line_count_too() -> None:
    fee = replace(FEE, value_date=day(40), entered_on=day(40))
    waived = line_action("line_1", BY_DRAW, (fee,), on(40, Reversal, of=0))
    assert waived.stakes == (Stake(Kind.WAIVER, 5_000),)
    drawn = (asked("A", 0, 400_000), settled("A", 0))
    percent = replace(PERCENT, value_date=day(40), entered_on=day(40))
    charged = DrawEvent(value_date=day(40), entered_on=day(40), draw="A", event=percent)
    waived = line_action("line_1", BY_DRAW, (*drawn, charged), on(40, Reversal, of=2))
    assert waived.stakes == (Stake(Kind.WAIVER, 8_000),)
    back = line_action("line_1", BY_DRAW, (paid(4, 9),), on(4, CreditBalanceRefund, amount_minor=9))
    assert back.stakes == (Stake(Kind.REFUND, 9),)


def test_an_action_that_makes_no_sense_is_not_proposed() -> None:
    with pytest.raises(InputProblem, match="takes back an event that was not entered before it"):
        loan_action("loan_1", CONTRACT, HISTORY, on(40, Reversal, of=7))


def test_money_in_suspense_goes_back_by_two_people_above_what_is_stated() -> None:
    back = on(
        40, SendBack, payment="back-1", amount_minor=900, currency="CNY", creditor="Somebody",
        creditor_number="GB82WEST12345698765432", creditor_bank="",
    )  # fmt: skip
    assert isinstance(back, SendBack)
    action = send_back_action("movement DE89 BK1", back)
    assert needing_two(RULES, action) == (Stake(Kind.SEND_BACK, 900),)
    assert needing_two(replace(RULES, send_back_above_minor=900), action) == ()
    other = replace(back, creditor_number="DE89370400440532013000")
    assert send_back_action("movement DE89 BK1", other).fingerprint != action.fingerprint


def test_rules_are_dated_and_refuse_what_makes_no_sense() -> None:
    assert RULES.back_date_beyond_days == 3
    with pytest.raises(InputProblem, match="has no value on 2019-12-31"):
        read_rules("term loan", "CNY", date(2019, 12, 31))
    with pytest.raises(InputProblem, match="a proposal stands for no day"):
        checked_rules(replace(RULES, stands_for_days=0))
