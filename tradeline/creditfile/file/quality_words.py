"""The quality of one part of a file in words: timely, complete, consistent, accurate."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tradeline.creditfile.file.declaration import Part
from tradeline.creditfile.file.words import NAMES, NOT_KNOWN, number, percent
from tradeline.creditfile.quality.record import Quality
from tradeline.creditfile.quality.rules import RULES
from tradeline.kernel.findings import counted


@dataclass(frozen=True, slots=True)
class QualityLine:
    """What is known of the quality of one dataset of a part."""

    dataset: str
    timely: str
    complete: str
    consistent: str
    accurate: str


def quality_lines(
    qualities: Sequence[Quality], part: Part, told: Iterable[str]
) -> list[QualityLine]:
    """A line for each dataset of a part of which anything is known, in its order."""
    return [
        QualityLine(
            NAMES[name],
            _timely(qualities, name),
            _complete(qualities, name),
            _consistent(qualities, name),
            _accurate(qualities, name),
        )
        for name in told
        if name in part.contracts
    ]


def span_words(seconds: int) -> str:
    """A time in whole days, or in hours below two days."""
    if seconds >= 2 * 86_400:
        return counted(seconds // 86_400, "day")
    return counted(seconds // 3600, "hour") if seconds >= 3600 else "less than an hour"


def _timely(qualities: Sequence[Quality], name: str) -> str:
    items = [t for quality in qualities for t in quality.timeliness if t.contract == name]
    if not items:
        return "no moment is known of these"
    since = min(item.first for item in items)
    newest = (
        f"from {since:%Y-%m-%d} on; the newest is {span_words(min(i.age_s for i in items))} old"
    )
    told = [item for item in items if item.late_rows is not None]
    if not told:
        return f"{newest}; one clock, so nobody knows how late they came"
    slowest = max(item.lag_median_s or 0 for item in told)
    late, rows = sum(item.late_rows or 0 for item in told), sum(item.rows for item in told)
    return (
        f"{newest}; half were told within {span_words(slowest)}, {percent(late, rows)} later than "
        "promised"
    )


def _complete(qualities: Sequence[Quality], name: str) -> str:
    said = []
    for rhythm in (r for quality in qualities for r in quality.rhythms if r.contract == name):
        months = counted(len(rhythm.rows_by_month), "month")
        if rhythm.months_missing is None:
            said.append(f"{months}, too few to know the rhythm")
        else:
            said.append(f"{rhythm.months_missing} of {months} missing")
    filled = [f for quality in qualities for f in quality.filled if f.contract == name]
    if filled:
        upper, lower = sum(f.filled for f in filled), sum(f.rows for f in filled)
        said.append(f"{percent(upper, lower)} of optional fields filled")
    return "; ".join(said) or NOT_KNOWN


def _consistent(qualities: Sequence[Quality], name: str) -> str:
    items = [c for quality in qualities for c in quality.consistency if c.contract == name]
    if not items:
        return "one source tells of it, so nothing can be compared"
    agreeing, shared = sum(c.agreeing for c in items), sum(c.shared for c in items)
    if not shared:
        return "its sources tell of different facts"
    apart = sum(c.conflicts for c in items)
    differing = f"; they differ in {counted(apart, 'field')}" if apart else ""
    return f"sources agree on {number(agreeing)} of {counted(shared, 'shared fact')}{differing}"


def _accurate(qualities: Sequence[Quality], name: str) -> str:
    items = [a for quality in qualities for a in quality.accuracy if a.contract == name]
    checked, equal = sum(a.checked for a in items), sum(a.equal for a in items)
    if not checked:
        return "nobody can say: no confirmed truth to hold it against"
    return f"{number(equal)} of {number(checked)} that could be checked are right"


def reconciliation_words(qualities: Sequence[Quality], part: Part) -> list[str]:
    """What became of each rule whose first side is of the part."""
    mine = {
        rule.name: rule for rule in RULES if {s.contract for s in rule.left} & set(part.contracts)
    }
    lines = []
    for item in (r for quality in qualities for r in quality.reconciliations if r.rule in mine):
        judged = (
            f"{number(item.matched.facts)} of {number(item.judged)} hold"
            if item.judged
            else "none could be judged yet"
        )
        lines.append(f"{mine[item.rule].meaning}: {judged}")
    return lines
