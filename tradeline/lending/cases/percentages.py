"""Cases of annual percentage rates, in the words of the case."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tradeline.lending.cases.case import Variant
from tradeline.lending.cases.comparing import Comparison
from tradeline.lending.cases.values import Reader
from tradeline.lending.cases.vocabulary import APR_INPUTS
from tradeline.lending.rates.apr import annual_percentage_rate, level_payments

NEEDED = tuple(key for key in APR_INPUTS if key not in ("fraction", "timing"))
KEY = "annual_percentage_rate"


def replay_percentage(reader: Reader, variant: Variant) -> list[Comparison]:
    """All checkpoints of a rate compared; what cannot be read is refused by the reader."""
    _check(reader, variant)
    flows, per_year = _flows(reader, variant.inputs)
    reader.stop_if_refused()
    compared = []
    for number, checkpoint in enumerate(variant.checkpoints, 1):
        comparison = Comparison(variant.name, str(number))
        for key, expected in checkpoint.items():
            if key == KEY and expected is not None:
                digits = max(-int(Decimal(str(expected)).as_tuple().exponent), 0)
                got = annual_percentage_rate(flows, per_year, digits=digits)
                comparison.hold(key, expected, got)
            elif expected is not None and key not in ("after_event", "as_of", "assumption"):
                comparison.fail(key, expected, "no figure of a rate")
        compared.append(comparison)
    return compared


def _check(reader: Reader, variant: Variant) -> None:
    for key in variant.inputs:
        if key not in APR_INPUTS:
            reader.refuse("inputs", f"The word '{key}' belongs to another kind of case.")
    for key in NEEDED:
        if key not in variant.inputs:
            reader.refuse("inputs", f"The word '{key}' is missing.")
    if variant.events:
        reader.refuse("events", "A rate has no events.")
    reader.stop_if_refused()


def _flows(reader: Reader, inputs: Mapping[str, Any]) -> tuple[Any, Fraction]:
    flows = level_payments(
        reader.money("inputs: amount_advanced", inputs["amount_advanced"]),
        reader.money("inputs: payment", inputs["payment"]),
        reader.number("inputs: number_of_payments", inputs["number_of_payments"]),
        first=reader.number(
            "inputs: unit_periods_to_first_payment", inputs["unit_periods_to_first_payment"]
        ),
        fraction=Fraction(reader.decimal("inputs: fraction", inputs.get("fraction", 0))),
    )
    per_year = reader.decimal("inputs: unit_periods_per_year", inputs["unit_periods_per_year"])
    return flows, Fraction(per_year)
