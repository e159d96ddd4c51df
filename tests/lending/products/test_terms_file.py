from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.lending.dates.business_days import Calendar, Shift
from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.loan.amounts import Component
from tradeline.lending.loan.contract import (
    Amortisation,
    ChargeBase,
    Contract,
    CustomInstalment,
    Direction,
    Family,
    Future,
    InterestMethod,
    OverduePenalty,
    PayoffInterest,
    Prepayment,
    Recalculation,
    Rest,
    Step,
    Timing,
)
from tradeline.lending.loan.rounding import RoundingMode
from tradeline.lending.products.terms_file import KEYS, parse_terms, read_terms
from tradeline.risk.parameters import read_parameters

ROOT = Path(__file__).parents[3]
START = date(2026, 1, 15)
LEAST = {
    "currency": "CNY", "principal": 1_200, "rate_annual": 0.084, "start": START, "instalments": 3,
}  # fmt: skip


def terms(**more: object) -> Contract:
    return parse_terms(LEAST | more, "terms.yaml")


def wrong(content: object) -> list[str]:
    with pytest.raises(InputProblem) as refused:
        parse_terms(content, "terms.yaml")
    return [found.message for found in refused.value.findings]


def test_a_file_says_the_least_and_its_product_the_rest() -> None:
    contract = terms(product="term loan")
    assert contract.recalculation == Recalculation(Rest.DAY, Prepayment.LOWER_INSTALMENT)
    assert (contract.day_count, contract.family) == (DayCount.ACTUAL_365, Family.CUMULATIVE)
    assert contract.annual_rate == Fraction(84, 1_000)
    assert contract.principal_minor == 120_000


def test_what_a_file_says_is_taken_before_what_its_product_says() -> None:
    contract = terms(product="term loan", day_count="30/360", prepayment="keep")
    assert contract.day_count is DayCount.THIRTY_360
    assert contract.recalculation == Recalculation(Rest.DAY, Prepayment.KEEP)


@pytest.mark.parametrize("product", read_parameters("loan_products", START))
def test_every_product_makes_a_contract(product: str) -> None:
    assert terms(product=product).instalments == 3


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
def test_amounts_are_in_the_units_of_their_currency(currency: str) -> None:
    units = {"JPY": 1, "KWD": 1_000}
    assert terms(currency=currency).principal_minor == 1_200 * units[currency]


EVERY: Mapping[str, object] = {
    "first_due": date(2026, 2, 1),
    "instalment": 500,
    "instalment_step": 0.5,
    "instalment_rounding": "up",
    "balloon": 100,
    "down_payment": 0.25,
    "frequency": "weeks",
    "every": 2,
    "schedule": "cumulative",
    "interest": "declining balance",
    "amortisation": "equal principal",
    "day_count": "actual/360",
    "principal_grace": 1,
    "interest_deferred": 2,
    "arrears_grace_days": 3,
    "rest": "due date",
    "prepayment": "shorter term",
    "overdue_interest": "none",
    "payoff_interest": "period end",
    "allocation": ["past due, due: interest, principal", "past due, due: fees, penalties",
                   "in advance: principal, interest, fees, penalties"],
    "allocation_direction": "component by component",
    "future_payments": "last instalment",
    "overdue_penalty": {"rate": 0.001, "base": "principal and interest", "per_day": True,
                        "after_grace_days": 4},
    "calendar": "GB-ENG",
    "shift": "preceding",
}  # fmt: skip


WITHOUT_NUMBER = {name: value for name, value in LEAST.items() if name != "instalments"}
FIRST, LAST = {"due": date(2026, 2, 28)}, {"due": date(2026, 9, 30)}


def test_instalments_may_be_agreed_one_by_one() -> None:
    content: dict[str, object] = {**WITHOUT_NUMBER, "product": "term loan"}
    for key, kind in (("principal", Amortisation.PRINCIPAL), ("total", Amortisation.INSTALMENTS)):
        found = parse_terms(content | {"custom": [FIRST | {key: 300.5}, LAST]}, "terms.yaml")
        assert (found.instalments, found.amortisation) == (2, kind)
        assert found.custom == (
            CustomInstalment(date(2026, 2, 28), 30_050), CustomInstalment(date(2026, 9, 30))
        )  # fmt: skip


ONE_BY_ONE = "it must be a list of tables with `due`, and `principal` in all of them or `total`."
WRONG_CUSTOM: list[tuple[dict[str, object], str]] = [
    ({"custom": 5}, f"the terms: `custom` is 5; {ONE_BY_ONE}"),
    ({"custom": []}, f"the terms: `custom` is []; {ONE_BY_ONE}"),
    ({"custom": [FIRST | {"principal": 1}, LAST | {"total": 5}]}, ONE_BY_ONE),
    ({"custom": [FIRST | {"principal": 0.001}, LAST]},
     "custom 1: `principal` is 0.001; it must be in whole minor units."),
    ({"custom": [{"principal": 1}, LAST]},
     "custom 1: `due` is missing; it must be a date such as 2026-01-31."),
    ({"custom": [FIRST | {"amount": 1}, LAST]},
     "custom 1: unknown key 'amount'; known are due, principal, total."),
    ({"custom": [FIRST | {"principal": 1}, LAST], "amortisation": "equal principal"},
     "the terms: `amortisation` is 'equal principal'; it must be left out where `custom` states "
     "each instalment."),
    ({"custom": [FIRST | {"principal": 1}, LAST], "instalments": 3},
     "3 instalments are stated, and 2 agreed one by one."),
]  # fmt: skip


