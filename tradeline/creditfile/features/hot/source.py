"""New rows for a hot store from the entries of a lake, their enterprises numbered."""

from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.hot.files import FileRecord, Manifest, force, recorded
from tradeline.creditfile.features.hot.needs import (
    ENTRY_SHIFT,
    STRENGTH_SHIFT,
    Need,
    select_sql,
    stamp_sql,
)
from tradeline.creditfile.features.hot.rows import Block, Rows, arranged, empty_rows
from tradeline.lake.contracts import BY_NAME
from tradeline.lake.log import DataFile
from tradeline.lake.reading import looking, rows_sql
from tradeline.lake.records import Assurance, key_columns, strength_sql
from tradeline.lake.sql_text import literal
from tradeline.lake.store import Lake

Array = NDArray[Any]
Files = Mapping[str, list[DataFile]]

NOBODY = "(SELECT CAST(NULL AS VARCHAR) AS enterprise, CAST(NULL AS BIGINT) AS firm WHERE false)"
NAMED = "CREATE TEMP TABLE named (enterprise VARCHAR, firm BIGINT)"
KNOWN = "CREATE TEMP VIEW known AS SELECT enterprise, firm FROM {names}"
# A name has a number from the first row on that it is told with.
NAME = """
INSERT INTO named
SELECT enterprise, {first} + ROW_NUMBER() OVER (ORDER BY enterprise) - 1
FROM ({told}) ANTI JOIN known USING (enterprise)
"""
FIRMS = "CREATE TEMP VIEW firms AS FROM named UNION ALL FROM known"


def names_sql(root: Path, manifest: Manifest) -> str:
    """The names and numbers of the enterprises of a store that has any, as a table."""
    return f"read_parquet([{', '.join(literal(str(root / f.path)) for f in manifest.names)}])"


class NewRows:
    """The rows of a lake that a store has not; a context, as it holds a connection.

    `firms` counts the enterprises of the store and those that have come.
    """

    def __init__(
        self, lake: Lake, root: Path, manifest: Manifest, needs: Mapping[str, Need]
    ) -> None:
        self.lake, self.needs, self.after = lake, needs, manifest.entry
        self.identified = manifest.identified
        self.known = self.firms = manifest.firms
        self.connection = looking().cursor()
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute(NAMED)
        held = names_sql(root, manifest) if manifest.names else NOBODY
        self.connection.execute(KNOWN.format(names=held))

    def __enter__(self) -> "NewRows":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.connection.close()

    def blocks(self) -> Iterator[tuple[Array, Block]]:
        """The numbers of enterprises and their new rows: bucket by bucket if all rows are new."""
        added = {file.path for entry in self.lake.entries[self.after :] for file in entry.adds}
        files = [f for f in self.lake.files if f.path in added and f.dataset in self.needs]
        if not self.after:
            for bucket in sorted({file.bucket for file in files}):
                yield self._all_of(_by_contract(f for f in files if f.bucket == bucket))
        elif files:
            yield self._among_known(_by_contract(files))

    def _all_of(self, files: Files) -> tuple[Array, Block]:
        """All rows of the enterprises of a bucket; in its files they stand by enterprise."""
        first = self._name(files)
        members = np.arange(first, self.firms)
        for salt in count():
            hashed = f"hash(enterprise{f', {salt}' if salt else ''})"
            query = f"SELECT {hashed} AS told FROM named WHERE firm >= ? ORDER BY firm"
            told = self.connection.execute(query, [first]).fetchnumpy()["told"]
            if np.unique(told).size == told.size:
                break
        made = {}
        for name, need in self.needs.items():
            if name not in files:
                made[name] = empty_rows(need, members.size)
                continue
            found = self._found(f"{hashed} AS firm", need, files[name], "")
            made[name] = arranged(need, members.size, found | {"firm": _places(found, told)})
        return members, Block(made)

    def _among_known(self, files: Files) -> tuple[Array, Block]:
        self._name(files)
        self.connection.execute(FIRMS)
        found = {
            name: self._found("firm", self.needs[name], own, " JOIN firms USING (enterprise)")
            for name, own in files.items()
        }
        members = np.unique(np.concatenate([columns["firm"] for columns in found.values()]))
        made: dict[str, Rows] = {}
        for name, need in self.needs.items():
            if name not in found:
                made[name] = empty_rows(need, members.size)
                continue
            places = np.searchsorted(members, found[name]["firm"])
            made[name] = arranged(need, members.size, found[name] | {"firm": places})
        return members, Block(made)

    def _name(self, files: Files) -> int:
        """Number the enterprises that are new; the first of their numbers."""
        first = self.firms
        told = (f"SELECT enterprise FROM {self._rows_sql(own)}" for own in files.values())
        union = f"SELECT DISTINCT enterprise FROM ({' UNION ALL '.join(told)})"
        row = self.connection.execute(NAME.format(first=first, told=union)).fetchone()
        self.firms += int(row[0]) if row else 0
        return first

    def _rows_sql(self, files: list[DataFile]) -> str:
        # A file that compaction wrote holds rows of earlier entries too.
        newer = f" WHERE entry > {self.after:d}" if self.after else ""
        return f"({rows_sql(self.lake.root, files)}{newer})"

    def _found(
        self, firm: str, need: Need, files: list[DataFile], join: str
    ) -> dict[str, Array]:  # fmt: skip
        stamp = self._one_stamp(files)
        stamped = [] if stamp is not None else [f"{stamp_sql(strength_sql())} AS stamp"]
        key = ", ".join(key_columns(BY_NAME[need.contract]))
        identity = [f"hash({key}) AS identity"] if self.identified else []
        columns = select_sql(need, (*stamped, *identity))
        query = f"SELECT {firm}, {columns} FROM {self._rows_sql(files)}{join}"
        found: dict[str, Array] = self.connection.execute(query).fetchnumpy()
        if stamp is not None:
            found["stamp"] = np.full(found["occurred"].size, stamp)
        return found

    def _one_stamp(self, files: list[DataFile]) -> int | None:
        """The stamp of all rows of files, if one batch told them and none revises another."""
        paths = {file.path for file in files}
        entries = [e for e in self.lake.entries if not paths.isdisjoint(f.path for f in e.adds)]
        if len(entries) > 1 or not entries[0].batch or any(file.revisions for file in files):
            return None
        strength = 1 + list(Assurance).index(Assurance(entries[0].batch.assurance))
        return (entries[0].number << ENTRY_SHIFT) + (strength << STRENGTH_SHIFT)

    def write_names(self, path: Path) -> tuple[FileRecord, ...]:
        """Write the names of the enterprises that came, if any did."""
        if self.firms == self.known:
            return ()
        told = "SELECT enterprise, firm FROM named ORDER BY firm"
        self.connection.execute(f"COPY ({told}) TO {literal(str(path))} (FORMAT parquet)")
        force(path)
        return (recorded(path),)


def _by_contract(files: Any) -> Files:
    found: dict[str, list[DataFile]] = {}
    for file in files:
        found.setdefault(file.dataset, []).append(file)
    return found


def _places(found: Mapping[str, Array], told: Array) -> Array:
    """The place of each row's enterprise among those of which the hashes are told."""
    hashed = np.ma.getdata(found["firm"])
    starts = np.flatnonzero(np.concatenate([[True], hashed[1:] != hashed[:-1]])[: hashed.size])
    order = np.argsort(told)
    places = order[np.searchsorted(told[order], hashed[starts])]
    return np.repeat(places, np.diff(np.append(starts, hashed.size)))
