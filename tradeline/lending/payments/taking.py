"""What a bank says, taken: reports on files of transfers, and statements of accounts.

A report is taken whole. A statement is taken movement by movement, each in a transaction of its
own: what a kill left is taken when the statement comes again, and what was taken changes nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg import Connection

from tradeline.book.flows import unit_of_work
from tradeline.book.outbox import Event as Happened
from tradeline.book.outbox import answered, record
from tradeline.kernel.findings import InputProblem, problem
from tradeline.kernel.hashing import hash_file
from tradeline.lake.xml_stream import stream
from tradeline.lending.ledger.entry import Entry
from tradeline.lending.ledger.posting import post
from tradeline.lending.loan.events import Event
from tradeline.lending.payments import clearing, money
from tradeline.lending.payments.flows import Desk, in_message, lock
from tradeline.lending.payments.instruction import Notice, followed
from tradeline.lending.payments.models import Moved, Said
from tradeline.lending.payments.pain001 import blocks
from tradeline.lending.payments.pain002 import NAMESPACE, original_message, status_notices
from tradeline.lending.payments.reconciliation import (
    Expected,
    Receipt,
    Suspended,
    reconciled,
)
from tradeline.lending.payments.references import may_hold
from tradeline.lending.payments.saved import (
    SavedPayment,
    expected_in,
    own_account,
    paid_twice,
    payments_named,
    taken_before,
    what_became,
)
from tradeline.lending.payments.statement import Movement, movements
from tradeline.lending.servicing.flows import Command, enter

ROOT = 1


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How a movement was explained: what it became, of what, booked how, and as which event."""

    became: str
    subject: str
    entry: Entry
    place: int | None = None
    suspended: Suspended | None = None
    why: str = ""


@dataclass(slots=True)
class _Heard:
    """What of a report was heard anew."""

    entries: list[Entry] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)


def take(desk: Desk, path: Path) -> Mapping[str, Any]:
    """Take a file of a bank by what it says it is; `InputProblem` if it is none that is known."""
    root = next(stream(path, ROOT, "bank file")).attributes["xmlns"]
    if NAMESPACE.fullmatch(root):
        return take_report(desk, path)
    if ":camt.053." in root:
        return take_statement(desk, path)
    raise problem(
        "unknown-file", path.name,
        f"The file is neither a report (pain.002) nor a statement (camt.053): {root or 'no name'}.",
        "Ask the bank for one of these.",
    )  # fmt: skip


def take_report(desk: Desk, path: Path) -> Mapping[str, Any]:
    """Take a report pain.002: what it rejects goes back, what it accepts is on its way.

    The answer counts payments by what is said, and tells what is odd, which changes nothing.
    `InputProblem` as `status_notices`, and for payments that were never instructed.
    """
    digest = hash_file(path)
    asked = {"command": "take report", "file": digest}
    with unit_of_work(desk.tenant) as connection:
        lock(connection, desk.tenant)
        earlier = answered(connection, f"report {digest}", asked)
        if earlier is not None:
            return earlier
        notices = status_notices(path, _payments_of(connection, original_message(path)))
        heard = _hear(connection, desk, notices, path)
        if heard.entries:
            post(connection, heard.entries, desk.now)
        body = {"file": digest, **dict(sorted(heard.counts.items())), "odd": heard.odd}
        return record(
            connection,
            Happened("lending.payments.report_taken", body, desk.now, f"report {digest}", asked),
        )


def _payments_of(connection: Connection, message: str) -> dict[str, tuple[str, ...]]:
    instructions = in_message(connection, message)
    if not instructions:
        return {}
    named = {message: instructions, **blocks(message, instructions)}
    return {name: tuple(each.id for each in block) for name, block in named.items()}


