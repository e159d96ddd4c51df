"""Who moves under a scenario is gathered by what becomes of the offer."""

from dataclasses import replace

import pytest

from tests.risk.report.sample import APPROVED, NO_DATA, REFERRED, REPORT
from tradeline.risk.report.data import Firm, Move, Outcome, Scenario
from tradeline.risk.report.moves import KINDS, kind_of, movers
from tradeline.risk.report.pages import pages

AMOUNT = APPROVED.amount_minor


@pytest.mark.parametrize(
    ("firm", "outcome", "amount_minor", "kind"),
    [
        (APPROVED, "decline", 0, "No longer approved"),
        (APPROVED, "refer", 0, "No longer approved"),
        (NO_DATA, "approve", AMOUNT, "Newly approved"),
        (REFERRED, "approve", AMOUNT, "Newly approved"),
        (APPROVED, "approve", AMOUNT - 1, "Smaller loan"),
        (APPROVED, "approve", AMOUNT + 1, "Larger loan"),
        (APPROVED, "approve", AMOUNT, "Same loan at another rate"),
        (REFERRED, "decline", 0, "Other"),
    ],
)
def test_what_becomes_of_an_offer(
    firm: Firm, outcome: Outcome, amount_minor: int, kind: str
) -> None:
    move = Move(firm.enterprise, outcome, amount_minor, 0.09, 0.1, "Why.")
    assert kind_of(firm, move) == kind


def test_movers_add_up_and_name_what_decides_most_often_first() -> None:
    firms = tuple(replace(APPROVED, enterprise=f"E{n}") for n in range(4))
    words = ("grade D", "budget", "grade D")
    moves = tuple(
        Move(f"E{n}", "decline", 0, None, 0.2, "Why.", "D", word) for n, word in enumerate(words)
    )
    scenario = Scenario("storm", "", (), REPORT.portfolio, moves)
    (found,) = movers(pages(replace(REPORT, firms=firms, scenario=scenario)))
    assert (found.kind, len(found.pages)) == (KINDS[0], 3)
    assert (found.before_minor, found.after_minor) == (3 * AMOUNT, 0)
    assert found.decided_by == (("grade D", 2), ("budget", 1))


def test_without_moves_nobody_moves() -> None:
    assert movers(pages(replace(REPORT, scenario=None))) == ()
