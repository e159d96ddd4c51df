"""Whether declared groups are treated alike: approvals, chances of the good, PDs, ranking.

No single figure is fairness, and where default rates differ not all can be equal at once
(Chouldechova 2017; Kleinberg, Mullainathan and Raghavan 2017): so all are shown, each with its
interval. A group that is too small for a figure is said to be, and has none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from tradeline.kernel.findings import problem
from tradeline.risk.report.data import Interval
from tradeline.risk.validation.calibration import default_rate
from tradeline.risk.validation.groups import CLASS_MIN, FIRMS_MIN, GroupFigures, figures_of_group
from tradeline.risk.validation.resampling import LEVEL

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Share:
    """How many firms of how many."""

    part: int
    whole: int

    @property
    def serves(self) -> bool:
        """Whether there are firms enough to speak of a share."""
        return self.whole >= FIRMS_MIN


@dataclass(frozen=True, slots=True)
class GroupTreatment:
    """One group against the reference group; None where either is too small.

    `approval` is the share of its firms that is approved; `opportunity` the same of those that did
    not default (equal opportunity, Hardt, Price and Srebro 2016). Ratio and differences are the
    group's over, or less, the reference's. `figures` has calibration and AUC on known outcomes.
    `too_small` says which figures are missing for want of firms.
    """

    group: str
    firms: int
    approval: Interval | None
    approval_ratio: Interval | None
    approval_difference: Interval | None
    opportunity: Interval | None
    opportunity_difference: Interval | None
    figures: GroupFigures
    too_small: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Treatment:
    """All groups in the order of names, and the one that they are compared with."""

    reference: str
    groups: tuple[GroupTreatment, ...]


def treatment_of(
    groups: Sequence[str],
    approved: Flags,
    pds: Floats,
    outcome: Floats,
    *,
    reference: str | None = None,
    level: float = LEVEL,
) -> Treatment:
    """Compare every group with the reference group, None for the largest.

    `outcome` is 1 for a bad, 0 for a good and NaN where it is not known. If it is known of approved
    firms only, opportunity says nothing: then give approvals at a cut-off among those with outcome.
    Raises InputProblem if the reference is no group.
    """
    member = np.asarray(groups)
    names, firms = np.unique(member, return_counts=True)
    chosen = str(names[firms.argmax()]) if reference is None else reference
    if chosen not in names:
        raise problem(
            "no-such-group",
            "groups",
            f"No firm is of the reference group '{chosen}'.",
            f"Name one of {', '.join(names.tolist())}.",
        )
    shares = {name: _shares(member == name, approved, outcome) for name in names.tolist()}
    return Treatment(
        chosen,
        tuple(
            _treatment(
                name,
                shares[name],
                shares[chosen],
                _figures(name, member, outcome, pds, level),
                level,
            )
            for name in shares
        ),
    )


def share_difference(one: Share, other: Share, level: float = LEVEL) -> Interval:
    """One share less the other, with the interval of Newcombe (1998), his method 10."""
    (p, low_p, high_p), (q, low_q, high_q) = (_wilson(share, level) for share in (one, other))
    down = ((p - low_p) ** 2 + (high_q - q) ** 2) ** 0.5
    up = ((high_p - p) ** 2 + (q - low_q) ** 2) ** 0.5
    return Interval(p - q, p - q - down, p - q + up)


def share_ratio(one: Share, other: Share, level: float = LEVEL) -> Interval | None:
    """One share over the other, with half a firm added for the interval (Walter 1975).

    None if the other share is none.
    """
    if not other.part:
        return None
    halves = [(share.part + 0.5, share.whole + 0.5) for share in (one, other)]
    centre = log(halves[0][0] / halves[0][1]) - log(halves[1][0] / halves[1][1])
    variance = sum(1 / part - 1 / whole for part, whole in halves)
    reach = float(ndtri((1 + level) / 2)) * variance**0.5
    found = (one.part / one.whole) / (other.part / other.whole)
    return Interval(found, min(found, exp(centre - reach)), max(found, exp(centre + reach)))


def _treatment(
    name: str,
    shares: tuple[Share, Share],
    reference: tuple[Share, Share],
    figures: GroupFigures,
    level: float,
) -> GroupTreatment:
    (approval, opportunity), (other_approval, other_opportunity) = shares, reference
    rates = approval.serves and other_approval.serves
    chances = opportunity.serves and other_opportunity.serves
    return GroupTreatment(
        name,
        approval.whole,
        _interval(approval, level),
        share_ratio(approval, other_approval, level) if rates else None,
        share_difference(approval, other_approval, level) if rates else None,
        _interval(opportunity, level),
        share_difference(opportunity, other_opportunity, level) if chances else None,
        figures,
        _too_small(approval, opportunity, figures),
    )


def _too_small(approval: Share, opportunity: Share, figures: GroupFigures) -> tuple[str, ...]:
    lacking = (
        (
            approval.serves,
            f"{approval.whole} firms are too few for approvals: {FIRMS_MIN} are needed",
        ),
        (
            opportunity.serves,
            f"{opportunity.whole} firms known to be good are too few for opportunity: {FIRMS_MIN} "
            "are needed",
        ),
        (
            figures.observed,
            f"{figures.firms} firms with a known outcome are too few for calibration: {FIRMS_MIN} "
            "are needed",
        ),
        (
            figures.auc,
            f"{figures.defaults} bads and {figures.firms - figures.defaults} goods are too few for "
            f"an AUC: {CLASS_MIN} of each are needed",
        ),
    )
    return tuple(message for holds, message in lacking if not holds)


def _shares(inside: Flags, approved: Flags, outcome: Floats) -> tuple[Share, Share]:
    """Approved of all, and approved of those known to be good."""
    good = inside & (outcome == 0)
    return (
        Share(int(approved[inside].sum()), int(inside.sum())),
        Share(int(approved[good].sum()), int(good.sum())),
    )


def _figures(
    name: str, member: NDArray[np.str_], outcome: Floats, pds: Floats, level: float
) -> GroupFigures:
    known = (member == name) & ~np.isnan(outcome)
    return figures_of_group(name, outcome[known] == 1, pds[known], level)


def _interval(share: Share, level: float) -> Interval | None:
    return default_rate(share.part, share.whole, level) if share.serves else None


def _wilson(share: Share, level: float) -> tuple[float, float, float]:
    """A share and its score interval (Wilson 1927)."""
    reach = float(ndtri((1 + level) / 2))
    p, n = share.part / share.whole, share.whole
    middle = (p + reach**2 / (2 * n)) / (1 + reach**2 / n)
    half = reach / (1 + reach**2 / n) * (p * (1 - p) / n + reach**2 / (4 * n**2)) ** 0.5
    return p, middle - half, middle + half
