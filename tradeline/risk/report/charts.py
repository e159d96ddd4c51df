"""Charts as small inline SVG: pure functions from values to markup, no chart library.

Colours stand in the style sheet, so that a chart follows light, dark and print. Every chart has a
title and a description that says in words what it shows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from markupsafe import Markup

from tradeline.kernel.texts import clean
from tradeline.risk.report.data import CalibrationBin, Interval, Month, RocPoint
from tradeline.risk.report.formatting import compact, compact_money, percent
from tradeline.risk.report.scales import Frame, finite, nice_ticks

Write = Callable[[float], str]
MONTHS = Frame((0.0, 1.0), (0.0, 1.0), width=720, height=150, left=4, right=4, top=20, bottom=20)
ROW_HEIGHT, NAMED_WIDTH, TIME_WIDTH = 24, 640, 520
NOTHING = Markup('<p class="empty">Nothing to draw.</p>')


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle: its upper left corner and its size."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis: what it shows, how a tick is written."""

    label: str
    write: Write = compact


def share_axis(label: str) -> Axis:
    """An axis of shares, written as whole per cents or one decimal where needed."""
    return Axis(label, lambda share: percent(share, 0 if abs(share * 100 % 1) < 1e-6 else 1))


def month_bars(months: Sequence[Month]) -> tuple[tuple[Bar, ...], tuple[Bar, ...]]:
    """Bars of sales and of purchases, each at its place in the calendar, from a common zero."""
    first = min(_month_number(month) for month in months)
    span = max(_month_number(month) for month in months) - first + 1
    values = [value for month in months for value in (month.sales_minor, month.purchases_minor)]
    low, high = min(0, *values), max(0, *values)
    frame = _month_frame(low, high)
    slot = (frame.width - frame.left - frame.right) / span
    width = min(0.4 * slot, 14.0)

    def bar(month: Month, value: int, side: int) -> Bar:
        middle = frame.left + (_month_number(month) - first + 0.5) * slot
        ends = sorted((frame.y(0), frame.y(value)))
        return Bar(middle + (side - 1) * width, ends[0], width, ends[1] - ends[0])

    sales = tuple(bar(month, month.sales_minor, 0) for month in months)
    return sales, tuple(bar(month, month.purchases_minor, 1) for month in months)


def monthly(months: Sequence[Month], currency: str) -> Markup:
    """Sales and purchases of each month side by side."""
    if not months:
        return Markup('<p class="empty">No sales or purchases are known.</p>')
    sales, purchases = month_bars(months)
    values = [value for month in months for value in (month.sales_minor, month.purchases_minor)]
    zero = _month_frame(min(0, *values), max(0, *values)).y(0)
    title = "Sales and purchases by month"
    desc = (
        f"{_month_name(months[0])} to {_month_name(months[-1])}; the tallest bar is "
        f"{clean(currency, 3)} {compact_money(max(values), currency)}."
    )
    top = f"{clean(currency, 3)} {compact_money(max(values), currency)}"
    return _svg(
        MONTHS,
        title,
        desc,
        Markup('<text x="4" y="12">{}</text>').format(top),
        _path(sales, "sales"),
        _path(purchases, "purchases"),
        Markup('<path class="axis" d="M4 {}h712"/>').format(_at(zero)),
        *_year_labels(months),
    )


def histogram(values: Sequence[float | None], axis: Axis, title: str) -> Markup:
    """How many values fall between each pair of ticks."""
    drawn = finite(values)
    if not drawn:
        return NOTHING
    edges = nice_ticks(min(drawn), max(drawn), 13)
    counts = bin_counts(drawn, edges)
    return _counts_drawn(counts, Frame(edges, nice_ticks(0, max(counts), 5)), axis, title)


