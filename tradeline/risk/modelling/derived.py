"""What derives from columns that may follow from the outcome, and so carries them along."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.modelling.alone import Sample, told_by
from tradeline.risk.modelling.columns import Column, Kind

Floats = NDArray[np.float64]
Mark = tuple[bool, str]

# A column is a sum of others if so little of its variance is left.
LEFT_OVER = 1e-5
# And a function of suspects if they tell this much of it.
TOLD = 0.9
# A function of suspects with few values cannot be much else; one of many values, such as an amount,
# is a strong suspect too only where it ranks defaults so well by itself.
FEW_VALUES, CARRIES = 20, 0.8
FEWEST = 20
NAMED = 4


def derived_from(
    columns: Mapping[str, Column],
    strong: Sequence[str],
    sample: Sample,
    alone: Mapping[str, float],
) -> dict[str, Mark]:
    """For each column that derives from the strong suspects: whether that is strong, and how."""
    if not strong:
        return {}
    sums = _sums(columns, strong, sample, alone)
    found = {late: (True, f"With {early} it gives {suspect} exactly.")
             for late, (early, suspect) in sums.items()}  # fmt: skip
    for name, column in columns.items():
        if name in strong or name in sums or column.form.kind is Kind.TEXT:
            continue
        # A sum and its suspect give its honest part back, which derives from neither.
        told_from = [*strong, *(late for late, (early, _) in sums.items() if early != name)]
        told = told_by([columns[suspect] for suspect in told_from], column, sample)
        if told >= TOLD:
            named = ", ".join(told_from[:NAMED])
            text = f"The suspects ({named}) tell {told:.0%} of it, so it may derive from them."
            found[name] = (column.distinct <= FEW_VALUES or alone[name] >= CARRIES, text)
    return found


def _sums(
    columns: Mapping[str, Column],
    strong: Sequence[str],
    sample: Sample,
    alone: Mapping[str, float],
) -> dict[str, tuple[str, str]]:
    """Columns that with an honest one give a suspect exactly: that one, and the suspect."""
    measured = {name: column.values.numbers[sample.rows] for name, column in columns.items()
                if not column.form.is_category and column.form.kind is not Kind.TEXT
                and column.distinct > FEWEST}  # fmt: skip
    others = [name for name in measured if name not in strong]
    found: dict[str, tuple[str, str]] = {}
    for suspect in (name for name in strong if name in measured):
        for place, one in enumerate(others):
            for other in others[place + 1 :]:
                if _is_sum(measured[suspect], measured[one], measured[other]):
                    late, early = _later(suspect, one, other, measured, alone)
                    found.setdefault(late, (early, suspect))
    return found


def _is_sum(suspect: Floats, one: Floats, other: Floats) -> bool:
    """Whether a suspect is `a * one + b * other + c`, and no function of either by itself."""
    known = ~(np.isnan(suspect) | np.isnan(one) | np.isnan(other))
    if known.sum() < FEWEST:
        return False
    y, X = suspect[known], np.column_stack([one[known], other[known]])
    if np.ptp(y) == 0 or (np.ptp(X, axis=0) == 0).any():
        return False
    y = (y - y.mean()) / y.std()
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    weights, *_ = np.linalg.lstsq(X, y, rcond=None)
    left = np.mean((y - X @ weights) ** 2)
    return bool(left < LEFT_OVER)


def _later(
    suspect: str,
    one: str,
    other: str,
    measured: Mapping[str, Floats],
    alone: Mapping[str, float],
) -> tuple[str, str]:
    """Of two the likelier late one, which goes along with the suspect and tells more, first."""

    def along(name: str) -> float:
        known = ~(np.isnan(measured[suspect]) | np.isnan(measured[name]))
        together = np.corrcoef(measured[suspect][known], measured[name][known])[0, 1]
        return float(abs(together)) + alone[name]

    return (one, other) if along(one) >= along(other) else (other, one)
