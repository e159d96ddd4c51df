"""OptBinning with a logistic regression, judged on the very rows and folds of our scorecard."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import hushed
from tradeline.risk.modelling.inputs import levels_of
from tradeline.risk.modelling.learning import Judged, Rows
from tradeline.risk.modelling.model import Input, Measured
from tradeline.risk.modelling.splits import Split
from tradeline.risk.modelling.study import (
    TrainRequest,
    inputs_of,
    read_study,
    rows_of,
    screen,
    split_of,
)
from tradeline.risk.validation.comparison import compare_models

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MAX_BINS = 10


def peer_on(request: TrainRequest, judged: Judged) -> tuple[Measured, Measured]:
    """The peer's AUC on the rows that judged ours, and what it adds; paired, 90 % intervals."""
    study = read_study(request)
    generator = np.random.default_rng([request.seed, 0])
    left_out, suspects = screen(study, request, generator)
    inputs = inputs_of(study, left_out, suspects)
    data, _ = rows_of(study, inputs)
    split = split_of(study, data, generator)
    with hushed():
        pds = _pds(inputs, data, split)[judged.rows]
    found = compare_models(judged.bad, judged.pds, pds)
    return tuple(
        Measured(name, part.estimate, part.low, part.high)
        for name, part in (("AUC", found.challenger), ("AUC added", found.difference))
    )  # type: ignore[return-value]


def _pds(inputs: tuple[Input, ...], data: Rows, split: Split) -> Floats:
    pds = np.full(len(data.bad), np.nan)
    for number in np.unique(split.fold[split.judged]).tolist():
        judged = split.fold == number
        pds[judged] = _fitted_pds(inputs, data, split.learned_by(number), judged)
    return pds


def _fitted_pds(inputs: tuple[Input, ...], data: Rows, learned: Flags, judged: Flags) -> Floats:
    from optbinning import BinningProcess
    from sklearn.linear_model import LogisticRegression

    names = [part.name for part in inputs]
    categories = [n for n, levels in zip(names, levels_of(inputs), strict=True) if levels]
    process = BinningProcess(names, max_n_bins=MAX_BINS, categorical_variables=categories)
    process.fit(data.X[learned], data.bad[learned].astype(int))

    def evidence(rows: Flags) -> Floats:
        found: Floats = process.transform(data.X[rows], metric="woe", metric_missing="empirical")
        return found

    model = LogisticRegression(max_iter=1000).fit(evidence(learned), data.bad[learned])
    pds: Floats = model.predict_proba(evidence(judged))[:, 1]
    return pds
