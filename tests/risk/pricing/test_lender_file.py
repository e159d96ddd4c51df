"""The terms of a lender are read whole, and all that is wrong with them is said at once."""

from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.risk.lenders import BANK, MICRO, ON, ROOT
from tradeline.kernel.findings import InputProblem
from tradeline.risk.pricing.lender_file import parse_lender_terms, read_lender_terms
from tradeline.risk.pricing.lender_terms import Amounts, Product, Repayment

BANK_FILE = ROOT / "examples" / "lenders" / "harbour_bank.yaml"
CONTENT = yaml.safe_load(BANK_FILE.read_text("utf-8"))
LINE = yaml.safe_load((BANK_FILE.parent / "millet_credit.yaml").read_text("utf-8"))


def changed(content: dict[str, Any], way: str, value: object) -> dict[str, Any]:
    """The content with another value at the way; None takes it out."""
    copy = deepcopy(content)
    *tables, last = way.split(".")
    table = copy
    for key in tables:
        table = table[key]
    if value is None:
        del table[last]
    else:
        table[last] = value
    return copy


def refusal_of(content: object, on: date = ON) -> list[str]:
    with pytest.raises(InputProblem) as refusal:
        parse_lender_terms(content, "bank.yaml", on)
    return [finding.message for finding in refusal.value.findings]


def test_the_examples_are_a_bank_with_loans_and_a_lender_with_lines() -> None:
    assert (BANK.product, BANK.repayment) == (Product.TERM_LOAN, Repayment.INSTALMENTS)
    assert BANK.amounts == Amounts(2_000_000, 100_000_000, 1_000_000)
    assert BANK.rates_bp[:2] == (500, 550)
    assert (BANK.terms_months, BANK.funding_annual) == ((6, 12, 24), (0.021, 0.024, 0.028))
    assert BANK.grades[1].greatest_minor == 50_000_000
    assert BANK.sectors_minor["construction"] == 20_000_000_000
    assert (MICRO.product, MICRO.repayment) == (Product.LINE, Repayment.AT_END)
    assert MICRO.utilisation[0] == (1.0, 0.35)


def test_the_cap_of_the_law_comes_from_parameters_by_date() -> None:
    assert BANK.apr_cap_annual == 0.24
    with pytest.raises(InputProblem) as refusal:
        read_lender_terms(BANK_FILE, date(2017, 1, 1))
    assert "parameters/rate_caps.yaml" in str(refusal.value)


def test_terms_hold_from_their_date_on() -> None:
    assert refusal_of(CONTENT, date(2025, 12, 31)) == [
        "The terms are valid from 2026-01-01, not yet on 2025-12-31."
    ]


@pytest.mark.parametrize(
    ("way", "value", "message"),
    [
        ("lgd", 45, "`lgd` is 45; it must be a number from 0 to 1."),
        ("lgd", True, "`lgd` is True; it must be a number from 0 to 1."),
        ("lgd", float("nan"), "`lgd` is nan; it must be a number from 0 to 1."),
        ("lgd", None, "`lgd` is missing; it must be a number from 0 to 1."),
        ("lender", " ", "`lender` must be text."),
        ("product", "card", "`product` is 'card'; write one of term loan, line."),
        (
            "repayment",
            "yearly",
            "`repayment` is 'yearly'; write one of instalments, at end.",
        ),
        (
            "currency",
            "RMB",
            "`currency` is 'RMB'; it must be a code of ISO 4217 such as CNY.",
        ),
        (
            "currency",
            "USD",
            "`currency` is 'USD'; it must be one whose cap by law stands in "
            "parameters/rate_caps.yaml: CNY.",
        ),
        (
            "valid_from",
            "May",
            "`valid_from` is 'May'; it must be a date such as 2026-01-31.",
        ),
        (
            "amount.step",
            30_000,
            "`amount` is {'least': 20000, 'greatest': 1000000, 'step': 30000}; it must be least to "
            "greatest in whole steps.",
        ),
        ("amount.least", 0, "amount: `least` is 0; it must be a number from 0.01 to 1e+12."),
        ("cost.start", 0.001, "cost: `start` is 0.001; it must be in whole minor units."),
        (
            "rate_annual.step",
            0.00505,
            "rate_annual: `step` is 0.00505; it must be in whole basis points, 0.0001.",
        ),
        (
            "take_up",
            [[0.05, 0.8], [0.10, 0.4]],
            "`take_up` is [[0.05, 0.8], [0.1, 0.4]]; it must be pairs of a rising number and a "
            "share of 1, from 0.05 or less to 0.15 or more.",
        ),
        (
            "take_up",
            [[0.05, 0.3], [0.15, 0.4]],
            "`take_up` is [[0.05, 0.3], [0.15, 0.4]]; it must be level or falling: who takes a "
            "dear loan takes a cheap one.",
        ),
        (
            "funding_annual",
            {12: 0.02, 6: 0.02},
            "`funding_annual` is {12: 0.02, 6: 0.02}; it must be a rising table of terms (1 to 120 "
            "months) and their cost of funds, 0 to 1.",
        ),
        (
            "grades",
            [],
            "`grades` is []; it must be a table of grades, each with pd_below and greatest.",
        ),
        (
            "sectors",
            {},
            "`sectors` is {}; it must be a table of sectors and the most lent to each.",
        ),
    ],
)
def test_what_makes_no_sense_is_said_with_what_would(way: str, value: object, message: str) -> None:
    found = refusal_of(changed(CONTENT, way, value))
    assert any(one.removeprefix("the terms: ") == message for one in found)
    assert len(found) <= 2


def test_grades_rise() -> None:
    content = changed(CONTENT, "grades.B.pd_below", 0.005)
    assert refusal_of(content)[0].endswith("it must be in rising order of pd_below.")


def test_keys_that_are_not_known_are_named() -> None:
    (found,) = refusal_of(changed(CONTENT, "utilisation", [[1, 1]]))
    assert found.startswith("the terms: unknown key 'utilisation'; known are lender, name, product")
    assert "unknown key 'repayment'" in refusal_of(LINE | {"repayment": "at end"})[0]


def test_all_that_is_wrong_is_said_at_once() -> None:
    content = changed(changed(CONTENT, "lgd", None), "single_name", -1)
    assert refusal_of(content) == [
        "the terms: `lgd` is missing; it must be a number from 0 to 1.",
        "the terms: `single_name` is -1; it must be a number from 0 to 1e+12.",
    ]


@pytest.mark.parametrize("content", [None, [], "terms"])
def test_a_file_of_something_else_is_refused(content: object) -> None:
    assert refusal_of(content)[0].startswith("the terms must be a table of keys: lender, name,")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputProblem) as refusal:
        read_lender_terms(tmp_path / "none.yaml", ON)
    assert "There is no such file of a lender's terms." in str(refusal.value)
