"""Quality as plain tables for a terminal."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from tradeline.creditfile.quality.accuracy import Accuracy
from tradeline.creditfile.quality.features import quality_features
from tradeline.creditfile.quality.record import Quality
from tradeline.creditfile.quality.rows import Row
from tradeline.creditfile.quality.rules import VERDICTS

UNKNOWN = "-"
OVERVIEW = {
    "enterprise": "",
    "age days": "quality_age_days",
    "late": "quality_late_share",
    "missing months": "quality_missing_month_share",
    "filled": "quality_filled_share",
    "matched": "quality_matched_share",
    "confirmed": "quality_confirmed_share",
    "agreeing": "quality_agreeing_share",
    "accurate": "quality_accurate_share",
}


def table(head: Sequence[str], rows: Sequence[Sequence[str]], texts: int) -> str:
    """Columns as wide as what stands in them; the first `texts` stand left, numbers right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if place < texts else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    ]
    return "\n".join(lines)


def share(value: float | None) -> str:
    """A share in per cent; a dash where it is not known. Only a whole is written 100."""
    if value is None or value != value:
        return UNKNOWN
    percent = f"{100 * value:.1f}"
    if percent == "100.0" and value < 1:
        percent = "99.9"
    return f"{percent} %"


def span(seconds: int | None) -> str:
    """A time in whole days, or in hours below two days; a dash where it is not known."""
    if seconds is None:
        return UNKNOWN
    return f"{seconds // 86_400} d" if abs(seconds) >= 2 * 86_400 else f"{seconds // 3600} h"


def overview(qualities: Sequence[Quality]) -> str:
    """A line for each firm."""
    found = quality_features(qualities)
    rows = [
        [
            firm,
            *(
                measured(name, float(values[found.names.index(name)]))
                for name in OVERVIEW.values()
                if name
            ),
        ]
        for firm, values in zip(found.enterprises, found.values, strict=True)
    ]
    return table(list(OVERVIEW), rows, 1)


def measured(name: str, value: float) -> str:
    """A feature of quality as it is written: days, or a share."""
    if name.endswith("_days"):
        return UNKNOWN if value != value else f"{value:.0f}"
    return share(value)


def details(quality: Quality) -> str:
    """All that is measured of one firm, by section; a section of which nothing is known is left."""
    sections = {
        "TIMELINESS": _timeliness(quality),
        "MONTHS": _rhythms(quality),
        "OPTIONAL FIELDS": _filled(quality),
        "RECONCILIATION (facts)": _reconciled(quality),
        "CONSISTENCY": _consistency(quality),
        "CONFLICTS (the first of each dataset)": _conflicts(quality),
        "ACCURACY": _accuracy(quality.accuracy),
    }
    head = (
        f"{quality.enterprise} as of {quality.as_of:%Y-%m-%d}, "
        f"known at {quality.known_at:%Y-%m-%d} (end of day, UTC)"
    )
    shown = [f"{title}\n{text}" for title, text in sections.items() if "\n" in text]
    return "\n\n".join([head, *(shown or ["Nothing is known of the firm."])])


def _timeliness(quality: Quality) -> str:
    rows = [
        [
            item.contract, item.source, f"{item.rows:,}", f"{item.corrections:,}",
            span(item.lag_median_s), span(item.lag_p95_s), share(item.late_share),
            span(item.age_s), span(item.promise_s) + ("" if item.promised else "*"),
            "yes" if item.fresh else "no",
        ]
        for item in quality.timeliness
    ]  # fmt: skip
    head = ("dataset", "source", "rows", "corrections", "lag median", "lag p95", "late", "age",
            "promise", "kept")  # fmt: skip
    assumed = any(not item.promised for item in quality.timeliness)
    note = "\n* it promised nothing; the stated assumption counts" if assumed else ""
    return table(head, rows, 2) + note


def _rhythms(quality: Quality) -> str:
    rows = [
        [
            rhythm.contract, f"{rhythm.first_month:%Y-%m}", f"{len(rhythm.rows_by_month)}",
            UNKNOWN if rhythm.step_months is None else f"{rhythm.step_months}",
            UNKNOWN if rhythm.months_missing is None else f"{rhythm.months_missing}",
            "".join(
                "!" if missing else "#" if rows else "."
                for rows, missing in zip(rhythm.rows_by_month, rhythm.missing, strict=True)
            ),
        ]
        for rhythm in quality.rhythms
    ]  # fmt: skip
    return table(("dataset", "from", "months", "rhythm", "missing", "records (#)"), rows, 2)


def _filled(quality: Quality) -> str:
    rows = [
        [item.contract, item.source, item.field, f"{item.rows:,}", share(item.share)]
        for item in quality.filled
    ]
    return table(("dataset", "source", "field", "rows", "filled"), rows, 3)


def _reconciled(quality: Quality) -> str:
    rows = [
        [item.rule, *(f"{item.tally(verdict).facts:,}" for verdict in VERDICTS)]
        for item in quality.reconciliations
    ]
    return table(("rule", *(verdict.replace("_", " ") for verdict in VERDICTS)), rows, 1)


def _consistency(quality: Quality) -> str:
    rows = [
        [item.contract, *(f"{number:,}" for name, number in asdict(item).items()
                          if name != "contract")]
        for item in quality.consistency
    ]  # fmt: skip
    head = ("dataset", "shared", "agreeing", "independent", "confirmed", "conflicts")
    return table(head, rows, 1)


def _conflicts(quality: Quality) -> str:
    rows = [
        [c.contract, c.key, c.field, f"{c.value} ({c.source})",
         f"{c.other_value} ({c.other_source})", c.why]
        for c in quality.conflicts
    ]  # fmt: skip
    return table(("dataset", "key", "field", "counts", "does not", "why"), rows, 6)


def _accuracy(found: Sequence[Accuracy]) -> str:
    rows = []
    for item in found:
        rows.append([item.contract, item.source, f"{item.facts:,}", f"{item.checked:,}",
                     share(item.share_equal), UNKNOWN])  # fmt: skip
        rows += [
            ["", f"  {field.field}", "", f"{field.checked:,}", share(field.share_equal),
             share(field.relative_error)]
            for field in item.fields
        ]  # fmt: skip
    head = ("dataset", "source", "facts", "checked", "equal", "error")
    return table(head, rows, 2)


def rows_text(rows: Sequence[Row]) -> str:
    """The rows behind a number, a line each; what a row does not have is a dash."""
    if not rows:
        return "No row stands behind this number: it is 0, or nothing is known of it."
    records = [asdict(row) for row in rows]
    return table(list(records[0]), [[_cell(v) for v in record.values()] for record in records], 99)


def _cell(value: object) -> str:
    if value is None or value == "":
        return UNKNOWN
    return (
        value.isoformat(sep=" ", timespec="seconds") if isinstance(value, datetime) else f"{value}"
    )
