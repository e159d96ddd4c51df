"""Made-up loans: terms of every kind, and what happens to them over some months."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

import numpy as np

from tradeline.kernel.findings import Finding, InputProblem
from tradeline.lending.dates.business_days import Calendar, Shift
from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.end_of_day.day import Fold, News
from tradeline.lending.end_of_day.portfolio import Ints
from tradeline.lending.end_of_day.standing import Standing, standing
from tradeline.lending.loan.amounts import Component
from tradeline.lending.loan.contract import (
    Amortisation,
    Arrears,
    ChargeBase,
    ChargeKind,
    Contract,
    CustomInstalment,
    Direction,
    Family,
    Future,
    Grace,
    InterestMethod,
    OverduePenalty,
    Prepayment,
    Recalculation,
    Rest,
    Step,
    Timing,
    Waterfall,
)
from tradeline.lending.loan.events import (
    Charge,
    ChargeOff,
    DelinquencyPause,
    Disbursement,
    EndOfDay,
    Event,
    Payoff,
    RateChange,
    Reage,
    Repayment,
    Reversal,
)
from tradeline.lending.loan.fold import preview
from tradeline.lending.loan.rounding import Rounding, RoundingMode

START = date(2025, 11, 10)


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan with all that ever happens to it, in the order of entry."""

    contract: Contract
    events: tuple[Event, ...]

    def known(self, day: date) -> list[Event]:
        """What was entered until a day."""
        return [event for event in self.events if event.entered_on <= day]


def terms(generator: np.random.Generator, first: date = START) -> Contract:
    """Terms of some kind, from a day on."""

    def one(*kinds: object) -> object:
        return kinds[int(generator.integers(len(kinds)))]

    rounding = Rounding(one(*RoundingMode))  # type: ignore[arg-type]
    found = Contract(
        currency="CNY",
        principal_minor=int(generator.integers(50_000, 5_000_000)),
        annual_rate=Fraction(int(generator.integers(1, 3_600)), 10_000),
        start=first + timedelta(days=int(generator.integers(0, 25))),
        frequency=Frequency.MONTHS,
        every=1,
        instalments=int(generator.integers(2, 9)),
        family=Family.CUMULATIVE,
        day_count=one(*DayCount),  # type: ignore[arg-type]
        instalment_rounding=rounding,
        interest_rounding=rounding,
        amortisation=one(*Amortisation),  # type: ignore[arg-type]
        grace=Grace(arrears_days=int(generator.choice([0, 0, 3]))),
    )
    if generator.random() < 0.3:
        found = replace(found, frequency=Frequency.WEEKS, every=int(generator.integers(1, 4)))
    if generator.random() < 0.3:
        found = replace(found, overdue_penalty=OverduePenalty(
            Fraction(int(generator.integers(1, 60)), 10_000), one(*ChargeBase),  # type: ignore[arg-type]
            per_day=bool(generator.integers(2)), after_grace_days=int(generator.integers(0, 4)),
        ))  # fmt: skip
    kind = generator.integers(4)
    if kind == 0:
        return replace(found, interest=InterestMethod.FLAT)
    if kind == 1:
        return found
    if kind == 2:
        found = replace(found, family=Family.PROGRESSIVE)
    return replace(
        found,
        recalculation=Recalculation(one(*Rest), one(*Prepayment), one(*Arrears)),  # type: ignore[arg-type]
    )


def odd_terms(generator: np.random.Generator, first: date = START) -> Contract:
    """Terms as `terms`, and of those that few contracts have some."""
    found, some = terms(generator, first), generator.random(9) < 0.4
    by_timing = tuple(
        Step(frozenset([timing]), tuple(generator.permutation(list(Component)).tolist()))
        for timing in Timing
    )
    if some[0]:
        steps = tuple(replace(step, components=tuple(map(Component, step.components)))
                      for step in by_timing)  # fmt: skip
        found = replace(found, waterfall=Waterfall(
            steps, tuple(Direction)[int(some[1])],
            tuple(Future)[int(generator.integers(3))], charges_by_their_date=bool(some[2]),
        ))  # fmt: skip
    if some[3]:
        shift = tuple(Shift)[int(generator.integers(3))]
        found = replace(found, calendar=Calendar("DE", shift, "BY"))
    if some[4] and found.interest is InterestMethod.DECLINING:
        balloon = found.principal_minor // 4
        found = replace(found, balloon_minor=balloon)
    if some[5]:
        found = replace(found, grace=replace(found.grace, principal_periods=1))
    if some[6]:
        found = replace(found, first_due=found.start + timedelta(days=40))
    if some[7]:
        found = replace(found, instalment_rounding=Rounding(RoundingMode.UP, 100))
    if some[8] and found.family is Family.CUMULATIVE:
        found = replace(found, slices_rounded=True)
    return agreed_one_by_one(generator, found) if generator.random() < 0.3 else found


