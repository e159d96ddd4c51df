"""One simulated market assessed and set against its truth, as a record that JSON can hold."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.compute import compute_features
from tradeline.creditfile.features.table import FeatureTable
from tradeline.kernel.moments import end_of
from tradeline.lake.landing import land
from tradeline.lake.recognition import folder_proposal
from tradeline.risk.model import Model, build_model
from tradeline.risk.scoring.grades import (
    deciles_of,
    default_rates,
    grades_of,
    rate_error_of,
    read_grade_scale,
)
from tradeline.risk.scoring.labels import Labels, read_labels
from tradeline.risk.scoring.scores import ScoringTerms
from tradeline.risk.validation.discrimination import auc
from tradeline.risk.validation.peer import peer_on_folds
from tradeline.world.settings import WorldSettings
from tradeline.world.writing import write_world

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Record = dict[str, Any]

HORIZON_DAYS = 365
NEWTON_STEPS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What the simulation knows of every firm, in the order of the table."""

    pd: Floats
    default: Flags
    shocked: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """A market assessed: features, outcomes, the model, and the truth beside it."""

    table: FeatureTable
    labels: Labels
    model: Model
    truth: Truth
    settings: WorldSettings
    base_rate: float

    @property
    def judged(self) -> Flags:
        """The firms with data but without a known outcome: those that a lender decides on."""
        labelled = np.array([firm in self.labels.defaulted for firm in self.table.enterprises])
        return np.asarray(~labelled & self.model.scores.known)


def market_record(
    settings: WorldSettings, resamples: int, progress: Callable[[str], None]
) -> Record:
    """Make the market, assess it and judge it; the folder is gone afterwards."""
    with TemporaryDirectory() as folder:
        study = assess_market(settings, Path(folder) / "market", resamples, progress)
    return {
        "seed": settings.seed,
        "enterprises": settings.enterprises,
        "unseen_sector_shock": settings.unseen_sector_shock,
        "resamples": resamples,
        "labelled": len(study.labels.defaulted),
        "stated_rate": study.base_rate,
        "factors": len(study.model.scores.card.factors),
        "unlabelled": _judge(study, study.judged),
        "labelled_out_of_fold": _judge(study, study.model.scores.out_of_fold),
        "shocked_unlabelled": _judge(study, study.judged & study.truth.shocked),
        "others_unlabelled": _judge(study, study.judged & ~study.truth.shocked),
        "peer_auc_unlabelled": peer_auc(study),
    }


def assess_market(
    settings: WorldSettings, folder: Path, resamples: int, progress: Callable[[str], None]
) -> Study:
    """The product's own steps up to the scores, stated at the default rate that a lender sees.

    That is the rate among firms with a known outcome; the truth plays no part.
    """
    write_world(settings, folder, _silent)
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    landing = land(
        connection, folder, folder_proposal(folder, None, "CNY", _silent).mapping, _silent
    )
    moment = end_of(settings.as_of)
    table = compute_features(landing.connection, moment)
    earlier = compute_features(landing.connection, moment - timedelta(days=365))
    labels = read_labels(landing.connection, moment)
    landing.connection.close()
    base_rate = float(np.mean(list(labels.defaulted.values())))
    progress(f"seed {settings.seed}: market made and read; fitting, with {resamples} refits")
    terms = ScoringTerms(base_rate, HORIZON_DAYS, 0, resamples)
    model = build_model(CATALOGUE, table, earlier, labels, terms, settings.as_of, _silent)
    return Study(table, labels, model, read_truth(folder, table), settings, base_rate)


def read_truth(folder: Path, table: FeatureTable) -> Truth:
    """The truth that stands apart from the folder's records."""
    with (folder / "truth" / "enterprises.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["enterprise"]: row for row in csv.DictReader(stream)}
    ordered = [rows[firm] for firm in table.enterprises]
    return Truth(
        np.array([float(row["true_pd"]) for row in ordered]),
        np.array([row["default_12m"] == "true" for row in ordered]),
        np.array([row["shocked"] == "true" for row in ordered]),
    )


def _judge(study: Study, rows: Flags) -> Record:
    """Slopes, ranks, and the rates of grades and tenths of some firms."""
    pd, bad, true = study.model.scores.pd[rows], study.truth.default[rows], study.truth.pd[rows]
    if len(pd) == 0 or bad.all() or not bad.any():
        return {"firms": len(pd), "defaults": int(bad.sum())}
    draws = study.model.scores.pd_draws[:, rows]
    error = rate_error_of(study.labels.defaulted.values())
    scale = read_grade_scale(study.settings.as_of)
    return {
        "firms": len(pd),
        "defaults": int(bad.sum()),
        "mean_pd": float(pd.mean()),
        "mean_true_pd": float(true.mean()),
        "realised_rate": float(bad.mean()),
        "slope_of_defaults": slope(bad.astype(np.float64), pd),
        "slope_of_true_pd": slope(true, pd),
        "slope_of_defaults_on_true_pd": slope(bad.astype(np.float64), true),
        "auc": auc(bad, pd),
        "auc_of_true_pd": auc(bad, true),
        "grades": _groups(grades_of(pd, scale), pd, draws, error, bad, true),
        "tenths": _groups(deciles_of(pd), pd, draws, error, bad, true),
    }


def slope(target: Floats, pd: Floats) -> float:
    """Slope of a logistic regression of outcomes, or of true PDs, on log-odds of PD; 1 is right.

    Plain Newton steps (Cox 1958), apart from the product's own code.
    """
    design = np.column_stack([np.ones(len(pd)), np.log(pd / (1 - pd))])
    weights = np.array([0.0, 1.0])
    for _ in range(NEWTON_STEPS):
        rate = 1 / (1 + np.exp(-(design @ weights)))
        curvature = (design * (rate * (1 - rate))[:, None]).T @ design
        weights = weights + np.linalg.solve(curvature, design.T @ (target - rate))
    return float(weights[1])


def _groups(
    names: Sequence[str], pd: Floats, draws: Floats, error: float, bad: Flags, true: Floats
) -> list[Record]:
    """Each group's stated interval at 90 %, and the rate that came true."""
    member = np.asarray(names)
    found = default_rates(names, pd, draws, np.random.default_rng([0, 3]), rate_error=error)
    return [
        {
            "name": group.name,
            "firms": group.firms,
            "pd": group.default_rate.estimate,
            "low": group.default_rate.low,
            "high": group.default_rate.high,
            "realised": float(bad[member == group.name].mean()),
            "true_pd": float(true[member == group.name].mean()),
        }
        for group in found
    ]


def peer_auc(study: Study) -> float | None:
    """The plain ridge model's AUC among the firms without a known outcome, of which it saw none."""
    known, judged = study.model.scores.known, study.judged
    names = [f.name for f in study.model.inputs]
    used = [name for name in names if not np.isnan(study.table.column(name)).all()]
    X = np.column_stack([study.table.column(name) for name in used])[known]
    # Two folds: each is predicted by the firms of the other, and only one of them is read.
    fold = judged[known].astype(np.int64)
    peer = peer_on_folds(X, used, study.truth.default[known], fold)
    return auc(study.truth.default[judged], peer.pds[fold == 1]) if peer else None


def _silent(line: str) -> None:
    """Progress that nobody reads."""
