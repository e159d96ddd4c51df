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
    return tuple(
        sorted(
            offers,
            key=lambda offer: (
                not offer.amount_minor, offer.apr_annual, -offer.amount_minor, offer.lender
            ),
        )
    )  # fmt: skip
