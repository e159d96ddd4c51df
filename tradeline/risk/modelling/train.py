"""From a table with outcomes to a model: read, screen, set rows apart, judge, learn from all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, Severity, counted, problem
from tradeline.risk.modelling.alone import sample_of
from tradeline.risk.modelling.columns import Column, Kind, column_of
from tradeline.risk.modelling.estimators import can_boost
from tradeline.risk.modelling.inputs import input_of, matrix_of
from tradeline.risk.modelling.leaks import Suspect, names_of, suspects_of
from tradeline.risk.modelling.learning import Judged, Rows, ceiling_of, judge, learn
from tradeline.risk.modelling.model import (
    Input,
    Learned,
    Meaning,
    Measured,
    Model,
    ModelKind,
    Overrides,
)
from tradeline.risk.modelling.moments import Moments, moments_of
from tradeline.risk.modelling.screening import (
    LeftOut,
    duplicates_said,
    enterprise_column,
    no_inputs,
    repeated_rows,
)
from tradeline.risk.modelling.splits import Split, by_folds, by_time
from tradeline.risk.modelling.tables import Table, read_table
from tradeline.risk.modelling.target import Target, read_target
from tradeline.risk.scoring.overrides import Override
from tradeline.risk.scoring.scores import check_base_rate

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
Progress = Callable[[str], None]

FEWEST = 2
FEW_DEFAULTS = 50
NEARLY_PERFECT = 0.97


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """What to learn from, and what an analyst states."""

    data: Path
    target: str
    bad: tuple[str, ...] = ()
    time: str | None = None
    enterprise: str | None = None
    kind: ModelKind = ModelKind.SCORECARD
    categories: tuple[str, ...] = ()
    overrides: Overrides = field(default_factory=Overrides)
    edits: tuple[Override, ...] = ()
    meaning: Meaning = field(default_factory=Meaning)
    base_rate: float | None = None
    created_for: str = ""
    expires_on: str = ""
    ceiling: bool = True
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A model with what was found on the way, and its PDs of rows that it did not see."""

    model: Model
    findings: tuple[Finding, ...]
    judged: Judged
    bad: Flags


@dataclass(frozen=True, slots=True, eq=False)
class _Study:
    """A table as it was read: its columns but the target, outcomes, the moment of each row."""

    table: Table
    target: Target
    columns: Mapping[str, Column]
    time: Moments | None
    enterprise: str

    @property
    def rows(self) -> Flags:
        """The rows with an outcome, and a moment where moments are asked."""
        if self.time is None:
            return self.target.known
        known: Flags = self.target.known & ~np.isnan(self.time.days)
        return known


def train(request: TrainRequest, progress: Progress = lambda _: None) -> Trained:
    """A model of the table; InputProblem where nothing can be learned honestly."""
    if request.base_rate is not None:
        check_base_rate(request.base_rate)
    progress(f"reading {request.data.name}")
    study = _read(request)
    _require_both(study)
    generator = np.random.default_rng([request.seed, 0])
    progress("looking for columns that follow from the outcome")
    left_out, suspects = _screen(study, request, generator)
    inputs = _inputs(study, left_out, suspects)
    data, repeats = _data(study, inputs, request.edits)
    split = _split(study, data, generator)
    progress("judging the model on rows that it did not see")
    judged = judge(request.kind, inputs, data, split, request.seed)
    ceiling: tuple[Measured, ...] = ()
    if request.ceiling and request.kind is ModelKind.SCORECARD and can_boost():
        progress("asking what boosted trees would add")
        ceiling = ceiling_of(inputs, data, split, judged, request.seed)
    progress("learning from all rows")
    made = learn(request.kind, inputs, data, request.base_rate, request.seed)
    findings = (
        *study.table.findings, *study.target.findings, *_read_findings(study), *split.findings,
        *_repeats(repeats), *_suspect_findings(suspects, request.overrides),
        *_doubts(judged, data), *made.findings,
    )  # fmt: skip
    used = tuple(part for part in inputs if part.name in made.used)
    model = Model(
        kind=request.kind,
        target=study.target.rule,
        meaning=request.meaning,
        base_rate=float(data.bad.mean()) if request.base_rate is None else request.base_rate,
        base_rate_is_stated=request.base_rate is not None,
        learned=_learned(study, data, split, judged, request),
        inputs=used,
        card=made.card,
        challenger=made.challenger,
        left_out=(*left_out, *_unused(inputs, made.used)),
        suspects=suspects,
        overrides=request.overrides,
        figures=judged.figures,
        ceiling=ceiling,
        reference=made.reference,
        notes=tuple(finding.line() for finding in findings),
        created_for=request.created_for or (study.time.last_day(study.rows) if study.time else ""),
        expires_on=request.expires_on,
    )
    return Trained(model, findings, judged, data.bad)


