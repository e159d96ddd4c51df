"""One loan at the end of a day as numbers: what is open, what is earned, when to look again.

A standing is made of the fold and nothing else. It holds from its day until `wake`: until then each
day's figures follow from it without the loan's events.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from math import lcm

from tradeline.kernel.findings import problem
from tradeline.lending.bookings.chart import OF_LOANS, Account
from tradeline.lending.bookings.entries import interest_received, postings
from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.end_of_day.forbearance import NONE, Forbearance, forbearance
from tradeline.lending.end_of_day.late_days import ends_of_days
from tradeline.lending.loan.contract import Arrears, Contract, Family, Rest, Waterfall
from tradeline.lending.loan.events import DelinquencyPause, Event, counts_from
from tradeline.lending.loan.fold import folded, state_of
from tradeline.lending.loan.happening import Happening
from tradeline.lending.loan.plan import Place, Plan
from tradeline.lending.loan.rows import Row
from tradeline.lending.loan.state import LoanState, Status, Transaction, TransactionKind

ACCOUNTS = (*OF_LOANS, Account.DEFERRED_FEES)
NEVER = date.max.toordinal()
# What the figures of a day are multiplied by must leave room in 64 bits.
MOST = 2**61
REACHED_DAYS = (30, 60, 90)
LOST = (Status.CHARGED_OFF, Status.WRITTEN_OFF)
DONE = (Status.APPROVED, Status.CLOSED, Status.OVERPAID, *LOST)
NO_FOLD_FOR_ANY, NO_FOLD_FOR_WHAT_IS_DUE = 1, 2


@dataclass(frozen=True, slots=True)
class Line:
    """One instalment: what is open of it, and how its interest is earned from day to day.

    Days are ordinals. From `since` until `due` each day earns `slope` / `per`; at `due` all of
    `interest` is earned, and nothing where it counts among what was earned before.
    `penalty_parts` are the penalties of an end of day before rounding, in parts of its rate.
    """

    since: int
    due: int
    interest: int
    slope: int
    per: int
    principal: int
    income: int
    fees: int
    penalties: int
    penalised_until: int
    penalty_parts: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A loan at the end of a day; amounts in minor units, days as ordinals (0: none).

    `running_due` is the due date of the instalment that the day lies in; on any day of it
    `added` + (`begun` + days since x slope) / per of it is earned. `booked` is what the loan comes
    to on each of `ACCOUNTS`. `pours` says which payments need no fold: 1 any, 2 what falls due on
    its own day, 0 none. `reached` are the days on which it was first 30, 60 and 90 days late.
    """

    status: Status
    lines: tuple[Line, ...]
    wake: int
    pours: int
    earned_before: int
    running_due: int
    added: int
    begun: int
    booked: tuple[int, ...]
    overpaid: int
    paused_days: int
    disbursed_on: int
    disbursed: int
    interest_received: int
    reached: tuple[int, ...]
    forbearance: Forbearance


@dataclass(frozen=True, slots=True)
class _Walked:
    """A plan walked to its end: index and place before each row that may still change, by id."""

    plan: Plan
    places: Mapping[int, tuple[int, Place]]

    def follows(self, row: Row) -> bool:
        """Whether the interest of an instalment still follows what is paid."""
        return self.plan.recalculation is not None and id(row) in self.places


def _walked(plan: Plan) -> _Walked:
    if not plan.count:
        plan.walk()  # which adds instalments until nothing is left
    places, place, index = {}, plan.place, plan.index
    while index < len(plan.scheduled):
        row = plan.scheduled[index]
        after = plan.walk_row(index, place)
        places[id(row)] = index, plan.place if index == plan.index else place
        index, place = index + 1, after
    return _Walked(plan, places)


@dataclass(frozen=True, slots=True)
class _Running:
    """The instalment that a day lies in, and how it is earned (see `Standing`)."""

    row: Row
    since: date
    slope: Fraction
    added: int = 0
    begun: Fraction = Fraction(0)

    def on(self, day: date) -> Fraction:
        return self.begun + (day - self.since).days * self.slope


def standing(contract: Contract, events: Sequence[Event], on: date) -> Standing:
    """A loan at the end of a day; InputProblem if an event makes no sense.

    Events that count from a later day are known ahead, and wake the loan then.
    """
    happening = folded(contract, [*events, *ends_of_days(contract, events, on)], on)
    plan, state = happening.plan, state_of(happening, on)
    if plan.recalculation is not None:
        plan.stand_on(on)
    walked = _walked(plan)
    is_done = state.status in DONE
    running = None if is_done else _running(walked, on)
    lines = [_line(walked, row, on, running, is_done=is_done) for row in plan.rows]
    before = _interest_of_done(state) if is_done else _interest_behind(plan, on)
    earned = before
    if running:
        earned += running.added + contract.interest_rounding.minor(running.on(on))
    found = forbearance(contract, events, on)
    return _checked(
        Standing(
            status=state.status,
            lines=tuple(line for line in lines if line is not None),
            wake=min(_wake(happening, walked, events, on, state.status), found.wake),
            pours=_pours(happening, state, on) if found == NONE else 0,
            earned_before=before,
            running_due=running.row.due.toordinal() if running else 0,
            added=running.added if running else 0,
            begun=_parts(running)[0] if running else 0,
            booked=_booked(state, earned, on, happening),
            overpaid=state.overpaid,
            paused_days=_paused(happening, state, on),
            disbursed_on=state.disbursed[0].on.toordinal() if state.disbursed else 0,
            disbursed=sum(paid.amount for paid in state.disbursed),
            interest_received=sum(
                interest_received(made) for made in state.transactions if not made.reversed
            ),
            reached=tuple(_reached(plan, on, days) for days in REACHED_DAYS),
            forbearance=found,
        )
    )


