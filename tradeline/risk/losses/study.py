"""LGD and EAD from tables of what passed, each judged out of time: one record for files and pages.

The estimates that are kept rest on all that was known. They are judged by others like them: those
of what was known on an earlier day, beside the defaults that came after it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, InputProblem, Severity, counted, problem
from tradeline.risk.losses.checks import LossCheck, check_ead, check_lgd
from tradeline.risk.losses.ead import COHORT_DAYS, Drawings, EadModel, fit_ead, read_drawings
from tradeline.risk.losses.lgd import LgdModel, fit_lgd, read_lgd_terms
from tradeline.risk.losses.tables import connect_losses
from tradeline.risk.losses.workouts import Workouts, day_number, read_workouts

EPOCH = date(1970, 1, 1)
# The later defaults, and the later cohorts, judge estimates of the others.
JUDGED_SHARE = 0.3
# Cohorts that nobody named go back so many years at most.
COHORTS_MOST = 10


@dataclass(frozen=True, slots=True)
class LossQuestion:
    """What is to be estimated from which tables, as known at the end of a day.

    `tables` are files by the name of their contract: `defaults`, `recoveries` and, for EAD,
    `draws`. Defaults after `judged_from` judge; None takes the day that leaves 30 % of them.
    `cohorts` are the days of EAD; none takes a day of each year back from a year before `known_at`.
    """

    tables: Mapping[str, Path]
    known_at: date
    judged_from: date | None = None
    cohorts: tuple[date, ...] = ()
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """How estimates of an earlier day stood beside what came later; `since` is that day."""

    since: str
    loans: int
    checks: tuple[LossCheck, ...]


@dataclass(frozen=True, slots=True)
class LossStudy:
    """The estimates, how ones like them were judged (None: too little passed), and doubts."""

    known_at: str
    workout_months: int
    defaults: int
    lgd: LgdModel
    lgd_judged: Judged | None
    ead: EadModel | None
    ead_judged: Judged | None
    cohorts: tuple[str, ...]
    findings: tuple[Finding, ...]


def study_losses(question: LossQuestion) -> LossStudy:
    """Estimate and judge; InputProblem for tables that cannot be read, or tell too little."""
    connection = connect_losses(question.tables)
    terms = read_lgd_terms(question.known_at)
    workouts = read_workouts(connection, question.known_at, terms.workout_months)
    if not len(workouts):
        raise problem(
            "no-defaults", "defaults", f"No loan had defaulted by {question.known_at}.",
            "Give a later --known-at, or more defaults.",
        )  # fmt: skip
    lgd = fit_lgd(workouts, question.known_at, terms.downturn_margin, _chance(question, 0))
    findings: list[Finding] = []
    lgd_judged = _judge_lgd(connection, question, workouts, terms.downturn_margin, findings)
    ead, ead_judged, cohorts = None, None, tuple[date, ...]()
    if "draws" in question.tables:
        cohorts = question.cohorts or _yearly(connection, question.known_at)
        drawings = read_drawings(connection, cohorts, question.known_at)
        ead = fit_ead(drawings, _chance(question, 1))
        ead_judged = _judge_ead(connection, question, cohorts, findings)
    return LossStudy(
        question.known_at.isoformat(),
        terms.workout_months,
        len(workouts),
        lgd,
        lgd_judged,
        ead,
        ead_judged,
        tuple(day.isoformat() for day in cohorts),
        tuple(findings),
    )


def _chance(question: LossQuestion, what: int) -> np.random.Generator:
    return np.random.default_rng([question.seed, what])


def _judge_lgd(
    connection: duckdb.DuckDBPyConnection,
    question: LossQuestion,
    workouts: Workouts,
    margin: float,
    findings: list[Finding],
) -> Judged | None:
    """Later defaults beside the curve that was known before them."""
    since = question.judged_from or _split(workouts)
    earlier = read_workouts(connection, since, workouts.months)
    later = workouts.of(workouts.defaulted_day > day_number(since))
    try:
        model = fit_lgd(earlier, since, margin, _chance(question, 2))
    except InputProblem as too_few:
        findings.append(_unjudged("LGD", f"as known on {since}: {too_few.findings[0].message}"))
        return None
    later = later.of(_known(later.segments, [s.segment for s in model.segments], "LGD", findings))
    checks = check_lgd(model, later)
    if not checks:
        findings.append(_unjudged("LGD", f"no default after {since} was seen for a month."))
        return None
    return Judged(since.isoformat(), sum(check.loans for check in checks), checks)


def _split(workouts: Workouts) -> date:
    """The day by which the earlier defaults had come."""
    days = np.sort(workouts.defaulted_day)
    day = int(days[int((1 - JUDGED_SHARE) * (len(days) - 1))])
    return EPOCH + timedelta(days=day)


def _judge_ead(
    connection: duckdb.DuckDBPyConnection,
    question: LossQuestion,
    cohorts: Sequence[date],
    findings: list[Finding],
) -> Judged | None:
    """The later cohorts beside the conversion of the earlier ones."""
    ordered = sorted(cohorts)
    since = question.judged_from or ordered[-max(1, round(JUDGED_SHARE * len(ordered)))]
    before = [day for day in ordered if day < since]
    after = [day for day in ordered if day >= since]
    if not before or not after:
        findings.append(_unjudged("EAD", f"no two cohorts lie on both sides of {since}."))
        return None
    try:
        model = fit_ead(read_drawings(connection, before, after[0]), _chance(question, 3))
    except InputProblem as too_few:
        findings.append(_unjudged("EAD", too_few.findings[0].message))
        return None
    later = read_drawings(connection, after, question.known_at)
    rows = _known(later.segments, [s.segment for s in model.segments], "EAD", findings)
    later = Drawings(later.segments[rows], later.drawn[rows], later.exposure[rows])
    if not len(later):
        findings.append(_unjudged("EAD", f"no line of a cohort from {since} on defaulted."))
        return None
    return Judged(after[0].isoformat(), len(later), check_ead(model, later))


def _known(
    segments: NDArray[np.str_], known: Sequence[str], what: str, findings: list[Finding]
) -> NDArray[np.bool_]:
    """Rows of segments that the earlier estimate knows; the others are told."""
    rows = np.isin(segments, known)
    strange = sorted(set(segments[~rows].tolist()))
    if strange:
        findings.append(
            Finding(
                "new-segment", Severity.WARNING, what,
                f"No earlier default is of {', '.join(strange)}, so "
                f"{counted(int((~rows).sum()), 'later one')} did not judge.",
                "Judge again once more has passed.",
            )
        )  # fmt: skip
    return rows


def _yearly(connection: duckdb.DuckDBPyConnection, known_at: date) -> tuple[date, ...]:
    """Days a year apart, the last a year before `known_at`, back to the first look at a line."""
    ((first,),) = connection.execute("SELECT min(observed_at) FROM draws").fetchall()
    days = [known_at - timedelta(days=COHORT_DAYS * (1 + year)) for year in range(COHORTS_MOST)]
    found = tuple(sorted(day for day in days if first is not None and day >= first.date()))
    if not found:
        raise problem(
            "no-cohort", "draws", f"No line was seen a year before {known_at}.",
            "Give older looks at lines, or leave --draws out.",
        )  # fmt: skip
    return found


def _unjudged(what: str, why: str) -> Finding:
    return Finding("not-judged", Severity.WARNING, what, f"The estimate is not judged: {why}",
                   "Judge it once more has passed.")  # fmt: skip
