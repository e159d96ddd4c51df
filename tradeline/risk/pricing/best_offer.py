"""The best offer of one lender to one firm: amount, rate and term of greatest expected profit.

Every rate and term of the price book is judged at the amount that is best for it, in closed form
(`price_book.py`); blocks that cannot hold the best are passed over. Only + - * / and square roots
in a fixed order are used, each of which IEEE 754 rounds one way: `best_offers.py` gives a table of
firms the same answers to the bit. Of equal offers the lower rate stands, then the shorter term,
then the lower amount.

What is not known is never lent on: a missing or mistyped value gives no offer, with its reason.
"""

from math import sqrt

from tradeline.risk.pricing.lender_offer import (
    NOT_ASKED,
    FirmRisk,
    LenderOffer,
    OfferBinding,
    is_money,
)
from tradeline.risk.pricing.lender_terms import Amounts
from tradeline.risk.pricing.price_book import Block, Cell, PriceBook

# No block is passed over for the rounding of its bound.
ABOVE_ROUNDING = 1 + 1e-9
CAPS = (
    OfferBinding.REQUEST,
    OfferBinding.LARGEST_LOAN,
    OfferBinding.GRADE_CAP,
    OfferBinding.SINGLE_NAME,
    OfferBinding.SECTOR_CAP,
)


def best_offer(book: PriceBook, firm: FirmRisk) -> LenderOffer:
    """The offer to one firm, or none and why."""
    terms, bar = book.terms, _bar(book, firm)
    if bar is not None:
        return LenderOffer(terms.lender, terms.currency, bar)
    assert firm.score is not None
    assert firm.cash_flow_minor is not None
    assert firm.debt_service_minor is not None
    row = firm.score - book.lowest_score
    caps = _caps(book, firm, row)
    cap = min(caps)
    capped = CAPS[caps.index(cap)]
    if cap < terms.amounts.least_minor:
        return LenderOffer(terms.lender, terms.currency, capped)
    cash, debt = float(firm.cash_flow_minor), float(firm.debt_service_minor)
    room = terms.burden_max * cash - debt
    if room / book.least_service < terms.amounts.least_minor:
        return LenderOffer(terms.lender, terms.currency, OfferBinding.CASH_FLOW)
    blocks = book.blocks[row]
    profit, amount, cell, is_capped = _best_cell(blocks, terms.amounts, cash, debt, room, cap)
    if round(profit) <= 0:
        return LenderOffer(terms.lender, terms.currency, OfferBinding.NO_PROFITABLE_OFFER)
    rate, months, apr, take_up, service = book.cells[cell]
    loss, rise, bend = book.losses[row][cell]
    burden = debt / cash + amount * service / cash
    binding = OfferBinding.PROFIT
    if is_capped:
        binding = OfferBinding.CASH_FLOW if room / service < cap else capped
    return LenderOffer(
        terms.lender, terms.currency, binding, int(amount), rate, months, apr, take_up,
        round(profit), round(amount * loss * (1 + burden * (rise + burden * bend))), burden,
    )  # fmt: skip


def _bar(book: PriceBook, firm: FirmRisk) -> OfferBinding | None:
    """What stands in the way of any offer, the first of several."""
    if type(firm.score) is not int or not 0 <= firm.score - book.lowest_score < book.scores:
        return OfferBinding.NO_SCORE
    if firm.currency != book.terms.currency:
        return OfferBinding.CURRENCY
    unknown = _unknown_money(firm)
    if unknown is not None:
        return unknown
    if book.terms.sector_cap_minor(firm.sector) is None:
        return OfferBinding.SECTOR_NOT_LENT_TO
    if not book.greatest_minor[firm.score - book.lowest_score]:
        return OfferBinding.GRADE_NOT_LENT_TO
    return None


