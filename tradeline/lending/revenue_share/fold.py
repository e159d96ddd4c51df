"""The fold of an advance: agreement and dated events to how it stands on a day.

The advance is paid out whole, on the agreed day or later; milestones count from the day on which it
was. Shares of sales and lump sums are repayments alike. An event entered late counts from its own
day, a reversed one never was.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.kernel.money import CURRENCIES
from tradeline.lending.loan.events import (
    CreditBalanceRefund,
    Disbursement,
    Event,
    Repayment,
    Reversal,
    WriteOff,
)
from tradeline.lending.loan.taken_back import reversal_findings, standing_events
from tradeline.lending.revenue_share.collection import days_late, lacking
from tradeline.lending.revenue_share.plan import Plan, planned
from tradeline.lending.revenue_share.terms import Terms, checked
from tradeline.lending.revenue_share.transactions import (
    Came,
    GivenBack,
    Loss,
    Receipt,
    Transaction,
    transactions,
)

OF_ADVANCES = (Disbursement, Repayment, CreditBalanceRefund, WriteOff, Reversal)
Status = Literal["agreed", "active", "closed", "overpaid", "written off"]
WHERE = "advance"
ABOVE_ZERO = "State an amount above zero; take a mistake back by a reversal."


@dataclass(frozen=True, slots=True)
class AdvanceAgreement:
    """The terms of an advance, and the payment expected of a day (`plan.expected_payment`).

    The fee is earned as a plan of that payment says.
    """

    terms: Terms
    expected_minor: int

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.terms.currency

    @property
    def start(self) -> date:
        """The day from which it may be paid out."""
        return self.terms.disbursed_on


@dataclass(frozen=True, slots=True)
class AdvanceState:
    """An advance on a day, in minor units.

    `owed_minor` is the receivable, with the fee that is not earned yet (`unearned_minor`);
    `lacking_minor` is how much less has come than milestones ask for,
    `days_late` for how long.
    """

    status: Status
    transactions: tuple[Transaction, ...]
    received_minor: int
    owed_minor: int
    unearned_minor: int
    overpaid_minor: int
    lacking_minor: int
    days_late: int


def plan_of(agreement: AdvanceAgreement) -> Plan:
    """The plan of an advance; InputProblem if the terms make no contract or no plan."""
    terms = checked(agreement.terms)
    if terms.currency not in CURRENCIES:
        raise problem("bad-terms", WHERE, "The currency is none.",
                      "Write its ISO 4217 code, such as CNY.")  # fmt: skip
    return planned(terms.advance_minor, terms.fee_minor, agreement.expected_minor)


def fold_advance(agreement: AdvanceAgreement, events: Sequence[Event], as_of: date) -> AdvanceState:
    """The advance on a day, by all events that count until then.

    InputProblem if terms or events make no sense: another amount paid out than agreed, money
    before that, a day before the agreement.
    """
    plan = plan_of(agreement)
    findings = [*_findings(agreement, events), *reversal_findings(events, WHERE)]
    if findings:
        raise InputProblem(findings)
    standing = [event for _, event in standing_events(events) if event.value_date <= as_of]
    paid_out = [event for event in standing if isinstance(event, Disbursement)]
    rest = [event for event in standing if not isinstance(event, Disbursement)]
    if len(paid_out) > 1:
        raise problem("paid-out-twice", WHERE, "It is paid out once only.", "Leave it out.")
    if paid_out:
        terms = replace(agreement.terms, disbursed_on=paid_out[0].value_date)
        return _state(terms, transactions(plan, terms.disbursed_on, map(_came, rest)), as_of)
    if rest:
        raise problem("not-paid-out", WHERE, "Nothing was paid out yet.",
                      "Enter the disbursement first.")  # fmt: skip
    return AdvanceState("agreed", (), 0, 0, 0, 0, 0, 0)


def _findings(agreement: AdvanceAgreement, events: Sequence[Event]) -> Iterator[Finding]:
    for place, event in enumerate(events):
        name = event.reference or f"event {place + 1}"
        amount = getattr(event, "amount_minor", None)
        if amount is not None and amount <= 0:
            yield _bad("bad-amount", f"{name}: an amount of {amount} is none.", ABOVE_ZERO)
        elif isinstance(event, Disbursement) and amount != agreement.terms.advance_minor:
            yield _bad("other-amount", f"{name}: {amount} is paid out, "
                       f"{agreement.terms.advance_minor} was agreed.",
                       "Pay out what was agreed, whole.")  # fmt: skip
        if event.value_date < agreement.start:
            yield _bad("before-advance", f"{name} counts from {event.value_date}, before the "
                       f"advance of {agreement.start}.", "Correct the day.")  # fmt: skip


def _bad(code: str, message: str, remedy: str) -> Finding:
    return Finding(code, Severity.ERROR, WHERE, message, remedy)


def _came(event: Event) -> Came:
    if isinstance(event, Repayment):
        return Receipt(event.value_date, event.amount_minor)
    if isinstance(event, CreditBalanceRefund):
        return GivenBack(event.value_date, event.amount_minor)
    assert isinstance(event, WriteOff)
    return Loss(event.value_date)


def _state(terms: Terms, made: tuple[Transaction, ...], as_of: date) -> AdvanceState:
    sums = Counter[str]()
    for each in made:
        sums[each.kind] += each.amount_minor
    beyond = sum(each.overpayment_minor for each in made if each.kind == "repayment")
    overpaid = beyond - sums["credit_balance_refund"]
    received, owed = sums["repayment"] + sums["recovery"], made[-1].balance_minor
    is_lost = sums["write_off"] > 0
    unearned = terms.fee_minor - sums["discount_fee_amortization"]
    return AdvanceState(
        status=_status(owed, overpaid, is_lost),
        transactions=made,
        received_minor=received,
        owed_minor=owed,
        unearned_minor=0 if is_lost else unearned,
        overpaid_minor=overpaid,
        lacking_minor=0 if is_lost else lacking(terms, received, as_of),
        days_late=0 if is_lost or not owed else days_late(terms, received, as_of),
    )


def _status(owed: int, overpaid: int, is_lost: bool) -> Status:
    if is_lost:
        return "written off"
    if owed:
        return "active"
    return "overpaid" if overpaid else "closed"
