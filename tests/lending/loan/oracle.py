"""Schedules written a second time, slowly: fractions all the way, nothing shared but the terms.

An instalment is found from two trial runs, with a payment of nothing and with one of a unit: what
is left at the end is linear in the payment.
"""

import calendar
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import floor

from tradeline.lending.loan.contract import Contract

Line = tuple[date, int, int]


def schedule(contract: Contract) -> list[Line]:
    """Due date, principal and interest of each instalment, as agreed."""
    dues = [due(contract, number) for number in range(1, (contract.instalments or 0) + 1)]
    begins = [contract.start, *dues[:-1]]
    rates = [
        contract.annual_rate * part(contract, *span) for span in zip(begins, dues, strict=True)
    ]
    if contract.interest.value == "flat":
        lines = flat(contract, rates)
    elif contract.family.value == "cumulative":
        lines = cumulative(contract, rates)
    else:
        lines = progressive(contract, rates)
    return [(on, *line) for on, line in zip(dues, lines, strict=False)]


def due(contract: Contract, number: int) -> date:
    """The due date of an instalment, counted from the start."""
    if contract.frequency.value != "months":
        length = 7 if contract.frequency.value == "weeks" else 1
        return contract.start + timedelta(days=length * contract.every * number)
    months = contract.start.month - 1 + contract.every * number
    year, month = contract.start.year + months // 12, months % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(contract.start.day, last))


def part(contract: Contract, begin: date, end: date) -> Fraction:
    """The part of a year of a whole period, day by day where days are counted."""
    name, days = contract.day_count.value, (end - begin).days
    if name == "actual/actual":
        ends = (begin + timedelta(days=day + 1) for day in range(days))
        return sum((Fraction(1, 366 if calendar.isleap(day.year) else 365) for day in ends),
                   Fraction(0))  # fmt: skip
    if name.startswith("actual/"):
        return Fraction(days, int(name.removeprefix("actual/")))
    if contract.frequency.value == "months":
        return Fraction(contract.every, 12)
    if name == "30/360":
        return Fraction(days, 360)
    weeks = contract.frequency.value == "weeks"
    return Fraction(days, 7 * 52) if weeks else Fraction(days, 365)


def usual(contract: Contract) -> Fraction:
    """The part of a year of a usual period, at which a cumulative instalment is solved."""
    name, every = contract.day_count.value, contract.every
    if contract.frequency.value == "months":
        if not name.startswith("actual/"):
            return Fraction(every, 12)
        year = 365 if name == "actual/actual" else int(name.removeprefix("actual/"))
        return Fraction(30 * every, year)
    length = 7 * every if contract.frequency.value == "weeks" else every
    if name == "equal periods":
        return Fraction(every, 52) if length == 7 * every and every else Fraction(length, 365)
    if name == "30/360":
        return Fraction(length, 360)
    return Fraction(length, 365 if name == "actual/actual" else int(name.removeprefix("actual/")))


def cent(amount: Fraction) -> int:
    """Halves to the even neighbour."""
    below = floor(amount)
    rest = amount - below
    return below + (rest > Fraction(1, 2) or (rest == Fraction(1, 2) and below % 2 == 1))


def stepped(contract: Contract, amount: Fraction) -> int:
    """Rounded to the step of instalments."""
    step = contract.instalment_rounding.step_minor
    return cent(amount / step) * step


def level(balance: int, rates: Sequence[Fraction], free: Sequence[bool]) -> Fraction:
    """The payment that leaves nothing; periods free of principal pay their interest."""

    def left(payment: int) -> Fraction:
        owed = Fraction(balance)
        for rate, is_free in zip(rates, free, strict=True):
            owed = owed if is_free else owed * (1 + rate) - payment
        return owed

    nothing, one = left(0), left(1)
    return nothing / (nothing - one)


def freed(contract: Contract, number: int) -> list[bool]:
    return [place < contract.grace.principal_periods for place in range(number)]


def deferred(contract: Contract, interests: Sequence[int]) -> list[int]:
    """Interest put off falls due with the first instalment that is not deferred."""
    found, waiting = [], 0
    for place, interest in enumerate(interests, 1):
        waiting += interest
        is_due = place > contract.grace.interest_deferred_periods or place == len(interests)
        found.append(waiting if is_due else 0)
        waiting = 0 if is_due else waiting
    return found


