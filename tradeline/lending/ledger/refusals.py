"""What the database refuses, in words: its triggers are the last to look."""

import json
from collections.abc import Mapping
from typing import Any

from psycopg import DatabaseError
from psycopg.errors import DiskFull

from tradeline.kernel.findings import Finding, InputProblem, Severity, counted, problem

TOO_LARGE = "22003"
BEYOND, NO_LEDGER, CLOSED, NO_REVERSAL, OPENED_AGAIN = "TL001", "TL002", "TL003", "TL004", "TL007"
REVERSED_ONCE = "ledger_entry_reversed_once"


def refused(refusal: DatabaseError, where: str) -> Exception:
    """The problem that a refusal of the database means; one that is none of ours is itself."""
    told = refusal.diag
    if told.sqlstate == BEYOND:
        return InputProblem(map(_beyond, json.loads(told.message_detail or "[]")))
    if told.sqlstate == CLOSED:
        return closed_period(where, str(told.message_detail))
    if told.constraint_name == REVERSED_ONCE or told.sqlstate == NO_REVERSAL:
        return problem(
            "not-reversible",
            where,
            "What it would reverse is reversed already, or is a reversal itself.",
            "Look at the entry; enter what is right anew.",
        )
    if told.sqlstate == TOO_LARGE:
        return problem(
            "too-large", where, "A balance would be larger than the books can hold.",
            "Check the amounts.",
        )  # fmt: skip
    if told.sqlstate == NO_LEDGER:
        return problem(
            "no-ledger", where, "No ledger is open here.",
            "Open it with `tradeline ledger open`.",
        )  # fmt: skip
    if told.sqlstate == OPENED_AGAIN:
        return problem(
            "closed-period", where, "A later day is closed already.",
            "A closed period stays closed; book an adjustment in the open one.",
        )  # fmt: skip
    return refusal


def unanswered(refusal: DatabaseError) -> InputProblem:
    """What to say where the server could not do it, or gave no answer.

    An `OperationalError`, or an `InternalError` where its files cannot be written.
    """
    if isinstance(refusal, DiskFull):
        return problem(
            "disk-full", "book", "The database's disk is full. Nothing was booked.",
            "Make room, then send the same again.",
        )  # fmt: skip
    return problem(
        "unanswered",
        "book",
        f"The server gave no answer: {str(refusal).strip()}",
        "Whether it was booked is not known: send the same again, a key takes effect once.",
    )


def closed_period(where: str, through: str) -> InputProblem:
    """What to say of an entry in a closed period."""
    return problem(
        "closed-period",
        where,
        f"The books are closed through {through}.",
        "Value it on a later day, or have late entries booked in the open period (--late adjust).",
    )


def _beyond(found: Mapping[str, Any]) -> Finding:
    debit = found["booked_minor"] + found["held_debit_minor"]
    is_over = found["greatest_minor"] is not None and debit > found["greatest_minor"]
    limit = found["greatest_minor"] if is_over else found["least_minor"]
    held = found["held_debit_minor"] if is_over else found["held_credit_minor"]
    by = abs(found["booked_minor"] + held - limit)
    return Finding(
        "beyond-limit",
        Severity.ERROR,
        f"account {found['account']}",
        f"It would be {counted(by, 'minor unit')} of {found['currency']} "
        f"{'above' if is_over else 'below'} its limit of {limit:,}, with {abs(held):,} held.",
        "Move less, or let go of what is held.",
    )
