"""Which version of a policy decides on an enterprise, and how likely that was."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import accumulate
from math import fsum
from typing import Literal

from tradeline.kernel.hashing import canonical_json
from tradeline.risk.policy.life import Life, Standing, Version

WHOLE = 2**64


@dataclass(frozen=True, slots=True)
class Route:
    """The version that decides, its role, and the share of enterprises to which it is dealt.

    `propensity` is by what an outcome is weighted when versions are compared.
    """

    version: Version
    role: Literal["champion", "challenger"]
    propensity: float
    experiment: str = ""


def route(enterprise_id: str, life: Life, at: datetime) -> Route | None:
    """Which version decides on an enterprise at a moment; None if none is in force.

    An enterprise stays with a version as long as the experiment and its shares do.
    """
    standing = life.standing(at)
    return routed(enterprise_id, standing) if standing else None


def routed(enterprise_id: str, standing: Standing) -> Route:
    """Which version decides on an enterprise, as versions stand."""
    if not standing.challengers:
        return Route(standing.champion, "champion", 1.0)
    ends = list(accumulate(each.share for each in standing.challengers))
    dealt = bisect_right(ends, lot(enterprise_id, standing.experiment))
    if dealt < len(ends):
        drawn = standing.challengers[dealt]
        return Route(drawn.version, "challenger", drawn.share, standing.experiment)
    kept = 1 - fsum(each.share for each in standing.challengers)
    return Route(standing.champion, "champion", kept, standing.experiment)


def lot(enterprise_id: str, experiment: str) -> float:
    """A number from 0 up to 1 that only the enterprise and the experiment decide.

    The first 64 bits of a SHA-256: as good as drawn, and the same on every machine.
    """
    digest = sha256(canonical_json([experiment, enterprise_id]).encode()).digest()
    return int.from_bytes(digest[:8], "big") / WHOLE
