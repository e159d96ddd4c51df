"""A table as a model is to learn from it: read, screened, its inputs and rows, and their split."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import counted, problem
from tradeline.risk.modelling.alone import sample_of
from tradeline.risk.modelling.columns import Column, Kind, column_of
from tradeline.risk.modelling.estimators import PAIRS, Recipe
from tradeline.risk.modelling.inputs import input_of, matrix_of
from tradeline.risk.modelling.leaks import Suspect, names_of, suspects_of
from tradeline.risk.modelling.learning import Rows
from tradeline.risk.modelling.model import Input, Meaning, ModelKind, Overrides
from tradeline.risk.modelling.moments import Moments, moments_of
from tradeline.risk.modelling.screening import (
    LeftOut,
    enterprise_column,
    no_inputs,
    repeated_rows,
)
from tradeline.risk.modelling.splits import Split, by_folds, by_time
from tradeline.risk.modelling.tables import Table, read_table
from tradeline.risk.modelling.target import Target, read_target
from tradeline.risk.scoring.card import USUAL, Scale
from tradeline.risk.scoring.overrides import Override

Flags = NDArray[np.bool_]
FEWEST = 2


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
    scale: Scale = USUAL
    pairs: int = PAIRS

    @property
    def recipe(self) -> Recipe:
        """How the model is made."""
        return Recipe(self.kind, self.seed, self.scale, self.edits, self.pairs)


@dataclass(frozen=True, slots=True, eq=False)
class Study:
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


def read_study(request: TrainRequest) -> Study:
    """The table of a request; InputProblem where it cannot be read as asked."""
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
    return Study(table, target, columns, time, enterprise)


def _other_than_target(
    name: str, target: Target, option: str, columns: Mapping[str, Column]
) -> Column:
    if name == target.rule.column:
        raise problem(
            "target-used-twice", option, f"'{name}' is the target.", "Name another column."
        )
    return columns[name]


def require_both(study: Study) -> None:
    """InputProblem unless there are defaults and others to learn from."""
    bad = study.target.bad[study.rows]
    if min(int(bad.sum()), int((~bad).sum())) < FEWEST:
        raise problem(
            "too-few-outcomes",
            study.target.rule.column,
            f"{counted(int(bad.sum()), 'row')} with a default and {int((~bad).sum()):,} without "
            f"remain: a model needs {FEWEST} of each.",
            "Give more rows with an outcome.",
        )


def screen(
    study: Study, request: TrainRequest, generator: np.random.Generator
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
    study: Study, suspects: tuple[Suspect, ...], request: TrainRequest, known: set[str]
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


def _known_column(study: Study, name: str, option: str) -> str:
    column = study.table.column_called(name, option)
    _other_than_target(column, study.target, option, {**study.columns, column: None})  # type: ignore[dict-item]
    return column


def inputs_of(
    study: Study,
    left_out: tuple[LeftOut, ...],
    suspects: tuple[Suspect, ...],
) -> tuple[Input, ...]:
    """The columns that are left to learn from; InputProblem where there are none."""
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
                if left_out
                else "the table has no other"
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


def rows_of(study: Study, inputs: tuple[Input, ...]) -> tuple[Rows, int]:
    """The rows to learn from, and how many repeat another where no enterprise groups them."""
    rows = study.rows
    days = study.time.days if study.time else None
    values = {name: column.values for name, column in study.columns.items()}
    X = matrix_of(inputs, values, days, study.table.rows)
    repeats, groups = 0, None
    if study.enterprise:
        groups = study.table.texts(study.enterprise).codes[rows]
    else:
        number, repeats = repeated_rows(X[rows])
        groups = number if repeats else None
    return Rows(
        X[rows], study.target.bad[rows], groups, None if days is None else days[rows]
    ), repeats


def split_of(study: Study, data: Rows, generator: np.random.Generator) -> Split:
    """Rows set apart by time where there is one, else in folds; enterprises stay whole."""
    if data.time is not None and study.time is not None:
        named = data.groups if study.enterprise else None
        return by_time(data.bad, data.time, named, study.time.column, generator)
    return by_folds(data.bad, generator, data.groups, study.enterprise)
