"""Firms of a generated market are found again and sisters told apart, in any order of rows."""

from dataclasses import dataclass

import duckdb
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.creditfile.linkage.made import FIELDS, load_registers, tables
from tradeline.creditfile.linkage.linking import cluster, judge, learn_weights, make_patterns
from tradeline.world.registers import Registers, draw_registers


@dataclass(frozen=True, slots=True)
class Found:
    precision: float
    recall: float


@pytest.fixture(scope="module")
def registers() -> Registers:
    return draw_registers(6_000, seed=11)


def linked(registers: Registers, order: NDArray[np.int64] | None = None) -> dict[str, str]:
    """By record, the record that its cluster is called by."""
    connection = duckdb.connect()
    load_registers(connection, registers, order)
    make_patterns(connection, FIELDS, tables())
    judge(connection, FIELDS, learn_weights(connection, FIELDS))
    labels = cluster(connection, FIELDS)
    names = [name for (name,) in connection.execute("SELECT record FROM raw ORDER BY n").fetchall()]
    return {name: names[label] for name, label in zip(names, labels.tolist(), strict=True)}


def found(registers: Registers, labels: dict[str, str]) -> Found:
    truth = dict(zip(registers.columns["record"], registers.firm.tolist(), strict=True))
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE t AS SELECT unnest(?) AS found, unnest(?) AS firm",
        [list(labels.values()), [truth[name] for name in labels]],
    )
    pairs = "coalesce(sum(k * (k - 1) / 2), 0) FROM (SELECT count(*) AS k FROM t GROUP BY {})"
    both, ours, theirs = (
        connection.execute(f"SELECT {pairs.format(by)}").fetchall()[0][0]
        for by in ("found, firm", "found", "firm")
    )
    return Found(both / ours, both / theirs)


def test_firms_are_found_again_and_sisters_kept_apart(registers: Registers) -> None:
    result = found(registers, linked(registers))
    assert result.precision > 0.95
    assert result.recall > 0.7


def test_order_of_rows_does_not_matter(registers: Registers) -> None:
    order = np.random.default_rng(3).permutation(len(registers.firm))
    assert linked(registers, order) == linked(registers)
