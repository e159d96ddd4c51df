"""The inputs of a model: from columns to the matrix that an estimator learns from or scores."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.modelling.columns import Column, Form, Kind, Values, values_of
from tradeline.risk.modelling.model import Input
from tradeline.risk.modelling.tables import Table

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def input_of(column: Column, rows: Flags, time: Floats | None) -> Input:
    """What a model keeps of a column: its form, and what the training rows held."""
    numbers = numbers_of(column.form, column.values, time)[rows]
    known = numbers[~np.isnan(numbers)]
    low = high = None
    if len(known) and not column.form.is_category:
        low, high = float(known.min()), float(known.max())
    return Input(column.form, low, high, float(np.isnan(numbers).mean()))


def numbers_of(form: Form, values: Values, time: Floats | None) -> Floats:
    """The numbers of an input; a date counts the days from it to the moment of the row."""
    if form.kind is not Kind.DATE:
        return values.numbers
    assert time is not None, "a date is an input only beside a time column"
    days: Floats = time - values.numbers
    return days


def matrix_of(
    inputs: Sequence[Input], values: Mapping[str, Values], time: Floats | None, rows: int
) -> Floats:
    """Rows x inputs, of which there may be none."""
    columns = [numbers_of(i.form, values[i.name], time) for i in inputs]
    return np.column_stack([np.empty((rows, 0)), *columns])


def read_values(table: Table, forms: Sequence[Form]) -> dict[str, Values]:
    """The columns of a table, read by forms that were told elsewhere."""
    return {form.name: values_of(form, table.texts(form.name)) for form in forms}


def levels_of(inputs: Sequence[Input]) -> tuple[tuple[str, ...] | None, ...]:
    """For each input its levels, None for a number."""
    return tuple(i.form.levels if i.form.is_category else None for i in inputs)
