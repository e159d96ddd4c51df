"""Columns that may be known only once the outcome is: ranked, each with its evidence.

A column that was written after the outcome predicts it well and helps nobody. No test proves that;
each leaves a mark of another kind, and a mark that no honest column of our sets leaves is strong:

- alone the column nearly equals the outcome;
- it is filled where a loan went bad and empty where not, or the other way round;
- a part of it holds only defaults, and many of them;
- good loans stand at values that many rows share and bad ones beside them, as where a term was
  cut short by the outcome;
- it equals another column where a loan went well and differs where not, as what was repaid does;
- it is a date after the moment of the row;
- it is a function of such columns (`derived`);
- it is a feature of ours that declares to be a possible consequence of default.

Names are weak evidence. Strong suspects are left out, weak ones are kept and told.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.catalogue import FEATURES
from tradeline.risk.modelling.alone import Sample, auc_alone
from tradeline.risk.modelling.columns import Column, Kind
from tradeline.risk.modelling.derived import derived_from
from tradeline.risk.report.data import Interval
from tradeline.risk.validation.calibration import default_rate
from tradeline.risk.validation.discrimination import auc

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Alone, hardly any honest column ranks defaults as well as this.
NEARLY_THE_OUTCOME = 0.97
# This far above every other column, one is worth a look; that far, it is no honest one.
FAR, FAR_ABOVE = 0.85, 0.08
VERY_FAR, VERY_FAR_ABOVE = 0.93, 0.1
DEFAULTS_TO_SCREEN = 10
FILLED_MOST, FILLED_LEAST = 0.9, 0.1
# A part of a column that holds only defaults: at least so pure, and so many of all defaults.
PURE, PURE_COVERS, PURE_LEVEL = 0.95, 0.2, 0.99
# How well it tells of the outcome by how many rows share the exact value.
HEAPED, HEAPED_VALUES, USUAL_MOST = 0.85, 20, 0.5
SAME_IN_GOOD, SAME_IN_BAD, SAME_WITHIN = 0.9, 0.1, 0.002
# Of very many pairs most are told apart by a few rows.
ROWS_TO_GLANCE, SAME_AT_A_GLANCE = 200, 0.7
LATER_SHARE = 0.5
NAMED_AUC = 0.55
NAMES = re.compile(
    r"charge[ _-]?off|charged[ _-]?off|chg[ _-]?off|chgoff|write[ _-]?off|written[ _-]?off|recover|"
    r"default(ed)?[ _-]?(date|amount|day)|last[ _-]?(pay|pymnt|paid)|settle|foreclos|repossess|"
    r"closed?[ _-]?(date|reason)|loan[ _-]?status|mis_status|paid[ _-]?(total|princ|int|late)|"
    r"total[ _-]?(pymnt|rec)|out[ _-]?prncp|late[ _-]?fee|核销|回收|逾期日期",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A column under suspicion: how strong, how well it alone ranks defaults, and the evidence."""

    column: str
    strong: bool
    auc: float
    evidence: tuple[str, ...]


def suspects_of(
    columns: Mapping[str, Column], sample: Sample, time: Floats | None
) -> tuple[Suspect, ...]:
    """The suspects among columns, the strongest first; none where defaults are too few to tell.

    `sample` are rows with an outcome, `time` the moment of each row in days.
    """
    if min(int(sample.bad.sum()), int((~sample.bad).sum())) < DEFAULTS_TO_SCREEN:
        return ()
    alone = {name: auc_alone(column, sample) for name, column in columns.items()}
    marks = {name: _own_marks(column, sample, alone[name])
             for name, column in columns.items()}  # fmt: skip
    for name, text in _equal_where_good(columns, sample, alone):
        marks[name].append((True, text))
    strong = {name for name, found in marks.items() if any(is_strong for is_strong, _ in found)}
    for name, mark in _far_above(alone, strong):
        marks[name].append(mark)
        strong |= {name} if mark[0] else set()
    _weigh_names(marks, alone)
    derived = derived_from(columns, sorted(strong), sample, alone)
    for name, mark in derived.items():
        marks[name].append(mark)
    # What is late for another reason says nothing of what follows from the outcome.
    for name, text in _late_by_itself(columns, sample, time):
        marks[name].append((True, text))
    return _ranked(marks, alone, set(derived) - strong)


