"""Uses: what was shown, written or decided of enterprises that links might join.

Only enterprises near a link that says *same* are recorded, joined or not: what stood alone because
of one link may have had to be joined by another. A use is a record of the lake, landed before its
output is handed over, so that no output which may have to be mended is ever without one.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import duckdb

from tradeline.creditfile.linkage.entities import (
    Members,
    entities,
    neighbourhoods,
)
from tradeline.creditfile.linkage.links import Saying, read_sayings, standing
from tradeline.kernel.hashing import canonical_json
from tradeline.kernel.moments import naive_utc
from tradeline.lake.batches import Landed
from tradeline.lake.own_records import tell
from tradeline.lake.reading import told_sql
from tradeline.lake.records import Assurance
from tradeline.lake.store import Lake

OutputKind = Literal["file", "features", "decision"]

SOURCE = "uses"
LINKED = """
SELECT DISTINCT UNNEST([left_enterprise, right_enterprise]) FROM ({told}) WHERE relation = 'same'
"""
READ = """
SELECT output, output_kind, coalesce(title, ''), asked, members, as_of, known_at,
  CAST(last_entry AS BIGINT), recorded_at
FROM ({told}) WHERE asked IN (SELECT UNNEST(?::VARCHAR[]))
ORDER BY recorded_at, output, asked, as_of, known_at
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """An enterprise as of a moment, as known at a moment (naive: UTC)."""

    enterprise: str
    as_of: datetime
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Output:
    """What is made: its SHA-256 or id, its kind, and what people call it."""

    id: str
    kind: OutputKind
    title: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """What an output read of one enterprise: the rows of these members, up to an entry."""

    output: Output
    asked: Asked
    members: Members
    last_entry: int
    made_at: datetime


def record_uses(lake: Lake, output: Output, asked: Iterable[Asked], at: datetime) -> Landed | None:
    """Record what an output reads of enterprises; None, and nothing is written, if none is linked.

    `lake` is the one that was read, as it was opened. Call it before the output is handed over.
    """
    moment = naive_utc(at)
    rows = [
        {
            "output": output.id,
            "output_kind": output.kind,
            "title": output.title or None,
            "asked": one.enterprise,
            "members": canonical_json(list(members)),
            "as_of": naive_utc(one.as_of),
            "known_at": naive_utc(one.known_at),
            "last_entry": float(len(lake.entries)),
            "occurred_at": moment,
            "recorded_at": moment,
        }
        for one, members in linked(lake, asked)
    ]
    return tell(lake.root, "uses", rows, SOURCE, Assurance.PLATFORM_OBSERVED) if rows else None


def linked_enterprises(lake: Lake) -> frozenset[str]:
    """The enterprises of which links ever said that they are the same as another."""
    files = lake.files_of("links")
    if not files:
        return frozenset()
    told = told_sql(lake.root, "links", files)
    with duckdb.connect() as connection:
        rows = connection.execute(LINKED.format(told=told)).fetchall()
    return frozenset(enterprise for (enterprise,) in rows)


def linked(lake: Lake, asked: Iterable[Asked]) -> list[tuple[Asked, Members]]:
    """What is asked of enterprises near a link that says same, each once, and their members."""
    if not lake.files_of("links"):
        return []
    every = list(dict.fromkeys(asked))
    return linked_by(read_sayings(lake, {one.enterprise for one in every}), every)


def linked_by(sayings: Iterable[Saying], asked: Iterable[Asked]) -> list[tuple[Asked, Members]]:
    """What is asked of enterprises near a link that said same by then, and their members."""
    near, found = _near(sayings), []
    for one in asked:
        own, moment = near.get(one.enterprise, ()), naive_utc(one.known_at)
        if any(saying.relation == "same" and saying.recorded_at <= moment for saying in own):
            found.append((one, entities(standing(own, moment).values()).of(one.enterprise)))
    return found


def _near(sayings: Iterable[Saying]) -> dict[str, Sequence[Saying]]:
    """By enterprise, the links that bear on it."""
    return {
        enterprise: near
        for near in neighbourhoods(sayings)
        for saying in near
        for enterprise in saying.pair
    }


def read_uses(lake: Lake, enterprises: Iterable[str]) -> tuple[Use, ...]:
    """What was made of enterprises, in the order in which it was."""
    files = lake.files_of("uses")
    if not files:
        return ()
    with duckdb.connect() as connection:
        rows = connection.execute(
            READ.format(told=told_sql(lake.root, "uses", files)), [list(enterprises)]
        ).fetchall()
    return tuple(
        Use(
            Output(output, kind, title),
            Asked(asked, as_of, known_at),
            tuple(json.loads(members)),
            last_entry,
            made_at,
        )
        for output, kind, title, asked, members, as_of, known_at, last_entry, made_at in rows
    )
