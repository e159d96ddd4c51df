"""What a lender limits over a portfolio, and the caps that follow for the firms in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.risk.pricing.efficient_offers import EfficientOffers
from tradeline.risk.pricing.portfolio import NONE, CapKind, Portfolio

Ints = NDArray[np.int64]

AMOUNT, LOSS = 0, 1
WHERE = "portfolio limits"
NO_GROUP = ""


@dataclass(frozen=True, slots=True)
class PortfolioLimits:
    """The most lent and lost on all offers together, in minor units.

    `sector_shares` and `grade_shares` are the greatest shares of the budget that a sector or grade
    may take; one that is not named has no cap of its own. `single_name_minor` is the most lent to
    connected clients together, what they have already counted. Raises `InputProblem` that lists
    every limit that makes no sense.
    """

    budget_minor: int
    loss_minor: int
    single_name_minor: int
    sector_shares: Mapping[str, float] = field(default_factory=dict)
    grade_shares: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what makes no sense, all of it together."""
        found = list(self._problems())
        if found:
            raise InputProblem(
                Finding("bad-limit", Severity.ERROR, WHERE, message, remedy)
                for message, remedy in found
            )

    def _problems(self) -> Iterator[tuple[str, str]]:
        for name in ("budget_minor", "loss_minor", "single_name_minor"):
            amount = getattr(self, name)
            if type(amount) is not int or amount < 0:
                yield f"`{name}` is {amount!r}.", "Write whole minor units, 0 or more."
        for noun, shares in (("sector", self.sector_shares), ("grade", self.grade_shares)):
            for name, share in shares.items():
                if not 0 <= share <= 1:
                    yield (
                        f"The cap of {noun} '{name}' is {share:g}, outside 0 to 1.",
                        "Write a share of the budget, such as 0.25 for a quarter.",
                    )


def limited_portfolio(
    limits: PortfolioLimits,
    offers: EfficientOffers,
    sector: Sequence[str],
    grade: Sequence[str],
    group: Sequence[str],
    exposure_minor: Ints,
) -> Portfolio:
    """The offers to firms under the limits; each firm has a sector, grade and group.

    `group` is `NO_GROUP` for a firm without connected clients; `exposure_minor` (firms,) is what
    the firm and its group have been lent already.
    """
    firms = len(sector)
    groups, places = _places(group, set(group) - {NO_GROUP})
    lent = np.zeros(len(groups), dtype=np.int64)
    np.maximum.at(lent, places[places != NONE], exposure_minor[places != NONE])
    room = np.maximum(limits.single_name_minor - lent, 0)
    everyone = np.zeros(firms, dtype=np.int64)
    kinds = (
        CapKind("budget", AMOUNT, np.array([limits.budget_minor]), everyone),
        _by_share("sector", limits.sector_shares, limits.budget_minor, sector),
        _by_share("grade", limits.grade_shares, limits.budget_minor, grade),
        CapKind("connected clients", AMOUNT, room, places, together=True),
        CapKind("expected loss", LOSS, np.array([limits.loss_minor]), everyone),
    )
    uses = np.stack([offers.amount_minor, offers.loss_minor])
    return Portfolio(firms, offers.firm, offers.profit_minor, uses, kinds)


def _by_share(
    name: str, shares: Mapping[str, float], budget_minor: int, of_firm: Sequence[str]
) -> CapKind:
    names, places = _places(of_firm, set(shares))
    # As written: in binary 0.29 of 100 would be 28.
    caps = [int(Decimal(str(shares[one])) * budget_minor) for one in names]
    return CapKind(name, AMOUNT, np.array(caps, dtype=np.int64), places)


def _places(of_firm: Sequence[str], names: set[str]) -> tuple[list[str], Ints]:
    """The names in order, and each firm's place among them, `NONE` for another."""
    ordered = sorted(names)
    place = {name: at for at, name in enumerate(ordered)}
    return ordered, np.fromiter((place.get(one, NONE) for one in of_firm), np.int64, len(of_firm))
