"""A hazard model of when the loans of a table defaulted, by the log-odds that a saved model gives.

Rows that the hazard model did not learn from judge another of its kind: the later ones where the
model's column of time is there, else some by chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from tradeline.kernel.findings import Finding, InputProblem, Severity, counted, problem
from tradeline.risk.losses.hazard import HazardModel, fit_hazard
from tradeline.risk.losses.survival import MonthCheck, check_months, observed_cumulative
from tradeline.risk.losses.term_structure import CARD_MONTHS, term_structure
from tradeline.risk.losses.workouts import DAYS_PER_MONTH
from tradeline.risk.modelling.columns import Kind, column_of
from tradeline.risk.modelling.model import Model
from tradeline.risk.modelling.moments import read_moments
from tradeline.risk.modelling.score import score_table
from tradeline.risk.modelling.tables import Table
from tradeline.risk.modelling.target import flags_by_rule
from tradeline.risk.report.data import Interval

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

FEATURE = "log-odds of default"
JUDGED_SHARE = 0.3
FIFTHS = ("1 (safest)", "2", "3", "4", "5 (riskiest)")
NUMBERS = (Kind.INTEGER, Kind.NUMBER)
NEAREST = 1e-12


@dataclass(frozen=True, slots=True)
class HazardQuestion:
    """The columns that say what became of each loan, and when.

    `months` counts the months until the default, or those that the loan was seen sound for. In its
    place `start` and `end` are days: `end` that of the default, or the last on which it was sound.
    """

    target: str
    horizon_months: int
    months: str = ""
    start: str = ""
    end: str = ""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class HazardStudy:
    """The hazard model of all rows, and how one of the others stood beside `judged` rows.

    `observed` is the share of judged rows that had defaulted by each month, `predicted` the mean
    PD; `fifths` are mean PDs by month of the judged rows from the safest fifth to the riskiest.
    """

    hazard: HazardModel
    data: str
    data_hash: str
    judged: int
    judged_by: str
    observed: tuple[Interval, ...]
    predicted: tuple[float, ...]
    fifths: tuple[tuple[float, ...], ...]
    checks: tuple[MonthCheck, ...]
    findings: tuple[Finding, ...]


def study_hazard(model: Model, table: Table, question: HazardQuestion) -> HazardStudy:
    """Learn and judge; InputProblem for columns that cannot be read, or tell too little."""
    known, bad_rows = flags_by_rule(table, question.target, model.target)
    months, findings = _months(table, question, bad_rows)
    scored = score_table(model, table)
    rows = known & (months >= 0)
    left_out = int((known & ~rows).sum())
    if left_out:
        findings.append(
            Finding(
                "no-months", Severity.WARNING, table.name,
                f"{counted(left_out, 'row')} with an outcome, but without a time, are left out.",
                "Fill the column in.", left_out,
            )
        )  # fmt: skip
    X = _log_odds(scored.pds[rows])[:, None]
    months, bad = months[rows], bad_rows[rows]
    horizon = question.horizon_months
    hazard = fit_hazard(X, months, bad, features=(FEATURE,), horizon_months=horizon)
    judged, judged_by = _judged(model, table, rows, question.seed)
    other = _of_the_others(X[~judged], months[~judged], bad[~judged], horizon)
    pds = other.cumulative(X[judged])
    fifth = _fifths(X[judged, 0])
    return HazardStudy(
        hazard,
        table.name,
        table.content_hash,
        int(judged.sum()),
        judged_by,
        observed_cumulative(months[judged], bad[judged], horizon),
        tuple(pds.mean(axis=0).tolist()),
        tuple(tuple(pds[fifth == place].mean(axis=0).tolist()) for place in np.unique(fifth)),
        check_months(pds, months[judged], bad[judged], [FIFTHS[place] for place in fifth.tolist()]),
        (*scored.findings, *findings),
    )


def _of_the_others(X: Floats, months: Ints, bad: Flags, horizon: int) -> HazardModel:
    """The model that is judged; InputProblem where all rows tell enough, but these do not."""
    try:
        return fit_hazard(X, months, bad, features=(FEATURE,), horizon_months=horizon)
    except InputProblem as refusal:
        raise problem(
            "too-few-to-judge", "hazard",
            f"Without the rows that judge: {refusal.findings[0].message}",
            "Take a shorter --horizon-months, or give more loans.",
        ) from refusal  # fmt: skip


def pds_by_month(
    model: Model, hazard: HazardModel, table: Table
) -> tuple[Floats, tuple[Finding, ...]]:
    """PD by the end of each month of every row (rows x months), NaN for a broken one.

    By the end of the model's own horizon, else of twelve months, it is the model's PD to the digit:
    the hazard says when, the model how many. InputProblem where the hazard ends before that.
    """
    month = model.meaning.horizon_months or CARD_MONTHS
    if month > hazard.months:
        raise problem(
            "short-hazard", "hazard",
            f"The model's PDs speak of {month} months, the hazard of {hazard.months}.",
            "Learn it with a longer --horizon-months.",
        )  # fmt: skip
    scored = score_table(model, table)
    distinct, place = np.unique(scored.pds[~table.broken], return_inverse=True)
    near = np.clip(distinct, NEAREST, 1 - NEAREST)
    structure = term_structure(hazard, logit(near)[:, None], lowest=0, pds=near, month=month)
    found = np.full((table.rows, hazard.months), np.nan)
    found[~table.broken] = structure.table()[place]
    return found, scored.findings


def mean_by_grade(
    pds: Floats, grades: Sequence[tuple[str, float]]
) -> tuple[dict[str, Floats], tuple[Finding, ...]]:
    """The mean PDs by month of the rows of each grade: a name, and the PD below which it is.

    A grade goes by the PD of twelve months, or of as many as there are. Told are grades without
    rows, and rows beyond the last grade.
    """
    known = pds[~np.isnan(pds[:, 0])]
    by_year = known[:, min(CARD_MONTHS, pds.shape[1]) - 1]
    place = np.searchsorted([below for _, below in grades], by_year, side="right")
    found = {
        name: known[place == number].mean(axis=0)
        for number, (name, _) in enumerate(grades)
        if (place == number).any()
    }
    absent = [name for name, _ in grades if name not in found]
    beyond = int((place == len(grades)).sum())
    told = []
    if absent:
        told.append(
            _told(f"No row is of grade {', '.join(absent)}: it has no curve.", "Give more rows.")
        )
    if beyond:
        lie = "lies" if beyond == 1 else "lie"
        told.append(
            _told(
                f"{counted(beyond, 'row')} {lie} beyond the last grade.", "Nothing is lent there."
            )
        )
    return found, tuple(told)


def _told(message: str, remedy: str) -> Finding:
    return Finding("grades", Severity.WARNING, "grades", message, remedy)


def _log_odds(pds: Floats) -> Floats:
    found: Floats = logit(np.clip(pds, NEAREST, 1 - NEAREST))
    return found


def _months(table: Table, question: HazardQuestion, bad: Flags) -> tuple[Ints, list[Finding]]:
    """The month of each row's default, or the last seen sound; -1 where it is not known."""
    if question.months:
        numbers = _numbers(table, question.months, "--months", NUMBERS)
        told = np.where(np.isnan(numbers), -1, numbers)
        _require(table, question.months, (told >= 0) | np.isnan(numbers), "is negative")
        _require(table, question.months, told == np.rint(told), "is no whole number of months")
        return told.astype(np.int64), []
    start = _numbers(table, question.start, "--start", (Kind.DATE,))
    end = _numbers(table, question.end, "--end", (Kind.DATE,))
    _require(table, question.end, ~(end < start), f"lies before {question.start}")
    passed = (end - start) / DAYS_PER_MONTH
    # The first month runs until it has passed: whoever defaults on its last day defaults in it.
    month = np.where(bad, np.maximum(np.ceil(passed), 1), np.floor(passed))
    return np.where(np.isnan(passed), -1, month).astype(np.int64), []


