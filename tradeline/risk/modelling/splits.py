"""Which rows judge a model of others: the last in time where there is one, enterprises whole."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, Severity, problem
from tradeline.risk.scoring.cross_fit import FOLDS, deal_folds

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

TEST_SHARE = 0.3
FEWEST = 2
FEWEST_TO_JUDGE = 20
MANY_ROWS, FOLDS_OF_MANY = 100_000, 3
NEVER = -1
# Of enterprises that stand in both parts, so many judge and the others teach.
JUDGING_SHARE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """The part of each row: each is judged by a model of the rows that stand in `learned_by`.

    `fold` is -1 for rows that are never judged; without time all are judged, with it the last ones,
    by a model of earlier rows, and `fold` is 0 for them.
    """

    fold: Ints
    out_of_time: bool
    protocol: str
    findings: tuple[Finding, ...]
    barred: Flags

    @property
    def judged(self) -> Flags:
        """The rows that are judged."""
        judged: Flags = self.fold != NEVER
        return judged

    def learned_by(self, number: int) -> Flags:
        """The rows that the model learns from which judges a fold."""
        learned: Flags = (self.fold != number) & ~self.barred
        return learned


def by_time(
    bad: Flags,
    time: Floats,
    groups: Ints | None,
    named: str,
    generator: np.random.Generator,
) -> Split:
    """The last rows in time judge a model of the earlier ones, no enterprise standing in both.

    Of enterprises that come back, half judge with their last rows and half teach with their first.
    InputProblem unless both parts have defaults and other rows.
    """
    test = time >= _cut(bad, time)
    barred = np.zeros(len(bad), dtype=bool)
    if groups is not None:
        barred = _come_back(groups, test, generator)
    judged = test & ~barred
    _require_both(bad, ~test & ~barred, "earlier")
    _require_both(bad, judged, "last")
    left = int(barred.sum())
    also = f"; {left:,} rows set aside, so that no enterprise stands in both parts" if left else ""
    protocol = (
        f"out of time by '{named}': the last {test.mean():.0%} of the rows judge a model of the "
        f"earlier ones{also}"
    )
    return Split(np.where(judged, 0, NEVER), True, protocol, (), barred)


def _come_back(groups: Ints, test: Flags, generator: np.random.Generator) -> Flags:
    """Rows to set aside of groups that stand in both parts: of each group those of one part."""
    both = np.intersect1d(groups[test], groups[~test])
    judging = both[generator.random(len(both)) < JUDGING_SHARE]
    judges = np.isin(groups, judging)
    aside: Flags = np.isin(groups, both) & np.where(test, ~judges, judges)
    return aside


def _require_both(bad: Flags, part: Flags, words: str) -> None:
    defaults, others = int(bad[part].sum()), int((~bad[part]).sum())
    if min(defaults, others) < FEWEST:
        raise problem(
            "one-class-in-part",
            "--time",
            f"The {words} part of the rows in time holds {defaults} defaults and {others} others: "
            f"a model needs {FEWEST} of each.",
            "Give a longer period, or leave --time out.",
        )


def _cut(bad: Flags, time: Floats) -> float:
    """The moment from which rows judge: about the last 30 %, more if their defaults are few."""
    moments = np.unique(time)
    share = TEST_SHARE
    while share < 0.5:
        cut = np.quantile(time, 1 - share)
        later = moments[moments > cut]
        start = float(moments[moments >= cut][0])
        # Rows of one moment stay together, on the side that comes nearer to the share.
        if len(later) and np.mean(time >= start) > share + 0.15:
            start = float(later[0])
        if bad[time >= start].sum() >= FEWEST_TO_JUDGE:
            return start
        share += 0.1
    return start


def by_folds(bad: Flags, generator: np.random.Generator, groups: Ints | None, named: str) -> Split:
    """Folds with about the same number of defaults; rows of one group share a fold."""
    folds = FOLDS_OF_MANY if len(bad) > MANY_ROWS else FOLDS
    fold = deal_folds(bad, generator, folds=folds, groups=groups)
    whole = f", enterprises of '{named}' kept whole" if named else ""
    warning = Finding(
        "not-out-of-time",
        Severity.WARNING,
        "--time",
        "Without a time column the figures come from folds of the same period: they are not out "
        "of time and may flatter the model.",
        "Name the column of the moment of each row, if there is one.",
    )
    protocol = f"{len(np.unique(fold))} stratified folds{whole}, not out of time"
    return Split(fold, False, protocol, (warning,), np.zeros(len(bad), dtype=bool))
