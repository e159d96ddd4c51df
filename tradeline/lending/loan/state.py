"""What contract and events come to on a day: instalments, transactions, totals, standing."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tradeline.lending.loan.amounts import NOTHING, Amounts


class Status(StrEnum):
    """How a loan stands."""

    APPROVED = "approved"
    ACTIVE = "active"
    CLOSED = "closed"
    OVERPAID = "overpaid"
    CHARGED_OFF = "charged off"
    WRITTEN_OFF = "written off"


class TransactionKind(StrEnum):
    """What a transaction is."""

    DISBURSEMENT = "disbursement"
    DOWN_PAYMENT = "down payment"
    FEE_AT_DISBURSEMENT = "fee at disbursement"
    REPAYMENT = "repayment"
    REFUND = "refund"
    CREDIT_BALANCE_REFUND = "credit balance refund"
    CHARGEBACK = "chargeback"
    ACCRUAL = "accrual"
    REAGE = "re-age"
    REAMORTISATION = "re-amortisation"
    CHARGE_OFF = "charge-off"
    WRITE_OFF = "write-off"


@dataclass(frozen=True, slots=True)
class Instalment:
    """What falls due on one day, and what was paid of it.

    `balance_after` is the principal left once it is paid as scheduled; `paid_in_advance` was paid
    before the due date, `paid_late` after it; `settled_on` is None while something is open.
    """

    number: int
    begin: date
    due: date
    owed: Amounts
    paid: Amounts
    paid_in_advance: int
    paid_late: int
    settled_on: date | None
    balance_after: int

    @property
    def days(self) -> int:
        """The days of its period."""
        return (self.due - self.begin).days

    @property
    def open(self) -> Amounts:
        """What is still to be paid of it."""
        return self.owed - self.paid


@dataclass(frozen=True, slots=True)
class PaidOut:
    """One disbursement, and the fees due with it."""

    on: date
    amount: int
    fees: int = 0


@dataclass(frozen=True, slots=True)
class Transaction:
    """Money moved or owed anew, and what it went to; `balance` is the principal left after it.

    `recovered` came for what had been written off, `overpayment` for nothing that is owed.
    `event` is the place of the event that made it, `part` which of its transactions it is.
    """

    event: int
    part: int
    kind: TransactionKind
    on: date
    amount: int
    parts: Amounts = NOTHING
    overpayment: int = 0
    balance: int = 0
    reversed: bool = False
    charged_off_before: bool = False
    recovered: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all instalments and disbursements."""

    owed: Amounts
    paid: int
    paid_in_advance: int
    paid_late: int

    @property
    def open(self) -> int:
        """What is still to be paid."""
        return self.owed.total - self.paid


@dataclass(frozen=True, slots=True)
class Delinquency:
    """How late a loan is: since when, grace days taken off, and how many days (0: it is not)."""

    since: date | None
    days: int
    overdue: Amounts = NOTHING


@dataclass(frozen=True, slots=True)
class LoanState:
    """A loan on a day. Equal contract, events and day give an equal state."""

    as_of: date
    status: Status
    disbursed: tuple[PaidOut, ...]
    instalments: tuple[Instalment, ...]
    transactions: tuple[Transaction, ...]
    totals: Totals
    overpaid: int
    delinquency: Delinquency
    charged_off_on: date | None = None

    @property
    def principal_open(self) -> int:
        """The principal still to be paid back, of what was disbursed."""
        return sum(row.open.principal for row in self.instalments)
