"""A day's work that is killed at any step, and begun again, comes to what it would have come to."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psycopg
import pytest

from tests.lending.conftest import opened_lender
from tests.lending.payments.booked import DAY, FIRM, NEXT, NOW, OWN, Office
from tests.lending.payments.clerks import INSTRUCTIONS, day_of_work
from tradeline.book.connection import in_tenant
from tradeline.lending.payments.pain001 import transfer_file
from tradeline.lending.payments.simulated_bank import Chances

LOANS = ("loan_0001", "loan_0002", "loan_0003")
STEPS = 90


@pytest.fixture
def clerks(served: Path) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.lending.payments.clerks", str(served)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        yield process
        process.kill()


def office(worker: psycopg.Connection, folder: Path) -> Office:
    """An office with loans, and the files of a bank that books each payment twice."""
    found = Office(opened_lender(worker), worker, folder, Chances(0, 0, 0, 1), on=NEXT)
    found.open(*LOANS)
    (folder / "expected.xml").write_bytes(transfer_file("msg-1", NOW, OWN, INSTRUCTIONS))
    (folder / "report.xml").write_bytes(found.bank.submit(folder / "expected.xml", NOW))
    found.bank.receive(DAY, 700, FIRM.holder, "thanks")
    found.bank.receive(DAY, 5_000, FIRM.holder, "for loan_0001")
    (folder / "statement.xml").write_bytes(found.bank.statement(DAY, NOW))
    return found


def told(found: Office) -> list[tuple[str, int]]:
    """How often each thing was told."""
    with in_tenant(found.worker, found.tenant):
        return found.worker.execute(
            "SELECT name, count(*) FROM book_event GROUP BY name ORDER BY name"
        ).fetchall()


def killed(clerks: "subprocess.Popen[str]", found: Office, generator: np.random.Generator) -> int:
    """Begin the day's work again and again until one run is left alive; how many were killed."""
    assert clerks.stdin
    assert clerks.stdout
    for kills in range(1_000):
        step, side = generator.integers(1, STEPS), generator.choice(["before", "after"])
        clerks.stdin.write(f"{found.tenant} {found.folder} {step} {side}\n")
        clerks.stdin.flush()
        answer = clerks.stdout.readline().strip()
        if answer != "killed":
            assert answer == "done 0"
            return kills
    raise AssertionError("It is never done.")


def rounds(
    clerks: "subprocess.Popen[str]", worker: psycopg.Connection, folder: Path, kills: int
) -> None:
    (folder / "whole").mkdir()
    whole = office(worker, folder / "whole")
    day_of_work(whole.tenant, whole.folder)
    assert {doubt for _, _, doubt in whole.suspense()} == {"no reference", "settled before"}
    generator, seen, number = np.random.default_rng(1), 0, 0
    while seen < kills:
        number += 1
        (folder / str(number)).mkdir()
        found = office(worker, folder / str(number))
        seen += killed(clerks, found, generator)
        sent = (found.folder / "sent.xml").read_bytes()
        assert sent == (found.folder / "expected.xml").read_bytes()
        assert (found.books(), found.suspense(), told(found)) == (
            whole.books(), whole.suspense(), told(whole)
        )  # fmt: skip
        assert found.faults() == []
    print(f"\n{seen} processes killed in {number} days")


def test_a_day_of_work_killed_at_any_step_loses_and_doubles_nothing(
    clerks: "subprocess.Popen[str]", worker: psycopg.Connection, tmp_path: Path
) -> None:
    rounds(clerks, worker, tmp_path, 8)


@pytest.mark.long
def test_however_often_it_is_killed(
    clerks: "subprocess.Popen[str]", worker: psycopg.Connection, tmp_path: Path
) -> None:
    rounds(clerks, worker, tmp_path, 120)
