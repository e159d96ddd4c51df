"""Check digits of whole columns: the arithmetic of python-stdnum, position by position.

A column is a matrix of character codes, one row for each position and one column for each value,
0 after the end. python-stdnum checks one value at a time and stays the oracle.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint8]
Mask = NDArray[np.bool_]

NOT_A_SIGN = 255
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


def compacted(codes: Codes, shape: Shape) -> Codes:
    """The codes in capitals, without separators and prefix."""
    table = np.arange(256, dtype=np.uint8)
    table[ord("a") : ord("z") + 1] -= 32
    table[[ord(sign) for sign in shape.separators]] = 0
    closed = _closed(table.take(codes))
    if shape.prefix and len(closed) > len(shape.prefix):
        width = len(shape.prefix)
        signs = np.frombuffer(shape.prefix.encode(), np.uint8)[:, None]
        rows = np.flatnonzero(_everywhere(closed[:width] == signs))
        closed[:-width, rows] = closed[width:, rows]
        closed[-width:, rows] = 0
    return closed


def sound(codes: Codes, shape: Shape) -> Mask:
    """Which compacted values are sound numbers of this shape."""
    if not shape.length:
        return shape.is_sound(codes)
    if len(codes) < shape.length:
        return np.zeros(codes.shape[1], dtype=bool)
    fits = codes[shape.length - 1] != 0
    if len(codes) > shape.length:
        fits &= codes[shape.length] == 0
    found = np.zeros(codes.shape[1], dtype=bool)
    found[fits] = shape.is_sound(np.compress(fits, codes[: shape.length], axis=1))
    return found


def _closed(codes: Codes) -> Codes:
    """The codes with the gaps closed that dropped signs left."""
    gaps = ((codes[:-1] == 0) & (codes[1:] != 0)).any(axis=0)
    rows = np.flatnonzero(gaps)
    if len(rows):
        texts = codes[:, rows].T
        order = np.argsort(texts == 0, axis=1, kind="stable")
        codes[:, rows] = np.take_along_axis(texts, order, axis=1).T
    return codes


def _places(alphabet: str) -> NDArray[np.uint8]:
    """For each code its place in an alphabet."""
    table = np.full(256, NOT_A_SIGN, dtype=np.uint8)
    table[[ord(sign) for sign in alphabet]] = range(len(alphabet))
    return table


_USCC_PLACES = _places(USCC_ALPHABET)
_BASE_36 = _places("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGITS = _places("0123456789")
# The end of a text changes nothing: times one, plus nothing.
_LEI_VALUES = np.where(_BASE_36 == NOT_A_SIGN, 0, _BASE_36).astype(np.int32)
_LEI_STEPS = np.where(_BASE_36 < 10, 10, 100).astype(np.int32)
_LEI_STEPS[0] = 1
_DOUBLED_MOD_11 = np.array([(digit or 10) * 2 % 11 for digit in range(10)], dtype=np.uint8)


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
    values = _DIGITS.take(codes)
    return values, _everywhere(values != NOT_A_SIGN)


def uscc(codes: Codes) -> Mask:
    """GB 32100-2015: eight digits, then an alphabet of 31, weighted sum divisible by 31."""
    values = _USCC_PLACES.take(codes)
    formed = _everywhere(values[:8] < 10) & _everywhere(values[8:] != NOT_A_SIGN)
    divisible: Mask = _weighted(values, USCC_WEIGHTS) % 31 == 0
    return formed & divisible


def lei(codes: Codes) -> Mask:
    """ISO 17442: letters as 10 to 35, the number they make leaves 1 when divided by 97."""
    formed = _everywhere((codes == 0) | (_BASE_36.take(codes) != NOT_A_SIGN))
    rest = np.zeros(codes.shape[1], dtype=np.int32)
    for code in codes:
        rest = (rest * _LEI_STEPS.take(code) + _LEI_VALUES.take(code)) % 97
    leaves_one: Mask = rest == 1
    return formed & leaves_one


def mod_11_10(codes: Codes) -> Mask:
    """ISO 7064, MOD 11,10, of numbers that do not begin with zero (VAT numbers of Germany)."""
    values, formed = _digits(codes)
    check = np.full(codes.shape[1], 5, dtype=np.uint8)
    for value in values:
        check = (_DOUBLED_MOD_11.take(check) + value) % 10
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
