"""What is wrong with names and other texts: signs not read, lengths, letters that deceive."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tradeline.creditfile.linkage.scripts import LONGEST_NAME
from tradeline.kernel.findings import Finding, Severity, counted

SHOWN = 40
# Control signs, marks of width zero and of direction, signs for private use, lone surrogates.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\uf8ff\ufeff]"
)
_GREEK_OR_CYRILLIC = "[\u0370-\u052f]"
_LOOKALIKES = re.compile(f"[A-Za-z]{_GREEK_OR_CYRILLIC}|{_GREEK_OR_CYRILLIC}[A-Za-z]")


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a wrong text has, told by the text and how much of it is read, and what to do."""

    code: str
    is_wrong: Callable[[str, int], bool]
    what: str
    remedy: str


RULES = (
    _Rule(
        "{noun}-with-unseen-signs",
        lambda text, _: _UNSEEN.search(text) is not None,
        "control signs or marks that nobody sees",
        "They are left out. Look where they come from: they can hide another {noun}.",
    ),
    _Rule(
        "{noun}-with-lookalike-letters",
        lambda text, _: not text.isascii() and _LOOKALIKES.search(text) is not None,
        "letters of two alphabets in one word",
        "They look alike and differ, so such a {noun} meets no other. Write it in one of them.",
    ),
    _Rule(
        "{noun}-too-long",
        lambda text, longest: len(text) > longest,
        "more than {longest:,} signs",
        "The first {longest:,} are read. See whether other columns were joined to it.",
    ),
    _Rule(
        "{noun}-says-nothing",
        lambda text, _: not any(map(str.isalnum, text)),
        "neither letters nor digits",
        "These records are linked by what else they say.",
    ),
)
"""Their words have the noun of what is told of, and the longest that is read."""


def name_findings(
    texts: Sequence[str | None], where: str, noun: str = "name", longest: int = LONGEST_NAME
) -> tuple[Finding, ...]:
    """What is wrong with names, or other texts by their noun; all are read even so.

    `where` names the file and the column, `longest` is how many signs of a text are read.
    """
    stated = [(row, text) for row, text in enumerate(texts) if text and not text.isspace()]
    found = []
    for rule in RULES:
        wrong = [(row, text) for row, text in stated if rule.is_wrong(text, longest)]
        if wrong:
            found.append(_finding(rule, wrong, where, noun, longest))
    return tuple(found)


def _finding(
    rule: _Rule, wrong: Sequence[tuple[int, str]], where: str, noun: str, longest: int
) -> Finding:
    row, first = wrong[0]
    shown = first if len(first) <= SHOWN else f"{first[:SHOWN]}..."
    code, what, remedy = (
        words.format(noun=noun, longest=longest) for words in (rule.code, rule.what, rule.remedy)
    )
    message = (
        f"{counted(len(wrong), noun)} {'has' if len(wrong) == 1 else 'have'} {what}, such as "
        f"{shown!a} in row {row + 1:,}."
    )
    return Finding(code, Severity.WARNING, where, message, remedy, len(wrong))
