"""From a table with outcomes to a model: read, screen, set rows apart, judge, learn from all."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding
from tradeline.risk.modelling.ceilings import ceilings_of
from tradeline.risk.modelling.doubts import (
    cells_not_read,
    doubts_of,
    enterprises_told,
    repeats_told,
    suspects_told,
)
from tradeline.risk.modelling.edits import forbidden_by, require_applicable
from tradeline.risk.modelling.learning import Judged, Rows, judge, learn
from tradeline.risk.modelling.model import Ceiling, Input, Learned, Model, ModelKind
from tradeline.risk.modelling.screening import LeftOut
from tradeline.risk.modelling.splits import Split
from tradeline.risk.modelling.study import (
    Study,
    TrainRequest,
    inputs_of,
    read_study,
    require_both,
    rows_of,
    screen,
    split_of,
)
from tradeline.risk.scoring.card import check_scale
from tradeline.risk.scoring.overrides import Override
from tradeline.risk.scoring.scores import check_base_rate

Flags = NDArray[np.bool_]
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A model with what was found on the way, and its PDs of rows that it did not see."""

    model: Model
    findings: tuple[Finding, ...]
    judged: Judged
    bad: Flags


def train(request: TrainRequest, progress: Progress = lambda _: None) -> Trained:
    """A model of the table; InputProblem where nothing can be learned honestly."""
    if request.base_rate is not None:
        check_base_rate(request.base_rate)
    check_scale(request.scale)
    progress(f"reading {request.data.name}")
    study = read_study(request)
    require_both(study)
    generator = np.random.default_rng([request.seed, 0])
    progress("looking for columns that follow from the outcome")
    left_out, suspects = screen(study, request, generator)
    inputs = inputs_of(study, left_out, suspects)
    require_applicable(request.kind, inputs, request.edits)
    data, repeats = rows_of(study, inputs)
    split = split_of(study, data, generator)
    progress("judging the model on rows that it did not see")
    recipe = request.recipe
    judged = judge(recipe, inputs, data, split)
    ceiling: tuple[Ceiling, ...] = ()
    if request.ceiling and request.kind is ModelKind.SCORECARD:
        progress("asking what less plain models would add")
        ceiling = ceilings_of(recipe, inputs, data, split, judged)
    progress("learning from all rows")
    made = learn(recipe, inputs, data, request.base_rate)
    findings = (
        *study.table.findings, *study.target.findings, *cells_not_read(study), *split.findings,
        *enterprises_told(study.enterprise), *repeats_told(repeats),
        *suspects_told(suspects, request.overrides), *doubts_of(judged, data), *made.findings,
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
        left_out=(*left_out, *_unused(inputs, made.used, request.edits)),
        suspects=suspects,
        overrides=request.overrides,
        figures=judged.figures,
        ceiling=ceiling,
        reference=made.reference,
        notes=tuple(finding.line() for finding in findings),
        created_for=request.created_for or (study.time.last_day(study.rows) if study.time else ""),
        expires_on=request.expires_on,
        scale=request.scale,
        edits=request.edits,
    )
    return Trained(model, findings, judged, data.bad)


def _learned(
    study: Study, data: Rows, split: Split, judged: Judged, request: TrainRequest
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


def _unused(
    inputs: tuple[Input, ...], used: tuple[str, ...], edits: tuple[Override, ...]
) -> tuple[LeftOut, ...]:
    forbidden = forbidden_by(edits)
    no_more = "It says no more about default than chance, or than another input does."
    return tuple(
        LeftOut(part.name, str(part.form.kind), forbidden.get(part.name, no_more))
        for part in inputs
        if part.name not in used
    )
