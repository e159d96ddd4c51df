"""Names of firms as columns to be compared: brand, its sound, trade, legal form, place, number.

Sister firms share the brand and differ in trade, form or number, so each is compared on its own.
Words that many names have are no brand, whatever the lexicon knows of them: they go to the trade.
"""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.linkage.lexicon import lexicon
from tradeline.creditfile.linkage.names import NameColumns, trades_of
from tradeline.creditfile.linkage.scripts import sound_of

NAME_PARTS = ("brand", "sound", "trade", "form", "place", "number")
Texts = NDArray[np.object_]


def part_columns(names: NameColumns, generic: Collection[str]) -> dict[str, Texts]:
    """The parts of names that are compared, by `NAME_PARTS`; None where a name is silent."""
    brand, sound, number = names.brand.copy(), names.sound.copy(), names.number.copy()
    trade = _trade_texts(names)
    for row, text in enumerate(brand.tolist()):
        if " " in text:
            brand[row], others = _without(text, generic)
            if others:
                sound[row] = brand[row] if brand[row].isascii() else sound[row]
                trade[row] = " ".join(sorted([*trade[row].split(), *others]))
        if not text.isascii() and any(map(str.isdecimal, text)):
            # 华达2 is the second 华达.
            number[row] = number[row] or "".join(filter(str.isdecimal, text))
            brand[row], sound[row] = _without_digits(brand[row]), _without_digits(sound[row])
    for row in np.flatnonzero(names.branch != "").tolist():
        number[row] = f"{number[row]} {names.branch[row]}".strip()
    parts = (brand, sound, trade, names.form, names.place, number)
    return {name: _told(texts) for name, texts in zip(NAME_PARTS, parts, strict=True)}


def letters_of(texts: Sequence[str]) -> Texts:
    """The Latin letters that plain texts are read by, sorted: alike for 马艳胜 and Yansheng Ma."""
    readings = lexicon().readings
    return np.array(
        ["".join(sorted(sound_of(text, readings).replace(" ", ""))) for text in texts], object
    )


def _told(texts: Texts) -> Texts:
    told = texts.copy()
    told[told == ""] = None
    return told


def _without_digits(text: str) -> str:
    return "".join(sign for sign in text if not sign.isdecimal())


def _without(brand: str, generic: Collection[str]) -> tuple[str, list[str]]:
    """A brand without generic words and blanks, and those words; the first is always the brand."""
    first, *words = brand.split()
    kept = "".join([first, *(word for word in words if word not in generic)])
    return kept, [word for word in words if word in generic]


def _trade_texts(names: NameColumns) -> Texts:
    """The trades of each name in words; few sets of trades are found in many names."""
    known = lexicon()
    sets, rows = np.unique(names.trades, return_inverse=True)
    written = [
        " ".join(trade.replace(" ", "") for trade in trades_of(bits, known))
        for bits in sets.tolist()
    ]
    return np.array([*written, None], object)[rows.ravel()]
