"""Cumulative schedules: each instalment in turn, the last one taking what remains."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from tradeline.lending.dates.day_counts import DayCount, usual_part
from tradeline.lending.loan.allocation import allocate
from tradeline.lending.loan.amounts import Amounts
from tradeline.lending.loan.annuity import level_instalment
from tradeline.lending.loan.contract import (
    Amortisation,
    Future,
    InstalmentBasis,
    InterestMethod,
    Prepayment,
)
from tradeline.lending.loan.payoff import fix_interest
from tradeline.lending.loan.plan import Place, Plan
from tradeline.lending.loan.rows import Row


class CumulativePlan(Plan):
    """Interest first, the rest of the instalment is principal; what is paid early is principal."""

    def complete(self, index: int, place: Place) -> Place:
        """Set principal and interest of a row, and say where the walk stands after it."""
        row = self.scheduled[index]
        own, place = self._own_interest(index, place)
        if row.interest_deferred and not self.is_last(index):
            row.interest = row.paid_interest
        else:
            row.interest = max(place.deferred + own, row.paid_interest)
        deferred = max(place.deferred + own - row.interest, 0)
        balance = place.balance + sum(amount for _, amount in self.tranches_of(index))
        planned = self._planned_principal(index, place, own, balance)
        row.principal = min(max(planned, row.early) + row.beyond, balance)
        self._take_surplus(index, row.principal > planned)
        return replace(place, balance=balance - row.principal, deferred=deferred)

    def _own_interest(self, index: int, place: Place) -> tuple[int, Place]:
        if self.contract.interest is InterestMethod.FLAT:
            each = min(place.flat_each, place.flat_left)
            each = place.flat_left if self.is_last(index) else each
            return each, replace(place, flat_left=place.flat_left - each)
        return self._rounded(self.interest(index, place)), place

    def _rounded(self, slices: list[Fraction]) -> int:
        rounding = self.contract.interest_rounding
        if self.contract.slices_rounded:
            return sum(rounding.minor(each) for each in slices)
        return rounding.minor(sum(slices, Fraction(0)))

    def _planned_principal(self, index: int, place: Place, interest: int, balance: int) -> int:
        if self.is_last(index):
            return balance
        if self.scheduled[index].principal_free:
            return 0
        by_instalment = self.contract.amortisation is Amortisation.INSTALMENTS
        instalment = self.instalment_of(index, place)
        planned = instalment - interest if by_instalment else instalment
        return min(max(planned, 0), balance)

    def _take_surplus(self, index: int, surplus: bool) -> None:
        """Where more was paid than was due, the next row may solve the instalment anew."""
        found = self.recalculation
        if found is None or found.prepayment is not Prepayment.LOWER_INSTALMENT:
            return
        if surplus:
            self.solve_at.add(index + 1)

    # The instalment.

    def solve(self, index: int, place: Place) -> Place:
        """The place with the instalment solved for the rows from `index` on."""
        balance = place.balance + sum(amount for _, amount in self.tranches_of(index))
        if self.contract.instalment_on_approved:
            repaid = sum(row.principal for row in self.scheduled[:index])
            balance = self.contract.principal_minor - repaid
        if self.contract.interest is InterestMethod.FLAT:
            place = self._flat(index, place, balance)
        if self.contract.custom:
            return self.scaled(index, place)
        if self.contract.fixed_instalment_minor is not None:
            return replace(place, instalment=self.contract.fixed_instalment_minor)
        return replace(place, instalment=self._solved(index, place, balance))

    def _solved(self, index: int, place: Place, balance: int) -> int:
        contract, number = self.contract, self._paying_rows(index)
        spread = balance - contract.balloon_minor
        if contract.amortisation is Amortisation.PRINCIPAL:
            return contract.interest_rounding.minor(Fraction(spread, number))
        if contract.interest is InterestMethod.FLAT:
            amount = Fraction(spread, number) + place.flat_each
            return contract.instalment_rounding.minor(amount)
        rate = self.rates.on(self.scheduled[index].period.begin) * self._usual_part()
        first_due, later = balance * (1 + rate), [rate] * (number - 1)
        return contract.instalment_rounding.minor(
            level_instalment(first_due, later, contract.balloon_minor)
        )

    def _usual_part(self) -> Fraction:
        contract = self.contract
        by_days = contract.instalment_basis is InstalmentBasis.COUNTED_DAYS
        count = contract.day_count if by_days else DayCount.EQUAL_PERIODS
        return usual_part(count, contract.frequency, contract.every)

    def _paying_rows(self, index: int) -> int:
        return max(sum(not row.principal_free for row in self.scheduled[index:]), 1)

    def _flat(self, index: int, place: Place, balance: int) -> Place:
        """Interest on all of the principal, in equal parts for the rows that remain."""
        rows = self.scheduled[index:]
        base = balance + sum(row.principal for row in self.scheduled[:index])
        total = base * sum((self.rates.factor(row.period) for row in rows), Fraction(0))
        rounding = self.contract.interest_rounding
        return replace(
            place, flat_each=rounding.minor(total / len(rows)), flat_left=rounding.minor(total)
        )

    # Payments.

    def receive(
        self, on: date, amount: int, future: Future, *, payoff: bool = False
    ) -> tuple[Amounts, int]:
        """Take a payment: what is due first, the rest lowers principal where it recalculates."""
        if self.recalculation is None:
            return allocate(self.rows, amount, on, self.contract.waterfall, future)
        self.move_to(on)
        if payoff:
            fix_interest(self, on)
        self._walk_here()
        behind = [row for row in self.rows if row.due <= on]
        parts, left = allocate(behind, amount, on, self.contract.waterfall, future)
        if self.index > self.last:
            return parts, left
        row = self.scheduled[self.index]
        if row.due > on:
            self.reduce(on, parts.principal, of_overdue=parts.principal)
        if not left:
            return parts, left
        self._pay_ahead(row, on, left)
        more, left = allocate([row], left, on, self.contract.waterfall, future)
        return parts + more, left

    def _pay_ahead(self, row: Row, on: date, amount: int) -> None:
        charges = sum(item.amount - item.paid for item in row.charges if item.due <= on)
        if row.due == on:
            row.beyond += amount - charges
        else:
            row.early += amount - charges
            self.reduce(on, amount - charges)
        self._walk_here()

    def _walk_here(self) -> None:
        if self.index <= self.last:
            self.walk_row(self.index, self.place)

    def earned(self, index: int, place: Place, until: date) -> int:
        """The interest of a row until a day within it, and what was carried to it."""
        if self.contract.interest is not InterestMethod.FLAT:
            return place.deferred + self._rounded(self.interest(index, place, until))
        period = self.scheduled[index].period
        passed = Fraction((until - period.begin).days, max(period.days, 1))
        each = place.flat_left if self.is_last(index) else place.flat_each
        return place.deferred + self.contract.interest_rounding.minor(each * passed)
