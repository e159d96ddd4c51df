"""PDs of logistic regressions by rejectkit's methods; run by the interpreter that has it.

`rejectkit_training.py FOLDER`: each N.npz in it has views of accepted and rejected firms, outcomes
of the accepted, and the firms that are asked for; N.told.npz gets their PDs by method.
"""

import sys
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from rejectkit import HeckmanClassifier, RejectInferenceClassifier
from sklearn.linear_model import LogisticRegression

METHODS = ("reweighting", "fuzzy", "parcelling", "extrapolation", "selflearning", "simple")


def main() -> None:
    """Train by each method on each market."""
    warnings.simplefilter("ignore")
    for path in sorted(Path(sys.argv[1]).glob("*.npz")):
        np.savez(path.with_suffix(".told.npz"), **trained(np.load(path)))


def trained(given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """PDs of the firms that are asked for, by method."""
    centre, scale = given["accepted"].mean(axis=0), given["accepted"].std(axis=0)
    accepted, rejected, asked = (
        (given[name] - centre) / scale for name in ("accepted", "rejected", "asked")
    )
    pds = {}
    for method in METHODS:
        model = RejectInferenceClassifier(estimator=LogisticRegression(), method=method)
        pds[method] = model.fit(accepted, given["bad"], rejected).predict_proba(asked)[:, 1]
    heckman = HeckmanClassifier(outcome_estimator=LogisticRegression())
    pds["heckman"] = heckman.fit(accepted, given["bad"], rejected).predict_proba(asked)[:, 1]
    return pds


if __name__ == "__main__":
    main()
