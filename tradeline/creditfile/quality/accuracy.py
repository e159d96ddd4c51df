"""Accuracy: how far what a source told is what a stronger, independent one confirms.

Truth is what a counterparty confirmed or an authority verified, of another origin and stronger than
what is held against it. Where there is none, accuracy is not known, and never perfect.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

import duckdb

from tradeline.creditfile.quality.consistency import single_sql
from tradeline.creditfile.quality.terms import QualityTerms
from tradeline.creditfile.quality.told import fact_columns, said_columns, view
from tradeline.lake.contracts import Contract, Kind
from tradeline.lake.reading import parsed
from tradeline.lake.records import Assurance

CONFIRMED = tuple(Assurance).index(Assurance.COUNTERPARTY_CONFIRMED) + 1
"""From this strength on what a source says may be truth for weaker ones."""


@dataclass(frozen=True, slots=True)
class FieldAccuracy:
    """One field of the facts that could be checked: how many both tell, how many are equal.

    Of money also by how much it is wrong in all, and what the truth comes to, both without sign in
    minor units; None for other fields.
    """

    field: str
    checked: int
    equal: int
    error_minor: int | None
    truth_minor: int | None

    @property
    def share_equal(self) -> float | None:
        """The share of checked values that are equal; None where none was checked."""
        return self.equal / self.checked if self.checked else None

    @property
    def relative_error(self) -> float | None:
        """The error as a share of the truth; None for other fields than money, or without truth."""
        if self.error_minor is None or not self.truth_minor:
            return None
        return self.error_minor / self.truth_minor


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What one source told of a firm in one dataset, held against truth.

    Of its `facts` only the `checked` ones have a truth; `equal` are those of them that are right in
    every field. `fields` is empty where nothing was checked.
    """

    contract: str
    source: str
    facts: int
    checked: int
    equal: int
    fields: tuple[FieldAccuracy, ...]

    @property
    def share_equal(self) -> float | None:
        """The share of checked facts that are right; None where none could be checked."""
        return self.equal / self.checked if self.checked else None


def read_accuracy(
    connection: duckdb.DuckDBPyConnection,
    contracts: Sequence[Contract],
    several: Container[Contract],
    terms: QualityTerms,
) -> dict[str, list[Accuracy]]:
    """By firm, a record for each dataset and source, in that order.

    `several` are the contracts of which more than one source tells: only there is there truth.
    """
    found: dict[str, list[Accuracy]] = {}
    for contract in contracts:
        checked = _checked(connection, contract, terms) if contract in several else {}
        sql = (
            f"SELECT enterprise, source, count(*) FROM {view(contract)} WHERE last_told "
            "GROUP BY enterprise, source ORDER BY enterprise, source"
        )
        rows = connection.execute(parsed(sql)).fetchall()
        for firm, source, facts in rows:
            number, equal, *columns = checked.get((firm, source), (0, 0))
            fields = tuple(_fields(contract, columns)) if number else ()
            record = Accuracy(contract.name, source, facts, number, equal, fields)
            found.setdefault(firm, []).append(record)
    return found


def _checked(
    connection: duckdb.DuckDBPyConnection, contract: Contract, terms: QualityTerms
) -> dict[tuple[str, str], tuple[int, ...]]:
    """By firm and source: facts checked, facts equal, then four numbers for each field."""
    strengths = f"SELECT coalesce(max(strength), 0) FROM {view(contract)}"
    row = connection.execute(strengths).fetchone()
    if not row or row[0] < CONFIRMED:
        return {}
    columns = ", ".join(_measures(contract, terms))
    right = " AND ".join(
        f"coalesce({_equal(contract, name, terms)}, true)" for name in said_columns(contract)
    )
    return {
        (firm, source): tuple(numbers)
        for firm, source, *numbers in connection.execute(
            f"WITH {checked_sql(contract)} SELECT told.enterprise, told.source, count(*), "
            f"count(*) FILTER ({right or 'true'}), {columns} FROM checked GROUP BY ALL"
        ).fetchall()
    }


def checked_sql(contract: Contract) -> str:
    """The table `checked`: what a source `told` beside its `truth`."""
    same = " AND ".join(f"o.{name} = t.{name}" for name in fact_columns(contract))
    return (
        f"single AS (SELECT * FROM ({single_sql(contract)}) WHERE tellers > 1), "
        "checked AS (SELECT o AS told, t AS truth FROM single o JOIN single t "
        f"ON {same} AND t.strength >= {CONFIRMED} AND t.strength > o.strength "
        "AND t.origin <> o.origin "
        f"QUALIFY row_number() OVER (PARTITION BY o.source, "
        f"{', '.join(f'o.{name}' for name in fact_columns(contract))} ORDER BY t.place) = 1)"
    )


def _money(contract: Contract, name: str) -> bool:
    return any(f.column == name and f.kind is Kind.MONEY for f in contract.fields)


def _equal(contract: Contract, name: str, terms: QualityTerms) -> str:
    if _money(contract, name):
        return f"abs(told.{name}::HUGEINT - truth.{name}) <= {terms.tolerance_minor}"
    return f"told.{name} = truth.{name}"


def _measures(contract: Contract, terms: QualityTerms) -> Iterator[str]:
    for name in said_columns(contract):
        both = f"told.{name} IS NOT NULL AND truth.{name} IS NOT NULL"
        yield f"count(*) FILTER ({both})"
        yield f"count(*) FILTER ({_equal(contract, name, terms)})"
        if _money(contract, name):
            difference = f"abs(told.{name}::HUGEINT - truth.{name})"
            yield f"coalesce(sum({difference}) FILTER ({both}), 0)"
            yield f"coalesce(sum(abs(truth.{name}::HUGEINT)) FILTER ({both}), 0)"
        else:
            yield "NULL"
            yield "NULL"


def _fields(contract: Contract, columns: Sequence[int]) -> Iterator[FieldAccuracy]:
    for place, name in enumerate(said_columns(contract)):
        yield FieldAccuracy(name, *columns[4 * place : 4 * place + 4])