def flat(contract: Contract, rates: Sequence[Fraction]) -> list[tuple[int, int]]:
    """Interest on all of the principal, in equal parts."""
    number, free = len(rates), freed(contract, len(rates))
    total = contract.principal_minor * sum(rates, Fraction(0))
    each, paying = cent(total / number), free.count(False)
    interests, remaining = [], cent(total)
    for place in range(number):
        interests.append(remaining if place == number - 1 else min(each, remaining))
        remaining -= interests[-1]
    share = Fraction(contract.principal_minor, paying)
    if contract.amortisation.value == "equal principal":
        planned = [cent(share)] * number
    else:
        planned = [stepped(contract, share + each) - interest for interest in interests]
    return paired(contract, interests, free, planned)


def cumulative(contract: Contract, rates: Sequence[Fraction]) -> list[tuple[int, int]]:
    """Interest first, the rest of the instalment is principal."""
    number, free = len(rates), freed(contract, len(rates))
    paying = free.count(False)
    if contract.amortisation.value == "equal principal":
        payment, takes_interest = cent(Fraction(contract.principal_minor, paying)), False
    else:
        rate = contract.annual_rate * usual(contract)
        solved = level(contract.principal_minor, [rate] * paying, [False] * paying)
        payment, takes_interest = stepped(contract, solved), True
    lines, balance, interests = [], contract.principal_minor, []
    for place in range(number):
        interest = cent(balance * rates[place])
        planned = max(payment - interest, 0) if takes_interest else payment
        principal = 0 if free[place] else min(planned, balance)
        principal = balance if place == number - 1 else principal
        balance -= principal
        lines.append(principal)
        interests.append(interest)
    return list(zip(lines, deferred(contract, interests), strict=True))


def paired(
    contract: Contract, interests: Sequence[int], free: Sequence[bool], planned: Sequence[int]
) -> list[tuple[int, int]]:
    """Principal as planned while there is any, the last instalment taking the rest."""
    balance, principals = contract.principal_minor, []
    for place in range(len(interests)):
        wanted = 0 if free[place] else min(max(planned[place], 0), balance)
        principals.append(balance if place == len(interests) - 1 else wanted)
        balance -= principals[-1]
    return list(zip(principals, deferred(contract, interests), strict=True))


def progressive(contract: Contract, rates: Sequence[Fraction]) -> list[tuple[int, int]]:
    """One payment from the factors of all periods, moved towards the last one."""
    number, free = len(rates), freed(contract, len(rates))
    if contract.amortisation.value == "equal principal":
        principal = cent(Fraction(contract.principal_minor, free.count(False)))
        return put_off(contract, run(contract, rates, free, principal=principal))
    payment = stepped(contract, level(contract.principal_minor, rates, free))
    apart = beyond(run(contract, rates, free, payment=payment), payment)
    for _ in range(3):
        if number < 2 or abs(apart) <= number // 2:
            break
        tried = stepped(contract, payment + Fraction(apart, number))
        then = beyond(run(contract, rates, free, payment=tried), tried)
        if tried == payment or abs(then) >= abs(apart):
            break
        payment, apart = tried, then
    return put_off(contract, run(contract, rates, free, payment=payment))


def put_off(contract: Contract, lines: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The lines with their interest deferred."""
    interests = deferred(contract, [interest for _, interest in lines])
    return [
        (principal, interest) for (principal, _), interest in zip(lines, interests, strict=True)
    ]


def beyond(lines: Sequence[tuple[int, int]], payment: int) -> int:
    return sum(lines[-1]) - payment


def run(
    contract: Contract,
    rates: Sequence[Fraction],
    free: Sequence[bool],
    *,
    payment: int | None = None,
    principal: int = 0,
) -> list[tuple[int, int]]:
    """The instalments of a payment, or of a part of principal."""
    balance, waiting, lines = contract.principal_minor, 0, []
    for place, rate in enumerate(rates):
        earned = cent(waiting + balance * rate)
        if place == len(rates) - 1:
            lines.append((balance, earned))
            break
        interest = earned if free[place] or payment is None else min(earned, payment)
        planned = principal if payment is None else payment - interest
        part_of_principal = 0 if free[place] else min(max(planned, 0), balance)
        balance, waiting = balance - part_of_principal, earned - interest
        lines.append((part_of_principal, interest))
    return lines
