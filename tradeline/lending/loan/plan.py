"""A schedule while events are folded: walked row by row, and again where something changed.

A plan without recalculation is walked once for all that was disbursed. With recalculation the rows
behind the day of an event stay as they were walked, and the row that the day lies in is walked
again with what was paid in it; the rows ahead are walked when they are asked for.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from tradeline.kernel.findings import problem
from tradeline.lending.dates.business_days import business_day
from tradeline.lending.dates.day_counts import Period
from tradeline.lending.dates.due_dates import due_date
from tradeline.lending.loan.amounts import NOTHING, Amounts
from tradeline.lending.loan.contract import (
    Arrears,
    ChargeBase,
    ChargeKind,
    Contract,
    Future,
    Recalculation,
    Rest,
)
from tradeline.lending.loan.custom import AgreedAmounts, custom_due
from tradeline.lending.loan.interest import Change, Rates
from tradeline.lending.loan.rows import ChargeDue, Row

# A loan that its fixed instalment would not pay back within so many rows never ends.
MOST_ROWS = 1_200


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk stands: before a row.

    `balance` is the principal scheduled to be left, `instalment` what was solved (a payment, or a
    part of principal), `carried` interest that counts as earned in a later row, `deferred` interest
    that a later row is to pay beside its instalment, `flat_each` and `flat_left` the flat interest
    of a row and of all that remain, and `scale` the part of agreed amounts that is due.
    """

    balance: int = 0
    instalment: int = 0
    carried: int = 0
    deferred: int = 0
    flat_each: int = 0
    flat_left: int = 0
    scale: Fraction = Fraction(1)


