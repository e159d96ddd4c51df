"""Commands on what waits in suspense: a person says what it is, or has it sent back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from psycopg import Connection

from tradeline.book.flows import unit_of_work
from tradeline.book.outbox import Event as Happened
from tradeline.book.outbox import answered, record
from tradeline.kernel.findings import InputProblem, problem
from tradeline.lending.approvals.actions import Action, SendBack
from tradeline.lending.approvals.flows import Person, carry_out, enter, propose
from tradeline.lending.approvals.saved import saved_proposal
from tradeline.lending.bookings.chart import Account as Chart
from tradeline.lending.ledger.posting import post
from tradeline.lending.loan.events import Event
from tradeline.lending.payments import clearing
from tradeline.lending.payments.flows import Desk, as_asked, lock, other_currency, save
from tradeline.lending.payments.instruction import Instruction, checked
from tradeline.lending.payments.models import Resolved
from tradeline.lending.payments.money import received
from tradeline.lending.payments.saved import currency_of, movement_named, waiting
from tradeline.lending.payments.statement import Movement
from tradeline.lending.servicing.differences import code_of
from tradeline.lending.servicing.flows import Command

ASSIGN = "`tradeline payments assign --proposal`"
RETURN = "`tradeline payments return --proposal`"


@dataclass(frozen=True, slots=True)
class Item:
    """A movement in suspense by its names, who decides on it, and why."""

    account: str
    bank_reference: str
    by: str
    why: str


def propose_assignment(desk: Desk, item: Item, loan: str, proposal: str) -> Mapping[str, Any]:
    """Propose to assign a receipt to a loan, where its product says that two people must agree.

    `InputProblem` as for `assign_to_loan`, and where one person may do it.
    """
    with unit_of_work(desk.tenant) as connection:
        movement = _for_loan(connection, item, loan)
        command = Command(desk.tenant, loan, proposal, desk.now)
        maker = Person(item.by, item.why)
        return propose(command, received(loan, movement, desk.on), maker, by_way_of=ASSIGN)


def assign_to_loan(
    desk: Desk, item: Item, loan: str, proposal: str | None = None
) -> Mapping[str, Any]:
    """Say that a receipt in suspense is for a loan: it is entered from the day it counts from.

    `InputProblem` if nobody says why, it does not wait in suspense, is money that went out, or the
    loan is not there, in another currency, or refuses it; and where two people are needed, as for
    what counts from long ago, without the approved `proposal`.
    """
    key, asked = _key(item), _asked(item, "loan", loan)
    with unit_of_work(desk.tenant) as connection:
        lock(connection, desk.tenant)
        earlier = answered(connection, key, asked)
        if earlier is not None:
            return earlier
        movement = _for_loan(connection, item, loan)
        entry = clearing.assigned(movement, clearing.clearing(movement.currency))
        event = _as_proposed(connection, received(loan, movement, desk.on), proposal)
        command = Command(desk.tenant, loan, entry.key, desk.now)
        enter(command, event, proposal, by_way_of=ASSIGN)
        post(connection, [entry], desk.now)
        _save(desk, item, "loan", loan)
        return record(connection, _resolved(desk, item, movement, key, asked))


def assign_to_account(desk: Desk, item: Item, account: str) -> Mapping[str, Any]:
    """Say that what is in suspense belongs on an account of the ledger: capital, a bank's charges.

    `InputProblem` if nobody says why, it does not wait in suspense, or the account is not there, in
    another currency, or one that loans and payments are booked on.
    """
    key, asked = _key(item), _asked(item, "account", account)
    with unit_of_work(desk.tenant) as connection:
        lock(connection, desk.tenant)
        earlier = answered(connection, key, asked)
        if earlier is not None:
            return earlier
        movement = _in_suspense(connection, item)
        currency = movement.currency
        kept = {each.code for each in clearing.accounts(movement.account, currency)}
        if account in kept | {code_of(each, currency) for each in Chart}:
            raise _refused(
                item, "kept-account", f"Loans and payments are booked on {account} by themselves.",
                "Assign it to a loan, or to an account of your own.",
            )  # fmt: skip
        post(connection, [clearing.assigned(movement, account)], desk.now)
        _save(desk, item, "account", account)
        return record(connection, _resolved(desk, item, movement, key, asked))


def propose_return(
    desk: Desk, item: Item, instruction: Instruction, proposal: str
) -> Mapping[str, Any]:
    """Propose to pay a receipt in suspense back, where two people must agree.

    `InputProblem` as for `send_back`, and where one person may do it.
    """
    checked(instruction)
    with unit_of_work(desk.tenant) as connection:
        movement = _to_send_back(connection, item, instruction)
        command = Command(desk.tenant, _subject(item), proposal, desk.now)
        maker = Person(item.by, item.why)
        return propose(command, _back(movement, instruction), maker, by_way_of=RETURN)


def send_back(
    desk: Desk, item: Item, instruction: Instruction, proposal: str | None = None
) -> Mapping[str, Any]:
    """Have a receipt in suspense paid back; if the bank rejects or returns that, it waits again.

    `InputProblem` if nobody says why, it does not wait in suspense, is money that went out, no bank
    would take the payment, or it is not of the same amount; and where two people are needed,
    without the approved `proposal` of this payment to this account.
    """
    checked(instruction)
    key = f"{clearing.of_payment(instruction.id)} instructed"
    asked = as_asked("send back", item.account, item.bank_reference, instruction) | {
        "by": item.by, "why": item.why,
    }  # fmt: skip
    with unit_of_work(desk.tenant) as connection:
        lock(connection, desk.tenant)
        earlier = answered(connection, key, asked)
        if earlier is not None:
            return earlier
        movement = _to_send_back(connection, item, instruction)

        def sent(_: Action) -> Mapping[str, Any]:
            save(desk, item.account, "", item.bank_reference, instruction)
            source = clearing.suspense(instruction.currency)
            post(connection, [clearing.instructed(instruction, source, desk.on)], desk.now)
            _save(desk, item, "sent back", instruction.id)
            return record(connection, _resolved(desk, item, movement, key, asked))

        command = Command(desk.tenant, _subject(item), key, desk.now)
        return carry_out(command, _back(movement, instruction), sent, proposal, RETURN)


def _to_send_back(connection: Connection, item: Item, instruction: Instruction) -> Movement:
    """The movement in suspense, if the instruction pays it back."""
    movement = _in_suspense(connection, item)
    if movement.currency != instruction.currency:
        raise other_currency(instruction, movement.currency, movement.currency)
    if movement.amount_minor != instruction.amount_minor:
        raise _refused(
            item, "other-amount",
            f"It is of {movement.amount_minor}, not {instruction.amount_minor}.",
            "Send back what came, all of it; money that went out is claimed from the bank.",
        )  # fmt: skip
    return movement


def _back(movement: Movement, instruction: Instruction) -> SendBack:
    """What of a return is approved: how much to whom, on whatever day."""
    creditor = instruction.creditor
    return SendBack(
        value_date=movement.value_on, entered_on=movement.value_on, payment=instruction.id,
        amount_minor=instruction.amount_minor, currency=instruction.currency,
        creditor=creditor.holder, creditor_number=creditor.number, creditor_bank=creditor.bank,
    )  # fmt: skip


def _subject(item: Item) -> str:
    return f"movement {item.account} {item.bank_reference}"


def _for_loan(connection: Connection, item: Item, loan: str) -> Movement:
    """The movement in suspense, if it can be for the loan at all."""
    movement = _in_suspense(connection, item)
    if movement.amount_minor < 0:
        raise _refused(
            item, "money-out", "Money that went out cannot be assigned to a loan.",
            "Assign it to an account, such as one of claims on the bank.",
        )  # fmt: skip
    currency = currency_of(connection, loan)
    if currency != movement.currency:
        raise _refused(
            item, "currency-mismatch",
            f"It is in {movement.currency}, the loan {loan} in {currency}.",
            "Assign it to another loan, or send it back.",
        )  # fmt: skip
    return movement


def _as_proposed(connection: Connection, event: Event, proposal: str | None) -> Event:
    """The event as of the day on which it was proposed, since that is what was approved."""
    if proposal is None:
        return event
    return replace(event, entered_on=saved_proposal(connection, proposal).event.entered_on)


def _key(item: Item) -> str:
    return f"{_subject(item)} resolved"


def _asked(item: Item, became: str, subject: str) -> dict[str, str]:
    return {
        "command": f"assign to {became}", "account": item.account, "subject": subject,
        "bank_reference": item.bank_reference, "by": item.by, "why": item.why,
    }  # fmt: skip


def _in_suspense(connection: Connection, item: Item) -> Movement:
    for name, text in (("person", item.by), ("reason", item.why)):
        if not text.strip():
            raise _refused(item, f"no-{name}", f"No {name} is named.", "Say who decides, and why.")
    movement = movement_named(connection, item.account, item.bank_reference)
    if movement in (each.suspended.movement for each in waiting(connection)):
        return movement
    raise _refused(
        item, "not-in-suspense", "It does not wait in suspense.",
        "Look at what is: `tradeline payments suspense`.",
    )  # fmt: skip


def _refused(item: Item, code: str, message: str, remedy: str) -> InputProblem:
    return problem(code, f"movement {item.bank_reference}", message, remedy)


def _save(desk: Desk, item: Item, became: str, subject: str) -> None:
    before = Resolved.objects.filter(account=item.account, bank_reference=item.bank_reference)
    Resolved.objects.create(
        tenant=desk.tenant, account=item.account, bank_reference=item.bank_reference,
        place=before.count(), became=became, subject=subject, by=item.by, why=item.why,
        recorded_at=desk.now,
    )  # fmt: skip


def _resolved(
    desk: Desk, item: Item, movement: Movement, key: str, asked: Mapping[str, str]
) -> Happened:
    body = {
        "account": item.account, "bank_reference": item.bank_reference,
        "amount_minor": movement.amount_minor, "currency": movement.currency,
        "became": asked["command"], "subject": asked.get("subject"), "by": item.by,
    }  # fmt: skip
    return Happened("lending.movement.resolved", body, desk.now, key, asked)
