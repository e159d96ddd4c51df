"""Measures and features that nobody thought of: specifications made by hypothesis."""

from collections.abc import Callable
from typing import get_args

from hypothesis import strategies as st

from tradeline.creditfile.features.declaration import (
    Difference,
    Expression,
    Feature,
    Growth,
    How,
    OfPartners,
    Ratio,
    measures_of,
)
from tradeline.creditfile.features.events import (
    After,
    Compare,
    Condition,
    Events,
    MultipleOf,
    Present,
    Window,
)
from tradeline.creditfile.features.measures import (
    LONGEST_TREND_MONTHS,
    ActiveDays,
    ActiveMonths,
    Circular,
    Count,
    DaysSince,
    DaysSinceFirst,
    DaysSinceLast,
    Distinct,
    Followed,
    Gained,
    Herfindahl,
    Largest,
    LargestShare,
    Latest,
    LongestGap,
    Lost,
    MeanAge,
    Measure,
    ObservedMonths,
    SameDayPairs,
    Standing,
    Sum,
    Trend,
    Volatility,
)
from tradeline.creditfile.features.partners import Bound, Dependence, Partners

INVOICES = ("sales_invoices", "purchase_invoices")
MONEY = {
    "sales_invoices": "gross_minor",
    "purchase_invoices": "net_minor",
    "orders": "gross_minor",
    "order_lines": "gross_minor",
    "payments": "amount_minor",
    "refunds": "amount_minor",
}
PARTNERS = {
    "sales_invoices": "counterparty",
    "purchase_invoices": "counterparty",
    "orders": "counterparty",
    "order_lines": "product",
    "payments": "order_no",
    "refunds": "order_no",
}
CHOICES = {"sales_invoices": "valid", "purchase_invoices": "void", "orders": "delivered"}


Kind = Callable[..., Measure]


def offsets() -> st.SearchStrategy[int]:
    return st.sampled_from((0, 0, 1, 2, 6, 12))


def month_windows(longest: int = 40) -> st.SearchStrategy[Window]:
    return st.builds(Window, st.integers(1, longest), offsets())


def day_windows() -> st.SearchStrategy[Window]:
    return st.builds(Window, st.none(), offsets(), st.sampled_from((1, 7, 30, 90, 365)))


def bounded_windows() -> st.SearchStrategy[Window]:
    return month_windows() | day_windows()


def windows() -> st.SearchStrategy[Window]:
    return bounded_windows() | st.builds(Window, st.none(), offsets())


def conditions(contract: str) -> st.SearchStrategy[tuple[Condition, ...]]:
    money = MONEY[contract]
    found: list[st.SearchStrategy[Condition]] = [
        st.builds(
            Compare,
            st.just(money),
            st.sampled_from(("<", "<=", ">", ">=", "<>")),
            st.sampled_from((0, 100_00, 5_000_00)),
        ),
        st.just(Present(PARTNERS[contract])),
        st.just(MultipleOf(money, 1_000_00)),
        st.just(After("recorded_at", "occurred_at")),
    ]
    if contract in CHOICES:
        found.append(
            st.builds(
                Compare,
                st.just("status"),
                st.sampled_from(("=", "<>")),
                st.just(CHOICES[contract]),
            )
        )
    return st.lists(st.one_of(found), max_size=2).map(tuple)


@st.composite
def events(
    draw: st.DrawFn,
    contracts: tuple[str, ...] = tuple(MONEY),
    of: st.SearchStrategy[Window] | None = None,
) -> Events:
    contract = draw(st.sampled_from(contracts))
    return Events(
        contract,
        draw(conditions(contract)),
        draw(windows() if of is None else of),
        draw(st.booleans()),
    )


@st.composite
def measures(draw: st.DrawFn) -> Measure:
    """Any measure of any dataset."""
    kind = draw(st.sampled_from(sorted(MAKERS)))
    made: Measure = draw(MAKERS[kind])
    return made


def plain(kind: Kind, of: st.SearchStrategy[Window] | None = None) -> st.SearchStrategy[Measure]:
    return st.builds(kind, events(of=of))


def summed(kind: Kind, of: st.SearchStrategy[Window] | None = None) -> st.SearchStrategy[Measure]:
    return st.builds(lambda e, whole: kind(e, amount(e, whole)), events(of=of), st.booleans())


def amount(events: Events, whole: bool) -> str:
    """Money, or a number that need not be whole where there is one."""
    contract = events.contract
    return "quantity" if contract == "order_lines" and not whole else MONEY[contract]


def positive(events: Events) -> Events:
    where = (*events.where, Compare(MONEY[events.contract], ">", 0))
    return Events(events.contract, where, events.window, events.absent_is_zero)


def grouped(kind: Kind) -> st.SearchStrategy[Measure]:
    return st.builds(
        lambda e, whole: kind(e, amount(e, whole), PARTNERS[e.contract]), events(), st.booleans()
    )


