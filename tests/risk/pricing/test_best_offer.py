"""The offer of greatest profit, found without trying every amount; nothing unknown is lent on."""

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.risk.lenders import (
    BANK,
    FIRM,
    LENDERS,
    LOWEST_SCORE,
    book_of,
    cumulative_pds,
    firms,
    slow_profit,
)
from tradeline.risk.pricing.best_offer import best_offer
from tradeline.risk.pricing.lender_offer import FirmRisk, LenderOffer, OfferBinding
from tradeline.risk.pricing.lender_terms import LenderTerms
from tradeline.risk.pricing.loan_value import debt_service
from tradeline.risk.pricing.price_book import PriceBook, price_book

NAN = float("nan")
PDS = cumulative_pds()


def greatest(book: PriceBook, firm: FirmRisk) -> int:
    """The most that may be offered by every cap but that of the cash flow."""
    assert firm.score is not None
    assert firm.exposure_minor is not None
    assert firm.sector_exposure_minor is not None
    terms, sector = book.terms, book.terms.sectors_minor
    return min(
        terms.amounts.greatest_minor,
        book.greatest_minor[firm.score - LOWEST_SCORE],
        terms.single_name_minor - firm.exposure_minor,
        sector.get(firm.sector, sector["other"]) - firm.sector_exposure_minor,
        10**15 if firm.requested_minor is None else firm.requested_minor,
    )


def by_brute_force(book: PriceBook, firm: FirmRisk) -> float:
    """The greatest profit over every amount, rate and term that is allowed; 0 for none."""
    terms = book.terms
    assert firm.score is not None
    assert firm.cash_flow_minor is not None
    assert firm.debt_service_minor is not None
    step = terms.amounts.step_minor
    amounts = np.arange(terms.amounts.least_minor, greatest(book, firm) + 1, step)[:, None]
    if not amounts.size:
        return 0.0
    share = firm.debt_service_minor / firm.cash_flow_minor
    burden = share + amounts * book.service / firm.cash_flow_minor
    numbers = np.empty((7, len(book.cells)))
    for _, block in book.blocks[firm.score - LOWEST_SCORE]:
        for cell in block:
            numbers[:, cell[-1]] = cell[:7]
    keep, rise, bend, cost = numbers[[0, 1, 2, 6]]
    profit = amounts * (keep - burden * (rise + burden * bend)) - cost
    return float(np.max(profit, initial=0.0, where=burden <= terms.burden_max * (1 + 1e-12)))


@given(st.sampled_from(range(len(LENDERS))), firms)
@settings(max_examples=200, deadline=None)
def test_no_amount_rate_or_term_earns_more(lender: int, firm: FirmRisk) -> None:
    book = book_of(lender)
    offer = best_offer(book, firm)
    assert offer.profit_minor == pytest.approx(by_brute_force(book, firm), rel=1e-9, abs=0.6)


def test_the_best_offer_is_that_of_the_slowest_search_there_is() -> None:
    few = replace(
        BANK, rates_bp=(600, 900, 1200), terms_months=(6, 12), funding_annual=(0.021, 0.024)
    )
    book = price_book(few, PDS, LOWEST_SCORE)
    for score, cash in ((420, 1_500_000), (430, 4_000_000), (438, 30_000_000)):
        firm = replace(FIRM, score=score, cash_flow_minor=cash, debt_service_minor=100_000)
        every = {
            cell: slow_profit(few, PDS[score - LOWEST_SCORE], firm, *cell)
            for cell in product(
                range(2_000_000, greatest(book, firm) + 1, 1_000_000), (0.06, 0.09, 0.12), (6, 12)
            )
            if carried(few, firm, *cell)
        }
        offer = best_offer(book, firm)
        assert (offer.amount_minor, offer.rate_annual, offer.term_months) == max(
            every, key=every.__getitem__
        )
        assert offer.profit_minor == round(max(every.values()))


def carried(terms: LenderTerms, firm: FirmRisk, amount: int, rate: float, months: int) -> bool:
    """Whether the firm can carry the debt service."""
    assert firm.cash_flow_minor is not None
    assert firm.debt_service_minor is not None
    due = amount * float(debt_service(np.array([rate]), months, terms.repayment)[0])
    return (firm.debt_service_minor + due) / firm.cash_flow_minor <= terms.burden_max


@given(st.sampled_from(range(len(LENDERS))), firms)
def test_an_offer_keeps_to_every_limit(lender: int, firm: FirmRisk) -> None:
    terms, offer = LENDERS[lender], best_offer(book_of(lender), firm)
    if offer.amount_minor:
        amounts = terms.amounts
        assert amounts.least_minor <= offer.amount_minor <= greatest(book_of(lender), firm)
        assert (offer.amount_minor - amounts.least_minor) % amounts.step_minor == 0
        assert offer.burden <= terms.burden_max * (1 + 1e-12)
        assert offer.apr_annual <= terms.apr_cap_annual
        assert 0 < offer.take_up <= 1
        assert 0 < offer.loss_minor < offer.amount_minor
    else:
        assert offer == LenderOffer(terms.lender, terms.currency, offer.binding)


