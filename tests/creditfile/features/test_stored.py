"""Stored features: each application gets the newest row that was there, and none is lost."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.creditfile.features.test_from_lake import BOUNDED, declared, landed
from tests.lake.lakes import day
from tradeline.creditfile.features.from_lake import write_features
from tradeline.creditfile.features.stored import Retrieved, retrieve_features
from tradeline.kernel.findings import InputProblem
from tradeline.lake.sql_text import literal, quoted

FIRMS = ("E1", "E2", "E3")
NOON = datetime(2024, 2, 29, 12)  # noqa: DTZ001
MICROSECOND = timedelta(microseconds=1)
Found = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Row:
    """A stored row of one feature."""

    firm: str
    as_of: datetime
    known_at: datetime
    value: float | None


def hour(number: int) -> datetime:
    return NOON + timedelta(hours=number)


def written(path: Path, columns: dict[str, str], rows: list[tuple[Any, ...]]) -> Path:
    """A Parquet file of rows, in their order."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        types = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns.items())
        connection.execute(f"CREATE TABLE rows ({types})")
        if rows:
            marks = ", ".join(["(" + ", ".join("?" * len(columns)) + ")"] * len(rows))
            connection.execute(f"INSERT INTO rows VALUES {marks}", list(chain(*rows)))
        connection.execute(f"COPY rows TO {literal(str(path))} (FORMAT parquet)")
    return path


def stored_file(folder: Path, rows: list[Row], *, known: bool = True) -> Path:
    columns = {"enterprise": "VARCHAR", "as_of": "TIMESTAMP", "sales": "DOUBLE"}
    if known:
        columns["known_at"] = "TIMESTAMP"
    tail = [(row.known_at,) if known else () for row in rows]
    told = [(row.firm, row.as_of, row.value, *end) for row, end in zip(rows, tail, strict=True)]
    return written(folder / "stored.parquet", columns, told)


def asked_file(folder: Path, asked: list[tuple[str, datetime]]) -> Path:
    columns = {"enterprise": "VARCHAR", "as_of": "TIMESTAMP"}
    return written(folder / "applications.parquet", columns, list(asked))


def read(path: Path) -> Found:
    return duckdb.execute(f"FROM '{path}'").fetchall()


def retrieved(
    folder: Path,
    rows: list[Row],
    asked: list[tuple[str, datetime]],
    greatest_age: timedelta | None = None,
    *,
    known: bool = True,
) -> Found:
    out = folder / "out.parquet"
    stored, applications = stored_file(folder, rows, known=known), asked_file(folder, asked)
    counts = retrieve_features(stored, applications, out, greatest_age)
    found = read(out)
    assert counts == Retrieved(len(asked), sum(row[2] is None for row in found))
    return found


def earlier(row: Row, other: Row) -> bool:
    return row.known_at < other.known_at


def by_loop(
    rows: list[Row], firm: str, moment: datetime, greatest_age: timedelta | None, *, known: bool
) -> tuple[datetime | None, float | None]:
    """What an application should get: every stored row looked at in turn."""
    best: Row | None = None
    for row in rows:
        if row.firm != firm or row.as_of > moment or (known and row.known_at > moment):
            continue
        newer = best is None or row.as_of > best.as_of
        if newer or (best and row.as_of == best.as_of and not (known and earlier(row, best))):
            best = row
    if best is None or (greatest_age is not None and moment - best.as_of > greatest_age):
        return None, None
    return best.as_of, best.value


hours = st.integers(0, 8).map(hour)
stored_rows = st.builds(
    Row, st.sampled_from(FIRMS), hours, hours, st.one_of(st.none(), st.integers(0, 99).map(float))
)
applications = st.tuples(st.sampled_from((*FIRMS, "nobody")), hours)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(stored_rows, max_size=25),
    asked=st.lists(applications, max_size=12),
    greatest_age=st.one_of(st.none(), st.integers(0, 8).map(lambda n: timedelta(hours=n))),
    known=st.booleans(),
)
def test_each_application_gets_what_a_look_at_every_row_finds(
    rows: list[Row],
    asked: list[tuple[str, datetime]],
    greatest_age: timedelta | None,
    known: bool,
) -> None:
    expected = [
        (firm, moment, *by_loop(rows, firm, moment, greatest_age, known=known))
        for firm, moment in asked
    ]
    with TemporaryDirectory() as folder:
        assert retrieved(Path(folder), rows, asked, greatest_age, known=known) == expected


def test_a_row_of_the_same_moment_counts_and_one_a_microsecond_later_does_not(
    tmp_path: Path,
) -> None:
    rows = [Row("E1", hour(0), hour(0), 1.0), Row("E1", hour(1) + MICROSECOND, hour(1), 2.0)]
    asked = [("E1", hour(0)), ("E1", hour(1)), ("E1", hour(1) + MICROSECOND)]
    assert [row[3] for row in retrieved(tmp_path, rows, asked, known=False)] == [1.0, 1.0, 2.0]


