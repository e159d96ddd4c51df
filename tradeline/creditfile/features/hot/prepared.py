"""Features made ready for the kernel: what each loop is told, worked out once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.declaration import (
    Difference,
    Expression,
    Feature,
    Growth,
    Leaf,
    OfPartners,
    Ratio,
    leaves_of,
    measures_of,
    partners_of,
)
from tradeline.creditfile.features.events import Events
from tradeline.creditfile.features.hot.needs import Need, amounts_of, grains_of, needs_of
from tradeline.creditfile.features.hot.program import (
    ADDS_UP,
    Program,
    bit_of,
    lines_of,
    program_of,
    scale_of,
)
from tradeline.creditfile.features.measures import Circular, Followed, Measure, contracts_of
from tradeline.kernel.findings import problem

Array = NDArray[Any]

RATIO, DIFFERENCE, GROWTH = -1, -2, -3
"""What a step of an expression does with the two values before it; others name a measure."""


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A measure of two datasets: lines of the grain and amount, windows, and how (`pairs`)."""

    slot: int
    other: str
    grains: tuple[int, int]
    amount: int
    windows: Array
    how: tuple[int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What is computed from one contract; `added` are the amounts of which sums are taken."""

    contract: str
    program: Program
    pairs: tuple[Pair, ...]
    added: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Features as the loops follow them; each measure has a slot, and so has what partners tell.

    `contracts`, `absent_is_zero` and `scales` are by slot (see `moments.settle`), `firsts` and
    `steps` are the expressions in postfix order. `partners` says in which slot what is asked of
    partners belongs, which no loop computes.
    """

    features: tuple[Feature, ...]
    parts: tuple[Part, ...]
    partners: dict[OfPartners, int]
    contracts: Array
    absent_is_zero: Array
    scales: Array
    firsts: Array
    steps: Array


def prepare(features: Sequence[Feature], needs: Mapping[str, Need]) -> Prepared:
    """The features over rows that were read for `needs`; others are missing."""
    return _prepared(tuple(features), tuple(needs.values()))


@lru_cache(64)
def _prepared(features: tuple[Feature, ...], needs: tuple[Need, ...]) -> Prepared:
    leaves = list(dict.fromkeys(leaf for f in features for leaf in leaves_of(f.expression)))
    slots = {leaf: slot for slot, leaf in enumerate(leaves)}
    by_name = {need.contract: need for need in needs}
    readable = [
        leaf
        for leaf in leaves
        if not isinstance(leaf, OfPartners) and by_name.keys() >= set(contracts_of(leaf))
    ]
    names = list(dict.fromkeys(m.events.contract for m in readable))
    parts = [_part(name, by_name, slots, readable) for name in names]
    lines = dict.fromkeys(leaves, -1) | {m: names.index(m.events.contract) for m in readable}
    absent = dict.fromkeys(leaves, False) | {m: m.events.absent_is_zero for m in readable}
    scales = dict.fromkeys(leaves, 1) | {m: scale_of(m) for m in readable}
    expressions = [_postfix(feature.expression, slots) for feature in features]
    return Prepared(
        features,
        tuple(parts),
        {leaf: slot for leaf, slot in slots.items() if isinstance(leaf, OfPartners)},
        np.array(list(lines.values()), np.int64),
        np.array(list(absent.values()), np.uint8),
        np.array(list(scales.values()), np.int64),
        np.cumsum([0, *map(len, expressions)]).astype(np.int64),
        np.array([step for steps in expressions for step in steps], np.int64),
    )


def _part(
    contract: str,
    needs: Mapping[str, Need],
    slots: Mapping[Leaf, int],
    readable: Sequence[Measure],
) -> Part:
    need = needs[contract]
    own = [m for m in readable if m.events.contract == contract]
    single = [m for m in own if not isinstance(m, Circular | Followed)]
    pairs = [
        _pair(m, m.mirror if isinstance(m, Circular) else m.then, needs, slots[m])
        for m in own
        if isinstance(m, Circular | Followed)
    ]
    added = {need.amounts.index(c) for m in own if isinstance(m, ADDS_UP) for c in amounts_of(m)}
    program = program_of(single, [slots[m] for m in single], need)
    return Part(contract, program, tuple(pairs), tuple(sorted(added)))


def _pair(
    measure: Circular | Followed, other: Events, needs: Mapping[str, Need], slot: int
) -> Pair:
    own, beside = needs[measure.events.contract], needs[other.contract]
    (grain,) = grains_of(measure)
    within = -1 if isinstance(measure, Circular) else measure.within_days
    amount = own.amounts.index(measure.column) if isinstance(measure, Circular) else -1
    return Pair(
        slot,
        other.contract,
        (own.grains.index(grain), beside.grains.index(grain)),
        amount,
        lines_of((measure.events.window, other.window)),
        (bit_of(measure.events, own), bit_of(other, beside), within),
    )


def _postfix(expression: Expression, slots: Mapping[Leaf, int]) -> list[int]:
    match expression:
        case Ratio(upper, lower):
            return [*_postfix(upper, slots), *_postfix(lower, slots), RATIO]
        case Difference(left, right):
            return [*_postfix(left, slots), *_postfix(right, slots), DIFFERENCE]
        case Growth(recent, earlier):
            return [*_postfix(recent, slots), *_postfix(earlier, slots), GROWTH]
        case _:
            return [slots[expression]]


def needs_for(features: Sequence[Feature]) -> dict[str, Need]:
    """What features need of each contract."""
    return needs_of(m for feature in features for m in measures_of(feature.expression))


def require_no_partners(features: Sequence[Feature]) -> None:
    """InputProblem for a feature of partners, which a hot store cannot answer."""
    for feature in features:
        if partners_of(feature.expression):
            raise problem(
                "partners-feature",
                feature.name,
                "It asks of partners, and a hot store keeps no names of them.",
                "Leave it out, and compute it from the lake.",
            )
