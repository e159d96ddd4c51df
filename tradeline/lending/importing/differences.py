"""Differences between stated balances and what loans come to, as lines and as CSV."""

import csv
from collections.abc import Sequence
from dataclasses import astuple, fields
from io import StringIO

from tradeline.kernel.texts import clean
from tradeline.lending.importing.reconciling import Difference

NAMES = tuple(field.name for field in fields(Difference))
LONGEST = 40


def differences_lines(differences: Sequence[Difference]) -> list[str]:
    """A table for a terminal, its heading first."""
    rows = [NAMES, *(tuple(clean(text, LONGEST) for text in astuple(each)) for each in differences)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
            for row in rows]  # fmt: skip


def differences_csv(differences: Sequence[Difference]) -> str:
    """All of them as CSV, its heading first."""
    stream = StringIO()
    csv.writer(stream, lineterminator="\n").writerows([NAMES, *map(astuple, differences)])
    return stream.getvalue()
