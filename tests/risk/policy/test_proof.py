"""What is proven of a table is what trying every value would show: every gap, every overlap."""

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import combinations, product
from operator import and_

import numpy as np
import pytest

from tests.risk.policy.policies import (
    DAY,
    EDGES,
    RANGES,
    Random,
    chosen,
    random_cell,
    random_input,
    values_near,
)
from tradeline.risk.policy.axes import each_bit
from tradeline.risk.policy.cells import Cell, Interval, Kind, UnaryTest
from tradeline.risk.policy.checks import check
from tradeline.risk.policy.declaration import (
    Declaration,
    Hit,
    Input,
    Outcome,
    Output,
    Row,
    Table,
    Treatment,
)
from tradeline.risk.policy.program import Program, build
from tradeline.risk.policy.proof import Boxes, TooLarge
from tradeline.risk.policy.readers import place_of

SPLIT_KINDS = (Kind.NUMBER, Kind.INTEGER, Kind.BOOLEAN, Kind.CATEGORY, Kind.DATE)
Box = tuple[Cell, ...]
Point = tuple[object, ...]


def program_of(inputs: Sequence[Input], boxes: Sequence[Box], hit: Hit = Hit.UNIQUE) -> Program:
    rows = tuple(Row(f"R{n}", box, {"outcome": Outcome.REFER}, "") for n, box in enumerate(boxes))
    names = tuple(read.name for read in inputs)
    tables = (Table("t", hit, names, ("outcome",), rows),)
    return build(Declaration("p", "1", DAY, tuple(inputs), (), tables))


def values_of(read: Input) -> list[object]:
    """Boundary values of an input, their neighbours, and the states that tables see."""
    values = dict.fromkeys(values_near(read.kind, EDGES.get(read.kind, [])))
    inside = [v for v in values if read.range is None or read.range.holds(v)]
    return [*inside, *(["missing"] if read.missing is Treatment.CASE else [])]


def takes(cell: Cell, value: object) -> bool:
    return cell.missing if value == "missing" else cell.takes(value)  # type: ignore[arg-type]


def takers(inputs: Sequence[Input], boxes: Sequence[Box]) -> Iterator[tuple[Point, int]]:
    """Each point of the grid of boundary values, and the bits of the boxes that take it."""
    columns = [
        [(value, sum(1 << n for n, box in enumerate(boxes) if takes(box[column], value)))
         for value in values_of(read)]
        for column, read in enumerate(inputs)
    ]  # fmt: skip
    for point in product(*columns):
        values, bits = zip(*point, strict=True)
        yield values, reduce(and_, bits)


def regions_of(program: Program) -> dict[tuple[int, object], int]:
    """For each column and value the bits of the gaps that hold it."""
    (table,) = program.tables
    gaps = table.boxes.gaps()
    return {
        (column, value): sum(1 << n for n, gap in enumerate(gaps) if gap[column] >> place & 1)
        for column, (axis, read) in enumerate(zip(table.axes, program.declaration.inputs,
                                                  strict=True))
        for value in values_of(read)
        for place in [place_of(axis, None if value == "missing" else value)]  # type: ignore[arg-type]
    }  # fmt: skip


def require_true(inputs: Sequence[Input], boxes: Sequence[Box]) -> tuple[bool, bool]:
    """Hold gaps and overlaps against every point of the grid; whether there are any."""
    program = program_of(inputs, boxes)
    regions, together = regions_of(program), set()
    for point, found in takers(inputs, boxes):
        in_gap = reduce(and_, (regions[place] for place in enumerate(point)))
        assert bool(in_gap) == (not found), point
        together.add(found)
    meeting = {pair for found in together for pair in combinations(each_bit(found), 2)}
    shared = {
        pair for pair in combinations(range(len(boxes)), 2)
        if program.tables[0].boxes.overlap(*pair)
    }  # fmt: skip
    assert shared == meeting
    assert bool(program.tables[0].boxes.gaps()) == (0 in together)
    return 0 in together, bool(meeting)


