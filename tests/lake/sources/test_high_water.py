"""Following a mark: nothing that is committed in time is lost, and what was told stays told."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeline.kernel.findings import InputProblem
from tradeline.lake.sources.high_water import (
    Chunk,
    Mark,
    Open,
    Overlap,
    Reading,
    before,
    chunks,
    mark_of,
    mark_text,
)
from tradeline.lake.sources.rows import NoRecord, Record

NOW = datetime(2024, 6, 1, tzinfo=UTC)
OVERLAP = 5
Rows = list[tuple[Mark | None, Record]]


def reading(rows: int = 3, overlap: Overlap = OVERLAP, key: tuple[str, ...] = ()) -> Reading:
    return Reading("t", ("id",), key, overlap, rows)


def opening(rows: Rows) -> Open:
    return lambda _: iter(rows)


def record(number: int) -> Record:
    return {"id": number}


def lines(rows: Rows, position: dict[str, str], how: Reading | None = None) -> list[list[str]]:
    """The batches from a position, which moves on."""
    found = []
    for chunk in chunks(opening(rows), position, how or reading(), NOW):
        found.append(chunk.lines)
        position |= chunk.position
    return found


@dataclass
class Table:
    """A table whose rows are written at a mark and seen later; a reader who stops now and then."""

    clock: int = 0
    rows: list[tuple[int, int, int]] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    position: dict[str, str] = field(default_factory=dict)

    def write(self, after: int, delay: int) -> None:
        self.clock += after
        self.rows.append((self.clock, len(self.rows), self.clock + delay))

    def open(self, since: Mark | None) -> Iterator[tuple[Mark | None, Record]]:
        assert since is None or isinstance(since, int)
        for mark, number, seen_at in sorted(self.rows):
            if seen_at <= self.clock and (since is None or mark >= since):
                yield mark, record(number)

    def pull(self, stop_after: int) -> list[Chunk]:
        given = []
        for chunk in chunks(self.open, self.position, reading(), NOW):
            given.append(chunk)
            self.told |= set(chunk.lines)
            self.position |= chunk.position
            if len(given) == stop_after:
                break
        return given


WRITES = st.tuples(st.just("write"), st.integers(0, 3), st.integers(0, OVERLAP))
PULLS = st.tuples(st.just("pull"), st.integers(1, 4), st.just(0))


@given(st.lists(WRITES | PULLS, max_size=60))
def test_no_row_is_lost_that_is_committed_within_the_overlap(
    steps: list[tuple[str, int, int]],
) -> None:
    table = Table()
    for what, first, second in steps:
        if what == "write":
            table.write(first, second)
        else:
            table.pull(stop_after=first)
    table.clock += OVERLAP
    table.pull(stop_after=-1)
    assert table.told == {f'["{number}"]' for number in range(len(table.rows))}
    assert table.pull(stop_after=-1) == []


def test_without_late_rows_nothing_is_told_twice() -> None:
    rows: Rows = [(number, record(number)) for number in range(10)]
    position: dict[str, str] = {}
    assert lines(rows[:7], position) == [
        ['["0"]', '["1"]', '["2"]'],
        ['["3"]', '["4"]', '["5"]'],
        ['["6"]'],
    ]
    assert lines(rows[:7], position) == []
    assert lines(rows, position) == [['["7"]', '["8"]', '["9"]']]


def test_a_late_row_has_the_overlap_told_again() -> None:
    rows: Rows = [(1, record(1)), (8, record(8)), (10, record(10))]
    position: dict[str, str] = {}
    lines(rows, position)
    assert lines([*rows[:2], (9, record(9)), rows[2]], position) == [['["8"]', '["9"]', '["10"]']]
    assert lines([*rows[:2], (9, record(9)), rows[2]], position) == []


def test_a_batch_ends_where_a_key_comes_again() -> None:
    rows: Rows = [(1, {"id": 1}), (2, {"id": 2}), (3, {"id": 1}), (4, {"id": 3})]
    told = lines(rows, {}, reading(rows=10, key=("id",)))
    assert told == [['["1"]', '["2"]'], ['["1"]', '["3"]']]


def test_a_moment_in_the_future_does_not_hide_what_comes_until_then() -> None:
    hour = timedelta(hours=1)
    how = reading(overlap=hour)
    rows: Rows = [(NOW - hour * 9, record(1)), (NOW + hour * 9, record(2))]
    position: dict[str, str] = {}
    assert lines(rows, position, how) == [['["1"]', '["2"]']]
    assert mark_of(position, "t") == NOW - hour * 9
    between: tuple[Mark | None, Record] = (NOW - hour, record(3))
    assert lines([rows[0], between, rows[1]], position, how) == [['["3"]', '["2"]']]


def test_what_is_no_record_stands_where_the_one_before_it_does() -> None:
    rows: Rows = [(1, record(1)), (None, NoRecord("odd")), (2, record(2))]
    position: dict[str, str] = {}
    assert lines(rows, position) == [['["1"]', '"odd"', '["2"]']]
    assert lines(rows, position) == []


def test_records_out_of_order_are_refused() -> None:
    with pytest.raises(InputProblem) as refusal:
        lines([(2, record(2)), (1, record(1))], {})
    assert str(refusal.value) == (
        "error: number 1: It comes after number 2, so a stop in between would lose records. "
        "Sort the records by the column that is followed, or follow none."
    )


def test_an_overlap_of_another_kind_is_refused() -> None:
    with pytest.raises(InputProblem) as refusal:
        before(NOW, 5)
    assert str(refusal.value) == (
        "error: moment 2024-06-01T00:00:00+00:00: The overlap and the column that is followed are "
        "of different kinds. For moments write `overlap: 10 minutes`, for numbers `overlap: 1000`."
    )


@pytest.mark.parametrize("mark", [-5, date(2024, 2, 29), NOW, NOW.replace(tzinfo=None)])
def test_a_mark_is_read_back_as_it_was(mark: Mark) -> None:
    found = mark_of({"t mark": mark_text(mark)}, "t")
    assert found == mark
    assert type(found) is type(mark)


def test_days_go_back_by_whole_days_and_the_first_moment_goes_nowhere() -> None:
    assert before(date(2024, 3, 1), timedelta(hours=1)) == date(2024, 2, 29)
    first = datetime.min.replace(tzinfo=UTC)
    assert before(first, timedelta(hours=1)) == first