def _unknown_money(firm: FirmRisk) -> OfferBinding | None:
    """The first amount that is missing, mistyped, or none where there must be some."""
    if not is_money(firm.cash_flow_minor):
        return OfferBinding.CASH_FLOW_UNKNOWN
    if firm.cash_flow_minor <= 0:
        return OfferBinding.NO_CASH_FLOW
    if not is_money(firm.debt_service_minor) or firm.debt_service_minor < 0:
        return OfferBinding.DEBT_UNKNOWN
    for exposure in (firm.exposure_minor, firm.sector_exposure_minor):
        if not is_money(exposure) or exposure < 0:
            return OfferBinding.EXPOSURE_UNKNOWN
    asked = firm.requested_minor
    if asked is not None and (not is_money(asked) or asked < 0):
        return OfferBinding.REQUEST_UNKNOWN
    return None


def _caps(book: PriceBook, firm: FirmRisk, row: int) -> tuple[int, ...]:
    """The most that each of `CAPS` allows, for a firm that nothing bars."""
    terms, sector = book.terms, book.terms.sector_cap_minor(firm.sector)
    assert firm.exposure_minor is not None
    assert firm.sector_exposure_minor is not None
    assert sector is not None
    return (
        NOT_ASKED if firm.requested_minor is None else firm.requested_minor,
        terms.amounts.greatest_minor,
        book.greatest_minor[row],
        terms.single_name_minor - firm.exposure_minor,
        sector - firm.sector_exposure_minor,
    )


def _best_cell(
    blocks: tuple[Block, ...], amounts: Amounts, cash: float, debt: float, room: float, cap: int
) -> tuple[float, float, int, bool]:
    """Profit, amount and place of the best cell, and whether a cap keeps its amount down.

    Profit 0 and place -1 if no cell earns more than nothing.
    """
    least, step, most = float(amounts.least_minor), float(amounts.step_minor), float(cap)
    share, per_cash = debt / cash, 1 / cash
    per_square = per_cash * per_cash
    best, found = 0.0, (0.0, -1, False)
    for bound, _, cells in _ranked(blocks, share, per_cash, room, most):
        if bound * ABOVE_ROUNDING < best:
            break
        for keep, rise, bend, by_service, by_bend, square, cost, service, cell in cells:
            margin = keep - share * (rise + share * bend)
            top = room / service
            if top > most:
                top = most
            if margin <= 0 or top < least:
                continue
            slope, curve = (by_service + share * by_bend) * per_cash, square * per_square
            is_capped = top * (2 * slope + 3 * top * curve) <= margin
            ideal = top
            if not is_capped:
                ideal = min(top, margin / (slope + sqrt(slope * slope + 3 * margin * curve)))
            amount = least + int((ideal - least) / step) * step if ideal > least else least
            profit = amount * (margin - amount * (slope + amount * curve)) - cost
            above = amount + step
            if not is_capped and above <= top:
                more = above * (margin - above * (slope + above * curve)) - cost
                if more > profit:
                    profit, amount = more, above
            if profit > best or (profit == best and cell < found[1]):
                best, found = profit, (amount, cell, is_capped)
    return best, *found


def _ranked(
    blocks: tuple[Block, ...], share: float, per_cash: float, room: float, most: float
) -> list[tuple[float, int, tuple[Cell, ...]]]:
    """What no cell of a block exceeds, a number of the block, and its cells; highest first."""
    ranked = []
    per_square = per_cash * per_cash
    for bound, cells in blocks:
        keep, rise, bend, by_service, by_bend, square, cost, service, place = bound
        margin = keep - share * (rise + share * bend)
        if margin <= 0:
            continue
        top = room / service
        if top > most:
            top = most
        slope, curve = (by_service + share * by_bend) * per_cash, square * per_square
        amount = top
        if top * (2 * slope + 3 * top * curve) > margin:
            amount = margin / (slope + sqrt(slope * slope + 3 * margin * curve))
        profit = amount * (margin - amount * (slope + amount * curve)) - cost
        ranked.append((profit, place, cells))
    ranked.sort(reverse=True)
    return ranked
