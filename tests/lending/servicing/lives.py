"""A life of one agreement of each kind, and what must not be asked of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from tests.lending.lines import made_lines
from tests.lending.servicing import loans
from tests.lending.servicing.loans import at
from tradeline.lending.loan.events import CreditBalanceRefund, EndOfDay, Event
from tradeline.lending.orders.events import (
    Conversion,
    Delivery,
    MilestoneReached,
    OrderDraw,
    OrderPayment,
    SellerPayout,
)
from tradeline.lending.orders.financing import Milestone, OrderTerms
from tradeline.lending.orders.fold import OrderAgreement
from tradeline.lending.participation.agreement import Agreement
from tradeline.lending.receivables.documents import Document
from tradeline.lending.receivables.events import (
    Advance,
    BuyerPayment,
    Dilution,
    ReservePayout,
    SellerPayment,
    Withdrawal,
)
from tradeline.lending.receivables.fold import ReceivableAgreement
from tradeline.lending.receivables.terms import ReceivableTerms
from tradeline.lending.revenue_share.fold import AdvanceAgreement
from tradeline.lending.revenue_share.terms import Milestones, Terms
from tradeline.lending.servicing.kinds import Agreed


@dataclass(frozen=True, slots=True)
class Life:
    """What happens to an agreement, in the order of its days.

    `late` is the place of an event that may as well be entered at the end. `ends` is what the last
    answer says of it.
    """

    name: str
    contract: Agreed
    events: Sequence[Event]
    late: int
    ends: dict[str, Any]
    wrong: Sequence[tuple[Event, str]] = ()


def given_back(amount: int, on: date) -> CreditBalanceRefund:
    """What was paid too much, given back."""
    return CreditBalanceRefund(value_date=on, entered_on=on, amount_minor=amount)


FEB, MAR, APR = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)
LOAN = Life(
    "loan_1",
    loans.CONTRACT,
    [loans.paid_out(), loans.repaid(106_619, FEB), loans.repaid(106_619, MAR),
     loans.day_ended(APR)],
    1,
    {"status": "active", "days_late": 0},
)  # fmt: skip
LINE = Life(
    "line_1",
    made_lines.BY_DRAW,
    [
        made_lines.asked("A", 0, 600_000),
        made_lines.settled("A", 1),
        made_lines.paid(40, 110_000),
        made_lines.asked("B", 50, 400_000),
        made_lines.settled("B", 52),
        made_lines.paid(70, 150_000),
    ],
    2,
    {"status": "open", "limit_minor": 1_000_000, "held_minor": 0},
    [
        (
            made_lines.asked("C", 80, 900_000),
            "error: line: A draw of 900000 is above what is available on 2026-03-26: 246747. "
            "Ask for less, or raise the limit first.",
        ),
        (
            made_lines.paid(80, -5),
            "error: line: event 7: an amount of -5 is none. State an amount above zero; take a "
            "mistake back by a reversal.",
        ),
        (
            loans.repaid(5, date(2026, 1, 4), made_lines.day(80)),
            "error: line: event 7 counts from 2026-01-04, before the line of 2026-01-05. Correct "
            "the day.",
        ),
        (
            loans.paid_out(5, made_lines.day(80)),
            "error: line line_1: 'Disbursement' is no event of a line. Enter what happens to it.",
        ),
    ],
)


def opened(
    lender: str,
    life: Life,
    key: str = "open",
    register: str = "",
    lenders: Agreement | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """Open the agreement of a life, its document in the lender's own register if no other."""
    from tradeline.lending.servicing.claims import SharedRegister
    from tradeline.lending.servicing.flows import Command, open_agreement

    shared = SharedRegister(register or lender, b"shared by the lenders")
    contract = replace(life.contract, **changes)  # type: ignore[type-var]
    command = Command(lender, life.name, key, loans.NOW)
    return dict(open_agreement(command, contract, lenders=lenders, register=shared))


# 9,000.00 for 1,000.00, a tenth of sales; 50.00 are expected of a day.
ADVANCE = Life(
    "advance_1",
    AdvanceAgreement(
        Terms("CNY", 900_000, 100_000, Fraction(1, 10), "gross", loans.START,
              Milestones(6, 60, 100), 360),
        5_000,
    ),
    [
        loans.paid_out(900_000),
        loans.repaid(40_000, FEB),
        loans.repaid(60_000, MAR),
        loans.repaid(990_000, APR),
        given_back(20_000, APR),
    ],
    1,
    {"status": "overpaid", "owed_minor": 0, "unearned_minor": 0, "overpaid_minor": 70_000},
    [
        (loans.repaid(-5, APR), "error: advance: event 6: an amount of -5 is none. State an amount "
         "above zero; take a mistake back by a reversal."),
        (given_back(70_001, APR), "error: advance, 2026-04-01: 70001 is given back, 70000 came "
         "beyond what was owed. Give back what came beyond."),
        (loans.repaid(5, date(2025, 12, 31), APR), "error: advance: event 6 counts from "
         "2025-12-31, before the advance of 2026-01-01. Correct the day."),
        (loans.paid_out(5, APR), "error: advance: event 6: 5 is paid out, 900000 was agreed. Pay "
         "out what was agreed, whole."),
        (loans.taken_back(0, APR), "error: advance: Nothing was paid out yet. Enter the "
         "disbursement first."),
        (loans.day_ended(APR), "error: advance advance_1: 'EndOfDay' is no event of an advance. "
         "Enter what happens to it."),
    ],
)  # fmt: skip


