"""Finding links in a lake: what its sources tell of enterprises is linked, and the result told.

The engine sees names, registration numbers, addresses and representatives, in the clear and in
memory only. What is told names no person: evidence is how far each field agrees.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np

from tradeline.creditfile.linkage.comparisons import comparisons_of, levels_of
from tradeline.creditfile.linkage.doubtful_identifiers import IdentifierTerms, number_findings
from tradeline.creditfile.linkage.doubtful_names import name_findings
from tradeline.creditfile.linkage.entities import END_OF_TIME
from tradeline.creditfile.linkage.fields import Comparison, Field
from tradeline.creditfile.linkage.grouping import THRESHOLD
from tradeline.creditfile.linkage.identifier_history import Registered, numbers_today
from tradeline.creditfile.linkage.kept import Kept, read_kept, write_kept
from tradeline.creditfile.linkage.learning import JudgedPair, Teaching
from tradeline.creditfile.linkage.linking import link, read_model
from tradeline.creditfile.linkage.links import (
    FOUND,
    Link,
    Pair,
    Relation,
    as_told,
    pair_of,
    read_sayings,
    require_relation,
    standing,
    tell_links,
)
from tradeline.creditfile.linkage.mixture import SAME, UNRELATED, Weights
from tradeline.creditfile.linkage.records import Table
from tradeline.kernel.findings import Finding
from tradeline.kernel.hashing import canonical_json, hash_bytes
from tradeline.kernel.moments import naive_utc
from tradeline.lake.sealing import plainly
from tradeline.lake.store import Lake, open_lake

MADE_BY = "tradeline linkage"
SOURCE = "lake"
GONE = '{"found":"no longer"}'
"""The evidence of a pair that was found before and is no longer."""
DIGITS = 6
"""Of a probability, so that what a model learned a little otherwise is not told again."""

KINDS = {
    "name": "company_name",
    "registration": "identifier",
    "person": "person_name",
    "address": "address",
}
FIELDS = tuple(Field(name, kind, name, name) for name, kind in KINDS.items())

# What the last registration says counts, its number as it changed; who is erased is linked by
# nothing.
TOLD = """
SELECT e.enterprise AS record, e.name, r.registration_no AS registration,
  r.representative AS person, r.address
