"""Quality as features: available to a model, and in no score unless somebody puts them there.

They stand apart from the catalogue because most of them may follow from a default: what is known of
a firm that failed was often looked up after it failed (docs/decisions).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tradeline.creditfile.features.declaration import Direction
from tradeline.creditfile.features.table import FeatureTable
from tradeline.creditfile.quality.record import Quality

STOPPED = "A firm that failed trades and tells no more."
LOOKED_UP = "After a default its records are looked up, and then land late or from new sources."


@dataclass(frozen=True, slots=True)
class QualityFeature:
    """One feature of quality, declared as the catalogue declares its own.

    `direction` is +1 if higher is riskier, -1 if safer. A `fraud_signal` is never advice to the
    firm; `possible_consequence` says how it may follow from a default instead of foretelling it.
    """

    name: str
    unit: str
    meaning: str
    direction: Direction
    why: str
    fraud_signal: bool
    possible_consequence: str
    value: Callable[[Quality], float]


def _share(parts: Iterable[tuple[int, int]]) -> float:
    """The sum of the first numbers over that of the second; NaN where that is nothing."""
    upper, lower = (sum(numbers) for numbers in zip((0, 0), *parts, strict=True))
    return upper / lower if lower else float("nan")


def _late(quality: Quality) -> float:
    return _share((t.late_rows, t.rows) for t in quality.timeliness if t.late_rows is not None)


def _age_days(quality: Quality) -> float:
    ages = [item.age_s for item in quality.timeliness]
    return min(ages) // 86_400 if ages else float("nan")


def _missing_months(quality: Quality) -> float:
    shares = [
        rhythm.months_missing / len(rhythm.rows_by_month)
        for rhythm in quality.rhythms
        if rhythm.months_missing is not None
    ]
    return max(shares, default=float("nan"))


def _filled(quality: Quality) -> float:
    return _share((item.filled, item.rows) for item in quality.filled)


def _matched(quality: Quality) -> float:
    return _share((item.matched.facts, item.judged) for item in quality.reconciliations)


def _confirmed(quality: Quality) -> float:
    return _share((item.confirmed.facts, item.judged) for item in quality.reconciliations)


def _agreeing(quality: Quality) -> float:
    return _share((item.confirmed, item.independent) for item in quality.consistency)


def _accurate(quality: Quality) -> float:
    return _share((item.equal, item.checked) for item in quality.accuracy)


QUALITY_FEATURES: tuple[QualityFeature, ...] = (
    QualityFeature(
        "quality_late_share", "share",
        "rows told later than their source promised, of all whose lag is known",
        1, "Who tells late may hold back.", False, LOOKED_UP, _late,
    ),
    QualityFeature(
        "quality_age_days", "days",
        "days between the newest record of any kind and the date",
        1, "A firm of which nothing new is known may have stopped.", False, STOPPED, _age_days,
    ),
    QualityFeature(
        "quality_missing_month_share", "share",
        "months without records beyond the firm's own rhythm, of all months of the dataset in "
        "which they are most frequent",
        1, "Silent months hide trade or are months without it.", False, STOPPED, _missing_months,
    ),
    QualityFeature(
        "quality_filled_share", "share",
        "optional fields that are filled, of all rows and optional fields",
        -1, "Orderly books are kept by orderly firms.", False, LOOKED_UP, _filled,
    ),
    QualityFeature(
        "quality_matched_share", "share",
        "facts of reconciliation that match, of all that could be judged",
        -1, "Orders that nobody pays and invoices that nobody settles are no trade.",
        True, STOPPED, _matched,
    ),
    QualityFeature(
        "quality_confirmed_share", "share",
        "facts of reconciliation that two origins tell alike, of all that could be judged",
        -1, "What another confirms was not made up alone.", True, LOOKED_UP, _confirmed,
    ),
    QualityFeature(
        "quality_agreeing_share", "share",
        "facts on which independent sources say the same, of all that several of them tell",
        -1, "Who tells each lender another story has one to hide.", True, LOOKED_UP, _agreeing,
    ),
    QualityFeature(
        "quality_accurate_share", "share",
        "facts that equal confirmed truth, of all that have one",
        -1, "Who was right where it could be checked is likelier right elsewhere.",
        True, LOOKED_UP, _accurate,
    ),
)  # fmt: skip
"""Every feature of quality; names are unique."""


def quality_features(qualities: Sequence[Quality]) -> FeatureTable:
    """The features of quality of each firm, in the order given; NaN where nothing can be said."""
    values = np.array(
        [[feature.value(quality) for feature in QUALITY_FEATURES] for quality in qualities],
        dtype=np.float64,
    ).reshape(len(qualities), len(QUALITY_FEATURES))
    values.setflags(write=False)
    names = tuple(feature.name for feature in QUALITY_FEATURES)
    return FeatureTable(tuple(quality.enterprise for quality in qualities), names, values)