def agreed_one_by_one(generator: np.random.Generator, terms: Contract) -> Contract:
    """The terms with dates and principal, or dates and whole amounts, of its own."""
    plain = replace(
        terms, first_due=None, balloon_minor=0, amortisation=Amortisation.PRINCIPAL,
        grace=Grace(arrears_days=terms.grace.arrears_days),
    )  # fmt: skip
    count = plain.instalments or 1
    days = np.cumsum(generator.integers(5, 45, count)).tolist()
    parts = (plain.principal_minor * generator.dirichlet(np.ones(count))).astype(int).tolist()
    dates = [plain.start + timedelta(days=day) for day in days]
    agreed = (*map(CustomInstalment, dates[:-1], parts[:-1]), CustomInstalment(dates[-1]))
    by_principal = replace(plain, custom=agreed)
    if generator.random() < 0.5:
        return by_principal
    rows = preview(by_principal).instalments[:-1]
    whole = (*(CustomInstalment(each.due, row.owed.total) for each, row in
               zip(agreed, rows, strict=False)), agreed[-1])  # fmt: skip
    return replace(by_principal, custom=whole, amortisation=Amortisation.INSTALMENTS)


Terms = Callable[[np.random.Generator, date], Contract]


def loan(
    generator: np.random.Generator, days: int, first: date = START, terms: Terms = terms
) -> Loan:
    """A loan paid on time, late, early, in part or not, and odder things now and then."""
    contract = terms(generator, first)
    begin = contract.start
    events: list[Event] = [
        Disbursement(value_date=begin, entered_on=begin, amount_minor=contract.principal_minor)
    ]
    until = first + timedelta(days=days)
    for row in preview(contract).instalments:
        kind = generator.random()
        late = int(generator.choice([0, 0, 0, 0, -4, 2, 9, 40]))
        on, entered = row.due + timedelta(days=late), int(generator.choice([0, 0, 0, 0, 0, 3]))
        part = float(generator.choice([1, 1, 1, 1, 0.4, 1.7]))
        if kind < 0.8 and begin < on <= until:
            amount = max(int(row.owed.total * part), 1)
            events.append(Repayment(value_date=on, entered_on=on + timedelta(days=entered),
                                    amount_minor=amount))  # fmt: skip
    events += _odd(generator, contract, begin, until)
    events.sort(key=lambda event: event.entered_on)
    paid = [place for place, event in enumerate(events) if isinstance(event, Repayment)]
    if paid and generator.random() < 0.1:
        on = events[-1].entered_on + timedelta(days=int(generator.integers(0, 9)))
        events.append(Reversal(value_date=on, entered_on=on, of=paid[0]))
    return Loan(contract, tuple(events))


def _odd(
    generator: np.random.Generator, contract: Contract, begin: date, until: date
) -> list[Event]:
    on = begin + timedelta(days=int(generator.integers(5, max((until - begin).days, 6))))
    kind = generator.integers(16)
    if kind == 0:
        return [Charge(value_date=on, entered_on=begin + timedelta(days=1), kind=ChargeKind.FEE,
                       amount_minor=777)]  # fmt: skip
    if kind == 1:
        return [ChargeOff(value_date=on, entered_on=on)]
    if kind == 2:
        return [DelinquencyPause(value_date=on, entered_on=on, until=on + timedelta(days=9))]
    if kind == 3 and contract.interest is InterestMethod.DECLINING:
        return [RateChange(value_date=on, entered_on=begin, annual_rate=Fraction(1, 10))]
    if kind == 4:
        return [Reage(value_date=on, entered_on=on, first_due=on + timedelta(days=20),
                      frequency=Frequency.MONTHS, every=1, instalments=3)]  # fmt: skip
    if kind == 5:
        return [Payoff(value_date=on, entered_on=on)]
    return []


def news(loans: list[Loan], day: date) -> News:
    """What was entered on a day."""
    paid, other = np.zeros(len(loans), dtype=np.int64), np.zeros(len(loans), dtype=bool)
    for place, each in enumerate(loans):
        for event in each.events:
            if event.entered_on == day:
                if isinstance(event, Repayment) and event.value_date == day:
                    paid[place] += event.amount_minor
                else:
                    other[place] = True
    return News(paid, other)


def fold_of(loans: list[Loan], day: date) -> Fold:
    """The standings of loans by what was entered until a day."""

    def fold(places: Ints) -> list[Standing | Finding]:
        return [_standing(loans[place], day) for place in places.tolist()]

    return fold


def _standing(each: Loan, day: date) -> Standing | Finding:
    try:
        return standing(each.contract, each.known(day), day)
    except InputProblem as refusal:
        return refusal.findings[0]


def every_end_of_day(each: Loan, day: date) -> list[Event]:
    """What was entered until a day, and the end of every day since the start, where it matters."""
    known = each.known(day)
    if each.contract.overdue_penalty is None:
        return known
    lost = [event.value_date for event in known if isinstance(event, ChargeOff)]
    last = min([day, *(on - timedelta(days=1) for on in lost)])
    days = (last - each.contract.start).days + 1
    ends = [each.contract.start + timedelta(days=after) for after in range(days)]
    return [*known, *(EndOfDay(value_date=end, entered_on=end) for end in ends)]
