"""A line while its days are folded: limit, holds and draws, what is billed, what is paid."""

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from tradeline.lending.dates.day_counts import Period
from tradeline.lending.lines import events as of_line
from tradeline.lending.lines.agreement import LineAgreement, SeparateDraws
from tradeline.lending.lines.balance import OneBalance
from tradeline.lending.lines.daily import Course, earned
from tradeline.lending.lines.loans import DrawLoans, Shares
from tradeline.lending.lines.state import DrawStatus, Limits, LineStatus, LineTransaction
from tradeline.lending.loan import events as happened
from tradeline.lending.loan.allocation import allocate
from tradeline.lending.loan.amounts import Amounts
from tradeline.lending.loan.contract import ChargeKind, Future, Waterfall
from tradeline.lending.loan.events import Event
from tradeline.lending.loan.rounding import NEAREST
from tradeline.lending.loan.rows import ChargeDue, Row
from tradeline.lending.loan.state import Transaction, TransactionKind

NO_EVENT = -1


class Draw:
    """What was asked for, and how far it came."""

    def __init__(self, request: of_line.DrawRequest) -> None:
        self.amount, self.requested_on = request.amount_minor, request.value_date
        self.settled_on: date | None = None
        self.status = DrawStatus.HELD


class Line:
    """A line in the making. `returned` are draws whose money did not arrive, so far as is known."""

    def __init__(
        self, agreement: LineAgreement, rates: Course[Fraction], returned: Mapping[str, date]
    ) -> None:
        self.agreement, self.returned = agreement, returned
        self.limit = agreement.limit_minor
        self.is_frozen = self.is_cancelled = False
        self.draws: dict[str, Draw] = {}
        self.rows: list[Row] = []  # what is owed to the line itself: bills, fees, charges
        self.overpaid = 0
        self.transactions: list[LineTransaction] = []
        self.own: list[Transaction] = []
        self.course: list[Limits] = []
        self.undrawn: Course[int] = []
        self.period = Period(agreement.start, agreement.start)
        self.at = NO_EVENT  # the place of the event that is happening
        self.owed: DrawLoans | OneBalance
        if isinstance(agreement.repayment, SeparateDraws):
            self.owed = DrawLoans(agreement, rates)
        else:
            self.owed = OneBalance(agreement, rates, self.rows)

    # Days.

    def bill(self) -> None:
        """Bill the period that ends."""
        period, fee = self.period, self._commitment_fee()
        if isinstance(self.owed, OneBalance):
            row = self.owed.bill(period, fee)
        else:
            row = Row(Period(period.begin, period.due))
        if fee:
            row.charges.append(ChargeDue(ChargeKind.FEE, row.due, fee))
        if row.open_total:
            self.rows.append(row)
            self.at = NO_EVENT
            self._accrue(period.due, Amounts(interest=row.interest, fees=fee))

    def _commitment_fee(self) -> int:
        fee, period = self.agreement.commitment_fee, self.period
        if fee is None:
            return 0
        rates = [(date.min, fee.annual_rate)]
        between = (period.begin, period.due)
        return NEAREST.minor(
            earned(self.undrawn, rates, between, period, fee.day_count, self.agreement.frequency)
        )

    def end_day(self, day: date) -> None:
        """Note how the line stands at the end of a day."""
        held = sum(draw.amount for draw in self.draws.values() if draw.status is DrawStatus.HELD)
        limits = Limits(day, self._status(day), self.limit, self.drawn, held)
        self.course.append(limits)
        is_open = limits.status is LineStatus.OPEN
        self.undrawn.append((day, max(self.limit - self.drawn, 0) if is_open else 0))

    def _status(self, day: date) -> LineStatus:
        if self.is_cancelled:
            return LineStatus.CANCELLED
        if day > self.agreement.expiry:
            return LineStatus.EXPIRED
        return LineStatus.FROZEN if self.is_frozen else LineStatus.OPEN

    @property
    def drawn(self) -> int:
        """The principal that is drawn and not paid back."""
        if isinstance(self.owed, OneBalance):
            return self.owed.drawn
        return self.owed.drawn + sum(row.open_principal for row in self.rows)

    # Events.

    def apply(self, place: int, event: Event) -> None:
        """Let one event happen."""
        self.at = place
        handler = _HANDLERS.get(type(event))
        if handler is not None:
            handler(self, event)

    def _change_limit(self, event: of_line.LimitChange) -> None:
        self.limit = event.limit_minor

    def _freeze(self, _: of_line.Freeze) -> None:
        self.is_frozen = True

    def _release(self, _: of_line.Release) -> None:
        self.is_frozen = False

    def _cancel(self, _: of_line.Cancellation) -> None:
        self.is_cancelled = True

    def _request(self, event: of_line.DrawRequest) -> None:
        self.draws[event.draw] = Draw(event)

    def _settle(self, event: of_line.DrawSettlement) -> None:
        if event.draw in self.returned:
            return
        draw, on = self.draws[event.draw], event.value_date
        draw.status, draw.settled_on = DrawStatus.SETTLED, on
        parts = Amounts(draw.amount)
        if isinstance(self.owed, OneBalance):
            self.owed.move(on, draw.amount)
            self._book(TransactionKind.DISBURSEMENT, on, draw.amount, parts)
        else:
            self.owed.draw(event.draw, draw.amount, event)
            self._show(TransactionKind.DISBURSEMENT, on, draw.amount, parts, ((event.draw, parts),))

    def _return(self, event: of_line.DrawReturn) -> None:
        self.draws[event.draw].status = DrawStatus.RETURNED

    def _happen_to_draw(self, event: of_line.DrawEvent) -> None:
        if event.draw in self.returned:
            return
        assert isinstance(self.owed, DrawLoans)
        for made in self.owed.loans[event.draw].add(event.event, event.value_date):
            shares = ((event.draw, made.parts),)
            self._show(made.kind, made.on, made.amount, made.parts, shares)

    def _charge(self, event: happened.Charge) -> None:
        on, amount = event.value_date, event.amount_minor
        charge = ChargeDue(event.kind, on, amount)
        self.rows.append(Row(Period(on, on), charges=[charge]))
        is_fee = event.kind is ChargeKind.FEE
        self._accrue(on, Amounts(fees=amount) if is_fee else Amounts(penalties=amount))

    def _repay(self, event: happened.Repayment) -> None:
        own, left = self._pay_own(event.value_date, event.amount_minor)
        shares: Shares = ()
        if isinstance(self.owed, DrawLoans):
            shares, left = self.owed.repay(event, left)
        self._receive(event.value_date, event.amount_minor, own, shares, left)

    def _pay_off(self, event: happened.Payoff) -> None:
        own, _ = self._pay_own(event.value_date, None)
        shares: Shares = ()
        if isinstance(self.owed, DrawLoans):
            shares = self.owed.pay_off(event)
        amount = sum((parts.total for _, parts in shares), own.total)
        self._receive(event.value_date, amount, own, shares, 0)

    def _pay_own(self, on: date, amount: int | None) -> tuple[Amounts, int]:
        """Pay what is owed to the line itself, all of it if no amount is stated."""
        if isinstance(self.owed, OneBalance):
            return self._pay_balance(self.owed, on, amount)
        rows = self._open_rows()
        open_ = sum(row.open_total for row in rows)
        paid = open_ if amount is None else amount
        return allocate(rows, paid, on, Waterfall(), Future.NEXT)

    def _pay_balance(
        self, balance: OneBalance, on: date, amount: int | None
    ) -> tuple[Amounts, int]:
        """Interest that is billed by a payment, before the period ends, is income on its day."""
        before = sum(row.interest for row in self.rows)
        found = balance.pay(on, amount, self.period)
        self._accrue(on, Amounts(interest=sum(row.interest for row in self.rows) - before))
        return found

    def _open_rows(self) -> list[Row]:
        return sorted((row for row in self.rows if row.open_total > 0), key=lambda row: row.due)

    def _receive(self, on: date, amount: int, own: Amounts, shares: Shares, left: int) -> None:
        self.overpaid += left
        parts = sum((had for _, had in shares), own)
        self._show(TransactionKind.REPAYMENT, on, amount, parts, shares, left)
        if own.total + left:
            self._book_own(TransactionKind.REPAYMENT, on, own.total + left, own, left)

    def _refund_credit(self, event: happened.CreditBalanceRefund) -> None:
        """Money given back that was not paid too much is owed again."""
        on, amount = event.value_date, event.amount_minor
        from_credit = min(self.overpaid, amount)
        self.overpaid -= from_credit
        owed = amount - from_credit
        if isinstance(self.owed, OneBalance):
            self.owed.move(on, owed)
        elif owed:
            self.rows.append(Row(Period(on, on), credited=owed))
        kind = TransactionKind.CREDIT_BALANCE_REFUND
        self._book(kind, on, amount, Amounts(owed), from_credit)

    def _end_of_day(self, event: happened.EndOfDay) -> None:
        if isinstance(self.owed, DrawLoans):
            self.owed.end_day(event)

    # Transactions.

    def _accrue(self, on: date, income: Amounts) -> None:
        if income.total:
            self._book(TransactionKind.ACCRUAL, on, income.total, income)

    def _book(
        self, kind: TransactionKind, on: date, amount: int, parts: Amounts, over: int = 0
    ) -> None:
        """A transaction of the line itself."""
        self._show(kind, on, amount, parts, (), over)
        self._book_own(kind, on, amount, parts, over)

    def _book_own(
        self, kind: TransactionKind, on: date, amount: int, parts: Amounts, over: int
    ) -> None:
        self.own.append(Transaction(self.at, 0, kind, on, amount, parts, over, self.drawn))

    def _show(
        self,
        kind: TransactionKind,
        on: date,
        amount: int,
        parts: Amounts,
        shares: Shares,
        over: int = 0,
    ) -> None:
        self.transactions.append(
            LineTransaction(self.at, kind, on, amount, parts, shares, over, self.drawn)
        )


_HANDLERS: dict[type[Event], Callable[[Line, Any], None]] = {
    of_line.LimitChange: Line._change_limit,
    of_line.Freeze: Line._freeze,
    of_line.Release: Line._release,
    of_line.Cancellation: Line._cancel,
    of_line.DrawRequest: Line._request,
    of_line.DrawSettlement: Line._settle,
    of_line.DrawReturn: Line._return,
    of_line.DrawEvent: Line._happen_to_draw,
    happened.Charge: Line._charge,
    happened.Repayment: Line._repay,
    happened.Payoff: Line._pay_off,
    happened.CreditBalanceRefund: Line._refund_credit,
    happened.EndOfDay: Line._end_of_day,
}
# The order in which what happens on one day counts, whatever the order of its entry: a payment
# finds the draws of its day.
RANKS = tuple(_HANDLERS)
