"""The efficient offers hold each firm's best, keep to its limits, and none beats another."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.risk.lenders import BANK, FIRM, book_of, firms
from tradeline.risk.pricing.best_offer import best_offer
from tradeline.risk.pricing.efficient_offers import efficient_offers
from tradeline.risk.pricing.lender_offer import FirmRisk, columns_of


@given(st.lists(firms, min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_the_best_offer_of_each_firm_is_among_them(asked: Sequence[FirmRisk]) -> None:
    offers = efficient_offers(book_of(0), columns_of(asked))
    for place, firm in enumerate(asked):
        best, own = best_offer(book_of(0), firm), offers.firm == place
        assert own.any() == bool(best.amount_minor)
        if best.amount_minor:
            at = np.flatnonzero(own)[offers.profit_minor[own].argmax()]
            # Of two offers that round to the same profit either may stand.
            assert abs(int(offers.profit_minor[at]) - best.profit_minor) <= 1
            assert (offers.amount_minor[own] <= best.amount_minor).all()


@given(st.lists(firms, min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_no_offer_to_a_firm_beats_another(asked: Sequence[FirmRisk]) -> None:
    offers = efficient_offers(book_of(0), columns_of(asked))
    rows = list(
        zip(offers.firm, offers.amount_minor, offers.loss_minor, -offers.profit_minor, strict=True)
    )
    for one in rows:
        same = [other for other in rows if other[0] == one[0] and other is not one]
        assert not any(all(a <= b for a, b in zip(other, one, strict=True)) for other in same)


def test_every_amount_is_one_that_the_firm_can_carry_in_whole_steps() -> None:
    asked = [FIRM] * 3
    offers = efficient_offers(book_of(0), columns_of(asked), shares=(0.01, 0.37, 1.0))
    assert offers.firm.tolist() == sorted(offers.firm.tolist())
    assert ((offers.amount_minor - BANK.amounts.least_minor) % BANK.amounts.step_minor == 0).all()
    assert offers.amount_minor.min() == BANK.amounts.least_minor
    service = offers.amount_minor * book_of(0).service[offers.cell]
    assert (service + 500_000 <= BANK.burden_max * 6_000_000 * (1 + 1e-12)).all()


def test_firms_that_get_nothing_by_themselves_have_none() -> None:
    assert efficient_offers(book_of(0), columns_of([])).firm.size == 0
