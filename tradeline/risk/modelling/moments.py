"""The moment of each row, from the column that says when."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import problem
from tradeline.risk.modelling.columns import Column, Form, Kind, values_of
from tradeline.risk.modelling.tables import Table
from tradeline.risk.modelling.written import DAY_NUMBERS, EPOCH, date_form_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
MOMENTS = (Kind.DATE, Kind.INTEGER, Kind.NUMBER)


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """When each row was decided: days for dates, else the number as written, such as a year."""

    form: Form
    days: Floats

    @property
    def column(self) -> str:
        """The column that says when."""
        return self.form.name

    def period(self, rows: Flags) -> tuple[str, ...]:
        """The first and the last moment of rows, as words."""
        known = self.days[rows]
        return self.words(float(known.min())), self.words(float(known.max()))

    def words(self, moment: float) -> str:
        """A moment as a date, or the number that it is."""
        if self.form.kind is Kind.DATE and self.form.dates != DAY_NUMBERS:
            return (EPOCH + timedelta(days=moment)).date().isoformat()
        return f"{moment:g}"

    def last_day(self, rows: Flags) -> str:
        """The day of the last row, empty where moments are no dates."""
        last = self.period(rows)[1]
        return last if "-" in last[1:] else ""


def moments_of(column: Column, table: Table) -> Moments:
    """The moments in a column; InputProblem where it holds no dates or numbers."""
    if column.form.kind not in MOMENTS:
        texts = [text for text in table.texts(column.name).levels if text]
        shown = next((one for one in texts if date_form_of([one]) is None), [*texts, ""][0])
        raise problem(
            "no-moments",
            "--time",
            f"'{column.name}' holds no dates or numbers that rows could be put in order by, but "
            f"such as '{shown[:40]}'.",
            "Name a column of dates, such as 2024-12-31, or of years.",
        )
    return Moments(column.form, column.values.numbers)


def read_moments(form: Form, table: Table) -> Moments:
    """The moments of another table, in the form that a model learned."""
    return Moments(form, values_of(form, table.texts(form.name)).numbers)
