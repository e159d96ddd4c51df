"""An analyst's decisions bind the card, stand in it with who and why, or are refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.risk.portfolios import LEVELS, TRADES, make_traders
from tradeline.kernel.findings import InputProblem
from tradeline.risk.scoring.artifact import read_card, write_card
from tradeline.risk.scoring.card import Card, Factor, bin_of
from tradeline.risk.scoring.override_files import read_overrides
from tradeline.risk.scoring.overrides import Action, Override
from tradeline.risk.scoring.scorecard import Scorecard

NAMES = ("margin", "age", "delay", "trade")
TRADERS = make_traders(3, 2500)


def said(feature: str, action: Action, *at: Any, value: float | None = None) -> Override:
    return Override(feature, action, "Li Wei", "Committee of 3 March", at, value)


def card_with(*overrides: Override) -> Card:
    scorecard = Scorecard(names=NAMES, levels=LEVELS, overrides=overrides)
    return scorecard.fit(TRADERS.X, TRADERS.bad).card_


def factor(card: Card, name: str) -> Factor:
    return next(factor for factor in card.factors if factor.name == name)


PLAIN = card_with()
NUMBER = max((f for f in PLAIN.factors if f.name != "trade"), key=lambda f: len(f.binning.edges))


def refusal(*overrides: Override) -> str:
    with pytest.raises(InputProblem) as caught:
        card_with(*overrides)
    return str(caught.value)


def test_a_split_is_an_edge_of_the_card() -> None:
    edge = NUMBER.binning.edges[0] * 1.07
    split = replace(said(NUMBER.name, Action.SPLIT, edge), breaks_monotony=True)
    binning = factor(card_with(split), NUMBER.name).binning
    assert edge in binning.edges
    column = TRADERS.X[:, NAMES.index(NUMBER.name)]
    assert sum(binning.counts) == len(column)
    assert sum(binning.counts[: binning.edges.index(edge) + 1]) == (column <= edge).sum()


def test_bins_that_are_merged_have_no_edge_between() -> None:
    low, high = NUMBER.binning.edges[:2]
    merged = factor(card_with(said(NUMBER.name, Action.MERGE, low, high)), NUMBER.name)
    assert not any(low <= edge < high for edge in merged.binning.edges)
    assert bin_of(merged, {NUMBER.name: low}) == bin_of(merged, {NUMBER.name: high})


def test_levels_are_merged_and_set_apart() -> None:
    groups = factor(PLAIN, "trade").binning.groups
    safest, riskiest = groups[0][0], groups[-1][0]
    merged = factor(card_with(said("trade", Action.MERGE, safest, riskiest)), "trade").binning
    assert any({*groups[0], *groups[-1]} <= set(group) for group in merged.groups)
    assert list(merged.woe[:-1]) == sorted(merged.woe[:-1])
    apart = factor(card_with(said("trade", Action.SPLIT, "ink")), "trade").binning
    assert ("ink",) in apart.groups
    for binning in (merged, apart):
        assert sorted(level for group in binning.groups for level in group) == list(TRADES)
        assert sum(binning.counts) == 2500


def test_a_forbidden_feature_has_no_place() -> None:
    assert "trade" not in card_with(said("trade", Action.FORBID)).names


def test_a_forced_direction_binds() -> None:
    against = -NUMBER.binning.direction
    card = card_with(said(NUMBER.name, Action.DIRECTION, value=against))
    assert all(f.binning.direction == against for f in card.factors if f.name == NUMBER.name)


def test_pinned_points_and_evidence_are_those_of_the_bin() -> None:
    missing = factor(card_with(said("trade", Action.PIN_POINTS, None, value=7)), "trade")
    assert missing.points[missing.binning.missing] == 7
    level = factor(card_with(said("trade", Action.PIN_POINTS, "hats", value=200)), "trade")
    assert level.points[bin_of(level, {"trade": "hats"})] == 200
    pinned = factor(card_with(said("trade", Action.PIN_WOE, None, value=0.4)), "trade")
    assert pinned.binning.woe[pinned.binning.missing] == 0.4


def test_the_card_keeps_who_and_why() -> None:
    card = card_with(said("trade", Action.SPLIT, "ink"), said("age", Action.FORBID))
    again = read_card(write_card(card))
    assert again == card
    assert [(o.feature, o.who, o.why) for o in again.overrides] == [
        ("trade", "Li Wei", "Committee of 3 March"),
        ("age", "Li Wei", "Committee of 3 March"),
    ]
    assert "overrides" not in write_card(PLAIN)


def test_what_cannot_apply_is_refused_together() -> None:
    assert refusal(
        said("colour", Action.FORBID),
        said("trade", Action.DIRECTION, value=1),
        said("trade", Action.MERGE, "hats", "jute"),
        said("margin", Action.SPLIT, "hats"),
        said("margin", Action.SPLIT, -5.0),
        said("margin", Action.MERGE, 3.0, 1.0),
    ).replace(f"{np.nanmax(TRADERS.X[:, 0]):g}", "MAX").replace(
        f"{np.nanmin(TRADERS.X[:, 0]):g}", "MIN"
    ).splitlines() == [
        "error: colour: There is no such feature to override. Name a column that is learned from.",
        "error: trade: A category has no direction. Merge or split its levels instead.",
        "error: trade: 'jute' is none of its levels. Name its levels as the data do.",
        "error: margin: 'hats' is no number. It is no category: give numbers.",
        "error: margin: Nothing can be split at -5: values go from MIN to MAX. "
        "Split where values stand on both sides.",
        "error: margin: Bins are merged between two numbers. Give the lower and the higher one.",
    ]


def test_a_pin_that_breaks_monotony_is_refused_unless_it_says_so() -> None:
    edge = NUMBER.binning.edges[0]
    pin = said(NUMBER.name, Action.PIN_POINTS, edge, value=500)
    worst = NUMBER.binning.direction < 0
    if not worst:
        pin = said(NUMBER.name, Action.PIN_POINTS, 1e9, value=500)
    message = refusal(pin)
    assert message.startswith(f"error: {NUMBER.name}: With what is overridden its points ")
    assert message.endswith(
        "neither rise nor fall throughout. "
        "Choose others, or say `breaks_monotony: true` if that is meant."
    )
    meant = card_with(replace(pin, breaks_monotony=True))
    assert 500 in factor(meant, NUMBER.name).points


def test_a_bin_of_a_feature_without_a_place_cannot_be_pinned() -> None:
    X = np.column_stack([TRADERS.X, np.random.default_rng(1).normal(size=2500)])
    noise = Scorecard(
        names=(*NAMES, "noise"),
        levels=(*LEVELS, None),
        overrides=[said("noise", Action.PIN_POINTS, 0.0, value=5)],
    )
    with pytest.raises(InputProblem, match="It cannot pin_points: the feature has no place in the"):
        noise.fit(X, TRADERS.bad)


FILE = """
- {feature: age, split: [12, 36], who: Li, why: policy}
- {feature: trade, merge: [hats, ink], who: Li, why: policy}
- {feature: age, pin_points: {at: null, points: 3}, breaks_monotony: true, who: Li, why: policy}
- {feature: age, pin_woe: {at: 7.5, woe: -0.2}, who: Li, why: policy}
- {feature: delay, forbid: true, who: Li, why: policy}
- {feature: margin, direction: -1, who: Li, why: policy}
"""


def read(tmp_path: Path, text: str) -> tuple[Override, ...]:
    path = tmp_path / "overrides.yaml"
    path.write_text(text, encoding="utf-8")
    return read_overrides(path)


def test_a_file_is_read(tmp_path: Path) -> None:
    by = ("Li", "policy")
    assert read(tmp_path, FILE) == (
        Override("age", Action.SPLIT, *by, at=(12, 36)),
        Override("trade", Action.MERGE, *by, at=("hats", "ink")),
        Override("age", Action.PIN_POINTS, *by, at=(None,), value=3, breaks_monotony=True),
        Override("age", Action.PIN_WOE, *by, at=(7.5,), value=-0.2),
        Override("delay", Action.FORBID, *by),
        Override("margin", Action.DIRECTION, *by, value=-1),
    )


BY = "who: Li, why: policy"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "overrides.yaml: The file is no list. Write one entry for each override."),
        ("- 3", "entry 1: It is no mapping. Write feature, what is done, who and why."),
        (f"- {{feature: a, drop: 1, {BY}}}", "entry 1: Nothing is called drop. Write feature, who"),
        ("- {feature: a, forbid: true, who: Li}", "entry 1: It does not say `why`. Write `why:`"),
        (f"- {{feature: a, {BY}}}", "entry 1: It does 0 things. Do one: merge, split, pin_points,"),
        (f"- {{feature: a, forbid: no, {BY}}}", "`forbid` cannot be read. Write true."),
        (f"- {{feature: a, direction: 2, {BY}}}", "`direction` cannot be read. Write 1 or -1."),
        (f"- {{feature: a, split: [], {BY}}}", "`split` cannot be read. Write a list of numbers"),
        (
            f"- {{feature: a, pin_points: {{at: 1, points: 2.5}}, {BY}}}",
            "`pin_points` cannot be read. Write `at` a value and whole `points`.",
        ),
        (
            f"- {{feature: a, forbid: true, breaks_monotony: 3, {BY}}}",
            "`breaks_monotony` is no flag. Write true, or leave it out.",
        ),
    ],
)
def test_what_a_file_gets_wrong_is_said(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputProblem) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)


def test_the_example_of_the_guide_is_read(tmp_path: Path) -> None:
    guide = Path(__file__).parents[3] / "docs" / "guides" / "overrides.md"
    text = guide.read_text(encoding="utf-8").split("```yaml")[1].split("```")[0]
    assert len(read(tmp_path, text)) == 7
