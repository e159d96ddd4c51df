"""Whose records an enterprise's file is made of: the one place where links are asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import duckdb

from tradeline.creditfile.linkage.entities import members_of
from tradeline.creditfile.linkage.links import (
    ASSURANCES,
    FOUND,
    JUDGED,
    RELATIONS,
    Pair,
    Relation,
    evidence_words,
)
from tradeline.lake.reading import Moment, told_sql
from tradeline.lake.records import record_id_sql, strength_sql
from tradeline.lake.store import Lake

LINKS = "links"
Basis = Literal["judged", "found", "told"]
BASES: dict[tuple[str, str], Basis] = {
    (JUDGED, ASSURANCES[JUDGED]): "judged",
    (FOUND, ASSURANCES[FOUND]): "found",
}

# A source may name a pair the other way round; it is the same pair.
VERSIONS = """
SELECT source, made_by, evidence, {record} AS record, one, other, relation, probability,
  occurred_at, recorded_at, assurance, ROW_NUMBER() OVER (
    PARTITION BY one, other ORDER BY {strength} DESC, recorded_at DESC, entry DESC, row_hash) = 1
FROM (
  SELECT *, LEAST(left_enterprise, right_enterprise) AS one,
    GREATEST(left_enterprise, right_enterprise) AS other
  FROM ({told}) WHERE {known}
) WHERE list_contains($members, one) OR list_contains($members, other)
"""


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """What a record of the lake says of two enterprises, as a file may show it; naive UTC.

    `record` is its id, to be quoted; `probability` is how likely they are one. `basis` says whether
    a person `judged` it, a program of whoever keeps the lake `found` it, or another source `told`
    it; `by` is that person, program or source. `evidence` is in words; empty where another source
    told it, for nobody here checked that it holds no value of either enterprise.
    """

    record: str
    left: str
    right: str
    relation: Relation
    probability: float
    occurred_at: datetime
    recorded_at: datetime
    assurance: str
    basis: Basis
    by: str
    evidence: str

    @property
    def pair(self) -> Pair:
        """The two enterprises."""
        return self.left, self.right


@dataclass(frozen=True, slots=True)
class Members:
    """The identifiers under which one enterprise is known, and what links say of them.

    Rows of `same` make up its file. `links` are those that stand and name a member, links between
    members first; `superseded` are the ids of their other versions.
    """

    same: tuple[str, ...]
    links: tuple[LinkRecord, ...] = ()
    superseded: frozenset[str] = frozenset()

    @property
    def affiliated(self) -> tuple[str, ...]:
        """Other enterprises that belong together with it; they add nothing."""
        return self._near("affiliated")

    @property
    def undecided(self) -> tuple[str, ...]:
        """Those of which nobody has decided yet what they are to it; they add nothing."""
        return self._near("undecided")

    def joins(self, link: LinkRecord) -> bool:
        """Whether the records of both sides of a link are in the file."""
        return set(link.pair) <= set(self.same)

    def _near(self, relation: Relation) -> tuple[str, ...]:
        named = {name for link in self.links if link.relation == relation for name in link.pair}
        return tuple(sorted(named - set(self.same)))


def members(lake: Lake, enterprise: str, moment: Moment) -> Members:
    """The members of an enterprise as links were known at a moment; itself where none is told."""
    if not lake.files_of(LINKS):
        return Members((enterprise,))
    same = members_of(lake, enterprise, moment.known_at, moment.entry)
    versions = _versions(lake, same, moment)
    alone = Members(same)
    standing = sorted(
        (link for link, stands in versions if stands),
        key=lambda link: (not alone.joins(link), RELATIONS.index(link.relation), link.pair),
    )
    superseded = frozenset(link.record for link, stands in versions if not stands)
    return Members(same, tuple(standing), superseded)


def _versions(lake: Lake, same: Sequence[str], moment: Moment) -> list[tuple[LinkRecord, bool]]:
    """Every version of the links that name a member, and whether it stands."""
    sql = VERSIONS.format(
        record=record_id_sql(LINKS),
        strength=strength_sql(),
        told=told_sql(lake.root, LINKS, lake.files_of(LINKS)),
        known=moment.known_sql,
    )
    with duckdb.connect() as connection:
        rows = connection.execute(sql, {"members": list(same)}).fetchall()
    return [(_link(*row), stands) for *row, stands in rows]


def _link(source: str, made_by: str, evidence: str, *said: Any) -> LinkRecord:
    basis = BASES.get((source, said[-1]), "told")
    by, words = (source, "") if basis == "told" else (made_by, evidence_words(evidence))
    told: list[Any] = [*said, basis, by, words]
    return LinkRecord(*told)
