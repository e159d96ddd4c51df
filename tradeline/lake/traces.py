"""What a lake keeps of a subject: its rows, and refused rows whose text tells of it."""

from collections import defaultdict
from collections.abc import Iterable

import duckdb

from tradeline.lake.keys import SubjectKeys
from tradeline.lake.log import Entry
from tradeline.lake.reading import told_sql
from tradeline.lake.records import REFUSED
from tradeline.lake.sealing import can_open, opened_sql, plainly
from tradeline.lake.sql_text import literal
from tradeline.lake.store import Lake
from tradeline.lake.subjects import BATCH, FIELDS, IDENTIFYING, SEALED

Rows = dict[str, dict[str, int]]
RowsByEntry = dict[str, list[tuple[str, int, int]]]


def rows_by_entry(lake: Lake, pseudonyms: Iterable[str]) -> RowsByEntry:
    """How many rows of subjects each entry landed: by pseudonym the contract, the entry, rows."""
    listed = ", ".join(literal(name) for name in pseudonyms)
    found: RowsByEntry = defaultdict(list)
    connection = duckdb.connect()
    for dataset in SEALED if listed else ():
        rows = told_sql(lake.root, dataset, lake.files_of(dataset))
        query = (
            f"SELECT subject, entry, count(*) FROM ({rows}) WHERE subject IN ({listed}) "
            "GROUP BY subject, entry ORDER BY ALL"
        )
        for subject, entry, number in connection.execute(query).fetchall():
            found[subject].append((dataset, entry, number))
    return dict(found)


def rows_before(rows: RowsByEntry, entry: Entry) -> Rows:
    """The rows of the subjects of an act that were landed before its entry, by contract."""
    return {
        name: _summed(told for told in rows.get(name, ()) if told[1] < entry.number)
        for name in (entry.act.rows if entry.kind == "erasure" and entry.act else ())
    }


def rows_of(lake: Lake, pseudonyms: Iterable[str]) -> Rows:
    """How many rows of each contract the lake keeps of subjects, by pseudonym; none, no key."""
    found = rows_by_entry(lake, pseudonyms)
    return {name: _summed(told) for name, told in found.items()}


def _summed(told: Iterable[tuple[str, int, int]]) -> dict[str, int]:
    total: dict[str, int] = defaultdict(int)
    for dataset, _, number in told:
        total[dataset] += number
    return dict(total)


def telling_batches(lake: Lake, keys: SubjectKeys, subjects: Iterable[str]) -> list[str]:
    """The batches whose refused rows tell of subjects: by their ids, or by what names them."""
    if not lake.files_of(REFUSED):
        return []
    connection = duckdb.connect()
    can_open(connection, lambda: keys)
    with plainly():
        words = _words(connection, lake, keys, subjects)
        query = (
            "SELECT DISTINCT batch, concat_ws(' ', enterprise, reason, content) "
            f"FROM ({_opened(lake, REFUSED)}) WHERE NOT erased"
        )
        texts = connection.execute(query).fetchall()
    return sorted({batch for batch, text in texts if any(word in text for word in words)})


def _opened(lake: Lake, dataset: str) -> str:
    rows = told_sql(lake.root, dataset, lake.files_of(dataset))
    return opened_sql(dataset, rows, lake.erased, show_erased=True)


def _words(
    connection: duckdb.DuckDBPyConnection, lake: Lake, keys: SubjectKeys, subjects: Iterable[str]
) -> set[str]:
    """What a text that tells of a subject would hold: its id and the values that name it."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for subject in subjects:
        kind, _, identity = subject.partition(":")
        if kind != BATCH and keys.pseudonym(subject) in keys.wrapped:
            by_kind[kind].append(identity)
    words = {identity for identities in by_kind.values() for identity in identities}
    for dataset, column in IDENTIFYING:
        kind = FIELDS[dataset]
        query = (
            f"SELECT DISTINCT CAST({column} AS VARCHAR) FROM ({_opened(lake, dataset)}) "
            f"WHERE NOT erased AND {column} IS NOT NULL AND {kind} IN (SELECT unnest(?))"
        )
        if by_kind[kind]:
            found = connection.execute(query, [by_kind[kind]]).fetchall()
            words |= {name for (name,) in found}
    return words
