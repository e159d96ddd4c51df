"""Check digits of whole columns: the arithmetic of python-stdnum, position by position.

A column is a matrix of character codes, one row for each position and one column for each value,
0 after the end. It is cut out of one run of bytes, a line for each value. python-stdnum checks one
value at a time and stays the oracle.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Codes = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Places = NDArray[np.int64]

NOT_A_SIGN = 255
END = ord("\n")
CAPITALS = bytes(range(256)).upper()
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1)
NIP_WEIGHTS = (6, 5, 7, 2, 3, 4, 5, 6, 7, -1)


@dataclass(frozen=True, slots=True)
class Shape:
    """How the numbers of a kind are written, and which of them are sound.

    `separators` may stand anywhere, `prefix` once before the number, `length` is what remains
    (0: any). `is_sound` judges columns of that length.
    """

    separators: str
    prefix: str
    length: int
    is_sound: Callable[[Codes], Mask]


def compacted(lines: bytes, shape: Shape) -> bytes:
    """Lines of visible ASCII signs in capitals, without separators and prefix."""
    closed = lines.translate(CAPITALS, shape.separators.encode())
    if not shape.prefix:
        return closed
    return (b"\n" + closed).replace(b"\n" + shape.prefix.encode(), b"\n")[1:]


def ends_of(lines: bytes) -> tuple[Places, Places]:
    """Where each line begins and where it ends."""
    ends = np.flatnonzero(np.frombuffer(lines + b"\n", np.uint8) == END)
    return np.concatenate([[0], ends[:-1] + 1]), ends


def sound(lines: bytes, starts: Places, lengths: Places, shape: Shape, longest: int) -> Mask:
    """Which compacted lines are sound numbers of this shape, and at most `longest` signs long."""
    fits = np.flatnonzero(lengths == shape.length if shape.length else lengths <= longest)
    width = shape.length or int(lengths[fits].max(initial=0))
    found = np.zeros(len(lengths), dtype=bool)
    if width and len(fits):
        padded = np.frombuffer(lines.ljust(len(lines) + width, b"\0"), np.uint8)
        codes = sliding_window_view(padded, width)[starts[fits]].T.copy()
        if not shape.length:
            codes *= np.arange(width, dtype=np.uint8)[:, None] < lengths[fits].astype(np.uint8)
        found[fits] = shape.is_sound(codes)
    return found


def _places(alphabet: str) -> bytes:
    """For each code its place in an alphabet."""
    return bytes(alphabet.index(chr(n)) if chr(n) in alphabet else NOT_A_SIGN for n in range(256))


def _looked_up(table: bytes, codes: Codes) -> Codes:
    return np.frombuffer(codes.tobytes().translate(table), np.uint8).reshape(codes.shape)


_USCC_PLACES = _places(USCC_ALPHABET)
_BASE_36 = _places("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGITS = _places("0123456789")
_MOD_11_10 = bytes(
    ((check or 10) * 2 % 11 + digit) % 10 for check in range(10) for digit in range(10)
).ljust(256, b"\0")
"""What is left after a digit, at ten times what was left before and the digit."""


def _weighted(values: NDArray[np.uint8], weights: tuple[int, ...]) -> NDArray[np.int32]:
    total = np.zeros(values.shape[1], dtype=np.int32)
    for row, weight in zip(values, weights, strict=True):
        total += row.astype(np.int32) * weight
    return total


def _everywhere(marks: Mask) -> Mask:
    """Which columns are marked at every position."""
    return np.asarray(marks.all(axis=0))


def _digits(codes: Codes) -> tuple[NDArray[np.uint8], Mask]:
    """The digits, and which values have nothing else."""
    values = _looked_up(_DIGITS, codes)
    return values, _everywhere(values != NOT_A_SIGN)


def uscc(codes: Codes) -> Mask:
    """GB 32100-2015: eight digits, then an alphabet of 31, weighted sum divisible by 31."""
    values = _looked_up(_USCC_PLACES, codes)
    formed = _everywhere(values[:8] < 10) & _everywhere(values[8:] != NOT_A_SIGN)
    divisible: Mask = _weighted(values, USCC_WEIGHTS) % 31 == 0
    return formed & divisible


def lei(codes: Codes) -> Mask:
    """ISO 17442: letters as 10 to 35, the number they make leaves 1 when divided by 97."""
    values, steps = _pairs_by_97()
    rest = np.zeros(codes.shape[1], dtype=np.uint16)
    formed = np.ones(codes.shape[1], dtype=bool)
    for place in range(0, len(codes), 2):
        pair = codes[place].astype(np.uint16)
        if place + 1 < len(codes):
            pair += codes[place + 1].astype(np.uint16) << 8
        step = steps.take(pair)
        formed &= step > 0
        rest *= step
        rest += values.take(pair)
        rest %= 97
    leaves_one: Mask = rest == 1
    return formed & leaves_one


@cache
def _pairs_by_97() -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Of two signs, the later in the upper byte: the number they make, and what moves it on.

    Both by 97; what moves on is 0 where either is no sign. The end of a text changes nothing:
    times one, plus nothing.
    """
    places = np.frombuffer(_BASE_36, np.uint8).astype(np.uint16)
    step = np.where(places < 10, 10, np.where(places == NOT_A_SIGN, 0, 100)).astype(np.uint16)
    step[0], places[0] = 1, 0
    values = (places[None, :] * step[:, None] + places[:, None]) % 97
    steps = step[None, :] * step[:, None] % 97
    return values.ravel(), steps.ravel()


