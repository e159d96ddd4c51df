"""Terms of one loan from a YAML file; what the file leaves out is taken from its product.

Everything that is wrong with a file is reported together.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import TypeVar

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.kernel.money import CURRENCIES, minor_per_unit
from tradeline.lake.yaml_files import read_yaml
from tradeline.lending.dates.business_days import Calendar, Shift
from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.loan.amounts import Component
from tradeline.lending.loan.checks import check_contract
from tradeline.lending.loan.contract import (
    Amortisation,
    Arrears,
    ChargeBase,
    Contract,
    Direction,
    Family,
    Future,
    Grace,
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
from tradeline.risk.parameters import read_parameters
from tradeline.risk.pricing.checked_values import CheckedValues

GUIDE = "See docs/guides/loans.md."
SUBJECT = "loan_products"
KEYS = (
    "product", "currency", "principal", "rate_annual", "start", "first_due", "instalments",
    "instalment", "instalment_step", "instalment_rounding", "balloon", "down_payment", "frequency",
    "every", "schedule", "interest", "amortisation", "day_count", "principal_grace",
    "interest_deferred", "arrears_grace_days", "rest", "prepayment", "overdue_interest",
    "payoff_interest", "allocation", "allocation_direction", "future_payments", "overdue_penalty",
    "calendar", "shift", "principal_only_at_end",
)  # fmt: skip
PENALTY_KEYS = {"rate", "base", "per_day", "after_grace_days"}
MOST_INSTALMENTS = 1_200
MOST_UNITS = 1e12
Word = TypeVar("Word", bound=StrEnum)


def read_terms(path: Path) -> Contract:
    """The contract that a YAML file of terms makes; InputProblem tells all that is wrong."""
    return parse_terms(read_yaml(path, "file of a loan's terms", GUIDE), path.name)


def parse_terms(content: object, where: str) -> Contract:
    """The contract of parsed terms; `where` names them in findings."""
    values = CheckedValues(content)
    values.only(KEYS)
    start = values.date("start")
    if isinstance(content, Mapping) and "product" in content:
        values.content = dict(_of_product(values, start)) | dict(content)
    contract = _contract(values, start)
    if values.wrong:
        raise InputProblem(
            Finding("bad-terms", Severity.ERROR, where, message, GUIDE) for message in values.wrong
        )
    check_contract(contract)
    return contract


def _of_product(values: CheckedValues, on: date) -> Mapping[object, object]:
    """The terms of the product as they stand on the day the loan starts."""
    name = values.value("product")
    if values.wrong:
        return {}
    products = read_parameters(SUBJECT, on)
    values.require("product", name in products, f"one of {', '.join(products)}")
    found: Mapping[object, object] = products[str(name)].value if name in products else {}
    return found


def _contract(values: CheckedValues, start: date) -> Contract:
    currency = values.text("currency")
    values.require("currency", currency in CURRENCIES, "an ISO 4217 code such as CNY")
    unit = minor_per_unit(currency)
    instalments = _whole(values, "instalments", 1, MOST_INSTALMENTS, None)
    at_end = _yes(values, "principal_only_at_end")
    free = (instalments or 1) - 1 if at_end else _whole(values, "principal_grace", 0, 1_000, 0)
    return Contract(
        currency=currency,
        principal_minor=values.money_minor("principal", unit),
        annual_rate=_share(values, "rate_annual", 10),
        start=start,
        first_due=values.date("first_due") if values.value("first_due") is not None else None,
        frequency=_word(values, "frequency", Frequency, Frequency.MONTHS),
        every=_whole(values, "every", 1, 1_000, 1) or 1,
        instalments=instalments,
        family=_word(values, "schedule", Family, Family.CUMULATIVE),
        interest=_word(values, "interest", InterestMethod, InterestMethod.DECLINING),
        amortisation=_word(values, "amortisation", Amortisation, Amortisation.INSTALMENTS),
        day_count=_word(values, "day_count", DayCount, DayCount.ACTUAL_365),
        instalment_rounding=_rounding(values, unit),
        fixed_instalment_minor=_money(values, "instalment", unit),
        balloon_minor=_money(values, "balloon", unit) or 0,
        grace=Grace(
            free or 0,
            _whole(values, "interest_deferred", 0, 1_000, 0) or 0,
            _whole(values, "arrears_grace_days", 0, 1_000, 0) or 0,
        ),
        down_payment=_share(values, "down_payment", 1, Fraction(0)),
        waterfall=_waterfall(values),
        recalculation=_recalculation(values),
        payoff_interest=_word(
            values, "payoff_interest", PayoffInterest, PayoffInterest.PAYOFF_DATE
        ),
        overdue_penalty=_penalty(values),
        calendar=_calendar(values),
    )


def _word(values: CheckedValues, way: str, words: type[Word], without: Word) -> Word:
    return values.choice(way, words) if values.value(way) is not None else without


def _whole(
    values: CheckedValues, way: str, least: int, greatest: int, without: int | None
) -> int | None:
    if values.value(way) is None:
        return without
    number = values.number(way, least, greatest)
    values.require(way, number == int(number), "a whole number")
    return int(number)


def _money(values: CheckedValues, way: str, unit: int) -> int | None:
    return values.money_minor(way, unit) if values.value(way) is not None else None


def _yes(values: CheckedValues, way: str) -> bool:
    found = values.value(way)
    values.require(way, found is None or isinstance(found, bool), "true or false")
    return found is True


def _share(
    values: CheckedValues, way: str, greatest: float, without: Fraction | None = None
) -> Fraction:
    """A share as it is written: 0.084 is 84 thousandths, not the nearest binary number."""
    if values.value(way) is None and without is not None:
        return without
    return Fraction(Decimal(str(values.number(way, 0, greatest))))


def _rounding(values: CheckedValues, unit: int) -> Rounding:
    step = _money(values, "instalment_step", unit)
    values.require("instalment_step", step is None or step > 0, "an amount above zero")
    mode = _word(values, "instalment_rounding", RoundingMode, RoundingMode.HALF_EVEN)
    return Rounding(mode, step or 1)


def _recalculation(values: CheckedValues) -> Recalculation | None:
    if values.value("rest") is None:
        return None
    return Recalculation(
        values.choice("rest", Rest),
        _word(values, "prepayment", Prepayment, Prepayment.LOWER_INSTALMENT),
        _word(values, "overdue_interest", Arrears, Arrears.EVERY_PERIOD),
    )


def _waterfall(values: CheckedValues) -> Waterfall:
    direction = _word(values, "allocation_direction", Direction, Direction.INSTALMENT_BY_INSTALMENT)
    future = _word(values, "future_payments", Future, Future.NEXT)
    return Waterfall(_steps(values) or Waterfall().steps, direction, future)


def _steps(values: CheckedValues) -> tuple[Step, ...] | None:
    """Steps such as "past due: penalties, fees, interest, principal", each part named once."""
    written = values.value("allocation")
    if written is None:
        return None
    steps = [_step(str(line)) for line in written] if isinstance(written, list) else []
    found = [step for step in steps if step is not None]
    named = sorted(
        (timing, part) for step in found for timing in step.timings for part in step.components
    )
    whole = len(found) == len(steps) and named == sorted(product(Timing, Component))
    values.require(
        "allocation",
        whole,
        "lines of timings, a colon and components; each component of what is past due, due and in "
        "advance once",
    )
    return tuple(found)


def _step(line: str) -> Step | None:
    timings, _, components = line.partition(":")
    try:
        return Step(
            frozenset(Timing(word.strip()) for word in timings.split(",")),
            tuple(Component(word.strip()) for word in components.split(",")),
        )
    except ValueError:
        return None


def _penalty(values: CheckedValues) -> OverduePenalty | None:
    found = values.value("overdue_penalty")
    if found is None:
        return None
    known = isinstance(found, Mapping) and set(found) <= PENALTY_KEYS
    values.require("overdue_penalty", known, f"a table of {', '.join(sorted(PENALTY_KEYS))}")
    return OverduePenalty(
        _share(values, "overdue_penalty.rate", 1),
        _word(values, "overdue_penalty.base", ChargeBase, ChargeBase.PRINCIPAL),
        _yes(values, "overdue_penalty.per_day"),
        _whole(values, "overdue_penalty.after_grace_days", 0, 1_000, 0) or 0,
    )


def _calendar(values: CheckedValues) -> Calendar | None:
    if values.value("calendar") is None:
        return None
    country, _, part = values.text("calendar").partition("-")
    return Calendar(country, _word(values, "shift", Shift, Shift.FOLLOWING), part or None)
