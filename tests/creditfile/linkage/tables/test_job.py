"""Whole links on made tables: found without labels, and as sure as they say."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.link_tables import Task, made_task, truth_of
from benchmarks.made_words import Draw
from tradeline.creditfile.linkage.tables.competition import Once
from tradeline.creditfile.linkage.tables.files import DataTable
from tradeline.creditfile.linkage.tables.job import (
    Linked,
    expected_precision,
    expected_recall,
    link_tables,
)
from tradeline.creditfile.linkage.tables.mapping import FieldChoice, LinkMapping
from tradeline.kernel.findings import InputProblem

FIELDS = (FieldChoice("name", ("company_name",), ("company_name",)),)


def linked(task: Task, mapping: LinkMapping | None = None) -> Linked:
    return link_tables(task.left, task.right, mapping or LinkMapping(), lambda _: None)


@pytest.mark.parametrize("kind", ["products", "papers", "restaurants", "beers", "companies"])
def test_links_are_found_without_labels_and_their_errors_foreseen(kind: str) -> None:
    task = made_task(kind, 41, 160)
    found = linked(task)
    right = truth_of(task, found.pairs.T.tolist())
    precision, recall = right.mean(), right.sum() / task.same
    assert precision > 0.85
    assert recall > 0.8
    assert abs(expected_precision(found) - precision) < 0.12
    assert abs(expected_recall(found) - recall) < 0.15


def test_a_record_has_one_counterpart_where_that_is_so() -> None:
    task = made_task("papers", 42, 120)
    found = linked(task)
    assert found.judged.learned.once == Once(True, True)
    for side in (0, 1):
        assert len(np.unique(found.pairs[side])) == found.pairs.shape[1]


def test_several_counterparts_are_found_out() -> None:
    found = linked(made_task("citations", 43, 200))
    assert found.judged.learned.once == Once(False, True)
    assert len(np.unique(found.pairs[0])) < 0.8 * found.pairs.shape[1]


def test_duplicates_of_a_table_are_found_and_closed() -> None:
    task = made_task("restaurants", 44, 120)
    twice = {name: (*values, *values[:40]) for name, values in task.left.columns.items()}
    rows = task.left.rows
    table = DataTable("twice", twice, tuple(range(rows + 40)), None)
    found = link_tables(table, table, LinkMapping(), lambda _: None)
    pairs = set(map(tuple, found.pairs.T.tolist()))
    assert {(n, rows + n) for n in range(40)} <= pairs
    assert len(pairs) <= 44


@pytest.mark.parametrize("kind", ["products", "songs", "companies"])
def test_what_is_alike_in_a_table_is_not_taken_for_its_duplicates(kind: str) -> None:
    task = made_task(kind, 52, 300, "twice")
    found = linked(task)
    right = truth_of(task, found.pairs.T.tolist())
    assert right.mean() > 0.6
    assert right.sum() > 0.8 * task.same


def test_duplicates_by_one_column_alone_are_as_many_as_there_are() -> None:
    draw = Draw(53, 1)
    names = [f"{draw.word(3)} {draw.word(2)}" for _ in range(300)]
    again = [draw.worn(name, 0.7) for name in names[:60]]
    table = DataTable("names", {"name": (*names, *again)}, tuple(range(360)), None)
    found = link_tables(table, table, LinkMapping(), lambda _: None)
    right = [other - one == 300 for one, other in found.pairs.T.tolist()]
    assert sum(right) > 54
    assert len(right) < 66


@pytest.mark.parametrize("kind", ["restaurants", "companies", "products"])
def test_tables_that_share_nothing_are_not_linked_and_that_is_said(kind: str) -> None:
    one, other = made_task(kind, 45, 150), made_task(kind, 46, 150)
    found = link_tables(one.left, other.right, LinkMapping(), lambda _: None)
    assert found.pairs.shape[1] == 0
    assert found.judged.learned.chances.sum() < 1
    assert found.findings[-1].line() == (
        "note: tables: No more is alike between the two tables than within each of them, so "
        "nothing shows that they tell of the same things, and nothing is linked. If you know that "
        "they do, compare more that tells things apart; `--all` writes what is nearest."
    )
    assert found.mapping.each is None


def test_gaps_in_one_table_do_not_hide_what_is_shared() -> None:
    task = made_task("products", 12, 300, "emptied")
    found = linked(task)
    right = truth_of(task, found.pairs.T.tolist())
    assert right.mean() > 0.8
    assert right.sum() > 0.5 * task.same


def test_a_fifth_that_is_shared_is_found_and_little_else() -> None:
    task, others = made_task("restaurants", 47, 200), made_task("restaurants", 48, 250)
    right = joined(few(task.right, range(0, task.right.rows, 4)), others.right)
    same = sum(task.is_same(a, b) for a in task.left.ids for b in right.ids[: task.right.rows // 4])
    found = linked(replace(task, right=right))
    sound = truth_of(replace(task, right=right), found.pairs.T.tolist())
    assert sound.mean() > 0.8
    assert sound.sum() > 0.8 * same > 10


def test_errors_are_foreseen_where_a_thing_has_several_counterparts() -> None:
    task = made_task("citations", 51, 400)
    found = linked(task)
    right = truth_of(task, found.pairs.T.tolist())
    assert abs(expected_precision(found) - right.mean()) < 0.12
    assert right.sum() > 0.9 * task.same


def few(table: DataTable, rows: range) -> DataTable:
    columns = {name: tuple(values[n] for n in rows) for name, values in table.columns.items()}
    return replace(table, columns=columns, ids=tuple(str(table.ids[n]) for n in rows))


def joined(one: DataTable, other: DataTable) -> DataTable:
    """Both tables as one, the records of the other called otherwise."""
    columns = {name: (*values, *other.columns[name]) for name, values in one.columns.items()}
    return replace(
        one, columns=columns, ids=(*map(str, one.ids), *(f"other {name}" for name in other.ids))
    )


def test_the_same_tables_give_the_same_chances() -> None:
    task = made_task("beers", 47, 80)
    first, second = linked(task), linked(task)
    assert first.pairs.tobytes() == second.pairs.tobytes()
    assert first.chances.tobytes() == second.chances.tobytes()


def test_a_higher_threshold_links_less_and_surer() -> None:
    task = made_task("products", 48, 120)
    low, high = linked(task), linked(task, LinkMapping(threshold=0.95))
    assert high.pairs.shape[1] < low.pairs.shape[1]
    assert high.chances.min() >= 0.95


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_tiny_tables_stop_nothing(rows: int) -> None:
    task = made_task("companies", 49, 60)
    one, other = few(task.left, range(rows)), few(task.left, range(rows))
    found = link_tables(one, other, LinkMapping(fields=FIELDS), lambda _: None)
    assert found.pairs.shape[1] <= rows


def test_records_without_any_sign_in_common_are_refused() -> None:
    tables = [
        DataTable(name, {"name": values}, (1, 2), None)
        for name, values in (("a", ("abc", "def")), ("b", ("uvw", "xyz")))
    ]
    with pytest.raises(InputProblem) as refusal:
        link_tables(tables[0], tables[1], LinkMapping(), lambda _: None)
    assert str(refusal.value) == (
        "error: tables: No record of the one table is like any of the other in what is compared. "
        "Check the fields of the mapping."
    )
