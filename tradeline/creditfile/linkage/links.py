"""Links: what somebody says of two enterprises. They stand in the lake like any other record.

A pair's versions are ranked as those of any key: by assurance, then by when they were recorded,
then by when they were landed. What a person judges is assured higher than what a program finds.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal, get_args

import duckdb

from tradeline.kernel.findings import problem
from tradeline.kernel.moments import end_of, naive_utc
from tradeline.lake.batches import Landed
from tradeline.lake.own_records import tell
from tradeline.lake.reading import told_sql
from tradeline.lake.records import Assurance
from tradeline.lake.sql_text import literal
from tradeline.lake.store import Lake, open_lake

Relation = Literal["same", "affiliated", "namesake", "different", "undecided"]
Pair = tuple[str, str]

RELATIONS: tuple[Relation, ...] = get_args(Relation)
APART: tuple[Relation, ...] = ("affiliated", "namesake", "different")
"""What two enterprises can be to each other that are not one."""

FOUND = "linkage"
"""The source of links that a program finds."""

JUDGED = "judgement"
"""The source of links that a person judges."""

ASSURANCES = {FOUND: Assurance.PLATFORM_OBSERVED, JUDGED: Assurance.AUTHORITY_VERIFIED}
STRENGTHS = {level.value: strength for strength, level in enumerate(Assurance)}
STRONGEST = STRENGTHS[Assurance.AUTHORITY_VERIFIED]

# A source may name a pair the other way round; it is the same pair.
SAYINGS = """
SELECT LEAST(left_enterprise, right_enterprise) AS one,
  GREATEST(left_enterprise, right_enterprise) AS other,
  relation, probability, assurance, recorded_at, entry
