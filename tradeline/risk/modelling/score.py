"""PDs of the rows of a table by a model: every row has its line, and no doubt is passed over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, InputProblem, Severity, counted, problem
from tradeline.kernel.texts import clean
from tradeline.risk.modelling.columns import Form, Values
from tradeline.risk.modelling.inputs import matrix_of, read_values
from tradeline.risk.modelling.model import Input, Model, ModelKind
from tradeline.risk.modelling.moments import read_moments
from tradeline.risk.modelling.tables import Table
from tradeline.risk.scoring.boosted import read_boosted
from tradeline.risk.scoring.card import (
    Card,
    pds_of_scores,
    points_of_rows,
    scores_of_pds,
    scores_of_points,
)
from tradeline.risk.scoring.glass_box import read_glass_box
from tradeline.risk.scoring.logistic import probability

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

# If more of a column's cells cannot be read, it is another column.
MISFIT_SHARE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """PD of each row, NaN for a broken one; `points` (rows x factors) and `scores` of a card.

    `doubtful` (rows x inputs) are cells that are not what the model learned to read: they cost the
    row the points of the riskiest bin.
    """

    pds: Floats
    scores: Ints
    points: Ints
    doubtful: Flags
    findings: tuple[Finding, ...]


def score_table(model: Model, table: Table, today: date | None = None) -> Scored:
    """Score every row; InputProblem if the table lacks a column, or holds another kind in it.

    `today` is the day against which the model's expiry is held, if one is given.
    """
    _require_valid(model, today)
    _require_columns(model, table)
    values = read_values(table, [part.form for part in model.inputs])
    _require_kinds(model, table, values)
    days = None
    if model.learned.time_form is not None and _needs_time(model):
        days = read_moments(model.learned.time_form, table).days
    X = matrix_of(model.inputs, values, days, table.rows)
    cells = [_doubtful(part.form, values[part.name]) for part in model.inputs]
    doubtful = np.column_stack([np.empty((table.rows, 0), dtype=bool), *cells])
    findings = (*table.findings, *_findings(model, table, values, X))
    if model.card is None:
        pds = _challenged(model, X, doubtful)
        scores, points = scores_of_pds(model.scale, pds), np.empty((len(pds), 0), dtype=np.int64)
    else:
        points = _points(model.card, X, model.names, doubtful)
        scores = scores_of_points(model.card, points)
        pds = pds_of_scores(model.card.scale, scores)
    return Scored(np.where(table.broken, np.nan, pds), scores, points, doubtful, findings)


def _challenged(model: Model, X: Floats, doubtful: Flags) -> Floats:
    """PDs of a challenger; a row with a doubtful cell is put among the riskiest tenth at least."""
    read = read_boosted if model.kind is ModelKind.BOOSTED else read_glass_box
    pds = probability(read(model.challenger).log_odds(X))
    if not model.reference.edges:
        return pds
    riskiest = pds_of_scores(model.scale, np.rint(model.reference.edges[:1]).astype(np.int64))[0]
    raised: Floats = np.where(doubtful.any(axis=1), np.maximum(pds, riskiest), pds)
    return raised


def _points(card: Card, X: Floats, names: tuple[str, ...], doubtful: Flags) -> Ints:
    """Points of each row; a cell that cannot be read has the fewest of its factor."""
    points = points_of_rows(card, X, names)
    for place, factor in enumerate(card.factors):
        columns = [names.index(name) for name in factor.columns]
        points[doubtful[:, columns].any(axis=1), place] = min(factor.points)
    return points


def _doubtful(form: Form, values: Values) -> Flags:
    """Cells of unknown meaning; a text that counts as a rare level is none."""
    if form.takes_others:
        return np.zeros(len(values.misfits), dtype=bool)
    return values.misfits


def _needs_time(model: Model) -> bool:
    return any(part.form.kind == "date" for part in model.inputs)


def _require_valid(model: Model, today: date | None) -> None:
    if today is not None and model.expires_on and today.isoformat() > model.expires_on:
        raise problem(
            "model-expired",
            "model",
            f"The model expired on {model.expires_on}.",
            "Validate it again and train or promote a newer one.",
        )


def _require_columns(model: Model, table: Table) -> None:
    needed = list(model.names)
    if _needs_time(model):
        needed.append(model.learned.time)
    found = []
    for name in needed:
        if name in table.names:
            continue
        near = table.near_names(name)
        remedy = f"Did you mean '{near[0]}'?" if near else "Add it, empty where it is not known."
        message = f"The model reads the column '{clean(name, 80)}', which the table lacks."
        found.append(Finding("no-column", Severity.ERROR, table.name, message, remedy))
    if found:
        raise InputProblem(found)


def _require_kinds(model: Model, table: Table, values: Mapping[str, Values]) -> None:
    """Raise InputProblem for columns that hold mostly what the model cannot read."""
    found = []
    for part in model.inputs:
        misfits = values[part.name].misfits
        filled = misfits | ~np.isnan(values[part.name].numbers)
        if not part.form.takes_others and misfits.sum() > MISFIT_SHARE * max(1, filled.sum()):
            found.append(Finding(
                "other-kind", Severity.ERROR, part.name,
                f"The model learned this column as {part.form.kind}; here "
                f"{counted(int(misfits.sum()), 'cell')} of {int(filled.sum()):,} cannot be read as "
                f"such, the first is '{_first(table, part, misfits)}'.",
                "Write the column as the training table did.", int(misfits.sum()),
            ))  # fmt: skip
    if found:
        raise InputProblem(found)


def _findings(model: Model, table: Table, values: Mapping[str, Values], X: Floats) -> list[Finding]:
    found = []
    for place, part in enumerate(model.inputs):
        misfits = values[part.name].misfits
        if misfits.any():
            found.append(_misfit(table, part, misfits))
        beyond = _beyond(part, X[:, place])
        if beyond:
            found.append(Finding(
                "out-of-range", Severity.NOTE, part.name,
                f"{counted(beyond, 'value')} {'lies' if beyond == 1 else 'lie'} outside of what "
                f"was seen in training, {part.low:g} to {part.high:g}.",
                "They count as its nearer end.", beyond,
            ))  # fmt: skip
    return found


def _misfit(table: Table, part: Input, misfits: Flags) -> Finding:
    rows, first = int(misfits.sum()), _first(table, part, misfits)
    cells, hold = counted(rows, "cell"), "holds" if rows == 1 else "hold"
    if part.form.takes_others:
        return Finding(
            "rare-level", Severity.NOTE, part.name,
            f"{cells} {hold} a level that was rare or never seen in training, such as '{first}'.",
            "They count as the rare levels did.", rows,
        )  # fmt: skip
    what = "an unknown level" if part.form.is_category else f"no {part.form.kind}"
    return Finding(
        "unknown-level" if part.form.is_category else "mistyped", Severity.WARNING, part.name,
        f"{cells} {hold} {what}, such as '{first}'.",
        "Their rows have the points of the riskiest bin here; mend them, or refuse those rows.",
        rows,
    )  # fmt: skip


def _first(table: Table, part: Input, misfits: Flags) -> str:
    texts = table.texts(part.name)
    return clean(texts.levels[int(texts.codes[np.flatnonzero(misfits)[0]])], 40)


def _beyond(part: Input, numbers: Floats) -> int:
    if part.low is None or part.high is None:
        return 0
    return int(((numbers < part.low) | (numbers > part.high)).sum())


def write_scores(scored: Scored, path: Path) -> None:
    """Write `row` and `pd` as Parquet or CSV; `row` counts the records of the file from 0."""
    kind = "FORMAT csv, HEADER" if path.suffix.lower() == ".csv" else "FORMAT parquet"
    connection = duckdb.connect()
    connection.register("made", {"row": np.arange(len(scored.pds)), "pd": scored.pds})
    connection.execute(
        "COPY (SELECT row, CASE WHEN isnan(pd) THEN NULL ELSE pd END AS pd FROM made ORDER BY row) "
        f"TO $path ({kind})",
        {"path": str(path)},
    )


def is_scores(path: Path) -> bool:
    """Whether a file holds scores, which new ones may replace."""
    if not path.is_file():
        return False
    reader = "read_csv" if path.suffix.lower() == ".csv" else "read_parquet"
    try:
        found = duckdb.connect().execute(f"SELECT * FROM {reader}(?) LIMIT 0", [str(path)])
    except duckdb.Error:
        return False
    return [column[0] for column in found.description] == ["row", "pd"]
