"""A life of one agreement of each kind, and what must not be asked of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from tests.lending.lines import made_lines
from tests.lending.servicing import loans
from tradeline.lending.loan.events import CreditBalanceRefund, Event
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
LIVES = (LOAN, LINE, ADVANCE)
