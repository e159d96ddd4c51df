"""How far reasons hold: whether refits and months name the same factors for the same firms."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from tradeline.kernel.findings import problem
from tradeline.risk.report.data import Interval
from tradeline.risk.validation.calibration import default_rate
from tradeline.risk.validation.resampling import LEVEL

Reasons = Sequence[str]
FIRST = 4


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike the reasons of the same firms are in two fits or two months.

    `same_factors` and `same_first` are shares of firms, `overlap` the mean share of the factors
    named by either that both name (Jaccard).
    """

    firms: int
    same_factors: Interval
    same_first: Interval
    overlap: float


def reason_agreement(
    before: Sequence[Reasons], after: Sequence[Reasons], level: float = LEVEL
) -> Agreement:
    """Compare the first four factors of each firm, most important first, firm by firm.

    Two firms without reasons agree. Raises InputProblem unless both are of the same firms.
    """
    if len(before) != len(after) or not before:
        raise problem(
            "other-firms",
            "reasons",
            f"Reasons of {len(before)} firms stand against reasons of {len(after)}.",
            "Give reasons of the same firms, in the same order.",
        )
    pairs = [(one[:FIRST], other[:FIRST]) for one, other in zip(before, after, strict=True)]
    same = sum(set(one) == set(other) for one, other in pairs)
    first = sum(list(one[:1]) == list(other[:1]) for one, other in pairs)
    overlap = sum(_overlap(set(one), set(other)) for one, other in pairs) / len(pairs)
    return Agreement(
        len(pairs),
        default_rate(same, len(pairs), level),
        default_rate(first, len(pairs), level),
        overlap,
    )


def factor_shares(reasons: Sequence[Reasons]) -> Mapping[str, float]:
    """The share of firms that each factor is among the first four reasons of, the greatest first.

    Taken month by month, or refit by refit, it shows which factors come and go.
    """
    named = Counter(chain.from_iterable(set(firm[:FIRST]) for firm in reasons))
    ranked = sorted(named.items(), key=lambda item: (-item[1], item[0]))
    return {factor: count / len(reasons) for factor, count in ranked}


def _overlap(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 1.0
