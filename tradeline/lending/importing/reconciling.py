"""Every loan folded, and held against the balances that its keeper states, to the minor unit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.kernel.money import amount_text, minor_digits
from tradeline.kernel.processes import mapped
from tradeline.lending.bookings.chart import Account
from tradeline.lending.end_of_day.advance_terms import advance_of, position_of
from tradeline.lending.end_of_day.attached import OF_ADVANCES, arrays_of, wrong_rows
from tradeline.lending.end_of_day.columns import GUIDE, contract_of, events_of, is_earned_when_due
from tradeline.lending.end_of_day.folder import Landed
from tradeline.lending.end_of_day.late_days import ends_of_days
from tradeline.lending.end_of_day.staging import staging_of
from tradeline.lending.end_of_day.standing import ACCOUNTS, Standing, earned_when_due, standing
from tradeline.lending.importing.reading import Row, Tables
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import Event
from tradeline.lending.loan.fold import fold
from tradeline.lending.loan.state import LoanState
from tradeline.lending.revenue_share.terms import Terms
from tradeline.lending.value_reader import ValueReader

# Loans that one process works out before it is given others.
TOGETHER = 250

OfLoan = tuple[Row, Sequence[Row], Row | None, Mapping[str, Sequence[Row]]]
"""A loan's terms, its events, its balance if one is stated, and what is attached to it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What is stated of a loan, and what its terms and events come to, both as texts."""

    loan: str
    what: str
    stated: str
    found: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a folder's loans and advances come to: all, differences, and what makes no sense."""

    loans: tuple[Landed, ...]
    differences: tuple[Difference, ...]
    findings: tuple[Finding, ...]
    advances: tuple[Landed, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Nothing differs and everything makes sense."""
        return not self.differences and not self.findings


def reconcile(tables: Tables, processes: int = 1) -> Reconciled:
    """Fold every loan on the day of its balances and hold it against them, many at a time."""
    rows = [
        (texts, tables.events.get(loan, ()), tables.balances.get(loan), tables.attached_to(loan))
        for loan, texts in tables.loans.items()
    ]
    parts = [rows[at : at + TOGETHER] for at in range(0, len(rows), TOGETHER)]
    differences: list[Difference] = []
    findings = list(_strays(tables))
    for differ, wrong in mapped(_of_loans, parts, processes):
        differences += differ
        findings += wrong
    landed = tuple(Landed(texts, in_order(events), attached) for texts, events, _, attached in rows)
    for loan, texts in tables.advances.items():
        try:
            differences += _of_advance(texts, tables.attached_to(loan), tables.balances.get(loan))
        except InputProblem as refusal:
            findings += [_named(each, loan) for each in refusal.findings]
    advances = tuple(
        Landed(texts, (), tables.attached_to(loan)) for loan, texts in tables.advances.items()
    )
    return Reconciled(landed, tuple(differences), tuple(findings), advances)


def _of_loans(rows: Sequence[OfLoan]) -> tuple[list[Difference], list[Finding]]:
    differences: list[Difference] = []
    findings: list[Finding] = []
    for texts, events, stated, attached in rows:
        try:
            differences += _of_loan(texts, events, stated)
            _check_provisions(texts, stated or {}, attached.get("ratings", ()))
        except InputProblem as refusal:
            findings += [_named(each, texts["loan"]) for each in refusal.findings]
    return differences, findings


def _check_provisions(texts: Row, stated: Row, ratings: Sequence[Row]) -> None:
    """InputProblem if a loan is provided for by stage without what that takes."""
    loan = texts["loan"]
    [by_stage] = staging_of([(loan, texts)]).by_stage
    on = stated.get("as_of", "")
    if by_stage and not any(row["rated_on"] <= on for row in ratings):
        raise InputProblem([Finding(
            "no-rating", Severity.ERROR, f"loan {loan}",
            f"It is provided for by stage, and no rating of it is stated until {on}.",
            f"State its rating at the start in the table `ratings`. {GUIDE}",
        )])  # fmt: skip


def _strays(tables: Tables) -> list[Finding]:
    known = tables.loans.keys() | tables.advances.keys()
    strays = {
        "events": [loan for loan in tables.events if loan not in tables.loans],
        "balances": [loan for loan in tables.balances if loan not in known],
        "advances": [loan for loan in tables.advances if loan in tables.loans],
    }
    return [
        Finding(
            "unknown-loan", Severity.ERROR, name,
            f"Loan {loan} is not among the loans.", "Add it there, or take its rows out.",
        )
        for name, loans in strays.items() for loan in loans
    ]  # fmt: skip


def _named(finding: Finding, loan: str) -> Finding:
    where = finding.where if finding.where.startswith("loan ") else f"loan {loan}"
    return Finding(finding.code, finding.severity, where, finding.message, finding.remedy)


def in_order(events: Sequence[Row]) -> list[Row]:
    """By the day of entry, as they stood within it."""
    return sorted(events, key=lambda row: row.get("entered_on") or row["value_date"])


def _of_loan(texts: Row, rows: Sequence[Row], stated: Row | None) -> list[Difference]:
    loan = texts["loan"]
    contract = contract_of(texts, f"loan {loan}")
    events = events_of(in_order(rows), contract.currency, f"loan {loan}")
    stated, on = _stated(loan, stated)
    known = [event for event in events if event.entered_on <= on]
    if len(known) < len(events):
        raise InputProblem([Finding(
            "entered-after", Severity.ERROR, f"loan {loan}",
            f"An event was entered after {on}, the day of its balances.",
            "State balances of a later day, or leave the event for its own day.",
        )])  # fmt: skip
    return _differences(contract, events, stated, on, when_due=is_earned_when_due(texts))


def _stated(loan: str, stated: Row | None) -> tuple[Row, date]:
    """The balances of a loan and their day; InputProblem if there are none."""
    if stated is None:
        raise InputProblem([Finding(
            "no-balance", Severity.ERROR, f"loan {loan}", "No balance is stated of it.",
            "State it: a loan is accepted only where its balance is confirmed.",
        )])  # fmt: skip
    reader = ValueReader(GUIDE)
    on = reader.date(f"loan {loan}, as_of", stated["as_of"])
    reader.stop_if_refused()
    return stated, on


def _of_advance(
    texts: Row, attached: Mapping[str, Sequence[Row]], stated: Row | None
) -> list[Difference]:
    """An advance is owed with its fee: `principal` is both together."""
    loan = texts["loan"]
    terms, _ = advance_of(texts, f"loan {loan}")
    stated, on = _stated(loan, stated)
    wrong = [finding for name in OF_ADVANCES
             for finding in wrong_rows(name, attached.get(name, ()), terms.currency,
                                       f"loan {loan}")]  # fmt: skip
    if wrong:
        raise InputProblem(wrong)
    sales, payments = (
        arrays_of(name, [(0, terms.currency, row) for row in attached.get(name, ())])
        for name in OF_ADVANCES
    )
    check_payments(loan, terms, payments)
    owed = position_of(terms, sales, payments, on).owed_minor
    reader = ValueReader(GUIDE, digits=minor_digits(terms.currency))
    differences = []
    for name, right in (("principal", max(owed, 0)), ("overpaid", max(-owed, 0))):
        if stated.get(name):
            minor = reader.money(f"loan {loan}, {name}", stated[name])
            told, found = (amount_text(int(each), reader.digits) for each in (minor, right))
            if told != found:
                differences.append(Difference(loan, name, told, found))
    for name in ("receivable", "overdue", "days_past_due", "status"):
        if stated.get(name):
            reader.refuse(f"loan {loan}, {name}", "An advance has none; leave it empty.")
    reader.stop_if_refused()
    return differences


def check_payments(loan: str, terms: Terms, payments: Mapping[str, Any]) -> None:
    """InputProblem if a payment of an advance came before the day after its disbursement."""
    if len(payments["paid_on"]) and payments["paid_on"].min() <= terms.disbursed_on.toordinal():
        raise InputProblem([Finding(
            "paid-too-early", Severity.ERROR, f"loan {loan}",
            f"A payment came on the day of its disbursement, {terms.disbursed_on}, or before.",
            "Date payments from the day after on.",
        )])  # fmt: skip


def _differences(
    contract: Contract, events: list[Event], stated: Row, on: date, *, when_due: bool
) -> list[Difference]:
    found = standing(contract, events, on)
    found = earned_when_due(found) if when_due else found
    state = fold(contract, [*events, *ends_of_days(contract, events, on)], on)
    reader = ValueReader(GUIDE, digits=minor_digits(contract.currency))
    differences = []
    for name, of in FIGURES.items():
        text = stated.get(name, "")
        right, told = of(found, state), text
        if not text:
            continue
        if name in MONEY:
            minor = reader.money(f"loan {stated['loan']}, {name}", text)
            told, right = (amount_text(int(each), reader.digits) for each in (minor, right))
        if told != str(right):
            differences.append(Difference(stated["loan"], name, told, str(right)))
    reader.stop_if_refused()
    return differences


def _account(name: Account) -> Callable[[Standing, LoanState], int]:
    return lambda found, _: found.booked[ACCOUNTS.index(name)]


FIGURES: Mapping[str, Callable[[Standing, LoanState], int | str]] = {
    "principal": lambda _, state: state.principal_open,
    "receivable": _account(Account.INCOME_RECEIVABLE),
    "overdue": lambda _, state: state.delinquency.overdue.total,
    "days_past_due": lambda _, state: state.delinquency.days,
    "overpaid": lambda _, state: state.overpaid,
    "status": lambda _, state: str(state.status),
}
MONEY = ("principal", "receivable", "overdue", "overpaid")
