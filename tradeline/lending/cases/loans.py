"""What a loan comes to at a checkpoint, in the words of the case."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tradeline.kernel.findings import InputProblem
from tradeline.kernel.money import amount_text
from tradeline.lending.bookings.chart import TYPES
from tradeline.lending.bookings.entries import Journal, journals
from tradeline.lending.cases.case import Variant
from tradeline.lending.cases.comparing import Comparison, is_nothing
from tradeline.lending.cases.entering import Entries, entries_of
from tradeline.lending.cases.journal_entries import entry, in_words, stated_entries
from tradeline.lending.cases.terms import contract_of
from tradeline.lending.cases.values import Reader
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.delinquency import bucket
from tradeline.lending.loan.events import Event, InstalmentPayment, Reage
from tradeline.lending.loan.fold import fold, preview
from tradeline.lending.loan.interest_parts import InterestPart, parts_of_interest
from tradeline.lending.loan.payable import payable
from tradeline.lending.loan.state import (
    Instalment,
    LoanState,
    PaidOut,
    Transaction,
    TransactionKind,
)
from tradeline.lending.loan.statement import transactions

KINDS = {
    TransactionKind.DISBURSEMENT: "Disbursement",
    TransactionKind.DOWN_PAYMENT: "Down Payment",
    TransactionKind.FEE_AT_DISBURSEMENT: "Repayment (at time of disbursement)",
    TransactionKind.REPAYMENT: "Repayment",
    TransactionKind.REFUND: "Merchant Issued Refund",
    TransactionKind.CREDIT_BALANCE_REFUND: "Credit Balance Refund",
    TransactionKind.ACCRUAL: "Accrual",
    TransactionKind.REAGE: "Re-age",
    TransactionKind.CHARGE_OFF: "Charge-off",
}
MOVE_NO_MONEY = (TransactionKind.ACCRUAL, TransactionKind.REAGE, TransactionKind.CHARGE_OFF)
JOURNALS = {
    TransactionKind.DISBURSEMENT: "disbursement",
    TransactionKind.DOWN_PAYMENT: "down_payment",
    TransactionKind.FEE_AT_DISBURSEMENT: "repayment_at_disbursement",
    TransactionKind.REPAYMENT: "repayment",
    TransactionKind.REFUND: "merchant_issued_refund",
    TransactionKind.CREDIT_BALANCE_REFUND: "credit_balance_refund",
    TransactionKind.ACCRUAL: "accrual",
    TransactionKind.CHARGE_OFF: "charge_off",
}
# The peer's ranges of days late: each by its first day.
BUCKETS = (
    ("RANGE_1", 1), ("RANGE_3", 4), ("RANGE_30", 31), ("RANGE_60", 61), ("RANGE_90", 91),
    ("RANGE_120", 121), ("RANGE_150", 151), ("RANGE_180", 181), ("RANGE_240", 241),
)  # fmt: skip
NOT_LATE = "NO_DELINQUENCY"


def replay_loan(reader: Reader, variant: Variant) -> list[Comparison]:
    """All checkpoints of a loan compared; what cannot be read is refused by the reader."""
    contract = contract_of(reader, variant.inputs, variant.events)
    reader.stop_if_refused()
    assert contract is not None
    entries = entries_of(reader, contract, variant.inputs, variant.events)
    points = [
        _Point(reader, variant, contract, entries, number, checkpoint)
        for number, checkpoint in enumerate(variant.checkpoints, 1)
    ]
    reader.stop_if_refused()
    return [point.compared() for point in points]


class _Point:
    """One checkpoint of a loan."""

    def __init__(
        self,
        reader: Reader,
        variant: Variant,
        contract: Contract,
        entries: Entries,
        number: int,
        checkpoint: Mapping[str, Any],
    ) -> None:
        self.contract, self.checkpoint, self.digits = contract, checkpoint, reader.digits
        where = f"{variant.name}: checkpoint {number}"
        self.after = reader.number(f"{where}: after_event", checkpoint.get("after_event", 0))
        if self.after > len(variant.events):
            reader.refuse(f"{where}: after_event", f"There is no event {self.after}.")
            self.after = 0
        self.events: Sequence[Event] = entries.events[: entries.upto[self.after]]
        self.as_of = entries.entered_on[self.after]
        if checkpoint.get("as_of") is not None:
            self.as_of = reader.date(f"{where}: as_of", checkpoint["as_of"])
        for at, row in enumerate(checkpoint.get("payable") or [], 1):
            for key in ("on", "for_due_date"):
                reader.date(f"{where}: payable {at}: {key}", row.get(key))
        whole = "comparison" in variant.inputs
        name = f"{number}, after event {self.after} on {self.as_of}"
        self.comparison = Comparison(variant.name, name, whole)

    def compared(self) -> Comparison:
        """Every figure of the checkpoint held against the loan."""
        try:
            self.state = self._state()
        except InputProblem as refusal:
            said = " ".join(str(refusal).splitlines())
            for key in self.checkpoint:
                self.comparison.fail(key, "a figure", said)
            return self.comparison
        for key, expected in self.checkpoint.items():
            if key in ("after_event", "as_of", "assumption") or expected is None:
                continue
            compare = getattr(self, f"compare_{key}", None)
            if compare is None:
                self.comparison.fail(key, expected, "no figure of a loan")
            else:
                compare(expected)
        return self.comparison

    def _state(self) -> LoanState:
        if not self.after:
            return preview(self.contract)
        return fold(self.contract, self.events, self.as_of)

    def _written(self, minor: int) -> str:
        return amount_text(minor, self.digits)

    # Schedules.

    def compare_schedule(self, expected: Sequence[Mapping[str, Any]]) -> None:
        wanted = {row["row"] for row in expected}
        rows = [row for row in self._schedule() if row["row"] in wanted]
        reaged = any(isinstance(event, Reage) for event in self.events)
        asked = [_asked(row, reaged=reaged) for row in expected]
        if any("parts_of_interest" in row for row in asked):
            self._add_parts(rows)
        self.comparison.hold_rows("schedule row", asked, rows)

    def _schedule(self) -> list[dict[str, Any]]:
        paid_out = [(paid.on, 0, self._disbursement_row(paid)) for paid in self.state.disbursed]
        rows = [(row.due, 1, self._instalment_row(row)) for row in self.state.instalments]
        return [row for *_, row in sorted([*paid_out, *rows], key=lambda item: item[:2])]

    def _disbursement_row(self, paid: PaidOut) -> dict[str, Any]:
        return {
            "row": "disbursement",
            "date": paid.on.isoformat(),
            "amount": self._written(paid.amount),
            "fees_due": self._written(paid.fees),
        }

    def _instalment_row(self, row: Instalment) -> dict[str, Any]:
        return {
            "row": "instalment",
            "n": row.number,
            "days": row.days,
            "due_date": row.due.isoformat(),
            "paid_on": row.settled_on.isoformat() if row.settled_on else None,
            "balance_after": self._written(row.balance_after - self._paid_ahead(row.due)),
            "principal": self._written(row.owed.principal),
            "interest": self._written(row.owed.interest),
            "fees": self._written(row.owed.fees),
            "penalties": self._written(row.owed.penalties),
            "due": self._written(row.owed.total),
            "paid": self._written(row.paid.total),
            "paid_in_advance": self._written(row.paid_in_advance),
            "paid_late": self._written(row.paid_late),
            "outstanding": self._written(row.open.total),
        }

    def _paid_ahead(self, due: date) -> int:
        """What payments stated by instalment took off a balance before it fell due."""
        return sum(
            event.principal_minor
            for event in self.events
            if isinstance(event, InstalmentPayment) and event.value_date <= due < event.due
        )

    def _add_parts(self, rows: Sequence[dict[str, Any]]) -> None:
        parts = parts_of_interest(self.contract, self.events, self.as_of)
        for row in rows:
            found = parts.get(str(row.get("due_date")))
            row["parts_of_interest"] = found and [self._part(part) for part in found]

    def _part(self, part: InterestPart) -> str:
        amount = self._written(part.amount)
        if part.begin is None:
            return f"{amount} for the period"
        begin, end = (_day_and_month(day) for day in (part.begin, part.end))
        return f"{amount} carried from {begin} to {end} on {self._written(part.balance)}"

    def compare_rows(self, expected: Sequence[Mapping[str, Any]]) -> None:
        for row in expected:
            number = row.get("n")
            found = [self._instalment_row(each) for each in self.state.instalments
                     if each.number == number]  # fmt: skip
            got = found[0] | {"date": found[0]["due_date"]} if found else {}
            self.comparison.hold_all(f"row {number}", row, got)

    def compare_totals(self, expected: Mapping[str, Any]) -> None:
        found = self.state.totals
        amounts = {
            "principal_due": found.owed.principal, "interest": found.owed.interest,
            "fees": found.owed.fees, "penalties": found.owed.penalties, "due": found.owed.total,
            "paid": found.paid, "in_advance": found.paid_in_advance, "late": found.paid_late,
            "outstanding": found.open,
        }  # fmt: skip
        got = {key: self._written(amount) for key, amount in amounts.items()}
        self.comparison.hold_all("totals", expected, got)

    # Single figures.

    def compare_instalment(self, expected: object) -> None:
        paying = [row for row in self.state.instalments if row.owed.principal]
        got = self._written(paying[0].owed.total) if paying else None
        self.comparison.hold("instalment", expected, got)

    def compare_number_of_instalments(self, expected: object) -> None:
        self.comparison.hold("number_of_instalments", expected, len(self.state.instalments))

    def compare_total_interest(self, expected: object) -> None:
        got = self._written(self.state.totals.owed.interest)
        self.comparison.hold("total_interest", expected, got)

    def compare_total_payment(self, expected: object) -> None:
        self.comparison.hold("total_payment", expected, self._written(self.state.totals.owed.total))

    # Transactions, journals, lateness.

    def compare_transactions(self, expected: Sequence[Mapping[str, Any]]) -> None:
        """Income accrued is compared where the case lists any."""
        made = transactions(self.contract, self.events, self.as_of)
        if not any(row.get("type") == "Accrual" for row in expected):
            made = tuple(each for each in made if each.kind is not TransactionKind.ACCRUAL)
        rows = [self._transaction(each) for each in made]
        self.comparison.hold_rows("transaction", expected, rows)

    def _transaction(self, made: Transaction) -> dict[str, Any]:
        return {
            "date": made.on.isoformat(),
            "type": KINDS.get(made.kind, str(made.kind)),
            "amount": self._written(made.amount),
            "principal": self._written(made.parts.principal),
            "interest": self._written(made.parts.interest),
            "fees": self._written(made.parts.fees),
            "penalties": self._written(made.parts.penalties),
            "overpayment": self._written(made.overpayment),
            "balance": self._written(0 if made.kind in MOVE_NO_MONEY else made.balance),
            "reversed": made.reversed,
        }

    def compare_journals(self, expected: Sequence[Mapping[str, Any]]) -> None:
        booked = list(journals(transactions(self.contract, self.events, self.as_of)))
        for number, journal in enumerate(expected, 1):
            figure = f"journal {number} ({journal.get('transaction')} {journal.get('date')})"
            place = next((at for at, each in enumerate(booked) if _is_of(each, journal)), None)
            if place is None:
                self.comparison.fail(figure, "a journal", "nothing was booked")
                continue
            got = self._entries(booked.pop(place))
            self.comparison.hold(figure, stated_entries(journal), got)

    def _entries(self, journal: Journal) -> str:
        return in_words(
            entry(TYPES[each.account], each.amount_minor, self._written(abs(each.amount_minor)))
            for each in journal.postings
        )

    def compare_delinquency(self, expected: Mapping[str, Any]) -> None:
        found = self.state.delinquency
        since = found.since.isoformat() if found.since else None
        got = {"bucket": bucket(found.days, BUCKETS) or NOT_LATE, "delinquent_since": since}
        self.comparison.hold_all("delinquency", expected, got)

    def compare_payable(self, expected: Sequence[Mapping[str, Any]]) -> None:
        for number, row in enumerate(expected, 1):
            on, due = (date.fromisoformat(row[key]) for key in ("on", "for_due_date"))
            found = payable(self.contract, self.events, on, due)
            got = {
                "on": row["on"], "for_due_date": row["for_due_date"],
                "balance": self._written(found.balance),
                "principal": self._written(found.principal),
                "interest": self._written(found.interest),
            }  # fmt: skip
            self.comparison.hold_all(f"payable {number}", row, got)


def _day_and_month(day: date | None) -> str:
    return f"{day.day} {day:%b}" if day else ""


def _asked(row: Mapping[str, Any], *, reaged: bool) -> dict[str, Any]:
    """What a row asks for, less what peers show at random of instalments of nothing."""
    asked = dict(row)
    if row["row"] == "instalment" and is_nothing(row.get("due")):
        asked.pop("paid_on", None)
        if reaged:
            asked.pop("days", None)
            asked.pop("balance_after", None)
    return asked


def _is_of(journal: Journal, expected: Mapping[str, Any]) -> bool:
    made = journal.transaction
    kind = JOURNALS.get(made.kind, str(made.kind))
    return kind == expected.get("transaction") and made.on.isoformat() == expected.get("date")