FROM enterprises AS e LEFT JOIN registrations AS r ON r.enterprise = e.enterprise
WHERE NOT e.erased
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY e.enterprise ORDER BY r.occurred_at DESC, r.registration_no) = 1
"""
NUMBERS = """
SELECT enterprise, registration_no, occurred_at, status = 'deregistered' FROM registrations
WHERE NOT erased
"""
JUDGED_PAIRS = """
SELECT one.record, other.record, judged.relation, probability, told, a.cluster = b.cluster
FROM judged JOIN records AS one ON one.n = l JOIN records AS other ON other.n = r
JOIN clusters AS a ON a.n = l JOIN clusters AS b ON b.n = r
ORDER BY ALL
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a lake: how many links of each relation, and the entry that tells of them.

    `entry` is None where the lake says all of it already. `findings` are names and numbers that
    tell little of who an enterprise is. `taught_by` is how many records and judgements taught the
    weights, where they were learned anew.
    """

    links: tuple[Link, ...]
    withdrawn: int
    entry: int | None
    findings: tuple[Finding, ...] = ()
    taught_by: tuple[int, int] | None = None


def find_links(
    root: Path,
    at: datetime,
    terms: IdentifierTerms,
    key_file: Path | None = None,
    *,
    anew: bool = False,
) -> Found:
    """Link the enterprises of a lake as known at a moment, and tell what was found from then on.

    A pair that was found before and is no longer is told to be undecided. Judgements stand as they
    are, and teach when weights are learned: `anew`, or where what was learned before does not serve
    any more. Where nothing changed since the last run, nothing is compared. InputProblem if the
    keys cannot be had.
    """
    moment, lake = naive_utc(at), open_lake(root)
    with duckdb.connect() as connection:
        records = _read_records(lake, moment, key_file, connection)
        if not records:
            return Found((), *_tell(root, lake, (), moment))
        findings = _doubts(connection, terms)
        kept = None if anew else read_kept(root, FIELDS)
        told = connection.execute("FROM told ORDER BY record").fetchall()
        if kept and kept.seen == _seen(told, lake, moment):
            return Found(_standing(lake, moment), 0, None, findings)
        serving = kept if kept and kept.serves(records) else None
        judged = () if serving else _judged(lake, moment)
        links, weights = _linked(connection, Teaching(judged, serving.weights if serving else None))
    withdrawn, entry = _tell(root, lake, links, moment)
    taught_by = (serving.records, serving.judged) if serving else (records, len(judged))
    seen = _seen(told, open_lake(root), moment)
    write_kept(root, Kept(weights, *taught_by, seen), FIELDS)
    return Found(links, withdrawn, entry, findings, None if serving else taught_by)


def _tell(root: Path, lake: Lake, links: tuple[Link, ...], at: datetime) -> tuple[int, int | None]:
    """Tell links and withdraw others; how many were withdrawn, and the entry that tells of it."""
    gone = list(_withdrawn(lake, {(one.left, one.right) for one in links}, at))
    landed = tell_links(root, [*links, *gone], at)
    return len(gone), landed.entry if landed else None


def _linked(
    connection: duckdb.DuckDBPyConnection, teaching: Teaching
) -> tuple[tuple[Link, ...], Weights]:
    """What the engine finds among the enterprises that were told, and the weights it judged by."""
    columns = {field.name: field.name for field in FIELDS}
    link(connection, FIELDS, [Table("told", SOURCE, "record", columns)], teaching=teaching)
    rows = connection.execute(JUDGED_PAIRS).fetchall()
    return tuple(_as_links(rows, comparisons_of(FIELDS))), read_model(connection).weights


def _judged(lake: Lake, known_at: datetime) -> tuple[JudgedPair, ...]:
    """What people said of pairs, as far as it stands."""
    stands = standing(read_sayings(lake), known_at).values()
    return tuple(
        JudgedPair((SOURCE, saying.left), (SOURCE, saying.right), saying.relation == SAME)
        for saying in sorted(stands, key=lambda saying: saying.pair)
        if saying.judged and saying.relation != "undecided"
    )


def _seen(told: Sequence[tuple[str, ...]], lake: Lake, known_at: datetime) -> str:
    """The hash of all that a run depends on: what enterprises say, and what was found of them."""
    links = sorted(as_told(lake, FOUND, known_at).values(), key=lambda one: (one.left, one.right))
    return hash_bytes(canonical_json([told, [asdict(one) for one in links]]).encode())


def _standing(lake: Lake, known_at: datetime) -> tuple[Link, ...]:
    """What the last run found."""
    return tuple(
        link
        for _, link in sorted(as_told(lake, FOUND, known_at).items())
        if link.made_by == MADE_BY and link.evidence != GONE
    )


def _doubts(connection: duckdb.DuckDBPyConnection, terms: IdentifierTerms) -> tuple[Finding, ...]:
    """What is wrong with the names of records, and with numbers that are mostly of one kind."""
    told = connection.execute("SELECT name, registration FROM told ORDER BY record").fetchall()
    names, numbers = map(list, zip(*told, strict=True))
    return name_findings(names, "names of enterprises") + number_findings(
        numbers, "registration numbers", terms
    )


def _read_records(
    lake: Lake, known_at: datetime, key_file: Path | None, into: duckdb.DuckDBPyConnection
) -> int:
    """The table `told`: a record for each enterprise; how many there are."""
    only = ("enterprises", "registrations")
    with (
        lake.connect(
            END_OF_TIME, known_at, key_file=key_file, show_erased=True, only=only
        ) as connection,
        plainly(),
    ):
        rows = connection.execute(TOLD).fetchall()
        numbers = connection.execute(NUMBERS).fetchall()
    today = numbers_today(Registered(*row) for row in numbers)
    rows = [(firm, name, today.get(firm), *rest) for firm, name, _, *rest in rows]
    names = ("record", *KINDS)
    columns = ", ".join(f"UNNEST(?::VARCHAR[]) AS {name}" for name in names)
    values = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in names]
    into.execute(f"CREATE TEMP TABLE told AS SELECT {columns}", values)
    return len(rows)


def _as_links(
    rows: Sequence[tuple[str, str, str, float, int, bool]], comparisons: Sequence[Comparison]
) -> list[Link]:
    evidence = _in_words({row[4] for row in rows}, comparisons)
    found = (
        Link(
            *pair_of(one, other),
            _relation(relation, probability, together),
            round(probability, DIGITS),
            evidence[pattern],
            MADE_BY,
        )
        for one, other, relation, probability, pattern, together in rows
        if probability >= THRESHOLD or relation != UNRELATED
    )
    return sorted(found, key=lambda each: (each.left, each.right))


def _relation(relation: str, probability: float, together: bool) -> Relation:
    """What the register is told, so that its entities are the engine's clusters.

    A likely pair whose clusters stayed apart is undecided, and so is an unlikely one in a cluster
    that all its evidence together joins: neither may join or hold apart by itself.
    """
    likely = probability >= THRESHOLD
    if together and likely:
        return "same"
    return "undecided" if together or likely or relation == SAME else require_relation(relation)


def _in_words(patterns: Iterable[int], comparisons: Sequence[Comparison]) -> dict[int, str]:
    """By pattern, how far each field agrees, as JSON; fields that say nothing are left out."""
    numbers = np.array(sorted(patterns), np.int64)
    words = {}
    for number, levels in zip(numbers.tolist(), levels_of(numbers, comparisons), strict=True):
        agreed = {}
        for one, place in zip(comparisons, levels.tolist(), strict=True):
            if place >= 0:
                names = (one.otherwise, *(name for name, _ in reversed(one.levels)))
                agreed[one.name] = names[place]
        words[number] = canonical_json(agreed)
    return words


def _withdrawn(lake: Lake, pairs: set[Pair], known_at: datetime) -> Iterable[Link]:
    """What was told of pairs that are not found any more."""
    for pair, told in as_told(lake, FOUND, known_at).items():
        if told.made_by == MADE_BY and told.relation != "undecided" and pair not in pairs:
            yield Link(*pair, "undecided", 0.0, GONE, MADE_BY)