def halves(random: Random, read: Input, cell: Cell) -> tuple[Cell, Cell] | None:
    """A cell cut in two that share nothing, None if a part would take nothing."""
    cut = cut_in_two(random, read, cell)
    both = cut and all(any(takes(part, value) for value in values_of(read)) for part in cut)
    return cut if both else None


def cut_in_two(random: Random, read: Input, cell: Cell) -> tuple[Cell, Cell] | None:
    if cell.missing and random.random() < 0.7:
        return Cell(missing=True), Cell(cell.tests)
    if not cell.tests:
        return None
    (test,) = cell.tests
    if test.interval is None:
        if len(test.values) < 2:
            return None
        at = int(random.integers(1, len(test.values)))
        return (Cell((UnaryTest(test.values[:at]),), missing=cell.missing),
                Cell((UnaryTest(test.values[at:]),)))  # fmt: skip
    inner = [edge for edge in EDGES[read.kind] if test.interval.holds(edge)
             and edge not in (test.interval.low, test.interval.high)]  # fmt: skip
    if not inner:
        return None
    edge, left = chosen(random, inner), bool(random.integers(2))
    low = Interval(test.interval.low, edge, test.interval.low_in, left)
    high = Interval(edge, test.interval.high, not left, test.interval.high_in)
    return (Cell((UnaryTest(interval=low),), missing=cell.missing),
            Cell((UnaryTest(interval=high),)))  # fmt: skip


def whole(read: Input) -> Cell:
    """A cell that takes all there is of an input."""
    is_case = read.missing is Treatment.CASE
    if read.kind.is_ordered:
        return Cell((UnaryTest(interval=read.range),), missing=is_case)
    values = (False, True) if read.kind is Kind.BOOLEAN else read.levels
    return Cell((UnaryTest(values),), missing=is_case)


def partition(random: Random, inputs: Sequence[Input]) -> list[Box]:
    """Boxes that together take every value, each once."""
    boxes: list[Box] = [tuple(whole(read) for read in inputs)]
    for _ in range(int(random.integers(2, 9))):
        number, column = int(random.integers(len(boxes))), int(random.integers(len(inputs)))
        box = boxes[number]
        cut = halves(random, inputs[column], box[column])
        if cut:
            boxes[number] = (*box[:column], cut[0], *box[column + 1 :])
            boxes.append((*box[:column], cut[1], *box[column + 1 :]))
    return boxes


def split_inputs(random: Random) -> list[Input]:
    found = []
    for number in range(int(random.integers(1, 4))):
        read = random_input(random, f"i{number}", SPLIT_KINDS)
        missing = Treatment.CASE if random.random() < 0.3 else Treatment.REFUSE
        found.append(Input(read.name, read.kind, range=RANGES.get(read.kind), levels=read.levels,
                           missing=missing))  # fmt: skip
    return found


@pytest.mark.parametrize("seed", range(240))
def test_every_planted_gap_and_overlap_is_found_and_none_is_invented(seed: int) -> None:
    random = np.random.default_rng([seed, 2])
    inputs = split_inputs(random)
    boxes = partition(random, inputs)
    assert require_true(inputs, boxes) == (False, False)
    gone = int(random.integers(len(boxes)))
    assert require_true(inputs, boxes[:gone] + boxes[gone + 1 :]) == (True, False)
    column = int(random.integers(len(inputs)))
    again = boxes[gone]
    again = (*again[:column], whole(inputs[column]), *again[column + 1 :])
    gaps, overlaps = require_true(inputs, [*boxes, again])
    assert (gaps, overlaps) == (False, True)


@pytest.mark.parametrize("seed", range(100))
def test_what_is_proven_of_any_table_is_what_every_point_shows(seed: int) -> None:
    random = np.random.default_rng([seed, 3])
    inputs = split_inputs(random)
    boxes = [tuple(random_cell(random, read.kind) for read in inputs)
             for _ in range(int(random.integers(1, 7)))]  # fmt: skip
    require_true(inputs, boxes)


