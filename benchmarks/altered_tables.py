"""Made tables as users bring them: emptied, cut off, by name alone, sharing little, doubled.

Each alteration takes a pair of made tables and gives another one, whose truth is known as well.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from html import escape

from benchmarks.made_sheets import MadeTables, Row
from benchmarks.made_words import Draw

Maker = Callable[[int, int], MadeTables]
OTHER_SEED = 5_000
"""What is added to the seed of tables that share nothing with the given ones."""


def alone(make: Maker, seed: int, size: int) -> MadeTables:
    """The first column of each table alone."""
    return _changed(make(seed, size), lambda row, _: dict(list(row.items())[:2]))


def emptied(make: Maker, seed: int, size: int) -> MadeTables:
    """Two cells in five of the left table are empty."""
    draw = Draw(seed, 101)
    return _changed(
        make(seed, size),
        lambda row, left: _each(row, lambda text: draw.or_none(text, 0.4)) if left else row,
    )


def fifth(make: Maker, seed: int, size: int) -> MadeTables:
    """A quarter of the right table, beside one that tells of other things."""
    made, others = make(seed, size), make(seed + OTHER_SEED, size)
    right = made.right[::4] + [row | {"id": f"other {row['id']}"} for row in others.right]
    return _kept(made.left, right, made.truth)


def choice(make: Maker, seed: int, size: int) -> MadeTables:
    """Fifty records of the left table, and all of a right one of forty times that."""
    made = make(seed, size)
    others = [make(seed + OTHER_SEED, size * 3).right]
    right = made.right + [row | {"id": f"other {row['id']}"} for rows in others for row in rows]
    return _kept(made.left[:50], right, made.truth)


def cut_off(make: Maker, seed: int, size: int) -> MadeTables:
    """Texts of the left table end after 24 signs."""
    return _changed(
        make(seed, size),
        lambda row, left: _each(row, lambda text: text[:24].strip()) if left else row,
    )


def shouted(make: Maker, seed: int, size: int) -> MadeTables:
    """The left table in capitals, the right one with signs of markup and a long text beside it."""
    draw = Draw(seed, 102)

    def told(row: Row, left: bool) -> Row:
        if left:
            return _each(row, str.upper)
        words = " ".join(draw.word(draw.number(1, 3)) for _ in range(120))
        return _each(row, lambda text: escape(text).replace(" - ", " &ndash; ")) | {"notes": words}

    return _changed(make(seed, size), told)


def wide(make: Maker, seed: int, size: int) -> MadeTables:
    """The right table has its columns in another order and by other names, and ten more."""
    draw = Draw(seed, 103)

    def told(row: Row, left: bool) -> Row:
        if left:
            return row
        own = {f"f{n}": text for n, text in enumerate(list(row.values())[:0:-1])}
        more = {
            "stock": str(draw.number(0, 500)), "rank": str(draw.number(1, 90_000)),
            "seen": f"2024-{draw.number(1, 12):02d}-{draw.number(1, 28):02d}",
            "shelf": draw.one("ABCDEF"), "state": draw.one(("new", "used", "gone")),
            "by": draw.one(("import", "editor", "bot")), "batch": f"B{draw.number(1, 40):04d}",
            "tax": "0.19", "lang": "en", "hash": f"{draw.number(10**9, 10**10):x}",
        }  # fmt: skip
        return {"id": row["id"]} | more | own

    return _changed(make(seed, size), told)


def twice(make: Maker, seed: int, size: int) -> MadeTables:
    """The right table by itself, one record in six once or twice more, as others would write it."""
    draw = Draw(seed, 104)
    made = make(seed, size)
    thing = {right: left for left, right in made.truth}
    rows: list[Row] = []
    names: dict[str, list[str]] = {}
    for row in made.right:
        more = draw.number(1, 2) if draw.true(1 / 6) else 0
        again = [{"id": f"{row['id']} {n}"} | _again(draw, row) for n in range(1, more + 1)]
        rows += [row, *again]
        known = names.setdefault(thing.get(row["id"], row["id"]), [])
        known += [row["id"], *(one["id"] for one in again)]
    truth = {(a, b) for known in names.values() for a in known for b in known if a != b}
    order = draw.rng.permutation(len(rows)).tolist()
    shuffled = [rows[place] for place in order]
    return MadeTables(shuffled, shuffled, frozenset(truth))


def twice_alone(make: Maker, seed: int, size: int) -> MadeTables:
    """The same by its first column alone."""
    made = twice(make, seed, size)
    rows = [dict(list(row.items())[:2]) for row in made.left]
    return MadeTables(rows, rows, made.truth)


ALTERATIONS: Mapping[str, Callable[[Maker, int, int], MadeTables]] = {
    "alone": alone,
    "emptied": emptied,
    "fifth": fifth,
    "choice": choice,
    "cut-off": cut_off,
    "shouted": shouted,
    "wide": wide,
    "twice": twice,
    "twice-alone": twice_alone,
}


def _again(draw: Draw, row: Row) -> Row:
    def text(value: str) -> str:
        words = value.split(" ")
        if len(words) > 2 and draw.true(0.15):
            words.pop(draw.number(0, len(words) - 1))
        return draw.worn(draw.worn(" ".join(words), 0.5), 0.1)

    first, *others = list(row.items())[1:]
    return {first[0]: text(first[1])} | {
        name: draw.or_none(text(value) if draw.true(0.3) else value, 0.1) for name, value in others
    }


def _each(row: Row, change: Callable[[str], str]) -> Row:
    return {name: text if name == "id" else change(text) for name, text in row.items()}


def _changed(made: MadeTables, change: Callable[[Row, bool], Row]) -> MadeTables:
    return replace(
        made,
        left=[change(row, True) for row in made.left],
        right=[change(row, False) for row in made.right],
    )


def _kept(
    left: Sequence[Row], right: Sequence[Row], truth: frozenset[tuple[str, str]]
) -> MadeTables:
    ours, theirs = ({row["id"] for row in rows} for rows in (left, right))
    kept = frozenset((a, b) for a, b in truth if a in ours and b in theirs)
    return MadeTables(list(left), list(right), kept)
