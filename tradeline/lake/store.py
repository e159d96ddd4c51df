"""A lake: a folder of append-only Parquet whose log says what counts (docs/guides/lake.md).

Every record keeps two clocks, its source, batch and assurance. Nothing is changed in place: a
correction is a later version of the same key, and reads say as of when and as known when.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from tradeline.kernel.findings import problem
from tradeline.kernel.hashing import canonical_json, hash_bytes
from tradeline.kernel.moments import naive_utc
from tradeline.lake.commit import DATA, STAGING, clear, only_writer, write_new
from tradeline.lake.contracts import BY_NAME, CONTRACTS
from tradeline.lake.keys import SubjectKeys, load_keys, make_keys, restored
from tradeline.lake.log import LOG, DataFile, Entry, read_log
from tradeline.lake.reading import Moment, history_sql, latest_sql, refused_sql, told_sql
from tradeline.lake.records import REFUSED, bucket_of
from tradeline.lake.sealing import can_open, opened_sql
from tradeline.lake.sql_text import literal

BIRTH = "lake.json"
FORMAT = {"format": "tradeline-lake", "version": 2}
DATASETS = (*(contract.name for contract in CONTRACTS), REFUSED)
BUCKETED = frozenset(c.name for c in CONTRACTS if "enterprise" in c.columns)


@dataclass(frozen=True, slots=True)
class Lake:
    """A lake as its log told of it when it was opened; later entries do not change it.

    `signer` is the public key that checks what was decided of subjects.
    """

    root: Path
    signer: str
    entries: tuple[Entry, ...]

    @property
    def files(self) -> tuple[DataFile, ...]:
        """The files that hold the rows now: added and not replaced since."""
        replaced = {path for entry in self.entries for path in entry.replaces}
        added = (file for entry in self.entries for file in entry.adds)
        return tuple(file for file in added if file.path not in replaced)

    def files_of(
        self,
        dataset: str,
        buckets: Collection[str] | None = None,
        firms: Collection[str] | None = None,
    ) -> tuple[DataFile, ...]:
        """The files of one contract, or of `refused`; with `buckets` only of the firms in them.

        With `firms` only those of the buckets in which these may stand.
        """
        found = (file for file in self.files if file.dataset == dataset)
        if firms is not None:
            buckets = set(map(bucket_of, firms))
        if buckets is None or dataset not in BUCKETED:
            return tuple(found)
        return tuple(file for file in found if file.bucket in buckets)

    @property
    def erased(self) -> frozenset[str]:
        """The pseudonyms of the subjects whose keys were destroyed."""
        acts = (entry.act for entry in self.entries if entry.kind == "erasure" and entry.act)
        return frozenset(subject for act in acts for subject in act.rows)

    @property
    def held(self) -> dict[str, tuple[int, str]]:
        """The subjects under a legal hold, by pseudonym: the entry that holds them and why."""
        standing: dict[str, tuple[int, str]] = {}
        for entry in self.entries:
            for subject in entry.act.rows if entry.act else ():
                if entry.act and entry.kind == "hold":
                    standing[subject] = (entry.number, entry.act.reason)
                elif entry.kind == "release":
                    standing.pop(subject, None)
        return standing

    def keys(self, key_file: Path | None = None) -> SubjectKeys:
        """The keys of the subjects; InputProblem if they cannot be had or an erased one came back.

        The file is the one named, that of TRADELINE_LAKE_KEY_FILE, or the one beside the lake.
        """
        keys = load_keys(self.root, self.signer, key_file)
        back = sorted(self.erased & keys.wrapped.keys())
        if back:
            raise restored(keys, back)
        keys.destroyed |= dict.fromkeys(self.erased - keys.destroyed.keys(), "")
        return keys

    def landing_of(self, batch: str) -> Entry | None:
        """The entry that landed a batch; None if it was not landed."""
        for entry in self.entries:
            if entry.batch and entry.batch.id == batch:
                return entry
        return None

    def connect(
        self,
        as_of: datetime,
        known_at: datetime,
        entry: int | None = None,
        *,
        key_file: Path | None = None,
        show_erased: bool = False,
        firms: Collection[str] | None = None,
        only: Collection[str] = DATASETS,
    ) -> duckdb.DuckDBPyConnection:
        """A connection with a view for each contract, columns as a landed folder has them.

        A view holds for each key the version last recorded by `known_at`, where that occurred by
        `as_of`; naive moments are UTC. `told_` and the contract's name is a view of every version.
        With `entry` the lake stands as after that entry, whatever was landed since. What is
        computed as of a moment is read from a connection as known at that moment.

        A personal value is opened where a query evaluates it, and the keys are read only then. A
        query that needs one that is erased fails (`lake.sealing.plainly` says it plainly); with
        `show_erased` it reads as NULL. The column `erased` says of which rows that is so.

        With `firms` the views of what firms do hold these alone, and only their files are read;
        with `only` there are the views of these datasets alone.
        """
        moment = Moment(naive_utc(as_of), naive_utc(known_at), entry)
        connection = self._opening(key_file)
        for name in (name for name in DATASETS if name in only):
            files = self.files_of(name, firms=firms)
            told = self._told(name, files, show_erased, firms)
            connection.execute(f"CREATE VIEW told_{name} AS {told}")
            shown = (
                refused_sql(moment)
                if name == REFUSED
                else latest_sql(self.root, BY_NAME[name], files, moment)
            )
            connection.execute(f"CREATE VIEW {name} AS {shown}")
        return connection

    def history(
        self,
        buckets: Collection[str] | None = None,
        only: Collection[str] = BY_NAME,
        *,
        key_file: Path | None = None,
        show_erased: bool = False,
        firms: Collection[str] | None = None,
    ) -> duckdb.DuckDBPyConnection:
        """A connection with a view of all that was ever told under contracts, for any moment.

        Each row says when it was superseded (`superseded_at`, NULL if it stands). With `buckets`
        the views hold the firms of these, with `firms` these alone, and contracts without firms
        whole. Personal values are opened, and erased ones refused or shown, as by `connect`.
        """
        connection = self._opening(key_file)
        for contract in (BY_NAME[name] for name in only):
            files = self.files_of(contract.name, buckets, firms)
            told = self._told(contract.name, files, show_erased, firms)
            connection.execute(f"CREATE VIEW told_{contract.name} AS {told}")
            every = history_sql(self.root, contract, files)
            connection.execute(f"CREATE VIEW {contract.name} AS {every}")
        return connection

    def _opening(self, key_file: Path | None) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect()
        connection.execute("SET TimeZone = 'UTC'")
        can_open(connection, lambda: self.keys(key_file))
        return connection

    def _told(
        self,
        dataset: str,
        files: tuple[DataFile, ...],
        show_erased: bool,
        firms: Collection[str] | None,
    ) -> str:
        rows = told_sql(self.root, dataset, files)
        if firms is not None and dataset in BUCKETED:
            listed = ", ".join(map(literal, sorted(firms))) or "NULL"
            rows = f"SELECT * FROM ({rows}) WHERE enterprise IN ({listed})"
        return opened_sql(dataset, rows, self.erased, show_erased)


def init_lake(root: Path, key_file: Path | None = None) -> Path:
    """Make an empty lake in a new or empty folder, and its keys outside of it: the key file.

    InputProblem if the folder holds anything, if there is a key file already or it would stand in
    the lake, and without the ciphers (extra `platform`).
    """
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise problem(
            "folder-not-empty",
            str(root),
            "A lake needs a new or empty folder; this one holds something.",
            "Name another folder.",
        )
    key = make_keys(root, key_file)
    for part in (LOG, DATA, STAGING):
        (root / part).mkdir(parents=True)
    birth = canonical_json(FORMAT | {"signer": key.signer}) + "\n"
    write_new(root / STAGING, birth, root / BIRTH)
    return key.path


def is_lake(folder: Path) -> bool:
    """Whether a folder is a lake."""
    return (folder / BIRTH).is_file()


def open_lake(root: Path) -> Lake:
    """The lake in a folder, its log checked; InputProblem if there is none or the log is broken."""
    try:
        birth = (root / BIRTH).read_bytes()
    except OSError:
        raise problem(
            "no-lake",
            str(root),
            "This folder is no lake.",
            f"`tradeline lake init {root}` makes one in a new or empty folder.",
        ) from None
    table = _table(birth)
    if any(table.get(name) != value for name, value in FORMAT.items()):
        raise problem(
            "other-lake",
            BIRTH,
            "The lake is of a kind that this version cannot read.",
            "Use the version of tradeline that wrote it.",
        )
    return Lake(root, str(table.get("signer")), read_log(root, hash_bytes(birth)))


def birth_hash(root: Path) -> str:
    """What the first entry of a lake names as the one before: the hash of its `lake.json`."""
    return hash_bytes((root / BIRTH).read_bytes())


def _table(birth: bytes) -> dict[str, Any]:
    try:
        found = json.loads(birth)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def next_entry(lake: Lake) -> tuple[int, str]:
    """The number of the entry to come, and the hash that it names as the one before."""
    last = lake.entries[-1] if lake.entries else None
    return len(lake.entries) + 1, last.hash if last else birth_hash(lake.root)


def clear_leftovers(lake: Lake) -> None:
    """Remove what killed writers left; only while no other writer is at work."""
    clear(lake.root, (file.path for entry in lake.entries for file in entry.adds))


def sweep(root: Path, progress: Callable[[str], None]) -> tuple[int, int]:
    """Remove files that compaction replaced and what killed writers left: files and bytes gone.

    Waits for a writer; readers who opened the lake before a compaction must open it again.
    """
    open_lake(root)
    with only_writer(root, progress):
        return clear(root, (file.path for file in open_lake(root).files))
