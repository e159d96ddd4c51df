"""Numbers that say nothing of who an enterprise is: invalid, invented, or in too many records."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tradeline.creditfile.linkage.identifiers import (
    Checked,
    Column,
    Mask,
    Texts,
    check,
    held,
    kinds_of,
)
from tradeline.kernel.findings import Finding, Severity, counted

COUNTED_UP = "01234567890"
COUNTED_DOWN = COUNTED_UP[::-1]
COUNTED_BY_TWO = frozenset(a + b for a, b in pairwise(COUNTED_UP + COUNTED_DOWN[1:]))
CHECK_SIGNS = 2
SHOWN = 30


@dataclass(frozen=True, slots=True)
class IdentifierTerms:
    """The stated numbers of `parameters/identifiers.yaml`."""

    recognised_share_min: float
    recognised_values_min: int
    records_max: int


def is_invented(number: str) -> bool:
    """Whether a number is one that people write where they have none: 000000000, 123456789.

    All signs but the last two, which may be check digits, are the same or count up or down; a
    number of two signs or fewer is none at all.
    """
    body = number[:-CHECK_SIGNS]
    # The first two signs clear nearly all numbers.
    if len(body) > 1 and number[0] != number[1] and number[:2] not in COUNTED_BY_TWO:
        return False
    return len(set(body)) <= 1 or (
        len(body) > CHECK_SIGNS and (body in COUNTED_UP or body in COUNTED_DOWN)
    )


def evidence(checked: Checked) -> Mask:
    """Which numbers can link records: valid and not invented.

    They are also as long as their kind: python-stdnum takes an LEI of any length.
    """
    length = checked.kind.length
    found = np.array(
        [
            number is not None and length in (0, len(number)) and not is_invented(number)
            for number in checked.normal.tolist()
        ],
        dtype=bool,
    )
    for numbers in held(checked).values():
        found &= [number is None or not is_invented(number) for number in numbers.tolist()]
    return found


def number_findings(values: Column, where: str, terms: IdentifierTerms) -> tuple[Finding, ...]:
    """As `identifier_findings`, of a column whose kind nobody states; nothing where it shows none.

    Nor where several kinds fit.
    """
    kinds = kinds_of(values, terms.recognised_share_min, terms.recognised_values_min)
    if len(kinds) != 1:
        return ()
    return identifier_findings(check(kinds[0].kind.name, values), values, where, terms)


def identifier_findings(
    checked: Checked, values: Column, where: str, terms: IdentifierTerms
) -> tuple[Finding, ...]:
    """What is wrong with a column of identifiers; `where` names the file and the column."""
    found = [
        _invalid(checked, values, where),
        _invented(checked, where),
        _too_often(checked, where, terms),
        _reused(checked, where, terms),
    ]
    return tuple(one for one in found if one)


def _invalid(checked: Checked, values: Column, where: str) -> Finding | None:
    rows = np.flatnonzero(checked.stated & ~checked.valid)
    if not len(rows):
        return None
    stated = counted(int(checked.stated.sum()), "value")
    return _finding(
        "identifier-invalid",
        where,
        f"{len(rows):,} of {stated} {'is' if len(rows) == 1 else 'are'} no valid "
        f"{_label(checked)}, such as {_shown(str(values[int(rows[0])]))} in row {rows[0] + 1:,}.",
        "These records are linked by what else they say. Correct the numbers at the source.",
        len(rows),
    )


def _invented(checked: Checked, where: str) -> Finding | None:
    counts = {n: count for n, count in _counts(checked.normal).items() if is_invented(n)}
    if not counts:
        return None
    rows = sum(counts.values())
    return _finding(
        "identifier-invented",
        where,
        f"{counted(rows, 'record')} {'has' if rows == 1 else 'have'} a number that stands for "
        f"none, such as {_shown(_commonest(counts))}.",
        "It links nothing. Leave the field empty where there is no number.",
        rows,
    )


def _too_often(checked: Checked, where: str, terms: IdentifierTerms) -> Finding | None:
    counts = {
        number: count
        for number, count in _counts(checked.normal).items()
        if count > terms.records_max and not is_invented(number)
    }
    if not counts:
        return None
    commonest = _commonest(counts)
    return _finding(
        "identifier-in-too-many-records",
        where,
        f"{_shown(commonest)} stands in {counted(counts[commonest], 'record')}, more than "
        f"{terms.records_max:,}: it may be an agent's number, or one that fills a field.",
        "Leave the field empty where the number is not the enterprise's own.",
        sum(counts.values()),
    )


def _reused(checked: Checked, where: str, terms: IdentifierTerms) -> Finding | None:
    counts = {
        number: count
        for number, count in _counts(checked.normal).items()
        if 1 < count <= terms.records_max and not is_invented(number)
    }
    if not counts:
        return None
    commonest = _commonest(counts)
    return Finding(
        "identifier-reused",
        Severity.NOTE,
        where,
        f"{counted(len(counts), 'number')} {'stands' if len(counts) == 1 else 'stand'} in more "
        f"than one record, {_shown(commonest)} in {counts[commonest]:,}.",
        "Look at them if a register should name each once; `links` says which count as one.",
        sum(counts.values()),
    )


def _finding(code: str, where: str, message: str, remedy: str, rows: int) -> Finding:
    return Finding(code, Severity.WARNING, where, message, remedy, rows)


def _counts(numbers: Texts) -> Mapping[str, int]:
    return Counter(number for number in numbers.tolist() if number is not None)


def _commonest(counts: Mapping[str, int]) -> str:
    return min(counts, key=lambda number: (-counts[number], number))


def _label(checked: Checked) -> str:
    kind = checked.kind
    return f"{kind.label} ({kind.name})"


def _shown(text: str) -> str:
    """A value as it can be printed: control signs escaped, long ones cut."""
    return ascii(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")
