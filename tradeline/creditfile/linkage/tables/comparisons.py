"""How alike two records are in each respect: levels for the latent classes, the weakest first."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tradeline.creditfile.linkage.mixture import MISSING, Compared, Levels
from tradeline.creditfile.linkage.names import NameColumns
from tradeline.creditfile.linkage.tables import values as forms
from tradeline.creditfile.linkage.tables.fields import FieldValues
from tradeline.creditfile.linkage.tables.vectors import (
    Floats,
    Places,
    Vectors,
    by_different,
    likeness,
    products,
    vectors,
)

LIKENESS = (0.15, 0.3, 0.45, 0.6, 0.7, 0.8, 0.88, 0.94, 0.98)
"""Where levels of the likeness of texts are cut; values learned from pairs merge what is alike."""
OFTEN = (5, 50)
"""Up to how many records a value is rare, and up to how many it is not yet common."""
EQUAL = ("equal, common", "equal", "equal, rare")
DIFFERENCES: tuple[float, ...] = (0.6, 0.35, 0.2, 0.1, 0.05, 0.02, 0.005)
YEARS_APART: tuple[float, ...] = (10, 3, 2, 1)
DAYS_APART: tuple[float, ...] = (3660, 366, 31, 2)
FIGURED = ("text", "address", "company_name")
WORDY = (1.7, 3.0)
"""Mean words of a field from which on its numbers, and its codes, are compared by themselves."""
FEW = 0.02
"""From this share of values with figures on, the figures of a text are compared by themselves."""

Value = TypeVar("Value")
TEXTS = ("text", "person_name", "company_name", "address", "category", "phone", "identifier",
         "email", "web")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Agreement:
    """One comparison of all pairs: its levels by name, and the level of each pair."""

    compared: Compared
    levels: Levels


def text_vectors(field: FieldValues) -> Vectors | None:
    """The vectors of a field of text; None for numbers and days, and where nothing is told."""
    if field.field.kind not in TEXTS or not field.values:
        return None
    shown = [value.replace("@", " ").replace(".", " ") for value in field.values]
    if field.names is not None:
        # How a brand sounds joins its scripts, and lets it be told from trade and form.
        shown = [f"{value} {sound}" for value, sound in zip(shown, field.names.sound, strict=True)]
    return vectors(shown, field.often, field.field.kind == "person_name")


def agreements(
    fields: Sequence[FieldValues], texts: Sequence[Vectors | None], pairs: Places
) -> list[Agreement]:
    """All comparisons of pairs (2, n) of records, those of a field one after the other."""
    found: list[Agreement] = []
    for field, vector in zip(fields, texts, strict=True):
        if not field.values:
            continue
        left, right = field.left[pairs[0]], field.right[pairs[1]]
        both = np.flatnonzero((left >= 0) & (right >= 0))
        ends = (left[both], right[both])
        for compared, levels in _of_field(field, vector, *ends):
            whole = np.full(pairs.shape[1], MISSING, np.int8)
            whole[both] = levels
            found.append(Agreement(compared, whole))
    return found + list(_of_codes(fields, pairs))


def fineness(
    fields: Sequence[FieldValues], texts: Sequence[Vectors | None], pairs: Places
) -> Floats:
    """The mean cosine of texts, each counted by how much it tells: what levels round off."""
    whole, found = 0.0, np.zeros(pairs.shape[1])
    for field, vector in zip(fields, texts, strict=True):
        if vector is None:
            continue
        whole += field.bits()
        left, right = field.left[pairs[0]], field.right[pairs[1]]
        both = np.flatnonzero((left >= 0) & (right >= 0))
        cosine = partial(products, vector.blend)
        found[both] += field.bits() * by_different(
            cosine, left[both], right[both], len(field.values)
        )
    return found / max(whole, 1e-12)


def _of_field(
    field: FieldValues, vector: Vectors | None, left: Places, right: Places
) -> Iterator[tuple[Compared, Levels]]:
    name, kind = field.field.name, field.field.kind
    if vector is None:
        read = forms.numbers if kind == "number" else forms.days
        yield _measured(field, read(field.written), left, right)
        return
    alike = by_different(lambda a, b: likeness(vector, a, b), left, right, len(field.values))
    names = ("different", *(f"{cut:.0%} alike".replace("%", " %") for cut in LIKENESS), *EQUAL)
    yield Compared(name, names), _levels(field, np.digitize(alike, LIKENESS), left, right)
    if field.names is not None:
        yield from _parts_of_names(name, field.names, left, right)
    if kind in FIGURED and field.words() >= WORDY[0]:
        yield from _figures(field, left, right)


TRADES = ("others", "some shared", "the same")


def _parts_of_names(
    name: str, names: NameColumns, left: Places, right: Places
) -> Iterator[tuple[Compared, Levels]]:
    """Lines of trade of firms, where their names differ and both tell some."""
    a, b = names.trades[left], names.trades[right]
    silent = (left == right) | (a == 0) | (b == 0)
    levels = np.select([silent, a == b, (a & b) != 0], [MISSING, 2, 1], 0)
    yield Compared(f"{name}: trade", TRADES), levels.astype(np.int8)


def _levels(field: FieldValues, below: Places, left: Places, right: Places) -> Levels:
    """Levels of pairs, those of equal values put on top, the rarer the higher."""
    top = int(below.max(initial=0)) if not len(below) else len(LIKENESS)
    return _with_equal(field, below, left, right, top)


def _with_equal(field: FieldValues, below: Places, left: Places, right: Places, top: int) -> Levels:
    rarity = 2 - np.searchsorted(OFTEN, field.often[left])
    levels: Levels = np.where(left == right, top + 1 + rarity, below).astype(np.int8)
    return levels


def _measured(
    field: FieldValues, measures: Floats, left: Places, right: Places
) -> tuple[Compared, Levels]:
    """Levels of numbers, years or days by how far they are apart."""
    a, b = measures[left], measures[right]
    apart = np.abs(a - b)
    if field.field.kind == "date":
        cuts, unit = DAYS_APART, "days"
    elif _are_years(measures):
        cuts, unit = YEARS_APART, "years"
    else:
        apart = apart / np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-12)
        cuts, unit = DIFFERENCES, ""
    below = len(cuts) - np.digitize(apart, cuts[::-1], right=True)
    shown = [f"within {cut} {unit}" if unit else f"within {cut:.1%}" for cut in cuts]
    levels = _with_equal(field, below, left, right, len(cuts))
    levels = np.where((apart == 0) & (left != right), len(cuts) + 1, levels)
    levels = np.where(np.isnan(apart), np.where(left == right, levels, MISSING), levels)
    if unit == "days":
        levels = np.where(_swapped(a, b), len(cuts), levels)
    return Compared(field.field.name, ("far apart", *shown, *EQUAL)), levels.astype(np.int8)


def _are_years(measures: Floats) -> bool:
    told = measures[~np.isnan(measures)]
    return bool(
        len(told)
        and np.mean((told >= forms.YEARS[0]) & (told <= forms.YEARS[1]) & (told % 1 == 0)) > 0.95
    )


def _swapped(a: Floats, b: Floats) -> NDArray[np.bool_]:
    """Whether two days are one with day and month exchanged."""
    found = np.zeros(len(a), bool)
    near = np.flatnonzero((np.abs(a - b) < 366) & (a != b))
    for place in near.tolist():
        first, second = (date.fromordinal(int(value)) for value in (a[place], b[place]))
        found[place] = (first.year, first.month, first.day) == (
            second.year,
            second.day,
            second.month,
        )
    return found


FIGURES = ("others", "some shared", "one within the other", "all shared")


def _figures(field: FieldValues, left: Places, right: Places) -> Iterator[tuple[Compared, Levels]]:
    """The numbers within a text, where texts have some and are not equal altogether."""
    matrix, sizes = _sets(field.written, forms.figures)
    share = float((field.often * (sizes > 0)).sum() / max(field.often.sum(), 1))
    if share < FEW:
        return
    shared = by_different(lambda a, b: products(matrix, a, b), left, right, len(sizes))
    a, b = sizes[left], sizes[right]
    levels = np.select(
        [(left == right) | (a == 0) | (b == 0), shared == 0, (shared == a) & (shared == b),
         (shared == a) | (shared == b)],
        [MISSING, 0, 3, 2],
        1,
    )  # fmt: skip
    yield Compared(f"{field.field.name}: numbers", FIGURES), levels.astype(np.int8)


def _sets(
    values: Sequence[Value], parts: Callable[[Value], Sequence[str]]
) -> tuple[Any, NDArray[np.int64]]:
    """A matrix (values, parts) of ones, and how many parts each value has."""
    places: dict[str, int] = {}
    rows, columns = [], []
    for row, value in enumerate(values):
        for part in parts(value):
            rows.append(row)
            columns.append(places.setdefault(part, len(places)))
    shape = (len(values), max(len(places), 1))
    matrix = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)
    return matrix, np.bincount(rows, minlength=len(values)).astype(np.int64)


CODES = ("other codes", "same but for the end", "a part shared", "shared")
CODE_HOLDERS = 12


@dataclass(frozen=True, slots=True)
class RecordCodes:
    """What may be model numbers in the texts of each record: whole ones, and their parts too."""

    wholes: list[tuple[str, ...]]
    parts: list[tuple[str, ...]]


def record_codes(fields: Sequence[FieldValues], side: str) -> RecordCodes:
    """What may be model numbers in all texts of each record of one side."""
    rows = len(getattr(fields[0], side))
    wholes: list[dict[str, None]] = [{} for _ in range(rows)]
    parts: list[dict[str, None]] = [{} for _ in range(rows)]
    for field in fields:
        if not _tells_codes(field):
            continue
        of_value = [forms.codes(raw) for raw in field.written]
        for row, place in enumerate(getattr(field, side).tolist()):
            if place >= 0 and of_value[place].wholes:
                wholes[row] |= dict.fromkeys(of_value[place].wholes)
                parts[row] |= dict.fromkeys(of_value[place].parts)
    return RecordCodes(list(map(tuple, wholes)), list(map(tuple, parts)))


def _tells_codes(field: FieldValues) -> bool:
    return field.field.kind == "identifier" or (
        field.field.kind == "text" and field.words() >= WORDY[1]
    )


def _of_codes(fields: Sequence[FieldValues], pairs: Places) -> Iterator[Agreement]:
    """Model numbers anywhere in the record, where both tables know such things."""
    left, right = (record_codes(fields, side) for side in ("left", "right"))
    if min(np.mean([bool(codes) for codes in side.wholes]) for side in (left, right)) < 5 * FEW:
        return
    ends = pairs[0], pairs[1] + len(left.wholes)
    wholes, sizes = _rare(_sets([*left.wholes, *right.wholes], tuple)[0])
    parts, _ = _rare(_sets([*left.parts, *right.parts], tuple)[0])
    stems, _ = _rare(_sets([*left.wholes, *right.wholes], forms.stems)[0])
    told = (sizes[ends[0]] > 0) & (sizes[ends[1]] > 0)
    shared = [products(matrix, *ends) > 0 for matrix in (wholes, parts, stems)]
    levels = np.where(told, np.select(shared, [3, 2, 1], 0), MISSING)
    yield Agreement(Compared("codes", CODES), levels.astype(np.int8))


def _rare(matrix: Any) -> tuple[Any, NDArray[np.int64]]:
    """The parts that few records have, and how many each has: others name a kind of thing."""
    kept = matrix[:, np.flatnonzero(np.diff(matrix.tocsc().indptr) <= CODE_HOLDERS)].tocsr()
    return kept, np.diff(kept.indptr).astype(np.int64)
