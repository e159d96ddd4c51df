"""All draws as one balance, billed from time to time, of which each bill asks for a part.

What falls due depends on all that is drawn when a bill is made, so that no draw has a schedule of
its own and the fold of a loan does not fit. Rows, allocation and arrears are those of loans.
"""

from datetime import date, timedelta
from fractions import Fraction

from tradeline.lending.dates.day_counts import Period
from tradeline.lending.lines.agreement import LineAgreement, MinimumPayment
from tradeline.lending.lines.daily import Course, earned
from tradeline.lending.loan.allocation import allocate
from tradeline.lending.loan.amounts import NOTHING, Amounts
from tradeline.lending.loan.contract import Future, Waterfall
from tradeline.lending.loan.rounding import NEAREST
from tradeline.lending.loan.rows import Row


class OneBalance:
    """Principal that is drawn in all, and interest on it from day to day.

    `interest_from` is the day up to which interest is billed, `period` the one that runs.
    """

    def __init__(self, agreement: LineAgreement, rates: Course[Fraction], rows: list[Row]) -> None:
        assert isinstance(agreement.repayment, MinimumPayment)
        self.agreement, self.terms = agreement, agreement.repayment
        self.rates, self.rows = rates, rows
        self.drawn = 0
        self.balances: Course[int] = []
        self.interest_from = agreement.start

    def move(self, on: date, amount: int) -> None:
        """Principal drawn, or paid back where it is below zero."""
        self.drawn += amount
        self.balances.append((on, self.drawn))

    @property
    def unbilled(self) -> int:
        """The principal that no bill asked for."""
        return self.drawn - sum(row.open_principal for row in self.rows)

    def bill(self, period: Period, fee: int) -> Row:
        """What a period asks for."""
        interest, asked = self._interest(period, period.due), self.unbilled
        if period.due <= self.agreement.expiry:
            share = NEAREST.minor(self.terms.share * self.drawn)
            least = max(share, self.terms.least_minor - interest - fee, 0)
            asked = min(least, asked)
        due = period.due + timedelta(days=self.terms.days_to_pay)
        return Row(Period(period.begin, due), principal=asked, interest=interest)

    def _interest(self, period: Period, until: date) -> int:
        between = (max(self.interest_from, period.begin), until)
        self.interest_from = until
        return NEAREST.minor(
            earned(self.balances, self.rates, between, period, self.terms.day_count,
                   self.agreement.frequency)
        )  # fmt: skip

    def pay(self, on: date, amount: int | None, period: Period) -> tuple[Amounts, int]:
        """Pay so much, or all that is owed (None): what it went to, and what is left.

        What is billed comes first, then principal, then interest not yet billed.
        """
        if amount is None:
            self._bill_now(on, period, self.unbilled)
            return self._pay_bills(on, sum(row.open_total for row in self.rows))
        parts, left = self._pay_bills(on, amount)
        ahead = min(left, self.unbilled)
        if ahead:
            self.move(on, -ahead)
        if left == ahead:
            return parts + Amounts(ahead), 0
        self._bill_now(on, period, 0)
        more, left = self._pay_bills(on, left - ahead)
        return parts + Amounts(ahead) + more, left

    def _bill_now(self, on: date, period: Period, principal: int) -> None:
        row = Row(Period(self.interest_from, on), principal, self._interest(period, on))
        if row.open_total:
            self.rows.append(row)

    def _pay_bills(self, on: date, amount: int) -> tuple[Amounts, int]:
        rows = sorted((row for row in self.rows if row.open_total > 0), key=lambda row: row.due)
        if not rows:
            return NOTHING, amount
        parts, left = allocate(rows, amount, on, Waterfall(), Future.NEXT)
        if parts.principal:
            self.move(on, -parts.principal)
        return parts, left
