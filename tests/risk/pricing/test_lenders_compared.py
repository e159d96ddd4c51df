"""A firm sees the cheapest offer first, and who makes none."""

from dataclasses import replace

from hypothesis import given, settings

from tests.risk.lenders import BANK, FIRM, LOWEST_SCORE, book_of, cumulative_pds, firms
from tradeline.risk.pricing.best_offer import best_offer
from tradeline.risk.pricing.lender_offer import FirmRisk, OfferBinding
from tradeline.risk.pricing.lenders_compared import compare_lenders
from tradeline.risk.pricing.price_book import price_book


@given(firms)
@settings(max_examples=40, deadline=None)
def test_every_lender_answers_by_its_own_terms_and_the_cheapest_comes_first(
    firm: FirmRisk,
) -> None:
    books = (book_of(0), book_of(1))
    found = compare_lenders((book, firm) for book in books)
    assert set(found) == {best_offer(book, firm) for book in books}
    made = [offer for offer in found if offer.amount_minor]
    assert found[: len(made)] == tuple(made)
    assert [offer.apr_annual for offer in made] == sorted(offer.apr_annual for offer in made)


def test_at_the_same_price_the_larger_offer_comes_first_then_the_lender() -> None:
    one_rate = replace(BANK, rates_bp=(900,))
    books = [
        price_book(replace(one_rate, lender=name), cumulative_pds(), LOWEST_SCORE)
        for name in ("b", "a", "c")
    ]
    firm = replace(FIRM, requested_minor=10_000_000, cash_flow_minor=10**8)
    # The third has lent to the firm before, and has less room for it.
    lent = replace(firm, exposure_minor=145_000_000)
    offers = compare_lenders(zip(books, (firm, firm, lent), strict=True))
    rank = [(offer.lender, offer.amount_minor) for offer in offers]
    assert rank == [("a", 10_000_000), ("b", 10_000_000), ("c", 5_000_000)]


def test_a_lender_that_makes_no_offer_comes_last_and_says_why() -> None:
    found = compare_lenders([(book_of(0), replace(FIRM, exposure_minor=None)), (book_of(1), FIRM)])
    assert [offer.lender for offer in found] == ["millet_credit", "harbour_bank"]
    assert found[1].binding is OfferBinding.EXPOSURE_UNKNOWN
