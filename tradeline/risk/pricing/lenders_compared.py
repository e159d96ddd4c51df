"""The offers of several lenders to one firm, in the order of what they cost it."""

from collections.abc import Iterable

from tradeline.risk.pricing.best_offer import best_offer
from tradeline.risk.pricing.lender_offer import FirmRisk, LenderOffer
from tradeline.risk.pricing.price_book import PriceBook


def compare_lenders(asked: Iterable[tuple[PriceBook, FirmRisk]]) -> tuple[LenderOffer, ...]:
    """Each lender's own offer to one firm, the cheapest by APR first; of equals the larger.

    Lenders come with what each knows of the firm: its score by their PDs, their own exposure. Those
    that make no offer come last, with why. Equals stand in the order of lenders' ids.
    """
    offers = [best_offer(book, firm) for book, firm in asked]
    return tuple(sorted(offers, key=lambda o: by_cost(o.amount_minor, o.apr_annual, o.lender)))


def by_cost(amount_minor: int, apr_annual: float, lender: str) -> tuple[bool, float, int, str]:
    """What offers to a firm are sorted by; an amount of 0 is no offer."""
    return not amount_minor, apr_annual, -amount_minor, lender
