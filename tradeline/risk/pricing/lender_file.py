"""Reading the terms of a lender from its YAML file; docs/concepts/amount-and-rate.md describes it.

Everything that is wrong with a file is reported together.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tradeline.kernel.findings import problem
from tradeline.kernel.money import CURRENCIES, minor_per_unit
from tradeline.lake.yaml_fields import Fields, is_number
from tradeline.lake.yaml_files import read_yaml
from tradeline.lake.yaml_values import Values
from tradeline.risk.parameters import read_parameters
from tradeline.risk.pricing.lender_terms import (
    BASIS_POINTS,
    Amounts,
    Capital,
    Curve,
    GradeCap,
    LenderTerms,
    Product,
    Repayment,
)
from tradeline.risk.pricing.loss_estimates import (
    CONVERSION,
    LGD,
    LgdOf,
    conversion_estimate,
    estimate_files,
    lgd_estimate,
)

GUIDE = "See docs/concepts/amount-and-rate.md."
TERMS = "the terms"
LONGEST_MONTHS = 120
KEYS = ("lender", "name", "product", "currency", "valid_from", "amount", "rate_annual",
        "funding_annual", "fee", "capital", "lgd", "take_up", "churn_monthly", "cost", "burden",
        "grades", "sectors", "single_name")  # fmt: skip
OF_LINE = ("utilisation", "credit_conversion")
NO_ESTIMATES: Mapping[str, str] = MappingProxyType({})
OF_TERM_LOAN = ("repayment",)
RANGE = ("least", "greatest", "step")
CAPITAL = ("risk_weight", "ratio", "hurdle_annual")


def read_lender_terms(path: Path, on: date) -> LenderTerms:
    """The terms in a lender's YAML file as they stand on a date.

    Raises `InputProblem` that lists everything that is wrong, or if they are not in force yet.
    """
    content = read_yaml(path, "file of a lender's terms", GUIDE)
    return parse_lender_terms(content, path.name, on, read_estimates(content, path))


def read_estimates(content: object, path: Path) -> dict[str, str]:
    """The texts of the estimates that a lender's file names; without one that cannot be read."""
    found = {}
    for key, file in estimate_files(content).items():
        with suppress(OSError, UnicodeError):
            found[key] = (path.parent / file).read_text(encoding="utf-8")
    return found


def parse_lender_terms(
    content: object, where: str, on: date, estimates: Mapping[str, str] = NO_ESTIMATES
) -> LenderTerms:
    """The terms in a parsed YAML value; `InputProblem` lists everything that is wrong with it.

    `estimates` are the texts of the files that it names instead of a number, by key.
    """
    fields = Fields()
    product = _product(fields, content)
    known = (*KEYS, *(OF_LINE if product is Product.LINE else OF_TERM_LOAN))
    top = fields.keys(content, TERMS, known)
    terms = _terms(_Values(fields, top or {}, TERMS), product, on, estimates)
    fields.refuse("bad-lender-terms", where, GUIDE)
    if on < terms.valid_from:
        raise problem(
            "terms-not-yet-valid",
            where,
            f"The terms are valid from {terms.valid_from}, not yet on {on}.",
            "Bring the terms that were in force then.",
        )
    return terms


class _Values(Values):
    """The values of such a file: rates in basis points, and curves."""

    __slots__ = ()

    def basis_points(self, key: str) -> int:
        """An annual rate above 0 and at most 1, in whole basis points."""
        rate = self.number(key, 1 / BASIS_POINTS, 1.0)
        points = round(rate * BASIS_POINTS)
        self.require(key, abs(rate * BASIS_POINTS - points) < 1e-6, "in whole basis points, 0.0001")
        return points

    def curve(self, key: str, least: float, greatest: float) -> Curve:
        """Pairs of a rising number and a share, the first at most `least`, the last `greatest`."""
        pairs: Any = self.content.get(key)
        holds = _is_curve(pairs) and pairs[0][0] <= least and pairs[-1][0] >= greatest
        ends = f"from {least:g} or less to {greatest:g} or more"
        self.require(key, holds, f"pairs of a rising number and a share of 1, {ends}")
        return tuple((float(at), float(share)) for at, share in pairs) if holds else ((0.0, 0.0),)


def _is_curve(pairs: Any) -> bool:
    return (
        isinstance(pairs, list)
        and bool(pairs)
        and all(isinstance(pair, list) and len(pair) == 2 for pair in pairs)
        and all(is_number(at) and is_number(share) and 0 <= share <= 1 for at, share in pairs)
        and all(one[0] < other[0] for one, other in pairwise(pairs))
    )


def _product(fields: Fields, content: object) -> Product:
    table = content if isinstance(content, dict) else {"product": Product.TERM_LOAN}
    found: Product | None = fields.word(table, "product", TERMS, Product)
    return found or Product.TERM_LOAN


