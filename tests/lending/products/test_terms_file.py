from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from tests.lending.loan.contract_terms import terms_of_a_contract, with_term
from tradeline.kernel.findings import InputProblem
from tradeline.lending.dates.business_days import Calendar, Shift
from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.loan.amounts import Component
from tradeline.lending.loan.contract import (
    Amortisation,
    Arrears,
    ChargeBase,
    Contract,
    CustomInstalment,
    Direction,
    Family,
    Future,
    InstalmentBasis,
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


PLAIN = Contract(
    "CNY",
    120_000,
    Fraction(84, 1_000),
    START,
    Frequency.MONTHS,
    1,
    3,
    day_count=DayCount.ACTUAL_365,
)
# What stands there where a term that may be absent is stated.
STATED = replace(
    PLAIN,
    recalculation=Recalculation(),
    overdue_penalty=OverduePenalty(Fraction(5, 100), ChargeBase.PRINCIPAL),
    calendar=Calendar("CN"),
)
ORDER = ["past due, due: interest, principal", "past due, due: fees, penalties",
         "in advance: principal, interest, fees, penalties"]  # fmt: skip
ORDERED = (
    Step(frozenset([Timing.PAST_DUE, Timing.DUE]), (Component.INTEREST, Component.PRINCIPAL)),
    Step(frozenset([Timing.PAST_DUE, Timing.DUE]), (Component.FEES, Component.PENALTIES)),
    Step(frozenset([Timing.IN_ADVANCE]),
         (Component.PRINCIPAL, Component.INTEREST, Component.FEES, Component.PENALTIES)),
)  # fmt: skip


def penalty(**more: object) -> dict[str, object]:
    return {"overdue_penalty": {"rate": 0.05} | more}


# Each term of a contract, the keys that carry it, and what they then say.
CARRIED: dict[str, tuple[dict[str, object], object]] = {
    "currency": ({"currency": "EUR"}, "EUR"),
    "principal_minor": ({"principal": 2000.01}, 200_001),
    "annual_rate": ({"rate_annual": 0.0725}, Fraction(725, 10_000)),
    "start": ({"start": date(2026, 2, 28)}, date(2026, 2, 28)),
    "frequency": ({"frequency": "weeks"}, Frequency.WEEKS),
    "every": ({"every": 2}, 2),
    "instalments": ({"instalments": 9}, 9),
    "first_due": ({"first_due": date(2026, 2, 1)}, date(2026, 2, 1)),
    "family": ({"schedule": "progressive"}, Family.PROGRESSIVE),
    "interest": ({"interest": "flat"}, InterestMethod.FLAT),
    "amortisation": ({"amortisation": "equal principal"}, Amortisation.PRINCIPAL),
    "day_count": ({"day_count": "actual/360"}, DayCount.ACTUAL_360),
    "instalment_basis": ({"instalment_basis": "equal periods"}, InstalmentBasis.EQUAL_PERIODS),
    "instalment_rounding.mode": ({"instalment_rounding": "up"}, RoundingMode.UP),
    "instalment_rounding.step_minor": ({"instalment_step": 0.5}, 50),
    "interest_rounding.mode": ({"interest_rounding": "down"}, RoundingMode.DOWN),
    "interest_rounding.step_minor": ({"interest_step": 0.1}, 10),
    "slices_rounded": ({"slices_rounded": True}, True),
    "instalment_moves": ({"instalment_moves": False}, False),
    "fixed_instalment_minor": ({"instalment": 500}, 50_000),
    "instalment_on_approved": ({"instalment_on_approved": True}, True),
    "balloon_minor": ({"balloon": 100}, 10_000),
    "grace.principal_periods": ({"principal_grace": 1}, 1),
    "grace.interest_deferred_periods": ({"interest_deferred": 2}, 2),
    "grace.arrears_days": ({"arrears_grace_days": 3}, 3),
    "down_payment": ({"down_payment": 0.25}, Fraction(1, 4)),
    "down_payment_kept": ({"down_payment": 0.25, "down_payment_kept": False}, False),
    "waterfall.steps": ({"allocation": ORDER}, ORDERED),
    "waterfall.direction": ({"allocation_direction": "component by component"},
                            Direction.COMPONENT_BY_COMPONENT),
    "waterfall.future": ({"future_payments": "last instalment"}, Future.LAST),
    "waterfall.future_refunds": ({"future_refunds": "all remaining instalments"}, Future.SPREAD),
    "waterfall.charges_by_their_date": ({"charges_by_their_date": True}, True),
    "recalculation.rest": ({"rest": "due date"}, Rest.DUE_DATE),
    "recalculation.prepayment": ({"rest": "day", "prepayment": "shorter term"},
                                 Prepayment.SHORTER_TERM),
    "recalculation.arrears": ({"rest": "day", "overdue_interest": "none"}, Arrears.NONE),
    "payoff_interest": ({"payoff_interest": "period end"}, PayoffInterest.PERIOD_END),
    "overdue_penalty.rate": (penalty(rate=0.001), Fraction(1, 1_000)),
    "overdue_penalty.base": (penalty(base="principal and interest"),
                             ChargeBase.PRINCIPAL_AND_INTEREST),
    "overdue_penalty.per_day": (penalty(per_day=True), True),
    "overdue_penalty.after_grace_days": (penalty(after_grace_days=4), 4),
    "calendar.country": ({"calendar": "DE"}, "DE"),
    "calendar.shift": ({"calendar": "CN", "shift": "preceding"}, Shift.PRECEDING),
    "calendar.subdivision": ({"calendar": "CN-BY"}, "BY"),
    "custom": ({"custom": [{"due": date(2026, 2, 28), "total": 300},
                           {"due": date(2026, 9, 30), "total": 400.5},
                           {"due": date(2026, 12, 31)}]},
               (CustomInstalment(date(2026, 2, 28), 30_000),
                CustomInstalment(date(2026, 9, 30), 40_050),
                CustomInstalment(date(2026, 12, 31)))),
}  # fmt: skip


def test_every_term_of_a_contract_has_keys_and_every_key_is_of_use() -> None:
    assert list(CARRIED) == list(terms_of_a_contract(STATED))
    used = {key for stated, _ in CARRIED.values() for key in stated}
    assert used | {"product", "principal_only_at_end"} == set(KEYS)


@pytest.mark.parametrize("name", CARRIED)
def test_a_term_is_what_its_keys_say(name: str) -> None:
    stated, value = CARRIED[name]
    assert terms() == PLAIN
    expected = with_term(PLAIN, name, value, STATED)
    if name == "down_payment_kept":
        expected = replace(expected, down_payment=Fraction(1, 4))
    assert terms(**stated) == expected != PLAIN


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
        ({"interest_step": 0}, "`interest_step` is 0; it must be an amount above zero."),
        ({"interest_rounding": "off"},
         "`interest_rounding` is 'off'; write one of half even, half up, up, down."),
        ({"instalment_basis": "30/360"},
         "`instalment_basis` is '30/360'; write one of counted days, equal periods."),
        ({"future_refunds": "none"},
         "`future_refunds` is 'none'; write one of next instalment, last instalment, all remaining "
         "instalments."),
        ({"slices_rounded": 1}, "`slices_rounded` is 1; it must be true or false."),
        ({"instalment_moves": "no"}, "`instalment_moves` is 'no'; it must be true or false."),
        ({"instalment_on_approved": 1},
         "`instalment_on_approved` is 1; it must be true or false."),
        ({"charges_by_their_date": "yes"},
         "`charges_by_their_date` is 'yes'; it must be true or false."),
        ({"down_payment": 0.1, "down_payment_kept": "no"},
         "`down_payment_kept` is 'no'; it must be true or false."),
        ({"down_payment_kept": True},
         "`down_payment_kept` is True; it must be left out, or stated with `down_payment`."),
        ({"shift": "preceding"},
         "`shift` is 'preceding'; it must be left out, or stated with `calendar`."),
        ({"prepayment": "keep"},
         "`prepayment` is 'keep'; it must be left out, or stated with `rest`."),
        ({"overdue_interest": "none"},
         "`overdue_interest` is 'none'; it must be left out, or stated with `rest`."),
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
