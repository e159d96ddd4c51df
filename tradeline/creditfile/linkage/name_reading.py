"""A folded name word by word: what each is, and what the whole then says."""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from tradeline.creditfile.linkage.lexicon import Lexicon, Part, Word
from tradeline.creditfile.linkage.scripts import is_unbroken, sound_of
from tradeline.creditfile.linkage.unbroken import BRAND, NUMBER, read_unbroken

Script = Literal["latin", "east asian", "mixed", "other", "none"]
Item = tuple[Word, str]

ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
AFTER_THE_FORM = frozenset[Part](("place", "branch", "head_office", "before_number", "number"))
OF_A_BRANCH = frozenset[Part](("place", "brand", "number"))
NOBODY = "-"
PARTICULAR = Word("brand", "particular")
UNNAMED_BRANCH = "branch"
BY_NEIGHBOURS = frozenset[Part](("nothing", "nothing_between", "after_place", "before_number"))


_LATIN = re.compile("[a-z]")


class Reading(NamedTuple):
    """What a name says; see `names.NameParts`. `trades` are bits, `regions` stand between `|`."""

    brand: tuple[str, ...]
    trades: int
    form: str
    place: str
    regions: str
    number: str
    branch: str
    owner: tuple[str, ...]


class NameReader:
    """Reads folded names, and remembers what it found of each word."""

    def __init__(self, known: Lexicon) -> None:
        self._known = known
        self._bits = {trade: 1 << place for place, trade in enumerate(known.trades)}
        self._words: dict[str, list[Item]] = {}
        self._sounds: dict[str, str] = {}
        self._places: dict[tuple[str, ...], tuple[str, str]] = {(): ("", "")}

    def reading(self, items: list[Item]) -> Reading:
        """What the words of a name, as `items` gives them, say together."""
        items, owner = _without_owner(items)
        branch, items = self._branch(items)
        brand = _texts(items, "brand")
        number = " ".join(_texts(items, "number"))
        if not brand:
            brand = _instead_of_a_brand(items)
            number = "" if brand == number.split() else number
        trades = 0
        for word, _ in items:
            if word.part == "trade":
                trades |= self._bits[word.key]
        place, regions = self._place(tuple(w.key for w, _ in items if w.part == "place"))
        return Reading(
            tuple(_initials_joined(brand)),
            trades,
            self._form([word.key for word, _ in items if word.part == "form"]),
            place,
            regions,
            number,
            branch,
            tuple(_initials_joined(owner)),
        )

    def items(self, tokens: list[str]) -> list[Item]:
        """The words of a name in order, each with what it is."""
        if not tokens:
            return []
        end, start, form = self._form_at_the_end(tokens)
        if form is None:
            front, begin = self._form_at_the_front(tokens)
            return front + self._in_order(tokens[begin:])
        return [*self._in_order(tokens[:start]), form, *self._in_order(tokens[end:])]

    def _form_at_the_end(self, tokens: list[str]) -> tuple[int, int, Item | None]:
        """A legal form with at most a place or a branch behind it: its end, its start, itself."""
        single, rows = self._known.at_end.single, self._known.at_end.rows
        for end in range(len(tokens), 1, -1):
            last = tokens[end - 1]
            for row, word in rows.get(last, ()):
                if len(row) < end and tokens[end - len(row) : end] == row:
                    return end, end - len(row), (word, " ".join(row))
            if last in single:
                return end, end - 1, (single[last], last)
            if any(word.part not in AFTER_THE_FORM for word, _ in self.word(last)):
                break
        return 0, 0, None

    def _form_at_the_front(self, tokens: list[str]) -> tuple[list[Item], int]:
        single, rows = self._known.at_front.single, self._known.at_front.rows
        for row, word in rows.get(tokens[0], ()):
            if len(row) < len(tokens) and tokens[: len(row)] == row:
                return [(word, " ".join(row))], len(row)
        if tokens[0] in single and len(tokens) > 1:
            return [(single[tokens[0]], tokens[0])], 1
        return [], 0

    def _in_order(self, tokens: list[str]) -> list[Item]:
        """What each word is, words in a row first, and what it is because of its neighbours."""
        rows = self._known.anywhere.rows
        found: list[Item] = []
        place = 0
        while place < len(tokens):
            token = tokens[place]
            if token in rows:
                row = next(
                    (r for r in rows[token] if tokens[place : place + len(r[0])] == r[0]), None
                )
                if row:
                    found.append((row[1], " ".join(row[0])))
                    place += len(row[0])
                    continue
            items = self.word(token)
            if items[0][0].part in BY_NEIGHBOURS:
                items = _by_neighbours(items[0], tokens, place, found)
            elif token in ROMAN and found:
                items = [(NUMBER, ROMAN[token])]
            found.extend(items)
            place += 1
        return found

    def word(self, token: str) -> list[Item]:
        """What a word is by itself; several where a script leaves no blanks."""
        items = self._words.get(token)
        if items is None:
            self._words[token] = items = self._looked_up(token)
        return items

    def _looked_up(self, token: str) -> list[Item]:
        if token.isdecimal():
            return [(NUMBER, str(int(token)))]
        if is_unbroken(token):
            return read_unbroken(token, self._known)
        return [(self._known.word(token) or self._brand(token), token)]

    def _brand(self, token: str) -> Word:
        """Any word of a brand, or one that may be part of something else beside others."""
        known = self._known
        alone = (
            len(token) > 1
            and token not in known.in_rows
            and token not in known.at_end.single
            and token not in known.at_front.single
            and token not in ROMAN
        )
        return BRAND if alone else PARTICULAR

    def _branch(self, items: list[Item]) -> tuple[str, list[Item]]:
        """The name of the establishment that a name is of, and the items without it.

        It stands between the legal form and the word for a branch, or is the number before that.
        """
        parts = [word.part for word, _ in items]
        if "branch" not in parts:
            return "", items
        at = len(parts) - 1 - parts[::-1].index("branch")
        start = at
        while start and parts[start - 1] in OF_A_BRANCH:
            start -= 1
        if not start or parts[start - 1] != "form":
            start = at - 1 if at and parts[at - 1] == "number" else at
        name = " ".join(
            word.key if word.part == "place" else self.sound([text])
            for word, text in items[start:at]
        )
        return name or UNNAMED_BRANCH, items[:start] + items[at + 1 :]

    def _form(self, forms: list[str]) -> str:
        """The form that says most, the last of several such."""
        return min(
            reversed(forms), default="", key=lambda form: len(self._known.forms[form].classes)
        )

    def _place(self, places: tuple[str, ...]) -> tuple[str, str]:
        """The narrowest of several places, and all that are named or hold one."""
        if places not in self._places:
            holding = [self._known.regions.get(place, frozenset((place,))) for place in places]
            sizes = [len(regions) for regions in holding]
            regions = "|".join(sorted(frozenset[str]().union(*holding)))
            self._places[places] = places[sizes.index(max(sizes))], f"|{regions}|"
        return self._places[places]

    def sound(self, brand: Iterable[str]) -> str:
        """The brand as it is read; one that is written in two scripts counts once."""
        latin, other = "", ""
        for token in brand:
            if token.isascii():
                latin += token
            else:
                if token not in self._sounds:
                    self._sounds[token] = sound_of(token, self._known.readings)
                other += self._sounds[token]
        return latin if latin == other else latin + other


