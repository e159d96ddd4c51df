"""Weeks with a bank that errs: books equal its account, suspense is what nobody can explain."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import psycopg
import pytest

from tests.lending.payments.booked import DAY, OWN, Office, pay
from tradeline.lending.payments.references import creditor_reference
from tradeline.lending.payments.simulated_bank import Chances

ERRS = Chances(rejects=0.15, delays=0.3, returns=0.25, doubles=0.15)
BANK = f"bank {OWN.number}/CNY"
CLEARING, TRANSIT, SUSPENSE = "clearing/CNY", "payments in transit/CNY", "suspense/CNY"
A_DAY, AFTER = 4, 8


@dataclass
class Weeks:
    """Loans instructed over some days, receipts of all kinds, each file taken once or twice."""

    office: Office
    loans: int
    generator: np.random.Generator
    strangers: list[str] = field(default_factory=list)
    repaid: list[tuple[str, date]] = field(default_factory=list)

    def run(self) -> None:
        names = [f"loan_{number:04}" for number in range(1, self.loans + 1)]
        self.office.open(*names)
        for number in range(self.loans // A_DAY + AFTER):
            self.office.on = DAY + timedelta(number)
            self._instruct(names[number * A_DAY : (number + 1) * A_DAY])
            self._receive(names)
            self._take()

    def _instruct(self, loans: list[str]) -> None:
        for loan in loans:
            self.office.instruct(pay(f"pay-{loan[5:]}", on=self.office.on), loan)
        path = self.office.send(f"msg-{self.office.on}")
        if path:
            report = self.office.submit(path)
            self.office.take_report(report)
            self.office.take_report(report)

    def _receive(self, loans: list[str]) -> None:
        """A firm repays its loan under the reference; a stranger, or a careless one, pays in."""
        loan, amount = str(self.generator.choice(loans)), int(self.generator.integers(1, 50_000))
        if self.office.loan(loan) == "active":
            self.office.bank.receive(self.office.on, amount, "Firm", creditor_reference(loan))
            self.repaid.append((loan, self.office.on))
        else:
            self.office.bank.receive(self.office.on, amount, "Firm", "for my loan")
            self.strangers.append(self._last())
        self.office.bank.receive(self.office.on, 77, "Stranger", "a present")
        self.strangers.append(self._last())

    def _last(self) -> str:
        return self.office.bank._entries[-1].reference

    def _take(self) -> None:
        path = self.office.statement(self.office.on)
        first = self.office.take(path)
        if self.generator.random() < 0.5:
            assert self.office.take(path) == first


def moved(weeks: Weeks, loan: str) -> tuple[int, date | None]:
    """How often the bank paid a loan out, by its own account, and when it came back."""
    entries = [
        entry
        for entry in weeks.office.bank._entries
        if entry.on <= weeks.office.on and entry.end_to_end == f"pay-{loan[5:]}"
    ]
    back = [entry.on for entry in entries if entry.amount_minor > 0]
    return len(entries) - len(back), back[0] if back else None


def check(weeks: Weeks) -> set[str]:
    """Hold the books to the bank's own account; how loans ended."""
    office, ends = weeks.office, Counter[str]()
    doubts = Counter[str]({"no reference": len(weeks.strangers)})
    for number in range(1, weeks.loans + 1):
        loan = f"loan_{number:04}"
        out, back = moved(weeks, loan)
        repaid = [day for name, day in weeks.repaid if name == loan]
        is_back = back is not None and out == 1 and all(day >= back for day in repaid)
        doubts["settled before"] += out == 2
        doubts["return or correction"] += back is not None and out == 2
        # Money that comes back after a repayment, or a repayment after it came back.
        doubts["refused"] += back is not None and out == 1 and not is_back
        doubts["refused"] += sum(is_back for _ in repaid)
        end = "returned" if is_back else "active" if out else "rejected"
        assert (office.loan(loan) == "active") == (end == "active"), loan
        ends[end] += 1
    waiting = office.suspense()
    strangers = [reference for reference, _, doubt in waiting if doubt == "no reference"]
    assert sorted(strangers) == sorted(weeks.strangers)
    assert Counter(doubt for _, _, doubt in waiting) == doubts
    books = Counter(office.books())
    assert books[BANK] == sum(e.amount_minor for e in office.bank._entries if e.on <= office.on)
    assert books[SUSPENSE] == -sum(amount for _, amount, _ in waiting)
    assert (books[CLEARING], books[TRANSIT]) == (0, 0)
    assert office.faults() == []
    return set(ends)


def test_a_few_weeks_leave_no_cent_unexplained(
    lender: str, worker: psycopg.Connection, tmp_path: Path
) -> None:
    office = Office(lender, worker, tmp_path, ERRS, seed=5)
    weeks = Weeks(office, 12, np.random.default_rng(5))
    weeks.run()
    assert check(weeks) == {"active", "returned", "rejected"}


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_whatever_the_bank_does_no_loan_is_paid_twice(
    lender: str, worker: psycopg.Connection, tmp_path: Path, seed: int
) -> None:
    office = Office(lender, worker, tmp_path, ERRS, seed)
    weeks = Weeks(office, 32, np.random.default_rng(seed))
    weeks.run()
    check(weeks)
