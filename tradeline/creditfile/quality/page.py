"""Quality as one self-contained page: small plots as inline SVG, no script, no network."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tradeline.creditfile.quality import text
from tradeline.creditfile.quality.completeness import Rhythm, month_number
from tradeline.creditfile.quality.features import QUALITY_FEATURES, quality_features
from tradeline.creditfile.quality.reconciliation import Reconciliation
from tradeline.creditfile.quality.record import Quality
from tradeline.creditfile.quality.rules import RULES
from tradeline.creditfile.quality.timeliness import Timeliness

FIRMS_SHOWN = 100
LABEL, BAR, ROW, CELL = 230, 420, 24, 16
LETTERS = 34
NUMBERS = 220
# A lag is drawn against the promise, which stands in the middle.
LONGEST = 2.0
PARTS = ("confirmed", "matched", "differing", "left_only", "right_only", "open")


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of facts in a bar, and how many."""

    name: str
    facts: int


def quality_page(qualities: Sequence[Quality]) -> str:
    """The whole page as text, for one firm or more; encode it as UTF-8.

    All firms stand in the table, the first hundred have a section of their own.
    """
    found = quality_features(qualities)
    rows = [
        [text.measured(name, float(value)) for name, value in zip(found.names, row, strict=True)]
        for row in found.values
    ]
    return (
        _environment()
        .get_template("page.html")
        .render(
            first=qualities[0],
            firms=list(zip(found.enterprises, rows, strict=True)),
            shown=qualities[:FIRMS_SHOWN],
            features=QUALITY_FEATURES,
            total=reconciliation_bars(
                [item for quality in qualities for item in quality.reconciliations]
            ),
        )
    )


def lag_bars(items: Sequence[Timeliness]) -> Markup:
    """For each dataset and source the median and the 95th percentile of its lag, by its promise."""
    lines = [
        Markup('<line class="promise" x1="{x}" y1="14" x2="{x}" y2="{y}"/>'
               '<text x="{x}" y="10" class="middle">promise</text>').format(
            x=LABEL + BAR // 2, y=16 + ROW * len(items)
        )
    ]  # fmt: skip
    for place, item in enumerate(items):
        top = 18 + ROW * place
        said = f"{text.span(item.lag_median_s)}, 95 %: {text.span(item.lag_p95_s)}"
        lines.append(_label(top, f"{item.contract}, {item.source}"))
        if item.lag_median_s is None or item.lag_p95_s is None:
            said = "one clock: no lag is known"
        else:
            lines.append(_bar(LABEL, top, _length(item.lag_p95_s, item.promise_s), "light"))
            lines.append(_bar(LABEL, top, _length(item.lag_median_s, item.promise_s), "dark"))
        lines.append(_number(top, said))
    return _svg(22 + ROW * len(items), "Lag of each source against its promise", lines)


def _length(lag: int, promise: int) -> float:
    return BAR * min(max(lag, 0) / promise, LONGEST) / LONGEST


def calendar(rhythms: Sequence[Rhythm]) -> Markup:
    """A strip for each dataset, a cell for each month: with records, silent, or missing."""
    if not rhythms:
        return Markup("")
    first = min(month_number(rhythm.first_month) for rhythm in rhythms)
    last = max(month_number(rhythm.first_month) + len(rhythm.rows_by_month) for rhythm in rhythms)
    width = min(CELL, (BAR + NUMBERS) // max(last - first, 1))
    lines = [
        Markup('<text x="{}" y="10">{}</text>').format(LABEL + width * (month - first), month // 12)
        for month in range(first, last)
        if month % 12 == 0 or month == first
    ]
    for place, rhythm in enumerate(rhythms):
        top, begin = 16 + ROW * place, month_number(rhythm.first_month) - first
        lines.append(_label(top, rhythm.contract))
        marks = zip(rhythm.rows_by_month, rhythm.missing, strict=True)
        for offset, (rows, missing) in enumerate(marks):
            state = "missing" if missing else "told" if rows else "silent"
            month = begin + first + offset
            lines.append(
                Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}">'
                       "<title>{}-{:02d}: {}</title></rect>").format(
                    state, LABEL + width * (begin + offset), top, max(width - 2, 1), ROW - 6,
                    month // 12, month % 12 + 1, f"{rows:,} rows" if rows else state,
                )
            )  # fmt: skip
    return _svg(18 + ROW * len(rhythms), "Months with and without records", lines)


def reconciliation_bars(items: Sequence[Reconciliation]) -> Markup:
    """A bar for each rule: what became of its facts, of all firms given together."""
    counted = [(rule.name, _parts(items, rule.name)) for rule in RULES]
    held = [(name, parts) for name, parts in counted if any(part.facts for part in parts)]
    lines: list[Markup] = []
    for place, (name, parts) in enumerate(held):
        top, x = 2 + ROW * place, float(LABEL)
        everything = sum(part.facts for part in parts)
        lines.append(_label(top, name))
        for part in parts:
            length = BAR * part.facts / everything
            lines.append(_bar(x, top, length, part.name, f"{_named(part)}: {part.facts:,}"))
            x += length
        lines.append(_number(top, f"{everything:,} facts"))
    return _svg(4 + ROW * len(held), "What became of the facts of each rule", lines)


def _parts(items: Sequence[Reconciliation], rule: str) -> list[Part]:
    """The facts of one rule by what became of them; what is confirmed is not among the matched."""
    counts = dict.fromkeys(PARTS, 0)
    for item in items:
        if item.rule == rule:
            for name in PARTS:
                counts[name] += getattr(item, name).facts
            counts["matched"] -= item.confirmed.facts
    return [Part(name, facts) for name, facts in counts.items()]


def _named(part: Part) -> str:
    return part.name.replace("_", " ")


def _label(top: int, words: str) -> Markup:
    shown = words if len(words) <= LETTERS else f"{words[: LETTERS - 1]}…"
    return Markup('<text x="0" y="{}">{}</text>').format(top + ROW - 9, shown)


def _number(top: int, words: str) -> Markup:
    x = LABEL + BAR + 8
    return Markup('<text x="{}" y="{}" class="muted">{}</text>').format(x, top + ROW - 9, words)


def _bar(x: float, top: int, length: float, kind: str, title: str = "") -> Markup:
    said = Markup("<title>{}</title>").format(title) if title else Markup("")
    return Markup('<rect class="{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}">{}</rect>').format(
        kind, x, top, length, ROW - 6, said
    )


def _svg(height: int, title: str, lines: Sequence[Markup]) -> Markup:
    width = LABEL + BAR + NUMBERS
    head = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
        width, height, title
    )
    return head + Markup("").join(lines) + Markup("</svg>")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tradeline.creditfile.quality", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(share=text.share, span=text.span)
    environment.globals.update(
        calendar=calendar,
        lag_bars=lag_bars,
        reconciliation_bars=reconciliation_bars,
        parts=[Part(name, 0) for name in PARTS],
        named=_named,
    )
    return environment