@given(st.sampled_from(range(len(LENDERS))), firms, st.integers(1, 10**6))
def test_more_debt_elsewhere_never_earns_more(lender: int, firm: FirmRisk, more: int) -> None:
    assert firm.debt_service_minor is not None
    deeper = replace(firm, debt_service_minor=firm.debt_service_minor + more)
    book = book_of(lender)
    assert best_offer(book, deeper).profit_minor <= best_offer(book, firm).profit_minor


@pytest.mark.parametrize(
    ("change", "binding"),
    [
        ({}, OfferBinding.CASH_FLOW),
        ({"requested_minor": 3_000_000}, OfferBinding.REQUEST),
        ({"requested_minor": 0}, OfferBinding.REQUEST),
        ({"cash_flow_minor": 10**8, "score": 438}, OfferBinding.LARGEST_LOAN),
        ({"cash_flow_minor": 10**8, "score": 420}, OfferBinding.GRADE_CAP),
        ({"exposure_minor": 140_000_000}, OfferBinding.SINGLE_NAME),
        ({"exposure_minor": 150_000_000}, OfferBinding.SINGLE_NAME),
        ({"sector_exposure_minor": 99_990_000_000}, OfferBinding.SECTOR_CAP),
        ({"sector": "property"}, OfferBinding.SECTOR_CAP),
        ({"debt_service_minor": 36_000_00}, OfferBinding.CASH_FLOW),
        ({"score": 400}, OfferBinding.GRADE_NOT_LENT_TO),
    ],
)  # fmt: skip
def test_what_binds_is_named(change: dict[str, Any], binding: OfferBinding) -> None:
    assert best_offer(book_of(0), replace(FIRM, **change)).binding is binding


def test_a_larger_loan_that_would_lose_more_than_it_earns_is_not_offered() -> None:
    steep = price_book(replace(BANK, burden_odds_slope=4.0), PDS, LOWEST_SCORE)
    firm = replace(FIRM, score=411, cash_flow_minor=3_000_000, debt_service_minor=0)
    offer = best_offer(steep, firm)
    assert offer.binding is OfferBinding.PROFIT
    assert 2_000_000 < offer.amount_minor < 20_000_000


def test_a_loan_that_earns_nothing_is_not_offered() -> None:
    dear = price_book(replace(BANK, cost_start_minor=10**9), PDS, LOWEST_SCORE)
    assert best_offer(dear, FIRM).binding is OfferBinding.NO_PROFITABLE_OFFER


NOT_MONEY = (None, NAN, float("inf"), 1000.0, "1000", True, [1000], -(10**16), 10**16, np.int64(5))
MISTYPED = [
    *((("cash_flow_minor", value), OfferBinding.CASH_FLOW_UNKNOWN) for value in NOT_MONEY),
    *((("cash_flow_minor", value), OfferBinding.NO_CASH_FLOW) for value in (0, -1)),
    *((("debt_service_minor", value), OfferBinding.DEBT_UNKNOWN) for value in (*NOT_MONEY, -1)),
    *((("exposure_minor", value), OfferBinding.EXPOSURE_UNKNOWN) for value in (*NOT_MONEY, -1)),
    *(
        (("sector_exposure_minor", value), OfferBinding.EXPOSURE_UNKNOWN)
        for value in (*NOT_MONEY, -1)
    ),
    *((("requested_minor", value), OfferBinding.REQUEST_UNKNOWN) for value in (*NOT_MONEY[1:], -1)),
    *((("score", value), OfferBinding.NO_SCORE) for value in (None, NAN, 425.0, "425", 399, 440)),
    *((("currency", value), OfferBinding.CURRENCY) for value in (None, "", "USD", "cny", 156)),
    *((("sector", value), OfferBinding.SECTOR_NOT_LENT_TO) for value in (None, "", 7, ["retail"])),
]


@pytest.mark.parametrize(("change", "binding"), MISTYPED)
def test_what_is_missing_or_mistyped_is_never_lent_on(
    change: tuple[str, Any], binding: OfferBinding
) -> None:
    offer = best_offer(book_of(0), replace(FIRM, **dict([change])))
    assert offer == LenderOffer("harbour_bank", "CNY", binding)


def test_a_sector_that_is_not_named_is_lent_to_only_as_another() -> None:
    closed = replace(BANK, sectors_minor={"construction": 10**11})
    assert best_offer(price_book(closed, PDS, LOWEST_SCORE), FIRM).binding is (
        OfferBinding.SECTOR_NOT_LENT_TO
    )
