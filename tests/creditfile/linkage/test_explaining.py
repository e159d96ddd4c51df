"""A link says why it stands, and its evidence adds up."""

from math import log2

import duckdb
import pytest

from tests.creditfile.linkage.made import FIELDS, rows_of, table
from tradeline.creditfile.linkage.explaining import LINKS, explain
from tradeline.creditfile.linkage.linking import link
from tradeline.kernel.findings import InputProblem
from tradeline.world.registers import draw_registers


@pytest.fixture(scope="module")
def linkage() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    link(connection, FIELDS, [table(connection, rows_of(draw_registers(1_500, seed=2)))])
    return connection


def test_every_link_is_explained_by_evidence_that_adds_up(
    linkage: duckdb.DuckDBPyConnection,
) -> None:
    links = linkage.execute(LINKS).fetchall()
    assert {"same", "affiliated", "namesake"} <= {relation for *_, relation in links}
    for left, right, probability, relation in links[::40]:
        why = explain(linkage, ("register", left), ("register", right))
        assert why == explain(linkage, ("register", right), ("register", left))
        assert why.probability == probability
        assert why.together == (relation == "same")
        bits = sum(line.bits for line in why.evidence)
        if {why.relation, why.rival} == {"same", "unrelated"} and why.relation == "same":
            assert bits == pytest.approx(log2(probability / (1 - probability)), abs=0.5)
        assert [line.comparison for line in why.evidence][:2] == ["prior", "name_brand"]


def test_records_that_never_met_are_not_explained(linkage: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(InputProblem, match=r"were never compared: they share no key"):
        explain(linkage, ("register", "R00000001"), ("register", "nobody"))
