"""PDs of logistic regressions by rejectkit's methods; run by the interpreter that has it.

`rejectkit_training.py GIVEN TOLD`: GIVEN (.npz) has views of accepted and rejected firms, outcomes
of the accepted, and the firms that are asked for; TOLD (.npz) gets their PDs by method.
"""

import sys
import warnings

import numpy as np
from rejectkit import HeckmanClassifier, RejectInferenceClassifier
from sklearn.linear_model import LogisticRegression

METHODS = ("reweighting", "fuzzy", "parcelling", "extrapolation", "selflearning", "simple")


def main() -> None:
    """Train by each method and write what it says."""
    warnings.simplefilter("ignore")
    given = np.load(sys.argv[1])
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
    np.savez(sys.argv[2], **pds)


if __name__ == "__main__":
    main()
