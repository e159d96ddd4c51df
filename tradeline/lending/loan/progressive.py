"""Progressive schedules: one instalment solved from the dated factors of all periods."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from tradeline.lending.loan.allocation import allocate
from tradeline.lending.loan.amounts import Amounts
from tradeline.lending.loan.annuity import level_instalment
from tradeline.lending.loan.contract import (
    Amortisation,
    Future,
    Prepayment,
)
from tradeline.lending.loan.payoff import fix_interest
from tradeline.lending.loan.plan import Place, Plan
from tradeline.lending.loan.rows import Row

# The instalment moves towards the last one at most so often.
MOST_MOVES = 3


class ProgressivePlan(Plan):
    """The instalment stays while interest follows the balance; the last one takes the rest."""

    def complete(self, index: int, place: Place) -> Place:
        """Set principal and interest of a row, and say where the walk stands after it."""
        row = self.scheduled[index]
        slices = self.interest(index, place)
        earned = self._rounded(place.carried + sum(slices, Fraction(0)))
        balance = place.balance + sum(amount for _, amount in self.tranches_of(index))
        if self.is_last(index):
            row.interest, row.principal = place.deferred + earned, balance
            return replace(place, balance=0, carried=0, deferred=0)
        instalment = self.instalment_of(index, place)
        own = self._interest_due(row, place, instalment, earned)
        row.principal = self._principal_due(row, instalment, own, balance)
        row.interest = row.paid_interest if row.interest_deferred else place.deferred + own
        return replace(
            place,
            balance=balance - row.principal,
            carried=max(earned - own, 0),
            deferred=max(place.deferred + own - row.interest, 0),
        )

    def _rounded(self, amount: Fraction) -> int:
        return self.contract.interest_rounding.minor(amount)

    def _interest_due(self, row: Row, place: Place, instalment: int, earned: int) -> int:
        """What is paid stays so once the instalment is; the rest is carried to the next row."""
        if row.principal_free or self.contract.amortisation is Amortisation.PRINCIPAL:
            return earned
        if self.recalculation is None:
            return min(earned, instalment)
        paid = max(row.paid_interest - place.deferred, 0)
        if 0 < instalment + row.beyond <= self._paid(row) + paid:
            return paid
        return max(paid, min(earned, instalment))

    def _paid(self, row: Row) -> int:
        """What was paid of the scheduled principal, where that changes the schedule."""
        if self.recalculation is None:
            return 0
        return max(row.paid_principal - row.credited, 0)

    def _principal_due(self, row: Row, instalment: int, interest: int, balance: int) -> int:
        if row.principal_free:
            return min(self._paid(row), balance)
        by_instalment = self.contract.amortisation is Amortisation.INSTALMENTS
        planned = instalment - interest if by_instalment else instalment
        return min(max(planned + row.beyond, self._paid(row), 0), balance)

    # The instalment.

    def solve(self, index: int, place: Place) -> Place:
        """The place with the instalment solved for the rows from `index` on."""
        contract = self.contract
        if contract.fixed_instalment_minor is not None:
            return replace(place, instalment=contract.fixed_instalment_minor)
        if contract.custom:
            return self.scaled(index, place)
        balance = place.balance + sum(amount for _, amount in self.tranches_of(index))
        if contract.amortisation is Amortisation.PRINCIPAL:
            paying = sum(not row.principal_free for row in self.scheduled[index:])
            spread = Fraction(balance - contract.balloon_minor, max(paying, 1))
            return replace(place, instalment=self._rounded(spread))
        instalment = contract.instalment_rounding.minor(self._level(index, place, balance))
        if contract.instalment_moves:
            instalment = self._moved(index, place, instalment)
        return replace(place, instalment=instalment)

    def _level(self, index: int, place: Place, balance: int) -> Fraction:
        """The equal payment of the rows from `index` on that pay principal."""
        rows = self.scheduled[index:]
        if self.recalculation is not None:
            balance -= self._ahead(index)
        paying = next((at for at, row in enumerate(rows) if not row.principal_free), None)
        if paying is None:
            return Fraction(0)
        if paying == 0:
            interest = place.carried + sum(self.interest(index, place), Fraction(0))
        else:
            interest = balance * self.rates.factor(rows[paying].period)
        later = [
            None if row.principal_free else self.rates.factor(row.period)
            for row in rows[paying + 1 :]
        ]
        return level_instalment(balance + interest, later, self.contract.balloon_minor)

    def _moved(self, index: int, place: Place, instalment: int) -> int:
        """The instalment moved towards the last one, while that brings the two nearer.

        It moves only where they differ by more minor units than half the rows.
        """
        rows = len(self.scheduled) - index
        apart = self._last_apart(index, place, instalment)
        for _ in range(MOST_MOVES):
            if rows < 2 or abs(apart) <= rows // 2:
                break
            tried = self.contract.instalment_rounding.minor(instalment + Fraction(apart, rows))
            if tried == instalment:
                break
            then = self._last_apart(index, place, tried)
            if abs(then) >= abs(apart):
                break
            instalment, apart = tried, then
        return instalment

    def _last_apart(self, index: int, place: Place, instalment: int) -> int:
        """By how much the last payment would exceed the others."""
        after = self.complete(index, replace(place, instalment=instalment))
        balance, carried = after.balance, after.carried
        for row in self.scheduled[index + 1 : -1]:
            earned = self._rounded(carried + balance * self.rates.factor(row.period))
            if row.principal_free:
                carried = 0
                continue
            interest = min(earned, instalment)
            balance, carried = balance - min(instalment - interest, balance), earned - interest
        interest = self._rounded(carried + balance * self.rates.factor(self.scheduled[-1].period))
        return balance + interest - self.contract.balloon_minor - instalment

    # Payments.

    def receive(
        self, on: date, amount: int, future: Future, *, payoff: bool = False
    ) -> tuple[Amounts, int]:
        """Take a payment; in advance an instalment owes the interest of the days until then."""
        if self.recalculation is None:
            return allocate(self.rows, amount, on, self.contract.waterfall, future)
        self.move_to(on)
        if self.index > self.last:
            return allocate(self.rows, amount, on, self.contract.waterfall, future)
        if payoff:
            fix_interest(self, on)
        self.walk_row(self.index, self.place)
        overdue = self.overdue()
        parts, left = self._pay_until_here(on, amount)
        if left:
            more, left = self._pay_ahead(on, left, future)
            parts += more
        self.reduce(on, parts.principal, of_overdue=overdue - self.overdue())
        self.walk_row(self.index, self.place)
        return parts, left

    def _pay_until_here(self, on: date, amount: int) -> tuple[Amounts, int]:
        """Pay what is due, and then the row that the day lies in, as it is payable on the day."""
        row = self.scheduled[self.index]
        if row.due > on:
            earned = self.earned(self.index, self.place, on)
            self._set_payable(row, earned if row.interest_fixed is None else row.interest_fixed)
        rows = [*self.apart, *self.scheduled[: self.index + 1]]
        rows.sort(key=lambda each: each.due)
        return allocate(rows, amount, on, self.contract.waterfall, Future.NEXT)

    def _set_payable(self, row: Row, interest: int) -> None:
        place, balance = self.place, self._balance_here()
        if self.is_last(self.index):
            row.interest, row.principal = max(interest, row.paid_interest), balance
            return
        own, instalment = interest - place.deferred, self.instalment_of(self.index, place)
        if self.contract.amortisation is Amortisation.INSTALMENTS and not row.principal_free:
            own = min(own, instalment)
        row.interest = max(place.deferred + own, row.paid_interest)
        due = self._principal_due(row, instalment, own, balance)
        row.principal = self.beside_paid(self.index, due, balance)

    def _balance_here(self) -> int:
        return self.place.balance + sum(amount for _, amount in self.tranches_of(self.index))

    def _pay_ahead(self, on: date, amount: int, future: Future) -> tuple[Amounts, int]:
        """Pay rows ahead: no day of theirs has passed, so that all of it is principal."""
        row = self.scheduled[self.index]
        if self._recalculation.prepayment is Prepayment.LOWER_INSTALMENT:
            row.beyond += amount
            row.principal = min(row.principal + amount, self._balance_here())
            self.solve_at.add(self.index + 1)
            return allocate([row], amount, on, self.contract.waterfall, future)
        ahead = self._rows_ahead(self._balance_here() - row.principal)
        shorter = self._recalculation.prepayment is Prepayment.SHORTER_TERM
        if shorter and future is Future.NEXT:
            future = Future.LAST
        return allocate(ahead, amount, on, self.contract.waterfall, future)

    def _rows_ahead(self, balance: int) -> list[Row]:
        ahead = self.scheduled[self.index + 1 :]
        for place, row in enumerate(ahead, self.index + 1):
            row.interest = row.paid_interest
            if not self.is_last(place):
                instalment = self.instalment_of(place, self.place)
                due = self._principal_due(row, instalment, 0, balance)
                row.principal = self.beside_paid(place, due, balance)
            else:
                row.principal = balance
            balance -= row.principal
        return ahead

    def earned(self, index: int, place: Place, until: date) -> int:
        """The interest of a row until a day within it, and what was carried to it."""
        slices = self.interest(index, place, until)
        return place.deferred + self._rounded(place.carried + sum(slices, Fraction(0)))
