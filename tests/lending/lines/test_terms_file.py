"""Terms of a line from a file: what they make, and what is said of those that make none."""

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.lines.agreement import MinimumPayment, RepaymentOrder, SeparateDraws
from tradeline.lending.lines.terms_file import KEYS, LineTerms, parse_line, read_line

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples" / "lending"
LEAST = {
    "currency": "CNY", "limit": 100_000, "rate_annual": 0.12, "start": date(2026, 1, 1),
    "expiry": date(2026, 12, 31),
}  # fmt: skip
DRAWS = {"product": "progressive loan", "instalments": 6}
BILLS = {"share": 0.1, "days_to_pay": 20}


def terms(**more: object) -> LineTerms:
    return parse_line({**LEAST, **more}, "line.yaml")


def wrong(**more: object) -> str:
    with pytest.raises(InputProblem) as caught:
        terms(**more)
    return str(caught.value)


def test_a_draw_takes_from_the_line_what_is_the_lines() -> None:
    found = terms(draws=DRAWS, order="oldest draw first", commitment_fee=0.01)
    line = found.agreement
    assert isinstance(line.repayment, SeparateDraws)
    assert line.repayment.order is RepaymentOrder.OLDEST_DRAW
    assert line.repayment.terms.instalments == 6
    assert (line.limit_minor, line.annual_rate) == (10_000_000, Fraction(12, 100))
    assert line.commitment_fee is not None
    assert line.commitment_fee.annual_rate == Fraction(1, 100)
    assert found.draw_minor == line.limit_minor


def test_a_minimum_payment_is_read_as_it_is_written() -> None:
    bills = {**BILLS, "least": 500, "day_count": "actual/360", "arrears_grace_days": 3}
    found = terms(minimum_payment=bills, draw=60_000)
    expected = MinimumPayment(Fraction(1, 10), 50_000, 20, DayCount.ACTUAL_360, 3)
    assert found.agreement.repayment == expected
    assert found.draw_minor == 6_000_000


@pytest.mark.parametrize("name", ["line.yaml", "line_by_bill.yaml"])
def test_the_examples_are_lines(name: str) -> None:
    assert read_line(EXAMPLES / name).draw_minor == 6_000_000


def test_a_line_is_repaid_in_one_way() -> None:
    assert wrong() == (
        "error: line.yaml: the terms: `draws` is missing; it must be stated, or else "
        "`minimum_payment`, not both. See docs/guides/lines.md."
    )
    assert "not both" in wrong(draws=DRAWS, minimum_payment=BILLS)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"limits": 1, "draws": DRAWS}, "unknown key 'limits'"),
        ({"currency": "ABC", "draws": DRAWS}, "a code of ISO 4217 such as CNY"),
        ({"limit": 1.001, "draws": DRAWS}, "in whole minor units"),
        ({"rate_annual": -1, "draws": DRAWS}, "a number from 0 to 10"),
        ({"commitment_fee": 2, "draws": DRAWS}, "a number from 0 to 1"),
        ({"draws": 6}, "`draws` is 6; it must be a table."),
        ({"draws": {**DRAWS, "principal": 5}}, "`draws.principal` is the line's or the draw's own"),
        ({"draws": {**DRAWS, "instalments": 0}}, "line.yaml: draws:"),
        ({"draws": {"product": "flat loan", "instalments": 6}}, "follows day by day what is drawn"),
        ({"draws": DRAWS, "order": "newest"}, "one of what is due first, oldest draw first"),
        ({"minimum_payment": 5}, "minimum_payment must be a table of keys: share,"),
        ({"minimum_payment": {**BILLS, "part": 1}}, "minimum_payment: unknown key 'part'"),
        ({"minimum_payment": {"share": 0.1, "days_to_pay": 1.5}}, "a whole number from 0 to 366"),
        ({"minimum_payment": {"share": 0, "days_to_pay": 5}}, "pays nothing back"),
        ({"draws": DRAWS, "expiry": date(2025, 1, 1)}, "The line expires before it starts."),
    ],
)
def test_what_makes_no_line_is_told(more: dict[str, object], said: str) -> None:
    assert said in wrong(**more)


def test_all_that_is_wrong_is_told_together() -> None:
    text = wrong(limit=-1, expiry="soon", minimum_payment={"days_to_pay": -4})
    assert text.count("\n") == 3


def test_the_guide_lists_every_key() -> None:
    page = (ROOT / "docs" / "guides" / "lines.md").read_text("utf-8")
    table = "\n".join(line for line in page.splitlines() if line.startswith("|"))
    assert [key for key in KEYS if f"`{key}`" not in table] == []
