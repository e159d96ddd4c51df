"""From the events of a case to events of a loan, each in its place."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypedDict

from tradeline.lending.cases.terms import FREQUENCIES, NUMBER
from tradeline.lending.cases.values import Reader
from tradeline.lending.loan import events as happened
from tradeline.lending.loan.contract import ChargeBase, ChargeKind, Contract
from tradeline.lending.loan.events import Event
from tradeline.lending.loan.state import TransactionKind
from tradeline.lending.loan.statement import transactions

# A charge of a fixed amount, by its kind; capitals are a peer's own names of the same.
CHARGE_KINDS = {
    "fee": ChargeKind.FEE,
    "penalty": ChargeKind.PENALTY,
    "LOAN_SNOOZE_FEE": ChargeKind.FEE,
    "LOAN_NSF_FEE": ChargeKind.PENALTY,
    "LOAN_FIXED_LATE_FEE": ChargeKind.PENALTY,
    "LOAN_FIXED_RETURNED_PAYMENT_FEE": ChargeKind.PENALTY,
}
PERCENT_KINDS = {
    f"{kind} on {words}": (kind, base)
    for kind in ChargeKind
    for words, base in (
        ("principal", ChargeBase.PRINCIPAL),
        ("principal plus interest", ChargeBase.PRINCIPAL_AND_INTEREST),
    )
} | {"LOAN_PERCENTAGE_PROCESSING_FEE": (ChargeKind.FEE, ChargeBase.PRINCIPAL_AND_INTEREST)}
INSTALMENT_FEE = "LOAN_INSTALLMENT_PERCENTAGE_FEE"
DISBURSEMENT_FEE = "LOAN_DISBURSEMENT_PERCENTAGE_FEE"


@dataclass(frozen=True, slots=True)
class Entries:
    """Events of the loan; the first `upto[k]` of them are those of the first k of the case."""

    events: tuple[Event, ...]
    upto: tuple[int, ...]
    entered_on: tuple[date, ...]


def entries_of(
    reader: Reader,
    contract: Contract,
    inputs: Mapping[str, Any],
    events: Sequence[Mapping[str, Any]],
) -> Entries:
    """The events of a variant; what cannot be read is refused by the reader."""
    entering = _Entering(reader, contract)
    entering.terms_of_product(inputs, events)
    upto, days = [len(entering.events)], [contract.start]
    for number, event in enumerate(events, 1):
        entering.where = f"event {number}"
        entering.enter(event)
        upto.append(len(entering.events))
        days.append(entering.today)
    return Entries(tuple(entering.events), tuple(upto), tuple(days))


class _Dates(TypedDict):
    value_date: date
    entered_on: date


class _Entering:
    """Events entered one after another."""

    def __init__(self, reader: Reader, contract: Contract) -> None:
        self.reader, self.contract = reader, contract
        self.events: list[Event] = []
        self.today = contract.start
        self.where = "inputs"

    def terms_of_product(
        self, inputs: Mapping[str, Any], events: Sequence[Mapping[str, Any]]
    ) -> None:
        """Charges that the inputs state and no event restates."""
        stated = {event.get("type") for event in events}
        text = str(inputs.get("fee", ""))
        if text:
            self._fee(text, stated=bool({"charge_percent", "charge"} & stated))
        found = re.fullmatch(
            rf"{NUMBER} due on (\d{{4}}-\d\d-\d\d)", str(inputs.get("penalty", ""))
        )
        if found and "charge" not in stated:
            due = self.reader.date("inputs: penalty", found[2])
            amount = self.reader.money("inputs: penalty", found[1])
            self._add(happened.Charge(value_date=due, entered_on=self.today,
                                      kind=ChargeKind.PENALTY, amount_minor=amount))  # fmt: skip

    def _fee(self, text: str, *, stated: bool) -> None:
        each = re.fullmatch(f"{NUMBER} % of principal plus interest of each instalment", text)
        once = re.fullmatch(rf"{NUMBER} % of principal plus interest \({NUMBER}\) = {NUMBER}", text)
        if each is None and once is None:
            self.reader.refuse("inputs: fee", f"The value '{text}' is not in the vocabulary.")
        elif each is not None and not stated:
            self._add(self._instalment_charge(each[1]))
        elif once is not None and not stated:
            self.reader.refuse("inputs: fee", "No event says when this fee falls due.")

    def _instalment_charge(self, percent: object) -> Event:
        return happened.InstalmentCharge(
            value_date=self.today, entered_on=self.today, kind=ChargeKind.FEE,
            rate=self.reader.rate(self.where, percent), base=ChargeBase.PRINCIPAL_AND_INTEREST,
        )  # fmt: skip

    def enter(self, event: Mapping[str, Any]) -> None:
        """Enter one event of the case."""
        if "entered_on" in event:
            self.today = self._date(event, "entered_on")
        elif event.get("date") is not None:
            self.today = max(self.today, self._date(event, "date"))
        _ENTER[event["type"]](self, event)

    def _add(self, event: Event) -> None:
        self.events.append(event)

    def _date(self, event: Mapping[str, Any], key: str) -> date:
        return self.reader.date(f"{self.where}: {key}", event[key])

    def _money(self, event: Mapping[str, Any], key: str = "amount") -> int:
        return self.reader.money(f"{self.where}: {key}", event[key])

    def _dates(self, event: Mapping[str, Any], key: str = "date") -> "_Dates":
        day = self._date(event, key) if event.get(key) is not None else self.today
        return {"value_date": day, "entered_on": self.today}

    # Money.

    def disbursement(self, event: Mapping[str, Any]) -> None:
        self._add(happened.Disbursement(**self._dates(event), amount_minor=self._money(event)))

    def repayment(self, event: Mapping[str, Any]) -> None:
        self._add(happened.Repayment(**self._dates(event), amount_minor=self._money(event)))

    def payoff(self, event: Mapping[str, Any]) -> None:
        if event["amount"] == "computed":
            self._add(happened.Payoff(**self._dates(event)))
        else:
            self.repayment(event)

    def merchant_issued_refund(self, event: Mapping[str, Any]) -> None:
        self._add(happened.Refund(**self._dates(event), amount_minor=self._money(event)))

    def credit_balance_refund(self, event: Mapping[str, Any]) -> None:
        amount = self._money(event)
        self._add(happened.CreditBalanceRefund(**self._dates(event), amount_minor=amount))

    def payment_in_period(self, event: Mapping[str, Any]) -> None:
        self._add(
            happened.InstalmentPayment(
                **self._dates(event),
                due=self._date(event, "for_due_date"),
                principal_minor=self._money(event, "principal"),
                interest_minor=self._money(event, "interest"),
            )
        )

    # Charges.

    def charge(self, event: Mapping[str, Any]) -> None:
        kind = self.reader.one_of(f"{self.where}: kind", event["kind"], CHARGE_KINDS)
        dates, amount = self._dates(event, "due_date"), self._money(event)
        self._add(happened.Charge(**dates, kind=kind, amount_minor=amount))

    def charge_percent(self, event: Mapping[str, Any]) -> None:
        percent, kind = event["percent"], event["kind"]
        rate = self.reader.rate(f"{self.where}: percent", percent)
        if kind == INSTALMENT_FEE:
            self._add(self._instalment_charge(percent))
        elif kind == DISBURSEMENT_FEE:
            self._add(happened.DisbursementCharge(**self._dates(event, "due_date"), rate=rate))
        else:
            found = self.reader.one_of(f"{self.where}: kind", kind, PERCENT_KINDS)
            of, base = found or (ChargeKind.FEE, ChargeBase.PRINCIPAL)
            dates = self._dates(event, "due_date")
            self._add(happened.PercentCharge(**dates, kind=of, rate=rate, base=base))

    # Terms.

    def rate_change(self, event: Mapping[str, Any]) -> None:
        rate = self.reader.rate(f"{self.where}: new rate", event["new_annual_rate_percent"])
        dates = self._dates(event, "first_day_of_new_rate")
        self._add(happened.RateChange(**dates, annual_rate=rate))

    def reschedule(self, event: Mapping[str, Any]) -> None:
        rate = event.get("new_annual_rate_percent")
        where = f"{self.where}: grace_on_principal_periods"
        grace = event.get("grace_on_principal_periods")
        due = self._date(event, "from_due_date")
        self._add(
            happened.Reschedule(
                value_date=due, entered_on=self.today, from_due=due,
                annual_rate=self.reader.each(self.reader.rate, f"{self.where}: new rate", rate),
                principal_grace_periods=self.reader.each(self.reader.number, where, grace) or 0,
            )
        )  # fmt: skip

    def reage(self, event: Mapping[str, Any]) -> None:
        frequency = self.reader.one_of(f"{self.where}: frequency", event["frequency"], FREQUENCIES)
        self._add(
            happened.Reage(
                value_date=self.today, entered_on=self.today,
                first_due=self._date(event, "first_due_date"), frequency=frequency,
                every=self.reader.number(f"{self.where}: every", event["every"]),
                instalments=self.reader.number(
                    f"{self.where}: number_of_instalments", event["number_of_instalments"]
                ),
            )
        )  # fmt: skip

    def charge_off(self, event: Mapping[str, Any]) -> None:
        self._add(happened.ChargeOff(**self._dates(event)))

    def end_of_day(self, _: Mapping[str, Any]) -> None:
        self._add(happened.EndOfDay(value_date=self.today, entered_on=self.today))

    def reversal(self, event: Mapping[str, Any]) -> None:
        """The n-th transaction on a day, counted over all that are shown, reversed ones too."""
        day = self._date(event, "of_transaction_date")
        key = "of_transaction_number_on_that_date"
        number = self.reader.number(f"{self.where}: {key}", event[key])
        self.reader.stop_if_refused()
        found = [
            made
            for made in transactions(self.contract, self.events, max(self.today, day))
            if made.on == day and made.kind is not TransactionKind.ACCRUAL
        ]
        if not 1 <= number <= len(found):
            self.reader.refuse(self.where, f"There is no transaction {number} on {day}.")
            return
        made = found[number - 1]
        self._add(
            happened.Reversal(value_date=day, entered_on=self.today, of=made.event, part=made.part)
        )


_ENTER: dict[str, Callable[[_Entering, Mapping[str, Any]], None]] = {
    name: getattr(_Entering, name)
    for name in (
        "charge", "charge_off", "charge_percent", "credit_balance_refund", "disbursement",
        "end_of_day", "merchant_issued_refund", "payment_in_period", "payoff", "rate_change",
        "reage", "repayment", "reschedule", "reversal",
    )
}  # fmt: skip
