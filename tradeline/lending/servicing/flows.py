"""Commands on agreements: each is saved, booked and told in one transaction, once for each key.

The agreement is read and folded anew with what is asked; the books get the difference to what was
booked before. Days, ids and the moment are arguments.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from tradeline.book.flows import unit_of_work
from tradeline.book.outbox import Event as Happened
from tradeline.book.outbox import answered, record
from tradeline.kernel.findings import InputProblem, problem
from tradeline.lending.bookings.chart import AMONG_LENDERS, PROVIDED, Account
from tradeline.lending.end_of_day.curves import Curve
from tradeline.lending.ledger.accounts import open_accounts
from tradeline.lending.ledger.posting import post
from tradeline.lending.ledger.reading import booked_about
from tradeline.lending.loan.events import Event
from tradeline.lending.participation.agreement import Agreement as LenderAgreement
from tradeline.lending.participation.agreement import Sale
from tradeline.lending.receivables.events import Withdrawal
from tradeline.lending.servicing.claims import Financing, SharedRegister, claim, release
from tradeline.lending.servicing.declared import kind_of
from tradeline.lending.servicing.differences import Sharing, chart_of, missing_entries
from tradeline.lending.servicing.kinds import Agreed, Kind
from tradeline.lending.servicing.models import (
    Agreement,
    AgreementEvent,
    GradePds,
    RiskFact,
    ShareSale,
)
from tradeline.lending.servicing.risk import Fact, wrong_fact
from tradeline.lending.servicing.risk_saved import known_grades
from tradeline.lending.servicing.rules import check_lenders, check_sale, findings_of, wrong_command
from tradeline.lending.servicing.saved import Saved, lock_agreement, read_saved
from tradeline.lending.servicing.written import event_kind, record_values

Told = tuple[str, dict[str, Any]]
"""The name of an event, and its body."""


@dataclass(frozen=True, slots=True)
class Command:
    """Who asks, about which agreement, under which key, and when."""

    tenant: str
    agreement: str
    key: str
    now: datetime


def open_agreement(
    command: Command,
    contract: Agreed,
    *,
    product: str = "",
    lenders: LenderAgreement | None = None,
    register: SharedRegister | None = None,
) -> Mapping[str, Any]:
    """Save the contract of a loan, a line or another kind; the answer that its event carries.

    The `product` stays with it, and says what of it needs two people. The ledger gets the accounts
    of its currency: of each of the `lenders` that share it, or the tenant's own. A financed
    document is entered in the `register`; the answer says what is `alike` there, for a person to
    look at. `InputProblem` if the terms make no contract or the shares no whole, the agreement is
    there already, its document is financed already, or the key stands for something else.
    """
    kind = kind_of(contract)
    values = record_values(contract)
    shared = None if lenders is None else record_values(lenders)
    asked = {"command": f"open {kind.name}", "agreement": command.agreement, "contract": values,
             "lenders": shared, "product": product}  # fmt: skip
    kind.check(contract)
    sharing = None if lenders is None else Sharing(check_lenders(lenders))
    if not command.agreement.startswith(kind.prefix):
        message = f"'{command.agreement}' is no {kind.name}'s."
        raise problem("bad-id", kind.name, message, f"Begin with {kind.prefix}.")

    def saved(connection: Connection) -> Told:
        if Agreement.objects.filter(agreement=command.agreement).exists():
            raise problem(
                "agreement-there", f"{kind.name} {command.agreement}",
                f"There is such a {kind.name} already.",
                "Take a new id; a contract is never changed.",
            )  # fmt: skip
        Agreement.objects.create(
            tenant=command.tenant, agreement=command.agreement, kind=kind.name, contract=values,
            lenders=shared, product=product, opened_at=command.now,
        )  # fmt: skip
        _open_accounts(connection, command, Saved(command.agreement, kind, contract, (), sharing))
        body: dict[str, Any] = {"agreement": command.agreement, "kind": kind.name}
        body["currency"] = contract.currency
        if kind.document is not None:
            body["alike"] = _claimed(connection, command, kind, contract, register)
        return f"lending.{kind.name}.opened", body

    return _once(command, asked, saved)


def _claimed(
    connection: Connection,
    command: Command,
    kind: Kind[Any, Any],
    contract: Agreed,
    register: SharedRegister | None,
) -> list[str]:
    assert kind.document is not None
    if register is None:
        raise problem(
            "no-register", f"{kind.name} {command.agreement}",
            "A document is financed only where a register says that it is the first time.",
            "Name the register that its lenders share, with its key.",
        )  # fmt: skip
    financing = Financing(command.tenant, command.agreement, kind.document(contract),
                          contract.start, kind.takes_over(contract))  # fmt: skip
    return list(claim(connection, register, financing))


def _open_accounts(connection: Connection, command: Command, agreement: Saved) -> None:
    accounts = tuple(dict.fromkeys((*agreement.kind.accounts, *PROVIDED)))
    currency = agreement.contract.currency
    charted = chart_of(accounts, currency)
    if agreement.lenders is not None:
        charted = chart_of((Account.CLEARING, Account.SETTLEMENTS), currency)
        own = [each for each in (*accounts, *AMONG_LENDERS) if each is not Account.CLEARING]
        charted += chart_of(own, currency, agreement.lenders.parties)
    open_accounts(connection, charted, command.now)


def enter(command: Command, event: Event) -> Mapping[str, Any]:
    """Enter what happened to an agreement, today or on an earlier day: pay out, receive, take back.

    The answer tells the event's place, the entries that were booked and how the agreement stands.
    `InputProblem` if there is no such agreement, the event makes no sense for it, the period is
    closed, or the key stands for something else; nothing is saved then.
    """
    name, values = event_kind(event), record_values(event)
    asked = {"command": name, "agreement": command.agreement, "event": values}

    def entered(connection: Connection) -> Told:
        before = read_saved(connection, command.agreement)
        kind = before.kind
        findings = wrong_command(kind, before.name, before.contract, before.events, event)
        if findings:
            raise InputProblem(findings)
        after = replace(before, events=(*before.events, event))
        AgreementEvent.objects.create(
            tenant=command.tenant, agreement=command.agreement, place=len(before.events),
            kind=name, body=values, recorded_at=command.now,
        )  # fmt: skip
        if isinstance(event, Withdrawal):
            release(connection, command.tenant, command.agreement, event.value_date)
        cause = event.value_date, name
        told = {"place": len(before.events), **_booked(connection, command, after, cause)}
        return kind.tells(name), {"agreement": command.agreement, **told}

    return _once(command, asked, entered)


def sell(command: Command, sale: Sale) -> Mapping[str, Any]:
    """Enter that a lender sold a portion of its share, today or on an earlier day.

    The buyer gets accounts, and what is booked from the day of the sale on is its too. A buy-back
    is a sale in the other direction. The answer is as that of `enter`. `InputProblem` if no lenders
    share the agreement, or the seller does not hold what it sells.
    """
    values = record_values(sale)
    asked = {"command": "sell", "agreement": command.agreement, "sale": values}

    def sold(connection: Connection) -> Told:
        before = read_saved(connection, command.agreement)
        if before.lenders is None:
            raise problem(
                "not-shared", f"{before.kind.name} {before.name}", "No lenders share it.",
                "Name its lenders when it is opened.",
            )  # fmt: skip
        today = max(before.booked_through, command.now.date())
        check_sale(sale, before.contract.start, today)
        sales = before.lenders.sales
        after = replace(before, lenders=replace(before.lenders, sales=(*sales, sale)))
        ShareSale.objects.create(
            tenant=command.tenant, agreement=command.agreement, place=len(sales), body=values,
            recorded_at=command.now,
        )  # fmt: skip
        _open_accounts(connection, command, after)
        told = {"place": len(sales), **_booked(connection, command, after, (sale.on, "ShareSale"))}
        name = f"lending.{before.kind.name}.share_sold"
        return name, {"agreement": command.agreement, **told}

    return _once(command, asked, sold)


def state_risk(command: Command, fact: Fact) -> Mapping[str, Any]:
    """State what provisions by stage of an agreement rest on: that it has them, a rating, a value.

    Nothing is booked: the next end of day counts it. `InputProblem` if there is no such agreement,
    its kind is provided for by age alone, the fact makes no sense, or the key stands for something
    else.
    """
    name, values = type(fact).__name__, record_values(fact)
    asked = {"command": name, "agreement": command.agreement, "fact": values}

    def stated(connection: Connection) -> Told:
        kind = read_saved(connection, command.agreement).kind
        wrong = wrong_fact(kind, fact, known_grades(connection))
        findings = findings_of(wrong, f"{kind.name} {command.agreement}")
        if findings:
            raise InputProblem(findings)
        place = RiskFact.objects.filter(agreement=command.agreement).count()
        RiskFact.objects.create(
            tenant=command.tenant, agreement=command.agreement, place=place, kind=name,
            body=values, recorded_at=command.now,
        )  # fmt: skip
        body = {"agreement": command.agreement, "place": place, "fact": name}
        return f"lending.{kind.name}.risk_stated", body

    return _once(command, asked, stated)


def state_pds(command: Command, curves: Sequence[Curve], entered_on: date) -> Mapping[str, Any]:
    """State PDs of grades, each in force from a day on and known from `entered_on`.

    The command names no agreement. `InputProblem` if the key stands for something else.
    """
    rows = [(each.grade, each.since.isoformat(), list(each.cumulative)) for each in curves]
    asked = {"command": "state pds", "pds": rows, "entered_on": entered_on.isoformat()}

    def stated(_: Connection) -> Told:
        first = GradePds.objects.count()
        for place, each in enumerate(curves, first):
            GradePds.objects.create(
                tenant=command.tenant, place=place, grade=each.grade, since=each.since,
                cumulative=list(each.cumulative), entered_on=entered_on, recorded_at=command.now,
            )  # fmt: skip
        grades = sorted({each.grade for each in curves})
        return "lending.pds_stated", {"grades": grades, "entered_on": entered_on.isoformat()}

    return _once(command, asked, stated)


def _booked(
    connection: Connection, command: Command, after: Saved, cause: tuple[date, str]
) -> dict[str, Any]:
    """Bring the books to what the agreement comes to: the entries, and how it stands."""
    state = after.state()
    entries = missing_entries(
        after.name, command.key, cause, after.right(state), booked_about(connection, after.name),
        after.contract.currency,
    )  # fmt: skip
    posted = post(connection, entries, command.now) if entries else ()
    return {"entries": [answer.entry for answer in posted], **after.kind.standing(state)}


def _once(
    command: Command, asked: Mapping[str, Any], do: Callable[[Connection], Told]
) -> Mapping[str, Any]:
    """Do it in a unit of work and tell it, or give the answer of the first time."""
    with unit_of_work(command.tenant) as connection:
        lock_agreement(connection, command.tenant, command.agreement)
        earlier = answered(connection, command.key, asked)
        if earlier is not None:
            return earlier
        name, body = do(connection)
        return record(connection, Happened(name, body, command.now, command.key, asked))