def turned_over(kind: Kind) -> st.SearchStrategy[Measure]:
    return events(of=bounded_windows()).map(lambda e: kind(e, PARTNERS[e.contract]))


MAKERS: dict[str, st.SearchStrategy[Measure]] = {
    "count": plain(Count),
    "sum": st.builds(
        lambda e, whole, absolute: Sum(e, amount(e, whole), absolute),
        events(),
        st.booleans(),
        st.booleans(),
    ),
    "largest": summed(Largest),
    "latest": summed(Latest),
    "distinct": events().map(lambda e: Distinct(e, PARTNERS[e.contract])),
    "observed": plain(ObservedMonths, month_windows()),
    "active months": plain(ActiveMonths),
    "active days": plain(ActiveDays),
    "gap": plain(LongestGap),
    "since last": plain(DaysSinceLast),
    "since first": plain(DaysSinceFirst),
    "since": events().map(lambda e: DaysSince(e, "recorded_at")),
    "mean age": events().map(lambda e: MeanAge(positive(e), MONEY[e.contract])),
    "volatility": summed(Volatility, month_windows()),
    "trend": summed(Trend, month_windows(LONGEST_TREND_MONTHS // 2)),
    "concentration": grouped(Herfindahl),
    "largest share": grouped(LargestShare),
    "standing": grouped(Standing),
    "gained": turned_over(Gained),
    "lost": turned_over(Lost),
    "pairs": events(INVOICES).map(lambda e: SameDayPairs(e, MONEY[e.contract])),
    "circular": st.builds(
        lambda e, mirror: Circular(e, MONEY[e.contract], mirror), events(INVOICES), events(INVOICES)
    ),
    "followed": st.builds(
        lambda e, then, days: Followed(e, "order_no", then, days),
        events(("orders", "payments")),
        events(("payments", "refunds")),
        st.sampled_from((0, 7, 30)),
    ),
}


def arithmetic(leaves: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(Ratio, inner, inner),
            st.builds(Difference, inner, inner),
            st.builds(Growth, inner, inner),
        ),
        max_leaves=3,
    )


TRADE = ("sales_invoices", "purchase_invoices", "orders")


@st.composite
def partners(draw: st.DrawFn) -> Partners:
    """A trade in which firms have partners."""
    drawn = draw(events(TRADE))
    trade = Events(drawn.contract, drawn.where, drawn.window)
    known_in = draw(st.sets(st.sampled_from((*TRADE, "registrations")), min_size=1))
    return Partners(trade, MONEY[trade.contract], known_in=tuple(sorted(known_in)))


@st.composite
def of_partners(draw: st.DrawFn, depth: int = 1) -> OfPartners:
    """Anything that can be asked of partners, of theirs at times."""
    trade = draw(partners())
    how: How = draw(st.sampled_from(get_args(How)))
    counts = how in ("amount", "number")
    if counts and draw(st.integers(0, 3)) == 0:
        return OfPartners(trade, draw(st.sampled_from(("anybody", "known"))), how)
    bound = draw(st.none() | bounds()) if counts else None
    if draw(st.integers(0, 4)) == 0:
        return OfPartners(trade, Dependence(draw(partners())), how, bound)
    deeper = [of_partners(depth - 1)] if depth and draw(st.integers(0, 3)) == 0 else []
    return OfPartners(trade, draw(arithmetic(st.one_of(measures(), *deeper))), how, bound)


def bounds() -> st.SearchStrategy[Bound]:
    return st.builds(
        Bound,
        st.sampled_from(("=", "<>", "<", "<=", ">", ">=")),
        st.sampled_from((0.0, 0.25, 1.0, 7.0, 5_000_00.0)),
    )


def expressions() -> st.SearchStrategy[Expression]:
    return arithmetic(measures())


def partnered() -> st.SearchStrategy[Expression]:
    """Expressions that ask of partners, most of them."""
    return arithmetic(st.one_of(of_partners(), of_partners(), measures()))


@st.composite
def features(
    draw: st.DrawFn,
    fewest: int = 1,
    most: int = 6,
    of: st.SearchStrategy[Expression] | None = None,
) -> tuple[Feature, ...]:
    """A few features of any expressions, of a firm's own unless said otherwise."""
    each = expressions() if of is None else of
    drawn = draw(st.lists(each, min_size=fewest, max_size=most))
    return tuple(
        Feature(f"f{number}", "orders", "1", "made up", expression, 0, "made up")
        for number, expression in enumerate(drawn)
    )


def tolerance(feature: Feature) -> float:
    """The relative difference that counts as equal.

    A difference of two numbers that are nearly equal, as a divisor, magnifies their last digits.
    """
    return 1e-9 if measures_of(feature.expression) == (feature.expression,) else 1e-6