def _hear(connection: Connection, desk: Desk, notices: Sequence[Notice], path: Path) -> _Heard:
    payments = payments_named(connection, {notice.payment for notice in notices})
    unknown = sorted({notice.payment for notice in notices} - payments.keys())
    if unknown:
        raise problem(
            "unknown-payment", path.name,
            f"It tells of the payment {unknown[0]}, which was never instructed.",
            "Ask the bank whose it is; nothing of the report was taken.",
        )  # fmt: skip
    heard = _Heard()
    said = {name: list(payment.notices) for name, payment in payments.items()}
    for notice in notices:
        instruction = payments[notice.payment].instruction
        before = followed(instruction, said[notice.payment])
        after = followed(instruction, [*said[notice.payment], notice])
        if len(after.findings) > len(before.findings):
            heard.odd.append(after.findings[-1].line())
            continue
        heard.counts[notice.kind] += 1
        if any(_same(notice, each) for each in said[notice.payment]):
            continue
        _save(desk, notice, len(said[notice.payment]))
        said[notice.payment].append(notice)
        if after.status == "rejected" != before.status:
            paid = payments[notice.payment]
            entry = clearing.rejected(instruction, paid.source, desk.on)
            if money.draws(paid.loan):
                _entered(desk, paid.loan, entry.key, money.not_paid(instruction, desk.on))
            heard.entries.append(entry)
            body = {"payment": notice.payment, "reason": notice.reason}
            record(connection, Happened("lending.payment.rejected", body, desk.now))
    return heard


def _same(notice: Notice, other: Notice) -> bool:
    return (notice.kind, notice.bank_reference) == (other.kind, other.bank_reference)


def take_statement(desk: Desk, path: Path) -> Mapping[str, Any]:
    """Take a statement camt.053: each movement is explained once, or waits in suspense.

    The answer counts its movements by what they became. `InputProblem`, and nothing taken, for a
    file that is none or does not add up, an account that is not the lender's or of another
    currency, a movement that was another one before, or that is valued after the day of entry.
    """
    digest = hash_file(path)
    found = movements(path)
    with unit_of_work(desk.tenant) as connection:
        lock(connection, desk.tenant)
        earlier = answered(connection, f"statement {digest}", _asked(digest))
        if earlier is not None:
            return earlier
        _check(connection, desk, found, path)
        taken = taken_before(connection, found)
        expected = expected_in(connection, found)
    for movement in found:
        if movement.key not in taken:
            _take(desk, movement, expected)
    return _told(desk, digest, found)


def _asked(digest: str) -> dict[str, str]:
    return {"command": "take statement", "file": digest}


def _told(desk: Desk, digest: str, found: Sequence[Movement]) -> Mapping[str, Any]:
    with unit_of_work(desk.tenant) as connection:
        counts = Counter(what_became(connection, found).values())
        body = {"file": digest, **dict(sorted(counts.items()))}
        event = Happened(
            "lending.payments.statement_taken", body, desk.now, f"statement {digest}",
            _asked(digest),
        )  # fmt: skip
        return record(connection, event)


def _check(connection: Connection, desk: Desk, found: Sequence[Movement], path: Path) -> None:
    for number in sorted({movement.account for movement in found}):
        own = own_account(connection, number)
        other = {m.currency for m in found if m.account == number} - {own.currency}
        if other:
            raise problem(
                "currency-mismatch", path.name,
                f"The account {number} is kept in {own.currency}, the statement in "
                f"{', '.join(sorted(other))}.",
                "Ask the bank for the statement of the account.",
            )  # fmt: skip
    late = [m for m in found if max(m.on, m.value_on) > desk.on]
    if late:
        day = max(max(m.on, m.value_on) for m in late)
        raise problem(
            "not-yet", path.name,
            f"The movement {late[0].bank_reference} counts from "
            f"{max(late[0].on, late[0].value_on)}, after the day of entry, {desk.on}.",
            f"Take the statement on {day}, or correct the day of entry.",
        )  # fmt: skip


