"""A price book holds every lawful rate and term, and its blocks promise at least what they keep."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.risk.lenders import BANK, LENDERS, LOWEST_SCORE, MICRO, book_of, cumulative_pds
from tradeline.kernel.findings import InputProblem
from tradeline.risk.pricing.price_book import BLOCK, price_book


def test_every_rate_and_term_stands_once_by_rate_then_term() -> None:
    book = book_of(0)
    cells = [(rate, months) for rate, months, *_ in book.cells]
    assert cells == [(rate / 10_000, term) for rate in BANK.rates_bp for term in BANK.terms_months]
    inside = [cell[-1] for _, block in book.blocks[0] for cell in block]
    assert sorted(inside) == list(range(len(cells)))
    assert max(len(block) for _, block in book.blocks[0]) == BLOCK


def test_what_the_law_forbids_is_not_in_the_book() -> None:
    capped = price_book(replace(MICRO, apr_cap_annual=0.15), cumulative_pds())
    assert 0 < len(capped.cells) < len(book_of(1).cells)
    assert (capped.apr_annual <= 0.15).all()
    # The fee counts: 15 % a year and half a percent at once cost more than 15 %.
    assert capped.rates_annual.max() < 0.15


def test_a_cap_below_every_rate_is_refused() -> None:
    with pytest.raises(InputProblem) as refusal:
        price_book(replace(BANK, apr_cap_annual=0.04), cumulative_pds())
    assert str(refusal.value) == (
        "error: harbour_bank: Every rate costs more than the 4.00% a year that the law allows, fee "
        "and all. Lower the rates or the fee."
    )


def test_pds_must_reach_the_longest_term() -> None:
    with pytest.raises(InputProblem) as refusal:
        price_book(BANK, cumulative_pds(months=18))
    assert "The PDs reach month 18, the longest term is 24 months." in str(refusal.value)


@pytest.mark.parametrize(
    ("place", "value"), [((3, 5), np.nan), ((3, 5), 1.2), ((3, 5), 0.0), ((0, 0), -1)]
)
def test_pds_that_are_none_are_refused(place: tuple[int, int], value: float) -> None:
    pds = cumulative_pds()
    pds[place] = value
    with pytest.raises(InputProblem) as refusal:
        price_book(BANK, pds)
    assert "each must lie in 0 to 1 and none fall from one month to the next" in str(refusal.value)


def test_a_grade_is_that_of_the_pd_within_a_year() -> None:
    pds = cumulative_pds()
    by_year = pds[:, 11]
    wanted = np.select(
        [by_year < 0.01, by_year < 0.03, by_year < 0.08], [100_000_000, 50_000_000, 20_000_000], 0
    )
    assert book_of(0).greatest_minor == tuple(wanted)
    assert book_of(0).lowest_score == LOWEST_SCORE
    assert set(wanted) == {0, 20_000_000, 50_000_000, 100_000_000}


@given(
    st.sampled_from(range(len(LENDERS))),
    st.integers(0, 39),
    st.integers(0, 2**20),
    st.floats(0, 0.999),
    st.floats(0.001, 1),
    st.floats(1e4, 1e9),
)
def test_no_cell_earns_more_than_its_block_promises(
    lender: int, score: int, block: int, elsewhere: float, own: float, amount: float
) -> None:
    most, blocks = LENDERS[lender].burden_max, book_of(lender).blocks[score]
    bound, cells = blocks[block % len(blocks)]
    for cell in cells:
        # The cash flow of which debts elsewhere take a share, and this one a share of what is left.
        share = elsewhere * most
        cash = amount * cell[7] / (own * (most - share))
        assert _profit(cell, amount, share, cash) <= _profit(bound, amount, share, cash) + 1e-6


def _profit(numbers: tuple[float, ...], amount: float, share: float, cash: float) -> float:
    keep, rise, bend, _, _, _, cost, service = numbers[:8]
    burden = share + amount * service / cash
    return amount * (keep - burden * (rise + burden * bend)) - cost
