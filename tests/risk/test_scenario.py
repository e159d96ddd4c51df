"""A scenario is read whole, its mistakes listed together, and its shocks do what they say."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tradeline.kernel.findings import InputProblem
from tradeline.risk.scenario import (
    Scenario,
    Shock,
    describe,
    lgd_of,
    parse_scenario,
    read_scenario,
    shocked_cash_flow,
    shocked_pd,
)

ROOT = Path(__file__).parents[2]
EPIDEMIC = ROOT / "examples" / "scenarios" / "epidemic.yaml"
GUIDE = ROOT / "docs" / "guides" / "scenarios.md"
INDUSTRIES = (
    "agriculture", "construction", "education", "energy and environment",
    "engineering and manufacturing", "food and beverage", "health", "hospitality and tourism",
    "information technology", "legal and business services", "logistics", "media and culture",
    "property", "retail and wholesale", "textiles", "personal services", "other",
)  # fmt: skip
STRIKE = Scenario(
    "Strike",
    "",
    (Shock("logistics", 2.0, -0.4, 0.1), Shock("health", sales=0.5), Shock("*", 1.5)),
)
FIRMS = ("logistics", "health", "textiles", "")


def refusal_of(content: object) -> list[str]:
    with pytest.raises(InputProblem) as refusal:
        parse_scenario(content, "strike.yaml", INDUSTRIES)
    return [finding.message for finding in refusal.value.findings]


def of_shock(**shock: object) -> dict[str, object]:
    return {"name": "Strike", "shocks": [{"industry": "logistics"} | shock]}


def test_the_example_hits_travel_hardest_and_health_not_at_all() -> None:
    epidemic = read_scenario(EPIDEMIC, INDUSTRIES)
    assert epidemic.findings == ()
    pd = shocked_pd(epidemic, INDUSTRIES, np.full(len(INDUSTRIES), 0.05))
    risk = dict(zip(INDUSTRIES, pd.tolist(), strict=True))
    assert max(risk, key=risk.__getitem__) == "hospitality and tourism"
    assert {name for name, now in risk.items() if now < 0.05} == {
        "health",
        "information technology",
    }


def test_the_guide_shows_a_scenario_that_can_be_read() -> None:
    block = GUIDE.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    shown = parse_scenario(yaml.safe_load(block), "guide", INDUSTRIES)
    assert shown.findings == ()
    assert shown.shocks[0] == Shock("logistics", 2.0, -0.4, 0.05)
    assert shocked_pd(shown, ["logistics"], np.array([0.05])) == pytest.approx(0.095, abs=5e-4)


def test_an_industry_takes_its_own_shock_or_that_of_all_others() -> None:
    assert [STRIKE.shock_of(name).default_odds for name in FIRMS] == [2.0, 1.0, 1.5, 1.5]
    assert Scenario("", "", (Shock("health", 3.0),)).shock_of("logistics") == Shock("logistics")


def test_odds_of_default_are_multiplied() -> None:
    # Odds of 1 to 4 become 2 to 4, stay, become 1.5 to 4.
    assert shocked_pd(STRIKE, FIRMS, np.full(4, 0.2)).tolist() == pytest.approx(
        [2 / 6, 0.2, 1.5 / 5.5, 1.5 / 5.5]
    )


@given(st.floats(0, 1), st.floats(0.001, 1000))
def test_a_shocked_pd_is_a_probability_and_the_odds_say_where_it_moves(
    pd: float, odds: float
) -> None:
    now = shocked_pd(Scenario("", "", (Shock("*", odds),)), ["x"], np.array([pd]))[0]
    assert 0 <= now <= 1
    assert (now - pd) * (odds - 1) >= -1e-12


def test_a_pd_that_is_not_known_stays_unknown() -> None:
    assert np.isnan(shocked_pd(STRIKE, ["logistics"], np.array([np.nan]))).all()


def test_positive_cash_flow_changes_with_sales_and_negative_stays() -> None:
    cash_flow = np.array([100.0, 100.0, 100.0, 100.0])
    assert shocked_cash_flow(STRIKE, FIRMS, cash_flow).tolist() == [60, 150, 100, 100]
    assert shocked_cash_flow(STRIKE, FIRMS, -cash_flow).tolist() == [-100, -100, -100, -100]


def test_loss_given_default_moves_within_its_bounds() -> None:
    assert lgd_of(STRIKE, FIRMS, 0.45).tolist() == pytest.approx([0.55, 0.45, 0.45, 0.45])
    assert lgd_of(STRIKE, ["logistics"], 0.95).tolist() == [1.0]


@pytest.mark.parametrize(
    ("shock", "words"),
    [
        (Shock("x", 2.0, -0.4), "odds of default x 2, cash flow -40 %"),
        (Shock("x", 0.9, 0.07), "odds of default x 0.9, cash flow +7 %"),
        (Shock("x", lgd=0.1), "loss given default +10 points"),
        (Shock("x"), "no change"),
    ],
)
def test_a_shock_is_described_in_words(shock: Shock, words: str) -> None:
    assert describe(shock) == words


def test_an_industry_that_no_firm_is_in_is_a_warning() -> None:
    found = parse_scenario(of_shock(sales=-0.1), "strike.yaml", ["health", "agriculture"]).findings
    assert len(found) == 1
    assert found[0].line() == (
        "warning: strike.yaml: No firm is in the industry 'logistics', so its shock changes "
        "nothing. The firms are in agriculture, health."
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (["x"], "The scenario must be a table of keys: name, description, shocks."),
        (of_shock(sales=0) | {"title": 1},
         "scenario: unknown key 'title'; known are name, description, shocks."),
        (of_shock(sales=0) | {"name": " "}, "The scenario needs a `name`."),
        (of_shock(sales=0) | {"description": 3}, "`description` must be text."),
        ({"name": "x"}, "The scenario needs a list `shocks` with at least one shock."),
        ({"name": "x", "shocks": []},
         "The scenario needs a list `shocks` with at least one shock."),
        ({"name": "x", "shocks": ["y"]}, "shock 1 must be a table of keys."),
        ({"name": "x", "shocks": [{"sales": 0}]},
         "shock 1 names no `industry`; write `\"*\"` for all others."),
        (of_shock(), "shock 1 changes nothing; state one of default_odds, sales, lgd."),
        (of_shock(sales=0, odds=2),
         "shock 1: unknown key 'odds'; known are industry, default_odds, sales, lgd."),
        (of_shock(default_odds=0),
         "shock 1: `default_odds` is 0; it must be a number from 0.01 to 100."),
        (of_shock(default_odds="two"),
         "shock 1: `default_odds` is 'two'; it must be a number from 0.01 to 100."),
        (of_shock(default_odds=True),
         "shock 1: `default_odds` is True; it must be a number from 0.01 to 100."),
        (of_shock(default_odds=float("inf")),
         "shock 1: `default_odds` is inf; it must be a number from 0.01 to 100."),
        (of_shock(sales=-1.5), "shock 1: `sales` is -1.5; it must be a number from -1 to 10."),
        (of_shock(sales=float("nan")),
         "shock 1: `sales` is nan; it must be a number from -1 to 10."),
        (of_shock(sales=None), "shock 1: `sales` is None; it must be a number from -1 to 10."),
        (of_shock(sales=40), "shock 1: `sales` is 40; it must be a number from -1 to 10."),
        (of_shock(lgd=45), "shock 1: `lgd` is 45; it must be a number from -1 to 1."),
        ({"name": "x", "shocks": [{"industry": "*", "sales": 0}] * 2},
         "The industry '*' is stated 2 times; state it once."),
    ],
)  # fmt: skip
def test_a_mistake_is_named(content: object, message: str) -> None:
    assert refusal_of(content) == [message]


def test_all_mistakes_are_listed_together() -> None:
    shocks = [{"industry": "health", "sales": -2, "lgd": "x"}, {"industry": "health", "size": 1}]
    assert len(refusal_of({"shocks": [*shocks, {"lgd": 0}, {"lgd": 0}]})) == 8


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputProblem, match=r"There is no such scenario file. See docs/guides/scen"):
        read_scenario(tmp_path / "none.yaml", INDUSTRIES)


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("shocks: [", encoding="utf-8")
    with pytest.raises(InputProblem, match=r"error: broken.yaml: The scenario file is not YAML: "):
        read_scenario(tmp_path / "broken.yaml", INDUSTRIES)
    (tmp_path / "date.yaml").write_text("name: 2020-13-45", encoding="utf-8")
    with pytest.raises(
        InputProblem, match=r"error: date.yaml: The scenario file is not YAML: month"
    ):
        read_scenario(tmp_path / "date.yaml", INDUSTRIES)
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(
        InputProblem, match=r"error: binary.yaml: The scenario file is not written in UTF-8"
    ):
        read_scenario(tmp_path / "binary.yaml", INDUSTRIES)