INVOICE = Document(
    "invoice", "91330100MA2", "DE129", "INV-0042", loans.START, 10_000_000, "CNY", "PO-7"
)
# 80 % of 100,000.00 for 1 % and 12 % a year; due in 45 days.
RECEIVABLE = Life(
    "receivable_1",
    ReceivableAgreement(
        INVOICE,
        date(2026, 2, 15),
        ReceivableTerms(Fraction(4, 5), Fraction(1, 100), Fraction(12, 100), 360, True, 60),
        loans.START,
    ),
    [
        at(Advance, loans.START, amount_minor=8_000_000),
        at(Dilution, date(2026, 1, 20), amount_minor=500_000),
        at(SellerPayment, FEB, amount_minor=1_000_000),
        at(EndOfDay, date(2026, 2, 10)),
        at(BuyerPayment, MAR, amount_minor=9_600_000),
        at(ReservePayout, MAR, amount_minor=1_000_000),
        at(CreditBalanceRefund, MAR, amount_minor=100_000),
    ],
    2,
    {"status": "settled", "advance_minor": 0, "interest_minor": 0, "overpaid_minor": 0},
    [
        (at(Advance, MAR, amount_minor=8_000_000), "error: receivable finance, 2026-03-01: The "
         "advance of 8000000 is more than the 0 that may be advanced. Advance up to the advance "
         "rate, and before the buyer pays."),
        (at(BuyerPayment, MAR, amount_minor=-5), "error: receivable finance, 2026-03-01: The "
         "buyer_payment of -5 has no amount above zero. State what moved."),
        (at(ReservePayout, MAR, amount_minor=5_000_000), "error: receivable finance, 2026-03-01: "
         "The reserve_payout of 5000000 is more than the 1250295 released. Pay out what was "
         "released."),
        (SellerPayment(value_date=date(2025, 12, 31), entered_on=MAR, amount_minor=5), "error: "
         "receivable: event 8 counts from 2025-12-31, before the financing of 2026-01-01. Correct "
         "the day."),
        (at(Withdrawal, MAR), "error: receivable: Something happened to it, or it was withdrawn "
         "before. Withdraw what was never used; finance the document anew."),
        (loans.repaid(5, MAR), "error: receivable receivable_1: 'Repayment' is no event of a "
         "receivable. Enter what happens to it."),
    ],
)  # fmt: skip
ORDER = Life(
    "order_1",
    OrderAgreement(
        Document("order", "91330100MA2", "DE129", "PO-7", loans.START, 20_000_000, "CNY"),
        OrderTerms(
            20_000_000, Fraction(3, 5),
            (Milestone("material", Fraction(3, 10)), Milestone("made", Fraction(7, 10))),
            Fraction(12, 100), 360, 30, date(2026, 6, 30),
        ),
        loans.START,
    ),
    [
        at(MilestoneReached, loans.START, name="material"),
        at(OrderDraw, date(2026, 1, 2), amount_minor=3_600_000),
        at(OrderPayment, date(2026, 1, 20), amount_minor=600_000),
        at(MilestoneReached, FEB, name="made"),
        at(OrderDraw, FEB, amount_minor=4_800_000),
        at(Delivery, date(2026, 2, 20)),
        at(Conversion, MAR, amount_minor=5_000_000),
        at(OrderPayment, APR, amount_minor=6_000_000),
        at(SellerPayout, APR, amount_minor=1_000_000),
    ],
    2,
    {"status": "converted", "principal_minor": 0, "interest_minor": 0, "days_late": 0},
    [
        (at(OrderDraw, APR, amount_minor=5), "error: order finance, 2026-04-01: A draw of 5 is "
         "more than the 0 available. Draw what the milestones reached so far open."),
        (at(OrderPayment, APR, amount_minor=-5), "error: order finance, 2026-04-01: The payment "
         "has no amount above zero. State what moved."),
        (OrderPayment(value_date=date(2025, 12, 31), entered_on=APR, amount_minor=5), "error: "
         "order: event 10 counts from 2025-12-31, before the financing of 2026-01-01. Correct the "
         "day."),
        (at(MilestoneReached, APR, name="made"), "error: order finance, 2026-04-01: The milestone "
         "'made' is not the next one. All milestones are reached."),
        (at(Withdrawal, APR), "error: order: Something happened to it, or it was withdrawn before. "
         "Withdraw what was never used; finance the document anew."),
        (loans.taken_back(9, APR), "error: order: event 10 takes back an event that was not "
         "entered before it. Name an earlier one."),
    ],
)  # fmt: skip
LIVES = (LOAN, LINE, ADVANCE, RECEIVABLE, ORDER)
