"""A field of two tables as numbered different values, and which kinds of fields there are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tradeline.creditfile.linkage.names import NameColumns, name_columns
from tradeline.creditfile.linkage.tables.values import NORMAL_FORMS
from tradeline.creditfile.linkage.tables.vectors import Places

KINDS = tuple(NORMAL_FORMS)
MISSING = -1


@dataclass(frozen=True, slots=True)
class TableField:
    """What is compared: a name, the kind, and the columns that hold it on each side.

    Several columns of a side are read as one text, in their order.
    """

    name: str
    kind: str
    left: tuple[str, ...]
    right: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldValues:
    """The values of a field in both tables.

    `values` are the different normal forms, `written` one way in which each is written; `left` and
    `right` say for each record which of them it has, or `MISSING`; `often` how many records of both
    tables have it; `names` are the parts of each, where they name firms.
    """

    field: TableField
    values: tuple[str, ...]
    written: tuple[str, ...]
    left: Places
    right: Places
    often: Places
    names: NameColumns | None = None

    @property
    def sides(self) -> tuple[Places, Places]:
        """Which value each record of the left table has, and of the right one."""
        return self.left, self.right

    def bits(self) -> float:
        """How much equal values tell: the binary logarithm of how rarely two records agree."""
        shares = self.often / max(self.often.sum(), 1)
        return float(-np.log2(np.square(shares).sum())) if len(shares) else 0.0

    def words(self) -> float:
        """How many words a value has in the mean of all records."""
        counts = np.array([len(value.split()) for value in self.values], np.float64)
        return float((counts * self.often).sum() / max(self.often.sum(), 1))


def field_values(field: TableField, left: Sequence[str], right: Sequence[str]) -> FieldValues:
    """Number the different values of a field; `left` and `right` are texts, empty where missing."""
    normal = NORMAL_FORMS[field.kind]
    formed: dict[str, str] = {}
    for raw in (*left, *right):
        if raw not in formed:
            formed[raw] = normal(raw)
    written: dict[str, str] = {}
    for raw, form in formed.items():
        if form:
            written.setdefault(form, raw)
    places = {form: place for place, form in enumerate(written)} | {"": MISSING}
    sides = [np.array([places[formed[raw]] for raw in side], np.int64) for side in (left, right)]
    told = np.concatenate(sides)
    often = np.bincount(told[told >= 0], minlength=len(written)).astype(np.int64)
    names = name_columns(written.values()) if field.kind == "company_name" else None
    return FieldValues(
        field, tuple(written), tuple(written.values()), sides[0], sides[1], often, names
    )
