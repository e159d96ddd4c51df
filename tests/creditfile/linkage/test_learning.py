"""What people judged teaches the weights: as much as it shows, and never more than a bound."""

from collections.abc import Sequence

import duckdb
import pytest

from tests.creditfile.linkage.made import FIELDS, rows_of, table
from tradeline.creditfile.linkage import learning
from tradeline.creditfile.linkage.learning import JudgedPair, Teaching, learn
from tradeline.creditfile.linkage.linking import link, read_model
from tradeline.creditfile.linkage.mixture import Weights
from tradeline.world.registers import draw_registers

REGISTERS = draw_registers(400, seed=12)


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    link(made, FIELDS, [table(made, rows_of(REGISTERS))])
    return made


def doubtful(connection: duckdb.DuckDBPyConnection) -> list[JudgedPair]:
    """Pairs in doubt, judged by the truth."""
    firm = dict(zip(REGISTERS.columns["record"], REGISTERS.firm.tolist(), strict=True))
    rows = connection.execute(
        "SELECT a.source, a.record, b.source, b.record FROM judged JOIN records AS a ON a.n = l "
        "JOIN records AS b ON b.n = r WHERE probability BETWEEN 0.05 AND 0.95 ORDER BY ALL"
    ).fetchall()
    return [
        JudgedPair((source, one), (beside, other), firm[one] == firm[other])
        for source, one, beside, other in rows
    ]


def chance_of_same(
    connection: duckdb.DuckDBPyConnection, judged: Sequence[JudgedPair], weights: Weights
) -> float:
    """The logarithm of how likely the weights hold it that the judgements are as they are."""
    again = duckdb.connect()
    link(again, FIELDS, [table(again, rows_of(REGISTERS))], teaching=Teaching(weights=weights))
    chances = {
        frozenset((one, other)): chance
        for one, other, chance in again.execute(
            "SELECT a.record, b.record, probability FROM judged JOIN records AS a ON a.n = l "
            "JOIN records AS b ON b.n = r"
        ).fetchall()
    }
    right = [
        chances[frozenset((pair.one[1], pair.other[1]))] if pair.is_same
        else 1 - chances[frozenset((pair.one[1], pair.other[1]))]
        for pair in judged
    ]  # fmt: skip
    return float(sum(right) / len(right))


def test_judgements_teach_what_pairs_alone_leave_open(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    judged = doubtful(connection)
    assert len(judged) >= 10
    plain, taught = learn(connection, FIELDS, ()), learn(connection, FIELDS, judged)
    assert plain == read_model(connection).weights
    assert chance_of_same(connection, judged, taught) > chance_of_same(connection, judged, plain)


def test_judgements_of_whatever_number_count_for_a_bounded_share(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = doubtful(connection)
    wrong = [JudgedPair(pair.one, pair.other, not pair.is_same) for pair in judged]
    monkeypatch.setattr(learning, "JUDGED_MOST", 1e-9)
    plain, taught = learn(connection, FIELDS, ()), learn(connection, FIELDS, wrong)
    assert taught.prior == pytest.approx(plain.prior, abs=1e-4)
    for one, other in zip(plain.shares, taught.shares, strict=True):
        for ours, theirs in zip(one, other, strict=True):
            assert ours == pytest.approx(theirs, abs=1e-3)


def test_judgements_of_pairs_that_were_not_compared_teach_nothing(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    nobody = [JudgedPair(("register", "nobody"), ("platform", "no one"), True)]
    assert learn(connection, FIELDS, nobody) == learn(connection, FIELDS, ())


def test_weights_that_are_given_are_taken_as_they_are(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    weights = learn(connection, FIELDS, doubtful(connection))
    again = duckdb.connect()
    link(again, FIELDS, [table(again, rows_of(REGISTERS))], teaching=Teaching(weights=weights))
    assert read_model(again).weights == weights