def _ranked(
    marks: Mapping[str, list[tuple[bool, str]]], alone: Mapping[str, float], derived: set[str]
) -> tuple[Suspect, ...]:
    """Strong ones first and what derives from them after, then weak ones; by AUC within each."""
    found = [
        Suspect(name, any(strong for strong, _ in marked), alone[name],
                tuple(text for _, text in sorted(marked, key=lambda mark: not mark[0])))
        for name, marked in marks.items() if marked
    ]  # fmt: skip

    def place(suspect: Suspect) -> tuple[bool, bool, float, str]:
        after = (suspect.column in derived) is suspect.strong
        return not suspect.strong, after, -suspect.auc, suspect.column

    return tuple(sorted(found, key=place))


def _own_marks(column: Column, sample: Sample, alone: float) -> list[tuple[bool, str]]:
    """What a column shows by itself: whether each mark is strong, and its words."""
    marks = [_nearly_the_outcome(alone), _filled_by_outcome(column, sample),
             _holds_only_defaults(column, sample), _heaps(column, sample, alone)]  # fmt: skip
    return [(True, mark) for mark in marks if mark]


def _late_by_itself(
    columns: Mapping[str, Column], sample: Sample, time: Floats | None
) -> list[tuple[str, str]]:
    """Dates after the moment of the row, and features that declare to follow from default."""
    found = [(name, _lies_after(column, sample, time)) for name, column in columns.items()]
    found += [(feature.name, feature.possible_consequence) for feature in FEATURES]
    return [(name, text) for name, text in found if text and name in columns]


def _nearly_the_outcome(alone: float) -> str:
    if alone < NEARLY_THE_OUTCOME:
        return ""
    return f"Alone it nearly equals the outcome: AUC {alone:.3f}."


def _filled_by_outcome(column: Column, sample: Sample) -> str:
    if column.form.kind is Kind.TEXT:
        return ""
    filled = ~np.isnan(column.values.numbers[sample.rows])
    bads, goods = filled[sample.bad].mean(), filled[~sample.bad].mean()
    if max(bads, goods) < FILLED_MOST or min(bads, goods) > FILLED_LEAST:
        return ""
    return f"It is filled in {bads:.0%} of the defaults and in {goods:.0%} of the others."


def _holds_only_defaults(column: Column, sample: Sample) -> str:
    """That a part of a column is of defaults only: where it is filled, or not the usual value."""
    values = column.values.numbers[sample.rows]
    parts = {"is filled": ~np.isnan(values), "is empty": np.isnan(values)}
    known = values[~np.isnan(values)]
    if len(known):
        levels, counts = np.unique(known, return_counts=True)
        usual = levels[counts.argmax()]
        shown = column.form.levels[int(usual)] if column.form.is_category else f"{usual:g}"
        parts[f"is not {shown}"] = ~np.isnan(values) & (values != usual)
        for level, rows in zip(levels.tolist(), counts.tolist(), strict=True):
            if column.form.is_category and rows >= DEFAULTS_TO_SCREEN:
                parts[f"is {column.form.levels[int(level)]}"] = values == level
    for words, part in parts.items():
        rows, bads = int(part.sum()), int((part & sample.bad).sum())
        if bads < max(DEFAULTS_TO_SCREEN, PURE_COVERS * sample.bad.sum()) or rows == len(values):
            continue
        rate: Interval = default_rate(bads, rows, PURE_LEVEL)
        if rate.estimate >= PURE and rate.low >= PURE - 0.1 and not _plain(sample, rate):
            share = bads / sample.bad.sum()
            return (f"Where it {words}, {rate.estimate:.1%} are defaults ({bads:,} of {rows:,} "
                    f"rows, {share:.0%} of all defaults).")  # fmt: skip
    return ""


def _plain(sample: Sample, rate: Interval) -> bool:
    """Whether defaults are so frequent that a part full of them tells little."""
    base = sample.bad.mean()
    return bool(rate.low / (1 - rate.low) < 9 * base / (1 - base))