def bands(values: Sequence[float | None], edges: Sequence[float], axis: Axis, title: str) -> Markup:
    """How many values fall into each band; bands are drawn equally wide, however far they reach."""
    drawn = finite(values)
    if not drawn:
        return NOTHING
    counts = bin_counts(drawn, edges)
    places = tuple(float(place) for place in range(len(edges)))
    frame = Frame(places, nice_ticks(0, max(counts), 5))
    by_place = Axis(axis.label, lambda place: axis.write(edges[round(place)]))
    return _counts_drawn(counts, frame, by_place, title)


def _counts_drawn(counts: Sequence[int], frame: Frame, axis: Axis, title: str) -> Markup:
    desc = "; ".join(
        f"{axis.write(low)} to {axis.write(high)}: {count}"
        for (low, high), count in zip(pairwise(frame.x_ticks), counts, strict=True)
    )
    bars = _path(histogram_bars(counts, frame), "fill")
    return _svg(frame, title, desc, _axes(frame, axis, Axis("firms")), bars)


def bin_counts(values: Sequence[float], edges: Sequence[float]) -> tuple[int, ...]:
    """Counts per half-open bin; the last bin holds its upper edge too."""
    counts = [0] * (len(edges) - 1)
    for value in values:
        inner = sum(value >= edge for edge in edges[1:-1])
        counts[inner] += 1
    return tuple(counts)


def histogram_bars(counts: Sequence[int], frame: Frame) -> tuple[Bar, ...]:
    """One bar for each count, from the frame's zero, one unit narrower than its bin."""
    zero = frame.y(0)
    return tuple(
        Bar(frame.x(low), frame.y(count), frame.x(high) - frame.x(low) - 1, zero - frame.y(count))
        for (low, high), count in zip(pairwise(frame.x_ticks), counts, strict=True)
    )


def roc(points: Sequence[RocPoint], title: str) -> Markup:
    """The ROC curve with the interval of its height as a band, and the line of pure chance."""
    if not points:
        return NOTHING
    ticks = nice_ticks(0, 1)
    frame = Frame(ticks, ticks, 360, 356)
    upper = [(point.false_positive_rate, point.high) for point in points]
    lower = [(point.false_positive_rate, point.low) for point in points]
    curve = [(point.false_positive_rate, point.true_positive_rate) for point in points]
    return _svg(
        frame,
        title,
        "The curve of the model above the diagonal of pure chance; the band is its interval.",
        _axes(frame, share_axis("sound firms held for bad"), share_axis("defaults caught")),
        _line(frame, upper + lower[::-1], "band"),
        _line(frame, [(0, 0), (1, 1)], "chance"),
        _line(frame, curve, "curve"),
    )


def calibration(bins: Sequence[CalibrationBin], title: str) -> Markup:
    """Observed default share against mean PD, each with its interval, and the line of equality."""
    if not bins:
        return NOTHING
    most = max(max(item.predicted, item.observed.high) for item in bins)
    ticks = nice_ticks(0, min(1.0, most) or 0.1)
    frame = Frame(ticks, ticks, 360, 356)
    desc = "; ".join(
        f"predicted {percent(item.predicted)}, observed {percent(item.observed.estimate)}"
        for item in bins
    )
    whiskers = [
        _line(frame, [(b.predicted, b.observed.low), (b.predicted, b.observed.high)], "whisker")
        for b in bins
    ]
    return _svg(
        frame,
        title,
        desc,
        _axes(frame, share_axis("mean predicted PD"), share_axis("share that defaulted")),
        _line(frame, [(0, 0), (ticks[-1], ticks[-1])], "chance"),
        *whiskers,
        _dots(frame, [(item.predicted, item.observed.estimate) for item in bins], "dots large"),
    )


def scatter(points: Sequence[tuple[float, float]], x: Axis, y: Axis, title: str) -> Markup:
    """One dot for each pair of values."""
    drawn = [point for point in points if len(finite(point)) == 2]
    if not drawn:
        return NOTHING
    xs, ys = zip(*drawn, strict=True)
    frame = Frame(nice_ticks(min(xs), max(xs)), nice_ticks(min(ys), max(ys)))
    desc = f"{len(drawn):,} firms; {y.label} against {x.label}."
    return _svg(frame, title, desc, _axes(frame, x, y), _dots(frame, drawn, "dots"))


