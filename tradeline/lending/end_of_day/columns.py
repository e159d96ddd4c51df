"""Loans and events as columns of texts: what each column is, and the record that a row makes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any

from tradeline.kernel.money import CURRENCIES, minor_digits
from tradeline.lending.dates.business_days import Calendar, Shift
from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.loan import events as happened
from tradeline.lending.loan.contract import (
    Amortisation,
    Arrears,
    ChargeBase,
    ChargeKind,
    Contract,
    CustomInstalment,
    Direction,
    Family,
    Future,
    Grace,
    InstalmentBasis,
    InterestMethod,
    OverduePenalty,
    PayoffInterest,
    Prepayment,
    Recalculation,
    Rest,
    Step,
    Waterfall,
)
from tradeline.lending.loan.events import Event
from tradeline.lending.loan.rounding import Rounding, RoundingMode
from tradeline.lending.loan.waterfall_words import WANTED, steps_of
from tradeline.lending.value_reader import ValueReader

Texts = Mapping[str, str]
GUIDE = "See docs/guides/end-of-day.md."
YES_NO = {"yes": True, "no": False}
BY_STAGE = {"by age": False, "by stage": True}
WHEN_DUE = {"daily": False, "when due": True}

Read = Callable[[ValueReader, str, str], Any]


def one_of(known: Mapping[str, Any]) -> Read:
    """A reading of one of some words as what it stands for."""
    return lambda reader, where, text: reader.one_of(where, text, known)


def _words(kind: type[StrEnum]) -> Read:
    return one_of({str(word): word for word in kind})


def _steps(reader: ValueReader, where: str, text: str) -> tuple[Step, ...] | None:
    """The steps of a waterfall, one after a semicolon after another."""
    found = steps_of(text.split(";"))
    if found is None:
        reader.refuse(where, f"It is not {WANTED}.")
    return found


MONEY: Read = ValueReader.money
PERCENT: Read = ValueReader.rate
DAY: Read = ValueReader.date
NUMBER: Read = ValueReader.number
TEXT: Read = ValueReader.text
FLAG: Read = one_of(YES_NO)


def _custom(reader: ValueReader, where: str, text: str) -> tuple[CustomInstalment, ...]:
    """Instalments such as `2026-02-28: 300.00; 2026-09-30`, the last of which may be left open."""
    found = []
    for each in text.split(";"):
        due, colon, amount = (part.strip() for part in each.partition(":"))
        minor = reader.money(where, amount) if colon else None
        found.append(CustomInstalment(reader.date(where, due), minor))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of a table holds."""

    name: str
    read: Read
    meaning: str
    required: bool = False