def _read(request: TrainRequest) -> _Study:
    table = read_table(request.data)
    target = read_target(table, request.target, request.bad)
    stated = {table.column_called(name, "--category"): Kind.CATEGORY for name in request.categories}
    columns = {
        name: column_of(name, table.texts(name), stated.get(name))
        for name in table.names
        if name != target.rule.column
    }
    time = None
    if request.time is not None:
        named = table.column_called(request.time, "--time")
        time = moments_of(_other_than_target(named, target, "--time", columns), table)
    enterprise = ""
    if request.enterprise is not None:
        enterprise = table.column_called(request.enterprise, "--enterprise")
        _other_than_target(enterprise, target, "--enterprise", columns)
    else:
        used = [time.column] if time else []
        enterprise = enterprise_column(columns, used) or ""
    return _Study(table, target, columns, time, enterprise)


def _other_than_target(
    name: str, target: Target, option: str, columns: Mapping[str, Column]
) -> Column:
    if name == target.rule.column:
        raise problem(
            "target-used-twice", option, f"'{name}' is the target.", "Name another column."
        )
    return columns[name]


def _require_both(study: _Study) -> None:
    bad = study.target.bad[study.rows]
    if min(int(bad.sum()), int((~bad).sum())) < FEWEST:
        raise problem(
            "too-few-outcomes",
            study.target.rule.column,
            f"{counted(int(bad.sum()), 'row')} with a default and {int((~bad).sum()):,} without "
            f"remain: a model needs {FEWEST} of each.",
            "Give more rows with an outcome.",
        )


def _screen(
    study: _Study, request: TrainRequest, generator: np.random.Generator
) -> tuple[tuple[LeftOut, ...], tuple[Suspect, ...]]:
    """The columns that are no inputs, and the suspects among the others and among dates."""
    days = study.time.days if study.time else None
    no_input = list(no_inputs(list(study.columns.values()), days))
    known = {part.column for part in no_input}
    roles = {study.enterprise: "It names the enterprise."}
    if study.time:
        roles[study.time.column] = "It says when, and sets the rows apart by time."
    no_input = [part for part in no_input if part.column not in roles]
    no_input += [
        LeftOut(name, str(study.columns[name].form.kind), why)
        for name, why in roles.items()
        if name
    ]
    judged = {
        name: column
        for name, column in study.columns.items()
        if name not in roles and (name not in known or column.form.kind in (Kind.DATE, Kind.TEXT))
        and not (name in known and column.distinct <= 1)
    }  # fmt: skip
    sample = sample_of(study.target.bad, np.flatnonzero(study.rows), generator)
    suspects = suspects_of(judged, sample, days)
    return tuple(no_input) + _taken_out(study, suspects, request, {p.column for p in no_input}), (
        suspects
    )


def _taken_out(
    study: _Study, suspects: tuple[Suspect, ...], request: TrainRequest, known: set[str]
) -> tuple[LeftOut, ...]:
    """What the analyst drops, and the strong suspects that the analyst does not keep."""
    keep = {_known_column(study, name, "--keep") for name in request.overrides.keep}
    drop = {_known_column(study, name, "--drop") for name in request.overrides.drop}
    if both := sorted(keep & drop):
        raise problem(
            "kept-and-dropped", "--keep", f"'{both[0]}' is kept and dropped at once.",
            "State one of them.",
        )  # fmt: skip
    if impossible := sorted(keep & known):
        raise problem(
            "cannot-keep", "--keep", f"'{impossible[0]}' is no input that a model can read.",
            "Take it out of --keep; the list of columns left out says why.",
        )  # fmt: skip
    reasons = dict.fromkeys(sorted(drop), "Taken out with --drop.")
    for name in names_of(suspects, strong=True):
        if name not in keep:
            reasons.setdefault(name, "It may be known only after the outcome; see the suspects.")
    return tuple(
        LeftOut(name, str(study.columns[name].form.kind), why)
        for name, why in reasons.items()
        if name not in known
    )


def _known_column(study: _Study, name: str, option: str) -> str:
    column = study.table.column_called(name, option)
    _other_than_target(column, study.target, option, {**study.columns, column: None})  # type: ignore[dict-item]
    return column


def _inputs(
    study: _Study,
    left_out: tuple[LeftOut, ...],
    suspects: tuple[Suspect, ...],
) -> tuple[Input, ...]:
    gone = {part.column for part in left_out}
    days = study.time.days if study.time else None
    found = tuple(
        input_of(column, study.rows, days)
        for name, column in study.columns.items()
        if name not in gone
    )
    if not found:
        strong = names_of(suspects, strong=True)
        why = (
            f"all others are left out, among them {', '.join(strong[:5])}"
            if strong
            else (
                "all are left out: "
                + "; ".join(f"{p.column}: {p.why}" for p in left_out[:5]).rstrip(".")
            )
        )
        raise problem(
            "no-input",
            study.table.name,
            f"No column is left to learn from: {why}.",
            "Add columns known at the decision, or keep one with --keep COLUMN if you know that "
            "it is honest.",
        )
    return found


