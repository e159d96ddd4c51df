"""A table of firms gets the offers that each firm gets alone, to the bit."""

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.risk.lenders import FIRM, LENDERS, book_of, cumulative_pds, firms
from tests.risk.pricing.test_best_offer import MISTYPED
from tradeline.risk.pricing.best_offer import best_offer
from tradeline.risk.pricing.best_offers import CHUNK, best_offers
from tradeline.risk.pricing.lender_offer import FirmRisk, LenderOffer, columns_of
from tradeline.risk.pricing.price_book import price_book

SOME = st.sampled_from(range(len(LENDERS)))


@given(SOME, st.lists(firms, min_size=1, max_size=30))
@settings(deadline=None)
def test_many_firms_get_what_each_gets_alone(lender: int, asked: list[FirmRisk]) -> None:
    book = book_of(lender)
    offers = best_offers(book, columns_of(asked))
    assert [offers[place] for place in range(len(asked))] == [
        best_offer(book, firm) for firm in asked
    ]


def test_a_table_longer_than_a_chunk_is_priced_to_its_end() -> None:
    generator = np.random.default_rng(1)
    asked = [
        replace(
            FIRM,
            score=int(generator.integers(398, 442)),
            cash_flow_minor=int(10 ** generator.uniform(4, 9)),
        )
        for _ in range(CHUNK + 900)
    ]
    offers = best_offers(book_of(0), columns_of(asked))
    assert [offers[place] for place in range(len(asked))] == [
        best_offer(book_of(0), firm) for firm in asked
    ]
    assert np.unique(offers.binding_at).size > 5
    # Most had something to choose from.
    assert (offers.amount_minor > 0).mean() > 0.4


@pytest.mark.parametrize("lender", range(len(LENDERS)))
def test_missing_and_mistyped_values_are_refused_alike(lender: int) -> None:
    asked = [replace(FIRM, **cast("dict[str, Any]", dict([change]))) for change, _ in MISTYPED]
    offers = best_offers(book_of(lender), columns_of(asked))
    terms = LENDERS[lender]
    for place, (_, binding) in enumerate(MISTYPED):
        assert offers[place] == LenderOffer(terms.lender, terms.currency, binding)


def test_ties_are_settled_alike() -> None:
    # Nobody defaults and nothing costs anything: every amount and rate is worth the same a unit.
    level = replace(
        LENDERS[0],
        take_up=((0.05, 0.5), (0.15, 0.5)),
        burden_odds_slope=0.0,
        cost_start_minor=0,
        cost_month_minor=0,
    )
    book = price_book(level, np.zeros((1, 24)), 425)
    asked = [replace(FIRM, cash_flow_minor=cash) for cash in (10**6, 10**7, 10**8)]
    offers = best_offers(book, columns_of(asked))
    assert [offers[place] for place in range(3)] == [best_offer(book, firm) for firm in asked]
    assert cumulative_pds().min() > 0


def test_no_firms_get_no_offers() -> None:
    assert best_offers(book_of(0), columns_of([])).amount_minor.size == 0
