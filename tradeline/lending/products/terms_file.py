"""Terms of one loan from a YAML file; what the file leaves out is taken from its product.

Everything that is wrong with a file is reported together.
"""

from datetime import date
from fractions import Fraction
from pathlib import Path

from tradeline.kernel.money import minor_per_unit
from tradeline.lake.yaml_fields import Content, Fields
from tradeline.lake.yaml_files import read_yaml
from tradeline.lake.yaml_values import Values
from tradeline.lending.dates.business_days import Calendar, Shift
from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.loan.checks import check_contract
from tradeline.lending.loan.contract import (
    Amortisation,
    Arrears,
    ChargeBase,
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
from tradeline.lending.loan.rounding import Rounding, RoundingMode
from tradeline.lending.loan.waterfall_words import WANTED, steps_of
from tradeline.risk.parameters import read_parameters

GUIDE = "See docs/guides/loans.md."
SUBJECT = "loan_products"
KEYS = (
    "product", "currency", "principal", "rate_annual", "start", "first_due", "instalments",
    "instalment", "instalment_step", "instalment_rounding", "instalment_basis", "instalment_moves",
    "instalment_on_approved", "balloon", "down_payment", "down_payment_kept", "frequency", "every",
    "schedule", "interest", "interest_step", "interest_rounding", "slices_rounded", "amortisation",
    "day_count", "principal_grace", "interest_deferred", "arrears_grace_days", "rest", "prepayment",
    "overdue_interest", "payoff_interest", "allocation", "allocation_direction", "future_payments",
    "future_refunds", "charges_by_their_date", "overdue_penalty", "calendar", "shift",
    "principal_only_at_end", "custom",
)  # fmt: skip
ONLY_WITH = {
    "shift": "calendar",
    "down_payment_kept": "down_payment",
    "prepayment": "rest",
    "overdue_interest": "rest",
}
CUSTOM_KEYS = ("due", "principal", "total")
PENALTY_KEYS = ("rate", "base", "per_day", "after_grace_days")
MOST_INSTALMENTS = 1_200
TERMS = "the terms"


def read_terms(path: Path) -> Contract:
    """The contract that a YAML file of terms makes; InputProblem tells all that is wrong."""
    return parse_terms(read_yaml(path, "file of a loan's terms", GUIDE), path.name)


def parse_terms(content: object, where: str) -> Contract:
    """The contract of parsed terms; `where` names them in findings."""
    fields = Fields()
    table = fields.keys(content, TERMS, KEYS)
    if table is None:
        fields.refuse("bad-terms", where, GUIDE)
    stated = Values(fields, table or {}, TERMS)
    start = stated.date("start")
    if stated.has("custom"):
        left_out = not stated.has("amortisation")
        stated.require("amortisation", left_out, "left out where `custom` states each instalment")
    values = _with_product(stated, start)
    _says_something(stated, values)
    contract = _contract(values, start)
    fields.refuse("bad-terms", where, GUIDE)
    check_contract(contract)
    return contract


def _with_product(stated: Values, on: date) -> Values:
    """The terms of the product as they stand on the day the loan starts, and what is stated."""
    if not stated.has("product") or on == date.min:
        return stated
    products, name = read_parameters(SUBJECT, on), stated.content["product"]
    known = isinstance(name, str) and name in products
    stated.require("product", known, f"one of {', '.join(products)}")
    of_product: Content = dict(products[name].value) if known else {}
    return Values(stated.fields, of_product | stated.content, TERMS)


def _says_something(stated: Values, values: Values) -> None:
    """What is stated needs what it is about, stated too or of the product."""
    for key, needed in ONLY_WITH.items():
        holds = not stated.has(key) or values.has(needed)
        stated.require(key, holds, f"left out, or stated with `{needed}`")


def _contract(values: Values, start: date) -> Contract:
    currency = values.currency("currency")
    unit = minor_per_unit(currency)
    custom, of_principal = _custom(values, unit)
    instalments = values.whole("instalments", 1, MOST_INSTALMENTS) or len(custom) or None
    at_end = values.flag("principal_only_at_end")
    free = (instalments or 1) - 1 if at_end else values.whole("principal_grace", 0, 1_000)
    return Contract(
        currency=currency,
        principal_minor=values.money_minor("principal", unit),
        annual_rate=values.share("rate_annual", 10),
        start=start,
        first_due=values.date("first_due") if values.has("first_due") else None,
        frequency=values.word("frequency", Frequency, Frequency.MONTHS),
        every=values.whole("every", 1, 1_000, 1),
        instalments=instalments,
        family=values.word("schedule", Family, Family.CUMULATIVE),
        interest=values.word("interest", InterestMethod, InterestMethod.DECLINING),
        amortisation=_amortisation(values) if of_principal is None else of_principal,
        day_count=values.word("day_count", DayCount, DayCount.ACTUAL_365),
        instalment_basis=values.word(
            "instalment_basis", InstalmentBasis, InstalmentBasis.COUNTED_DAYS
        ),
        instalment_rounding=_rounding(values, "instalment", unit),
        interest_rounding=_rounding(values, "interest", unit),
        slices_rounded=values.flag("slices_rounded"),
        instalment_moves=values.flag("instalment_moves", without=True),
        fixed_instalment_minor=_money(values, "instalment", unit),
        instalment_on_approved=values.flag("instalment_on_approved"),
        balloon_minor=_money(values, "balloon", unit) or 0,
        grace=Grace(
            free,
            values.whole("interest_deferred", 0, 1_000),
            values.whole("arrears_grace_days", 0, 1_000),
        ),
        down_payment=values.share("down_payment", 1) if values.has("down_payment") else Fraction(0),
        down_payment_kept=values.flag("down_payment_kept", without=True),
        waterfall=_waterfall(values),
        recalculation=_recalculation(values),
        payoff_interest=values.word("payoff_interest", PayoffInterest, PayoffInterest.PAYOFF_DATE),
        overdue_penalty=_penalty(values),
        calendar=_calendar(values),
        custom=custom,
    )


def _amortisation(values: Values) -> Amortisation:
    return values.word("amortisation", Amortisation, Amortisation.INSTALMENTS)


def _custom(values: Values, unit: int) -> tuple[tuple[CustomInstalment, ...], Amortisation | None]:
    """Instalments agreed one by one, and whether their amounts are principal or all of each."""
    written = values.content.get("custom")
    if written is None:
        return (), None
    lines = written if isinstance(written, list) else []
    tables = [
        values.named(f"custom {number}", line, CUSTOM_KEYS)
        for number, line in enumerate(lines, start=1)
    ]
    keys = {key for table in tables for key in ("principal", "total") if table.has(key)}
    values.require(
        "custom", bool(tables) and len(keys) <= 1,
        "a list of tables with `due`, and `principal` in all of them or `total`",
    )  # fmt: skip
    key = next(iter(keys), "principal")
    found = tuple(CustomInstalment(table.date("due"), _money(table, key, unit)) for table in tables)
    return found, Amortisation.PRINCIPAL if key == "principal" else Amortisation.INSTALMENTS


def _money(values: Values, key: str, unit: int) -> int | None:
    return values.money_minor(key, unit) if values.has(key) else None


def _rounding(values: Values, of: str, unit: int) -> Rounding:
    step = _money(values, f"{of}_step", unit)
    values.require(f"{of}_step", step is None or step > 0, "an amount above zero")
    mode = values.word(f"{of}_rounding", RoundingMode, RoundingMode.HALF_EVEN)
    return Rounding(mode, step or 1)


def _recalculation(values: Values) -> Recalculation | None:
    if not values.has("rest"):
        return None
    return Recalculation(
        values.word("rest", Rest, Rest.DAY),
        values.word("prepayment", Prepayment, Prepayment.LOWER_INSTALMENT),
        values.word("overdue_interest", Arrears, Arrears.EVERY_PERIOD),
    )


def _waterfall(values: Values) -> Waterfall:
    direction = values.word("allocation_direction", Direction, Direction.INSTALMENT_BY_INSTALMENT)
    return Waterfall(
        _steps(values) or Waterfall().steps,
        direction,
        values.word("future_payments", Future, Future.NEXT),
        values.word("future_refunds", Future, Future.NEXT),
        values.flag("charges_by_their_date"),
    )


def _steps(values: Values) -> tuple[Step, ...] | None:
    """Steps such as "past due: penalties, fees, interest, principal", each part named once."""
    written = values.content.get("allocation")
    if written is None:
        return None
    steps = steps_of([str(line) for line in written]) if isinstance(written, list) else None
    values.require("allocation", steps is not None, WANTED)
    return steps


def _penalty(values: Values) -> OverduePenalty | None:
    if not values.has("overdue_penalty"):
        return None
    penalty = values.table("overdue_penalty", PENALTY_KEYS)
    return OverduePenalty(
        penalty.share("rate", 1),
        penalty.word("base", ChargeBase, ChargeBase.PRINCIPAL),
        penalty.flag("per_day"),
        penalty.whole("after_grace_days", 0, 1_000),
    )


def _calendar(values: Values) -> Calendar | None:
    if not values.has("calendar"):
        return None
    country, _, part = values.text("calendar").partition("-")
    return Calendar(country, values.word("shift", Shift, Shift.FOLLOWING), part or None)
