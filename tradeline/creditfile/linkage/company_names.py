"""Names of firms as columns to be compared: brand, its sound, trade, legal form, place, number.

Sister firms share the brand and differ in trade, form or number, so each is compared on its own.
Words that many names have are no brand, whatever the lexicon knows of them: they go to the trade.
"""

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.linkage.lexicon import lexicon
from tradeline.creditfile.linkage.names import NameColumns, trades_of
from tradeline.creditfile.linkage.scripts import sound_of

NAME_PARTS = ("brand", "sound", "trade", "form", "place", "number")
# So many names, and at least this share of them, make a word one of trade.
GENERIC_NAMES, GENERIC_SHARE = 20, 0.0005

Texts = NDArray[np.object_]


def common_words(names: NameColumns) -> tuple[str, ...]:
    """Words of brands that many names have, in order."""
    seen = Counter(word for brand in names.brand.tolist() if " " in brand for word in brand.split())
    least = max(GENERIC_NAMES, GENERIC_SHARE * len(names.brand))
    return tuple(sorted(word for word, count in seen.items() if count >= least))


def part_columns(names: NameColumns, generic: Collection[str]) -> dict[str, Texts]:
    """The parts of names that are compared, by `NAME_PARTS`; None where a name is silent."""
    told = [_without(*both, generic) for both in _pairs(names)]
    trades = _trade_texts(names)
    parts = {
        "brand": [brand for brand, _, _ in told],
        "sound": [sound for _, sound, _ in told],
        "trade": [
            " ".join(sorted([*trade.split(), *others]))
            for trade, (_, _, others) in zip(trades, told, strict=True)
        ],
        "form": names.form.tolist(),
        "place": names.place.tolist(),
        "number": [
            " ".join(filter(None, (number or _numbered(brand), branch)))
            for number, branch, brand in zip(
                names.number.tolist(), names.branch.tolist(), names.brand.tolist(), strict=True
            )
        ],
    }
    return {
        part: np.array([text or None for text in texts], object) for part, texts in parts.items()
    }


def letters_of(texts: Sequence[str]) -> Texts:
    """The Latin letters that plain texts are read by, sorted: alike for 马艳胜 and Yansheng Ma."""
    readings = lexicon().readings
    return np.array(
        ["".join(sorted(sound_of(text, readings).replace(" ", ""))) for text in texts], object
    )


def _pairs(names: NameColumns) -> Sequence[tuple[str, str]]:
    return list(zip(names.brand.tolist(), names.sound.tolist(), strict=True))


def _numbered(brand: str) -> str:
    """The digits within a brand of a script without blanks: 华达2 is the second 华达."""
    return "" if brand.isascii() else "".join(filter(str.isdecimal, brand))


def _without(brand: str, sound: str, generic: Collection[str]) -> tuple[str, str, list[str]]:
    """Brand and sound without generic words, and those words; one word is always the brand."""
    if _numbered(brand):
        letters = "".join(sign for sign in brand if not sign.isdecimal())
        brand, sound = letters, "".join(sign for sign in sound if not sign.isdecimal())
    if " " not in brand:
        return brand, sound, []
    first, *words = brand.split()
    others = [word for word in words if word in generic]
    if not others:
        return brand.replace(" ", ""), sound, []
    kept = "".join([first, *(word for word in words if word not in generic)])
    return kept, kept if kept.isascii() else sound, others


def _trade_texts(names: NameColumns) -> list[str]:
    """The trades of each name in words; few sets of trades are found in many names."""
    known = lexicon()
    written = {
        bits: " ".join(trade.replace(" ", "") for trade in trades_of(bits, known))
        for bits in np.unique(names.trades).tolist()
    }
    return [written[bits] for bits in names.trades.tolist()]
