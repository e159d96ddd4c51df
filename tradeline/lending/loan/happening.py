"""One event after another: what each does to the rows, and which transactions it makes."""

from collections.abc import Callable, Set
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tradeline.kernel.findings import problem
from tradeline.lending.dates.day_counts import Period
from tradeline.lending.loan import events as happened
from tradeline.lending.loan.amounts import NOTHING, Amounts
from tradeline.lending.loan.contract import ChargeBase, ChargeKind, Contract, Family, PayoffInterest
from tradeline.lending.loan.cumulative import CumulativePlan
from tradeline.lending.loan.events import Event
from tradeline.lending.loan.payoff import payoff_amount
from tradeline.lending.loan.plan import Plan
from tradeline.lending.loan.progressive import ProgressivePlan
from tradeline.lending.loan.restructuring import change_rate, reage, reamortise, reschedule
from tradeline.lending.loan.rows import ChargeDue, Row
from tradeline.lending.loan.state import PaidOut, Transaction, TransactionKind

PLANS = {Family.CUMULATIVE: CumulativePlan, Family.PROGRESSIVE: ProgressivePlan}
PAID_OUT, DOWN_PAYMENT, FEE = 0, 1, 2


class Happening:
    """A loan while its events are folded: the plan, and what was moved."""

    def __init__(self, contract: Contract, reversed_parts: Set[tuple[int, int]]) -> None:
        self.contract = contract
        self.reversed_parts = reversed_parts
        self.plan: Plan = PLANS[contract.family](contract)
        self.transactions: list[Transaction] = []
        self.disbursed: list[PaidOut] = []
        self.pauses: list[tuple[date, date]] = []
        self.fee_rates: list[Fraction] = []
        self.at = 0  # the place of the event that is happening
        self.overpaid = self.balance = 0
        self.earned_until: date | None = None  # where a progressive loan earns by days
        self.earned: list[tuple[date, int]] = []
        self.earned_interest = 0
        self.charged_off_on: date | None = None
        self.written_off = False
        self.lost = 0  # what was written off and did not come back

    def apply(self, place: int, event: Event) -> None:
        """Let one event happen."""
        if not isinstance(event, happened.Disbursement | happened.DisbursementCharge):
            self._need_disbursement(event)
        self.at = place
        if self.earned_until is not None:
            self._earn_days(event.value_date)
        _HANDLERS[type(event)](self, event)

    def _need_disbursement(self, event: Event) -> None:
        if not self.plan.scheduled and not isinstance(event, happened.InstalmentCharge):
            raise problem(
                "not-disbursed",
                "loan",
                f"On {event.value_date} nothing was disbursed yet.",
                "Enter the disbursement first, or correct the day.",
            )

    # Money.

    def _disburse(self, event: happened.Disbursement) -> None:
        on, amount = event.value_date, event.amount_minor
        fees = sum(self._rounded(rate * amount) for rate in self.fee_rates)
        self.plan.disburse(on, amount)
        self.balance += amount
        if fees:
            self._record(TransactionKind.FEE_AT_DISBURSEMENT, on, fees, Amounts(fees=fees),
                         part=FEE)  # fmt: skip
        self._record(TransactionKind.DISBURSEMENT, on, amount)
        if fees:
            self._accrue(on, Amounts(fees=fees))
        self.disbursed.append(PaidOut(on, amount, fees))
        down = self.plan.down_payment_of(on)
        kept = self.contract.down_payment_kept
        if down and kept and (self.at, DOWN_PAYMENT) not in self.reversed_parts:
            self._receive(TransactionKind.DOWN_PAYMENT, on, down, part=DOWN_PAYMENT)

    def _repay(self, event: happened.Repayment) -> None:
        self._receive(TransactionKind.REPAYMENT, event.value_date, event.amount_minor)

    def _refund(self, event: happened.Refund) -> None:
        self._receive(TransactionKind.REFUND, event.value_date, event.amount_minor)

    def _pay_off(self, event: happened.Payoff) -> None:
        amount = payoff_amount(self.plan, event.value_date)
        self._receive(TransactionKind.REPAYMENT, event.value_date, amount, payoff=True)

    def _receive(
        self,
        kind: TransactionKind,
        on: date,
        amount: int,
        *,
        part: int = 0,
        payoff: bool = False,
    ) -> None:
        waterfall = self.contract.waterfall
        refund = kind is TransactionKind.REFUND
        future = waterfall.future_refunds if refund else waterfall.future
        payoff = payoff or self._pays_off(on, amount)
        parts, left = self.plan.receive(on, amount, future, payoff=payoff)
        recovered = min(left, self.lost)
        self.lost -= recovered
        self.overpaid += left - recovered
        self.balance -= parts.principal
        self._record(kind, on, amount, parts, part=part, overpayment=left - recovered,
                     recovered=recovered)  # fmt: skip
        self._accrue_if_closed(on)

    def _pays_off(self, on: date, amount: int) -> bool:
        """Whether an amount pays all, where interest then runs to the end of the period."""
        to_end = self.contract.payoff_interest is PayoffInterest.PERIOD_END
        recalculated = self.plan.recalculation is not None
        return to_end and recalculated and amount >= payoff_amount(self.plan, on)

    def _refund_credit(self, event: happened.CreditBalanceRefund) -> None:
        """Money given back that was not paid too much is owed again."""
        on, amount = event.value_date, event.amount_minor
        from_credit = min(self.overpaid, amount)
        owed = amount - from_credit
        self.overpaid -= from_credit
        if owed:
            self.plan.owe_anew(on, owed)
            self.balance += owed
        kind = TransactionKind.CREDIT_BALANCE_REFUND
        self._record(kind, on, amount, Amounts(owed), overpayment=from_credit)

    def _charge_back(self, event: happened.Chargeback) -> None:
        on, amount = event.value_date, event.amount_minor
        self.plan.owe_anew(on, amount)
        self.balance += amount
        self._record(TransactionKind.CHARGEBACK, on, amount, Amounts(amount))

    def _pay_towards(self, event: happened.InstalmentPayment) -> None:
        on, parts = event.value_date, Amounts(event.principal_minor, event.interest_minor)
        self.plan.pay_towards(on, event.due, parts.principal, parts.interest)
        self.balance -= parts.principal
        self._record(TransactionKind.REPAYMENT, on, parts.total, parts)

    # Charges.

    def _charge(self, event: happened.Charge) -> None:
        self._add_charge(event.kind, event.value_date, event.amount_minor)

    def _charge_percent(self, event: happened.PercentCharge) -> None:
        self.plan.walk()
        base = sum(paid.amount for paid in self.disbursed)
        if event.base is ChargeBase.PRINCIPAL_AND_INTEREST:
            base += sum(row.interest for row in self.plan.scheduled)
        self._add_charge(event.kind, event.value_date, self._rounded(event.rate * base))

    def _add_charge(self, kind: ChargeKind, due: date, amount: int) -> None:
        self._row_of_charge(due).charges.append(ChargeDue(kind, due, amount))
        row = self._row_of_charge(due)
        row.settle(due)

    def _row_of_charge(self, due: date) -> Row:
        """The instalment whose period a day falls into; one of its own after the last."""
        plan = self.plan
        if due <= plan.scheduled[-1].due:
            return next(row for row in plan.scheduled if due <= row.due)
        found = next((row for row in plan.apart if row.due == due), None)
        if found is None:
            begin = max(row.due for row in plan.rows)
            found = Row(Period(min(begin, due), due))
            plan.apart.append(found)
        return found

    def _charge_instalments(self, event: happened.InstalmentCharge) -> None:
        self.plan.instalment_charges.append((event.kind, event.rate, event.base))
        self.plan.walk()

    def _charge_disbursement(self, event: happened.DisbursementCharge) -> None:
        self.fee_rates.append(event.rate)

    # Terms.

    def _change_rate(self, event: happened.RateChange) -> None:
        change_rate(self.plan, event)

    def _reschedule(self, event: happened.Reschedule) -> None:
        reschedule(self.plan, event)

    def _reage(self, event: happened.Reage) -> None:
        amount = reage(self.plan, event)
        self._record(TransactionKind.REAGE, event.value_date, amount, Amounts(amount))

    def _reamortise(self, event: happened.Reamortisation) -> None:
        amount = reamortise(self.plan, event.value_date)
        self._record(TransactionKind.REAMORTISATION, event.value_date, amount, Amounts(amount))

    def _pause_interest(self, event: happened.InterestPause) -> None:
        self.plan.rates.pause(event.value_date, event.until)
        self.plan.walk()

    def _pause_delinquency(self, event: happened.DelinquencyPause) -> None:
        self.pauses.append((event.value_date, event.until))

    # Losses.

    def _charge_off(self, event: happened.ChargeOff) -> None:
        self.plan.walk()
        parts = self._open()
        self._record(TransactionKind.CHARGE_OFF, event.value_date, parts.total, parts)
        self.charged_off_on = event.value_date

    def _write_off(self, event: happened.WriteOff) -> None:
        self.plan.walk()
        parts = self._open()
        for row in self.plan.rows:
            row.principal, row.credited = row.paid_principal, 0
            row.interest = row.paid_interest
            for item in row.charges:
                item.amount = item.paid
            row.settle(event.value_date)
        self.plan.index = len(self.plan.scheduled)
        self.balance = 0
        self.lost += parts.total
        self._record(TransactionKind.WRITE_OFF, event.value_date, parts.total, parts)
        self.written_off = True

    def _open(self) -> Amounts:
        return sum((row.owed - row.paid for row in self.plan.rows), NOTHING)

    # The end of day.

    def _end_day(self, event: happened.EndOfDay) -> None:
        day = event.value_date
        self.plan.walk()
        for row in self.plan.rows:
            if row.due < day:
                self._penalise(row, day)
        if self.contract.family is Family.PROGRESSIVE:
            self._accrue_days(day)
        for row in self.plan.rows:
            if row.due < day:
                self._accrue_row(row)

    def _accrue_days(self, day: date) -> None:
        """Interest until the day before: the first time in one sum, then day by day."""
        self.earned_until = self.earned_until or day - timedelta(days=2)
        self._earn_days(day)
        for on, amount in self.earned:
            self._accrue(on, Amounts(interest=amount))
        self.earned = []

    def _earn_days(self, until: date) -> None:
        """Note what each day before a day earned, while what bears interest still stands."""
        assert self.earned_until is not None
        while self.earned_until < until - timedelta(days=1):
            self.earned_until += timedelta(days=1)
            more = self.plan.interest_until(self.earned_until) - self.earned_interest
            if more > 0:
                self.earned.append((self.earned_until, more))
                self.earned_interest += more

    def _penalise(self, row: Row, day: date) -> None:
        rule = self.contract.overdue_penalty
        if rule is None or day <= row.due + timedelta(days=rule.after_grace_days):
            return
        if row.penalised_until is not None and not rule.per_day:
            return
        base = max(row.open_principal, 0)
        if rule.base is ChargeBase.PRINCIPAL_AND_INTEREST:
            base += max(row.interest - row.paid_interest, 0)
        days = (day - (row.penalised_until or row.due)).days if rule.per_day else 1
        row.penalised_until = day
        before = self._rounded(row.penalty)
        row.penalty += rule.rate * base * days
        amount = self._rounded(row.penalty) - before
        if amount:
            row.charges.append(ChargeDue(ChargeKind.PENALTY, row.due, amount))
            row.settle(day)

    def _accrue_row(self, row: Row) -> None:
        income = row.owed - Amounts(row.owed.principal) - row.accrued
        if self.contract.family is Family.PROGRESSIVE:
            income -= Amounts(interest=income.interest)
        if income.total > 0:
            self._accrue(row.due, income)
            row.accrued = row.accrued + income

    def _accrue_if_closed(self, on: date) -> None:
        """Income not taken yet is earned once everything is paid."""
        if self.balance > 0:
            return
        self.plan.walk()
        if self._open().total > 0:
            return
        income = NOTHING
        for row in self.plan.rows:
            more = row.owed - Amounts(row.owed.principal) - row.accrued
            row.accrued = row.accrued + more
            income += more
        taken = self.earned_interest - sum(amount for _, amount in self.earned)
        income -= Amounts(interest=taken)
        self.earned_interest, self.earned = 0, []
        if income.total > 0:
            self._accrue(on, income)

    def _accrue(self, on: date, income: Amounts) -> None:
        self.transactions.append(
            Transaction(self.at, 0, TransactionKind.ACCRUAL, on, income.total, income)
        )

    def _record(
        self,
        kind: TransactionKind,
        on: date,
        amount: int,
        parts: Amounts = NOTHING,
        *,
        part: int = 0,
        overpayment: int = 0,
        recovered: int = 0,
    ) -> None:
        charged_off = self.charged_off_on is not None
        self.transactions.append(
            Transaction(self.at, part, kind, on, amount, parts, overpayment, self.balance,
                        charged_off_before=charged_off, recovered=recovered)
        )  # fmt: skip

    def _rounded(self, amount: Fraction | int) -> int:
        return self.contract.interest_rounding.minor(amount)


_HANDLERS: dict[type[Event], Callable[[Happening, Any], None]] = {
    happened.Disbursement: Happening._disburse,
    happened.Repayment: Happening._repay,
    happened.Refund: Happening._refund,
    happened.Payoff: Happening._pay_off,
    happened.CreditBalanceRefund: Happening._refund_credit,
    happened.Chargeback: Happening._charge_back,
    happened.InstalmentPayment: Happening._pay_towards,
    happened.Charge: Happening._charge,
    happened.PercentCharge: Happening._charge_percent,
    happened.InstalmentCharge: Happening._charge_instalments,
    happened.DisbursementCharge: Happening._charge_disbursement,
    happened.RateChange: Happening._change_rate,
    happened.Reschedule: Happening._reschedule,
    happened.Reage: Happening._reage,
    happened.Reamortisation: Happening._reamortise,
    happened.InterestPause: Happening._pause_interest,
    happened.DelinquencyPause: Happening._pause_delinquency,
    happened.ChargeOff: Happening._charge_off,
    happened.WriteOff: Happening._write_off,
    happened.EndOfDay: Happening._end_day,
}
