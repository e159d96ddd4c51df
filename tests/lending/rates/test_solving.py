"""The rate found is the nearest step, whatever the flows, and flows without a rate are refused."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeline.kernel.findings import InputProblem
from tradeline.lending.rates.solving import Flow, last_step, nearest_step

STEP = Fraction(1, 10**6)


def present_value(flows: list[Flow], rate: Fraction) -> Fraction:
    """The general equation of Appendix J, term by term."""
    return sum(
        (
            flow.amount_minor / ((1 + flow.fraction * rate) * (1 + rate) ** flow.periods)
            for flow in flows
        ),
        start=Fraction(0),
    )


@st.composite
def loans(draw: st.DrawFn) -> list[Flow]:
    """Advances, then payments that bring back at least as much, at odd times."""
    fractions = st.fractions(min_value=0, max_value=Fraction(29, 30), max_denominator=30)
    advances = draw(st.lists(st.integers(1, 10**7), min_size=1, max_size=3))
    shares = draw(st.lists(st.integers(1, 100), min_size=1, max_size=12))
    surplus = sum(advances) * draw(st.integers(0, 300)) // 100
    flows = [Flow(number, -amount) for number, amount in enumerate(advances)]
    total, left = sum(advances) + surplus, sum(advances) + surplus
    for number, share in enumerate(shares):
        amount = left if number == len(shares) - 1 else total * share // sum(shares)
        flows.append(Flow(len(advances) + number, amount, draw(fractions)))
        left -= amount
    return flows


@given(loans())
def test_the_present_value_changes_its_sign_within_half_a_step(flows: list[Flow]) -> None:
    found = nearest_step(flows, STEP)
    assert present_value(flows, (found + Fraction(1, 2)) * STEP) <= 0
    assert found == 0 or present_value(flows, (found - Fraction(1, 2)) * STEP) >= 0
    below = last_step(flows, STEP)
    assert present_value(flows, below * STEP) >= 0 > present_value(flows, (below + 1) * STEP)


def test_a_loan_without_cost_has_the_rate_zero() -> None:
    assert nearest_step([Flow(0, -100), Flow(1, 60), Flow(2, 40)], STEP) == 0


def test_a_rate_that_is_a_step_is_found_exactly() -> None:
    flows = [Flow(0, -10_000), Flow(3, 13_310)]
    assert nearest_step(flows, Fraction(1, 10)) == last_step(flows, Fraction(1, 10)) == 1


@pytest.mark.parametrize(("payment", "steps"), [(105, 0), (115, 2)])
def test_a_tie_goes_to_the_even_step(payment: int, steps: int) -> None:
    assert nearest_step([Flow(0, -100), Flow(1, payment)], Fraction(1, 10)) == steps


REFUSED = [
    ([], "Nothing is paid out before something is received."),
    ([Flow(0, 100), Flow(1, -100)], "Nothing is paid out before something is received."),
    ([Flow(3, -100), Flow(3, 100)], "All money moves at one time."),
    ([Flow(0, -100), Flow(1, 99)], "Less is received than is paid out."),
    (
        [Flow(0, -100), Flow(1, 230), Flow(2, -132), Flow(3, 3)],
        "What is owed changes its sign more than once.",
    ),
    ([Flow(0, -100), Flow(-1, 100)], "A flow has a time below zero or a fraction that is not"),
    ([Flow(0, -1), Flow(1, 10_000)], "The rate per period is above 1,000 to one."),
]


@pytest.mark.parametrize(("flows", "message"), REFUSED, ids=range(len(REFUSED)))
def test_flows_without_a_single_rate_are_refused(flows: list[Flow], message: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        nearest_step(flows, STEP)
    assert str(refusal.value).startswith(f"error: flows: {message}")
    assert str(refusal.value).endswith("Check the dates and amounts of the flows.")
