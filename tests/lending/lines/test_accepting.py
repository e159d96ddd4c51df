"""A draw without room is refused in words, and nothing changes; what makes no sense as well."""

from dataclasses import replace
from fractions import Fraction

import pytest

from tests.lending.lines.made_lines import (
    BY_BALANCE,
    BY_DRAW,
    TERMS,
    asked,
    day,
    limited,
    paid,
    returned,
    settled,
)
from tradeline.kernel.findings import InputProblem
from tradeline.lending.lines.accepting import accepted
from tradeline.lending.lines.agreement import LineAgreement, MinimumPayment, SeparateDraws
from tradeline.lending.lines.events import Cancellation, DrawEvent, Freeze, Release
from tradeline.lending.lines.fold import fold_line, preview
from tradeline.lending.loan.contract import Family
from tradeline.lending.loan.events import (
    CreditBalanceRefund,
    Disbursement,
    Event,
    InterestPause,
    RateChange,
    Reschedule,
    Reversal,
)

DRAWN = (asked("A", 0, 700_000), settled("A", 1))


def on(number: int, kind: type[Event]) -> Event:
    return kind(value_date=day(number), entered_on=day(number))


def refused(*events: Event, agreement: LineAgreement = BY_DRAW) -> tuple[str, str]:
    """The code of the refusal of the last event, and what is said."""
    *before, last = events
    with pytest.raises(InputProblem) as caught:
        accepted(agreement, before, last)
    (finding,) = caught.value.findings
    return finding.code, finding.line()


def test_a_draw_above_the_limit_is_refused() -> None:
    assert refused(*DRAWN, asked("B", 5, 300_001)) == (
        "above-limit",
        "error: line: A draw of 300001 is above what is available on 2026-01-10: 300000. "
        "Ask for less, or raise the limit first.",
    )
    assert len(accepted(BY_DRAW, DRAWN, asked("B", 5, 300_000))) == 3


def test_what_is_held_is_not_available_and_comes_back_with_a_return() -> None:
    held = asked("A", 0, 700_000)
    assert refused(held, asked("B", 0, 300_001))[0] == "above-limit"
    assert accepted(BY_DRAW, (held, returned("A", 2)), asked("B", 2, 1_000_000))


def test_repaid_principal_may_be_drawn_again_but_not_interest() -> None:
    """Ten days of 7,000.00 at 12 % cost 23.01."""
    events = (*DRAWN, paid(11, 102_301))
    assert accepted(BY_DRAW, events, asked("B", 11, 400_000))
    assert refused(*events, asked("B", 11, 400_001))[0] == "above-limit"


def test_a_draw_is_asked_for_until_the_last_day_and_not_after() -> None:
    agreement = replace(BY_DRAW, expiry=day(30))
    assert accepted(agreement, (), asked("A", 30, 1))
    assert refused(asked("A", 31, 1), agreement=agreement) == (
        "line-expired",
        "error: line: The line has expired on 2026-02-05. Agree on a new line.",
    )


def test_a_frozen_line_is_drawn_again_once_it_is_released() -> None:
    frozen = on(3, Freeze)
    assert refused(frozen, asked("A", 3, 1)) == (
        "line-frozen",
        "error: line: The line is frozen on 2026-01-08. Ask again once it is released.",
    )
    assert accepted(BY_DRAW, (frozen, on(6, Release)), asked("A", 6, 1))


def test_a_cancelled_line_stays_so() -> None:
    assert refused(on(3, Cancellation), on(4, Release), asked("A", 5, 1)) == (
        "line-cancelled",
        "error: line: The line is cancelled on 2026-01-10. Agree on a new line.",
    )


def test_a_draw_that_was_asked_for_before_a_freeze_or_a_cut_is_still_settled() -> None:
    events = (asked("A", 0, 700_000), on(1, Freeze), limited(1, 100_000))
    state = fold_line(BY_DRAW, accepted(BY_DRAW, events, settled("A", 3)), day(3))
    assert state.now.drawn_minor == 700_000


def test_a_back_dated_draw_needs_room_on_each_day_since() -> None:
    events = (asked("A", 10, 900_000), settled("A", 10), paid(20, 500_000))
    assert refused(*events, asked("B", 2, 200_000)) == (
        "above-limit",
        "error: line: A draw of 200000 is above what is available on 2026-01-15: 100000. "
        "Ask for less, or raise the limit first.",
    )
    assert accepted(BY_DRAW, events, asked("B", 2, 100_000))


OTHER = Disbursement(value_date=day(2), entered_on=day(2), amount_minor=1)
EASED = Reschedule(value_date=day(2), entered_on=day(2), from_due=day(32))


def of_draw(number: int, event: Event, name: str = "A") -> DrawEvent:
    return DrawEvent(value_date=day(number), entered_on=day(number), draw=name, event=event)