class Plan(ABC):
    """Rows, what is disbursed, and the place from which rows may still change."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.rates = Rates(contract)
        self.scheduled: list[Row] = []
        self.apart: list[Row] = []  # down payments, and what falls due after the last due date
        self.count = contract.instalments or 0
        self.disbursed = 0
        self.tranches: list[Change] = []
        self.down_payments: list[Change] = []
        self.owed_anew: list[Change] = []
        self.instalment_charges: list[tuple[ChargeKind, Fraction, ChargeBase]] = []
        self.index = 0
        self.place = Place()
        self.solve_at: set[int] = {0}
        # Within the row at `index`, where the plan recalculates: what bears interest at its begin,
        # what was paid of it since, and until when what is overdue bears interest.
        self.bearing_at_begin = 0
        self.reductions: list[Change] = []
        self.arrears_until: date | None = None
        self.agreed = AgreedAmounts(contract, self._as_agreed)

    @abstractmethod
    def complete(self, index: int, place: Place) -> Place:
        """Set principal and interest of a row, and say where the walk stands after it."""

    @abstractmethod
    def solve(self, index: int, place: Place) -> Place:
        """The place with the instalment solved for the rows from `index` on."""

    @abstractmethod
    def receive(
        self, on: date, amount: int, future: Future, *, payoff: bool = False
    ) -> tuple[Amounts, int]:
        """Take a payment: what it went to, and what is left of it."""

    def pay_towards(self, on: date, due: date, principal: int, interest: int) -> None:
        """Principal and interest paid towards the instalment of a due date, as stated.

        InputProblem if no instalment falls due on that day.
        """
        row = next((row for row in self.scheduled if row.due == due), None)
        if row is None:
            raise problem(
                "no-such-instalment",
                "instalment payment",
                f"No instalment falls due on {due}.",
                "Name the due date of an instalment.",
            )
        if self.recalculation is not None:
            self.move_to(on)
            is_behind = any(row is each for each in self.scheduled[: self.index])
            self.reduce(on, principal, of_overdue=principal * is_behind)
        row.paid_principal += principal
        row.paid_interest += interest
        row.in_advance += (principal + interest) * (on < due)
        row.late += (principal + interest) * (on > due)
        self.walk()
        row.settle(on)

    @abstractmethod
    def earned(self, index: int, place: Place, until: date) -> int:
        """The interest of a row until a day within it, and what was carried to it."""

    def interest_until(self, day: date) -> int:
        """The interest that was earned until a day: of whole rows, and of the part of one."""
        if self.recalculation is not None:
            self.stand_on(day)
        total, place = sum(row.interest for row in self.scheduled[: self.index]), self.place
        for index in range(self.index, len(self.scheduled)):
            row = self.scheduled[index]
            if day < row.due:
                earned = self.earned(index, place, day) if day > row.period.begin else 0
                return total + earned
            place = self.walk_row(index, place)
            total += row.interest
        return total

    @property
    def rows(self) -> list[Row]:
        """All rows in order of their due dates."""
        if not self.apart:
            return self.scheduled
        return sorted([*self.apart, *self.scheduled], key=lambda row: row.due)

    @property
    def last(self) -> int:
        """The index of the last scheduled row."""
        return len(self.scheduled) - 1

    def is_last(self, index: int) -> bool:
        """Whether a row takes all that remains."""
        return index == self.last and self.count > 0

    @property
    def recalculation(self) -> Recalculation | None:
        """How interest follows what was really paid; None if it does not."""
        return self.contract.recalculation

    # Principal.

    def disburse(self, on: date, amount: int) -> None:
        """Principal paid out; a down payment of it falls due at once."""
        down = self.contract.interest_rounding.minor(amount * self.contract.down_payment)
        if down:
            self.apart.append(Row(Period(on, on), principal=down))
            self.down_payments.append((on, down))
        self._lengthen(on)
        if self.recalculation is not None:
            self.move_to(on)
        self._refuse_behind(on)
        self.disbursed += amount
        self.tranches.append((on, amount - down))
        self.solve_at.add(self._first_solved(on))
        self.walk()

    def _refuse_behind(self, on: date) -> None:
        """Money paid out within instalments that are settled would be owed in none."""
        if self.recalculation is None and self.index > self.last:
            what = f"The loan was paid off before {on}, and its schedule is closed."
            raise problem("paid-off", "disbursement", what, "Agree on a new contract.")
        begin = self.scheduled[self.index].period.begin if self.index <= self.last else on
        if on < begin or (on == begin and 0 < self.index <= self.last):
            what = f"The instalments until {begin} are settled, and money is paid out on {on}."
            raise problem("settled", "disbursement", what, "Pay out later, or on a new contract.")

    def down_payment_of(self, on: date) -> int:
        """What falls due at once of what was disbursed on a day."""
        rows = [row for row in self.apart if row.due == on and row.period.begin == on]
        return sum(row.open_principal for row in rows)

    def _lengthen(self, on: date) -> None:
        """Rows for all instalments, and one more where principal is paid out after the last."""
        if self.scheduled and on > self.scheduled[-1].due:
            self.count += 1
        while len(self.scheduled) < max(self.count, 1) or on > self.scheduled[-1].due:
            self.append_row()

    def append_row(self) -> None:
        """One more row at the end."""
        number, contract = len(self.scheduled) + 1, self.contract
        begin = self.scheduled[-1].due if self.scheduled else contract.start
        usual = due_date(contract.start, contract.frequency, contract.every, number)
        due = due_date(
            contract.start, contract.frequency, contract.every, number, contract.first_due
        )
        units = contract.every if number > 1 or due == usual else None
        if contract.custom:
            due, units = custom_due(contract, number, begin)
        if contract.calendar is not None:
            due = business_day(due, contract.calendar)
        row = Row(Period(begin, due, units))
        row.principal_free = number <= contract.grace.principal_periods
        row.interest_deferred = number <= contract.grace.interest_deferred_periods
        self.scheduled.append(row)

    # Amounts that are agreed one by one.

    def instalment_of(self, index: int, place: Place) -> int:
        """What a row is to pay, or its principal where that is meant: as solved, or as agreed."""
        if not self.contract.custom:
            return place.instalment
        return self.agreed.amount(index, place.scale)

    def scaled(self, index: int, place: Place) -> Place:
        """The place with agreed amounts in proportion to what is left, from a row on."""
        balance = place.balance + sum(amount for _, amount in self.tranches_of(index))
        return replace(place, scale=self.agreed.scale(index, balance))

    def put_off_principal(self, index: int) -> None:
        """Have a row pay no principal, and those agreed from it on follow it."""
        self.scheduled[index].principal_free = True
        self.agreed.put_off(index)

    def _as_agreed(self) -> list[Row]:
        """The rows of a plan in which all goes as agreed."""
        contract = replace(self.contract, recalculation=None)
        plan = type(self)(contract)
        plan.agreed = AgreedAmounts(contract)
        plan.disburse(contract.start, contract.principal_minor)
        return plan.scheduled

    def _first_solved(self, on: date) -> int:
        """The row from which a tranche changes the instalment: the next one if on a due date."""
        index = self.row_of(on)
        on_due_date = on == self.scheduled[index].due and index < self.last
        return index + 1 if on_due_date else index

    def row_of(self, day: date) -> int:
        """The index of the scheduled row that a day falls into, its due date included."""
        for index in range(self.index, len(self.scheduled)):
            if day <= self.scheduled[index].due:
                return index
        return self.last

    def tranches_of(self, index: int) -> list[Change]:
        """What is disbursed within a row, without what falls due at once."""
        return self._within(index, self.tranches)

    def _within(self, index: int, changes: list[Change]) -> list[Change]:
        row = self.scheduled[index]
        begin = date.min if index == 0 else row.period.begin
        return [(on, amount) for on, amount in changes if begin < on <= row.due]

    def owe_anew(self, on: date, amount: int) -> None:
        """Principal owed again, with the next row that falls due, or at once after the last."""
        self.owed_anew.append((on, amount))
        if self.recalculation is not None:
            self.move_to(on)
            if self.index <= self.last:
                self.reductions.append((on, -amount))
        row = next((row for row in self.scheduled if row.due >= on), None)
        if row is None:
            row = Row(Period(self.scheduled[-1].due, on))
            self.apart.append(row)
        row.credited += amount
        row.settle(on)

    # Walking.

    def walk(self) -> None:
        """Walk all rows from the place on."""
        place, index = self.place, self.index
        while index < len(self.scheduled):
            place = self.walk_row(index, place)
            if index == self.last and not self.count and place.balance > 0:
                self._append_to_open_end(index)
            index += 1

    def _append_to_open_end(self, index: int) -> None:
        if index >= MOST_ROWS or self.scheduled[index].principal <= 0:
            raise problem(
                "endless-loan",
                "instalment",
                "The instalment is too low to pay the loan back.",
                "Raise the instalment above the interest of a period.",
            )
        self.append_row()

    def freeze_before(self, index: int) -> None:
        """Leave the rows before `index` as they are, where nothing recalculates them."""
        if self.recalculation is None:
            while self.index < index:
                self.place = self.walk_row(self.index, self.place)
                self.index += 1

    def settle_instalment(self, index: int) -> None:
        """Rows before `index` and the instalment there stay, whatever rows come to follow."""
        self.freeze_before(index)
        if self.index in self.solve_at and self.index <= self.last:
            self.place = self.solve(self.index, self.place)
            self.solve_at.discard(self.index)

    def walk_row(self, index: int, place: Place) -> Place:
        """Walk one row, solving the instalment where it changes.

        What was paid in the row at the place must not change its instalment: it is solved once.
        """
        if index in self.solve_at:
            place = self.solve(index, place)
            if self.recalculation is not None and index == self.index:
                self.place = place
                self.solve_at.discard(index)
        after = self._keep_paid(index, self.complete(index, place))
        row = self.scheduled[index]
        if row.interest_fixed is not None:
            row.interest, after = row.interest_fixed, replace(after, carried=0, deferred=0)
        self._charge(row)
        if row.open_total > 0:
            row.settled_on = None
        return after

    def _keep_paid(self, index: int, after: Place) -> Place:
        """What was paid of rows before they changed stays due in them, and others pay the rest."""
        row = self.scheduled[index]
        left = after.balance + row.principal
        row.principal = self.beside_paid(index, row.principal, left)
        row.interest = max(row.interest, row.paid_interest)
        return replace(after, balance=left - row.principal)

    def beside_paid(self, index: int, principal: int, left: int) -> int:
        """The principal of a row, if that much is left beside what was paid of it and of others."""
        row, later = self.scheduled[index], self.scheduled[index + 1 :]
        ahead = sum(max(each.paid_principal - each.credited, 0) for each in later)
        return max(min(principal, left - ahead), row.paid_principal - row.credited, 0)

    def _charge(self, row: Row) -> None:
        for place, (kind, rate, base) in enumerate(self.instalment_charges):
            of = row.principal + (row.interest if base is ChargeBase.PRINCIPAL_AND_INTEREST else 0)
            amount = self.contract.interest_rounding.minor(of * rate)
            found = next((item for item in row.charges if item.of_instalment == place), None)
            if found is None:
                row.charges.append(ChargeDue(kind, row.due, amount, of_instalment=place))
            else:
                found.amount = max(amount, found.paid)

    def shown_rows(self) -> list[Row]:
        """All rows but those at the end in which nothing ever fell due."""
        rows = self.rows
        end = len(rows)
        while end > 1 and rows[end - 1].owed == NOTHING and rows[end - 1].settled_on is None:
            end -= 1
        return rows[:end]

    # Time, where the plan recalculates.

    def move_to(self, day: date) -> None:
        """Leave rows behind that fell due before a day, and note the day in the row it is in."""
        while self.index <= self.last and self.scheduled[self.index].due < day:
            self._leave_row()
        if self.index <= self.last and self._overdue_bears:
            at_rest = self._recalculation.rest is Rest.DUE_DATE and self._is_late(day)
            due = self.scheduled[self.index].due
            self.arrears_until = due if at_rest else max(day, self.arrears_until or day)

    def stand_on(self, day: date) -> None:
        """Move to a day on which nothing is paid: some overdue principal bears by payments only."""
        before, until = self.index, self.arrears_until
        self.move_to(day)
        if self._recalculation.arrears is Arrears.RUNNING_PERIOD:
            self.arrears_until = until if self.index == before else None

    def _leave_row(self) -> None:
        if self._recalculation.arrears is Arrears.EVERY_PERIOD:
            self.arrears_until = self.scheduled[self.index].due
        self.place = self.walk_row(self.index, self.place)
        self.index += 1
        self.reductions, self.arrears_until = [], None
        overdue = self.overdue() if self._overdue_bears else 0
        self.bearing_at_begin = self.place.balance + overdue - self._ahead(self.index)

    @property
    def _recalculation(self) -> Recalculation:
        assert self.contract.recalculation is not None
        return self.contract.recalculation

    @property
    def _overdue_bears(self) -> bool:
        return self._recalculation.arrears is not Arrears.NONE

    def overdue(self) -> int:
        """The principal of earlier rows, and of what fell due at once, that is not paid."""
        rows = [*self.scheduled[: self.index], *self.apart]
        return sum(max(row.open_principal, 0) for row in rows)

    def _is_late(self, day: date) -> bool:
        """Whether principal fell due before a day and is not paid."""
        rows = [*self.scheduled[: self.index], *self.apart]
        return any(row.due < day and row.open_principal > 0 for row in rows)

    def _ahead(self, index: int) -> int:
        """The principal that was paid of a row and all that follow."""
        return sum(row.paid_principal for row in self.scheduled[index:])

    def reduce(self, on: date, amount: int, of_overdue: int = 0) -> None:
        """Principal paid within the row at the place lowers what bears interest.

        `of_overdue` of it was overdue, which bears none where the contract says so.
        """
        if not self._overdue_bears:
            amount -= of_overdue
        if amount:
            # A down payment falls due on its own day.
            on_due_date = any(on == day for day, _ in self.down_payments)
            at_rest = self._recalculation.rest is Rest.DUE_DATE and not on_due_date
            self.reductions.append((self.scheduled[self.index].due if at_rest else on, amount))

    def bear_again(self, on: date, amount: int) -> None:
        """Principal that is overdue no more bears interest from a day on, where it bore none."""
        if self.recalculation is not None and not self._overdue_bears:
            self.reductions.append((on, -amount))

    @property
    def principal_open(self) -> int:
        """The principal that was paid out or is owed anew, and not paid."""
        owed = self.disbursed + sum(amount for _, amount in self.owed_anew)
        return owed - sum(row.paid_principal for row in self.rows)

    def place_before(self, index: int) -> Place:
        """Where a walk from the place on stands before a row."""
        place = self.place
        for at in range(self.index, index):
            place = self.walk_row(at, place)
        if index in self.solve_at:
            place = self.solve(index, place)
        return place

    def interest(self, index: int, place: Place, until: date | None = None) -> list[Fraction]:
        """The interest of a row, stretch by stretch, until a day or its due date."""
        period = self.scheduled[index].period
        changes = self.tranches_of(index)
        if self.recalculation is None:
            balance = place.balance
        elif index != self.index:
            balance = place.balance - self._ahead(index)
        else:
            balance = self.bearing_at_begin
            changes += [(day, -amount) for day, amount in self.reductions]
            if self._overdue_bears:
                changes += self._within(index, self.down_payments)
                changes.append((self.arrears_until or period.begin, -self.overdue()))
        return self.rates.slices(period, balance, changes, until or period.due)
