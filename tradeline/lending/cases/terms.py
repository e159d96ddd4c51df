"""From the inputs of a case to a contract: each word in the terms of the loan."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from tradeline.lending.cases.values import Reader
from tradeline.lending.cases.vocabulary import LOAN_INPUTS
from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.loan.amounts import Component
from tradeline.lending.loan.contract import (
    Amortisation,
    Arrears,
    ChargeBase,
    Contract,
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
    Timing,
    Waterfall,
)
from tradeline.lending.loan.rounding import Rounding, RoundingMode

# Currencies that stand for any with so many decimals: the figures are the same.
CURRENCY_OF_DIGITS = {0: "JPY", 2: "EUR", 3: "KWD"}

DAY_COUNTS = {
    "30/360": DayCount.THIRTY_360,
    "30/360: a whole month = 1/12; part of a month = rate/12 * days/actual days of the month":
        DayCount.THIRTY_360,
    "30/360; a part of a month = 1/12 * days/actual days of the month": DayCount.THIRTY_360,
    "actual/360": DayCount.ACTUAL_360,
    "actual/364": DayCount.ACTUAL_364,
    "actual/365 fixed": DayCount.ACTUAL_365,
    "actual/365 fixed (the peer names it actual/actual, its figures for 2024 need 365)":
        DayCount.ACTUAL_365,
    "actual/actual, each day over the length of its own calendar year": DayCount.ACTUAL_ACTUAL,
    "month = 1/12 year": DayCount.EQUAL_PERIODS,
}  # fmt: skip
STYLES = {"cumulative": Family.CUMULATIVE, "progressive": Family.PROGRESSIVE}
INTEREST_TYPES = {"declining balance": InterestMethod.DECLINING, "flat": InterestMethod.FLAT}
FREQUENCIES = {str(frequency): frequency for frequency in Frequency}
PREPAYMENTS = {
    "reduce instalment amount": Prepayment.LOWER_INSTALMENT,
    "reduce number of instalments": Prepayment.SHORTER_TERM,
}
RECALCULATIONS = {
    "daily, no compounding": Rest.DAY,
    "daily, no compounding, instalment unchanged": Rest.DAY,
    "per instalment period, no compounding": Rest.DUE_DATE,
}
PAYOFF_RULES = {
    "until the end of the running period": PayoffInterest.PERIOD_END,
    "until the payoff date": PayoffInterest.PAYOFF_DATE,
}
# Words that say again what others say, with the values they may have.
RESTATED: Mapping[str, Sequence[str]] = {
    "comparison": ("figures rounded to whole units",),
    "instalment_basis": ("annuity at rate/12, then rounded",),
    "interest_period": ("daily within the period, on 30/360", "daily", "per instalment period"),
    "interest_rounding": (
        "each slice of a period is rounded to 0.01, then added (rounding once gives 0.01 less in "
        "the late cases)",
    ),
    "last_instalment": (
        "takes the remainder",
        "takes the remainder; the instalment moves by a cent when that brings the last one nearer",
    ),
    "rounding": ("half even", "half even; interest of a period is rounded once"),
    "future_payment_rule": (
        "next instalment; merchant refunds spread over the remaining instalments",
    ),
}
TIMINGS = {
    "past due": Timing.PAST_DUE,
    "due": Timing.DUE,
    "in advance": Timing.IN_ADVANCE,
    "in advance (next instalment first)": Timing.IN_ADVANCE,
}
# What the peer pays first within one instalment where only timings are listed.
ORDER_BY_TIMING = (Component.PENALTIES, Component.FEES, Component.PRINCIPAL, Component.INTEREST)
COMPONENTS = {str(component): component for component in Component}
SINGULAR = {
    "penalty": Component.PENALTIES,
    "fee": Component.FEES,
    "interest": Component.INTEREST,
    "principal": Component.PRINCIPAL,
}
NUMBER = r"([0-9]+(?:\.[0-9]+)?)"


def contract_of(
    reader: Reader, inputs: Mapping[str, Any], events: Sequence[Mapping[str, Any]]
) -> Contract | None:
    """The contract that the inputs of a variant state; None if the reader refused any of them."""
    before = len(reader.findings)
    found = _Terms(reader, inputs, events).contract()
    return found if len(reader.findings) == before else None


class _Terms:
    """The inputs of one variant, read word by word."""

    def __init__(
        self, reader: Reader, inputs: Mapping[str, Any], events: Sequence[Mapping[str, Any]]
    ) -> None:
        self.reader, self.inputs, self.events = reader, inputs, events
        digits = self._number("currency_decimals", 2)
        if digits not in CURRENCY_OF_DIGITS:
            reader.refuse("inputs: currency_decimals", f"{digits} decimals are not known.")
        else:
            reader.digits = digits

    def contract(self) -> Contract:
        """The contract, or something like it where a word was refused."""
        for key in self.inputs:
            if key not in LOAN_INPUTS:
                self.reader.refuse("inputs", f"The word '{key}' belongs to another kind of case.")
        for key in ("principal", "start_date", "repay_every", "repay_frequency",
                    "annual_rate_percent"):  # fmt: skip
            if key not in self.inputs:
                self.reader.refuse("inputs", f"The word '{key}' is missing.")
        for key, known in RESTATED.items():
            if key in self.inputs and self.inputs[key] not in known:
                self._refuse_value(key)
        if "business_date" in self.inputs:
            self._date("business_date")
        amortisation = _Amortised(self)
        family = self._family()
        return Contract(
            currency=CURRENCY_OF_DIGITS.get(self.reader.digits, "EUR"),
            principal_minor=self._money("principal", 0),
            annual_rate=self._rate("annual_rate_percent"),
            start=self._date("start_date") or date.min,
            frequency=self._word("repay_frequency", FREQUENCIES, Frequency.MONTHS),
            every=self._number("repay_every", 1),
            instalments=self._instalments(),
            first_due=self._date("first_due_date"),
            family=family,
            interest=self._word("interest_type", INTEREST_TYPES, InterestMethod.DECLINING),
            amortisation=amortisation.kind,
            day_count=self._word("day_count", DAY_COUNTS, DayCount.EQUAL_PERIODS),
            instalment_basis=self._basis(amortisation),
            instalment_rounding=self._instalment_rounding(amortisation),
            slices_rounded="interest_rounding" in self.inputs,
            instalment_moves=self._moves(),
            fixed_instalment_minor=self._fixed(amortisation),
            instalment_on_approved=amortisation.on_approved,
            grace=Grace(
                self._number("grace_on_principal_periods", 0),
                self._number("interest_payment_deferred_periods", 0),
                self._number("arrears_grace_days", 0),
            ),
            down_payment=self._rate("down_payment_percent"),
            waterfall=self._waterfall(),
            recalculation=self._recalculation(family),
            payoff_interest=self._word(
                "payoff_interest_rule", PAYOFF_RULES, PayoffInterest.PAYOFF_DATE
            ),
            overdue_penalty=self._penalty(),
        )

    # Words.

    def _word(self, key: str, known: Mapping[str, Any], without: Any) -> Any:
        if key not in self.inputs:
            return without
        found = self.reader.one_of(f"inputs: {key}", self.inputs[key], known)
        return without if found is None else found

    def _number(self, key: str, without: int) -> int:
        if key not in self.inputs:
            return without
        return self.reader.number(f"inputs: {key}", self.inputs[key])

    def _money(self, key: str, without: int) -> int:
        if key not in self.inputs:
            return without
        return self.reader.money(f"inputs: {key}", self.inputs[key])

    def _rate(self, key: str) -> Fraction:
        if key not in self.inputs:
            return Fraction(0)
        return self.reader.rate(f"inputs: {key}", self.inputs[key])

    def _date(self, key: str) -> date | None:
        if key not in self.inputs:
            return None
        return self.reader.date(f"inputs: {key}", self.inputs[key])

    def _refuse_value(self, key: str) -> None:
        shown = self.inputs[key]
        self.reader.refuse(f"inputs: {key}", f"The value '{shown}' is not in the vocabulary.")

    # Terms.

    def _instalments(self) -> int | None:
        if "number_of_instalments" in self.inputs:
            return self._number("number_of_instalments", 0)
        if "fixed_instalment" not in self.inputs:
            self.reader.refuse("inputs", "The word 'number_of_instalments' is missing.")
        return None

    def _family(self) -> Family:
        order = self.inputs.get("allocation_order")
        by_timing = isinstance(order, list) and str(order[:1]) in [str([word]) for word in TIMINGS]
        without = Family.PROGRESSIVE if by_timing else Family.CUMULATIVE
        found: Family = self._word("schedule_style", STYLES, without)
        return found

    def _basis(self, amortisation: "_Amortised") -> InstalmentBasis:
        equal = "instalment_basis" in self.inputs or amortisation.rounded_up
        return InstalmentBasis.EQUAL_PERIODS if equal else InstalmentBasis.COUNTED_DAYS

    def _instalment_rounding(self, amortisation: "_Amortised") -> Rounding:
        unit = 10**self.reader.digits
        if amortisation.rounded_up:
            return Rounding(RoundingMode.UP, unit)
        step = self._money("instalment_rounded_to_multiple_of", 1)
        fine = self._money("instalment_rounding", step)
        if step <= 0 or fine <= 0:
            self.reader.refuse("inputs", "An instalment cannot be rounded to steps of nothing.")
            return Rounding()
        return Rounding(step_minor=step if "instalment_rounding" not in self.inputs else fine)

    def _moves(self) -> bool:
        return self.inputs.get("last_instalment") != "takes the remainder"

    def _fixed(self, amortisation: "_Amortised") -> int | None:
        if "fixed_instalment" in self.inputs:
            return self._money("fixed_instalment", 0)
        return amortisation.instalment

    def _recalculation(self, family: Family) -> Recalculation | None:
        prepayment = self._word("advance_payment_rule", PREPAYMENTS, None)
        rest = self._word("interest_recalculation", RECALCULATIONS, None)
        by_instalment = any(event.get("type") == "payment_in_period" for event in self.events)
        if rest is None and prepayment is None and family is not Family.PROGRESSIVE:
            return None
        if rest is None and prepayment is None:
            return Recalculation(Rest.DAY, Prepayment.KEEP, Arrears.NONE) if by_instalment else None
        if rest is None:
            return Recalculation(Rest.DAY, prepayment, Arrears.NONE)
        unchanged = self.inputs["interest_recalculation"].endswith("instalment unchanged")
        progressive = family is Family.PROGRESSIVE
        to_end = self.inputs.get("payoff_interest_rule") == "until the end of the running period"
        if progressive and not to_end:
            rest = Rest.DAY  # the peer's progressive loans look at both words
        keeps = Prepayment.KEEP if unchanged or progressive else Prepayment.LOWER_INSTALMENT
        arrears = Arrears.EVERY_PERIOD if progressive else Arrears.RUNNING_PERIOD
        return Recalculation(rest, prepayment or keeps, arrears)

    # Payments and charges.

    def _waterfall(self) -> Waterfall:
        refunds = Future.SPREAD if "future_payment_rule" in self.inputs else Future.NEXT
        if "allocation_order" not in self.inputs:
            return Waterfall(future_refunds=refunds)
        order = self.inputs["allocation_order"]
        steps = _steps(order) if isinstance(order, list) else None
        if steps is None:
            self._refuse_value("allocation_order")
            return Waterfall()
        return Waterfall(steps, future_refunds=refunds, charges_by_their_date=len(steps) == 2)

    def _penalty(self) -> OverduePenalty | None:
        if "penalty" not in self.inputs:
            return None
        text = self.reader.text("inputs: penalty", self.inputs["penalty"])
        bases = {
            f"{NUMBER} % of the overdue principal of each overdue instalment, once":
                ChargeBase.PRINCIPAL,
            f"{NUMBER} % of the overdue principal plus interest, once":
                ChargeBase.PRINCIPAL_AND_INTEREST,
        }  # fmt: skip
        for pattern, base in bases.items():
            if found := re.fullmatch(pattern, text):
                return OverduePenalty(self.reader.rate("inputs: penalty", found[1]), base)
        if not re.fullmatch(rf"{NUMBER} due on \d{{4}}-\d\d-\d\d", text):
            self._refuse_value("penalty")
        return None


class _Amortised:
    """What the word `amortisation` says."""

    def __init__(self, terms: _Terms) -> None:
        self.kind, self.rounded_up, self.on_approved = Amortisation.INSTALMENTS, False, False
        self.instalment: int | None = None
        text = terms.inputs.get("amortisation", "equal instalments")
        if text == "equal principal":
            self.kind = Amortisation.PRINCIPAL
        elif text == "equal instalments, annuity at rate/12 rounded up to a whole unit":
            self.rounded_up = True
        elif text != "equal instalments":
            self._stated(terms, str(text))

    def _stated(self, terms: _Terms, text: str) -> None:
        where = "inputs: amortisation"
        approved = f"equal instalments; instalment {NUMBER} set on the approved {NUMBER}"
        if found := re.fullmatch(approved, text):
            self.on_approved = True
            self.instalment = terms.reader.money(where, found[1])
        elif found := re.fullmatch(f"equal instalments {NUMBER}", text):
            self.instalment = terms.reader.money(where, found[1])
        else:
            terms.reader.refuse(where, f"The value '{text}' is not in the vocabulary.")


def _steps(order: Sequence[object]) -> tuple[Step, ...] | None:
    """The steps of a waterfall: by component, by timing, or components by timing."""
    words = [word for word in order if isinstance(word, str)]
    if len(words) != len(order):
        return None
    if sorted(words) == sorted(COMPONENTS):
        return (Step(frozenset(Timing), tuple(COMPONENTS[word] for word in words)),)
    if all(word in TIMINGS for word in words):
        timings = [TIMINGS[word] for word in words]
        if sorted(timings) != sorted(Timing):
            return None
        return tuple(Step(frozenset([timing]), ORDER_BY_TIMING) for timing in timings)
    return _by_timing(words)


def _by_timing(words: Sequence[str]) -> tuple[Step, ...] | None:
    groups = {"due": frozenset([Timing.PAST_DUE, Timing.DUE]),
              "in advance": frozenset([Timing.IN_ADVANCE])}  # fmt: skip
    steps = []
    for word in words:
        timing, _, listed = word.partition(": ")
        names = listed.split(", ")
        if timing not in groups or sorted(names) != sorted(SINGULAR):
            return None
        steps.append(Step(groups.pop(timing), tuple(SINGULAR[name] for name in names)))
    return tuple(steps) if not groups else None
