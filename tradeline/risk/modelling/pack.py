"""The validation pack: a model held against a table with outcomes, as one frozen record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, Severity, counted, problem
from tradeline.risk.modelling.artifact import model_hash
from tradeline.risk.modelling.ceilings import described, plainness_lost
from tradeline.risk.modelling.columns import Kind, column_of
from tradeline.risk.modelling.doubts import enterprises_told
from tradeline.risk.modelling.learning import draws_for
from tradeline.risk.modelling.model import Model
from tradeline.risk.modelling.moments import Moments, moments_of, read_moments
from tradeline.risk.modelling.score import Scored, score_table
from tradeline.risk.modelling.screening import rank_correlation
from tradeline.risk.modelling.tables import Table
from tradeline.risk.modelling.target import flags_by_rule
from tradeline.risk.modelling.written import DAY, DAY_NUMBERS, EPOCH
from tradeline.risk.report.data import CalibrationBin, Interval, RocPoint
from tradeline.risk.scoring.card import Card
from tradeline.risk.validation.calibration import calibration_bins
from tradeline.risk.validation.comparison import (
    Comparison,
    Swapped,
    approve_share,
    compare_models,
    swap_sets,
)
from tradeline.risk.validation.discrimination import roc_points
from tradeline.risk.validation.fairness import Treatment, treatment_of
from tradeline.risk.validation.figures import figures
from tradeline.risk.validation.groups import CLASS_MIN, GroupFigures, figures_by_group
from tradeline.risk.validation.maximum_profit import (
    maximum_profit_per_draw,
    read_profit_terms,
)
from tradeline.risk.validation.reason_stability import Agreement, factor_shares, reason_agreement
from tradeline.risk.validation.resampling import Counts, draw_counts, interval_of
from tradeline.risk.validation.stability import Shift, shift_of_categories, shifts_by_group

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

FEWEST = 2
REASONS = 4
# Firms whose reasons are looked at, and draws of the costlier measures.
ROWS_OF_REASONS = 5_000
PROFIT_DRAWS = 200
SEGMENTS_MOST = 30
OTHER = "(all others)"
NOT_GIVEN = "(not given)"
APPROVED = 0.7
# Day numbers count from a day that nobody states, so they make years of their own.
YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class Question:
    """What to hold a model against: the outcome's column, and columns to look at rows by."""

    target: str
    time: str | None = None
    segments: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    approve: float = APPROVED
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Against:
    """The model beside the one in force on the same rows; `swapped` at equal shares of approval.

    `plainness` tells two kinds apart, and what a reader loses by the less plain one.
    """

    hash: str
    comparison: Comparison
    swapped: tuple[Swapped, ...]
    rank_correlation: float
    agreement: Agreement | None
    plainness: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """Rows of one month or year: figures, and the shift of their scores from the training rows."""

    figures: GroupFigures
    shift: Shift | None


@dataclass(frozen=True, slots=True)
class Pack:
    """All that is found; figures by name, segments and treatments by column."""

    model: Model
    model_hash: str
    data: str
    data_hash: str
    rows: int
    known: int
    defaults: int
    mean_pd: float
    figures: Mapping[str, Interval]
    roc: tuple[RocPoint, ...]
    calibration: tuple[CalibrationBin, ...]
    population: Shift | None
    inputs: Mapping[str, Shift]
    periods: tuple[Period, ...]
    segments: Mapping[str, tuple[GroupFigures, ...]]
    treatments: Mapping[str, Treatment]
    approve: float
    reasons: Mapping[str, float]
    reasons_by_period: Mapping[str, Mapping[str, float]]
    against: Against | None
    findings: tuple[Finding, ...]


def validate(
    model: Model,
    table: Table,
    question: Question,
    on: date,
    in_force: Model | None = None,
) -> Pack:
    """Hold a model against a table; `on` is the day whose parameters of profit count.

    InputProblem unless some rows have defaulted and some have not.
    """
    known, bad_rows = _outcomes(model, table, question.target)
    scored = score_table(model, table)
    bad, pds = bad_rows[known], scored.pds[known]
    counts = draw_counts(
        bad, np.random.default_rng([question.seed, 2]), resamples=draws_for(len(bad))
    )
    periods = _labels_of_time(_moments(model, table, question), int(bad.sum()))
    named = _first_reasons(model.card, scored.points) if model.card else []
    by_period = _reasons_by_period(named, periods)
    return Pack(
        model=model,
        model_hash=model_hash(model),
        data=table.name,
        data_hash=table.content_hash,
        rows=table.rows,
        known=len(bad),
        defaults=int(bad.sum()),
        mean_pd=float(pds.mean()),
        figures=_figures(bad, pds, counts, on),
        roc=roc_points(bad, pds, counts),
        calibration=calibration_bins(bad, pds),
        population=population_shift(model, scored.scores[~table.broken]),
        inputs=input_shifts(model, scored, ~table.broken),
        periods=_periods(model, scored, periods, known, bad, pds, question.seed),
        segments={
            name: _by_group(_labels(table, name, "--segment")[known], bad, pds, question.seed)
            for name in question.segments
        },
        treatments=_treatments(table, question, scored.pds, known, bad_rows),
        approve=question.approve,
        reasons=factor_shares(named) if named else {},
        reasons_by_period=by_period,
        against=None
        if in_force is None
        else _against(model, in_force, table, scored, known, bad_rows, question.approve),
        findings=(*scored.findings, *_findings(model, table, bad)),
    )


