"""What money that moves is for each kind of agreement: the event that is entered for it.

A line holds a draw from when it is instructed; other agreements know nothing of a payment until it
settles. Money that names a receivable or an order is its buyer's.
"""

from datetime import date

from tradeline.lending.lines.events import DrawRequest, DrawReturn, DrawSettlement
from tradeline.lending.loan.events import Disbursement, Event, Repayment, Reversal
from tradeline.lending.orders.events import OrderDraw, OrderPayment
from tradeline.lending.payments.instruction import Instruction
from tradeline.lending.payments.statement import Movement
from tradeline.lending.receivables.events import Advance, BuyerPayment

OUT: dict[str, type[Disbursement] | type[Advance] | type[OrderDraw]] = {
    "receivable": Advance,
    "order": OrderDraw,
}
IN: dict[str, type[Repayment] | type[BuyerPayment] | type[OrderPayment]] = {
    "receivable": BuyerPayment,
    "order": OrderPayment,
}


def draws(agreement: str) -> bool:
    """Whether a payment of it is a draw, which is held until it settles."""
    return _kind(agreement) == "line"


def asked_for(instruction: Instruction, on: date) -> Event:
    """A draw is asked for."""
    return DrawRequest(
        value_date=on, entered_on=on, reference=instruction.id, draw=instruction.id,
        amount_minor=instruction.amount_minor,
    )  # fmt: skip


def not_paid(instruction: Instruction, on: date) -> Event:
    """A draw that was asked for was not paid."""
    return DrawReturn(value_date=on, entered_on=on, reference=instruction.id, draw=instruction.id)


def paid_out(agreement: str, name: str, amount_minor: int, day: date, on: date) -> Event:
    """Money left for it, under the name of a payment, on a value date."""
    if draws(agreement):
        return DrawSettlement(value_date=day, entered_on=on, reference=name, draw=name)
    out = OUT.get(_kind(agreement), Disbursement)
    return out(value_date=day, entered_on=on, reference=name, amount_minor=amount_minor)


def came_back(agreement: str, name: str, place: int, day: date, on: date) -> Event:
    """Money that had left, entered at a place, came back."""
    if draws(agreement):
        return DrawReturn(value_date=day, entered_on=on, reference=name, draw=name)
    return Reversal(value_date=day, entered_on=on, reference=name, of=place)


def received(agreement: str, movement: Movement, on: date) -> Event:
    """Money came for it."""
    came = IN.get(_kind(agreement), Repayment)
    return came(
        value_date=movement.value_on, entered_on=on, reference=movement.bank_reference,
        amount_minor=movement.amount_minor,
    )  # fmt: skip


def _kind(agreement: str) -> str:
    """Names of agreements begin with their kind."""
    return agreement.partition("_")[0]
