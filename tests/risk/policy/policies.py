"""Policies and values for the tests of policies: chosen ones, and random ones from a generator."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import inf, nextafter
from pathlib import Path
from typing import Any

import numpy as np

from tradeline.risk.policy.cells import ANY, KNOWN, Cell, Interval, Kind, UnaryTest, Value, normal
from tradeline.risk.policy.declaration import (
    Collect,
    Declaration,
    Hit,
    Input,
    Otherwise,
    Outcome,
    Output,
    Row,
    Table,
    Treatment,
)

EXAMPLE = Path(__file__).parents[3] / "examples" / "policy" / "small_business.yaml"
SOUND: dict[str, object] = {
    "pd": 0.03, "score": 640, "cash_flow_minor": 3_000_000, "debt_service_share": 0.2,
    "overdue_days_elsewhere": 0, "months_in_business": 40, "sector": "logistics",
    "lending_suspended": False, "currency": "CNY",
}  # fmt: skip
FRESH: dict[str, object] = {
    "pd": 1, "score": 1, "cash_flow_minor": 10, "debt_service_share": 10,
    "overdue_days_elsewhere": 3, "lending_suspended": 0,
}  # fmt: skip
KINDS = (Kind.NUMBER, Kind.INTEGER, Kind.BOOLEAN, Kind.CATEGORY, Kind.TEXT, Kind.DATE)
LEVELS = ("north", "south", "east or west", "not in 'it'")
DAY = date(2025, 6, 1)
EDGES: dict[Kind, list[Any]] = {
    Kind.NUMBER: [-1.5, 0.0, 0.1, 0.3, 2.0],
    Kind.INTEGER: [-2, 0, 1, 3, 7],
    Kind.DATE: [DAY + timedelta(n) for n in (0, 1, 4, 30)],
}
RANGES: dict[Kind, Interval] = {
    Kind.NUMBER: Interval(-2.0, 3.0, high_in=False),
    Kind.INTEGER: Interval(-3, 9),
    Kind.DATE: Interval(DAY - timedelta(9), DAY + timedelta(60)),
}
Random = np.random.Generator


def chosen(random: Random, options: Sequence[Any]) -> Any:
    return options[int(random.integers(len(options)))]


def random_input(random: Random, name: str, kinds: Sequence[Kind] = KINDS) -> Input:
    kind = chosen(random, kinds)
    with_age = random.random() < 0.4
    return Input(
        name,
        kind,
        range=RANGES.get(kind) if random.random() < 0.8 else None,
        levels=LEVELS if kind is Kind.CATEGORY else (),
        missing=chosen(random, list(Treatment)),
        stale=chosen(random, list(Treatment)) if with_age else Treatment.REFUSE,
        max_age_days=30 if with_age else None,
    )


def random_test(random: Random, kind: Kind) -> UnaryTest:
    negated = bool(random.random() < 0.2)
    if not kind.is_ordered:
        pool: Sequence[Any] = (False, True) if kind is Kind.BOOLEAN else LEVELS
        size = int(random.integers(1, len(pool)))
        values = tuple(pool[n] for n in random.permutation(len(pool))[:size])
        return UnaryTest(values, negated=negated)
    edges = EDGES[kind]
    draw = random.random()
    if draw < 0.2:
        return UnaryTest((chosen(random, edges),), negated=negated)
    low, high = sorted(random.choice(len(edges), 2, replace=False))
    ends = [edges[low], edges[high]]
    if draw < 0.6:
        ends[int(random.integers(2))] = None
    flags = [bool(random.integers(2)) for _ in ends]
    # An end that is none has no side, as in what is read from a text.
    flags = [flag or end is None for flag, end in zip(flags, ends, strict=True)]
    return UnaryTest(interval=Interval(*ends, *flags), negated=negated)


def random_cell(random: Random, kind: Kind) -> Cell:
    draw = random.random()
    if draw < 0.3:
        return ANY
    if draw < 0.35:
        return Cell((KNOWN,))
    tests = tuple(random_test(random, kind) for _ in range(int(random.integers(1, 3))))
    missing, stale = (bool(random.random() < 0.1) for _ in range(2))
    return normal(Cell(tests, missing, stale))


def random_policy(random: Random) -> Declaration:
    """A policy of any hit policies, its tables neither complete nor free of overlaps."""
    inputs = tuple(random_input(random, f"i{n}") for n in range(int(random.integers(1, 5))))
    outputs = [Output("reason", Kind.CATEGORY, levels=("R0", "R1", "R2"))]
    tables: list[Table] = []
    columns: dict[str, Input | Output] = {read.name: read for read in inputs}
    for number in range(int(random.integers(1, 4))):
        own = random_outputs(random, number)
        outputs += own
        table = random_table(random, number, columns, own)
        tables.append(table)
        if table.hit.takes_one or table.collect:
            columns |= {output.name: output for output in own}
    return Declaration("random", "1", DAY, inputs, tuple(outputs), tuple(tables))


def random_outputs(random: Random, number: int) -> list[Output]:
    kinds = (Kind.NUMBER, Kind.INTEGER, Kind.CATEGORY)
    kind = chosen(random, kinds)
    return [Output(f"o{number}", kind, levels=LEVELS if kind is Kind.CATEGORY else ())]


def random_table(
    random: Random, number: int, columns: dict[str, Input | Output], own: Sequence[Output]
) -> Table:
    (output,) = own
    names = list(columns)
    size = int(random.integers(1, min(len(names), 3) + 1))
    tested = tuple(names[n] for n in sorted(random.permutation(len(names))[:size]))
    hits = [hit for hit in Hit if hit is not Hit.COLLECT or output.kind is not Kind.CATEGORY]
    hits = [hit for hit in hits if not hit.is_ordered or output.kind is Kind.CATEGORY]
    hit = chosen(random, hits)
    how = chosen(random, [Collect.MIN, Collect.MAX, Collect.SUM])
    if output.kind is Kind.INTEGER and random.random() < 0.3:
        how = Collect.COUNT
    collect = {output.name: how} if hit is Hit.COLLECT else {}
    rows = tuple(
        Row(
            f"T{number}R{row}",
            tuple(random_cell(random, columns[name].kind) for name in tested),
            random_gives(random, output, counts=how is Collect.COUNT and bool(collect),
                         optional=hit is Hit.COLLECT),
            "",
        )
        for row in range(int(random.integers(1, 9)))
    )  # fmt: skip
    given = (output.name, "outcome", "reason")
    otherwise = chosen(random, [None, *Otherwise, Otherwise.PASS, Otherwise.PASS])
    return Table(f"t{number}", hit, tested, given, rows, collect, otherwise)


def random_gives(random: Random, output: Output, counts: bool, optional: bool) -> dict[str, Value]:
    gives: dict[str, Value] = {}
    if not counts and not (optional and random.random() < 0.3):
        gives[output.name] = chosen(random, output.levels or EDGES[output.kind])
    if random.random() < 0.6:
        weights = [0.7, 0.1, 0.1, 0.1]
        gives["outcome"] = list(Outcome)[random.choice(4, p=weights)]
    if random.random() < 0.4:
        gives["reason"] = chosen(random, ("R0", "R1", "R2"))
    return gives


def values_near(kind: Kind, edges: Sequence[Any]) -> Iterator[Any]:
    """Each edge, its neighbours, and something in between and beyond."""
    if kind is Kind.NUMBER:
        ordered = sorted(edges)
        for edge in ordered:
            yield from (edge, nextafter(edge, inf), nextafter(edge, -inf))
        yield from ((a + b) / 2 for a, b in pairwise(ordered))
        yield from (ordered[0] - 1e6, ordered[-1] + 1e6)
    elif kind is Kind.INTEGER:
        yield from {edge + step for edge in edges for step in (-1, 0, 1, 2)} | {-(10**6), 10**6}
    elif kind is Kind.DATE:
        steps = (-400, -1, 0, 1, 2, 400)
        yield from {edge + timedelta(step) for edge in edges for step in steps}
    elif kind is Kind.BOOLEAN:
        yield from (False, True)
    else:
        yield from LEVELS
        if kind is Kind.TEXT:
            yield "elsewhere"


def random_value(random: Random, read: Input) -> object:
    """Mostly a value of the kind, sometimes none, out of range or unknown."""
    if random.random() < 0.12:
        return None
    edges = EDGES.get(read.kind, [])
    if read.kind is Kind.CATEGORY and random.random() < 0.03:
        return "nowhere"
    return chosen(random, sorted(values_near(read.kind, edges)))