def test_an_application_stays_where_all_rows_are_later_or_nobody_knows_the_firm(
    tmp_path: Path,
) -> None:
    rows = [Row("E1", hour(5), hour(5), 1.0), Row("E2", hour(0), hour(0), 2.0)]
    asked = [("E1", hour(1)), ("E2", hour(1)), ("nobody", hour(1)), ("E2", hour(1))]
    assert retrieved(tmp_path, rows, asked, known=False) == [
        ("E1", hour(1), None, None),
        ("E2", hour(1), hour(0), 2.0),
        ("nobody", hour(1), None, None),
        ("E2", hour(1), hour(0), 2.0),
    ]


def test_a_correction_counts_from_when_it_was_known(tmp_path: Path) -> None:
    rows = [Row("E1", hour(0), hour(3), 2.0), Row("E1", hour(0), hour(1), 1.0)]
    asked = [("E1", hour(n)) for n in range(5)]
    assert [row[3] for row in retrieved(tmp_path, rows, asked)] == [None, 1.0, 1.0, 2.0, 2.0]


def test_a_late_correction_of_an_old_row_does_not_hide_a_newer_row(tmp_path: Path) -> None:
    rows = [Row("E1", hour(2), hour(2), 2.0), Row("E1", hour(0), hour(3), 1.0)]
    assert retrieved(tmp_path, rows, [("E1", hour(4))]) == [("E1", hour(4), hour(2), 2.0)]


def test_of_rows_alike_the_last_of_the_file_counts(tmp_path: Path) -> None:
    rows = [Row("E1", hour(0), hour(0), float(n)) for n in range(3000)]
    assert retrieved(tmp_path, rows, [("E1", hour(0))])[0][3] == 2999.0


def test_a_missing_value_of_the_newest_row_is_not_filled_from_an_older_one(tmp_path: Path) -> None:
    rows = [Row("E1", hour(0), hour(0), 1.0), Row("E1", hour(1), hour(1), None)]
    assert retrieved(tmp_path, rows, [("E1", hour(2))]) == [("E1", hour(2), hour(1), None)]


def test_a_row_of_just_the_greatest_age_counts(tmp_path: Path) -> None:
    rows, age = [Row("E1", hour(0), hour(0), 1.0)], timedelta(hours=2)
    asked = [("E1", hour(2)), ("E1", hour(2) + MICROSECOND)]
    assert [row[3] for row in retrieved(tmp_path, rows, asked, age)] == [1.0, None]


def test_a_negative_age_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no row is younger than nothing"):
        retrieved(tmp_path, [], [], timedelta(seconds=-1))


@pytest.mark.parametrize(("rows", "asked"), [(0, 0), (0, 2), (2, 0)])
def test_nothing_stored_or_nothing_asked_is_no_problem(
    tmp_path: Path, rows: int, asked: int
) -> None:
    found = retrieved(
        tmp_path, [Row("E1", hour(0), hour(0), 1.0)] * rows, [("E2", hour(0))] * asked
    )
    assert found == [("E2", hour(0), None, None)] * asked
    described = duckdb.execute(f"DESCRIBE FROM '{tmp_path / 'out.parquet'}'").fetchall()
    kinds = [(name, kind) for name, kind, *_ in described]
    assert kinds == [
        ("enterprise", "VARCHAR"),
        ("as_of", "TIMESTAMP"),
        ("stored_as_of", "TIMESTAMP"),
        ("sales", "DOUBLE"),
    ]


def test_a_day_means_its_end_on_both_sides(tmp_path: Path) -> None:
    columns = {"enterprise": "VARCHAR", "as_of": "DATE", "sales": "DOUBLE"}
    stored = written(tmp_path / "stored.parquet", columns, [("E1", NOON.date(), 1.0)])
    asked = tmp_path / "applications.csv"
    asked.write_text("enterprise,as_of\nE1,2024-02-29T23:59:59\nE1,2024-02-29\n")
    retrieve_features(stored, asked, tmp_path / "out.parquet")
    end = datetime(2024, 2, 29, 23, 59, 59, 999999)  # noqa: DTZ001
    assert [row[2] for row in read(tmp_path / "out.parquet")] == [None, end]