def _data(
    study: _Study, inputs: tuple[Input, ...], edits: tuple[Override, ...]
) -> tuple[Rows, int]:
    """The rows to learn from, and how many repeat another where no enterprise groups them."""
    rows = study.rows
    days = study.time.days if study.time else None
    X = matrix_of(inputs, {name: column.values for name, column in study.columns.items()}, days)
    repeats, groups = 0, None
    if study.enterprise:
        groups = study.table.texts(study.enterprise).codes[rows]
    else:
        number, repeats = repeated_rows(X[rows])
        groups = number if repeats else None
    return Rows(
        X[rows], study.target.bad[rows], groups, None if days is None else days[rows], edits
    ), repeats


def _split(study: _Study, data: Rows, generator: np.random.Generator) -> Split:
    if data.time is not None and study.time is not None:
        named = data.groups if study.enterprise else None
        return by_time(data.bad, data.time, named, study.time.column, generator)
    return by_folds(data.bad, generator, data.groups, study.enterprise)


def _learned(
    study: _Study, data: Rows, split: Split, judged: Judged, request: TrainRequest
) -> Learned:
    return Learned(
        data=study.table.name,
        data_hash=study.table.content_hash,
        rows=len(data.bad),
        defaults=int(data.bad.sum()),
        time=study.time.column if study.time else "",
        time_form=study.time.form if study.time else None,
        enterprise=study.enterprise,
        period=study.time.period(study.rows) if study.time else (),
        protocol=split.protocol,
        judged=len(judged.pds),
        judged_defaults=int(judged.bad.sum()),
        seed=request.seed,
    )


def _unused(inputs: tuple[Input, ...], used: tuple[str, ...]) -> tuple[LeftOut, ...]:
    return tuple(
        LeftOut(part.name, str(part.form.kind),
                "It says no more about default than chance, or than another input does.")
        for part in inputs
        if part.name not in used
    )  # fmt: skip


def _read_findings(study: _Study) -> list[Finding]:
    """Cells of the training table that are not what their column holds."""
    found = []
    for name, column in study.columns.items():
        odd = int((column.values.misfits & study.rows).sum())
        if odd and not column.form.is_category:
            found.append(Finding(
                "mistyped", Severity.WARNING, name,
                f"{counted(odd, 'cell')} of this column of {column.form.kind}s cannot be read and "
                f"{'counts' if odd == 1 else 'count'} as missing.",
                "Mend them at their source.", odd,
            ))  # fmt: skip
    if study.time is not None:
        gone = int((study.target.known & np.isnan(study.time.days)).sum())
        if gone:
            found.append(Finding(
                "no-moment", Severity.WARNING, study.time.column,
                f"{counted(gone, 'row')} without a moment {'is' if gone == 1 else 'are'} not "
                "learned from.", "Give the moment of each row.", gone,
            ))  # fmt: skip
    return found


def _repeats(repeats: int) -> tuple[Finding, ...]:
    if not repeats:
        return ()
    return (
        Finding(
            "repeated-rows",
            Severity.WARNING,
            "rows",
            f"{duplicates_said(repeats)} in every input; such rows share a fold.",
            "If they are one case that was exported twice, send it once.",
            repeats,
        ),
    )


def _suspect_findings(suspects: tuple[Suspect, ...], overrides: Overrides) -> tuple[Finding, ...]:
    found = []
    for suspect in suspects:
        kept = not suspect.strong or suspect.column in overrides.keep
        remedy = "It is kept; take it out with --drop if it was not known at the decision."
        if not kept:
            remedy = "It is left out; keep it with --keep if you know that it was known before."
        found.append(
            Finding(
                "strong-suspect" if suspect.strong else "weak-suspect",
                Severity.WARNING if suspect.strong else Severity.NOTE,
                suspect.column,
                " ".join(suspect.evidence),
                remedy,
            )
        )
    return tuple(found)


def _doubts(judged: Judged, data: Rows) -> tuple[Finding, ...]:
    found = []
    defaults = int(data.bad.sum())
    if defaults < FEW_DEFAULTS:
        found.append(Finding(
            "few-defaults", Severity.WARNING, "outcomes",
            f"Every figure of the model rests on {counted(defaults, 'default')}, fewer than "
            f"{FEW_DEFAULTS}.", "Read the intervals, not the estimates.",
        ))  # fmt: skip
    (area,) = (figure for figure in judged.figures if figure.name == "AUC")
    if area.estimate >= NEARLY_PERFECT:
        found.append(Finding(
            "nearly-perfect", Severity.WARNING, "model",
            f"An AUC of {area.estimate:.3f} on rows that the model did not see is rare among "
            "honest models.", "Look again at which columns were known at the decision.",
        ))  # fmt: skip
    return tuple(found)
