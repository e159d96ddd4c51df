"""Who trades with whom: buyers and suppliers that firms share, found by preferential attachment.

A tie goes to a new party, or copies an earlier tie's party; copied parties grow in proportion to
what they have, which gives a power law (Simon 1955).
"""

from dataclasses import dataclass

import numpy as np

from tradeline.world.settings import Floats, Ints

NEW_PARTY_SHARE = 0.45
TIES_MAX = 300

# The parties that every market has, numbered before all others.
PLATFORM, STAFF, TAX_OFFICE, LANDLORD, LENDER = range(5)
INSTITUTIONS = 5


@dataclass(frozen=True, slots=True)
class Network:
    """The ties of every firm: firm i's are `party[first[i]:first[i + 1]]`, the best one first.

    `tilt` (firms) is 1 where trade spreads over all ties and higher where few ties take most.
    """

    first: Ints
    party: Ints
    tilt: Floats

    @property
    def ties(self) -> Ints:
        """The number of ties of each firm."""
        return np.diff(self.first)


def attach(ties: int, rng: np.random.Generator) -> Ints:
    """The party of each tie, numbered from 0 without gaps."""
    own = np.arange(ties)
    earlier = (rng.random(ties) * own).astype(np.int64)
    target = np.where(rng.random(ties) < NEW_PARTY_SHARE, own, earlier)
    while (target != target[target]).any():
        target = target[target]
    return np.unique(target, return_inverse=True)[1].astype(np.int64)


def draw_network(monthly_trades: Floats, first_party: int, rng: np.random.Generator) -> Network:
    """Ties in number by how much a firm trades (firms); parties are numbered from `first_party`."""
    firms = len(monthly_trades)
    spread = np.exp(rng.normal(0, 0.4, firms))
    ties = np.clip(2 + 3 * monthly_trades**0.7 * spread, 2, TIES_MAX).astype(np.int64)
    party = first_party + rng.permutation(attach(int(ties.sum()), rng))
    return Network(np.concatenate([[0], np.cumsum(ties)]), party, rng.uniform(1, 3, firms))


def active_ties(network: Network, firm: Ints, health: Floats) -> Ints:
    """How many of its ties a firm still trades with: those that do badly lose parties."""
    part = np.clip(0.75 + 0.2 * health, 0.25, 1)
    return np.maximum(1, (network.ties[firm] * part).astype(np.int64))


def pick(network: Network, firm: Ints, active: Ints, rng: np.random.Generator) -> Ints:
    """The party of each trade (trades), among the `active` first ties of its firm."""
    slot = (active * rng.random(len(firm)) ** network.tilt[firm]).astype(np.int64)
    return np.asarray(network.party[network.first[firm] + slot])