def _take(desk: Desk, movement: Movement, expected: Expected) -> None:
    """Take one movement, in one transaction."""
    with unit_of_work(desk.tenant) as connection:
        lock(connection, desk.tenant)
        if taken_before(connection, [movement]):
            return
        outcome = _explained(connection, desk, movement, expected)
        doubtful = outcome.suspended
        Moved.objects.create(
            tenant=desk.tenant, account=movement.account, bank_reference=movement.bank_reference,
            day=movement.on, value_day=movement.value_on, amount_minor=movement.amount_minor,
            currency=movement.currency, other_side=movement.other_side, said=movement.said,
            became=outcome.became, subject=outcome.subject, place=outcome.place,
            doubt=doubtful.doubt if doubtful else "",
            candidates=list(doubtful.candidates) if doubtful else [],
            why=outcome.why, recorded_at=desk.now,
        )  # fmt: skip
        post(connection, [outcome.entry], desk.now)
        record(connection, _happened(desk, movement, outcome))


def _happened(desk: Desk, movement: Movement, outcome: _Outcome) -> Happened:
    body = {
        "account": movement.account, "bank_reference": movement.bank_reference,
        "amount_minor": movement.amount_minor, "currency": movement.currency,
        "value_date": movement.value_on.isoformat(),
    }  # fmt: skip
    if outcome.became in ("settled", "returned"):
        return Happened(
            f"lending.payment.{outcome.became}", body | {"payment": outcome.subject}, desk.now
        )
    if outcome.became == "received":
        return Happened("lending.receipt.entered", body | {"loan": outcome.subject}, desk.now)
    assert outcome.suspended
    doubt = {"doubt": outcome.suspended.doubt}
    return Happened("lending.movement.suspended", body | doubt, desk.now)


def _explained(
    connection: Connection, desk: Desk, movement: Movement, expected: Expected
) -> _Outcome:
    """What a movement is, entered into its loan; suspended if the loan refuses it."""
    payments = payments_named(connection, may_hold(movement.said))
    may_be_back = bool(payments) and movement.amount_minor > 0
    found = reconciled(
        [movement],
        [each.payment for each in payments.values()],
        expected,
        doubled=paid_twice(connection) if may_be_back else (),
    )
    try:
        for notice in found.notices:
            return _moved(desk, movement, notice, payments[notice.payment])
        for receipt in found.receipts:
            return _received(desk, receipt)
    except InputProblem as refusal:
        named = (*(n.payment for n in found.notices), *(r.loan for r in found.receipts))
        return _suspended(Suspended(movement, "refused", named), str(refusal))
    return _suspended(found.suspended[0])


def _moved(desk: Desk, movement: Movement, notice: Notice, paid: SavedPayment) -> _Outcome:
    """A payment that settled, or came back."""
    instruction, place = paid.instruction, None
    name, day = instruction.id, movement.value_on
    if notice.kind == "settled":
        entry = clearing.settled(instruction, movement)
        event = money.paid_out(paid.loan, name, instruction.amount_minor, day, desk.on)
    else:
        entry = clearing.returned(instruction, paid.source, movement)
        of = Moved.objects.get(became="settled", subject=name).place or 0
        event = money.came_back(paid.loan, name, of, day, desk.on)
    with unit_of_work(desk.tenant):
        if paid.loan:
            place = _entered(desk, paid.loan, entry.key, event)
        _save(desk, notice, len(paid.notices))
    return _Outcome(notice.kind, instruction.id, entry, place)


def _received(desk: Desk, receipt: Receipt) -> _Outcome:
    movement = receipt.movement
    entry = clearing.received(movement)
    place = _entered(desk, receipt.loan, entry.key, money.received(receipt.loan, movement, desk.on))
    return _Outcome("received", receipt.loan, entry, place)


def _suspended(doubtful: Suspended, why: str = "") -> _Outcome:
    return _Outcome(
        "suspended", "", clearing.suspended(doubtful.movement), suspended=doubtful, why=why
    )


def _entered(desk: Desk, loan: str, key: str, event: Event) -> int:
    place: int = enter(Command(desk.tenant, loan, key, desk.now), event)["place"]
    return place


def _save(desk: Desk, notice: Notice, place: int) -> None:
    Said.objects.create(
        tenant=desk.tenant, payment=notice.payment, place=place, kind=notice.kind, day=notice.on,
        bank_reference=notice.bank_reference, amount_minor=notice.amount_minor,
        reason=notice.reason, recorded_at=desk.now,
    )  # fmt: skip