def mod_11_10(codes: Codes) -> Mask:
    """ISO 7064, MOD 11,10, of numbers that do not begin with zero (VAT numbers of Germany)."""
    values, formed = _digits(codes)
    check = np.full(codes.shape[1], 5, dtype=np.uint8)
    for value in values:
        check = _looked_up(_MOD_11_10, check * np.uint8(10) + value)
    right: Mask = (values[0] != 0) & (check == 1)
    return formed & right


def luhn(codes: Codes) -> Mask:
    """ISO/IEC 7812: from the right every second digit doubled, the digits' sum divisible by 10."""
    values, formed = _digits(codes)
    total = np.zeros(codes.shape[1], dtype=np.int32)
    for place, value in enumerate(values[::-1]):
        doubled = value.astype(np.int32) * (1 + place % 2)
        total += doubled - 9 * (doubled > 9)
    divisible: Mask = total % 10 == 0
    return formed & divisible


def iva(codes: Codes) -> Mask:
    """Partita IVA: seven digits, the province of the office, and Luhn's digit."""
    values, _ = _digits(codes)
    province = _weighted(values[7:10], (100, 10, 1))
    known = ((province >= 1) & (province <= 100)) | np.isin(province, (120, 121, 888, 999))
    return luhn(codes) & values[:7].any(axis=0) & known


def nip(codes: Codes) -> Mask:
    """Poland's NIP: a weighted sum divisible by 11."""
    values, formed = _digits(codes)
    divisible: Mask = _weighted(values, NIP_WEIGHTS) % 11 == 0
    return formed & divisible


def siret(codes: Codes) -> Mask:
    """SIRET: Luhn over all and over the SIREN in it; that of La Poste, a sum divisible by 5."""
    values, formed = _digits(codes)
    post = _starts(codes, "356000000") & ~_starts(codes, "35600000000048")
    fives = formed & (_weighted(values, (1,) * 14) % 5 == 0)
    return np.where(post, fives, luhn(codes)) & luhn(codes[:9])


def _starts(codes: Codes, text: str) -> Mask:
    signs = np.frombuffer(text.encode(), np.uint8)[:, None]
    return _everywhere(codes[: len(text)] == signs)


SHAPES = {
    "cn.uscc": Shape(" -", "", 18, uscc),
    "lei": Shape(" -", "", 0, lei),
    "de.vat": Shape(" -./,", "DE", 9, mod_11_10),
    "fr.siren": Shape(" .", "", 9, luhn),
    "fr.siret": Shape(" .", "", 14, siret),
    "it.iva": Shape(" -:", "IT", 11, iva),
    "pl.nip": Shape(" -", "PL", 10, nip),
}
"""The kinds whose columns are checked at once."""
