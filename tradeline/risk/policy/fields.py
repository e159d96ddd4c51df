"""What stands in the YAML of a policy beside texts and numbers: names, intervals, typed values."""

import re
from datetime import date, datetime

from tradeline.lake.yaml_fields import MAX_WHOLE, Fields, is_number, is_text
from tradeline.risk.policy.cells import CellProblem, Interval, Kind, parse_interval

NAME = re.compile(r"[a-z][a-z0-9_]*")


def read_interval(fields: Fields, text: object, where: str, kind: Kind) -> Interval | None:
    """The interval that a text says; None, and said, if it is none."""
    if not isinstance(text, str):
        fields.say(f'{where} must be text such as "[0, 1]" or ">= 0".')
        return None
    try:
        return parse_interval(text, kind)
    except CellProblem as refusal:
        fields.say(f"{where}: {refusal}.")
        return None


def fits(value: object, kind: Kind) -> bool:
    """Whether a value of YAML is one of a kind."""
    if kind is Kind.INTEGER:
        return type(value) is int and abs(value) <= MAX_WHOLE
    if kind is Kind.NUMBER:
        return is_number(value)
    if kind is Kind.BOOLEAN:
        return type(value) is bool
    if kind is Kind.DATE:
        return isinstance(value, date) and not isinstance(value, datetime)
    return is_text(value)