def _numbers(table: Table, name: str, option: str, kinds: Sequence[Kind]) -> Floats:
    """A column as numbers, NaN where it is empty; InputProblem where it says something else."""
    column = column_of(
        table.column_called(name, option), table.texts(table.column_called(name, option))
    )
    if column.form.kind not in kinds:
        raise problem(
            "other-kind", option, f"'{name}' holds no {' or '.join(kinds)}.",
            f"Name a column of {'dates' if Kind.DATE in kinds else 'whole numbers'}.",
        )  # fmt: skip
    _require(table, name, ~column.values.misfits, f"is no {column.form.kind}")
    return column.values.numbers


def _require(table: Table, column: str, holds: Flags, what: str) -> None:
    rows = int((~holds).sum())
    if rows:
        raise InputProblem(
            [Finding("bad-months", Severity.ERROR, table.name,
                     f"'{column}' {what} in {counted(rows, 'row')}.", "Mend the column.", rows)]
        )  # fmt: skip


def _judged(model: Model, table: Table, rows: Flags, seed: int) -> tuple[Flags, str]:
    """Which of some rows judge, and how they were chosen."""
    time = model.learned.time
    if model.learned.time_form is not None and time in table.names:
        days = read_moments(model.learned.time_form, table).days[rows]
        if not np.isnan(days).any():
            cut = np.quantile(days, 1 - JUDGED_SHARE)
            if (days > cut).any():
                return days > cut, f"the last {JUDGED_SHARE:.0%} by '{time}'"
    chance = np.random.default_rng([seed, 4])
    order = chance.permutation(int(rows.sum()))
    return order < JUDGED_SHARE * len(order), f"{JUDGED_SHARE:.0%} of rows by chance"


def _fifths(log_odds: Floats) -> Ints:
    """The fifth of each row, from the safest; equal PDs stay together."""
    edges = np.quantile(log_odds, np.arange(1, len(FIFTHS)) / len(FIFTHS))
    return np.searchsorted(edges, log_odds, side="left")
