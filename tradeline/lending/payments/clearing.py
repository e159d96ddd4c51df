"""What each step of a payment books, so that clearing accounts come back to nothing.

A loan's events are booked against the account `clearing`. A payment stands between it and the bank:

| step | debit | credit |
| --- | --- | --- |
| instructed | clearing, or suspense | payments in transit |
| rejected | payments in transit | clearing, or suspense |
| settled | payments in transit | bank |
| returned | bank | clearing, or suspense |
| received | bank | clearing |
| in suspense | bank | suspense |
| assigned | suspense | clearing, or an account |

Money that went out the other way round. Each entry is about its payment or its movement.
"""

from datetime import date

from tradeline.lending.bookings.chart import Account as Chart
from tradeline.lending.ledger.accounts import Account
from tradeline.lending.ledger.entry import Entry, transfer
from tradeline.lending.payments.instruction import Instruction
from tradeline.lending.payments.statement import Movement
from tradeline.lending.servicing.differences import code_of


def bank(number: str, currency: str) -> str:
    """The code of an account of the lender at a bank."""
    return f"bank {number}/{currency}"


def in_transit(currency: str) -> str:
    """The code of what was instructed and has not left the bank."""
    return f"payments in transit/{currency}"


def suspense(currency: str) -> str:
    """The code of what moved and is not explained."""
    return f"suspense/{currency}"


def clearing(currency: str) -> str:
    """The code of what loans are booked against."""
    return code_of(Chart.CLEARING, currency)


def accounts(number: str, currency: str) -> tuple[Account, ...]:
    """The ledger accounts that payments through an account of the lender need."""
    return (
        Account(bank(number, currency), currency, "asset"),
        Account(in_transit(currency), currency, "liability"),
        Account(suspense(currency), currency, "liability"),
        Account(clearing(currency), currency, "liability"),
    )


def of_payment(payment: str) -> str:
    """What entries of a payment are about."""
    return f"payment {payment}"


def of_movement(movement: Movement) -> str:
    """What entries of a receipt, or of a movement in suspense, are about."""
    return f"movement {movement.account} {movement.bank_reference}"


def instructed(instruction: Instruction, source: str, on: date) -> Entry:
    """Money is on its way out of `source`: clearing, or suspense."""
    transit = in_transit(instruction.currency)
    return _step(instruction, "instructed", on, debit=source, credit=transit)


def rejected(instruction: Instruction, source: str, on: date) -> Entry:
    """The bank did not take it on."""
    transit = in_transit(instruction.currency)
    return _step(instruction, "rejected", on, debit=transit, credit=source)


def settled(instruction: Instruction, movement: Movement) -> Entry:
    """It left the bank."""
    account = bank(movement.account, movement.currency)
    transit = in_transit(instruction.currency)
    return _step(instruction, "settled", movement.value_on, debit=transit, credit=account)


def returned(instruction: Instruction, source: str, movement: Movement) -> Entry:
    """It came back."""
    account = bank(movement.account, movement.currency)
    return _step(instruction, "returned", movement.value_on, debit=account, credit=source)


def received(movement: Movement) -> Entry:
    """It came for a loan."""
    account = bank(movement.account, movement.currency)
    return _between(movement, "received", account, clearing(movement.currency))


def suspended(movement: Movement) -> Entry:
    """It moved, and nobody knows for what."""
    account = bank(movement.account, movement.currency)
    return _between(movement, "suspended", account, suspense(movement.currency))


def assigned(movement: Movement, target: str) -> Entry:
    """Somebody knows for what: clearing, for a loan, or another account."""
    return _between(movement, "assigned", suspense(movement.currency), target)


def _step(instruction: Instruction, step: str, on: date, *, debit: str, credit: str) -> Entry:
    about = of_payment(instruction.id)
    return transfer(
        f"{about} {step}", on, f"payment {step}", debit=debit, credit=credit,
        amount_minor=instruction.amount_minor, currency=instruction.currency, about=about,
    )  # fmt: skip


def _between(movement: Movement, step: str, debit: str, credit: str) -> Entry:
    """Debit and credit are those of money that came in."""
    if movement.amount_minor < 0:
        debit, credit = credit, debit
    about = of_movement(movement)
    return transfer(
        f"{about} {step}", movement.value_on, f"movement {step}", debit=debit, credit=credit,
        amount_minor=abs(movement.amount_minor), currency=movement.currency, about=about,
    )  # fmt: skip