@pytest.mark.parametrize(("more", "message"), WRONG_CUSTOM)
def test_instalments_that_are_not_agreed_are_told(more: dict[str, object], message: str) -> None:
    found = wrong(WITHOUT_NUMBER | more)
    assert any(each.endswith(message) for each in found), found


def test_a_file_may_say_everything() -> None:
    contract = terms(**EVERY)
    assert {*LEAST, *EVERY, "product", "principal_only_at_end", "custom"} == set(KEYS)
    assert (contract.first_due, contract.fixed_instalment_minor) == (date(2026, 2, 1), 50_000)
    rounding = contract.instalment_rounding
    assert (rounding.step_minor, rounding.mode) == (50, RoundingMode.UP)
    assert (contract.balloon_minor, contract.down_payment) == (10_000, Fraction(1, 4))
    assert (contract.frequency, contract.every) == (Frequency.WEEKS, 2)
    assert contract.interest is InterestMethod.DECLINING
    assert contract.amortisation is Amortisation.PRINCIPAL
    grace = contract.grace
    assert (grace.principal_periods, grace.interest_deferred_periods, grace.arrears_days) == (
        1, 2, 3,
    )  # fmt: skip
    assert contract.payoff_interest is PayoffInterest.PERIOD_END
    late = frozenset([Timing.PAST_DUE, Timing.DUE])
    assert contract.waterfall.steps[0] == Step(late, (Component.INTEREST, Component.PRINCIPAL))
    assert contract.waterfall.direction is Direction.COMPONENT_BY_COMPONENT
    assert contract.waterfall.future is Future.LAST
    assert contract.overdue_penalty == OverduePenalty(
        Fraction(1, 1_000), ChargeBase.PRINCIPAL_AND_INTEREST, per_day=True, after_grace_days=4
    )
    assert contract.calendar == Calendar("GB", Shift.PRECEDING, "ENG")


def test_a_bullet_pays_principal_with_its_last_instalment() -> None:
    assert terms(principal_only_at_end=True).grace.principal_periods == 2


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"currency": "XXY"}, "`currency` is 'XXY'; it must be a code of ISO 4217 such as CNY."),
        ({"principal": "much"}, "`principal` is 'much'; it must be a number from 0 to 1e+12."),
        ({"principal": 0.001}, "`principal` is 0.001; it must be in whole minor units."),
        ({"start": "soon"}, "`start` is 'soon'; it must be a date such as 2026-01-31."),
        ({"instalments": 2.5}, "`instalments` is 2.5; it must be a whole number from 1 to 1,200."),
        ({"instalments": 0}, "`instalments` is 0; it must be a whole number from 1 to 1,200."),
        ({"rate_annual": 84}, "`rate_annual` is 84; it must be a number from 0 to 10."),
        ({"interest": "simple"},
         "`interest` is 'simple'; write one of declining balance, flat."),
        ({"instalment_step": 0}, "`instalment_step` is 0; it must be an amount above zero."),
        ({"principal_only_at_end": "no"},
         "`principal_only_at_end` is 'no'; it must be true or false."),
        ({"overdue_penalty": {"rate": 0.1, "daily": True}},
         "unknown key 'daily'; known are rate, base, per_day, after_grace_days."),
        ({"overdue_penalty": {"per_day": True}},
         "overdue_penalty: `rate` is missing; it must be a number from 0 to 1."),
        ({"product": "gold loan"},
         "`product` is 'gold loan'; it must be one of term loan, progressive loan, equal "
         "principal loan, flat loan, bullet loan."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_what_it_must_be(more: dict[str, object], message: str) -> None:
    (found,) = wrong(LEAST | more)
    assert message in found


@pytest.mark.parametrize(
    "lines",
    [
        ["past due: penalties, fees, interest, principal"],
        ["past due, due, in advance: penalties, fees, interest, principal", "due: fees"],
        ["any: penalties, fees, interest, principal"],
        "past due",
        [],
    ],
)
def test_an_allocation_names_each_part_once(lines: object) -> None:
    (found,) = wrong(LEAST | {"allocation": lines})
    assert found.startswith("the terms: `allocation` is ")
    assert found.endswith("each component of what is past due, due and in advance once.")


def test_all_that_is_wrong_is_told_at_once() -> None:
    found = wrong({"currency": "CNY", "colour": "red"})
    assert found[0].startswith("the terms: unknown key 'colour'; known are product, currency, ")
    assert {text.split(";")[0] for text in found[1:]} == {
        "the terms: `start` is missing", "the terms: `principal` is missing",
        "the terms: `rate_annual` is missing",
    }  # fmt: skip


def test_terms_that_make_no_schedule_are_refused() -> None:
    assert wrong(LEAST | {"first_due": START}) == [
        "The first due date, 2026-01-15, is not after the start, 2026-01-15."
    ]


def test_a_file_that_is_no_table_is_refused() -> None:
    (found,) = wrong([1, 2])
    assert found.startswith("the terms must be a table of keys: product, currency, ")


def test_the_example_reads() -> None:
    assert read_terms(ROOT / "examples" / "lending" / "term_loan.yaml").instalments == 6


def test_the_guide_names_every_key() -> None:
    guide = (ROOT / "docs" / "guides" / "loans.md").read_text(encoding="utf-8")
    assert [key for key in KEYS if f"`{key}`" not in guide] == []
