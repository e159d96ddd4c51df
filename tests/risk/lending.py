"""Small made-up lending problems, and their best plan by trying every one."""

from collections import Counter
from collections.abc import Iterator
from itertools import product

import numpy as np
from hypothesis import strategies as st

from tradeline.risk.pricing.offers import Bound, Choices, Limits, Offers
from tradeline.risk.pricing.profit import Minor

AMOUNTS_MINOR = (100, 200, 350)
RATES = (0.04, 0.08)
BOTH: tuple[Bound, ...] = ("offers", "expected drawings")


def choices_of(
    profits: list[list[list[int]]], take_up: float = 1.0, unaffordable: int | None = None
) -> Choices:
    """Firms x amounts x rates of profit; profits equal to `unaffordable` are not affordable."""
    profit = np.array(profits, dtype=np.int64)
    firms, amounts, rates = profit.shape
    return Choices(
        np.array(AMOUNTS_MINOR[:amounts], dtype=np.int64),
        np.array(RATES[:rates]),
        profit,
        np.full((firms, rates), take_up),
        np.ones(profit.shape, dtype=np.bool_) if unaffordable is None else profit != unaffordable,
        np.ones(firms, dtype=np.bool_),
    )


@st.composite
def lending_problems(draw: st.DrawFn) -> tuple[Choices, Limits]:
    """3 or 4 firms, 2 or 3 amounts, 2 rates, both ways of binding, with and without caps."""
    firms, amounts = draw(st.sampled_from([(3, 3), (4, 2)]))
    shape = (firms, amounts, len(RATES))
    size = firms * amounts * len(RATES)
    flags = st.lists(st.sampled_from([True, True, True, False]), min_size=size, max_size=size)
    numbers = st.lists(st.integers(-20, 60), min_size=size, max_size=size)
    shares = st.lists(
        st.sampled_from([0.05, 0.3, 0.5, 0.77, 1.0]), min_size=2 * firms, max_size=2 * firms
    )
    choices = Choices(
        np.array(AMOUNTS_MINOR[:amounts], dtype=np.int64),
        np.array(RATES),
        np.array(draw(numbers), dtype=np.int64).reshape(shape),
        np.array(draw(shares)).reshape(firms, len(RATES)),
        np.array(draw(flags)).reshape(shape),
        np.array(draw(flags)[:firms]),
    )
    industries = tuple(draw(st.lists(st.sampled_from("ab"), min_size=firms, max_size=firms)))
    caps = draw(st.dictionaries(st.sampled_from(industries), st.sampled_from([0, 0.29, 0.6, 1])))
    binds = draw(st.sampled_from(BOTH))
    return choices, Limits(draw(st.integers(100, 900)), binds, industries, caps)


def plans_that_fit(choices: Choices, limits: Limits) -> Iterator[int]:
    """The profit of every plan that fits, one firm and one offer at a time."""
    offers = [[(0, 0), *_offers_of(choices, limits, firm)] for firm in range(len(choices.take_up))]
    for plan in product(*offers):
        spent = Counter[str]()
        for industry, (cost, _) in zip(limits.industries or ("",) * len(plan), plan, strict=True):
            spent[industry] += cost
        capped = all(
            spent[industry] <= share * limits.budget_minor + 1e-9
            for industry, share in limits.caps.items()
        )
        if spent.total() <= limits.budget_minor and capped:
            yield sum(profit for _, profit in plan)


def _offers_of(choices: Choices, limits: Limits, firm: int) -> Iterator[tuple[int, int]]:
    for place, amount in enumerate(choices.amounts_minor.tolist()):
        for rate in range(len(choices.rates_annual)):
            if choices.eligible[firm] and choices.affordable[firm, place, rate]:
                drawn = round(amount * float(choices.take_up[firm, rate]))
                cost = amount if limits.binds == "offers" else drawn
                yield cost, int(choices.profit_minor[firm, place, rate])


def spent_minor(offers: Offers, limits: Limits) -> Minor:
    """What each firm's offer takes of the budget (firms,)."""
    return offers.amount_minor if limits.binds == "offers" else offers.drawn_minor
