"""Which version of a policy decides on whom: champion, challengers by share, and shadows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from tradeline.kernel.findings import problem
from tradeline.risk.decisions.application import Applications, some
from tradeline.risk.decisions.batch import Dealing
from tradeline.risk.decisions.connected_exposure import NO_GROUPS, Groups, client_of
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.record import SHADOW
from tradeline.risk.policy.life import Life, Version
from tradeline.risk.policy.routing import routed


@dataclass(frozen=True, slots=True, eq=False)
class Dealt:
    """Some applications, the engine that decides on them, and in which role."""

    applications: Applications
    engine: Engine
    dealing: Dealing


def deal(
    applications: Applications,
    life: Life,
    at: datetime,
    engine_of: Callable[[Version], Engine],
    groups: Groups = NO_GROUPS,
) -> Iterator[Dealt]:
    """Every application to the version that decides on its client, and to every shadow.

    Connected enterprises are one client, so one version decides on all of them.
    InputProblem if no version of the policy is in force at the moment.
    """
    standing = life.standing(at)
    if standing is None:
        raise problem(
            "no-policy-in-force",
            life.policy,
            f"No version of the policy is live on {at:%Y-%m-%d %H:%M}.",
            "Bring one live: tradeline policy advance --to live.",
        )
    routes = [
        routed(client_of(str(one), groups), standing) for one in applications.enterprise.tolist()
    ]
    for route in dict.fromkeys(routes):
        rows = np.flatnonzero([one == route for one in routes])
        dealing = Dealing(route.role, route.propensity)
        yield Dealt(some(applications, rows), engine_of(route.version), dealing)
    for version in standing.shadows:
        yield Dealt(applications, engine_of(version), Dealing(SHADOW))
