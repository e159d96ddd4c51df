"""What the records of a study show together: slopes, coverage, ranks, each with its doubt."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import betaincinv

Record = dict[str, Any]

LEVEL = 0.95
POPULATIONS = {
    "unlabelled": "firms without a known outcome",
    "labelled_out_of_fold": "firms with one, each by a card that did not see it",
    "shocked_unlabelled": "firms without a known outcome in the shocked sector",
    "others_unlabelled": "firms without a known outcome in the other sectors",
}
FIGURES = (
    "mean_pd",
    "mean_true_pd",
    "realised_rate",
    "slope_of_defaults",
    "slope_of_true_pd",
    "slope_of_defaults_on_true_pd",
    "auc",
    "auc_of_true_pd",
)
GROUPS = ("grades", "tenths", "grades_at_a_sure_rate", "tenths_at_a_sure_rate")


def summary_of(records: Sequence[Record]) -> Record:
    """Means over seeds with their standard errors, and coverage with its interval."""
    return {
        "seeds": [record["seed"] for record in records],
        "enterprises": records[0]["enterprises"],
        "resamples": records[0]["resamples"],
        "unseen_sector_shock": records[0]["unseen_sector_shock"],
        "stated_rate": _mean([record["stated_rate"] for record in records]),
        "peer_auc": _mean(
            [record["peer_auc_unlabelled"] for record in records if record["peer_auc_unlabelled"]]
        ),
        "populations": {name: _population([r[name] for r in records]) for name in POPULATIONS},
    }


def _population(judged: Sequence[Record]) -> Record:
    told = [one for one in judged if "auc" in one]
    if not told:
        return {}
    return {
        "firms": sum(one["firms"] for one in told),
        "defaults": sum(one["defaults"] for one in told),
        **{name: _mean([one[name] for one in told]) for name in FIGURES},
        **{f"coverage_of_{kind}": _coverage([one[kind] for one in told]) for kind in GROUPS},
        **{kind: _by_name([one[kind] for one in told]) for kind in GROUPS},
    }


def _mean(values: Sequence[float]) -> Record:
    """The mean over seeds and its standard error; none for one seed."""
    error = float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None
    return {"mean": float(np.mean(values)), "standard_error": error}


def _coverage(seeds: Sequence[Sequence[Record]]) -> Record:
    """The share of intervals that hold the rate that came true.

    `low` and `high` are the exact interval of Clopper and Pearson (1934) for groups on their own;
    those of a seed move together, so `standard_error` is that of the mean over seeds.
    """
    inside = [[one["low"] <= one["realised"] <= one["high"] for one in seed] for seed in seeds]
    hits, count = sum(map(sum, inside)), sum(map(len, inside))
    tail = (1 - LEVEL) / 2
    return {
        "share": hits / count,
        "low": float(betaincinv(hits, count - hits + 1, tail)) if hits else 0.0,
        "high": float(betaincinv(hits + 1, count - hits, 1 - tail)) if hits < count else 1.0,
        "standard_error": _mean([float(np.mean(seed)) for seed in inside])["standard_error"],
        "groups": count,
    }


def _by_name(seeds: Sequence[Sequence[Record]]) -> dict[str, Record]:
    """Each grade or tenth over all seeds: what was stated, what is true, what came true."""
    names = sorted({one["name"] for seed in seeds for one in seed}, key=lambda n: (len(n), n))
    found = {}
    for name in names:
        groups = [one for seed in seeds for one in seed if one["name"] == name]
        firms = sum(one["firms"] for one in groups)
        found[name] = {
            "firms": firms,
            **{
                what: sum(one[what] * one["firms"] for one in groups) / firms
                for what in ("pd", "true_pd", "realised")
            },
            "coverage": float(
                np.mean([one["low"] <= one["realised"] <= one["high"] for one in groups])
            ),
        }
    return found


def summary_lines(summary: Record) -> list[str]:
    """The summary in plain words."""
    shock = ", a shocked sector never seen in training" if summary["unseen_sector_shock"] else ""
    lines = [
        f"{len(summary['seeds'])} markets of {summary['enterprises']:,} firms{shock}; "
        f"{summary['resamples']} refits for each range.",
        "PDs are stated at the default rate among firms with a known outcome, "
        f"in the mean {summary['stated_rate']['mean']:.4f}.",
        f"AUC of the plain ridge model on the same firms: {_told(summary['peer_auc'], 4)}.",
    ]
    for name, words in POPULATIONS.items():
        if summary["populations"][name]:
            lines += ["", f"{words[0].upper()}{words[1:]}:"]
            lines += _population_lines(summary["populations"][name])
    return lines


def _population_lines(found: Mapping[str, Any]) -> list[str]:
    lines = [f"  {found['firms']:,} firms, {found['defaults']:,} defaults"]
    lines += [f"  {name.replace('_', ' ')}: {_told(found[name], 4)}" for name in FIGURES]
    for kind in GROUPS:
        cover = found[f"coverage_of_{kind}"]
        error = cover["standard_error"]
        lines.append(
            f"  coverage of {kind} at 90 %: {cover['share']:.1%} of {cover['groups']} "
            f"({cover['low']:.1%} to {cover['high']:.1%})"
            + (f", standard error over seeds {error:.1%}" if error is not None else "")
        )
        lines += [
            f"    {name:>2}: {one['firms']:>7,} firms, PD {one['pd']:.4f}, "
            f"true PD {one['true_pd']:.4f}, came true {one['realised']:.4f}, "
            f"covered {one['coverage']:.0%}"
            for name, one in found[kind].items()
        ]
    return lines


def _told(figure: Mapping[str, Any], digits: int) -> str:
    error = figure["standard_error"]
    doubt = f" (standard error {error:.{digits}f})" if error is not None else ""
    return f"{figure['mean']:.{digits}f}{doubt}"
