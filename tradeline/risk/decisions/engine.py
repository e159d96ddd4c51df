"""What decides: a scorecard, a policy and a lender's terms, made ready, and named by one hash."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.risk.decisions.application import GRADE, PD, SCORE
from tradeline.risk.decisions.books import BookKey, books_of
from tradeline.risk.decisions.factors import FactorCosts, costs_of
from tradeline.risk.decisions.horizon import YEAR
from tradeline.risk.decisions.parts import Parts
from tradeline.risk.decisions.seen_factors import (
    FactorReader,
    PairReader,
    pairs_of,
    readers_of,
    sides_of,
)
from tradeline.risk.decisions.versions import NOT_RECORDED, Versions
from tradeline.risk.policy.cells import ANY, Interval, Kind
from tradeline.risk.policy.declaration import Collect, Declaration, Input, Treatment
from tradeline.risk.policy.policy import Policy
from tradeline.risk.policy.program import TableProgram, build
from tradeline.risk.policy.readers import place_of
from tradeline.risk.pricing.lender_terms import LenderTerms
from tradeline.risk.pricing.price_book import PriceBook
from tradeline.risk.scoring.card import Card, pd_of_score

Floats = NDArray[np.float64]
OF_THE_SCORE = (SCORE, PD, GRADE)
NOT_LENT_TO = "-"
RATE_FLOOR, LIMIT_CAP = "rate_floor", "limit_cap_minor"
"""What of the outputs of a policy bounds an offer."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What an engine's file says beside the model, the policy and the terms.

    A feature is stale after `max_age_days`; one of `may_be_missing` may be absent, for the card
    has learned what that means. `ranges` bound what a feature can be. `changeable` are the features
    that a firm can change and that others can verify, with the months that it takes. No card may
    use one of `forbidden`.
    """

    max_age_days: int
    may_be_missing: frozenset[str] = frozenset()
    ranges: Mapping[str, Interval] = field(default_factory=dict)
    changeable: Mapping[str, int] = field(default_factory=dict)
    forbidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Engine:
    """A model, a policy and terms that decide together. What is no card decides as a shadow only.

    `books` are the price books by the rate floors of the policy, as the rows give them, and by None
    where there is no floor, each with a segment of the LGD; None for a floor above all rates.
    `gate` judges each feature of the model before it is scored, None for a card without factors.
    `pds`, `grades` and `lacks` go by score from `lowest` on; `lacks` are the points up to the next
    score with another grade or place in the policy, 0 where there is none. `by_score` are, by table
    of the policy, the bits of the rows that ask for score, PD or grade. `files` are the texts that
    it was read from, `versions` name its parts.
    """

    name: str
    hash: str
    model: Card | Parts
    expires_on: date | None
    rules: Rules
    policy: Policy
    terms: LenderTerms
    books: Mapping[BookKey, PriceBook | None]
    gate: Policy | None
    costs: tuple[FactorCosts, ...]
    readers: tuple[FactorReader, ...]
    pairs: tuple[PairReader, ...]
    lowest: int
    pds: tuple[float, ...]
    grades: tuple[str, ...]
    lacks: tuple[int, ...]
    by_score: tuple[int, ...]
    files: Mapping[str, str]
    versions: Versions

    @property
    def card(self) -> Card:
        """The card; only what may bind a firm has one."""
        assert isinstance(self.model, Card), "a shadow has parts, and no card"
        return self.model

    @property
    def is_shadow(self) -> bool:
        """Whether it may bind nobody, for want of points that can be read."""
        return isinstance(self.model, Parts)

    def lacking(self, score: int) -> int:
        """The points from a score up to the next one at which anything changes; 0 if none does."""
        return self.lacks[score - self.lowest]

    def is_by_score(self, hits: tuple[int, ...]) -> bool:
        """Whether a row that fired asks for score, PD or grade."""
        tables = zip(self.policy.program.tables, self.by_score, hits, strict=False)
        return any(table.result_of(hit).fired & bits for table, bits, hit in tables)


def make_engine(
    name: str,
    content_hash: str,
    model: Card | Parts,
    expires_on: date | None,
    rules: Rules,
    policy: Policy,
    terms: LenderTerms,
    pd_cumulative: Callable[[Floats], Floats],
    files: Mapping[str, str],
    versions: Versions = NOT_RECORDED,
    months: int = YEAR,
) -> Engine:
    """Make an engine ready to decide. `pd_cumulative` gives (scores, months) of PDs (scores,).

    The model's PDs speak of `months`; the engine's are those of a year.

    InputProblem if what it is made of does not fit: a model that uses a forbidden feature, an
    exception for a feature that it does not use.
    """
    levels = _levels(model)
    _check_parts(tuple(levels), rules, policy)
    scores = model.scores
    pds = tuple(pd_of_score(model.scale, score) for score in scores)
    structure = pd_cumulative(np.array(pds))
    if months != YEAR:
        pds = tuple(structure[:, YEAR - 1].tolist())
    grades = tuple(_grade(terms, pd) for pd in pds)
    gate = _gate(levels, rules) if levels else None
    return Engine(
        name=name,
        hash=content_hash,
        model=model,
        expires_on=expires_on,
        rules=rules,
        policy=policy,
        terms=terms,
        books=books_of(terms, structure, _floors(policy)),
        gate=gate,
        costs=costs_of(model, rules.changeable) if isinstance(model, Card) else (),
        readers=readers_of(model, gate, rules.max_age_days) if isinstance(model, Card) else (),
        pairs=pairs_of(model) if isinstance(model, Card) else (),
        lowest=scores[0],
        pds=pds,
        grades=grades,
        lacks=_lacks(policy, scores, pds, grades),
        by_score=tuple(_by_score(table) for table in policy.program.tables),
        files=files,
        versions=versions,
    )


def _levels(model: Card | Parts) -> dict[str, tuple[str, ...]]:
    """What a model reads, with the levels that it knows of a category."""
    if isinstance(model, Parts):
        pairs = zip(model.inputs, model.levels, strict=True)
        return {name: levels or () for name, levels in pairs}
    return {
        name: tuple(level for group in places.groups for level in group)
        for name, places in sides_of(model).items()
    }


def _floors(policy: Policy) -> tuple[float, ...]:
    """The rate floors that rows of the policy give; InputProblem where they are added up."""
    tables = [t for t in policy.declaration.tables if RATE_FLOOR in t.outputs]
    if any(table.collect.get(RATE_FLOOR) in (Collect.SUM, Collect.COUNT) for table in tables):
        raise problem(
            "rate-floor-added",
            policy.name,
            f"A table adds up `{RATE_FLOOR}`, which is no sum.",
            "Collect the greatest: `collect: {rate_floor: max}`.",
        )
    given = (row.gives.get(RATE_FLOOR) for table in tables for row in table.rows)
    return tuple(sorted({float(floor) for floor in given if floor is not None}))  # type: ignore[arg-type]


def _check_parts(names: Sequence[str], rules: Rules, policy: Policy) -> None:
    explore = policy.declaration.explore
    findings = [
        _finding("explored-by-another", policy.name, f"The policy explores by `{read.input}`.",
                 f"An engine explores near a cut-off of the score: `near: {{{SCORE}: ...}}`.")
        for read in ([explore] if explore else [])
        if read.input != SCORE
    ] + [
        _finding("forbidden-feature", name, "The card uses it, and the engine forbids it.",
                 "Train a card without it: --drop.")
        for name in sorted(rules.forbidden & set(names))
    ] + [
        _finding("unknown-feature", name, f"The engine speaks of it in `{where}`, but the card "
                 "does not use it.", "Correct the name, or leave it out.")
        for where, told in (("may_be_missing", rules.may_be_missing), ("ranges", rules.ranges))
        for name in sorted(set(told) - set(names))
    ]  # fmt: skip
    if findings:
        raise InputProblem(findings)


def _finding(code: str, where: str, message: str, remedy: str) -> Finding:
    return Finding(code, Severity.ERROR, where, message, remedy)


def _gate(levels: Mapping[str, tuple[str, ...]], rules: Rules) -> Policy:
    """A policy without tables over the model's features: which of them no score may see."""
    inputs = tuple(_input(name, known, rules) for name, known in levels.items())
    declaration = Declaration("gate", "1", date.min, inputs, (), ())
    return Policy(build(declaration), "", ())