def earned_when_due(found: Standing) -> Standing:
    """A loan whose interest is income when it is due: nothing of the running instalment is."""
    booked = dict(zip(ACCOUNTS, found.booked, strict=True))
    running = -booked[Account.INTEREST_INCOME] - found.earned_before
    booked[Account.INCOME_RECEIVABLE] -= running
    booked[Account.INTEREST_INCOME] += running
    return replace(found, booked=tuple(booked.values()))


# Interest.


def _running(walked: _Walked, on: date) -> _Running | None:
    plan = walked.plan
    row = next((row for row in plan.scheduled if row.period.begin <= on < row.due), None)
    if row is None:
        return None
    if not walked.follows(row):
        return _Running(row, row.period.begin, Fraction(row.interest, row.period.days))
    return _recalculated(walked, row, on)


def _recalculated(walked: _Walked, row: Row, on: date) -> _Running:
    """Slices end where the balance changes: the last one is earned in the days to come."""
    plan, (index, place) = walked.plan, walked.places[id(row)]
    until = plan.interest(index, place, on)
    then = plan.interest(index, place, _next(on))
    is_new = len(then) > len(until) or on == row.period.begin
    slope = then[-1] - (0 if is_new else until[-1])
    if plan.contract.family is Family.PROGRESSIVE:
        return _Running(row, on, slope, 0, place.carried + sum(until, Fraction(0)))
    if not plan.contract.slices_rounded:
        return _Running(row, on, slope, place.carried, sum(until, Fraction(0)))
    rounding = plan.contract.interest_rounding
    whole = until if is_new else until[:-1]
    added = place.carried + sum(rounding.minor(each) for each in whole)
    return _Running(row, on, slope, added, Fraction(0) if is_new else until[-1])


def _ahead(walked: _Walked, row: Row) -> Fraction:
    """What a day of an instalment yet to begin earns."""
    if not walked.follows(row):
        return Fraction(row.interest, max(row.period.days, 1))
    index, place = walked.places[id(row)]
    return sum(walked.plan.interest(index, place), Fraction(0)) / max(row.period.days, 1)


def _interest_behind(plan: Plan, on: date) -> int:
    return sum(row.interest for row in plan.rows if row.due <= on)


def _interest_of_done(state: LoanState) -> int:
    """All that was ever owed, or what was paid of it until the rest was lost."""
    if state.status not in LOST:
        return state.totals.owed.interest
    return sum(made.parts.interest for made in _until_lost(state))


def _until_lost(state: LoanState) -> Iterator[Transaction]:
    """Payments before a charge-off or write-off, and what that took off the books."""
    for made in state.transactions:
        if made.charged_off_before:
            return
        if made.kind is not TransactionKind.ACCRUAL:
            yield made


# Instalments.


def _line(
    walked: _Walked, row: Row, on: date, running: _Running | None, *, is_done: bool
) -> Line | None:
    left, is_ahead = row.owed - row.paid, row.due > on and not is_done
    if not is_ahead and not any((left.principal, left.interest, left.fees, left.penalties)):
        return None
    since, slope, per, interest = row.due.toordinal(), 0, 1, 0
    if running and row is running.row:
        since, interest = running.since.toordinal(), row.interest
        _, slope, per = _parts(running)
    elif is_ahead and any(row is each for each in walked.plan.apart):
        interest = row.interest  # paid ahead of terms that are new now: earned on its due date
    elif is_ahead and row.period.days:
        daily = _ahead(walked, row)
        since, interest = row.period.begin.toordinal(), row.interest
        slope, per = daily.numerator, daily.denominator
    penalised, rule = row.penalised_until, walked.plan.contract.overdue_penalty
    return Line(
        since, row.due.toordinal(), interest, slope, per,
        left.principal, left.interest, left.fees, left.penalties,
        penalised.toordinal() if penalised else 0,
        int(row.penalty * rule.rate.denominator) if rule else 0,
    )  # fmt: skip


def _parts(running: _Running) -> tuple[int, int, int]:
    """What is begun, what each day adds, and what both are parts of."""
    per = lcm(running.begun.denominator, running.slope.denominator)
    return int(running.begun * per), int(running.slope * per), per


def _reached(plan: Plan, on: date, late_days: int) -> int:
    """The day on which an instalment was so many days late for the first time; 0 if none was."""
    days = late_days + plan.contract.grace.arrears_days
    found = [
        row.due + timedelta(days=days)
        for row in plan.rows
        if row.owed.total > 0 and (row.settled_on or date.max) > row.due + timedelta(days=days)
    ]
    return min((day.toordinal() for day in found if day <= on), default=0)


