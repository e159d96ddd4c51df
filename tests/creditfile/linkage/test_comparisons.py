"""Patterns in SQL are those of plain rules in Python, pair by pair."""

from collections.abc import Callable, Mapping
from typing import Any

import duckdb
import numpy as np
import pytest

from tests.creditfile.linkage.made import FIELDS, rows_of, table
from tradeline.creditfile.linkage.comparisons import comparisons_of, levels_of, place_of
from tradeline.creditfile.linkage.linking import link
from tradeline.world.registers import draw_registers

Row = Mapping[str, Any]


def jaro(one: str, other: str) -> float:
    if not one or not other:
        return 0.0
    reach = max(max(len(one), len(other)) // 2 - 1, 0)
    taken = [False] * len(other)
    matched = []
    for at, sign in enumerate(one):
        for place in range(max(at - reach, 0), min(at + reach + 1, len(other))):
            if not taken[place] and other[place] == sign:
                taken[place] = True
                matched.append(sign)
                break
    if not matched:
        return 0.0
    theirs = [sign for sign, hit in zip(other, taken, strict=True) if hit]
    swapped = sum(a != b for a, b in zip(matched, theirs, strict=True)) // 2
    count = len(matched)
    return (count / len(one) + count / len(other) + (count - swapped) / count) / 3


def alike(one: str | None, other: str | None, least: float) -> bool:
    if one is None or other is None:
        return False
    # The engine goes by bytes, of which a Chinese sign has three.
    one, other = (text.encode().decode("latin-1") for text in (one, other))
    found = jaro(one, other)
    if found > 0.7:
        common = next((n for n in range(4) if one[n : n + 1] != other[n : n + 1]), 4)
        found += min(common, len(one), len(other)) * 0.1 * (1 - found)
    return found >= least - 1e-12


def begin_alike(one: str | None, other: str | None, least: float) -> bool:
    return bool(one and other) and one[:1] == other[:1] and alike(one, other, least)  # type: ignore[index]


def slipped(one: str, other: str) -> bool:
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) <= 2


def often(row: Row, column: str) -> str:
    return ("equal, rare", "equal", "equal, common")[row[f"{column}_often"]]


def level(left: Row, right: Row, name: str) -> str | None:
    one, other = left[name], right[name]
    if name == "name_number":
        return "equal or none" if one == other else "different"
    if one is None or other is None:
        return None
    if one == other:
        return often(left, name) if f"{name}_often" in left else "equal"
    return UNEQUAL[name](left, right)


def brands(left: Row, right: Row) -> str:
    sounds = left["name_sound"], right["name_sound"]
    if sounds[0] == sounds[1]:
        return "sounds equal"
    return "similar" if alike(*sounds, 0.9) else "different"


def parts(left: Row, right: Row, name: str) -> str:
    one, other = left[name], right[name]
    return "one says more" if one in other or other in one else "different"


def texts(left: Row, right: Row, name: str, least: float) -> str:
    if left[f"{name}_letters"] == right[f"{name}_letters"]:
        return "read alike"
    return "similar" if begin_alike(left[name], right[name], least) else "different"


def addresses(left: Row, right: Row) -> str:
    words = left["address_words"], right["address_words"]
    if left["address_numbers"] == right["address_numbers"] is not None and begin_alike(
        *words, 0.88
    ):
        return "similar, same number"
    return "similar street" if begin_alike(*words, 0.92) else "different"


UNEQUAL: dict[str, Callable[[Row, Row], str]] = {
    "name_brand": brands,
    "name_trade": lambda one, other: parts(one, other, "name_trade"),
    "name_form": lambda one, other: parts(one, other, "name_form"),
    "name_place": lambda one, other: "different",
    "person": lambda one, other: texts(one, other, "person", 0.9),
    "city": lambda one, other: texts(one, other, "city", 0.88),
    "phone": lambda one, other: (
        "a digit or two differ" if slipped(one["phone"], other["phone"]) else "different"
    ),
    "registration": lambda one, other: (
        "a sign or two differ"
        if slipped(one["registration"], other["registration"])
        else "different"
    ),
    "address": addresses,
}


@pytest.fixture(scope="module")
def linkage() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    link(connection, FIELDS, [table(connection, rows_of(draw_registers(1_500, seed=8)))])
    return connection


def test_patterns_are_those_of_the_rules(linkage: duckdb.DuckDBPyConnection) -> None:
    found = linkage.execute("FROM records")
    names = [column[0] for column in found.description or ()]
    rows = {row["n"]: row for row in (dict(zip(names, v, strict=True)) for v in found.fetchall())}
    comparisons = comparisons_of(FIELDS)
    judged = linkage.execute("SELECT l, r, pattern FROM judged ORDER BY l, r").fetchall()
    levels = levels_of(np.array([pattern for *_, pattern in judged]), comparisons)
    for (left, right, _), places in zip(judged, levels.tolist(), strict=True):
        for comparison, place in zip(comparisons, places, strict=True):
            order = (comparison.otherwise, *(name for name, _ in reversed(comparison.levels)))
            told = order[place] if place >= 0 else None
            assert told == level(rows[left], rows[right], comparison.name), comparison.name


def test_the_place_of_a_comparison_finds_its_digit(linkage: duckdb.DuckDBPyConnection) -> None:
    comparisons = comparisons_of(FIELDS)
    patterns = linkage.execute("SELECT pattern FROM judged LIMIT 50").fetchall()
    levels = levels_of(np.array([pattern for (pattern,) in patterns]), comparisons)
    for k, comparison in enumerate(comparisons):
        stride, digits, highest = place_of(comparisons, comparison.name)
        assert highest == digits - 1
        for (pattern,), places in zip(patterns, levels.tolist(), strict=True):
            assert pattern // stride % digits == places[k] + 1
