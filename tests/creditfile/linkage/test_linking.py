"""Firms are found again and sisters told apart; in whatever batches and order records come."""

from collections.abc import Sequence
from itertools import pairwise

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.creditfile.linkage.made import FIELDS, Rows, clusters, crowded, judged, rows_of, table
from tradeline.creditfile.linkage.candidates import Meeting
from tradeline.creditfile.linkage.linking import Model, link, read_model
from tradeline.kernel.findings import InputProblem
from tradeline.world.registers import Registers, draw_registers

SMALL = Meeting(block_max=3)
# So many share a person, a phone or a number that blocks grow too big and numbers are reused.
FEW = crowded(rows_of(draw_registers(120, seed=4)))


@pytest.fixture(scope="module")
def registers() -> Registers:
    return draw_registers(6_000, seed=11)


def linked(
    batches: Sequence[Rows], meeting: Meeting, model: Model | None = None
) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for rows in batches:
        link(connection, FIELDS, [table(connection, rows)], meeting, model)
    return connection


@pytest.fixture(scope="module")
def model() -> Model:
    return read_model(linked([FEW], SMALL))


@pytest.fixture(scope="module")
def at_once(model: Model) -> duckdb.DuckDBPyConnection:
    return linked([FEW], SMALL, model)


def pairs_of(labels: Sequence[object]) -> int:
    _, counts = np.unique(np.array(labels), return_counts=True)
    return int((counts * (counts - 1) // 2).sum())


def test_firms_are_found_again_and_sisters_kept_apart(registers: Registers) -> None:
    found = clusters(linked([rows_of(registers)], Meeting()))
    firms = dict(zip(registers.columns["record"], registers.firm.tolist(), strict=True))
    both = pairs_of([f"{label} {firms[name]}" for name, label in found.items()])
    assert both / pairs_of(list(found.values())) > 0.95
    assert both / pairs_of(list(firms.values())) > 0.9


@settings(max_examples=10, deadline=None)
@given(
    order=st.permutations(range(len(FEW))),
    cuts=st.lists(st.integers(0, len(FEW)), max_size=3),
)
def test_batches_and_their_order_change_nothing(
    model: Model, at_once: duckdb.DuckDBPyConnection, order: list[int], cuts: list[int]
) -> None:
    edges = [0, *sorted(cuts), len(FEW)]
    batches = [[FEW[number] for number in order[first:last]] for first, last in pairwise(edges)]
    in_batches = linked(batches, SMALL, model)
    assert judged(in_batches) == judged(at_once)
    assert clusters(in_batches) == clusters(at_once)


def test_records_that_met_part_when_too_many_have_what_they_share(model: Model) -> None:
    connection = duckdb.connect()
    added = [
        link(connection, FIELDS, [table(connection, FEW[first : first + 20])], SMALL, model)
        for first in range(0, len(FEW), 20)
    ]
    assert sum(one.parted for one in added) > 0
    assert sum(one.records for one in added) == len(FEW)
    assert added[-1].regrouped < len(FEW)


def test_a_block_that_stays_too_big_is_dropped_and_counted(model: Model) -> None:
    connection = duckdb.connect()
    alike: Rows = [(f"R{number}", *FEW[0][1:]) for number in range(8)]
    added = link(connection, FIELDS, [table(connection, alike)], SMALL, model)
    assert {(one.rule, one.blocks, one.records) for one in added.dropped} >= {("phone", 1, 8)}
    assert added.pairs == 0
    assert len(set(clusters(connection).values())) == 8


def test_a_number_that_two_firms_use_is_no_evidence(model: Model) -> None:
    connection = linked([FEW], SMALL, model)
    reused = "SELECT n FROM records JOIN reused ON value = registration"
    ((pairs, telling),) = connection.execute(
        "SELECT count(*), count(*) FILTER (told != pattern) FROM judged "
        f"WHERE l IN ({reused}) AND r IN ({reused})"
    ).fetchall()
    assert pairs == telling > 0


def test_a_batch_that_is_refused_leaves_everything_as_it_was(model: Model) -> None:
    connection = linked([FEW[:80]], SMALL, model)
    before = judged(connection), clusters(connection)
    with pytest.raises(InputProblem, match=r"The record 'R\d+' is known already\. Leave out what"):
        link(connection, FIELDS, [table(connection, FEW[79:])], SMALL)
    assert (judged(connection), clusters(connection)) == before
    link(connection, FIELDS, [table(connection, FEW[80:])], SMALL)
    assert clusters(connection) == clusters(linked([FEW], SMALL, model))


def test_other_fields_than_those_that_stand_are_refused(model: Model) -> None:
    connection = linked([FEW[:50]], SMALL, model)
    with pytest.raises(InputProblem, match="was linked by name, person, phone"):
        link(connection, FIELDS[:2], [table(connection, FEW[50:])], SMALL)


def test_a_record_that_stands_twice_is_refused() -> None:
    with pytest.raises(InputProblem, match="names 2 records 'R"):
        linked([[FEW[0], FEW[0]]], SMALL)
