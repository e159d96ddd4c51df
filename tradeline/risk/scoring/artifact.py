"""A scorecard as a file: bins, weights and points of each factor as readable JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tradeline.risk.scoring.binning import Binning
from tradeline.risk.scoring.card import Card, CardKind, Factor, Scale
from tradeline.risk.scoring.crosses import Cross, Side
from tradeline.risk.scoring.overrides import Action, Override
from tradeline.risk.scoring.sealed import Seal, content_hash

SEAL = Seal("tradeline-scorecard/1", "scorecard", "card")


def write_card(card: Card) -> str:
    """The card as JSON text that `read_card` reads back to an equal one."""
    return SEAL.write(card_content(card))


def card_hash(card: Card) -> str:
    """The hash that names a card."""
    return content_hash(card_content(card))


def card_content(card: Card) -> dict[str, Any]:
    """The card as plain values; levels, groups, crosses and overrides only where there are any."""
    content = asdict(card)
    if not card.overrides:
        del content["overrides"]
    for factor in content["factors"]:
        if not factor["binning"]["levels"]:
            del factor["binning"]["levels"], factor["binning"]["groups"]
        if not factor["binning"]["cross"]:
            del factor["binning"]["cross"]
    return content


def read_card(text: str, where: str = "scorecard") -> Card:
    """The card in a text; InputProblem if it is none, or was changed since it was written."""
    return card_of(SEAL.read(text, where))


def card_of(content: Mapping[str, Any]) -> Card:
    """The card of the plain values that `card_content` gives."""
    return Card(
        CardKind(content["kind"]),
        Scale(**content["scale"]),
        content["constant"],
        tuple(_factor(factor) for factor in content["factors"]),
        content["base_rate"],
        content["sample_rate"],
        tuple(map(override_of, content.get("overrides", []))),
    )


def override_of(content: Mapping[str, Any]) -> Override:
    """The override of plain values."""
    return Override(**{**content, "action": Action(content["action"]), "at": tuple(content["at"])})


def _factor(content: Mapping[str, Any]) -> Factor:
    binning: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in content["binning"].items()
    }
    if "groups" in binning:
        binning["groups"] = tuple(map(tuple, binning["groups"]))
    if "cross" in binning:
        binning["cross"] = _cross(binning["cross"])
    return Factor(content["name"], Binning(**binning), content["weight"], tuple(content["points"]))


def _cross(content: Mapping[str, Any]) -> Cross:
    first, second = map(_side, content["sides"])
    return Cross((first, second), tuple(map(tuple, content["bins"])))


def _side(content: Mapping[str, Any]) -> Side:
    groups = tuple(map(tuple, content["groups"]))
    return Side(content["name"], tuple(content["edges"]), tuple(content["levels"]), groups)
