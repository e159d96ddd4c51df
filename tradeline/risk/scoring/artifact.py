"""A scorecard as a file: readable JSON that carries the hash of its own content.

Nothing in it is executed when it is read; a file that was changed by hand does not load.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tradeline.kernel.findings import InputProblem, problem
from tradeline.kernel.hashing import canonical_json, hash_bytes
from tradeline.risk.scoring.binning import Binning
from tradeline.risk.scoring.card import Card, CardKind, Factor, Scale

FORMAT = "tradeline-scorecard/1"


def write_card(card: Card) -> str:
    """The card as JSON text that `read_card` reads back to an equal one."""
    content = card_content(card)
    whole = {"format": FORMAT, "hash": card_hash(content), "card": content}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def card_content(card: Card) -> dict[str, Any]:
    """The card as plain values; levels and groups stand only where a feature is a category."""
    content = asdict(card)
    for factor in content["factors"]:
        if not factor["binning"]["levels"]:
            del factor["binning"]["levels"], factor["binning"]["groups"]
    return content


def card_hash(content: Mapping[str, Any]) -> str:
    """The hash that names a card's content."""
    return hash_bytes(canonical_json(content).encode())


def read_card(text: str, where: str = "scorecard") -> Card:
    """The card in a text; InputProblem if it is none, or was changed since it was written."""
    try:
        whole = json.loads(text)
        content, stated = whole["card"], whole["hash"]
        if whole["format"] != FORMAT:
            raise _unreadable(where)
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable(where) from error
    if card_hash(content) != stated:
        raise problem(
            "card-changed",
            where,
            "The scorecard was changed since it was written: its hash does not fit its content.",
            "Take the file as it was written, or train a card again.",
        )
    return _card(content)


def _card(content: Mapping[str, Any]) -> Card:
    return Card(
        CardKind(content["kind"]),
        Scale(**content["scale"]),
        content["constant"],
        tuple(_factor(factor) for factor in content["factors"]),
        content["base_rate"],
        content["sample_rate"],
    )


def _factor(content: Mapping[str, Any]) -> Factor:
    binning: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in content["binning"].items()
    }
    if "groups" in binning:
        binning["groups"] = tuple(map(tuple, binning["groups"]))
    return Factor(content["name"], Binning(**binning), content["weight"], tuple(content["points"]))


def _unreadable(where: str) -> InputProblem:
    return problem(
        "not-a-card",
        where,
        f"The file is no scorecard of the format {FORMAT}.",
        "Name a scorecard.json that an assessment wrote.",
    )
