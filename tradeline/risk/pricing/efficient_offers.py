"""The few offers to each firm that a portfolio may want: less money, less loss, or more profit.

At some shares of the amount that is best for a firm alone, the best offer of each block of the
price book is made; what another beats in amount, expected loss and profit at once is left out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.pricing.best_offers import best_offers, rows_of
from tradeline.risk.pricing.lender_offer import Firms
from tradeline.risk.pricing.price_book import PriceBook
from tradeline.risk.pricing.profit import round_minor

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SHARES = (0.25, 0.5, 0.75, 1.0)
CHUNK = 512


@dataclass(frozen=True, slots=True, eq=False)
class EfficientOffers:
    """Offers in order of firm, each (offers,): `cell` is the rate and term in the price book."""

    firm: Ints
    cell: Ints
    amount_minor: Ints
    loss_minor: Ints
    profit_minor: Ints


def efficient_offers(
    book: PriceBook, firms: Firms, shares: tuple[float, ...] = SHARES
) -> EfficientOffers:
    """The efficient offers to every firm that gets one by itself, the best one among them."""
    best = best_offers(book, firms).amount_minor
    lent_to = np.flatnonzero(best > 0)
    parts = [
        _of_some(book, firms, lent_to[begin : begin + CHUNK], best, shares)
        for begin in range(0, len(lent_to), CHUNK)
    ]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)] if parts else []
    empty = [np.empty(0, dtype=np.int64)] * 5
    return EfficientOffers(*(columns or empty))


def _of_some(
    book: PriceBook, firms: Firms, some: Ints, best: Ints, shares: tuple[float, ...]
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Firm, cell, amount, loss and profit of the efficient offers to some firms."""
    least, step = book.terms.amounts.least_minor, book.terms.amounts.step_minor
    steps = (np.outer(best[some], shares).astype(np.int64) - least) // step
    amount = least + np.maximum(steps, 0) * step
    profit, loss = _worth(book, firms, some, amount[:, :, None, None])
    within = profit.argmax(axis=-1)[..., None]
    cell = np.broadcast_to(book.members, profit.shape)
    profit, loss, cell = (
        np.take_along_axis(table, within, axis=-1).reshape(len(some), -1)
        for table in (profit, loss, cell)
    )
    amount = np.repeat(amount, len(book.members), axis=1)
    kept = (profit > 0) & _undominated(amount, loss, profit)
    firm = np.broadcast_to(some[:, None], kept.shape)
    return firm[kept], cell[kept], amount[kept], loss[kept], profit[kept]


def _worth(book: PriceBook, firms: Firms, some: Ints, amount: Ints) -> tuple[Ints, Ints]:
    """Profit and loss of amounts in every cell (firms, shares, blocks, cells of a block).

    Profit is below 0 where the firm cannot carry the debt service.
    """
    row = rows_of(book, firms)[some]
    keep, rise, bend, _, _, _, cost = np.moveaxis(book.of_profit[row], 2, 0)[:, :, None]
    loss, growth_rise, growth_bend = np.moveaxis(book.of_loss[row][..., book.members], 1, 0)[
        :, :, None
    ]
    cash, debt = (
        money[some].astype(np.float64)[:, None, None, None]
        for money in (firms.cash_flow_minor, firms.debt_service_minor)
    )
    burden = debt / cash + amount * book.service[book.members] / cash
    carried = amount * book.service[book.members] <= book.terms.burden_max * cash - debt
    profit = amount * (keep - burden * (rise + burden * bend)) - cost
    lost = amount * loss * (1 + burden * (growth_rise + burden * growth_bend))
    return round_minor(np.where(carried, profit, -1.0)), round_minor(lost)


def _undominated(amount: Ints, loss: Ints, profit: Ints) -> Flags:
    """Which offers no other of the firm beats (firms, offers); the first of equal ones."""
    kept = np.ones(amount.shape, dtype=np.bool_)
    place = np.arange(amount.shape[1])
    for other in place:
        beats = np.ones(amount.shape, dtype=np.bool_)
        better = np.zeros(amount.shape, dtype=np.bool_)
        for one, sign in ((amount, 1), (loss, 1), (profit, -1)):
            ahead = sign * (one - one[:, other, None])
            beats &= ahead >= 0
            better |= ahead > 0
        kept &= ~(beats & (better | (place > other)))
    return kept
