"""What holds of every line, whatever its terms and whatever happened."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from tests.lending.lines.made_lines import (
    BY_BALANCE,
    BY_DRAW,
    FEW,
    START,
    asked,
    day,
    entered,
    limited,
    lines,
    paid,
    returned,
    settled,
)
from tradeline.lending.bookings.chart import Account
from tradeline.lending.bookings.entries import postings
from tradeline.lending.lines.agreement import LineAgreement
from tradeline.lending.lines.events import DrawEvent, DrawRequest, DrawSettlement, LimitChange
from tradeline.lending.lines.fold import fold_line, payoff_quote, preview
from tradeline.lending.lines.state import DrawStatus, LineState
from tradeline.lending.loan.amounts import NOTHING, Amounts
from tradeline.lending.loan.events import Disbursement, Event, Payoff, Repayment, Reversal
from tradeline.lending.loan.fold import fold
from tradeline.lending.loan.state import TransactionKind

END = day(420)
DAYS = st.integers(0, 250)
Line = tuple[LineAgreement, tuple[Event, ...]]


def standing(state: LineState) -> object:
    """All of a state but which event did what."""
    loans = {
        draw.name: (draw.loan.instalments, draw.loan.totals, draw.loan.overpaid)
        for draw in state.draws if draw.loan
    }  # fmt: skip
    return state.now, loans, state.bills, state.overpaid_minor, state.delinquency, state.course


def money(state: LineState) -> list[object]:
    return [
        (made.on, made.amount_minor, made.parts, made.of_draws, made.overpayment_minor)
        for made in state.transactions if made.kind is TransactionKind.REPAYMENT
    ]  # fmt: skip


@FEW
@given(lines())
def test_available_drawn_and_held_are_the_limit_in_force(line: Line) -> None:
    agreement, events = line
    state = fold_line(agreement, events, END)
    for limits in (*state.course, state.now):
        limit = max(
            (event for event in events
             if isinstance(event, LimitChange) and event.value_date <= limits.on),
            key=lambda event: event.value_date,
            default=None,
        )  # fmt: skip
        in_force = agreement.limit_minor if limit is None else limit.limit_minor
        total = limits.available_minor + limits.drawn_minor + limits.held_minor
        assert total == limits.limit_minor
        if len([e for e in events if isinstance(e, LimitChange)]) < 2:
            assert limits.limit_minor == in_force
        assert limits.drawn_minor >= 0 <= limits.held_minor


@FEW
@given(lines())
def test_what_is_drawn_was_settled_and_neither_paid_back_nor_lost(line: Line) -> None:
    agreement, events = line
    state = fold_line(agreement, events, END)
    drawn = sum(draw.amount_minor for draw in state.draws if draw.status is DrawStatus.SETTLED)
    gone = (TransactionKind.REPAYMENT, TransactionKind.WRITE_OFF)
    back = sum(made.parts.principal for made in state.transactions if made.kind in gone)
    assert state.now.drawn_minor == drawn - back
    held = sum(draw.amount_minor for draw in state.draws if draw.status is DrawStatus.HELD)
    assert state.now.held_minor == held


@FEW
@given(lines())
def test_each_payment_is_what_it_went_to(line: Line) -> None:
    state = fold_line(*line, END)
    for made in state.transactions:
        assert made.amount_minor == made.parts.total + made.overpayment_minor
        of_draws = sum((parts for _, parts in made.of_draws), NOTHING)
        own = made.parts - of_draws
        assert min(own.principal, own.interest, own.fees, own.penalties) >= 0
    paid_in = sum(event.amount_minor for event in line[1] if isinstance(event, Repayment))
    assert paid_in == sum(made.amount_minor for made in state.transactions
                          if made.kind is TransactionKind.REPAYMENT)  # fmt: skip


@FEW
@given(lines())
def test_the_line_and_its_loans_book_what_the_line_shows(line: Line) -> None:
    """Each transaction once, what is drawn as a receivable, what is too much as a debt."""
    state = fold_line(*line, END)
    shown, booked = Counter[TransactionKind](), Counter[TransactionKind]()
    for made in state.transactions:
        shown[made.kind] += made.amount_minor
    of_loans = [each for draw in state.draws if draw.loan for each in draw.loan.transactions]
    money = [each for each in of_loans if each.kind is not TransactionKind.ACCRUAL]
    balances = Counter[Account]()
    for each in (*state.own, *money):
        booked[each.kind] += each.amount
        for posting in postings(each):
            balances[posting.account] += posting.amount_minor
    assert booked == shown
    assert balances[Account.LOANS_RECEIVABLE] == state.now.drawn_minor
    assert balances[Account.OVERPAYMENTS] == -state.overpaid_minor
    paid_in = sum(event.amount_minor for event in line[1] if isinstance(event, Repayment))
    assert balances[Account.CLEARING] == paid_in - shown[TransactionKind.DISBURSEMENT]
    income = sum(posting.amount_minor for own in state.own for posting in postings(own)
                 if posting.account is Account.INCOME_RECEIVABLE)  # fmt: skip
    assert income == sum(row.open.cost for row in state.bills)


@FEW
@given(lines(), st.integers(1, 300))
def test_a_payoff_leaves_nothing_owed(line: Line, number: int) -> None:
    agreement, events = line
    quote = payoff_quote(agreement, events, day(number))
    payoff = Payoff(value_date=day(number), entered_on=day(number))
    state = fold_line(agreement, [*events, payoff], day(number))
    assert state.now.drawn_minor == 0
    assert all(row.open == NOTHING for row in state.bills)
    assert quote.overpayment_minor == 0
    if quote.amount_minor:
        in_words = replace(paid(number, quote.amount_minor))
        again = fold_line(agreement, [*events, in_words], day(number))
        assert again.now == state.now
        assert again.overpaid_minor == state.overpaid_minor


@FEW
@given(lines(), DAYS, st.integers(1, 800_000), st.data())
def test_a_payment_in_two_parts_is_the_same_payment(
    line: Line, number: int, amount: int, data: DataObject
) -> None:
    agreement, events = line
    first = data.draw(st.integers(1, max(amount - 1, 1)))
    parts = [paid(number, part) for part in (first, amount - first) if part]
    whole = fold_line(agreement, [*events, paid(number, max(amount, 1))], END)
    split = fold_line(agreement, [*events, *parts], END)
    assert standing(split) == standing(whole)


@FEW
@given(lines(), DAYS, st.integers(1, 800_000))
def test_a_payment_reversed_and_entered_anew_is_as_if_it_stood(
    line: Line, number: int, amount: int
) -> None:
    agreement, events = line
    payment, late = paid(number, amount), day(number + 9)
    mistake = Reversal(value_date=late, entered_on=late, of=len(events))
    without = fold_line(agreement, events, END)
    assert fold_line(agreement, [*events, payment, mistake], END) == without
    anew = fold_line(agreement, [*events, payment, mistake, payment], END)
    stood = fold_line(agreement, [*events, payment], END)
    assert (standing(anew), money(anew)) == (standing(stood), money(stood))


@FEW
@given(lines(), st.data())
def test_what_is_entered_late_is_as_if_entered_in_time(line: Line, data: DataObject) -> None:
    agreement, events = line
    shuffled = [_entered_late(event) for event in data.draw(st.permutations(events))]
    stable = sorted(shuffled, key=_keeps_its_turn)
    in_turn = [_entered_late(event) for event in events]
    found, expected = fold_line(agreement, stable, END), fold_line(agreement, in_turn, END)
    assert standing(found) == standing(expected)


def _entered_late(event: Event) -> Event:
    if isinstance(event, DrawEvent):
        return replace(event, entered_on=END, event=replace(event.event, entered_on=END))
    return replace(event, entered_on=END)


def _keeps_its_turn(event: Event) -> tuple[bool, date]:
    """Only draws and payments are shuffled: of two limits of one day the later entry holds."""
    moves = isinstance(event, DrawRequest | DrawSettlement | Repayment)
    return (True, date.min) if moves else (False, event.value_date)


@FEW
@given(lines())
def test_a_day_more_changes_no_past(line: Line) -> None:
    agreement, events = line
    known = [event for event in events if event.value_date <= day(100)]
    until = fold_line(agreement, known, day(100))
    after = fold_line(agreement, known, day(101))
    assert [made for made in after.transactions if made.on <= day(100)] == list(until.transactions)
    assert after.course[: len(until.course)] == until.course


@FEW
@given(st.lists(st.tuples(st.integers(1, 200), st.integers(1, 300_000)), max_size=4))
def test_a_single_draw_is_the_loan_that_it_would_be(payments: Sequence[tuple[int, int]]) -> None:
    """The slow way: the loan by itself, which has all that is not a fee."""
    agreement = replace(BY_DRAW, commitment_fee=None)
    amount = 900_000
    line: list[Event] = [asked("A", 3, amount), settled("A", 5)]
    line += [paid(5 + number, part) for number, part in payments]
    state = fold_line(agreement, line, END)
    out = Disbursement(value_date=day(5), entered_on=day(5), amount_minor=amount)
    contract = agreement.draw_contract(amount, day(5), agreement.annual_rate)
    loan = fold(contract, [out, *line[2:]], END)
    assert state.draws[0].loan is not None
    assert state.draws[0].loan.totals == loan.totals
    assert [row.paid for row in state.draws[0].loan.instalments] == [
        row.paid for row in loan.instalments
    ]
    assert state.overpaid_minor == loan.overpaid


def test_a_payment_goes_to_what_is_due_first_and_then_to_the_oldest_draw() -> None:
    """A is due on its 31st day, B two days later; each asks for a sixth and a month's interest."""
    events = [asked("B", 3, 200_000), settled("B", 3), asked("A", 0, 300_000), settled("A", 1)]
    state = fold_line(BY_DRAW, [*events, paid(36, 50_000)], day(36))
    (bill,) = (made for made in state.transactions if made.kind is TransactionKind.REPAYMENT)
    assert [name for name, _ in bill.of_draws] == ["A"]
    later = fold_line(BY_DRAW, [*events, paid(36, 90_000)], day(36))
    assert [name for name, _ in later.transactions[-1].of_draws] == ["A", "B"]


