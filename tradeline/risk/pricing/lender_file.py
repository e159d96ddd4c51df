"""Reading the terms of a lender from its YAML file; docs/concepts/amount-and-rate.md describes it.

Everything that is wrong with a file is reported together.
"""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.kernel.money import CURRENCIES, minor_per_unit
from tradeline.lake.yaml_files import read_yaml
from tradeline.risk.parameters import read_parameters
from tradeline.risk.pricing.checked_values import CheckedValues, is_number
from tradeline.risk.pricing.lender_terms import (
    BASIS_POINTS,
    Amounts,
    Capital,
    GradeCap,
    LenderTerms,
    Product,
    Repayment,
)

GUIDE = "See docs/concepts/amount-and-rate.md."
LONGEST_MONTHS = 120
KEYS = ("lender", "name", "product", "currency", "valid_from", "amount", "rate_annual",
        "funding_annual", "fee", "capital", "lgd", "take_up", "churn_monthly", "cost", "burden",
        "grades", "sectors", "single_name")  # fmt: skip
OF_LINE = ("utilisation", "credit_conversion")
OF_TERM_LOAN = ("repayment",)


def read_lender_terms(path: Path, on: date) -> LenderTerms:
    """The terms in a lender's YAML file as they stand on a date.

    Raises `InputProblem` that lists everything that is wrong, or if they are not in force yet.
    """
    content = read_yaml(path, "file of a lender's terms", GUIDE)
    return parse_lender_terms(content, path.name, on)


def parse_lender_terms(content: object, where: str, on: date) -> LenderTerms:
    """The terms in a parsed YAML value; `InputProblem` lists everything that is wrong with it."""
    values = CheckedValues(content)
    terms = _terms(values, on)
    if values.wrong:
        raise InputProblem(
            Finding("bad-lender-terms", Severity.ERROR, where, message, GUIDE)
            for message in values.wrong
        )
    if on < terms.valid_from:
        raise problem(
            "terms-not-yet-valid",
            where,
            f"The terms are valid from {terms.valid_from}, not yet on {on}.",
            "Bring the terms that were in force then.",
        )
    return terms


def _terms(values: CheckedValues, on: date) -> LenderTerms:
    product = values.choice("product", Product)
    values.only((*KEYS, *(OF_LINE if product is Product.LINE else OF_TERM_LOAN)))
    currency = _currency(values)
    unit, rates_bp, funding = minor_per_unit(currency), _rates(values), _funding(values)
    lowest, highest = rates_bp[0] / BASIS_POINTS, rates_bp[-1] / BASIS_POINTS
    is_line = product is Product.LINE
    return LenderTerms(
        lender=values.text("lender"),
        name=values.text("name"),
        product=product,
        repayment=Repayment.AT_END if is_line else values.choice("repayment", Repayment),
        currency=currency,
        valid_from=values.date("valid_from"),
        amounts=_amounts(values, unit),
        rates_bp=rates_bp,
        terms_months=tuple(funding),
        funding_annual=tuple(funding.values()),
        fee=values.number("fee", 0, 0.2),
        apr_cap_annual=_apr_cap(values, currency, on),
        capital=Capital(
            values.number("capital.risk_weight", 0, 12.5),
            values.number("capital.ratio", 0, 1),
            values.number("capital.hurdle_annual", 0, 1),
        ),
        lgd=values.number("lgd", 0, 1),
        utilisation=values.curve("utilisation", 1, 1) if is_line else ((1.0, 1.0),),
        credit_conversion=values.number("credit_conversion", 0, 1) if is_line else 0.0,
        take_up=_take_up(values, lowest, highest),
        churn_monthly=values.curve("churn_monthly", lowest, highest),
        cost_start_minor=values.money_minor("cost.start", unit),
        cost_month_minor=values.money_minor("cost.month", unit),
        burden_odds_slope=values.number("burden.odds_slope", 0, 20),
        burden_max=values.number("burden.greatest", 0.01, 1),
        grades=_grades(values, unit),
        sectors_minor=_sectors(values, unit),
        single_name_minor=values.money_minor("single_name", unit),
    )


def _currency(values: CheckedValues) -> str:
    currency = values.value("currency")
    values.require("currency", currency in CURRENCIES, "a code of ISO 4217 such as CNY")
    return str(currency)


def _apr_cap(values: CheckedValues, currency: str, on: date) -> float:
    caps = read_parameters("rate_caps", on)
    must = f"one whose cap by law stands in parameters/rate_caps.yaml: {', '.join(caps)}"
    values.require("currency", currency in caps or currency not in CURRENCIES, must)
    return float(caps[currency].value) if currency in caps else 1.0


def _amounts(values: CheckedValues, unit: int) -> Amounts:
    least, greatest, step = (
        values.money_minor(f"amount.{name}", unit, least=1 / unit)
        for name in ("least", "greatest", "step")
    )
    holds = least <= greatest and not (greatest - least) % step
    values.require("amount", holds, "least to greatest in whole steps")
    return Amounts(least, greatest, step)


def _rates(values: CheckedValues) -> tuple[int, ...]:
    least, greatest, step = (
        values.basis_points(f"rate_annual.{name}") for name in ("least", "greatest", "step")
    )
    holds = least <= greatest and not (greatest - least) % step
    values.require("rate_annual", holds, "least to greatest in whole steps")
    return tuple(range(least, greatest + 1, step)) if holds else (least,)


def _funding(values: CheckedValues) -> dict[int, float]:
    """The cost of funds for each term in months, rising."""
    table = values.value("funding_annual")
    holds = (
        isinstance(table, Mapping)
        and bool(table)
        and all(type(term) is int and 1 <= term <= LONGEST_MONTHS for term in table)
        and all(is_number(cost) and 0 <= cost <= 1 for cost in table.values())
        and all(one < other for one, other in pairwise(table))
    )
    must = f"a rising table of terms (1 to {LONGEST_MONTHS} months) and their cost of funds, 0 to 1"
    values.require("funding_annual", holds, must)
    if not isinstance(table, Mapping) or not holds:
        return {1: 0.0}
    return {term: float(cost) for term, cost in table.items()}


def _take_up(
    values: CheckedValues, lowest: float, highest: float
) -> tuple[tuple[float, float], ...]:
    curve = values.curve("take_up", lowest, highest)
    falls = all(one[1] >= other[1] for one, other in pairwise(curve))
    values.require("take_up", falls, "level or falling: who takes a dear loan takes a cheap one")
    return curve


def _grades(values: CheckedValues, unit: int) -> tuple[GradeCap, ...]:
    table = values.value("grades")
    names = list(table) if isinstance(table, Mapping) else []
    values.require("grades", bool(names), "a table of grades, each with pd_below and greatest")
    grades = tuple(
        GradeCap(
            str(name),
            values.number(f"grades.{name}.pd_below", 0, 1),
            values.money_minor(f"grades.{name}.greatest", unit),
        )
        for name in names
    )
    rise = all(one.pd_below < other.pd_below for one, other in pairwise(grades))
    values.require("grades", rise, "in rising order of pd_below")
    return grades


def _sectors(values: CheckedValues, unit: int) -> dict[str, int]:
    table = values.value("sectors")
    names = list(table) if isinstance(table, Mapping) else []
    values.require("sectors", bool(names), "a table of sectors and the most lent to each")
    return {str(name): values.money_minor(f"sectors.{name}", unit) for name in names}