def intervals(
    rows: Sequence[tuple[str, Interval]], axis: Axis, reference: float, title: str
) -> Markup:
    """One row for each name: an estimate with its interval, against a dashed line of reference."""
    if not rows:
        return NOTHING
    ends = [reference, *(end for _, found in rows for end in (found.low, found.high))]
    y_ticks = (0.0, float(len(rows)))
    height = 62 + ROW_HEIGHT * len(rows)
    frame = Frame(nice_ticks(min(ends), max(ends), 5), y_ticks, NAMED_WIDTH, height, left=150)
    places = [len(rows) - place - 0.5 for place in range(len(rows))]
    names = [
        Markup('<text class="end" x="{}" y="{}">{}</text>').format(
            frame.left - 8, _at(frame.y(place) + 4), clean(name, 24)
        )
        for (name, _), place in zip(rows, places, strict=True)
    ]
    whiskers = [
        _line(frame, [(found.low, place), (found.high, place)], "whisker")
        for (_, found), place in zip(rows, places, strict=True)
    ]
    desc = "; ".join(f"{clean(name, 24)} {axis.write(found.estimate)}" for name, found in rows)
    return _svg(
        frame,
        title,
        desc,
        _axes(replace(frame, y_ticks=()), axis, Axis("")),
        _line(frame, [(reference, 0), (reference, len(rows))], "chance"),
        *names,
        *whiskers,
        _dots(frame, [(found.estimate, place) for (_, found), place in
                      zip(rows, places, strict=True)], "dots large"),
    )  # fmt: skip


def over_time(
    periods: Sequence[tuple[str, Interval | None, float | None]], y: Axis, title: str
) -> Markup:
    """What was seen in each period with its interval, and what was predicted as a line."""
    seen = [(place, found) for place, (_, found, _) in enumerate(periods) if found]
    expected = [(float(place), value) for place, (_, _, value) in enumerate(periods)
                if value is not None]  # fmt: skip
    ends = [end for _, found in seen for end in (found.low, found.high)]
    ends += [value for _, value in expected]
    if not ends:
        return NOTHING
    names = [name for name, _, _ in periods]
    ticks = tuple(float(place) for place in range(max(2, len(periods))))
    frame = Frame(ticks, nice_ticks(min(ends), max(ends), 5), TIME_WIDTH, 256)
    x = Axis("", lambda place: names[round(place)] if round(place) < len(names) else "")
    desc = "; ".join(f"{names[place]} {y.write(found.estimate)}" for place, found in seen)
    whiskers = [_line(frame, [(place, found.low), (place, found.high)], "whisker")
                for place, found in seen]  # fmt: skip
    return _svg(
        frame,
        title,
        desc,
        _axes(frame, x, y),
        _line(frame, expected, "chance") if len(expected) > 1 else Markup(""),
        *whiskers,
        _dots(frame, [(place, found.estimate) for place, found in seen], "dots large"),
    )


def lines(
    curves: Sequence[tuple[str, Sequence[tuple[float, float]]]], x: Axis, y: Axis, title: str
) -> Markup:
    """One line for each name, which stands at its end; the last one is drawn dashed."""
    points = [point for _, curve in curves for point in curve]
    if not points:
        return NOTHING
    xs, ys = zip(*points, strict=True)
    x_ticks, y_ticks = nice_ticks(min(xs), max(xs)), nice_ticks(min(0.0, *ys), max(ys))
    frame = Frame(x_ticks, y_ticks, NAMED_WIDTH, 256, right=150)
    ends = [(name, curve[-1]) for name, curve in curves]
    names = [
        Markup('<text x="{}" y="{}">{}</text>').format(
            _at(frame.x(end[0]) + 6), _at(frame.y(end[1]) + 4), clean(name, 24)
        )
        for name, end in ends
    ]
    desc = "; ".join(f"{clean(name, 24)} ends at {y.write(end[1])}" for name, end in ends)
    kinds = ["curve"] * (len(curves) - 1) + ["chance"]
    drawn = [_line(frame, curve, kind) for (_, curve), kind in zip(curves, kinds, strict=True)]
    return _svg(frame, title, desc, _axes(frame, x, y), *drawn, *names)


