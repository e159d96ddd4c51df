"""The best offers of one lender to a table of firms, each as `best_offer` makes it, to the bit.

The same search by the same operations in the same order, on columns: every firm looks into the
block that promises it most, then those that may find better into their next one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.pricing.best_offer import ABOVE_ROUNDING, CAPS
from tradeline.risk.pricing.lender_offer import (
    BINDINGS,
    MOST_MINOR,
    Firms,
    LenderOffers,
    OfferBinding,
)
from tradeline.risk.pricing.price_book import PriceBook

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Of firms priced at a time: their cells stay in the cache of the processor.
CHUNK = 4096
NO_BAR = -1
PLACE = {binding: place for place, binding in enumerate(BINDINGS)}
PLACES_OF_CAPS = np.array([PLACE[cap] for cap in CAPS])


def best_offers(book: PriceBook, firms: Firms) -> LenderOffers:
    """The offer to each firm, or none and why."""
    sector_cap = _sector_caps(book, firms)
    bar = _bars(book, firms, sector_cap)
    offers = _no_offers(book, bar)
    caps = _caps(book, firms, sector_cap)
    cap, capped = caps.min(axis=0), PLACES_OF_CAPS[caps.argmin(axis=0)]
    free = np.flatnonzero(bar == NO_BAR)
    for begin in range(0, len(free), CHUNK):
        _price(book, firms, free[begin : begin + CHUNK], cap, capped, offers)
    return offers


def _sector_caps(book: PriceBook, firms: Firms) -> Ints:
    """The most lent to each firm's sector, -1 where it is not lent to."""
    found = {sector: book.terms.sector_cap_minor(sector) for sector in set(firms.sector)}
    known = {sector: -1 if cap is None else cap for sector, cap in found.items()}
    return np.fromiter((known[sector] for sector in firms.sector), np.int64, len(firms))


def _bars(book: PriceBook, firms: Firms, sector_cap: Ints) -> Ints:
    """What stands in the way of any offer, as a place in `BINDINGS`; `NO_BAR` for nothing."""
    scored = (firms.score >= book.lowest_score) & (firms.score < book.lowest_score + book.scores)
    greatest = np.array(book.greatest_minor)[rows_of(book, firms)]
    currency = book.terms.currency
    owes = np.fromiter((one == currency for one in firms.currency), np.bool_, len(firms))
    cases = (
        (~scored, OfferBinding.NO_SCORE),
        (~owes, OfferBinding.CURRENCY),
        (~_is_money(firms.cash_flow_minor), OfferBinding.CASH_FLOW_UNKNOWN),
        (firms.cash_flow_minor <= 0, OfferBinding.NO_CASH_FLOW),
        (~_is_known(firms.debt_service_minor), OfferBinding.DEBT_UNKNOWN),
        (~_is_known(firms.exposure_minor), OfferBinding.EXPOSURE_UNKNOWN),
        (~_is_known(firms.sector_exposure_minor), OfferBinding.EXPOSURE_UNKNOWN),
        (~_is_known(firms.requested_minor), OfferBinding.REQUEST_UNKNOWN),
        (sector_cap < 0, OfferBinding.SECTOR_NOT_LENT_TO),
        (greatest == 0, OfferBinding.GRADE_NOT_LENT_TO),
    )
    return np.select(
        [holds for holds, _ in cases], [PLACE[binding] for _, binding in cases], NO_BAR
    )


def rows_of(book: PriceBook, firms: Firms) -> Ints:
    """The row of the book for each score, some row where it has none."""
    return np.clip(firms.score, book.lowest_score, book.lowest_score + book.scores - 1) - (
        book.lowest_score
    )


def _is_money(amounts: Ints) -> Flags:
    return (amounts >= -MOST_MINOR) & (amounts <= MOST_MINOR)


def _is_known(amounts: Ints) -> Flags:
    return (amounts >= 0) & (amounts <= MOST_MINOR)


def _caps(book: PriceBook, firms: Firms, sector_cap: Ints) -> Ints:
    """The most that each of `CAPS` allows (caps, firms); of barred firms it says nothing."""
    terms = book.terms
    return np.stack(
        [
            firms.requested_minor,
            np.full(len(firms), terms.amounts.greatest_minor),
            np.array(book.greatest_minor)[rows_of(book, firms)],
            terms.single_name_minor - firms.exposure_minor,
            sector_cap - firms.sector_exposure_minor,
        ]
    )


def _no_offers(book: PriceBook, bar: Ints) -> LenderOffers:
    money = [np.zeros(len(bar), dtype=np.int64) for _ in range(4)]
    shares = [np.zeros(len(bar)) for _ in range(4)]
    return LenderOffers(
        book.terms,
        binding_at=bar.copy(),
        amount_minor=money[0],
        rate_annual=shares[0],
        term_months=money[1],
        apr_annual=shares[1],
        take_up=shares[2],
        profit_minor=money[2],
        loss_minor=money[3],
        burden=shares[3],
    )


