"""A lender with an account at a bank and loans to pay out, and short words for what happens."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from tests.lending.servicing.loans import CONTRACT
from tradeline.book.connection import in_tenant, snapshot
from tradeline.kernel.findings import InputProblem
from tradeline.lending.ledger.reading import balances
from tradeline.lending.ledger.sealing import seal
from tradeline.lending.ledger.verify import verify
from tradeline.lending.payments.instruction import BankAccount, Instruction
from tradeline.lending.payments.proof import payments_clear
from tradeline.lending.payments.simulated_bank import Chances, SimulatedBank
from tradeline.lending.servicing.saved import loans_agree

OWN = BankAccount("Lender 北", "DE89370400440532013000", "COBADEFFXXX")
FIRM = BankAccount("Firm", "GB82WEST12345698765432")
DAY, NEXT = date(2026, 1, 5), date(2026, 1, 6)
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
LOAN = "loan_0001"
AMOUNT = 1_200_000
SURE = Chances(rejects=0, delays=0, returns=0, doubles=0)


def pay(name: str = "pay-1", amount: int = AMOUNT, **changes: Any) -> Instruction:
    return replace(Instruction(name, DAY, amount, "CNY", FIRM, "loan"), **changes)


@dataclass
class Office:
    """A lender's office: what it does on a day, and the bank that it deals with."""

    tenant: str
    worker: psycopg.Connection
    folder: Path
    chances: Chances = SURE
    seed: int = 1
    on: date = DAY
    bank: SimulatedBank = field(init=False)

    def __post_init__(self) -> None:
        self.bank = SimulatedBank(OWN, "CNY", np.random.default_rng(self.seed), self.chances)

    @property
    def desk(self) -> Any:
        from tradeline.lending.payments.flows import Desk

        return Desk(self.tenant, self.on, NOW)

    def open(self, *loans: str) -> None:
        from tradeline.lending.payments.flows import open_account
        from tradeline.lending.servicing.flows import Command, open_agreement

        open_account(self.desk, OWN, "CNY")
        for loan in loans:
            open_agreement(Command(self.tenant, loan, f"open {loan}", NOW), CONTRACT)

    def instruct(self, instruction: Instruction, loan: str = LOAN) -> dict[str, Any]:
        from tradeline.lending.payments.flows import instruct

        return dict(instruct(self.desk, OWN.number, loan, instruction))

    def send(self, message: str = "msg-1") -> Path | None:
        """Write the file of transfers, as an operator does."""
        from tradeline.lending.payments.flows import send, written

        outgoing = send(self.desk, OWN.number, message)
        if outgoing is None:
            return None
        path = self.folder / f"{outgoing.message}.xml"
        path.write_bytes(outgoing.content)
        written(self.desk, outgoing.message)
        return path

    def submit(self, path: Path) -> Path:
        """Have the bank take a file; its report."""
        report = self.folder / f"report {path.name}"
        report.write_bytes(self.bank.submit(path, NOW))
        return report

    def statement(self, day: date) -> Path:
        path = self.folder / f"{day}.xml"
        path.write_bytes(self.bank.statement(day, NOW))
        return path

    def take(self, path: Path) -> dict[str, Any]:
        from tradeline.lending.payments.taking import take_statement

        return dict(take_statement(self.desk, path))

    def take_all(self) -> None:
        """Take the statement of each day on which something moved, on that day."""
        for day in sorted({entry.on for entry in self.bank._entries}):
            self.on = max(self.on, day)
            self.take(self.statement(day))

    def take_report(self, path: Path) -> dict[str, Any]:
        from tradeline.lending.payments.taking import take_report

        return dict(take_report(self.desk, path))

    def paid_out(self, *names: str) -> None:
        """Instruct a loan for each name, send them all, and take what the bank says at once."""
        for number, name in enumerate(names, start=1):
            self.instruct(pay(name), f"loan_{number:04}")
        path = self.send()
        assert path
        self.take_report(self.submit(path))

    def suspense(self) -> list[tuple[str, int, str]]:
        from tradeline.lending.payments.saved import waiting

        with in_tenant(self.worker, self.tenant):
            found = [each.suspended for each in waiting(self.worker)]
        return [(s.movement.bank_reference, s.movement.amount_minor, s.doubt) for s in found]

    def payment(self, name: str) -> str:
        from tradeline.lending.payments.saved import payments_named

        with in_tenant(self.worker, self.tenant):
            return payments_named(self.worker, [name])[name].payment.status

    def loan(self, loan: str = LOAN) -> str:
        from tradeline.lending.servicing.saved import read_saved

        with in_tenant(self.worker, self.tenant):
            return str(read_saved(self.worker, loan).state().status.value)

    def books(self) -> dict[str, int]:
        """What is booked on each account, those with nothing left out."""
        with in_tenant(self.worker, self.tenant):
            found = balances(self.worker)
        return {each.account: each.booked_minor for each in found if each.booked_minor}

    def faults(self) -> list[str]:
        """What verification finds, loans and payments included."""
        with in_tenant(self.worker, self.tenant):
            while seal(self.worker):
                pass
        with snapshot(self.worker, self.tenant):
            found = verify(self.worker, further=[loans_agree, payments_clear])
        return [finding.line() for finding in found.findings]

    def refusal(self, path: Path) -> str:
        """Why a file is refused; nothing changes."""
        before = self.books(), self.suspense()
        try:
            self.take(path)
        except InputProblem as refused:
            assert (self.books(), self.suspense()) == before
            return str(refused)
        raise AssertionError("It was taken.")