@pytest.mark.parametrize("kind", ["TIMESTAMPTZ", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"])
def test_moments_of_any_kind_are_moments_in_utc(tmp_path: Path, kind: str) -> None:
    columns = {"enterprise": "VARCHAR", "as_of": kind, "known_at": kind, "sales": "FLOAT"}
    rows = [("E1", hour(0), hour(1), 1.5), ("E1", hour(2), hour(2), 2.5)]
    stored = written(tmp_path / "stored.parquet", columns, rows)
    asked = asked_file(tmp_path, [("E1", hour(n)) for n in range(3)])
    retrieve_features(stored, asked, tmp_path / "out.parquet")
    found = [row[2:] for row in read(tmp_path / "out.parquet")]
    assert found == [(None, None), (hour(0), 1.5), (hour(2), 2.5)]


def test_features_of_any_name_come_back_as_csv_too(tmp_path: Path) -> None:
    columns = {"enterprise": "VARCHAR", "as_of": "TIMESTAMP", "application": "DOUBLE"}
    columns |= {'odd "name", row': "DOUBLE"}
    stored = written(tmp_path / "it's.parquet", columns, [("E1", NOON, -1.0, 1.0)])
    asked = asked_file(tmp_path, [("E2", NOON), ("E1", NOON)])
    retrieve_features(stored, asked, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().splitlines() == [
        'enterprise,as_of,stored_as_of,application,"odd ""name"", row"',
        "E2,2024-02-29 12:00:00,,,",
        "E1,2024-02-29 12:00:00,2024-02-29 12:00:00,-1.0,1.0",
    ]


def test_features_written_from_a_lake_come_back_for_the_same_applications(tmp_path: Path) -> None:
    orders = [("E1", "1", 500, 3, 4), ("E2", "2", 700, 8, 8), ("E1", "3", 900, 20, 21)]
    lake = landed(tmp_path, [("shop", orders)])
    moments = [(firm, day(n) + timedelta(hours=1)) for n in (25, 5, 10) for firm in FIRMS]
    asked, written_at = asked_file(tmp_path, moments), tmp_path / "features.parquet"
    write_features(lake, asked, written_at, declared(BOUNDED))
    retrieve_features(written_at, asked, tmp_path / "out.parquet")
    found = read(tmp_path / "out.parquet")
    assert [row[:2] + row[3:] for row in found] == read(written_at)
    assert [row[2] for row in found] == [moment for _, moment in moments]


def complaint(stored: Path, folder: Path) -> str:
    with pytest.raises(InputProblem) as caught:
        retrieve_features(stored, asked_file(folder, [("E1", NOON)]), folder / "out.parquet")
    return str(caught.value)


def test_stored_features_that_are_not_there_or_broken_are_told(tmp_path: Path) -> None:
    assert "There is no such file. Name a Parquet file of features." in complaint(
        tmp_path / "none.parquet", tmp_path
    )
    broken = tmp_path / "broken.parquet"
    broken.write_text("enterprise,as_of\n")
    assert complaint(broken, tmp_path) == (
        "error: broken.parquet: The file of stored features cannot be read. "
        "Write it again as Parquet."
    )


def test_stored_features_without_a_moment_are_told(tmp_path: Path) -> None:
    stored = written(tmp_path / "s.parquet", {"enterprise": "VARCHAR", "sales": "DOUBLE"}, [])
    assert complaint(stored, tmp_path) == (
        "error: s.parquet: Stored features need the columns enterprise and as_of; as_of is not "
        "among enterprise, sales. Name the columns so."
    )


def test_columns_of_another_kind_are_told(tmp_path: Path) -> None:
    columns = {"enterprise": "BIGINT", "as_of": "VARCHAR", "sales": "DOUBLE", "name": "VARCHAR"}
    stored = written(tmp_path / "s.parquet", columns | {"stored_as_of": "TIMESTAMP"}, [])
    assert complaint(stored, tmp_path) == (
        "error: s.parquet: Of another kind than stored features have: enterprise BIGINT, "
        "as_of VARCHAR, name VARCHAR, stored_as_of TIMESTAMP. Let enterprise be text, as_of and "
        "known_at moments or days, each feature a double; leave other columns out."
    )


def test_rows_that_name_no_firm_or_moment_are_counted(tmp_path: Path) -> None:
    columns = {"enterprise": "VARCHAR", "as_of": "TIMESTAMP", "known_at": "TIMESTAMP"}
    rows: Found = [("E1", NOON, NOON), (None, NOON, NOON), ("E1", None, NOON), ("E1", NOON, None)]
    rows.append(("E1", "infinity", NOON))
    stored = written(tmp_path / "s.parquet", columns, rows)
    assert complaint(stored, tmp_path) == (
        "error: s.parquet: 4 stored rows without enterprise or as_of or known_at. "
        "Fill it, or leave these rows out."
    )


@pytest.mark.parametrize("said", ["soon", "infinity", ""])
def test_an_application_without_a_moment_is_told(tmp_path: Path, said: str) -> None:
    asked = tmp_path / "applications.csv"
    asked.write_text(f"enterprise,as_of\nE1,{said}\n")
    with pytest.raises(InputProblem, match="1 application without an enterprise, or whose as_of"):
        retrieve_features(stored_file(tmp_path, []), asked, tmp_path / "out.parquet")
