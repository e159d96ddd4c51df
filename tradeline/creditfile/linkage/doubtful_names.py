"""What is wrong with a column of names: signs that are not read, lengths, letters that deceive."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tradeline.creditfile.linkage.scripts import LONGEST_NAME, folded_column
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
    """What a wrong name has, told by the name and by its plain writing, and what to do."""

    code: str
    is_wrong: Callable[[str, str], bool]
    what: str
    remedy: str


RULES = (
    _Rule(
        "name-with-unseen-signs",
        lambda name, _: _UNSEEN.search(name) is not None,
        "control signs or marks that nobody sees",
        "They are left out. Look where they come from: they can hide another name.",
    ),
    _Rule(
        "name-with-lookalike-letters",
        lambda name, _: not name.isascii() and _LOOKALIKES.search(name) is not None,
        "letters of two alphabets in one word",
        "They look alike and differ, so such a name meets no other. Write it in one of them.",
    ),
    _Rule(
        "name-too-long",
        lambda name, _: len(name) > LONGEST_NAME,
        f"more than {LONGEST_NAME} signs",
        f"The first {LONGEST_NAME} are read. See whether other columns were joined to it.",
    ),
    _Rule(
        "name-says-nothing",
        lambda _, plain: not plain,
        "neither letters nor digits",
        "These records are linked by what else they say.",
    ),
)


def name_findings(names: Sequence[str | None], where: str) -> tuple[Finding, ...]:
    """What is wrong with names; `where` names the file and the column. All are read even so."""
    plain = folded_column(names)
    stated = [row for row, name in enumerate(names) if name and not name.isspace()]
    found = []
    for rule in RULES:
        rows = [row for row in stated if rule.is_wrong(str(names[row]), plain[row])]
        if rows:
            found.append(_finding(rule, rows, str(names[rows[0]]), where))
    return tuple(found)


def _finding(rule: _Rule, rows: list[int], first: str, where: str) -> Finding:
    shown = first if len(first) <= SHOWN else f"{first[:SHOWN]}..."
    message = (
        f"{counted(len(rows), 'name')} {'has' if len(rows) == 1 else 'have'} {rule.what}, such as "
        f"{shown!a} in row {rows[0] + 1:,}."
    )
    return Finding(rule.code, Severity.WARNING, where, message, rule.remedy, len(rows))