def _price(
    book: PriceBook, firms: Firms, free: Ints, cap: Ints, capped: Ints, offers: LenderOffers
) -> None:
    """Write the offers to the firms at some places, which nothing bars."""
    least, row = float(book.terms.amounts.least_minor), rows_of(book, firms)[free]
    cash, debt = (
        money[free].astype(np.float64)
        for money in (firms.cash_flow_minor, firms.debt_service_minor)
    )
    most, room = cap[free].astype(np.float64), book.terms.burden_max * cash - debt
    best = _best_cells(book, row, cash, debt, room, most)
    earned, cell = np.rint(best.profit), best.cell
    service = book.service[cell]
    burden = debt / cash + best.amount * service / cash
    cases = (
        (most < least, capped[free]),
        (room / book.least_service < least, PLACE[OfferBinding.CASH_FLOW]),
        (earned <= 0, PLACE[OfferBinding.NO_PROFITABLE_OFFER]),
        (~best.is_capped, PLACE[OfferBinding.PROFIT]),
        (room / service < most, PLACE[OfferBinding.CASH_FLOW]),
    )
    holding = [holds for holds, _ in cases]
    offers.binding_at[free] = np.select(holding, [place for _, place in cases], capped[free])
    loss, rise, bend = book.of_loss[row, :, cell].T
    lost = best.amount * loss * (1 + burden * (rise + burden * bend))
    made = ~(holding[0] | holding[1] | holding[2])
    columns = (
        (offers.amount_minor, best.amount),
        (offers.rate_annual, book.rates_annual[cell]),
        (offers.term_months, book.months[cell]),
        (offers.apr_annual, book.apr_annual[cell]),
        (offers.take_up, book.take_up[cell]),
        (offers.profit_minor, earned),
        (offers.loss_minor, np.rint(lost)),
        (offers.burden, burden),
    )
    for column, values in columns:
        column[free[made]] = values[made]


@dataclass(frozen=True, slots=True, eq=False)
class _Best:
    """The best cell of each firm so far, each (firms,): profit 0 and place -1 for none."""

    profit: Floats
    amount: Floats
    cell: Ints
    is_capped: Flags


def _best_cells(
    book: PriceBook, row: Ints, cash: Floats, debt: Floats, room: Floats, most: Floats
) -> _Best:
    """The best cell of each firm, its blocks looked into in falling order of their bounds."""
    firm = np.stack([debt / cash, 1 / cash, room, most])[:, :, None]
    bounds = _bounds_of_blocks(book, row, firm)
    order = np.argsort(-bounds, axis=1, kind="stable")
    size = len(row)
    best = _Best(np.zeros(size), np.zeros(size), np.full(size, -1), np.zeros(size, dtype=np.bool_))
    still = np.arange(size)
    for block in order.T:
        still = still[bounds[still, block[still]] * ABOVE_ROUNDING >= best.profit[still]]
        if not still.size:
            break
        _look_into(book, row[still], block[still], firm[:, still], best, still)
    return best


def _bounds_of_blocks(book: PriceBook, row: Ints, firm: Floats) -> Floats:
    """What no cell of a block exceeds (firms, blocks); minus infinity if none earns anything."""
    numbers, service = np.moveaxis(book.of_bounds[row], 1, 0), book.service[book.members]
    at = _ideal(numbers, service.min(axis=1), firm)
    return np.where(at.margin > 0, at.profit(at.amount), -np.inf)


def _look_into(
    book: PriceBook, row: Ints, block: Ints, firm: Floats, best: _Best, places: Ints
) -> None:
    """Write to the best cells of the firms at `places` what a block of each has better."""
    least, step = float(book.terms.amounts.least_minor), float(book.terms.amounts.step_minor)
    cells = book.members[block]
    at = _ideal(np.moveaxis(book.of_profit[row, block], 1, 0), book.service[cells], firm)
    steps = np.where(at.amount > least, np.floor((at.amount - least) / step), 0.0)
    amount = least + steps * step
    above = amount + step
    profit, more = at.profit(amount), at.profit(above)
    better = ~at.is_capped & (above <= at.top) & (more > profit)
    profit = np.where((at.margin > 0) & (at.top >= least), np.where(better, more, profit), -np.inf)
    amount = np.where(better, above, amount)
    rows, first = np.arange(len(places)), profit.argmax(axis=1)
    profit, cell = profit[rows, first], cells[rows, first]
    level = (profit == best.profit[places]) & (cell < best.cell[places])
    wins = (profit > best.profit[places]) | level
    won = places[wins]
    best.profit[won], best.cell[won] = profit[wins], cell[wins]
    best.amount[won] = amount[rows, first][wins]
    best.is_capped[won] = at.is_capped[rows, first][wins]


@dataclass(frozen=True, slots=True, eq=False)
class _Ideal:
    """The best amount of cells if amounts had no steps, and the cubic of their profit."""

    margin: Floats
    slope: Floats
    curve: Floats
    cost: Floats
    top: Floats
    is_capped: Flags
    amount: Floats

    def profit(self, amount: Floats) -> Floats:
        """Expected profit of an amount of each cell."""
        return amount * (self.margin - amount * (self.slope + amount * self.curve)) - self.cost


def _ideal(numbers: Floats, service: Floats, firm: Floats) -> _Ideal:
    """The best amounts by the numbers of `OF_PROFIT`; a margin below 0 counts as 0."""
    keep, rise, bend, by_service, by_bend, square, cost = numbers
    share, per_cash, room, most = firm
    margin = np.maximum(keep - share * (rise + share * bend), 0.0)
    top = np.minimum(room / service, most)
    slope, curve = (by_service + share * by_bend) * per_cash, square * (per_cash * per_cash)
    # Up to the top, profit still rises where its slope there is not below 0.
    is_capped = top * (2 * slope + 3 * top * curve) <= margin
    divisor = np.where(is_capped, 1.0, slope + np.sqrt(slope * slope + 3 * margin * curve))
    amount = np.where(is_capped, top, np.minimum(top, margin / divisor))
    return _Ideal(margin, slope, curve, cost, top, is_capped, amount)
