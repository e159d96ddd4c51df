"""A scenario decides again within the same limits and says who moves and why."""

from pathlib import Path

from tests.risk.assessed import assessment
from tradeline.risk.stress import Stressed, stress


def stressed(folder: Path, shock: str) -> Stressed:
    path = folder / "shock.yaml"
    path.write_text(f"name: storm\nshocks:\n  - {shock}\n", encoding="utf-8")
    found = assessment()
    return stress(path, found.applicants, found.rules, found.decided)


def test_a_shock_raises_pds_and_never_the_profit(tmp_path: Path) -> None:
    found = stressed(tmp_path, '{industry: "*", default_odds: 3, sales: -0.5, lgd: 0.2}')
    before = assessment().decided.plan.offers
    after = found.decided.plan.offers
    assert 0 <= after.total_profit_minor < before.total_profit_minor
    assert after.total_offered_minor <= assessment().rules.limits.budget_minor
    assert found.shown.moves
    assert all("odds of default x 3, cash flow -50 %" in move.why for move in found.shown.moves)


def test_a_shock_without_effect_moves_nobody(tmp_path: Path) -> None:
    found = stressed(tmp_path, '{industry: "*", default_odds: 1}')
    assert found.shown.moves == ()
    assert found.shown.portfolio.expected_profit_minor == (
        assessment().decided.plan.offers.total_profit_minor
    )


def test_every_decision_that_differs_is_a_move(tmp_path: Path) -> None:
    found = stressed(tmp_path, '{industry: "*", default_odds: 2}')
    before, after = assessment().decided, found.decided
    differs = {
        assessment().applicants.table.enterprises[firm]
        for firm in range(len(before.grades))
        if before.outcome(firm) != after.outcome(firm)
    }
    assert differs <= {move.enterprise for move in found.shown.moves}


def test_who_loses_its_grade_hears_so(tmp_path: Path) -> None:
    found = stressed(tmp_path, '{industry: "*", default_odds: 20}')
    lost = [move for move in found.shown.moves if "becomes D" in move.why]
    assert lost
    assert all(move.outcome == "decline" for move in lost)
