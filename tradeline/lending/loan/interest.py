"""Interest of a period on a balance that changes within it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tradeline.lending.dates.day_counts import Period, year_part
from tradeline.lending.loan.contract import Contract

Change = tuple[date, int]


@dataclass(slots=True)
class Rates:
    """Which rate holds on which day: the contract's, changes of it, and pauses."""

    contract: Contract
    changes: list[tuple[date, Fraction]] = field(default_factory=list)
    pauses: list[tuple[date, date]] = field(default_factory=list)
    _factors: dict[Period, Fraction] = field(default_factory=dict)

    def on(self, day: date) -> Fraction:
        """The rate of a day."""
        if any(begin <= day < until for begin, until in self.pauses):
            return Fraction(0)
        rate = self.contract.annual_rate
        for since, changed in self.changes:
            if since <= day:
                rate = changed
        return rate

    def change(self, since: date, rate: Fraction) -> None:
        """From a day on, another rate."""
        self.changes.append((since, rate))
        self.changes.sort(key=lambda change: change[0])
        self._factors.clear()

    def pause(self, since: date, until: date) -> None:
        """No interest from a day until another."""
        self.pauses.append((since, until))
        self._factors.clear()

    def turning_points(self, period: Period) -> Iterator[date]:
        """Days within a period on which the rate changes."""
        days = [since for since, _ in self.changes]
        days += [day for pause in self.pauses for day in pause]
        return (day for day in days if period.begin < day < period.due)

    def part(self, period: Period, begin: date, end: date) -> Fraction:
        """What part of a year lies between two days of a period."""
        contract = self.contract
        return year_part(contract.day_count, period, contract.frequency, begin, end)

    def factor(self, period: Period) -> Fraction:
        """The interest of one unit that stays all the period."""
        if period not in self._factors:
            slices = self._slices(period, 1, (), period.due)
            self._factors[period] = sum(slices, Fraction(0))
        return self._factors[period]

    def slices(
        self, period: Period, balance: int, changes: Sequence[Change], until: date
    ) -> list[Fraction]:
        """The interest of each stretch of equal balance and rate, from the begin `until` a day.

        A change counts from its day on; a balance below zero bears nothing.
        """
        if not changes and until == period.due and not any(self.turning_points(period)):
            return [max(balance, 0) * self.factor(period)]
        return self._slices(period, balance, changes, until)

    def _slices(
        self, period: Period, balance: int, changes: Sequence[Change], until: date
    ) -> list[Fraction]:
        moves: dict[date, int] = dict.fromkeys(self.turning_points(period), 0)
        turning = set(moves)
        for day, amount in changes:
            if day <= period.begin:
                balance += amount
            elif day < until:
                moves[day] = moves.get(day, 0) + amount
        found, begin = [], period.begin
        for day in [day for day in sorted(moves) if day in turning or moves[day]]:
            if day >= until:
                break
            found.append(self._slice(period, max(balance, 0), begin, day))
            balance, begin = balance + moves[day], day
        found.append(self._slice(period, max(balance, 0), begin, until))
        return found

    def _slice(self, period: Period, balance: int, begin: date, end: date) -> Fraction:
        if not balance or begin >= end:
            return Fraction(0)
        return balance * self.on(begin) * self.part(period, begin, end)
