"""A case replayed: each variant by the rules of its kind, every figure held to the cent."""

from tradeline.lending.cases.advances import replay_advance
from tradeline.lending.cases.case import Case, Outcome, Variant
from tradeline.lending.cases.comparing import Comparison
from tradeline.lending.cases.loans import replay_loan
from tradeline.lending.cases.percentages import replay_percentage
from tradeline.lending.cases.values import Reader


def replay(case: Case) -> tuple[Outcome, ...]:
    """What holds and what does not, for each variant.

    InputProblem if a word or value is outside the vocabulary, naming each.
    """
    return tuple(_outcome(variant) for variant in case.variants)


def _outcome(variant: Variant) -> Outcome:
    reader = Reader()
    compared = _compared(reader, variant)
    reader.stop_if_refused()
    return Outcome(
        variant.name,
        sum(each.figures for each in compared),
        tuple(found for each in compared for found in each.differences),
    )


def _compared(reader: Reader, variant: Variant) -> list[Comparison]:
    """By the words of the inputs: an advance, a rate, or a loan."""
    if "net_disbursement" in variant.inputs:
        return replay_advance(reader, variant)
    if "amount_advanced" in variant.inputs:
        return replay_percentage(reader, variant)
    return replay_loan(reader, variant)
