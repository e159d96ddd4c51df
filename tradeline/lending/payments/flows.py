"""Commands on payments out: each is saved, booked and told in one transaction, once.

What a payment is called is its key: the same asked again gives the first answer. Days, names and
the moment are arguments.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection, Cursor

from tradeline.book.flows import unit_of_work
from tradeline.book.outbox import Event as Happened
from tradeline.book.outbox import answered, record
from tradeline.kernel.findings import InputProblem, problem
from tradeline.kernel.money import CURRENCIES
from tradeline.lending.ledger.accounts import open_accounts
from tradeline.lending.ledger.posting import post
from tradeline.lending.payments import clearing, money
from tradeline.lending.payments.instruction import BankAccount, Instruction, checked
from tradeline.lending.payments.models import Instructed, Message, OwnAccount, Sent, Written
from tradeline.lending.payments.pain001 import transfer_file
from tradeline.lending.payments.saved import (
    currency_of,
    own_account,
    payments_named,
    payments_of_loan,
    reference_of,
)
from tradeline.lending.servicing.flows import Command, enter

PAYMENTS_LOCK = 7_005
UNSENT = """
SELECT payment FROM payments_instructed i WHERE account = %s
    AND NOT EXISTS (SELECT FROM payments_sent s WHERE s.payment = i.payment)
    AND NOT EXISTS (SELECT FROM payments_said s WHERE s.payment = i.payment)
ORDER BY payment
"""
UNWRITTEN = """
SELECT message FROM payments_message m WHERE account = %s
    AND NOT EXISTS (SELECT FROM payments_written w WHERE w.message = m.message)