def _figures(bad: Flags, pds: Floats, counts: Counts, on: date) -> dict[str, Interval]:
    found = figures(bad, pds, counts)
    area = found["AUC"]
    gini = Interval(*(2 * end - 1 for end in (area.estimate, area.low, area.high)))
    draws = counts[: 1 + PROFIT_DRAWS]
    profit = interval_of(maximum_profit_per_draw(bad, pds, draws, read_profit_terms(on)))
    first = {"AUC": area, "Gini": gini, "KS": found["KS"], "Expected maximum profit": profit}
    return {**first, **found}


def population_shift(model: Model, scores: Ints) -> Shift | None:
    """The shift of scores from the training rows, on the parts that the model kept of them."""
    edges = np.asarray(model.reference.edges)
    places = np.searchsorted(edges, scores, side="left")
    before = np.repeat(np.arange(len(model.reference.rows)), model.reference.rows)
    return shift_of_categories(before, places)


def input_shifts(model: Model, scored: Scored, rows: Flags) -> dict[str, Shift]:
    """The shift of each factor's bins from the training rows, the greatest first."""
    if model.card is None:
        return {}
    found = {}
    for place, factor in enumerate(model.card.factors):
        before = np.repeat(np.asarray(factor.points), factor.binning.counts)
        shift = shift_of_categories(before, scored.points[rows, place])
        if shift is not None:
            found[factor.name] = shift
    return dict(sorted(found.items(), key=lambda item: -item[1].index))


def _labels_of_time(moments: Moments | None, defaults: int) -> NDArray[np.str_] | None:
    """The month of each row, the quarter or year where months are many or hold few defaults."""
    if moments is None:
        return None
    if moments.form.dates == DAY_NUMBERS:
        years = np.floor(moments.days / YEAR_DAYS) * YEAR_DAYS
        return np.array([NOT_GIVEN if day != day else f"from day {day:.0f}" for day in years])
    if moments.form.kind is not Kind.DATE:
        return np.array([NOT_GIVEN if day != day else f"{day:g}" for day in moments.days])
    days = [None if day != day else (EPOCH + day * DAY).date() for day in moments.days.tolist()]
    for written in (_month, _quarter, _year):
        labels = np.array([NOT_GIVEN if day is None else written(day) for day in days])
        if len(np.unique(labels)) <= min(SEGMENTS_MOST, defaults / CLASS_MIN):
            break
    return labels


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def _quarter(day: date) -> str:
    return f"{day:%Y} Q{(day.month + 2) // 3}"


def _year(day: date) -> str:
    return f"{day:%Y}"


def _moments(model: Model, table: Table, question: Question) -> Moments | None:
    if question.time is not None:
        name = table.column_called(question.time, "--time")
        return moments_of(column_of(name, table.texts(name)), table)
    if model.learned.time_form is not None and model.learned.time in table.names:
        return read_moments(model.learned.time_form, table)
    return None


def _periods(
    model: Model,
    scored: Scored,
    labels: NDArray[np.str_] | None,
    known: Flags,
    bad: Flags,
    pds: Floats,
    seed: int,
) -> tuple[Period, ...]:
    if labels is None:
        return ()
    before = np.repeat(np.arange(len(model.reference.rows)), model.reference.rows)
    places = np.searchsorted(np.asarray(model.reference.edges), scored.scores, side="left")
    shifts = shifts_by_group(before.astype(np.float64), places.astype(np.float64), labels.tolist())
    found = _by_group(labels[known], bad, pds, seed)
    return tuple(Period(part, shifts.get(part.group)) for part in found)


def _by_group(
    labels: NDArray[np.str_], bad: Flags, pds: Floats, seed: int
) -> tuple[GroupFigures, ...]:
    """Figures of each group; those of one column do not hang on which others are asked for."""
    chance = np.random.default_rng([seed, 3])
    draws = min(PROFIT_DRAWS, draws_for(len(bad)))
    return figures_by_group(labels.tolist(), bad, pds, chance, resamples=draws)