def _paused(happening: Happening, state: LoanState, on: date) -> int:
    """Days since the oldest instalment is late that do not count."""
    late = [row.due for row in state.instalments if row.due < on and row.open.total > 0]
    if not happening.pauses or not late:
        return 0
    grace = happening.contract.grace.arrears_days
    return max((on - min(late)).days - grace - state.delinquency.days, 0)


# When the loan must be folded again.


def _wake(
    happening: Happening, walked: _Walked, events: Sequence[Event], on: date, status: Status
) -> int:
    days = [counts_from(event) for event in events if counts_from(event) > on]
    if any(isinstance(event, DelinquencyPause) for event in events):
        days.append(_next(on))
    if status in (Status.ACTIVE, Status.CHARGED_OFF):
        days += _charges_ahead(happening.plan, on)
        if happening.plan.recalculation is not None:
            days += _turns(walked, on)
    return min((day.toordinal() for day in days), default=NEVER)


def _charges_ahead(plan: Plan, on: date) -> list[date]:
    """Days on which fees or penalties become income."""
    return [item.due for row in plan.rows for item in row.charges if item.due > on]


def _turns(walked: _Walked, on: date) -> Iterator[date]:
    """Days on which a plan that recalculates may differ from what was laid out."""
    plan, recalculation = walked.plan, walked.plan.recalculation
    assert recalculation is not None
    if any(row.due < on and row.open_principal > 0 for row in plan.rows):
        daily = recalculation.arrears is Arrears.EVERY_PERIOD and recalculation.rest is Rest.DAY
        yield _next(on) if daily else _next(plan.scheduled[min(plan.index, plan.last)].due)
    for row in plan.scheduled:
        if row.due > on:
            yield from (day for day in _bends(walked, row) if day > on)


def _bends(walked: _Walked, row: Row) -> Iterator[date]:
    """Days on which what a day of an instalment earns differs from what was laid out."""
    within = [day for day in _changes(walked.plan, row) if day < row.due]
    yield from within
    carries = walked.follows(row) and walked.places[id(row)][1].carried
    if carries or any(row.period.begin < day for day in within):
        yield row.period.begin


def _changes(plan: Plan, row: Row) -> Iterator[date]:
    """Days within an instalment on which what a day earns changes."""
    yield from plan.rates.turning_points(row.period)
    if plan.contract.day_count is DayCount.ACTUAL_ACTUAL:
        # The night to the first day of a year counts over that year.
        last_days = (date(year, 12, 31) for year in (row.period.begin.year, row.due.year))
        yield from (day for day in last_days if row.period.begin < day < row.due)
    yield from (day for day, _ in [*plan.tranches, *plan.reductions])


def _pours(happening: Happening, state: LoanState, on: date) -> int:
    """Whether payments only fill what is open, one instalment after another."""
    plan, waterfall = happening.plan, happening.contract.waterfall
    usual = replace(waterfall, future_refunds=Waterfall().future_refunds) == Waterfall()
    odd = any(min(row.open_principal, row.interest - row.paid_interest) < 0 for row in plan.rows)
    if state.status is not Status.ACTIVE or not usual or odd or _charges_ahead(plan, on):
        return 0
    return NO_FOLD_FOR_ANY if plan.recalculation is None else NO_FOLD_FOR_WHAT_IS_DUE


def _next(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


# The books.


def _booked(state: LoanState, interest: int, on: date, happening: Happening) -> tuple[int, ...]:
    """What the loan comes to on each account, income as it is earned."""
    total = dict.fromkeys(ACCOUNTS, 0)
    for made in state.transactions:
        if made.kind is not TransactionKind.ACCRUAL:
            for posting in postings(made):
                total[posting.account] += posting.amount_minor
    charges = _charges_earned(state, happening, on)
    total[Account.INCOME_RECEIVABLE] += interest + charges
    total[Account.INTEREST_INCOME] -= interest
    total[Account.FEE_INCOME] -= charges
    return tuple(total.values())


def _charges_earned(state: LoanState, happening: Happening, on: date) -> int:
    """Fees and penalties that fell due or were paid; none that fell due after a loss."""
    if state.status in LOST:
        return sum(made.parts.fees + made.parts.penalties for made in _until_lost(state))
    at_disbursement = sum(paid.fees for paid in state.disbursed)
    charges = [item for row in happening.plan.rows for item in row.charges]
    return at_disbursement + sum(item.amount if item.due <= on else item.paid for item in charges)


def _checked(found: Standing) -> Standing:
    """InputProblem where a figure is too large for the end of day to work with."""
    figures = [line.slope * max(line.due - line.since, 1) + found.begun for line in found.lines]
    figures += [line.penalty_parts for line in found.lines]
    figures += [line.per * 2 for line in found.lines] + list(found.booked)
    if any(abs(figure) >= MOST for figure in figures):
        raise problem(
            "amount-too-large",
            "loan",
            "Its amounts are too large for the end of day.",
            "Check principal and rate; if they are right, split the loan.",
        )
    return found