def _heaps(column: Column, sample: Sample, alone: float) -> str:
    """That bad loans lie beside the round values at which good ones stand."""
    if column.form.is_category or column.distinct < HEAPED_VALUES or alone < FAR:
        return ""
    values = column.values.numbers[sample.rows]
    known = ~np.isnan(values)
    bad = sample.bad[known]
    if bad.all() or not bad.any():
        return ""
    _, place, counts = np.unique(values[known], return_inverse=True, return_counts=True)
    if counts.max() > USUAL_MOST * len(bad):
        return ""
    heaped = auc(bad, -counts[place].astype(np.float64))
    if heaped < HEAPED:
        return ""
    lonely = counts[place]
    return (
        f"Good rows share their exact value with {np.median(lonely[~bad]):.0f} rows in the middle, "
        f"defaults with {np.median(lonely[bad]):.0f}, as where the outcome cut a value short; "
        f"alone it has AUC {alone:.3f}."
    )


def _lies_after(column: Column, sample: Sample, time: Floats | None) -> str:
    if time is None or column.form.kind is not Kind.DATE:
        return ""
    days = column.values.numbers[sample.rows] - time[sample.rows]
    known = ~np.isnan(days)
    if not known.any() or np.mean(days[known] > 0) < LATER_SHARE:
        return ""
    return f"It lies after the moment of the row in {np.mean(days[known] > 0):.0%} of the rows."


def _equal_where_good(
    columns: Mapping[str, Column], sample: Sample, alone: Mapping[str, float]
) -> list[tuple[str, str]]:
    """Pairs of amounts that agree where a loan went well and differ where not."""
    amounts = {name: column.values.numbers[sample.rows] for name, column in columns.items()
               if column.form.kind in (Kind.NUMBER, Kind.INTEGER) and column.distinct >
               HEAPED_VALUES}  # fmt: skip
    found, names = [], list(amounts)
    some = np.flatnonzero(~sample.bad)[:ROWS_TO_GLANCE]
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            a, b = amounts[one], amounts[other]
            if _same(a[some], b[some]).mean() < SAME_AT_A_GLANCE:
                continue
            same = _same(a, b)
            goods, bads = same[~sample.bad].mean(), same[sample.bad].mean()
            if goods >= SAME_IN_GOOD and bads <= SAME_IN_BAD:
                late, early = (one, other) if alone[one] >= alone[other] else (other, one)
                found.append((late, f"It equals {early} in {goods:.0%} of the good rows and in "
                                    f"{bads:.0%} of the defaults."))  # fmt: skip
    return found


def _same(one: Floats, other: Floats) -> Flags:
    """Which amounts agree but for rounding; a missing one agrees with none."""
    near: Flags = np.abs(one - other) <= SAME_WITHIN * np.maximum(np.abs(one), np.abs(other))
    return near


def _far_above(alone: Mapping[str, float], strong: set[str]) -> list[tuple[str, tuple[bool, str]]]:
    """The best column that is not yet a strong suspect, if it is far above the next."""
    ranked = sorted(((auc, name) for name, auc in alone.items() if name not in strong),
                    reverse=True)  # fmt: skip
    if len(ranked) < 2:
        return []
    (best, name), (_, second) = ranked[0], ranked[1]
    following = alone[second]
    if best < FAR or best - following < FAR_ABOVE:
        return []
    is_strong = best >= VERY_FAR and best - following >= VERY_FAR_ABOVE
    text = f"Alone it has AUC {best:.3f}, the next column ({second}) {following:.3f}."
    return [(name, (is_strong, text))]


def _weigh_names(marks: dict[str, list[tuple[bool, str]]], alone: Mapping[str, float]) -> None:
    for name, found in marks.items():
        if NAMES.search(name) and (found or alone[name] >= NAMED_AUC):
            text = (
                f"Its name speaks of what comes after (weak evidence); alone AUC {alone[name]:.3f}."
            )
            found.append((False, text))


def names_of(suspects: Sequence[Suspect], *, strong: bool) -> tuple[str, ...]:
    """The columns of the strong, or of the weak, suspects."""
    return tuple(suspect.column for suspect in suspects if suspect.strong is strong)
