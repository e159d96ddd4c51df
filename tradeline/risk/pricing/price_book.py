"""The price book of a lender: its terms worked out beforehand for every score, rate and term.

For a firm with monthly cash flow F and debt service S elsewhere, a limit L whose debt service is
d L a month weighs b = (S + d L) / F. With take-up q and A, B, g(b) = 1 + rise b + bend b^2 of
`loan_value.py`, expected profit is a cubic in L, concave because rise and bend are not negative:

    L (m0 - L (m1 + L m2)) - q cost
    m0 = q (A - B - B (rise + bend S / F) S / F)
    m1 = q B d (rise + 2 bend S / F) / F
    m2 = q B d^2 bend / F^2

so the best limit is where its slope m0 - L (2 m1 + 3 L m2) is 0: m0 / (m1 + sqrt(m1^2 + 3 m0 m2)).

Neighbouring rates of a term form a block, and each block has a made-up cell that earns at least
what any of its cells does, whatever the firm: the profit of a unit is linear in g, so that the line
through the best of the block at g = 1 and the best at the greatest burden lies above them all; and
it carries the least debt service and the least cost. A search looks at blocks first.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import problem
from tradeline.risk.pricing.expected_loss import MONTHS_PER_YEAR
from tradeline.risk.pricing.lender_terms import BASIS_POINTS, LenderTerms, on_curve
from tradeline.risk.pricing.loan_value import apr, debt_service, growth_with_burden, unit_value

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# What a score has for each cell: what gives profit by the cubic above, and what gives the loss.
OF_PROFIT = ("keep", "rise", "bend", "rise_service", "bend_service", "bend_square", "cost")
OF_LOSS = ("loss", "growth_rise", "growth_bend")
# Neighbouring rates that share a block: few blocks, and few cells in those that count.
BLOCK = 6

# The numbers `OF_PROFIT`, debt service of a unit, and the place of the cell.
Cell = tuple[float, float, float, float, float, float, float, float, int]
# The cell that none of a block out-earns, and the cells.
Block = tuple[Cell, tuple[Cell, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class PriceBook:
    """What an offer is worth, by score and cell; a cell is a rate and a term.

    Arrays serve tables of firms: `rates_annual`, `months`, `apr_annual`, `take_up`, `service` (debt
    service of a unit a month) have shape (cells,), by rate, then term; `members` (blocks, cells of
    a block) are places among them, a short block's last cell repeated. `of_profit` (scores, blocks,
    numbers, cells of a block) and `of_bounds` (scores, numbers, blocks) hold what `OF_PROFIT`
    names, `of_loss` (scores, numbers, cells) what `OF_LOSS` names, of a unit of limit but for
    `cost`. Tuples serve one firm: `cells` has rate, months, APR, take-up and service of each,
    `blocks` and `losses` the rest by score. `greatest_minor` is the most lent to each score.
    """

    terms: LenderTerms
    rates_annual: Floats
    months: Ints
    apr_annual: Floats
    take_up: Floats
    service: Floats
    members: Ints
    of_profit: Floats
    of_bounds: Floats
    of_loss: Floats
    cells: tuple[tuple[float, int, float, float, float], ...]
    blocks: tuple[tuple[Block, ...], ...]
    losses: tuple[tuple[tuple[float, float, float], ...], ...]
    greatest_minor: tuple[int, ...]
    least_service: float
    lowest_score: int

    @property
    def scores(self) -> int:
        """How many scores the book has prices for, from `lowest_score` on."""
        return len(self.greatest_minor)


def price_book(terms: LenderTerms, pd_cumulative: Floats, lowest_score: int = 0) -> PriceBook:
    """Work out the terms for the scores that are rows of `pd_cumulative` (scores, months).

    The first row is that of `lowest_score`, each further one of the next score; column s holds the
    chance of default by the end of month s + 1. Raises `InputProblem` if the
    PDs are no probabilities that rise month by month, or end before a term does, and if the cap of
    the law leaves no rate.
    """
    _check_pds(terms, pd_cumulative)
    rates_bp, term_at, aprs = (
        np.array(column) for column in zip(*_lawful_cells(terms), strict=True)
    )
    rates = rates_bp / BASIS_POINTS
    take_up = on_curve(terms.take_up, rates)
    service = np.empty(len(rates))
    of_profit = np.empty((len(pd_cumulative), len(OF_PROFIT), len(rates)))
    of_loss = np.empty((len(pd_cumulative), len(OF_LOSS), len(rates)))
    for term, length in enumerate(terms.terms_months):
        inside = term_at == term
        service[inside] = debt_service(rates[inside], length, terms.repayment)
        of_profit[..., inside], of_loss[..., inside] = _values(
            terms, term, rates[inside], take_up[inside], pd_cumulative
        )
    months = np.array(terms.terms_months, dtype=np.int64)[term_at]
    columns = (rates, months, aprs, take_up, service)
    members = _members(term_at)
    by_block = np.ascontiguousarray(np.moveaxis(of_profit[..., members], 1, 2))
    of_bounds = _bounds(by_block, of_loss, service, members, terms.burden_max)
    return PriceBook(
        terms,
        *columns,
        members,
        by_block,
        of_bounds,
        of_loss,
        cells=tuple(zip(*(column.tolist() for column in columns), strict=True)),
        blocks=_blocks(by_block, of_bounds, service, members),
        losses=tuple(
            tuple((loss, rise, bend) for loss, rise, bend in cells)
            for cells in np.moveaxis(of_loss, 1, 2).tolist()
        ),
        greatest_minor=_greatest(terms, pd_cumulative),
        least_service=float(service.min()),
        lowest_score=lowest_score,
    )


def require_priced(terms: LenderTerms, pd_cumulative: Floats) -> None:
    """Raise the InputProblem that `price_book` would, without making the book."""
    _check_pds(terms, pd_cumulative)
    _lawful_cells(terms)


def _check_pds(terms: LenderTerms, pds: Floats) -> None:
    longest = max(terms.terms_months)
    if pds.ndim != 2 or pds.shape[1] < longest:
        raise problem(
            "short-term-structure",
            terms.lender,
            f"The PDs reach month {pds.shape[-1]}, the longest term is {longest} months.",
            "Bring PDs for every month of the longest term, or lend for shorter.",
        )
    steps = np.diff(pds, axis=1, prepend=0.0)
    if not (np.isfinite(pds).all() and (steps >= 0).all() and (pds <= 1).all()):
        raise problem(
            "bad-term-structure",
            terms.lender,
            "The PDs are no cumulative probabilities: each must lie in 0 to 1 and none fall from "
            "one month to the next.",
            "Mend the term structure.",
        )


def _lawful_cells(terms: LenderTerms) -> list[tuple[int, int, float]]:
    """Rate in basis points, place of the term, and APR of every offer that the law allows."""
    every = [
        (rate, term, apr(rate / BASIS_POINTS, months, terms.repayment, terms.fee))
        for rate in terms.rates_bp
        for term, months in enumerate(terms.terms_months)
    ]
    allowed = [cell for cell in every if cell[2] <= terms.apr_cap_annual]
    if not allowed:
        raise problem(
            "no-lawful-rate",
            terms.lender,
            f"Every rate costs more than the {terms.apr_cap_annual:.2%} a year that the law "
            "allows, fee and all.",
            "Lower the rates or the fee.",
        )
    return allowed


def _values(
    terms: LenderTerms, term: int, rates_annual: Floats, take_up: Floats, pds: Floats
) -> tuple[Floats, Floats]:
    """What `OF_PROFIT` and `OF_LOSS` name, each (scores, numbers, rates)."""
    unit = unit_value(terms, term, rates_annual, pds)
    by_end = pds[:, terms.terms_months[term] - 1]
    growth = growth_with_burden(by_end, terms.burden_odds_slope, terms.burden_max)
    rise, bend = growth.rise[:, None], growth.bend[:, None]
    cost = take_up * (terms.cost_start_minor + terms.cost_month_minor * unit.months)
    service = debt_service(rates_annual, terms.terms_months[term], terms.repayment)
    of_profit = _numbers(take_up * unit.safe, take_up * unit.lost, rise, bend, service, cost)
    return of_profit, np.stack(np.broadcast_arrays(unit.loss, rise, bend), axis=1)


def _numbers(
    safe: Floats, lost: Floats, rise: Floats, bend: Floats, service: float | Floats, cost: Floats
) -> Floats:
    """What `OF_PROFIT` names as a new second axis, of what broadcasts to (scores, cells)."""
    rise, bend = lost * rise, lost * bend
    numbers = (
        safe - lost, rise, bend, rise * service, 2 * bend * service, bend * service * service, cost,
    )  # fmt: skip
    return np.stack(np.broadcast_arrays(*numbers), axis=1)


def _members(term_at: Ints) -> Ints:
    """The places of the cells of each block, neighbours of one term; a last one is repeated."""
    by_term = [np.flatnonzero(term_at == term) for term in np.unique(term_at)]
    blocks = [
        inside[begin : begin + BLOCK]
        for inside in by_term
        for begin in range(0, len(inside), BLOCK)
    ]
    return np.stack([np.pad(block, (0, BLOCK - len(block)), mode="edge") for block in blocks])


def _bounds(
    by_block: Floats, of_loss: Floats, service: Floats, members: Ints, burden_max: float
) -> Floats:
    """The numbers of the cell that none of a block out-earns, shape (scores, numbers, blocks)."""
    keep, rise, bend, cost = (by_block[:, :, number] for number in (0, 1, 2, -1))
    most = keep.max(axis=2)
    heavy = (keep - burden_max * (rise + burden_max * bend)).max(axis=2)
    growth_rise, growth_bend = of_loss[:, 1, members[:, 0]], of_loss[:, 2, members[:, 0]]
    grown = burden_max * (growth_rise + burden_max * growth_bend)
    lost = (most - heavy) / np.maximum(grown, np.finfo(np.float64).tiny)
    least_service = service[members].min(axis=1)
    return _numbers(most + lost, lost, growth_rise, growth_bend, least_service, cost.min(axis=2))


def _blocks(
    by_block: Floats, of_bounds: Floats, service: Floats, members: Ints
) -> tuple[tuple[Block, ...], ...]:
    """The blocks of each score, for a search."""
    bounds = _cells(np.moveaxis(of_bounds, 1, 2), service[members].min(axis=1), members[:, 0])
    of_blocks = []
    for block, repeated in enumerate(members):
        places = np.unique(repeated)
        numbers = np.moveaxis(by_block[:, block, :, : len(places)], 1, 2)
        of_blocks.append(_cells(numbers, service[places], places))
    return tuple(
        tuple(zip(tops, cells, strict=True))
        for tops, cells in zip(bounds, zip(*of_blocks, strict=True), strict=True)
    )


def _cells(numbers: Floats, service: Floats, places: Ints) -> list[tuple[Cell, ...]]:
    """The cells of each score from their numbers (scores, cells, numbers)."""
    ends = list(zip(service.tolist(), places.tolist(), strict=True))
    return [
        tuple(cast("Cell", (*row, *end)) for row, end in zip(cells, ends, strict=True))
        for cells in numbers.tolist()
    ]


def _greatest(terms: LenderTerms, pds: Floats) -> tuple[int, ...]:
    """The most that is lent to each score by its grade, 0 beyond the last grade."""
    by_year = pds[:, min(MONTHS_PER_YEAR, pds.shape[1]) - 1]
    place = np.searchsorted([grade.pd_below for grade in terms.grades], by_year, side="right")
    most = [*(grade.greatest_minor for grade in terms.grades), 0]
    return tuple(most[at] for at in place.tolist())