def _by_neighbours(item: Item, tokens: list[str], place: int, found: list[Item]) -> list[Item]:
    """What a word is that means something only beside others; else it is of the brand."""
    part, token = item[0].part, item[1]
    following = tokens[place + 1] if place + 1 < len(tokens) else NOBODY
    before = tokens[place - 1] if place else NOBODY
    if part == "nothing":
        return []
    if part == "nothing_between" and not _is_initial(before) and not _is_initial(following):
        return []
    if part == "after_place" and found and found[-1][0].part in ("place", "number"):
        return []
    if part == "before_number" and following.isdecimal():
        return []
    return [(PARTICULAR, token)]


def _without_owner(items: list[Item]) -> tuple[list[Item], list[str]]:
    """The items without those of the owner, and the words of his name."""
    parts = [word.part for word, _ in items]
    if "trading_as" in parts:
        at = parts.index("trading_as")
        forms = [item for item in items[:at] if item[0].part == "form"]
        return items[at + 1 :] + forms, _texts(items[:at], "brand")
    if "owned_by" in parts:
        at = parts.index("owned_by")
        forms = [item for item in items[at:] if item[0].part == "form"]
        return items[:at] + forms, _texts(items[at:], "brand")
    return items, []


def _instead_of_a_brand(items: list[Item]) -> list[str]:
    """What stands for the brand where every word is something else."""
    parts: tuple[Part, ...] = ("place", "number", "trade", "form")
    places = [word.key.replace(" ", "") for word, _ in items if word.part == "place"]
    texts = places or next((texts for part in parts if (texts := _texts(items, part))), [])
    return " ".join(texts).split()


def _texts(items: list[Item], part: Part) -> list[str]:
    return [text for word, text in items if word.part == part]


def _is_initial(token: str) -> bool:
    return len(token) == 1 and token.isascii()


def _initials_joined(tokens: list[str]) -> list[str]:
    """Single letters in a row as one word: H C L V and HCLV are the same initials."""
    joined: list[str] = []
    open_row = False
    for token in tokens:
        single = _is_initial(token)
        if single and open_row:
            joined[-1] += token
        else:
            joined.append(token)
        open_row = single
    return joined


def script_of(name: str) -> Script:
    """The script of a folded name."""
    if name.isascii():
        return "latin" if name else "none"
    if not is_unbroken(name):
        return "other"
    return "mixed" if _LATIN.search(name) else "east asian"
