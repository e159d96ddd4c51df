"""`tradeline approvals` from its command line: two people, one action, once."""

import json
import subprocess
from pathlib import Path

import psycopg
import pytest

from tests.lending.clerk import Clerk
from tests.lending.conftest import opened_lender
from tests.lending.servicing.loans import ask, open_one, paid_out

LOSS = {"kind": "WriteOff", "value_date": "2026-01-01", "entered_on": "2026-01-01"}
PROPOSE = ["propose", "loss-1", "--agreement", "loan_0001", "--event", "loss.json", "--who", "ana",
           "--why", "no assets left"]  # fmt: skip


@pytest.fixture
def clerk(speaking: "subprocess.Popen[str]", worker: psycopg.Connection, tmp_path: Path) -> Clerk:
    tenant = opened_lender(worker)
    open_one(tenant)
    ask(tenant, "out", paid_out())
    (tmp_path / "loss.json").write_text(json.dumps(LOSS), encoding="utf-8")
    return Clerk(speaking, ["approvals"], ["--ledger", tenant], tmp_path)


def test_a_write_off_by_two_people(clerk: Clerk) -> None:
    said = clerk.told(*PROPOSE)
    assert said.startswith("loss-1 is proposed, as a write-off; it lapses at 20")
    assert said == clerk.told(*PROPOSE)
    assert clerk.refused("approve", "loss-1", "--who", "Ana") == (
        "error: approval: Ana proposed this and cannot approve it. Ask another person, or withdraw "
        "it.\n"
    )
    row = "loss-1  loan_0001  WriteOff of 2026-01-01  {}  by ana: no assets left\n1 proposal.\n"
    assert clerk.told("list") == row.format("proposed")
    assert clerk.told("approve", "loss-1", "--who", "bo") == "loss-1 is approved.\n"
    done = "loss-1 is carried out; loan_0001 is written off.\n"
    assert clerk.told("carry-out", "loss-1") == done
    assert clerk.told("carry-out", "loss-1") == done
    assert clerk.told("list") == row.format("carried out")


def test_what_is_refused_or_withdrawn_is_over(clerk: Clerk) -> None:
    clerk.told(*PROPOSE)
    refuse = ["refuse", "loss-1", "--who", "bo", "--why", "the firm pays"]
    assert clerk.told(*refuse) == "loss-1 is refused.\n"
    assert clerk.refused("withdraw", "loss-1", "--who", "ana") == (
        "error: approval: A proposal that is refused cannot be withdrawn. Propose the action anew "
        "if it is still wanted.\n"
    )


WRONG = [
    ("x", "error: loss.json: This is no JSON. See `tradeline approvals propose --help`.\n"),
    ("[]", "error: loss.json: It does not say of which kind the event is. See `tradeline approvals "
     "propose --help`.\n"),
    (json.dumps(LOSS | {"kind": "Wish"}), "error: loss.json: 'Wish' is no kind of event. See "
     "`tradeline approvals propose --help`.\n"),
]  # fmt: skip


def test_a_file_that_is_no_event_is_refused(clerk: Clerk) -> None:
    for content, line in WRONG:
        (clerk.folder / "loss.json").write_text(content, encoding="utf-8")
        assert clerk.refused(*PROPOSE) == line
    assert clerk.told("list") == "0 proposals.\n"
