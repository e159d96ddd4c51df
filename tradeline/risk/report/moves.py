"""Who moves under a scenario, gathered by what becomes of the offer."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tradeline.risk.report.data import Firm, Move
from tradeline.risk.report.pages import FirmPage

KINDS = (
    "No longer approved",
    "Newly approved",
    "Smaller loan",
    "Larger loan",
    "Same loan at another rate",
    "Other",
)


@dataclass(frozen=True, slots=True)
class Movers:
    """The firms that move in one way, what they are offered before and after, and what decides."""

    kind: str
    pages: tuple[FirmPage, ...]
    before_minor: int
    after_minor: int
    decided_by: tuple[tuple[str, int], ...]


def movers(pages: Iterable[FirmPage]) -> tuple[Movers, ...]:
    """The firms with a move by kind, the gravest first; what decides most often comes first."""
    gathered: dict[str, list[tuple[FirmPage, Move]]] = {kind: [] for kind in KINDS}
    for page in pages:
        if page.move:
            gathered[kind_of(page.firm, page.move)].append((page, page.move))
    return tuple(_movers(kind, moved) for kind, moved in gathered.items() if moved)


def kind_of(firm: Firm, move: Move) -> str:
    """What becomes of a firm's offer."""
    before, after = firm.outcome == "approve", move.outcome == "approve"
    if before and not after:
        return "No longer approved"
    if after and not before:
        return "Newly approved"
    if not before:
        return "Other"
    if move.amount_minor != firm.amount_minor:
        return "Larger loan" if move.amount_minor > firm.amount_minor else "Smaller loan"
    return "Same loan at another rate"


def _movers(kind: str, moved: list[tuple[FirmPage, Move]]) -> Movers:
    decided = Counter(move.binding_constraint for _, move in moved if move.binding_constraint)
    return Movers(
        kind,
        tuple(page for page, _ in moved),
        sum(page.firm.amount_minor for page, _ in moved),
        sum(move.amount_minor for _, move in moved),
        tuple(sorted(decided.items(), key=lambda item: (-item[1], item[0]))),
    )
