"""Which actions of a product need two people."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tradeline.kernel.findings import problem
from tradeline.kernel.money import minor_per_unit
from tradeline.risk.parameters import read_parameters

SUBJECT = "approvals"
ANY = "any product"


@dataclass(frozen=True, slots=True)
class TwoPersonRules:
    """Above which amount (in minor units), or beyond how many days, an action needs a checker.

    A proposal stands for `stands_for_days`: until then it is decided and carried out, or it lapses.
    """

    write_off_above_minor: int
    waiver_above_minor: int
    refund_above_minor: int
    limit_raise_above_minor: int
    send_back_above_minor: int
    reschedule: bool
    back_date_beyond_days: int
    stands_for_days: int


def read_rules(product: str, currency: str, on: date) -> TwoPersonRules:
    """The rules of a product as they stand on a day; InputProblem if a value makes no sense.

    What a product does not state, and one that is not known, has the rules of any product.
    """
    parameters = read_parameters(SUBJECT, on)
    values: dict[str, Any] = dict(parameters[ANY].value)
    if product in parameters:
        values |= parameters[product].value
    per_unit = minor_per_unit(currency)
    return checked_rules(
        TwoPersonRules(
            write_off_above_minor=round(values["write_off_above"] * per_unit),
            waiver_above_minor=round(values["waiver_above"] * per_unit),
            refund_above_minor=round(values["refund_above"] * per_unit),
            limit_raise_above_minor=round(values["limit_raise_above"] * per_unit),
            send_back_above_minor=round(values["send_back_above"] * per_unit),
            reschedule=values["reschedule"],
            back_date_beyond_days=values["back_date_beyond_days"],
            stands_for_days=values["stands_for_days"],
        )
    )


def checked_rules(rules: TwoPersonRules) -> TwoPersonRules:
    """The rules, or InputProblem where an amount is below zero or nothing could be decided."""
    least = min(
        rules.write_off_above_minor, rules.waiver_above_minor, rules.refund_above_minor,
        rules.limit_raise_above_minor, rules.send_back_above_minor, rules.back_date_beyond_days,
        rules.stands_for_days - 1,
    )  # fmt: skip
    if least < 0:
        raise problem(
            "bad-rules",
            "approvals",
            "An amount or a number of days is below zero, or a proposal stands for no day.",
            "State amounts and days from 0 on, and at least one day for a decision.",
        )
    return rules
