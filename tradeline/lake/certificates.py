"""Certificates of erasure: what a third party needs to check one, and the check.

What can be shown: the log's chain and the signature hold, the rows are still there, and no key of
the ring opens them. What cannot be shown is that no copy of a destroyed key is kept elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from tradeline.kernel.findings import InputProblem, problem
from tradeline.kernel.hashing import canonical_json
from tradeline.lake.erasure import forged_act
from tradeline.lake.keys import SubjectKeys
from tradeline.lake.log import Entry, entry_table
from tradeline.lake.reading import told_sql
from tradeline.lake.records import personal_columns
from tradeline.lake.sql_text import literal
from tradeline.lake.store import Lake, birth_hash
from tradeline.lake.subjects import subject_named
from tradeline.lake.traces import rows_before, rows_by_entry

KIND = "tradeline-erasure"
CHECK = (
    "sha256sum of lake.json and of each file gives the hashes here; each log entry names the hash "
    "of the one before; `signer` in lake.json checks the entry's signature: Ed25519, over the "
    "entry as canonical JSON with an empty signature and without `hash`. "
    "`tradeline lake check LAKE CERTIFICATE` does all of it."
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What of a certificate holds: rows that are still there, values tried, keys tried on them."""

    rows: int
    values: int
    keys: int


def certificate(lake: Lake, entry: Entry) -> dict[str, Any]:
    """The certificate of an erasure, to be written as JSON."""
    assert entry.act
    return {
        "certificate": KIND,
        "version": 1,
        "lake": birth_hash(lake.root),
        "signer": lake.signer,
        "entry": entry_table(entry),
        "files": list(_files(lake, entry)),
        "how_to_check": CHECK,
    }


def _files(lake: Lake, entry: Entry) -> Iterator[dict[str, Any]]:
    """The files that hold the rows now; compaction moves rows, so they may change later."""
    assert entry.act
    datasets = {dataset for told in entry.act.rows.values() for dataset in told}
    subjects = ", ".join(literal(name) for name in sorted(entry.act.rows))
    for file in lake.files:
        if file.dataset in datasets:
            query = f"SELECT count(*) FROM read_parquet(?) WHERE subject IN ({subjects})"
            row = duckdb.connect().execute(query, [str(lake.root / file.path)]).fetchone()
            if row and row[0]:
                yield {"path": file.path, "sha256": file.sha256, "rows": row[0]}


def check_certificate(
    lake: Lake, table: Mapping[str, Any], keys: SubjectKeys | None, subject: str = ""
) -> Checked:
    """Check a certificate against the lake, and with the keys that none of them opens the values.

    With `subject` it must be of that one, which only the keys can tell. InputProblem says what does
    not hold.
    """
    entry = _certified(lake, table)
    assert entry.act
    if subject and (keys is None or keys.pseudonym(subject_named(subject)) not in entry.act.rows):
        raise _refuted(f"The certificate is not of {subject}, or the keys are missing that tell.")
    forged = forged_act(lake)
    if forged:
        raise InputProblem([forged])
    kept = rows_before(rows_by_entry(lake, entry.act.rows), entry)
    if entry.act.rows != kept:
        raise _refuted("The lake keeps other rows of the subjects than the certificate says.")
    sealed = list(_sealed(lake, entry))
    tried = _open_none(keys, sealed) if keys else 0
    return Checked(sum(sum(told.values()) for told in kept.values()), len(sealed), tried)


def _certified(lake: Lake, table: Mapping[str, Any]) -> Entry:
    if table.get("certificate") != KIND or not isinstance(table.get("entry"), dict):
        raise _refuted("This is no certificate of an erasure.")
    if (table.get("lake"), table.get("signer")) != (birth_hash(lake.root), lake.signer):
        raise _refuted("The certificate is of another lake.")
    stated = canonical_json(table["entry"])
    for entry in lake.entries:
        if entry.kind == "erasure" and canonical_json(entry_table(entry)) == stated:
            return entry
    raise _refuted("The log holds no such erasure: the certificate or the log was altered.")


def _sealed(lake: Lake, entry: Entry) -> Iterator[tuple[str, str, bytes]]:
    """A value of each column of each subject: its place, the subject, what is stored."""
    assert entry.act
    connection = duckdb.connect()
    for subject, told in sorted(entry.act.rows.items()):
        for dataset in told:
            rows = told_sql(lake.root, dataset, lake.files_of(dataset))
            for name in personal_columns(dataset):
                query = (
                    f"SELECT {name} FROM ({rows}) WHERE subject = ? AND {name} IS NOT NULL LIMIT 1"
                )
                for (value,) in connection.execute(query, [subject]).fetchall():
                    yield f"{dataset}.{name}", subject, value


def _open_none(keys: SubjectKeys, sealed: list[tuple[str, str, bytes]]) -> int:
    for place, subject, value in sealed:
        for holder in keys.wrapped:
            if keys.opens(holder, place, subject, value):
                raise _refuted(f"The key of {holder} opens a value of the erased {subject}.")
    return len(keys.wrapped)


def _refuted(message: str) -> InputProblem:
    return problem("not-certified", "certificate", message, "Do not rely on it.")