def test_a_returned_draw_was_held_and_never_drawn() -> None:
    events = [asked("A", 0, 400_000), settled("A", 2), paid(4, 10_000), returned("A", 6)]
    before = fold_line(BY_DRAW, events, day(5))
    assert (before.now.drawn_minor, before.now.held_minor) == (400_000 - 10_000 + 263, 0)
    after = fold_line(BY_DRAW, events, day(6))
    assert (after.now.drawn_minor, after.now.held_minor) == (0, 0)
    assert after.overpaid_minor == 10_000
    assert [limits.held_minor for limits in after.course] == [400_000, 400_000, 400_000, 0]


def test_a_payment_that_came_back_may_leave_a_line_above_its_limit() -> None:
    events = entered(
        BY_DRAW,
        [asked("A", 0, 1_000_000), settled("A", 0), paid(10, 500_000), asked("B", 11, 400_000),
         settled("B", 11), Reversal(value_date=day(12), entered_on=day(12), of=2)],
    )  # fmt: skip
    assert len(events) == 6
    state = fold_line(BY_DRAW, events, day(12))
    assert state.now.available_minor == -400_000
    assert state.now.drawable_minor == 0


def test_a_cut_below_what_is_drawn_leaves_it_drawn() -> None:
    events = [asked("A", 0, 800_000), settled("A", 0), limited(3, 500_000)]
    state = fold_line(BY_DRAW, events, day(3))
    assert (state.now.limit_minor, state.now.available_minor) == (500_000, -300_000)


def test_a_preview_of_a_draw_is_its_schedule() -> None:
    state = preview(BY_DRAW, 600_000, START)
    assert state.draws[0].loan is not None
    rows = state.draws[0].loan.instalments
    assert len(rows) == 6
    assert sum(row.owed.principal for row in rows) == 600_000


def test_a_preview_of_a_balance_pays_what_each_bill_asks_for() -> None:
    state = preview(BY_BALANCE, 100_000, START)
    assert sum(row.owed.principal for row in state.bills) == 100_000
    assert all(row.open == NOTHING for row in state.bills)
    assert state.bills[0].owed == Amounts(10_000, 1_019, 775)
    assert [row.due.day for row in state.bills] == [25] * len(state.bills)
    assert state.bills[0].due == START + timedelta(days=31 + 20)
