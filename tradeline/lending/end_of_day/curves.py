"""PDs by grade and month as a portfolio states them: curves, each in force from a day on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.lake.columns import objects, write_columns
from tradeline.lending.end_of_day.columns import GUIDE, Texts
from tradeline.lending.end_of_day.portfolio import Ints
from tradeline.lending.value_reader import ValueReader

PDS = "pds"
COLUMNS = ("grade", "from", "month", "pd")


@dataclass(frozen=True, slots=True)
class Curve:
    """The probability that a firm of a grade has defaulted by the end of month 1, 2, ..."""

    grade: str
    since: date
    cumulative: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Curves as a table: a row for each, the last PD repeated where it speaks of fewer months."""

    grades: tuple[str, ...]
    since: Ints
    months: Ints
    cumulative: NDArray[np.float64]

    def at(self, grades: Sequence[str], days: Ints) -> Ints:
        """The row in force of each grade on a day, else its earliest; -1 if it has none."""
        rows: dict[str, list[int]] = {}
        for row, grade in enumerate(self.grades):
            rows.setdefault(grade, []).append(row)
        found = np.full(len(days), -1, dtype=np.int64)
        texts = np.asarray(grades, dtype=object)
        for grade, own in rows.items():
            places = np.flatnonzero(texts == grade)
            begun = np.searchsorted(self.since[own], days[places], side="right") - 1
            found[places] = np.array(own)[np.maximum(begun, 0)]
        return found


def curves_of(curves: Sequence[Curve]) -> Curves:
    """Curves as a table; of two of a grade and day the later one counts."""
    by_key = {(each.grade, each.since): each for each in curves}
    found = [by_key[key] for key in sorted(by_key)]
    months = max((len(each.cumulative) for each in found), default=1)
    table = np.zeros((len(found), months))
    for row, each in zip(table, found, strict=True):
        row[: len(each.cumulative)] = each.cumulative
        row[len(each.cumulative) :] = each.cumulative[-1]
    return Curves(
        tuple(each.grade for each in found),
        np.array([each.since.toordinal() for each in found], dtype=np.int64),
        np.array([len(each.cumulative) for each in found], dtype=np.int64),
        table,
    )


def read_curves(rows: Sequence[Texts]) -> tuple[Curve, ...]:
    """Curves from the rows of a table `pds`; InputProblem with all that is wrong."""
    reader = ValueReader(GUIDE)
    found: dict[tuple[str, date], dict[int, float]] = {}
    for number, row in enumerate(rows, start=1):
        where = f"pds, row {number}"
        since = reader.date(f"{where}, from", row.get("from") or "0001-01-01")
        month = reader.number(f"{where}, month", row["month"])
        pd = float(reader.decimal(f"{where}, pd", row["pd"]))
        if not row["grade"]:
            reader.refuse(where, "It names no grade.")
        if not 0 <= pd <= 1:
            reader.refuse(where, f"{pd} is no probability; write one from 0 to 1.")
        of = found.setdefault((row["grade"], since), {})
        if month in of:
            reader.refuse(where, f"Month {month} of grade {row['grade']} stands there twice.")
        of[month] = pd
    reader.stop_if_refused()
    wrong = [finding for key, of in found.items() for finding in _wrong(*key, of)]
    if wrong:
        raise InputProblem(wrong)
    return tuple(
        Curve(grade, since, tuple(of[month] for month in sorted(of)))
        for (grade, since), of in found.items()
    )


def _wrong(grade: str, since: date, of: dict[int, float]) -> list[Finding]:
    months = sorted(of)
    messages = []
    if months != list(range(1, len(months) + 1)):
        messages.append("Its months do not run from 1 on without a gap.")
    elif any(of[month] > of[month + 1] for month in months[:-1]):
        messages.append("Its PDs fall; they are those by the end of each month, all before it in.")
    return [
        Finding(
            "bad-pds", Severity.ERROR, f"pds, grade {grade} from {since}", message, "Correct them."
        )
        for message in messages
    ]


def write_curves(curves: Sequence[Curve], path: Path) -> None:
    """Curves as a file, a row for each month."""
    rows = [
        (each.grade, each.since.toordinal(), month, pd)
        for each in curves
        for month, pd in enumerate(each.cumulative, start=1)
    ]
    grade, since, month, pd = zip(*rows, strict=True)
    columns = {
        "grade": objects(grade), "since": np.array(since, dtype=np.int64),
        "month": np.array(month, dtype=np.int64), "pd": np.array(pd, dtype=np.float64),
    }  # fmt: skip
    write_columns(columns, path)


def kept_curves(paths: Sequence[Path], until: int) -> tuple[Curve, ...]:
    """The curves of files, in their order, that are in force by a day."""
    found: list[Curve] = []
    with duckdb.connect(config={"threads": 1}) as connection:
        for path in paths:
            rows: list[tuple[Any, ...]] = connection.execute(
                "SELECT grade, since, list(pd ORDER BY month) FROM read_parquet(?) "
                "WHERE since <= ? GROUP BY grade, since ORDER BY grade, since",
                [str(path), until],
            ).fetchall()
            found += [Curve(grade, date.fromordinal(since), tuple(pds))
                      for grade, since, pds in rows]  # fmt: skip
    return tuple(found)