def _svg(frame: Frame, title: str, desc: str, *parts: Markup) -> Markup:
    return Markup(
        '<svg role="img" viewBox="0 0 {} {}"><title>{}</title><desc>{}</desc>{}</svg>'
    ).format(frame.width, frame.height, title, desc, Markup("").join(parts))


def _axes(frame: Frame, x: Axis, y: Axis) -> Markup:
    left, bottom = frame.left, frame.height - frame.bottom
    right = frame.width - frame.right
    shown = frame.x_ticks[:: 1 + len(frame.x_ticks) // 8]
    parts = [
        Markup(
            '<path class="grid" d="M{} {}H{}"/><text class="end" x="{}" y="{}">{}</text>'
        ).format(left, _at(frame.y(tick)), right, left - 6, _at(frame.y(tick) + 4), y.write(tick))
        for tick in frame.y_ticks
    ]
    parts += [
        Markup('<text class="mid" x="{}" y="{}">{}</text>').format(
            _at(frame.x(tick)), bottom + 16, x.write(tick)
        )
        for tick in shown
    ]
    parts.append(Markup('<path class="axis" d="M{} {}H{}"/>').format(left, bottom, right))
    parts.append(
        Markup('<text class="mid label" x="{}" y="{}">{}</text>').format(
            _at((left + right) / 2), frame.height - 6, x.label
        )
    )
    parts.append(Markup('<text class="label" x="2" y="9">{}</text>').format(y.label))
    return Markup("").join(parts)


def _path(bars: Sequence[Bar], kind: str) -> Markup:
    steps = "".join(
        f"M{bar.x:.1f} {bar.y:.1f}h{bar.width:.1f}v{bar.height:.1f}h-{bar.width:.1f}z"
        for bar in bars
    )
    return Markup('<path class="{}" d="{}"/>').format(kind, steps)


def _line(frame: Frame, points: Sequence[tuple[float, float]], kind: str) -> Markup:
    places = "L".join(f"{_at(frame.x(x))} {_at(frame.y(y))}" for x, y in points)
    return Markup('<path class="{}" d="M{}"/>').format(kind, places)


def _dots(frame: Frame, points: Sequence[tuple[float, float]], kind: str) -> Markup:
    # A line of no length with round ends is a dot: two thousand of them stay one small path.
    places = "".join(f"M{_at(frame.x(x))} {_at(frame.y(y))}h0" for x, y in points)
    return Markup('<path class="{}" d="{}"/>').format(kind, places)


def _year_labels(months: Sequence[Month]) -> list[Markup]:
    numbers = [_month_number(month) for month in months]
    first, last = min(numbers), max(numbers)
    slot = (MONTHS.width - MONTHS.left - MONTHS.right) / (last - first + 1)
    years = [number for number in range(first, last + 1) if number % 12 == 0 or number == first]
    if len(years) > 1 and (years[1] - years[0]) * slot < 40:
        years = years[1:]
    return [
        Markup('<text x="{}" y="145">{}</text>').format(
            _at(MONTHS.left + (number - first) * slot), f"{number // 12}"
        )
        for number in years[:: 1 + len(years) // 14]
    ]


def _month_frame(low: int, high: int) -> Frame:
    # A firm without any turnover still needs an axis of some length.
    return replace(MONTHS, y_ticks=(low, high if high > low else low + 1))


def _month_number(month: Month) -> int:
    return 12 * month.month.year + month.month.month - 1


def _month_name(month: Month) -> str:
    return f"{month.month:%Y-%m}"


def _at(place: float) -> str:
    """A coordinate with at most one decimal."""
    text = f"{place:.1f}"
    return text.removesuffix(".0")
