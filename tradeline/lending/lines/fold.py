"""The fold of a line: agreement and events, day by day, to the state on a day.

Preview, statement and payoff quote all call `fold_line`. An event entered late counts from its own
day, a reversed one never was. Whether a draw may be asked for is decided when it is entered
(`accepting`), by what was known then: once its money moved, what is learned later, such as a
payment that came back, may leave a line drawn beyond its limit, and then it is shown so.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import count, takewhile

from tradeline.kernel.findings import problem
from tradeline.lending.dates.day_counts import Period
from tradeline.lending.dates.due_dates import due_date
from tradeline.lending.lines.agreement import WHERE, LineAgreement, MinimumPayment, check_agreement
from tradeline.lending.lines.checks import check_events
from tradeline.lending.lines.events import DrawEvent, DrawRequest, DrawReturn, DrawSettlement
from tradeline.lending.lines.happening import RANKS, Draw, Line
from tradeline.lending.lines.loans import DrawLoans
from tradeline.lending.lines.state import DrawState, LineState, LineTransaction
from tradeline.lending.loan.amounts import NOTHING
from tradeline.lending.loan.delinquency import delinquency
from tradeline.lending.loan.events import Event, Payoff, RateChange, Repayment, counts_from
from tradeline.lending.loan.state import Delinquency, TransactionKind
from tradeline.lending.loan.summary import instalments
from tradeline.lending.loan.taken_back import standing_events

Placed = tuple[int, Event]


def fold_line(agreement: LineAgreement, events: Sequence[Event], as_of: date) -> LineState:
    """The line on a day, by all events that count until then.

    InputProblem if terms or events make no sense: a draw settled that nobody asked for, an amount
    of nothing, a day before the line.
    """
    return _state(folded(agreement, events, as_of), as_of)


def payoff_quote(agreement: LineAgreement, events: Sequence[Event], on: date) -> LineTransaction:
    """What would pay all that is owed on a day, and what it would go to."""
    quote = Payoff(value_date=on, entered_on=on)
    made = fold_line(agreement, [*events, quote], on).transactions
    paid = TransactionKind.REPAYMENT
    return next(each for each in made if (each.event, each.kind) == (len(events), paid))


def preview(agreement: LineAgreement, amount_minor: int, on: date) -> LineState:
    """A single draw, and how it is repaid as agreed.

    Where each draw is a loan, its instalments are `draws[0].loan.instalments`; where bills ask for
    minimum payments, just those are made on the days on which they are due.
    """
    events: list[Event] = [
        DrawRequest(value_date=on, entered_on=on, draw="preview", amount_minor=amount_minor),
        DrawSettlement(value_date=on, entered_on=on, draw="preview"),
    ]
    state = fold_line(agreement, events, on)
    if state.now.drawn_minor > agreement.limit_minor:
        raise problem("above-limit", WHERE, f"{amount_minor} is more than the limit of "
                      f"{agreement.limit_minor}.", "Ask for less.")  # fmt: skip
    if not isinstance(agreement.repayment, MinimumPayment):
        return state
    for number in count(1):
        closing = due_date(agreement.start, agreement.frequency, agreement.every, number)
        state = fold_line(agreement, events, closing)
        open_ = sum(row.open.total for row in state.bills)
        if open_:
            due = closing + timedelta(days=agreement.repayment.days_to_pay)
            events.append(Repayment(value_date=due, entered_on=due, amount_minor=open_))
        elif closing > on and not state.now.drawn_minor:
            break
    return state


def folded(agreement: LineAgreement, events: Sequence[Event], as_of: date) -> Line:
    """The line in the making after all that counts until a day."""
    check_agreement(agreement)
    check_events(agreement, events)
    placed = standing_events(events)
    rates = [(date.min, agreement.annual_rate)]
    rates += sorted(
        ((event.value_date, event.annual_rate) for _, event in placed
         if isinstance(event, RateChange) and counts_from(event) <= as_of),
        key=lambda change: change[0],
    )  # fmt: skip
    returned = {event.draw: event.value_date for _, event in placed
                if isinstance(event, DrawReturn) and event.value_date <= as_of}  # fmt: skip
    line = Line(agreement, rates, returned)
    bills, number = set(_bill_days(agreement, as_of)), 0
    by_day = _by_day(placed, as_of)
    turns = {agreement.start, *bills, *by_day, agreement.expiry + timedelta(days=1)}
    for day in sorted(day for day in turns if day <= as_of):
        if day in bills:
            line.bill()
            number += 1
        if day in bills or day == agreement.start:
            due = due_date(agreement.start, agreement.frequency, agreement.every, number + 1)
            line.period = Period(day, due, agreement.every)
        for place, event in by_day.get(day, ()):
            line.apply(place, event)
        line.end_day(day)
    return line


def _bill_days(agreement: LineAgreement, as_of: date) -> Iterator[date]:
    days = (
        due_date(agreement.start, agreement.frequency, agreement.every, number)
        for number in count(1)
    )
    return takewhile(lambda day: day <= as_of, days)


def _by_day(placed: Sequence[Placed], as_of: date) -> dict[date, list[Placed]]:
    """Events by the day they count from, those of one day by rank, draw and entry."""
    found: dict[date, list[Placed]] = {}
    for place, event in placed:
        day = counts_from(event.event) if isinstance(event, DrawEvent) else event.value_date
        if day <= as_of:
            found.setdefault(day, []).append((place, event))
    for todays in found.values():
        todays.sort(key=_in_day)
    return found


def _in_day(pair: Placed) -> tuple[int, str, int]:
    place, event = pair
    rank = RANKS.index(type(event)) if type(event) in RANKS else len(RANKS)
    return rank, getattr(event, "draw", ""), place


def _state(line: Line, as_of: date) -> LineState:
    loans = line.owed.loans if isinstance(line.owed, DrawLoans) else {}
    for loan in loans.values():
        loan.fold_to(as_of)
    rows = sorted(line.rows, key=lambda row: row.due)
    late = [delinquency(rows, as_of, _grace_days(line.agreement))]
    late += [loan.state.delinquency for loan in loans.values()]
    line.end_day(as_of)
    return LineState(
        now=line.course.pop(),
        draws=tuple(_draw(line, name, draw) for name, draw in line.draws.items()),
        bills=instalments(rows, (), ()),
        transactions=tuple(line.transactions),
        own=tuple(line.own),
        overpaid_minor=line.overpaid,
        delinquency=_worst(late),
        course=tuple(line.course),
    )


def _grace_days(agreement: LineAgreement) -> int:
    terms = agreement.repayment
    if isinstance(terms, MinimumPayment):
        return terms.arrears_grace_days
    return terms.terms.grace.arrears_days


def _draw(line: Line, name: str, draw: Draw) -> DrawState:
    known = DrawState(name, draw.amount, draw.status, draw.requested_on, draw.settled_on)
    if not isinstance(line.owed, DrawLoans) or name not in line.owed.loans:
        return known
    loan = line.owed.loans[name]
    return DrawState(name, draw.amount, draw.status, draw.requested_on, draw.settled_on,
                     loan.contract, tuple(loan.events), loan.state)  # fmt: skip


def _worst(late: Sequence[Delinquency]) -> Delinquency:
    """A line is as late as what is latest on it."""
    since = min((each.since for each in late if each.since is not None), default=None)
    overdue = sum((each.overdue for each in late), NOTHING)
    return Delinquency(since, max(each.days for each in late), overdue)
