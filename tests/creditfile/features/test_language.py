"""A declaration that looks ahead, or names what does not exist, is refused by its text."""

from collections.abc import Callable

import pytest

from tradeline.creditfile.features.declaration import (
    Difference,
    Feature,
    Growth,
    Ratio,
    measures_of,
)
from tradeline.creditfile.features.events import Compare, Events, Window
from tradeline.creditfile.features.measures import Count, Gained, Herfindahl, Sum, Trend
from tradeline.kernel.findings import InputProblem

REFUSALS: dict[str, tuple[Callable[[], object], str]] = {
    "a window that looks ahead": (
        lambda: Window(3, -2),
        (
            "error: window: It ends 2 months after the as-of date, where nothing is known yet."
            " Give an offset of 0 or more months."
        ),
    ),
    "an empty window": (
        lambda: Window(0),
        "error: window: It is 0 months long. Give at least one month.",
    ),
    "an unknown dataset": (
        lambda: Events("weather"),
        "error: weather: No contract has that name. Use one of: enterprises, sales_invoices,",
    ),
    "a dataset without clocks": (
        lambda: Events("enterprises"),
        "error: enterprises.occurred_at: The contract has no such column.",
    ),
    "an unknown column": (
        lambda: Sum(Events("reviews"), "mood"),
        "error: reviews.mood: The contract has no such column. Use one of: enterprise, review_no,",
    ),
    "a condition on an unknown column": (
        lambda: Events("orders", (Compare("colour", "=", "red"),)),
        "error: orders.colour: The contract has no such column.",
    ),
    "concentration on an unknown column": (
        lambda: Herfindahl(Events("orders"), "gross_minor", "colour"),
        "error: orders.colour: The contract has no such column.",
    ),
    "partners gained since ever": (
        lambda: Gained(Events("orders"), "counterparty"),
        (
            "error: window: All history has no earlier window to compare with."
            " Give the window a length."
        ),
    ),
    "an endless trend": (
        lambda: Trend(Events("orders"), "gross_minor"),
        "error: window: A trend over all history is not kept exact. Give at most 120 months.",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refuses(case: str) -> None:
    declare, text = REFUSALS[case]
    with pytest.raises(InputProblem) as refusal:
        declare()
    assert str(refusal.value).startswith(text)


def test_an_expression_names_its_measures_in_order() -> None:
    now, then = Count(Events("orders", (), Window(3))), Count(Events("orders", (), Window(3, 3)))
    assert measures_of(Ratio(Difference(now, then), now)) == (now, then, now)
    assert measures_of(Growth(now, then)) == (now, then)


def test_a_feature_says_its_windows() -> None:
    now, then = Count(Events("orders", (), Window(12))), Count(Events("orders", (), Window(12, 12)))
    feature = Feature("f", "orders", "change", "", Growth(now, then), 0, "")
    assert feature.window == "12 months; 12 months, ending 12 months back"