LOAN_NAMES = ("loan", "product", "lender", "currency")
LOAN_COLUMNS = (
    Column("principal", MONEY, "what was approved, in currency units", required=True),
    Column("annual_rate_percent", PERCENT, "the rate of a year", required=True),
    Column("start", DAY, "from when interest runs", required=True),
    Column("frequency", _words(Frequency), "days, weeks or months between due dates"),
    Column("every", NUMBER, "how many of them"),
    Column("instalments", NUMBER, "how many; left out where `fixed_instalment` says it"),
    Column("first_due", DAY, "the first due date, where it is an odd one"),
    Column("family", _words(Family), "how the schedule is made"),
    Column("interest", _words(InterestMethod), "on what is left of the principal, or all of it"),
    Column("amortisation", _words(Amortisation), "what stays equal"),
    Column("day_count", _words(DayCount), "how days become a part of a year"),
    Column("instalment_basis", _words(InstalmentBasis), "the rate that an instalment is solved at"),
    Column("instalment_step", NUMBER, "instalments are rounded to so many minor units"),
    Column("interest_step", NUMBER, "interest is rounded to so many minor units"),
    Column("rounding", _words(RoundingMode), "which neighbour an amount between them becomes"),
    Column(
        "instalment_rounding", _words(RoundingMode), "the same of instalments, where it differs"
    ),
    Column("slices_rounded", FLAG, "yes: each stretch of equal balance is rounded by itself"),
    Column("instalment_moves", FLAG, "no: the last instalment takes all that remains"),
    Column("instalment_on_approved", FLAG, "yes: it is solved on what was approved, not paid out"),
    Column("fixed_instalment", MONEY, "the instalment, where it is agreed"),
    Column("balloon", MONEY, "principal left for the last instalment"),
    Column("custom_principal", _custom, "due dates and principal, agreed one by one"),
    Column("custom_instalments", _custom, "due dates and all of each, agreed one by one"),
    Column("principal_grace_periods", NUMBER, "periods without principal"),
    Column("interest_grace_periods", NUMBER, "periods whose interest is paid later"),
    Column("arrears_grace_days", NUMBER, "days after a due date that do not count as late"),
    Column("down_payment_percent", PERCENT, "what falls due at once"),
    Column("down_payment_kept", FLAG, "no: it is not kept back from what is paid out"),
    Column("calendar", TEXT, "whose business days count: a country or part, such as CN or DE-BY"),
    Column("shift", _words(Shift), "where a due date goes that is no business day"),
    Column("allocation", _steps, "the order of payment, step by step, with semicolons between"),
    Column("allocation_direction", _words(Direction), "by instalment, or by component"),
    Column("future_payments", _words(Future), "the instalments that are paid in advance"),
    Column("future_refunds", _words(Future), "the same of what a merchant gives back"),
    Column("charges_by_their_date", FLAG, "yes: a charge is due on its own date"),
    Column("rest", _words(Rest), "from when a payment changes interest; states recalculation"),
    Column("prepayment", _words(Prepayment), "what is lower after a payment in advance"),
    Column("arrears", _words(Arrears), "where overdue principal bears interest"),
    Column("payoff_interest", _words(PayoffInterest), "until when interest runs at a payoff"),
    Column("penalty_percent", PERCENT, "charged by the end of day on what is overdue"),
    Column("penalty_base", _words(ChargeBase), "of what it is a part"),
    Column("penalty_each_day", FLAG, "yes: for each day late; no: once an instalment"),
    Column("penalty_after_grace_days", NUMBER, "days after a due date without penalty"),
    Column("accrual", one_of(WHEN_DUE), "interest is income daily, or when due, as serviced"),
    Column("provisions", one_of(BY_STAGE), "by age, or by stage with ratings and PDs"),
    Column("lgd_percent", PERCENT, "what a default loses of what is not secured; by stage"),
    Column("effective_rate_percent", PERCENT, "of a year, fees included; else by the schedule"),
)
ONLY_WITH = {
    "shift": "calendar",
    **dict.fromkeys(
        ("penalty_base", "penalty_each_day", "penalty_after_grace_days"), "penalty_percent"
    ),
}
EVENT_NAMES = ("loan", "event", "value_date", "entered_on", "reference", "reverses")
EVENT_COLUMNS = (
    Column("amount", MONEY, "money moved, in currency units"),
    Column("kind", _words(ChargeKind), "of a charge: fee or penalty"),
    Column("base", _words(ChargeBase), "of what a percentage is taken"),
    Column("percent", PERCENT, "of a charge, in percent"),
    Column("annual_rate_percent", PERCENT, "a new rate"),
    Column("until", DAY, "the first day after a pause"),
    Column("due", DAY, "the due date of the instalment that is paid"),
    Column("principal", MONEY, "paid of that instalment"),
    Column("interest", MONEY, "paid of that instalment"),
    Column("first_due", DAY, "the first due date after re-ageing"),
    Column("from_due", DAY, "the instalment from which new terms hold"),
    Column("frequency", _words(Frequency), "days, weeks or months, after re-ageing"),
    Column("every", NUMBER, "how many of them, after re-ageing"),
    Column("instalments", NUMBER, "how many, after re-ageing"),
    Column("principal_grace_periods", NUMBER, "periods without principal, after rescheduling"),
    Column("part", NUMBER, "the transaction that is reversed, of several of one event, from 0"),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """An event by its word: the record it makes, and which columns it needs and may have."""

    record: type[Event]
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


KINDS = {
    "disbursement": Kind(happened.Disbursement, ("amount",)),
    "repayment": Kind(happened.Repayment, ("amount",)),
    "payoff": Kind(happened.Payoff),
    "refund": Kind(happened.Refund, ("amount",)),
    "credit balance refund": Kind(happened.CreditBalanceRefund, ("amount",)),
    "chargeback": Kind(happened.Chargeback, ("amount",)),
    "instalment payment": Kind(happened.InstalmentPayment, ("due", "principal", "interest")),
    "charge": Kind(happened.Charge, ("kind", "amount")),
    "percent charge": Kind(happened.PercentCharge, ("kind", "percent", "base")),
    "instalment charge": Kind(happened.InstalmentCharge, ("kind", "percent", "base")),
    "disbursement charge": Kind(happened.DisbursementCharge, ("percent",)),
    "rate change": Kind(happened.RateChange, ("annual_rate_percent",)),
    "reschedule": Kind(
        happened.Reschedule, ("from_due",), ("annual_rate_percent", "principal_grace_periods")
    ),
    "re-age": Kind(happened.Reage, ("first_due", "frequency", "every", "instalments")),
    "re-amortisation": Kind(happened.Reamortisation),
    "interest pause": Kind(happened.InterestPause, ("until",)),
    "delinquency pause": Kind(happened.DelinquencyPause, ("until",)),
    "charge-off": Kind(happened.ChargeOff),
    "write-off": Kind(happened.WriteOff),
    "reversal": Kind(happened.Reversal, may=("part",)),
}


def contract_of(texts: Texts, where: str) -> Contract:
    """The contract that a row of loans states; InputProblem with all that cannot be taken."""
    reader = reader_of(texts, where)
    found = values(reader, texts, LOAN_COLUMNS, where)
    for name, needed in ONLY_WITH.items():
        if name in found and needed not in found:
            reader.refuse(f"{where}, {name}", f"It says nothing without `{needed}`.")
    custom, amortisation = _agreed(reader, found, where)
    reader.stop_if_refused()
    mode = found.get("rounding", RoundingMode.HALF_EVEN)
    of_instalments = found.get("instalment_rounding", mode)
    grace = (found.get("principal_grace_periods", 0), found.get("interest_grace_periods", 0),
             found.get("arrears_grace_days", 0))  # fmt: skip
    stated = {
        name: found[name]
        for name in ("first_due", "family", "interest", "day_count",
                     "instalment_basis", "slices_rounded", "instalment_moves",
                     "instalment_on_approved", "down_payment_kept", "payoff_interest")
        if name in found
    }  # fmt: skip
    return Contract(
        currency=texts["currency"],
        principal_minor=found["principal"],
        annual_rate=found["annual_rate_percent"],
        start=found["start"],
        frequency=found.get("frequency", Frequency.MONTHS),
        every=found.get("every", 1),
        instalments=found.get("instalments", len(custom) or None),
        amortisation=amortisation,
        instalment_rounding=Rounding(of_instalments, found.get("instalment_step", 1)),
        interest_rounding=Rounding(mode, found.get("interest_step", 1)),
        fixed_instalment_minor=found.get("fixed_instalment"),
        balloon_minor=found.get("balloon", 0),
        grace=Grace(*grace),
        down_payment=found.get("down_payment_percent", Fraction(0)),
        waterfall=_waterfall(found),
        recalculation=_recalculation(found),
        overdue_penalty=_penalty(found),
        calendar=_calendar(found),
        custom=custom,
        **stated,
    )


def _agreed(
    reader: ValueReader, found: Mapping[str, Any], where: str
) -> tuple[tuple[CustomInstalment, ...], Amortisation]:
    """Instalments that are agreed one by one, if any, and what their amounts are."""
    by_column = {
        "custom_principal": Amortisation.PRINCIPAL,
        "custom_instalments": Amortisation.INSTALMENTS,
    }
    given = [name for name in by_column if name in found]
    said = found.get("amortisation", Amortisation.INSTALMENTS)
    if not given:
        return (), said
    if len(given) > 1 or ("amortisation" in found and said is not by_column[given[0]]):
        reader.refuse(f"{where}, {given[0]}", "Its amounts are said to be something else, too.")
    return found[given[0]], by_column[given[0]]


def is_earned_when_due(texts: Texts) -> bool:
    """Whether the interest of a loan whose terms were read before is income only when it is due."""
    return WHEN_DUE[texts.get("accrual") or "daily"]


def events_of(rows: Sequence[Texts], currency: str, where: str) -> list[Event]:
    """The events of one loan, in the order of its rows; InputProblem with all that is wrong."""
    reader = ValueReader(GUIDE, digits=minor_digits(currency))
    references = {row["reference"]: place for place, row in enumerate(rows) if row.get("reference")}
    found = [
        _event(reader, row, references, f"{where}, event {place + 1}")
        for place, row in enumerate(rows)
    ]
    reader.stop_if_refused()
    return [event for event in found if event is not None]


def _event(
    reader: ValueReader, row: Texts, references: Mapping[str, int], where: str
) -> Event | None:
    kind: Kind | None = reader.one_of(where, row.get("event", ""), KINDS)
    if kind is None:
        return None
    taken = (*kind.needs, *kind.may)
    columns = [column for column in EVENT_COLUMNS if column.name in taken]
    for name in kind.needs:
        if not row.get(name):
            reader.refuse(where, f"'{row['event']}' needs `{name}`.")
    for column in EVENT_COLUMNS:
        if column.name not in taken and row.get(column.name):
            reader.refuse(where, f"'{row['event']}' has no `{column.name}`.")
    found = values(reader, row, columns, where)
    value_date = reader.date(where, row.get("value_date", ""))
    entered_on = reader.date(where, row.get("entered_on") or row.get("value_date", ""))
    if kind.record is happened.Reversal:
        if row.get("reverses", "") not in references:
            reader.refuse(where, f"No event has the reference '{row.get('reverses', '')}'.")
        found["of"] = references.get(row.get("reverses", ""), 0)
    fields = {field_of(kind, name): value for name, value in found.items()}
    if reader.findings:
        return None
    return kind.record(
        value_date=value_date, entered_on=entered_on, reference=row.get("reference", ""), **fields
    )


def field_of(kind: Kind, name: str) -> str:
    """The field of an event's record that a column fills."""
    is_money = name in ("amount", "principal") or (
        name == "interest" and kind.record is happened.InstalmentPayment
    )
    if is_money:
        return f"{name}_minor"
    return {"percent": "rate", "annual_rate_percent": "annual_rate"}.get(name, name)


def day_of(texts: Texts, name: str, where: str) -> date:
    """A day that a row states; InputProblem if it is none."""
    reader = ValueReader(GUIDE)
    found = reader.date(f"{where}, {name}", texts.get(name, ""))
    reader.stop_if_refused()
    return found


def reader_of(texts: Texts, where: str) -> ValueReader:
    """A reader of amounts in the currency that a row states."""
    currency = texts.get("currency", "")
    reader = ValueReader(GUIDE, digits=minor_digits(currency))
    if currency not in CURRENCIES:
        reader.refuse(f"{where}, currency", f"'{currency}' is no currency.")
    return reader


def values(
    reader: ValueReader, texts: Texts, columns: Sequence[Column], where: str
) -> dict[str, Any]:
    """What columns of a row state; what is wrong or missing is noted by the reader."""
    found = {}
    for column in columns:
        text = texts.get(column.name, "")
        if text:
            found[column.name] = column.read(reader, f"{where}, {column.name}", text)
        elif column.required:
            reader.refuse(f"{where}, {column.name}", "It is not stated.")
    return found


def _waterfall(found: Mapping[str, Any]) -> Waterfall:
    columns = {
        "steps": "allocation", "direction": "allocation_direction", "future": "future_payments",
        "future_refunds": "future_refunds", "charges_by_their_date": "charges_by_their_date",
    }  # fmt: skip
    return Waterfall(**{field: found[name] for field, name in columns.items() if name in found})


def _calendar(found: Mapping[str, Any]) -> Calendar | None:
    if "calendar" not in found:
        return None
    country, _, part = found["calendar"].partition("-")
    return Calendar(country, found.get("shift", Shift.FOLLOWING), part or None)


def _recalculation(found: Mapping[str, Any]) -> Recalculation | None:
    stated = {name: found[name] for name in ("rest", "prepayment", "arrears") if name in found}
    return Recalculation(**stated) if stated else None


def _penalty(found: Mapping[str, Any]) -> OverduePenalty | None:
    if "penalty_percent" not in found:
        return None
    return OverduePenalty(
        found["penalty_percent"],
        found.get("penalty_base", ChargeBase.PRINCIPAL_AND_INTEREST),
        found.get("penalty_each_day", False),
        found.get("penalty_after_grace_days", 0),
    )