@pytest.mark.parametrize("seed", range(60))
def test_a_row_is_dead_if_no_point_of_the_grid_reaches_it_first(seed: int) -> None:
    random = np.random.default_rng([seed, 4])
    inputs = split_inputs(random)
    boxes = [tuple(random_cell(random, read.kind) for read in inputs)
             for _ in range(int(random.integers(2, 7)))]  # fmt: skip
    first = {next(each_bit(found)) for _, found in takers(inputs, boxes) if found}
    program = program_of(inputs, boxes, Hit.FIRST)
    dead = {finding.message.split()[3] for finding in check(program, "p")
            if finding.code == "dead-row"}  # fmt: skip
    assert dead == {f"R{number}" for number in range(len(boxes)) if number not in first}


def test_the_gaps_share_nothing_and_a_witness_lies_in_each() -> None:
    inputs = [Input("pd", Kind.NUMBER, range=Interval(0.0, 1.0)),
              Input("band", Kind.CATEGORY, levels=("A", "B", "C"))]  # fmt: skip
    low = UnaryTest(interval=Interval(None, 0.1, high_in=False))
    boxes = [(Cell((low,)), Cell((UnaryTest(("A", "B")),))),
             (Cell((UnaryTest(interval=Interval(0.1, None, low_in=False)),)),
              Cell((UnaryTest(("B", "C")),)))]  # fmt: skip
    (table,) = program_of(inputs, boxes).tables
    gaps = table.boxes.gaps()
    for one, other in combinations(gaps, 2):
        assert not all(a & b for a, b in zip(one, other, strict=True))
    for region in gaps:
        point = [axis.places[next(each_bit(bits))].witness
                 for axis, bits in zip(table.axes, region, strict=True)]  # fmt: skip
        assert not any(
            all(takes(cell, value) for cell, value in zip(box, point, strict=True)) for box in boxes
        )
    assert sum(bits[0].bit_count() * bits[1].bit_count() for bits in gaps) == 2 + 3 + 2


def test_neighbouring_numbers_leave_no_gap_between_them() -> None:
    whole_numbers = [Input("n", Kind.INTEGER, range=Interval(0, 9))]
    upto, above = Interval(None, 4), Interval(5, None)
    boxes = [(Cell((UnaryTest(interval=side),)),) for side in (upto, above)]
    assert program_of(whole_numbers, boxes).tables[0].boxes.gaps() == ()
    numbers = [Input("n", Kind.NUMBER, range=Interval(0.0, 9.0))]
    upto, above = Interval(None, 4.0), Interval(np.nextafter(4.0, 5.0).item(), None)
    boxes = [(Cell((UnaryTest(interval=side),)),) for side in (upto, above)]
    assert program_of(numbers, boxes).tables[0].boxes.gaps() == ()


def test_a_table_that_would_take_too_long_is_not_proven() -> None:
    random = np.random.default_rng(0)
    everything = ((1 << 40) - 1,) * 8
    rows = tuple(tuple(int(random.integers(1, 1 << 40)) for _ in range(8)) for _ in range(60))
    with pytest.raises(TooLarge):
        Boxes(everything, rows).gaps()


def test_an_output_that_later_tables_test_has_the_values_that_reach_them() -> None:
    read = Input("n", Kind.INTEGER, range=Interval(0, 9))
    low, high = Interval(None, 4), Interval(5, None)
    rows = (
        Row("A", (Cell((UnaryTest(interval=low),)),), {"grade": "good"}, ""),
        Row("B", (Cell((UnaryTest(interval=high),)),),
            {"grade": "bad", "outcome": Outcome.DECLINE}, ""),
    )  # fmt: skip
    good = Row("C", (Cell((UnaryTest(("good",)),)),), {"outcome": Outcome.REFER}, "")
    declaration = Declaration(
        "p", "1", DAY, (read,), (Output("grade", Kind.CATEGORY, levels=("good", "bad")),),
        (Table("one", Hit.UNIQUE, ("n",), ("grade", "outcome"), rows),
         Table("two", Hit.UNIQUE, ("grade",), ("outcome",), (good,))),
    )  # fmt: skip
    assert build(declaration).tables[1].boxes.gaps() == ()