def _input(name: str, levels: tuple[str, ...], rules: Rules) -> Input:
    return Input(
        name,
        Kind.CATEGORY if levels else Kind.NUMBER,
        range=rules.ranges.get(name),
        levels=levels,
        missing=Treatment.CASE if name in rules.may_be_missing else Treatment.REFUSE,
        max_age_days=rules.max_age_days,
    )


def _grade(terms: LenderTerms, pd: float) -> str:
    return next((grade.grade for grade in terms.grades if pd < grade.pd_below), NOT_LENT_TO)


def _lacks(
    policy: Policy, scores: range, pds: Sequence[float], grades: Sequence[str]
) -> tuple[int, ...]:
    """By score the points up to the next one that has another grade or place in the policy."""
    axes = {
        read.name: axis
        for read, axis in zip(policy.inputs, policy.program.axes, strict=False)
        if read.name in OF_THE_SCORE
    }
    facts = ({SCORE: score, PD: pd, GRADE: grade}
             for score, pd, grade in zip(scores, pds, grades, strict=True))  # fmt: skip
    lines = [
        (fact[GRADE], *(place_of(axis, fact[name]) for name, axis in axes.items()))  # type: ignore[arg-type]
        for fact in facts
    ]
    found, following = [], len(lines)
    for place in range(len(lines) - 1, -1, -1):
        if place + 1 < len(lines) and lines[place] != lines[place + 1]:
            following = place + 1
        found.append(following - place if following < len(lines) else 0)
    return tuple(reversed(found))


def _by_score(table: TableProgram) -> int:
    columns = [place for place, name in enumerate(table.table.columns) if name in OF_THE_SCORE]
    return sum(
        1 << number
        for number, row in enumerate(table.table.rows)
        if any(row.cells[column] != ANY for column in columns)
    )
