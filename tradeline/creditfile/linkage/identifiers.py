"""Identifiers of enterprises in whole columns: which are valid, and how each is written plainly.

Verdicts are those of python-stdnum. It takes digits of full width for digits, but refuses letters
of full width, and so do we; `with_plain_width` brings a column to plain width first.
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress, islice

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.linkage.check_digits import SHAPES, Shape, compacted, ends_of, sound
from tradeline.creditfile.linkage.identifier_kinds import KINDS, Kind, kind_named, rules_of

Mask = NDArray[np.bool_]
Texts = NDArray[np.object_]
Column = Sequence[str | None] | NDArray[np.object_] | NDArray[np.str_]

CHUNK = 1 << 13
"""So many values stay near the processor while they are judged."""
LONGEST = 40
"""Longer values are judged one by one: a matrix is as wide as its longest row."""

VISIBLE = bytes(range(32, 127))
"""ASCII signs that can be seen, and the blank."""
LOOKED_AT = 1_000
"""So many distinct values of a column say of what kind it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """Verdicts on a column, value by value.

    `stated`: there is more than blanks; `valid`: it is a number of the kind; `normal`: the number
    without separators, in capitals, None where it is not valid.
    """

    kind: Kind
    stated: Mask
    valid: Mask
    normal: Texts


@dataclass(frozen=True, slots=True)
class Recognised:
    """A kind that a column can be of, and the share of its distinct values that are valid."""

    kind: Kind
    share: float


def check(kind: str, values: Column) -> Checked:
    """Verdicts on every value of a column, and the normal form of the valid ones.

    `values` are texts or None, as DuckDB's `fetchnumpy` gives them. InputProblem if there is no
    such kind, or where python-stdnum is needed and not installed.
    """
    texts = _listed(values)
    found = Checked(
        kind_named(kind),
        stated=np.zeros(len(texts), dtype=bool),
        valid=np.zeros(len(texts), dtype=bool),
        normal=np.full(len(texts), None, dtype=object),
    )
    left = np.ones(len(texts), dtype=bool)
    if kind in SHAPES:
        for start in range(0, len(texts), CHUNK):
            part = slice(start, start + CHUNK)
            left[part] = ~_check_together(SHAPES[kind], texts[part], found, part)
    judge = _judge(kind)
    for row in np.flatnonzero(left).tolist():
        text = texts[row]
        if text and not text.isspace():
            found.stated[row] = True
            found.normal[row] = judge(text)
            found.valid[row] = found.normal[row] is not None
    return found


def kinds_of(values: Column, share_min: float, values_min: int) -> tuple[Recognised, ...]:
    """The kinds that a column can be of: nearly all of its distinct values are valid, best first.

    Only kinds with check digits count, and only from `values_min` distinct values on: few numbers
    fit by chance. Several may fit, as SIREN and Canada's business number, which are alike; then the
    column must be stated.
    """
    texts = dict.fromkeys(text for text in _listed(values) if text and not text.isspace())
    distinct = list(islice(texts, LOOKED_AT))
    if len(distinct) < values_min:
        return ()
    found = []
    for kind in KINDS.values():
        if kind.check_digits:
            share = float(check(kind.name, distinct).valid.mean())
            if share >= share_min:
                found.append(Recognised(kind, share))
    return tuple(sorted(found, key=lambda one: (-one.share, one.kind.name)))


def held(checked: Checked) -> dict[str, Texts]:
    """Other numbers that stand within these, by kind: the SIREN in a SIRET, None where invalid.

    So numbers of two registers, or of before and after a reform, can meet.
    """
    return {
        name: np.array(
            [text[where] if text is not None else None for text in checked.normal], dtype=object
        )
        for name, where in checked.kind.holds.items()
    }


def with_plain_width(values: Column) -> Texts:
    """The values with signs of full width as plain ones (Unicode NFKC); None stays None."""
    return np.array(
        [
            text if text is None or text.isascii() else unicodedata.normalize("NFKC", text)
            for text in _listed(values)
        ],
        dtype=object,
    )


def _listed(values: Column) -> Sequence[str | None]:
    """A column as a list; masked values are None."""
    if isinstance(values, np.ndarray):
        listed: list[str | None] = values.tolist()
        return listed
    return values


def _check_together(shape: Shape, texts: Sequence[str | None], found: Checked, part: slice) -> Mask:
    """Fill in the verdicts on this part of a column; which of its values were plain."""
    given, plain = _lines(texts)
    lines = compacted(given, shape)
    starts, ends = ends_of(lines)
    lengths = ends - starts
    valid = sound(lines, starts, lengths, shape, LONGEST)
    told = plain & (lengths > 0) & (lengths <= LONGEST)
    found.stated[part], found.valid[part] = told, valid
    if lines == given:
        found.normal[part][valid] = list(compress(texts, valid.tolist()))
    else:
        text = lines.decode("ascii")
        cuts = zip(starts[valid].tolist(), ends[valid].tolist(), strict=True)
        found.normal[part][valid] = [text[start:end] for start, end in cuts]
    return told


def _lines(texts: Sequence[str | None]) -> tuple[bytes, Mask]:
    """A line for each text, and which are of visible ASCII signs alone; of others it is empty."""
    try:
        lines = "\n".join(texts).encode("ascii")  # type: ignore[arg-type]  # None is rare
        if lines.translate(None, VISIBLE) == b"\n" * (len(texts) - 1):
            return lines, np.ones(len(texts), dtype=bool)
    except (TypeError, UnicodeEncodeError):
        pass
    plain = [text if text and text.isascii() and text.isprintable() else "" for text in texts]
    told = np.fromiter(map(bool, plain), dtype=bool, count=len(texts))
    return "\n".join(plain).encode("ascii"), told


def _judge(kind: str) -> Callable[[str], str | None]:
    """The normal form of one value by python-stdnum, None if invalid; each distinct value once."""
    known: dict[str, str | None] = {}

    def judge(text: str) -> str | None:
        if text not in known:
            known[text] = _judged(kind, text)
        return known[text]

    return judge


def _judged(kind: str, text: str) -> str | None:
    rules = rules_of(kind)
    try:
        return rules.validate(text) or None
    except Exception:
        # A module may fail in any way on a text that is far from its numbers.
        return None
