"""References carry check digits, and are found again in what payers write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeline.kernel.findings import InputProblem
from tradeline.lending.payments.references import creditor_reference, found_in, is_iban, remainder

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def test_the_examples_of_the_standards() -> None:
    assert creditor_reference("539007547034") == "RF18539007547034"
    assert is_iban("DE89370400440532013000")
    assert is_iban("GB82WEST12345698765432")
    assert not is_iban("DE88370400440532013000")
    assert not is_iban("6222021234567890123")


@given(st.text(ALPHABET, min_size=1, max_size=21))
def test_a_creditor_reference_checks_and_a_digit_or_letter_slipped_shows(text: str) -> None:
    reference = creditor_reference(text)
    assert remainder(reference[4:] + reference[:4]) == 1
    for place in range(4, len(reference)):
        meant = reference[place]
        others = "12" if meant.isdigit() else "AB"
        slipped = others[0] if meant != others[0] else others[1]
        other = reference[:place] + slipped + reference[place + 1 :]
        assert remainder(other[4:] + other[:4]) != 1


def test_case_and_marks_of_a_number_do_not_count() -> None:
    assert creditor_reference("loan_1") == creditor_reference("LOAN-1")


@pytest.mark.parametrize("text", ["", "a" * 22, "贷款1"])
def test_a_text_that_makes_no_reference_is_refused(text: str) -> None:
    with pytest.raises(InputProblem, match="A reference has 1 to 21 letters"):
        creditor_reference(text)


ONE, TWO = creditor_reference("L1"), creditor_reference("L12")
KNOWN = {ONE: "loan 1", TWO: "loan 2", "pay-7": "payment 7"}
WRITTEN = [
    (f"repayment {ONE}", [ONE]),
    (f"{ONE.lower()[:4]} {ONE.lower()[4:]} thanks", [ONE]),
    (f"{TWO} and {ONE}", [TWO, ONE]),
    (f"x{TWO}for January", [TWO]),
    ("pay-7 loan", ["pay-7"]),
    ("pay-77 pay-7x", []),
    ("RF", []),
    ("RF00L1", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "found"), WRITTEN, ids=range(len(WRITTEN)))
def test_references_are_found_as_payers_write_them(text: str, found: list[str]) -> None:
    assert found_in(text, KNOWN) == tuple(found)