def _labels(table: Table, column: str, option: str) -> NDArray[np.str_]:
    """What stands in a column, rare values as one."""
    name = table.column_called(column, option)
    texts = table.texts(name)
    counts = texts.counts
    frequent = set(np.argsort(-counts, kind="stable")[:SEGMENTS_MOST].tolist())
    shown = [
        (text or NOT_GIVEN) if place in frequent else OTHER
        for place, text in enumerate(texts.levels)
    ]
    return np.array(shown)[texts.codes]


def _treatments(
    table: Table, question: Question, pds: Floats, known: Flags, bad: Flags
) -> dict[str, Treatment]:
    scored = ~table.broken
    outcome = np.where(known, bad, np.nan).astype(np.float64)[scored]
    approved = approve_share(pds[scored], question.approve)
    return {
        name: treatment_of(
            _labels(table, name, "--group")[scored].tolist(), approved, pds[scored], outcome
        )
        for name in question.groups
    }


def _first_reasons(card: Card, points: Ints) -> list[list[str]]:
    """The factors that cost each of some rows most, the costliest first."""
    if not card.factors:
        return []
    step = max(1, len(points) // ROWS_OF_REASONS)
    lost = np.array([factor.best for factor in card.factors]) - points[::step]
    order = np.argsort(-lost, axis=1, kind="stable")[:, :REASONS]
    names = [factor.name for factor in card.factors]
    return [
        [names[place] for place in row if costs[place] > 0]
        for row, costs in zip(order.tolist(), lost.tolist(), strict=True)
    ]


def _reasons_by_period(
    named: Sequence[Sequence[str]], labels: NDArray[np.str_] | None
) -> dict[str, Mapping[str, float]]:
    if labels is None or not named:
        return {}
    step = max(1, len(labels) // ROWS_OF_REASONS)
    by_period: dict[str, list[Sequence[str]]] = {}
    for label, reasons in zip(labels[::step].tolist(), named, strict=True):
        by_period.setdefault(label, []).append(reasons)
    return {label: factor_shares(by_period[label]) for label in sorted(by_period)}


def compare(model: Model, other: Model, table: Table, target: str, approve: float) -> Against:
    """A model beside another on the rows of a table; InputProblem as `validate`."""
    known, bad = _outcomes(model, table, target)
    return _against(model, other, table, score_table(model, table), known, bad, approve)


def _outcomes(model: Model, table: Table, target: str) -> tuple[Flags, Flags]:
    """Which rows have an outcome and which defaulted; InputProblem unless both kinds are there."""
    known, bad = flags_by_rule(table, target, model.target)
    if min(int(bad.sum()), int((known & ~bad).sum())) < FEWEST:
        raise problem(
            "too-few-outcomes",
            table.name,
            f"{counted(int(bad.sum()), 'row')} with a default and {int((known & ~bad).sum()):,} "
            "without: nothing can be judged.",
            "Give more rows with an outcome.",
        )
    return known, bad


def _against(
    model: Model,
    other: Model,
    table: Table,
    scored: Scored,
    known: Flags,
    bad: Flags,
    approve: float,
) -> Against:
    theirs = score_table(other, table)
    rows = ~table.broken
    outcome = np.where(known, bad, np.nan).astype(np.float64)[rows]
    theirs_approved, approved = (
        approve_share(pds[rows], approve) for pds in (theirs.pds, scored.pds)
    )
    agreement = None
    if model.card and other.card and model.card.factors and other.card.factors:
        agreement = reason_agreement(
            _first_reasons(other.card, theirs.points), _first_reasons(model.card, scored.points)
        )
    return Against(
        model_hash(other),
        compare_models(bad[known], theirs.pds[known], scored.pds[known]),
        swap_sets(outcome, theirs_approved, approved),
        rank_correlation(theirs.pds[rows], scored.pds[rows]),
        agreement,
        _plainness(model, other),
    )


def _plainness(model: Model, in_force: Model) -> str:
    if model.kind is in_force.kind:
        return ""
    lost, by = plainness_lost(model, in_force), "challenger"
    if not lost:
        lost, by = plainness_lost(in_force, model), "model in force"
    return (
        f"The challenger is a model of the kind {described(model)}, the one in force "
        f"{described(in_force)}. By the {by} a reader loses {lost}."
    )


def _findings(model: Model, table: Table, bad: Flags) -> list[Finding]:
    found = []
    if table.content_hash == model.learned.data_hash:
        found.append(Finding(
            "training-table", Severity.WARNING, table.name,
            "These are the rows that the model learned from: every figure here flatters it.",
            "Read the figures of the model itself, or give rows that it has not seen.",
        ))  # fmt: skip
    found += enterprises_told(model.learned.enterprise)
    if bad.sum() < 50:
        found.append(Finding(
            "few-defaults", Severity.WARNING, table.name,
            f"Every figure rests on {counted(int(bad.sum()), 'default')}, fewer than 50.",
            "Read the intervals, not the estimates.",
        ))  # fmt: skip
    return found
