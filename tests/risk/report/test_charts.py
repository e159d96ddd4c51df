"""Charts stay inside their viewport and draw lengths in proportion."""

import re
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeline.risk.report import charts
from tradeline.risk.report.charts import Axis, Bar
from tradeline.risk.report.data import CalibrationBin, Interval, Month, RocPoint
from tradeline.risk.report.scales import Frame, nice_ticks

amounts = st.integers(-(10**13), 10**13)
months = st.lists(
    st.builds(Month, st.dates(date(2000, 1, 1), date(2040, 12, 1)), amounts, amounts),
    min_size=1,
    max_size=60,
)
shares = st.floats(0, 1)


def places(svg: str) -> list[tuple[float, float]]:
    """Every absolute place of the drawing, from its paths and texts."""
    pairs = re.findall(r'[ML](-?[\d.]+) (-?[\d.]+)|x="(-?[\d.]+)" y="(-?[\d.]+)"', svg)
    return [(float(a or c), float(b or d)) for a, b, c, d in pairs]


def assert_inside(svg: str) -> None:
    width, height = map(float, re.findall(r'viewBox="0 0 (\d+) (\d+)"', svg)[0])
    drawn = places(svg)
    assert drawn
    assert all(0 <= x <= width and 0 <= y <= height for x, y in drawn)


@given(months)
def test_monthly_bars_stay_inside_and_are_proportional(series: list[Month]) -> None:
    sales, purchases = charts.month_bars(series)
    values = [m.sales_minor for m in series] + [m.purchases_minor for m in series]
    assert_proportional([*sales, *purchases], values)
    frame = charts.MONTHS
    for bar in (*sales, *purchases):
        assert frame.left - 1e-6 <= bar.x <= bar.x + bar.width <= frame.width - frame.right + 1e-6
        assert frame.top - 1e-6 <= bar.y
        assert bar.y + bar.height <= frame.height - frame.bottom + 1e-6
    assert_inside(charts.monthly(series, "CNY"))


def assert_proportional(bars: Sequence[Bar], values: Sequence[int]) -> None:
    largest = max(map(abs, values))
    tallest = max(bar.height for bar in bars)
    for bar, value in zip(bars, values, strict=True):
        expected = tallest * abs(value) / largest if largest else 0
        assert bar.height == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_a_month_without_trade_leaves_its_place_empty() -> None:
    series = [Month(date(2019, month, 1), 100, 50) for month in (1, 2, 5)]
    sales, _ = charts.month_bars(series)
    assert sales[2].x - sales[1].x == pytest.approx(3 * (sales[1].x - sales[0].x))


def test_sales_and_purchases_of_a_month_do_not_overlap() -> None:
    sales, purchases = charts.month_bars([Month(date(2019, m, 1), 9, 9) for m in range(1, 13)])
    ends = [bar.x + bar.width for bar in sales]
    assert all(end <= bar.x + 1e-9 for end, bar in zip(ends, purchases, strict=True))


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=200))
def test_a_histogram_counts_every_value_once(values: list[float]) -> None:
    edges = nice_ticks(min(values), max(values), 13)
    counts = charts.bin_counts(values, edges)
    assert sum(counts) == len(values)
    bars = charts.histogram_bars(counts, Frame(edges, nice_ticks(0, max(counts), 5)))
    assert_proportional(bars, counts)
    assert_inside(charts.histogram(values, Axis("x"), "t"))


def test_bins_are_half_open_but_for_the_last() -> None:
    assert charts.bin_counts([0, 1, 1.5, 2], [0, 1, 2]) == (1, 3)


@given(st.lists(st.tuples(shares, shares, shares), min_size=1, max_size=40))
def test_curves_and_dots_stay_inside(rows: list[tuple[float, float, float]]) -> None:
    ordered = [sorted(row) for row in rows]
    curve = [RocPoint(a, b, min(b, c), max(b, c)) for a, b, c in rows]
    bins = [CalibrationBin(a, Interval(b, a, c), 5, 1) for a, b, c in ordered]
    assert_inside(charts.roc(curve, "ROC"))
    assert_inside(charts.calibration(bins, "Calibration"))
    pairs = [(a, b) for a, b, _ in rows]
    svg = charts.scatter(pairs, charts.share_axis("PD"), Axis("limit"), "Scatter")
    assert_inside(svg)
    assert svg.count("h0") == len(rows)


def test_every_chart_says_in_words_what_it_shows() -> None:
    svg = charts.histogram([0.1, 0.2, 0.2], charts.share_axis("PD"), "PD <of> firms")
    assert svg.startswith('<svg role="img"')
    assert "<title>PD &lt;of&gt; firms</title>" in svg
    assert "<desc>10\u00a0% to 11\u00a0%: 1; " in svg


def test_nothing_to_draw_is_said() -> None:
    axis = Axis("x")
    empty = [charts.histogram([], axis, "t"), charts.roc([], "t"), charts.calibration([], "t")]
    assert set(empty) | {charts.scatter([], axis, axis, "t")} == {charts.NOTHING}
    assert "No sales or purchases are known." in charts.monthly([], "CNY")
