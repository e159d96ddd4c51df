"""Terms of a revolving line from a YAML file, and the draw that is to be shown.

Everything that is wrong with a file is reported together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.kernel.money import CURRENCIES, minor_per_unit
from tradeline.lake.yaml_files import read_yaml
from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.lines.agreement import (
    CommitmentFee,
    LineAgreement,
    MinimumPayment,
    RepaymentOrder,
    SeparateDraws,
    check_agreement,
)
from tradeline.lending.loan.contract import Contract
from tradeline.lending.products.terms_file import parse_terms
from tradeline.risk.pricing.checked_values import CheckedValues

GUIDE = "See docs/guides/lines.md."
KEYS = (
    "currency", "limit", "rate_annual", "start", "expiry", "commitment_fee", "draw", "draws",
    "order", "minimum_payment",
)  # fmt: skip
OF_THE_LINE = ("currency", "principal", "rate_annual", "start", "first_due")
OF_A_BILL = ("share", "least", "days_to_pay", "day_count", "arrears_grace_days")
MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class LineTerms:
    """An agreement, and how much is drawn on its first day."""

    agreement: LineAgreement
    draw_minor: int


def read_line(path: Path) -> LineTerms:
    """The terms of a YAML file; InputProblem tells all that is wrong."""
    return parse_line(read_yaml(path, "file of a line's terms", GUIDE), path.name)


def parse_line(content: object, where: str) -> LineTerms:
    """The terms of parsed YAML; `where` names them in findings."""
    values = CheckedValues(content)
    values.only(KEYS)
    currency = values.text("currency")
    values.require("currency", currency in CURRENCIES, "an ISO 4217 code such as CNY")
    unit = minor_per_unit(currency)
    limit, rate = values.money_minor("limit", unit), _share(values, "rate_annual", 10)
    start, expiry = values.date("start"), values.date("expiry")
    is_billed = values.value("minimum_payment") is not None
    is_drawn = values.value("draws") is not None
    values.require("draws", is_drawn != is_billed, "stated, or else `minimum_payment`, not both")
    minimum = _minimum(values, unit) if is_billed else None
    fee = None
    if values.value("commitment_fee") is not None:
        fee = CommitmentFee(_share(values, "commitment_fee", 1))
    draw = limit if values.value("draw") is None else values.money_minor("draw", unit)
    order = RepaymentOrder.DUE_DATE
    if values.value("order") is not None:
        order = values.choice("order", RepaymentOrder)
    draws = values.value("draws")
    _only_of_a_draw(values, draws)
    _refuse(values, where)
    repayment = minimum or SeparateDraws(_of_draws(values, draws, where), order)
    agreement = LineAgreement(currency, limit, rate, start, expiry, repayment, fee)
    check_agreement(agreement)
    return LineTerms(agreement, draw)


def _minimum(values: CheckedValues, unit: int) -> MinimumPayment:
    given = values.value("minimum_payment")
    values.require("minimum_payment", isinstance(given, Mapping), "a table")
    if isinstance(given, Mapping):
        unknown = [str(key) for key in given if key not in OF_A_BILL]
        values.wrong += [
            f"Unknown key 'minimum_payment.{key}'; known are {', '.join(OF_A_BILL)}."
            for key in unknown
        ]
    count = DayCount.ACTUAL_365
    if values.value("minimum_payment.day_count") is not None:
        count = values.choice("minimum_payment.day_count", DayCount)
    least = values.value("minimum_payment.least")
    return MinimumPayment(
        share=_share(values, "minimum_payment.share", 1),
        least_minor=0 if least is None else values.money_minor("minimum_payment.least", unit),
        days_to_pay=_days(values, "minimum_payment.days_to_pay"),
        day_count=count,
        arrears_grace_days=_days(values, "minimum_payment.arrears_grace_days"),
    )


def _days(values: CheckedValues, way: str) -> int:
    if values.value(way) is None:
        return 0
    days = values.number(way, 0, MOST_DAYS)
    values.require(way, days == int(days), "a whole number of days")
    return int(days)


def _share(values: CheckedValues, way: str, greatest: float) -> Fraction:
    """A share as it is written: 0.12 is 12 hundredths, not the nearest binary number."""
    return Fraction(Decimal(str(values.number(way, 0, greatest))))


def _only_of_a_draw(values: CheckedValues, draws: object) -> None:
    values.require("draws", draws is None or isinstance(draws, Mapping), "a table")
    if isinstance(draws, Mapping):
        values.wrong += [
            f"`draws.{key}` is the line's or the draw's own; leave it out."
            for key in OF_THE_LINE
            if key in draws
        ]


def _of_draws(values: CheckedValues, draws: object, where: str) -> Contract:
    """A draw of all of the limit on the first day, by the terms of a loan."""
    assert isinstance(draws, Mapping)
    of_line = {key: values.value(key) for key in ("currency", "rate_annual", "start")}
    return parse_terms({**draws, **of_line, "principal": values.value("limit")}, f"{where}: draws")


def _refuse(values: CheckedValues, where: str) -> None:
    if values.wrong:
        raise InputProblem(
            Finding("bad-terms", Severity.ERROR, where, message, GUIDE) for message in values.wrong
        )
