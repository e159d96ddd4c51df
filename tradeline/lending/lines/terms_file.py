"""Terms of a revolving line from a YAML file, and the draw that is to be shown.

Everything that is wrong with a file is reported together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tradeline.kernel.money import minor_per_unit
from tradeline.lake.yaml_fields import Fields
from tradeline.lake.yaml_files import read_yaml
from tradeline.lake.yaml_values import Values
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

GUIDE = "See docs/guides/lines.md."
TERMS = "the terms"
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
    fields = Fields()
    table = fields.keys(content, TERMS, KEYS)
    if table is None:
        fields.refuse("bad-terms", where, GUIDE)
    values = Values(fields, table or {}, TERMS)
    currency = values.currency("currency")
    unit = minor_per_unit(currency)
    limit, rate = values.money_minor("limit", unit), values.share("rate_annual", 10)
    start, expiry = values.date("start"), values.date("expiry")
    is_billed = values.has("minimum_payment")
    is_drawn = values.has("draws")
    values.require("draws", is_drawn != is_billed, "stated, or else `minimum_payment`, not both")
    minimum = _minimum(values, unit) if is_billed else None
    fee = None
    if values.has("commitment_fee"):
        fee = CommitmentFee(values.share("commitment_fee", 1))
    draw = values.money_minor("draw", unit) if values.has("draw") else limit
    order = values.word("order", RepaymentOrder, RepaymentOrder.DUE_DATE)
    draws = values.content.get("draws")
    _only_of_a_draw(values, draws)
    fields.refuse("bad-terms", where, GUIDE)
    repayment = minimum or SeparateDraws(_of_draws(values, draws, where), order)
    agreement = LineAgreement(currency, limit, rate, start, expiry, repayment, fee)
    check_agreement(agreement)
    return LineTerms(agreement, draw)


def _minimum(values: Values, unit: int) -> MinimumPayment:
    bill = values.table("minimum_payment", OF_A_BILL)
    return MinimumPayment(
        share=bill.share("share", 1),
        least_minor=bill.money_minor("least", unit) if bill.has("least") else 0,
        days_to_pay=bill.whole("days_to_pay", 0, MOST_DAYS),
        day_count=bill.word("day_count", DayCount, DayCount.ACTUAL_365),
        arrears_grace_days=bill.whole("arrears_grace_days", 0, MOST_DAYS),
    )


def _only_of_a_draw(values: Values, draws: object) -> None:
    values.require("draws", draws is None or isinstance(draws, Mapping), "a table")
    if isinstance(draws, Mapping):
        for message in [
            f"`draws.{key}` is the line's or the draw's own; leave it out."
            for key in OF_THE_LINE
            if key in draws
        ]:
            values.fields.say(message)


def _of_draws(values: Values, draws: object, where: str) -> Contract:
    """A draw of all of the limit on the first day, by the terms of a loan."""
    assert isinstance(draws, Mapping)
    of_line = {key: values.content.get(key) for key in ("currency", "rate_annual", "start")}
    return parse_terms(
        {**draws, **of_line, "principal": values.content.get("limit")}, f"{where}: draws"
    )