FROM ({told}) {near} ORDER BY one, other, recorded_at, entry
"""
NEAR = """
INSERT INTO near
SELECT UNNEST([left_enterprise, right_enterprise]) AS enterprise FROM ({told})
WHERE relation = 'same' AND (left_enterprise IN (FROM near) OR right_enterprise IN (FROM near))
EXCEPT FROM near
"""
WITHIN = "WHERE left_enterprise IN (FROM near) AND right_enterprise IN (FROM near)"


@dataclass(frozen=True, slots=True)
class Link:
    """What somebody says of two enterprises, `left` the lesser by its characters.

    `probability` is how likely they are one enterprise, whatever the relation. `evidence` is text
    or JSON that says what speaks for it; it names no person, for it is kept for ever.
    """

    left: str
    right: str
    relation: Relation
    probability: float
    evidence: str
    made_by: str


@dataclass(frozen=True, slots=True)
class Saying:
    """One version of a link, without what speaks for it: as much as entities need.

    `strength` is that of its assurance, `entry` the one that landed it, `recorded_at` naive UTC.
    """

    left: str
    right: str
    relation: Relation
    probability: float
    strength: int
    recorded_at: datetime
    entry: int

    @property
    def pair(self) -> Pair:
        """The two enterprises."""
        return self.left, self.right

    @property
    def judged(self) -> bool:
        """Whether a person, or an authority, stands behind it."""
        return self.strength == STRONGEST

    @property
    def rank(self) -> tuple[int, datetime, int]:
        """Of the versions of a pair the greatest counts."""
        return self.strength, self.recorded_at, self.entry


def pair_of(one: str, other: str) -> Pair:
    """Two enterprises in the order of a link; InputProblem if they are the same."""
    if one == other:
        raise problem(
            "linked-with-itself",
            one,
            "An enterprise is always one with itself.",
            "Name two enterprises, as their sources name them.",
        )
    return (one, other) if one < other else (other, one)


def evidence_words(evidence: str) -> str:
    """What speaks for a link, as people read it: how far each field agrees, or the reason given."""
    try:
        agreed = json.loads(evidence)
    except (ValueError, RecursionError):
        return evidence
    if not isinstance(agreed, dict):
        return evidence
    return "; ".join(f"{name.replace('_', ' ')}: {level}" for name, level in agreed.items())


def require_relation(relation: str) -> Relation:
    """The relation; InputProblem if it is none."""
    for known in RELATIONS:
        if relation == known:
            return known
    raise problem(
        "unknown-relation",
        relation,
        "Two enterprises cannot be this to each other.",
        f"Use one of: {', '.join(RELATIONS)}.",
    )


def standing(
    sayings: Iterable[Saying], known_at: datetime, entry: int | None = None
) -> dict[Pair, Saying]:
    """By pair what counts of it as known at a moment (naive UTC), as of an entry of the lake."""
    found: dict[Pair, Saying] = {}
    for saying in sayings:
        if saying.recorded_at > known_at or (entry is not None and saying.entry > entry):
            continue
        before = found.get(saying.pair)
        if before is None or before.rank < saying.rank:
            found[saying.pair] = saying
    return found


def read_sayings(lake: Lake, about: Iterable[str] | None = None) -> tuple[Saying, ...]:
    """Every version of every link of a lake; with `about` only of what is near these enterprises.

    Near is what links ever said to be the same as them, or as one that is near.
    """
    files = lake.files_of("links")
    if not files:
        return ()
    told = told_sql(lake.root, "links", files)
    with duckdb.connect() as connection:
        near = ""
        if about is not None:
            near = WITHIN
            _find_near(connection, told, about)
        rows = connection.execute(SAYINGS.format(told=told, near=near)).fetchall()
    return tuple(
        Saying(left, right, relation, probability, STRENGTHS[assurance], recorded_at, entry)
        for left, right, relation, probability, assurance, recorded_at, entry in rows
    )


def _find_near(connection: duckdb.DuckDBPyConnection, told: str, about: Iterable[str]) -> None:
    """The table `near`: the enterprises, and what links lead to from them."""
    connection.execute(
        "CREATE TEMP TABLE near AS SELECT DISTINCT UNNEST(?::VARCHAR[]) AS enterprise",
        [list(about)],
    )
    added = 1
    while added:
        ((added,),) = connection.execute(NEAR.format(told=told)).fetchall()


def tell_links(
    root: Path, links: Sequence[Link], at: datetime, source: str = FOUND
) -> Landed | None:
    """Land links as known from a moment on; None if the lake says all of them already.

    A link that its pair's standing one says already is left out, so that a program may tell all
    it finds each time. InputProblem if a pair is out of order or stands twice.
    """
    _require_pairs(links)
    moment = naive_utc(at)
    now = as_told(open_lake(root), source, moment)
    rows = [
        {
            "left_enterprise": link.left,
            "right_enterprise": link.right,
            "relation": link.relation,
            "probability": link.probability,
            "evidence": link.evidence,
            "made_by": link.made_by,
            "occurred_at": moment,
            "recorded_at": moment,
        }
        for link in links
        if now.get((link.left, link.right)) != link
    ]
    return tell(root, "links", rows, source, ASSURANCES[source]) if rows else None


def _require_pairs(links: Sequence[Link]) -> None:
    pairs = set()
    for link in links:
        if pair_of(link.left, link.right) != (link.left, link.right) or (
            (link.left, link.right) in pairs
        ):
            raise problem(
                "link-out-of-order",
                f"{link.left} and {link.right}",
                "A link names each pair once, the lesser first.",
                "Order the two by `pair_of`, and say of each pair one thing.",
            )
        pairs.add((link.left, link.right))
        require_relation(link.relation)


def as_told(lake: Lake, source: str, known_at: datetime) -> Mapping[Pair, Link]:
    """What a source last said of each pair by a moment."""
    files = lake.files_of("links")
    if not files:
        return {}
    rows = (
        duckdb.connect()
        .execute(
            "SELECT left_enterprise, right_enterprise, relation, probability, evidence, made_by "
            f"FROM ({told_sql(lake.root, 'links', files)}) "
            f"WHERE source = {literal(source)} AND recorded_at <= ? QUALIFY ROW_NUMBER() OVER ("
            "PARTITION BY left_enterprise, right_enterprise "
            "ORDER BY recorded_at DESC, entry DESC) = 1",
            [known_at],
        )
        .fetchall()
    )
    return {row[:2]: Link(*row) for row in rows}


def read_links(
    lake: Lake, known_at: datetime, about: str | None = None, entry: int | None = None
) -> tuple[Link, ...]:
    """The links that stood as known at a moment, by pair; with `about` those of one enterprise."""
    with lake.connect(end_of(date.max), known_at, entry, only=["links"]) as connection:
        wanted = "" if about is None else "WHERE ? IN (left_enterprise, right_enterprise)"
        rows = connection.execute(
            "SELECT left_enterprise, right_enterprise, relation, probability, evidence, made_by "
            f"FROM links {wanted} ORDER BY left_enterprise, right_enterprise",
            [] if about is None else [about],
        ).fetchall()
    return tuple(Link(*row) for row in rows)
