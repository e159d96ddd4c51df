"""A decision in words, in the firm's language: what was decided, why, what would change it.

Every sentence is made of a code of the record, the firm's own value and the engine, so that a
record that is read again says the same. Texts stand in `words.yaml`, the names of features in
Chinese in `creditfile/features/words_zh.yaml`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from math import expm1, floor
from typing import Any

import yaml

from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.declaration import Feature
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.record import Decision
from tradeline.risk.policy.declaration import REASON, Outcome
from tradeline.risk.report.formatting import chance, money, number, percent
from tradeline.risk.scoring.card import Factor
from tradeline.risk.scoring.crosses import JOINED
from tradeline.risk.scoring.overrides import is_monotone
from tradeline.risk.scoring.reasons import (
    AS_GROWTH,
    AS_MONEY,
    AS_NUMBER,
    AS_PERCENT,
    WHOLE,
    title_of,
)


class Language(StrEnum):
    """The languages in which a decision is told."""

    ENGLISH = "en"
    CHINESE = "zh"


@dataclass(frozen=True, slots=True)
class Letter:
    """What a firm is told of a decision; `score` is empty where there is none."""

    outcome: str
    score: str
    reasons: tuple[str, ...]
    changes: tuple[str, ...]
    appeal: str


def letter(decision: Decision, engine: Engine, language: Language) -> Letter:
    """The decision in words."""
    speaker = _Speaker(decision, engine, language, _texts()[language])
    return Letter(
        speaker.outcome(),
        speaker.score(),
        tuple(speaker.reason(code) for code in decision.reasons),
        tuple(speaker.change(code) for code in decision.changes),
        speaker.texts["appeal"].format(decision=decision.decision),
    )


@dataclass(frozen=True, slots=True)
class _Speaker:
    decision: Decision
    engine: Engine
    language: Language
    texts: Mapping[str, Any]

    def outcome(self) -> str:
        offered, text = self.decision.offered, self.texts["outcome"][str(self.decision.outcome)]
        if self.decision.outcome is not Outcome.APPROVE:
            return str(text)
        return str(
            text.format(
                amount=money(offered.amount_minor, self.engine.terms.currency),
                rate=percent(offered.rate_annual, 2),
                months=offered.term_months,
            )
        )

    def score(self) -> str:
        decision = self.decision
        if decision.score is None:
            return ""
        return str(
            self.texts["score"].format(
                score=decision.score, pd=chance(decision.pd), grade=decision.grade
            )
        )

    def reason(self, code: str) -> str:
        kind, _, rest = code.partition(":")
        if kind == "factor":
            return self._factor(rest.rpartition(":")[0])
        if kind == "flaw":
            name, _, what = rest.rpartition(":")
            return str(self.texts["flaw"][what].format(title=self._title(name)))
        if kind == "explore":
            return str(self.texts["explore"].format(name=rest))
        if kind == "measure":
            return str(self.texts["measure"].format(id=rest))
        if kind == "offer" and rest.startswith("measure:"):
            return self.reason(rest)
        if kind == "policy" and rest not in self.texts["policy"]:
            return str(self.texts["policy"]["otherwise"].format(why=self._why_of(rest)))
        return str(self.texts[kind][rest])

    def change(self, code: str) -> str:
        name, place, gain = code.rsplit(":", 2)
        factor, feature = self._factor_named(name), _features().get(name)
        rising = int(place) > self._bin(factor)
        months = self.engine.rules.changeable[name]
        source = feature.source if feature and feature.source in self.texts["source"] else "other"
        return str(
            self.texts["change"].format(
                title=self._title(name),
                bound=self._reach(factor, int(place), rising),
                figure=self._figure(name, self.decision.values.get(name)),
                gain=gain,
                months=months,
                source=self.texts["source"][source],
            )
        )

    def _factor(self, name: str) -> str:
        if self.engine.is_shadow:
            return self._together("part", name.split(JOINED))
        factor, value = self._factor_named(name), self.decision.values.get(name)
        if factor.binning.cross is not None:
            return self._together("pair", factor.columns)
        shown = self._figure(name, value)
        text = self.texts["factor" if shown else "factor_missing"]
        return str(
            text.format(
                title=self._title(name), figure=shown, best=self._best(factor), why=self._why(name)
            )
        ).rstrip()

    def _together(self, text: str, columns: Sequence[str]) -> str:
        """What is held against a firm by figures that count together: no best of one is known."""
        known = [self._figure(one, self.decision.values.get(one)) or "-" for one in columns]
        title = ", ".join(self._title(one) for one in columns)
        return str(self.texts[text].format(title=title, figure=", ".join(known)))

    def _best(self, factor: Factor) -> str:
        binning = factor.binning
        safest = [place for place, points in enumerate(factor.points[:-1]) if points == factor.best]
        if binning.levels:
            levels = [level for place in safest for level in binning.groups[place]]
            return str(self.texts["one_of"].format(levels=", ".join(levels[:4])))
        if not binning.edges:
            return str(self.texts["known"])
        low_is_safe = binning.direction > 0
        return self._reach(factor, safest[-1] if low_is_safe else safest[0], not low_is_safe)

    def _reach(self, factor: Factor, place: int, rising: bool) -> str:
        """A bin in words, told by the end that is reached first; by both if points then fall."""
        edges, last = factor.binning.edges, len(factor.binning.edges)
        if is_monotone(factor.binning, factor.points) or place in (0, last):
            rising = place == last or (rising and place > 0)
            edge = edges[place - 1] if rising else edges[place]
            return self._bound(factor, edge, low_is_safe=not rising)
        low, high = (self._figure(factor.name, edge) for edge in edges[place - 1 : place + 1])
        return str(self.texts["between"].format(low=low, high=high))

    def _bound(self, factor: Factor, edge: float, *, low_is_safe: bool) -> str:
        feature = _features().get(factor.name)
        if feature and feature.unit in WHOLE:
            side = "at_most" if low_is_safe else "at_least"
            edge = floor(edge) if low_is_safe else floor(edge) + 1
        else:
            side = "at_most" if low_is_safe else "more_than"
        return str(self.texts[side].format(bound=self._figure(factor.name, edge)))

    def _figure(self, name: str, value: object) -> str:
        """A value as the firm would write it; empty if there is none."""
        if value is None or value != value:
            return ""
        if not isinstance(value, int | float):
            return str(value)
        feature = _features().get(name)
        unit = feature.unit if feature else ""
        if unit in AS_MONEY:
            return money(value, self.engine.terms.currency)
        if unit in AS_PERCENT or unit == AS_GROWTH:
            return percent(expm1(value) if unit == AS_GROWTH else value)
        if unit in AS_NUMBER or not unit:
            return number(value)
        return f"{number(value)} {self.texts['unit'].get(unit, unit)}"

    def _title(self, name: str) -> str:
        feature = _features().get(name)
        if feature is None:
            return name
        return _chinese()[name][0] if self.language is Language.CHINESE else title_of(feature)

    def _why(self, name: str) -> str:
        feature = _features().get(name)
        if feature is None:
            return ""
        return _chinese()[name][1] if self.language is Language.CHINESE else feature.why

    def _why_of(self, reason: str) -> str:
        """Why the policy has the rows that give a reason, as it says itself."""
        rows = (row for table in self.engine.policy.declaration.tables for row in table.rows)
        given = (row for row in rows if row.gives.get(REASON) == reason)
        whys = [row.why_in.get(self.language, row.why) for row in given]
        return " ".join(dict.fromkeys(whys)) or reason

    def _bin(self, factor: Factor) -> int:
        """The bin of the firm's own value."""
        read = next(read for read in self.engine.readers if read.name == factor.name)
        return read.bin(self.decision.values.get(factor.name))

    def _factor_named(self, name: str) -> Factor:
        return next(factor for factor in self.engine.card.factors if factor.name == name)


@cache
def _features() -> Mapping[str, Feature]:
    return {feature.name: feature for feature in CATALOGUE}


@cache
def _texts() -> Mapping[str, Any]:
    text = (files("tradeline.risk.decisions") / "words.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = yaml.safe_load(text)
    return found


@cache
def _chinese() -> Mapping[str, tuple[str, str]]:
    path = files("tradeline.creditfile.features") / "words_zh.yaml"
    found: Mapping[str, tuple[str, str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found
