"""How two names agree, part by part; the same in Python for one pair and in SQL for many.

`compare_parts` is the definition. `levels_sql` says it over the columns of two rows `l` and `r`
that `names.name_columns` made, for an engine that compares millions of pairs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from tradeline.creditfile.linkage.lexicon import Form, Lexicon, lexicon
from tradeline.creditfile.linkage.names import NameParts


class Agreement(IntEnum):
    """How what two names say of one part goes together.

    `AGREE`: they say the same, or one says less of the same (华信国际贸易 and 华信贸易).
    `CONFLICT`: each says something that the other does not, as Trading and Logistics: a sign of
    sister firms. `ONE_SILENT`, `BOTH_SILENT`: nothing to hold against each other.
    """

    CONFLICT = 0
    ONE_SILENT = 1
    BOTH_SILENT = 2
    AGREE = 3


class Likeness(IntEnum):
    """How alike two brands are.

    `SAME`: read the same, or the same words in another order. `CLOSE`: one slip of the pen for each
    `SIGNS_PER_SLIP` signs. `INITIALS`: one is the initials of the other's words. `CONTAINED`: all
    words of one are words of the other, or it is how the other begins.
    """

    DIFFERENT = 0
    CONTAINED = 1
    INITIALS = 2
    CLOSE = 3
    SAME = 4


SIGNS_PER_SLIP = 5
INITIALS_MIN = 3
BEGINNING_MIN = 4


@dataclass(frozen=True, slots=True)
class NameAgreement:
    """How two names agree, each part by itself."""

    brand: Likeness
    trade: Agreement
    form: Agreement
    place: Agreement
    number: Agreement
    branch: Agreement


def compare_parts(left: NameParts, right: NameParts) -> NameAgreement:
    """How two names agree. Symmetric; a name agrees with itself in all that it says."""
    known = lexicon()
    return NameAgreement(
        _likeness(left, right),
        _of_sets(frozenset(left.trades), frozenset(right.trades)),
        _of_forms(left.form, right.form, known),
        _of_places(left, right),
        _of_texts(left.number, right.number),
        _of_texts(left.branch, right.branch),
    )


def forms_agree(left: Form, right: Form) -> bool:
    """Whether a firm can be of both legal forms: of one class, and in a common country."""
    apart = left.countries and right.countries and not left.countries & right.countries
    return bool(left.classes & right.classes) and not apart


def _of_sets(left: frozenset[str], right: frozenset[str]) -> Agreement:
    if not left or not right:
        return Agreement.ONE_SILENT if left or right else Agreement.BOTH_SILENT
    return Agreement.AGREE if left <= right or right <= left else Agreement.CONFLICT


def _of_texts(left: str, right: str) -> Agreement:
    return _of_sets(frozenset((left,)) - {""}, frozenset((right,)) - {""})


def _of_forms(left: str, right: str, known: Lexicon) -> Agreement:
    if not left or not right or left == right:
        return _of_texts(left, right)
    agree = forms_agree(known.forms[left], known.forms[right])
    return Agreement.AGREE if agree else Agreement.CONFLICT


def _of_places(left: NameParts, right: NameParts) -> Agreement:
    if not left.place or not right.place:
        return _of_texts(left.place, right.place)
    agree = left.place in right.regions or right.place in left.regions
    return Agreement.AGREE if agree else Agreement.CONFLICT


def _likeness(left: NameParts, right: NameParts) -> Likeness:
    words, others = frozenset(left.brand), frozenset(right.brand)
    if not words or not others:
        return Likeness.DIFFERENT
    if left.sound == right.sound or words == others:
        return Likeness.SAME
    shorter = min(len(left.sound), len(right.sound))
    if slips(left.sound, right.sound) <= shorter // SIGNS_PER_SLIP:
        return Likeness.CLOSE
    if _initials(left) == right.sound or _initials(right) == left.sound:
        return Likeness.INITIALS
    begins = shorter >= BEGINNING_MIN and (
        left.sound.startswith(right.sound) or right.sound.startswith(left.sound)
    )
    contained = words <= others or others <= words or begins
    return Likeness.CONTAINED if contained else Likeness.DIFFERENT


def _initials(parts: NameParts) -> str | None:
    initials = "".join(word[0] for word in parts.brand)
    return initials if len(initials) >= INITIALS_MIN else None


def slips(one: str, other: str) -> int:
    """The least number of signs left out, put in, changed, or neighbours exchanged.

    Damerau (1964), each stretch changed once at most.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, sign in enumerate(one, 1):
        before, last, row = row, before, [at]
        for to, against in enumerate(other, 1):
            least = min(before[to] + 1, row[-1] + 1, before[to - 1] + (sign != against))
            if at > 1 < to and sign == other[to - 2] and one[at - 2] == against:
                least = min(least, last[to - 2] + 1)
            row.append(least)
    return row[-1]


def _silent_sql(left: str, right: str, agree: str) -> str:
    """SQL of an agreement of texts: NULL or "" is silent, `agree` holds where both speak."""
    return (
        f"CASE WHEN {left} = '' AND {right} = '' THEN {Agreement.BOTH_SILENT:d} "
        f"WHEN {left} = '' OR {right} = '' THEN {Agreement.ONE_SILENT:d} "
        f"WHEN {agree} THEN {Agreement.AGREE:d} ELSE {Agreement.CONFLICT:d} END"
    )


def levels_sql(known: Lexicon) -> Mapping[str, str]:
    """SQL of each `Agreement`, over rows `l` and `r` with the columns of `NameColumns`.

    The texts of a row are never NULL. Levels are the whole numbers of `Agreement`.
    """
    pairs = ", ".join(
        f"'{one}|{other}'"
        for one in known.forms
        for other in known.forms
        if forms_agree(known.forms[one], known.forms[other])
    )
    both = "l.trades & r.trades"
    return {
        "trade": f"CASE WHEN l.trades = 0 AND r.trades = 0 THEN {Agreement.BOTH_SILENT:d} "
        f"WHEN l.trades = 0 OR r.trades = 0 THEN {Agreement.ONE_SILENT:d} "
        f"WHEN {both} = l.trades OR {both} = r.trades THEN {Agreement.AGREE:d} "
        f"ELSE {Agreement.CONFLICT:d} END",
        "form": _silent_sql("l.form", "r.form", f"l.form || '|' || r.form IN ({pairs})"),
        "place": _silent_sql(
            "l.place",
            "r.place",
            "contains(r.regions, '|' || l.place || '|') "
            "OR contains(l.regions, '|' || r.place || '|')",
        ),
        "number": _silent_sql("l.number", "r.number", "l.number = r.number"),
        "branch": _silent_sql("l.branch", "r.branch", "l.branch = r.branch"),
    }
