"""Features that may be a consequence of default rather than a sign of it, with the evidence.

A feature that follows from default tells much once the default has happened and little before. So
each is judged alone on the firms with known outcome, as of the date and as of a year earlier. That
warns, it does not prove: a true sign fades with distance too, a default older than a year shows in
both figures, and of many features some differ by chance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.table import FeatureTable
from tradeline.risk.report.data import Interval, SuspiciousFeature
from tradeline.risk.validation.discrimination import auc, auc_per_draw
from tradeline.risk.validation.resampling import LEVEL, Counts, draw_counts, interval_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
Way = tuple[int, float]

RATING = "rating"
# Alone, hardly any honest feature ranks defaults as well as this.
NEARLY_THE_OUTCOME = 0.97
# With fewer defaults, one feature of many ranks so well by chance.
DEFAULTS_TO_SCREEN = 10
# Where fewer of the firms had a figure a year earlier, the comparison would be of missing values.
COMPARABLE_SHARE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class _Sample:
    """Firms with known outcome: their rows in the tables, and draws of them."""

    rows: Ints
    bad: Flags
    counts: Counts
    level: float

    def alone(self, risk: Floats) -> Floats:
        return auc_per_draw(self.bad, risk, self.counts)

    def interval(self, figures: Floats) -> Interval:
        return interval_of(figures, self.level)


def suspicious_features(
    features: Sequence[Feature],
    now: FeatureTable,
    earlier: FeatureTable,
    outcomes: Mapping[str, bool],
    generator: np.random.Generator,
    *,
    ratings: Mapping[str, int] | None = None,
    level: float = LEVEL,
) -> tuple[SuspiciousFeature, ...]:
    """The bank's rating first, then by the fall of the AUC to a year earlier, greatest first.

    Judged are the features with values that declare a possible consequence, and every other that
    alone nearly equals the outcome; a missing value counts as riskiest. `earlier` is the table of
    the same firms as of a year before. `outcomes` says of an enterprise whether it defaulted,
    `ratings` the place of its rating on the bank's scale, 0 the best. Unless some firms defaulted
    and some did not, the declared features are named without figures.
    """
    assert now.enterprises == earlier.enterprises, "both tables hold the same firms"
    sample = _sample(now.enterprises, outcomes, generator, level)
    if sample is None:
        declared = (feature for feature in features if feature.possible_consequence)
        return tuple(_unmeasured(f) for f in declared if not np.isnan(now.column(f.name)).all())
    judged = []
    for feature in features:
        values, before = (t.column(feature.name)[sample.rows] for t in (now, earlier))
        way = _suspected(feature, values, sample.bad)
        if way:
            judged.append(_judge(feature, way, values, before, sample))
    ranked = [shown for _, shown in sorted(judged, key=lambda pair: -pair[0])]
    return (*_rating(ratings, now.enterprises, sample), *ranked)


def suspicious_names(
    features: Sequence[Feature], found: Sequence[SuspiciousFeature]
) -> frozenset[str]:
    """What PDs and decisions must not use: all declared features, and what was found."""
    declared = {feature.name for feature in features if feature.possible_consequence}
    return frozenset(declared | {feature.name for feature in found})


def _sample(
    enterprises: Sequence[str],
    outcomes: Mapping[str, bool],
    generator: np.random.Generator,
    level: float,
) -> _Sample | None:
    rows = [row for row, enterprise in enumerate(enterprises) if enterprise in outcomes]
    bad = np.array([outcomes[enterprises[row]] for row in rows], dtype=bool)
    if bad.all() or not bad.any():
        return None
    return _Sample(np.array(rows), bad, draw_counts(bad, generator), level)


def _suspected(feature: Feature, values: Floats, bad: Flags) -> Way | None:
    """How a value means risk, if the feature is suspicious: as declared, else as ranks best."""
    if np.isnan(values).all():
        return None
    if feature.possible_consequence:
        signs = (feature.direction,) if feature.direction else (1, -1)
        ways = [(sign, np.inf) for sign in signs]
    elif bad.sum() >= DEFAULTS_TO_SCREEN:
        ways = [(sign, missing) for sign in (1, -1) for missing in (np.inf, -np.inf)]
    else:
        return None
    ranked, best = max((auc(bad, _risk(values, *way)), way) for way in ways)
    return best if feature.possible_consequence or ranked >= NEARLY_THE_OUTCOME else None


def _judge(
    feature: Feature, way: Way, values: Floats, before: Floats, sample: _Sample
) -> tuple[float, SuspiciousFeature]:
    """The fall of the AUC to a year earlier (minus infinity if not known), and what to show."""
    now, then = sample.alone(_risk(values, *way)), None
    if np.mean(~np.isnan(before[~np.isnan(values)])) >= COMPARABLE_SHARE:
        then = sample.alone(_risk(before, *way))
    figure = sample.interval(now)
    text = f"{_opening(feature)} {_ranks(figure)}{_comparison(now, then, sample)}"
    fall = -np.inf if then is None else float(now[0] - then[0])
    return fall, SuspiciousFeature(feature.name, feature.meaning, text, figure)


def _risk(values: Floats, sign: int, missing: float) -> Floats:
    return np.where(np.isnan(values), missing, sign * values)


def _opening(feature: Feature) -> str:
    return feature.possible_consequence or (
        "It nearly equals the outcome, as a consequence of default would."
    )


def _ranks(figure: Interval) -> str:
    return f"Alone it ranks defaults with AUC {_shown(figure)}"


def _comparison(now: Floats, then: Floats | None, sample: _Sample) -> str:
    """What the same figure a year earlier says, in words that the interval of the fall allows."""
    if then is None:
        return ". Too few firms have the figure a year earlier: this sample cannot tell."
    fall, told = sample.interval(now - then), float(now[0]) - 0.5
    text = f"; the same figure a year earlier with {_shown(sample.interval(then))}"
    if max(now[0], then[0]) <= 0.5:
        return f"{text}. Neither tells risk the way it should: this sample cannot tell."
    if fall.low > 0:
        part = "most" if fall.estimate > told / 2 else "part"
        return f"{text}, so {part} of what it tells came within that year."
    if fall.high < max(told / 2, 0.0):
        more = "It told more then" if fall.high < 0 else "Most of what it tells was there then"
        return f"{text}. {more}: it foretells default, or the default is older than a year."
    return f"{text}. The difference of {_shown(fall)} may be chance: this sample cannot tell."


def _rating(
    ratings: Mapping[str, int] | None, enterprises: Sequence[str], sample: _Sample
) -> tuple[SuspiciousFeature, ...]:
    if not ratings:
        return ()
    places = np.array([ratings.get(enterprises[row], np.nan) for row in sample.rows])
    figure = sample.interval(sample.alone(_risk(places, 1, np.inf)))
    nearly = figure.estimate >= NEARLY_THE_OUTCOME
    verdict = ": nearly the same thing as default." if nearly else "."
    text = f"The bank may have known of a default when it rated. {_ranks(figure)}{verdict}"
    return (SuspiciousFeature(RATING, "the bank's rating", text, figure),)


def _unmeasured(feature: Feature) -> SuspiciousFeature:
    text = "Nothing can be measured without firms that defaulted and firms that did not."
    return SuspiciousFeature(
        feature.name, feature.meaning, f"{feature.possible_consequence} {text}"
    )


def _shown(figure: Interval) -> str:
    return f"{figure.estimate:.2f} ({figure.low:.2f} to {figure.high:.2f})"
