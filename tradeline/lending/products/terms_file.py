"""Terms of one loan from a YAML file; what the file leaves out is taken from its product.

Everything that is wrong with a file is reported together.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

from tradeline.kernel.money import CURRENCIES, minor_per_unit
from tradeline.lake.yaml_fields import Content, Fields, Values
from tradeline.lake.yaml_files import read_yaml
from tradeline.lending.dates.business_days import Calendar, Shift
from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.loan.checks import check_contract
from tradeline.lending.loan.contract import (
    Amortisation,
    Arrears,
    Contract,
    Family,
    Future,
    Grace,
    InterestMethod,
    PayoffInterest,
    Prepayment,
    Recalculation,
    Rest,
    Waterfall,
)
from tradeline.lending.loan.rounding import Rounding, RoundingMode
from tradeline.risk.parameters import read_parameters

GUIDE = "See docs/guides/loans.md."
SUBJECT = "loan_products"
KEYS = (
    "product", "currency", "principal", "rate_annual", "start", "first_due", "instalments",
    "instalment", "instalment_step", "instalment_rounding", "balloon", "down_payment", "frequency",
    "every", "schedule", "interest", "amortisation", "day_count", "principal_grace",
    "interest_deferred", "arrears_grace_days", "rest", "prepayment", "overdue_interest",
    "payoff_interest", "future_payments", "calendar", "shift", "principal_only_at_end",
)  # fmt: skip
MOST_INSTALMENTS = 1_200
TERMS = "the terms"
Word = TypeVar("Word", bound=StrEnum)


def read_terms(path: Path) -> Contract:
    """The contract that a YAML file of terms makes; InputProblem tells all that is wrong."""
    return parse_terms(read_yaml(path, "file of a loan's terms", GUIDE), path.name)


def parse_terms(content: object, where: str) -> Contract:
    """The contract of parsed terms; `where` names them in findings."""
    fields = Fields()
    stated = Values(fields, fields.keys(content, TERMS, KEYS) or {}, TERMS)
    start = stated.date("start")
    whole = Values(fields, _of_product(stated, start) | stated.content, TERMS)
    contract = _contract(whole, start)
    fields.refuse("bad-terms", where, GUIDE)
    check_contract(contract)
    return contract


def _of_product(values: Values, on: date) -> Content:
    """The terms of the product as they stand on the day the loan starts."""
    name = values.content.get("product")
    if name is None or values.fields.problems:
        return {}
    products = read_parameters(SUBJECT, on)
    values.require("product", str(name) in products, f"one of {', '.join(products)}")
    return dict(products[str(name)].value) if str(name) in products else {}


def _contract(values: Values, start: date) -> Contract:
    currency = values.text("currency")
    values.require("currency", currency in CURRENCIES, "an ISO 4217 code such as CNY")
    unit = minor_per_unit(currency)
    instalments = _whole(values, "instalments", 1, MOST_INSTALMENTS, None)
    at_end = bool(values.content.get("principal_only_at_end"))
    free = (instalments or 1) - 1 if at_end else _whole(values, "principal_grace", 0, 1_000, 0)
    return Contract(
        currency=currency,
        principal_minor=values.money_minor("principal", unit),
        annual_rate=_share(values, "rate_annual", 10) or Fraction(0),
        start=start,
        first_due=values.date("first_due") if values.content.get("first_due") is not None else None,
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
        down_payment=_share(values, "down_payment", 1) or Fraction(0),
        waterfall=Waterfall(future=_word(values, "future_payments", Future, Future.NEXT)),
        recalculation=_recalculation(values),
        payoff_interest=_word(
            values, "payoff_interest", PayoffInterest, PayoffInterest.PAYOFF_DATE
        ),
        calendar=_calendar(values),
    )


def _word(values: Values, way: str, words: type[Word], without: Word) -> Word:
    return values.word(way, words, without) if values.content.get(way) is not None else without


def _whole(values: Values, way: str, least: int, greatest: int, without: int | None) -> int | None:
    if values.content.get(way) is None:
        return without
    number = values.number(way, least, greatest)
    values.require(way, number == int(number), "a whole number")
    return int(number)


def _money(values: Values, way: str, unit: int) -> int | None:
    return values.money_minor(way, unit) if values.content.get(way) is not None else None


def _share(values: Values, way: str, greatest: float) -> Fraction | None:
    """A share as it is written: 0.084 is 84 thousandths, not the nearest binary number."""
    if values.content.get(way) is None and way != "rate_annual":
        return None
    return Fraction(Decimal(str(values.number(way, 0, greatest))))


def _rounding(values: Values, unit: int) -> Rounding:
    step = _money(values, "instalment_step", unit)
    values.require("instalment_step", step is None or step > 0, "an amount above zero")
    mode = _word(values, "instalment_rounding", RoundingMode, RoundingMode.HALF_EVEN)
    return Rounding(mode, step or 1)


def _recalculation(values: Values) -> Recalculation | None:
    if values.content.get("rest") is None:
        return None
    return Recalculation(
        values.word("rest", Rest, next(iter(Rest))),
        _word(values, "prepayment", Prepayment, Prepayment.LOWER_INSTALMENT),
        _word(values, "overdue_interest", Arrears, Arrears.EVERY_PERIOD),
    )


def _calendar(values: Values) -> Calendar | None:
    if values.content.get("calendar") is None:
        return None
    country, _, part = values.text("calendar").partition("-")
    return Calendar(country, _word(values, "shift", Shift, Shift.FOLLOWING), part or None)
