"""Each movement is explained once or waits in suspense; files come twice and change nothing."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.lake.statements import entry, statement
from tests.lending.payments.files import DAY, LENDER, NOW, instruction, schema
from tradeline.kernel.findings import InputProblem
from tradeline.lending.payments.instruction import Notice, NoticeKind, Payment, followed
from tradeline.lending.payments.pain001 import transfer_file
from tradeline.lending.payments.pain002 import status_notices
from tradeline.lending.payments.reconciliation import (
    Expected,
    Receipt,
    Reconciled,
    Resolution,
    Suspended,
    reconciled,
    resolved,
)
from tradeline.lending.payments.references import creditor_reference
from tradeline.lending.payments.simulated_bank import Chances, SimulatedBank
from tradeline.lending.payments.statement import Movement, movements

ONE, TWO = creditor_reference("loan1"), creditor_reference("loan2")
EXPECTED = Expected({ONE: "loan_1", TWO: "loan_2"}, {"loan_1": "EUR", "loan_2": "USD"})


def movement(amount: int, said: str, reference: str = "B1", currency: str = "EUR") -> Movement:
    return Movement(LENDER.number, reference, DAY, DAY, amount, currency, "Firm", said)


def explained(*moved: Movement, settled: bool = False) -> Reconciled:
    notices = [Notice("pay-1", "settled", DAY, "B0", 450_000)] if settled else []
    payments = [followed(instruction(1), notices), followed(instruction(2), [])]
    return reconciled(moved, payments, EXPECTED)


def test_a_payment_out_under_our_id_is_settled() -> None:
    found = explained(movement(-450_000, "pay-1 loan 1"))
    assert found.notices == (Notice("pay-1", "settled", DAY, "B1", 450_000),)


def test_money_back_under_the_id_of_a_settled_payment_is_its_return() -> None:
    found = explained(movement(450_000, "return of pay-1"), settled=True)
    assert found.notices == (Notice("pay-1", "returned", DAY, "B1", 450_000),)
    both = explained(movement(-450_000, "pay-1"), movement(450_000, "pay-1", "B2"))
    assert [notice.kind for notice in both.notices] == ["settled", "returned"]


def test_a_receipt_that_names_one_loan_is_for_it() -> None:
    found = explained(movement(5_000, f"January {ONE[:4]} {ONE[4:]}"))
    assert found.receipts == (Receipt("loan_1", movement(5_000, f"January {ONE[:4]} {ONE[4:]}")),)


DOUBTS = [
    (movement(5_000, "thanks"), "no reference", ()),
    (movement(5_000, f"{ONE} {TWO}"), "several references", ("loan_1", "loan_2")),
    (movement(5_000, TWO), "other currency", ("loan_2",)),
    (movement(450_000, "pay-1"), "no reference", ("pay-1",)),
    (movement(-450_000, "rent"), "unknown payment out", ()),
    (movement(-450_000, "pay-1 pay-2"), "unknown payment out", ("pay-1", "pay-2")),
    (movement(-449_999, "pay-1"), "other amount", ("pay-1",)),
    (movement(-450_000, "pay-1", currency="USD"), "other amount", ("pay-1",)),
]


@pytest.mark.parametrize(("moved", "doubt", "candidates"), DOUBTS, ids=range(len(DOUBTS)))
def test_what_is_in_doubt_waits_in_suspense(
    moved: Movement, doubt: str, candidates: tuple[str, ...]
) -> None:
    found = explained(moved)
    assert [(each.doubt, each.candidates) for each in found.suspended] == [(doubt, candidates)]
    assert (found.receipts, found.notices) == ((), ())


def test_a_second_settlement_waits_in_suspense() -> None:
    found = explained(movement(-450_000, "pay-1", "B1"), movement(-450_000, "pay-1", "B2"))
    assert [each.doubt for each in found.suspended] == ["settled before"]
    assert len(found.notices) == 1


def test_what_comes_back_of_a_payment_that_was_debited_twice_waits_in_suspense() -> None:
    debits = [movement(-450_000, "pay-1", "B1"), movement(-450_000, "pay-1", "B2")]
    back = movement(450_000, "pay-1", "B3")
    within = explained(*debits, back)
    assert [each.doubt for each in within.suspended] == ["settled before", "return or correction"]
    paid = followed(instruction(1), [Notice("pay-1", "settled", DAY, "B1", 450_000)])
    later = reconciled([back], [paid], EXPECTED, doubled=["pay-1"])
    assert [each.doubt for each in later.suspended] == ["return or correction"]


@pytest.mark.parametrize(
    ("kinds", "doubt"),
    [(["rejected"], "rejected before"), (["settled", "returned"], "settled before")],
)
def test_a_debit_of_a_payment_that_is_over_waits_in_suspense(
    kinds: list[NoticeKind], doubt: str
) -> None:
    paid = followed(instruction(1), [Notice("pay-1", kind, DAY, "B0") for kind in kinds])
    found = reconciled([movement(-450_000, "pay-1")], [paid], EXPECTED)
    assert [each.doubt for each in found.suspended] == [doubt]


def test_a_movement_that_comes_again_changes_nothing() -> None:
    moved = movement(5_000, ONE)
    found = explained(moved, moved)
    assert (len(found.receipts), found.repeated) == (1, 1)
    again = reconciled([moved], [], EXPECTED, seen=[moved.key])
    assert again == Reconciled((), (), (), 1)


def test_people_assign_or_send_back_what_is_in_suspense() -> None:
    waiting = [
        Suspended(movement(5_000, "a", "B1"), "no reference"),
        Suspended(movement(700, "b", "B2"), "no reference"),
        Suspended(movement(-90, "c", "B3"), "unknown payment out"),
    ]
    done = [
        Resolution(LENDER.number, "B1", DAY, "ana", "loan_1"),
        Resolution(LENDER.number, "B2", DAY, "ana", None),
    ]
    found = resolved(waiting, done)
    assert [receipt.loan for receipt in found.assigned] == ["loan_1"]
    assert [each.amount_minor for each in found.sent_back] == [700]
    assert (found.balance_minor("EUR"), found.balance_minor("USD")) == (-90, 0)
    for wrong, message in (
        (done[0], "There is no such receipt in suspense."),
        (Resolution(LENDER.number, "B3", DAY, "ana", "loan_1"), "Money that went out cannot be"),
    ):
        with pytest.raises(InputProblem, match=message):
            resolved(waiting, [*done, wrong])


def test_a_statement_in_doubt_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "statement.xml"
    path.write_text(statement([entry()], closing="151.00"), encoding="utf-8")
    with pytest.raises(InputProblem, match="and yet it closes with"):
        movements(path)
    path.write_text(statement([entry(currency="EUR")]), encoding="utf-8")
    with pytest.raises(InputProblem, match="The entry is in EUR, its account in CNY"):
        movements(path)
    path.write_text(statement([entry(day="")]), encoding="utf-8")
    with pytest.raises(InputProblem, match="It has no day of booking or of value"):
        movements(path)


def run_of_days(folder: Path, seed: int, count: int = 60) -> tuple[list[Payment], Reconciled, int]:
    """A month with a bank that errs: payments sent, files read (each twice), all reconciled."""
    chances = Chances(rejects=0.1, delays=0.3, returns=0.2, doubles=0.1)
    bank = SimulatedBank(LENDER, "EUR", np.random.default_rng(seed), chances, 10**9)
    instructions = [instruction(number, 1_000 + number) for number in range(count)]
    (folder / "pain001.xml").write_bytes(transfer_file("msg-1", NOW, LENDER, instructions))
    (folder / "pain002.xml").write_bytes(bank.submit(folder / "pain001.xml", NOW))
    schema("pain.002.001.12").validate((folder / "pain002.xml").read_text("utf-8"))
    notices = status_notices(folder / "pain002.xml", {})
    for number in range(20):
        bank.receive(DAY + timedelta(days=number), 5_000 + number, "Firm", f"for {ONE}")
    bank.receive(DAY, 77, "Somebody", "a present")
    moved, total = list[Movement](), 0
    for number in range(30):
        day = DAY + timedelta(days=number)
        path = folder / f"{day}.xml"
        path.write_bytes(bank.statement(day, datetime(2026, 6, 1, tzinfo=UTC)))
        moved += [*movements(path), *movements(path)]
    payments = [followed(each, notices) for each in instructions]
    found = reconciled(moved, payments, EXPECTED)
    total = sum(each.amount_minor for each in moved) // 2
    return [followed(each, [*notices, *found.notices]) for each in instructions], found, total


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_month_with_a_bank_that_errs_leaves_no_cent_unexplained(
    tmp_path: Path, seed: int
) -> None:
    payments, found, total = run_of_days(tmp_path, seed)
    stands = Counter(payment.status for payment in payments)
    assert set(stands) == {"rejected", "settled", "returned"}
    assert sum(len(payment.findings) for payment in payments) == 0
    doubts = Counter(each.doubt for each in found.suspended)
    assert doubts["no reference"] >= 1
    assert doubts["settled before"] >= 1
    assert len(found.receipts) == 20
    assert found.repeated == len(found.receipts) + len(found.notices) + len(found.suspended)
    out = sum(each.instruction.amount_minor for each in payments if each.status == "settled")
    came = sum(each.movement.amount_minor for each in found.receipts)
    waits = sum(each.movement.amount_minor for each in found.suspended)
    assert total == came - out + waits


def test_a_seed_makes_the_same_bank_again(tmp_path: Path) -> None:
    first, again = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    again.mkdir()
    assert run_of_days(first, 7) == run_of_days(again, 7)
    for path in first.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes()


def test_a_loan_is_active_from_the_day_its_payment_settles(tmp_path: Path) -> None:
    payments, _, _ = run_of_days(tmp_path, 1)
    for payment in payments:
        assert (payment.active_from is not None) == (payment.status == "settled")
        assert payment.active_from is None or payment.active_from >= date(2026, 3, 2)