ORDER BY message LIMIT 1
"""
IN_MESSAGE = "SELECT payment FROM payments_sent WHERE message = %s ORDER BY payment"


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose money it is, the day that it is entered on, and the moment."""

    tenant: str
    on: date
    now: datetime


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A file of transfers: its name, its bytes, and the payments in it."""

    message: str
    content: bytes
    payments: tuple[str, ...]


def open_account(desk: Desk, account: BankAccount, currency: str) -> Mapping[str, Any]:
    """Open an account of the lender, and what its payments are booked on.

    `InputProblem` if it has no number or holder, or is another already.
    """
    if not (account.number.strip() and account.holder.strip()) or currency not in CURRENCIES:
        raise problem(
            "bad-account", f"account {account.number}",
            "It needs a number, a holder, and a currency of ISO 4217.",
            "State all three; the bank's BIC may be left out.",
        )  # fmt: skip
    asked = {"command": "open account", **asdict(account), "currency": currency}
    key = f"account {account.number} opened"
    with unit_of_work(desk.tenant) as connection:
        lock(connection, desk.tenant)
        earlier = answered(connection, key, asked)
        if earlier is not None:
            return earlier
        OwnAccount.objects.create(
            tenant=desk.tenant, number=account.number, currency=currency, holder=account.holder,
            bank=account.bank, opened_at=desk.now,
        )  # fmt: skip
        open_accounts(connection, clearing.accounts(account.number, currency), desk.now)
        body = {"account": account.number, "currency": currency}
        return record(
            connection, Happened("lending.payments.account_opened", body, desk.now, key, asked)
        )


def instruct(desk: Desk, account: str, loan: str, instruction: Instruction) -> Mapping[str, Any]:
    """Have a loan paid out from an account; it stays as it is until the payment settles.

    Of a line it is a draw, which is held from now on; advances, receivables and orders are paid out
    as loans are.

    The answer tells the reference that the borrower repays under. `InputProblem` if no bank would
    take it, the account or loan is not there or of another currency, or the loan would not take it
    together with what is on its way.
    """
    checked(instruction)
    asked = as_asked("instruct", account, loan, instruction)
    key = f"{clearing.of_payment(instruction.id)} instructed"
    with unit_of_work(desk.tenant) as connection:
        lock(connection, desk.tenant)
        earlier = answered(connection, key, asked)
        if earlier is not None:
            return earlier
        currencies = (own_account(connection, account).currency, currency_of(connection, loan))
        if set(currencies) != {instruction.currency}:
            raise other_currency(instruction, *currencies)
        if money.draws(loan):
            _ask(desk, loan, instruction)
        else:
            before = payments_of_loan(connection, loan).values()
            on_its_way = sum(each.instruction.amount_minor for each in before if each.is_open)
            _try(desk, loan, instruction, on_its_way)
        save(desk, account, loan, "", instruction)
        entry = clearing.instructed(instruction, clearing.clearing(instruction.currency), desk.on)
        post(connection, [entry], desk.now)
        body = {
            "payment": instruction.id, "loan": loan, "amount_minor": instruction.amount_minor,
            "currency": instruction.currency, "reference": reference_of(loan),
        }  # fmt: skip
        return record(
            connection, Happened("lending.payment.instructed", body, desk.now, key, asked)
        )


def send(desk: Desk, account: str, message: str) -> Outgoing | None:
    """The file of what is instructed and not yet sent from an account; none if nothing waits.

    A payment is in one file, once. Until `written` says that the file is where it should be, the
    same file is given again, under the name that it was given first.
    """
    with unit_of_work(desk.tenant) as connection:
        lock(connection, desk.tenant)
        debtor = own_account(connection, account).account
        row = Cursor(connection).execute(UNWRITTEN, [account]).fetchone()
        if row is None:
            names = [name for (name,) in Cursor(connection).execute(UNSENT, [account])]
            if not names:
                return None
            if Message.objects.filter(message=message).exists():
                raise problem(
                    "message-used", f"file '{message}'", "A file of this name was sent already.",
                    "Take a new name.",
                )  # fmt: skip
            Message.objects.create(
                tenant=desk.tenant, message=message, account=account, made_at=desk.now
            )
            Sent.objects.bulk_create(
                Sent(tenant=desk.tenant, payment=name, message=message) for name in names
            )
            body = {"message": message, "account": account, "payments": names}
            record(connection, Happened("lending.payments.sent", body, desk.now))
        name = row[0] if row else message
        made_at = Message.objects.get(message=name).made_at
        instructions = in_message(connection, name)
        content = transfer_file(name, made_at, debtor, instructions)
        return Outgoing(name, content, tuple(each.id for each in instructions))


def written(desk: Desk, message: str) -> None:
    """Say that a file of transfers was written; nothing if it was said before."""
    with unit_of_work(desk.tenant) as connection:
        lock(connection, desk.tenant)
        Written.objects.get_or_create(
            tenant=desk.tenant, message=message, defaults={"at": desk.now}
        )


def in_message(connection: Connection, message: str) -> list[Instruction]:
    """What is in a file of transfers; nothing if there is no such file."""
    names = [name for (name,) in Cursor(connection).execute(IN_MESSAGE, [message])]
    return [each.instruction for each in payments_named(connection, names).values()]


def as_asked(command: str, account: str, subject: str, instruction: Instruction) -> dict[str, Any]:
    """A payment as it was asked for."""
    stated = asdict(instruction) | {"on": instruction.on.isoformat()}
    return {"command": command, "account": account, "subject": subject, **stated}


def other_currency(instruction: Instruction, own: str, subject: str) -> InputProblem:
    """What to say where a payment, its account and what it is for differ in currency."""
    return problem(
        "currency-mismatch",
        f"payment {instruction.id}",
        f"It is in {instruction.currency}, the account in {own}, what it is for in {subject}.",
        "Pay in one currency, from an account of it.",
    )


def save(
    desk: Desk, account: str, loan: str, bank_reference: str, instruction: Instruction
) -> None:
    """Save what is to be paid."""
    creditor = instruction.creditor
    Instructed.objects.create(
        tenant=desk.tenant, payment=instruction.id, account=account, loan=loan,
        bank_reference=bank_reference, day=instruction.on, amount_minor=instruction.amount_minor,
        currency=instruction.currency, creditor=creditor.holder, creditor_number=creditor.number,
        creditor_bank=creditor.bank, purpose=instruction.purpose, recorded_at=desk.now,
    )  # fmt: skip


def lock(connection: Connection, tenant: str) -> None:
    """Commands on payments of a lender go one after the other: so does the money of its account."""
    Cursor(connection).execute(
        "SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [PAYMENTS_LOCK, tenant]
    )


def _ask(desk: Desk, line: str, instruction: Instruction) -> None:
    key = f"{clearing.of_payment(instruction.id)} asked for"
    enter(Command(desk.tenant, line, key, desk.now), money.asked_for(instruction, desk.on))


class _Tried(Exception):
    """It would do; nothing of it stays."""


def _try(desk: Desk, loan: str, instruction: Instruction, on_its_way: int) -> None:
    """InputProblem if the loan would refuse the payment together with what is on its way."""
    day = max(desk.on, instruction.on)
    amount = on_its_way + instruction.amount_minor
    event = money.paid_out(loan, instruction.id, amount, day, day)
    command = Command(desk.tenant, loan, f"{clearing.of_payment(instruction.id)} tried", desk.now)
    with suppress(_Tried), unit_of_work(desk.tenant):
        enter(command, event)
        raise _Tried
