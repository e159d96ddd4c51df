"""The page of each firm: where it stands, its neighbours, and what the scenario does to it."""

import re
from dataclasses import dataclass

from tradeline.kernel.hashing import hash_bytes
from tradeline.risk.report.data import Firm, Move, Reason, Report

PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
# A browser opens some thousand pages of one file at once; docs/decisions/0014 has the figures.
PAGES_MAX = 1000


@dataclass(frozen=True, slots=True)
class FirmPage:
    """A firm and the places of its page and of its neighbours'; empty where there is none."""

    firm: Firm
    anchor: str
    previous: str
    next: str
    move: Move | None

    @property
    def decided(self) -> str:
        """What decided, in sentences."""
        return " ".join(reason.text for reason in self.firm.reasons if not reason.points)

    @property
    def losses(self) -> tuple[Reason, ...]:
        """The reasons that moved the score."""
        return tuple(reason for reason in self.firm.reasons if reason.points)


def anchor(enterprise: str) -> str:
    """The place of a firm in the report: its identifier if plain, else a hash of it."""
    if PLAIN_ID.fullmatch(enterprise):
        return f"firm-{enterprise}"
    return "firm-" + hash_bytes(enterprise.encode("utf-8", "surrogatepass"))[7:27]


def pages(report: Report, most: int = PAGES_MAX) -> tuple[FirmPage, ...]:
    """Every firm in the report's order, the first `most` with a page of their own."""
    places = [anchor(firm.enterprise) for firm in report.firms[:most]]
    places += [""] * (len(report.firms) - len(places))
    around = ["", *places, ""]
    moves = {move.enterprise: move for move in report.scenario.moves} if report.scenario else {}
    return tuple(
        FirmPage(firm, here, before if here else "", after, moves.get(firm.enterprise))
        for firm, before, here, after in zip(
            report.firms, around, around[1:], around[2:], strict=False
        )
    )