NONSENSE = {
    "not-of-a-line": (OTHER,),
    "bad-amount": (paid(1, 0),),
    "bad-limit": (limited(1, -1),),
    "negative-rate": (RateChange(value_date=day(1), entered_on=day(1), annual_rate=Fraction(-1)),),
    "before-line": (asked("A", -1, 1),),
    "draw-twice": (*DRAWN, asked("A", 3, 1)),
    "no-such-draw": (settled("A", 1),),
    "returned-before": (asked("A", 0, 1), returned("A", 1), settled("A", 2)),
    "not-of-a-draw": (*DRAWN, of_draw(2, OTHER)),
    "two-days": (*DRAWN, of_draw(3, EASED)),
    "no-such-event": (Reversal(value_date=day(1), entered_on=day(1), of=0),),
    "reversed-reversal": (
        paid(1, 5),
        Reversal(value_date=day(1), entered_on=day(1), of=0),
        Reversal(value_date=day(1), entered_on=day(1), of=1),
    ),
    "reversed-twice": (
        paid(1, 5),
        Reversal(value_date=day(1), entered_on=day(1), of=0),
        Reversal(value_date=day(1), entered_on=day(1), of=0),
    ),
}


@pytest.mark.parametrize("code", NONSENSE)
def test_what_makes_no_sense_is_refused(code: str) -> None:
    found, line = refused(*NONSENSE[code])
    assert found == code
    assert line.endswith(".")


def test_a_draw_cannot_be_settled_once_its_request_is_taken_back() -> None:
    back = Reversal(value_date=day(2), entered_on=day(2), of=0)
    assert refused(*DRAWN, back) == (
        "no-such-draw",
        "error: line: Draw 'A' was not asked for by 2026-01-06. Enter its request first.",
    )


def test_nothing_happens_to_a_draw_that_is_not_settled() -> None:
    assert refused(asked("A", 0, 5), of_draw(2, EASED)) == (
        "no-such-draw",
        "error: line: Draw 'A' was not settled by 2026-01-07. Enter its settlement first.",
    )


def test_terms_that_are_known_ahead_are_entered_after_the_settlement() -> None:
    pause = InterestPause(value_date=day(9), entered_on=day(0), until=day(12))
    event = DrawEvent(value_date=day(9), entered_on=day(0), draw="A", event=pause)
    assert refused(*DRAWN, event) == (
        "no-such-draw",
        "error: line: Draw 'A' was not settled by 2026-01-05. Enter its settlement first.",
    )


def test_a_line_before_its_first_day_has_all_of_its_limit() -> None:
    assert fold_line(BY_DRAW, (), day(-5)).now.available_minor == 1_000_000


def test_the_draws_of_one_balance_have_no_events_of_their_own() -> None:
    assert refused(*DRAWN, of_draw(2, EASED), agreement=BY_BALANCE) == (
        "one-balance",
        "error: line: event 3: the draws of this line are one balance. Enter it for the line.",
    )


def test_terms_of_one_draw_can_be_eased() -> None:
    later = Reschedule(
        value_date=day(2), entered_on=day(2), from_due=day(32), principal_grace_periods=2
    )
    events = accepted(BY_DRAW, DRAWN, of_draw(2, later))
    (draw,) = fold_line(BY_DRAW, events, day(2)).draws
    assert draw.loan is not None
    assert [row.owed.principal > 0 for row in draw.loan.instalments] == [False] * 2 + [True] * 6


def test_money_given_back_beyond_what_was_too_much_is_drawn_again() -> None:
    back = CreditBalanceRefund(value_date=day(3), entered_on=day(3), amount_minor=500)
    for agreement in (BY_DRAW, BY_BALANCE):
        state = fold_line(agreement, accepted(agreement, (paid(2, 400),), back), day(3))
        assert (state.overpaid_minor, state.now.drawn_minor) == (0, 100)


def test_a_preview_above_the_limit_is_refused() -> None:
    with pytest.raises(InputProblem, match="1000001 is more than the limit of 1000000"):
        preview(BY_DRAW, 1_000_001, day(0))


BAD_TERMS = {
    "The currency is none.": replace(BY_DRAW, currency="XXX"),
    "A limit must be above zero.": replace(BY_DRAW, limit_minor=0),
    "The rate is below zero.": replace(BY_BALANCE, annual_rate=Fraction(-1)),
    "The line expires before it starts.": replace(BY_DRAW, expiry=day(-1)),
    "Bills need a period of at least one.": replace(BY_DRAW, every=0),
    "A minimum payment is a share": replace(
        BY_BALANCE, repayment=MinimumPayment(Fraction(2), 0, 20)
    ),
    "A minimum payment of nothing": replace(
        BY_BALANCE, repayment=MinimumPayment(Fraction(0), 0, 20)
    ),
    "Days to pay and days of grace": replace(
        BY_BALANCE, repayment=MinimumPayment(Fraction(1), 0, -1)
    ),
    "Interest on a line follows day by day": replace(
        BY_DRAW, repayment=SeparateDraws(replace(TERMS, family=Family.CUMULATIVE))
    ),
    "A draw has no down payment.": replace(
        BY_DRAW, repayment=SeparateDraws(replace(TERMS, down_payment=Fraction(1, 10)))
    ),
    "A balloon in minor units": replace(
        BY_DRAW, repayment=SeparateDraws(replace(TERMS, balloon_minor=1))
    ),
}


@pytest.mark.parametrize("message", BAD_TERMS)
def test_terms_that_make_no_line_are_told(message: str) -> None:
    with pytest.raises(InputProblem, match=message):
        fold_line(BAD_TERMS[message], (), day(0))