def _terms(
    values: _Values, product: Product, on: date, estimates: Mapping[str, str]
) -> LenderTerms:
    currency = values.currency("currency")
    unit, rates_bp, funding = minor_per_unit(currency), _rates(values), _funding(values)
    lowest, highest = rates_bp[0] / BASIS_POINTS, rates_bp[-1] / BASIS_POINTS
    is_line = product is Product.LINE
    capital = values.table("capital", CAPITAL)
    cost = values.table("cost", ("start", "month"))
    burden = values.table("burden", ("odds_slope", "greatest"))
    lgd = _lgd(values, estimates, on)
    return LenderTerms(
        lender=values.text("lender"),
        name=values.text("name"),
        product=product,
        repayment=Repayment.AT_END if is_line else _repayment(values),
        currency=currency,
        valid_from=values.date("valid_from"),
        amounts=_amounts(values, unit),
        rates_bp=rates_bp,
        terms_months=tuple(funding),
        funding_annual=tuple(funding.values()),
        fee=values.number("fee", 0, 0.2),
        apr_cap_annual=_apr_cap(values, currency, on),
        capital=Capital(
            capital.number("risk_weight", 0, 12.5),
            capital.number("ratio", 0, 1),
            capital.number("hurdle_annual", 0, 1),
        ),
        lgd=lgd.lgd,
        utilisation=values.curve("utilisation", 1, 1) if is_line else ((1.0, 1.0),),
        credit_conversion=_conversion(values, estimates, on) if is_line else 0.0,
        take_up=_take_up(values, lowest, highest),
        churn_monthly=values.curve("churn_monthly", lowest, highest),
        cost_start_minor=cost.money_minor("start", unit),
        cost_month_minor=cost.money_minor("month", unit),
        burden_odds_slope=burden.number("odds_slope", 0, 20),
        burden_max=burden.number("greatest", 0.01, 1),
        grades=_grades(values, unit),
        sectors_minor=_sectors(values, unit),
        single_name_minor=values.money_minor("single_name", unit),
        lgd_by=lgd.by,
        lgd_of=lgd.segments,
    )


def _lgd(values: _Values, estimates: Mapping[str, str], on: date) -> LgdOf:
    """The LGD that is stated, or that a file of estimates says."""
    stated = values.content.get(LGD)
    if not isinstance(stated, Mapping):
        return LgdOf(values.number(LGD, 0, 1), "", {})
    return lgd_estimate(values.fields, stated, estimates.get(LGD), on)


def _conversion(values: _Values, estimates: Mapping[str, str], on: date) -> float:
    """The credit conversion that is stated, or that a file of estimates says."""
    stated = values.content.get(CONVERSION)
    if not isinstance(stated, Mapping):
        return values.number(CONVERSION, 0, 1)
    return conversion_estimate(values.fields, stated, estimates.get(CONVERSION), on)


def _repayment(values: _Values) -> Repayment:
    found: Repayment | None = values.fields.word(values.content, "repayment", TERMS, Repayment)
    return found or Repayment.AT_END


def _apr_cap(values: _Values, currency: str, on: date) -> float:
    caps = read_parameters("rate_caps", on)
    must = f"one whose cap by law stands in parameters/rate_caps.yaml: {', '.join(caps)}"
    values.require("currency", currency in caps or currency not in CURRENCIES, must)
    return float(caps[currency].value) if currency in caps else 1.0


def _amounts(values: _Values, unit: int) -> Amounts:
    table = values.table("amount", RANGE)
    least, greatest, step = (table.money_minor(name, unit, least=1 / unit) for name in RANGE)
    holds = least <= greatest and not (greatest - least) % step
    values.require("amount", holds, "least to greatest in whole steps")
    return Amounts(least, greatest, step)


def _rates(values: _Values) -> tuple[int, ...]:
    table = values.table("rate_annual", RANGE)
    least, greatest, step = (table.basis_points(name) for name in RANGE)
    holds = least <= greatest and not (greatest - least) % step
    values.require("rate_annual", holds, "least to greatest in whole steps")
    return tuple(range(least, greatest + 1, step)) if holds else (least,)


def _funding(values: _Values) -> dict[int, float]:
    """The cost of funds for each term in months, rising."""
    table = values.content.get("funding_annual")
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


def _take_up(values: _Values, lowest: float, highest: float) -> Curve:
    curve = values.curve("take_up", lowest, highest)
    falls = all(one[1] >= other[1] for one, other in pairwise(curve))
    values.require("take_up", falls, "level or falling: who takes a dear loan takes a cheap one")
    return curve


def _grades(values: _Values, unit: int) -> tuple[GradeCap, ...]:
    table = values.content.get("grades")
    names = list(table) if isinstance(table, Mapping) else []
    values.require("grades", bool(names), "a table of grades, each with pd_below and greatest")
    found = _Values(values.fields, dict(table) if isinstance(table, Mapping) else {}, "grades")
    caps = [(name, found.table(name, ("pd_below", "greatest"))) for name in names]
    grades = tuple(
        GradeCap(str(name), cap.number("pd_below", 0, 1), cap.money_minor("greatest", unit))
        for name, cap in caps
    )
    rise = all(one.pd_below < other.pd_below for one, other in pairwise(grades))
    values.require("grades", rise, "in rising order of pd_below")
    return grades


def _sectors(values: _Values, unit: int) -> dict[str, int]:
    table = values.content.get("sectors")
    names = list(table) if isinstance(table, Mapping) else []
    values.require("sectors", bool(names), "a table of sectors and the most lent to each")
    found = _Values(values.fields, dict(table) if isinstance(table, Mapping) else {}, "sectors")
    return {str(name): found.money_minor(name, unit) for name in names}
