"""Scenarios: what a shock by industry does to default, cash flow and loss.

A scenario is a YAML file; docs/guides/scenarios.md describes it. Everything that is wrong with one
is reported together.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.lake.yaml_files import read_yaml

Floats = NDArray[np.float64]

OTHERS = "*"
TOP_KEYS = ("name", "description", "shocks")
# The bounds of each effect; the upper ones catch a percentage written for a share.
EFFECTS = {"default_odds": (0.01, 100), "sales": (-1, 10), "lgd": (-1, 1)}


@dataclass(frozen=True, slots=True)
class Shock:
    """What happens to one industry, or to all others (`*`).

    `default_odds` multiplies the odds of default; `sales` is the relative change of verified cash
    flow, -0.4 for a loss of 40 %; `lgd` is added to the loss given default.
    """

    industry: str
    default_odds: float = 1.0
    sales: float = 0.0
    lgd: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A shock for each industry that it names; `findings` tells of those that no firm is in."""

    name: str
    description: str
    shocks: tuple[Shock, ...]
    findings: tuple[Finding, ...] = ()

    def shock_of(self, industry: str) -> Shock:
        """The shock to an industry: its own, else that of all others, else none."""
        stated = {shock.industry: shock for shock in self.shocks}
        return stated.get(industry) or stated.get(OTHERS) or Shock(industry)


def describe(shock: Shock) -> str:
    """What a shock does, in words: `odds of default x 2, cash flow -40 %`."""
    parts = []
    if shock.default_odds != 1:
        parts.append(f"odds of default x {shock.default_odds:g}")
    if shock.sales:
        parts.append(f"cash flow {100 * shock.sales:+g} %")
    if shock.lgd:
        parts.append(f"loss given default {100 * shock.lgd:+g} points")
    return ", ".join(parts) or "no change"


def shocked_pd(scenario: Scenario, industries: Sequence[str], pd: Floats) -> Floats:
    """Probability of default of each firm (firms,) after its industry's shock to the odds."""
    factor = _effects(scenario, industries, "default_odds")
    return pd * factor / (1 - pd + pd * factor)


def shocked_cash_flow(
    scenario: Scenario, industries: Sequence[str], cash_flow_minor: Floats
) -> Floats:
    """Monthly cash flow of each firm (firms,) in minor units after its industry's shock."""
    factor = 1 + _effects(scenario, industries, "sales")
    # A firm that loses money would lose less if its cash flow shrank: it stays as it is.
    return np.where(cash_flow_minor > 0, cash_flow_minor * factor, cash_flow_minor)


def lgd_of(scenario: Scenario, industries: Sequence[str], lgd: float) -> Floats:
    """Loss given default of each firm (firms,): the given one and the shock, within 0 to 1."""
    return np.clip(lgd + _effects(scenario, industries, "lgd"), 0.0, 1.0)


def _effects(scenario: Scenario, industries: Sequence[str], effect: str) -> Floats:
    by_name = {name: getattr(scenario.shock_of(name), effect) for name in set(industries)}
    return np.array([by_name[name] for name in industries], dtype=np.float64)


def read_scenario(path: Path, known_industries: Collection[str]) -> Scenario:
    """The scenario in a YAML file; InputProblem lists everything that is wrong with it.

    `known_industries` are those that the firms are in; a shock to another one is a finding.
    """
    content = read_yaml(path, "scenario file", "See docs/guides/scenarios.md.")
    return parse_scenario(content, path.name, known_industries)


def parse_scenario(content: object, where: str, known_industries: Collection[str]) -> Scenario:
    """The scenario in a parsed YAML value; InputProblem lists everything that is wrong with it."""
    found = list(_problems(content))
    if found:
        raise InputProblem(
            Finding("bad-scenario", Severity.ERROR, where, message, "See docs/guides/scenarios.md.")
            for message in found
        )
    assert isinstance(content, dict)
    shocks = tuple(
        Shock(item["industry"], **{key: float(item[key]) for key in EFFECTS if key in item})
        for item in content["shocks"]
    )
    findings = _without_firms(shocks, where, known_industries)
    return Scenario(content["name"], content.get("description", ""), shocks, tuple(findings))


def _without_firms(
    shocks: Sequence[Shock], where: str, known_industries: Collection[str]
) -> Iterator[Finding]:
    known = ", ".join(sorted(filter(None, known_industries)))
    for shock in shocks:
        if shock.industry not in (OTHERS, *known_industries):
            yield Finding(
                "shock-without-firms",
                Severity.WARNING,
                where,
                f"No firm is in the industry '{shock.industry}', so its shock changes nothing.",
                f"The firms are in {known or 'no industry'}.",
            )


def _problems(content: object) -> Iterator[str]:
    if not isinstance(content, dict):
        yield "The scenario must be a table of keys: name, description, shocks."
        return
    yield from _unknown("scenario", content, TOP_KEYS)
    if not _is_text(content.get("name")):
        yield "The scenario needs a `name`."
    if not isinstance(content.get("description", ""), str):
        yield "`description` must be text."
    shocks = content.get("shocks")
    if not isinstance(shocks, list) or not shocks:
        yield "The scenario needs a list `shocks` with at least one shock."
        return
    for number, item in enumerate(shocks, start=1):
        yield from _shock_problems(f"shock {number}", item)
    named = [item.get("industry") for item in shocks if isinstance(item, dict)]
    for industry, times in Counter(filter(_is_text, named)).items():
        if times > 1:
            yield f"The industry '{industry}' is stated {times} times; state it once."


def _shock_problems(name: str, item: object) -> Iterator[str]:
    if not isinstance(item, dict):
        yield f"{name} must be a table of keys."
        return
    yield from _unknown(name, item, ("industry", *EFFECTS))
    if not _is_text(item.get("industry")):
        yield f'{name} names no `industry`; write `"*"` for all others.'
    stated = [key for key in EFFECTS if key in item]
    if not stated:
        yield f"{name} changes nothing; state one of {', '.join(EFFECTS)}."
    for key in stated:
        value, (least, greatest) = item[key], EFFECTS[key]
        if not _is_number(value) or not least <= value <= greatest:
            yield f"{name}: `{key}` is {value!r}; it must be a number from {least} to {greatest}."


def _unknown(name: str, item: dict[Any, object], known: Sequence[str]) -> Iterator[str]:
    for key in item:
        if key not in known:
            yield f"{name}: unknown key {key!r}; known are {', '.join(known)}."


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_number(value: object) -> bool:
    # YAML's yes and no are numbers to Python.
    return isinstance(value, int | float) and not isinstance(value, bool)
