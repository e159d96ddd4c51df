"""A portfolio as a folder to which is only added: loans and events as they landed, in chunks.

`log/` holds an entry for each landing, chained to the one before; `chunks/` the loans in chunks,
and of every landing the events and what is attached to loans; `pds/` PDs by grade. A file that no
entry names is no part of the portfolio.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tradeline.kernel.chain import BEGINNING, chained_line, read_chain
from tradeline.kernel.findings import problem
from tradeline.kernel.hashing import canonical_json, hash_file
from tradeline.kernel.money import minor_digits
from tradeline.lake.columns import objects, write_columns
from tradeline.lake.commit import force, write_new
from tradeline.lending.end_of_day.attached import TABLES, arrays_of
from tradeline.lending.end_of_day.columns import GUIDE
from tradeline.lending.end_of_day.curves import PDS, Curve, write_curves
from tradeline.lending.value_reader import ValueReader

LOG, CHUNKS = "log", "chunks"
ADVANCES = "advances.parquet"
LOANS, EVENTS, ATTACHED = "loans.parquet", "events-{:08d}.parquet", "{}-{:08d}.parquet"
LOANS_OF_CHUNK = 20_000
REMEDY = "Bring the portfolio back from a copy; what stands before this entry is sound."
NAME = re.compile(r"\d{8}\.json")
KEYS = ("loan", "product", "lender", "currency")
REPAYMENT = "repayment"

Texts = Mapping[str, str]
Attached = Mapping[str, Sequence[Texts]]


@dataclass(frozen=True, slots=True)
class Landed:
    """A loan's terms and events as rows of texts (see `columns`), events in order of entry.

    `attached` are rows of other tables, by their names (see `attached`).
    """

    texts: Texts
    events: Sequence[Texts]
    attached: Attached = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Later:
    """More of a loan that landed before: its chunk, its place in it, its currency."""

    chunk: int
    place: int
    currency: str
    events: Sequence[Texts]
    attached: Attached = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Landing:
    """What landed together: the chunks it made, how many loans and events, its files' hashes."""

    number: int
    first_chunk: int
    chunks: int
    loans: int
    events: int
    files: Mapping[str, str]
    hash: str


def landings(root: Path) -> tuple[Landing, ...]:
    """All landings in order; InputProblem if the folder is no portfolio or was altered."""
    if not (root / LOG).is_dir():
        raise problem(
            "no-portfolio",
            str(root),
            "This is no portfolio.",
            "Import one: tradeline loans import FOLDER --into DIR.",
        )
    files = sorted(path for path in (root / LOG).iterdir() if NAME.fullmatch(path.name))
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    return tuple(
        Landing(*(entry[name] for name in Landing.__slots__))
        for entry in read_chain(text, str(root / LOG), REMEDY)
    )


def chunk_count(known: Sequence[Landing]) -> int:
    """How many chunks landings made."""
    return sum(landing.chunks for landing in known)


def landed_curves(root: Path, known: Sequence[Landing]) -> list[Path]:
    """The files of PDs that landings brought, in their order."""
    return [root / name for landing in known for name in landing.files
            if Path(name).parts[0] == PDS]  # fmt: skip


def land(
    root: Path,
    loans: Sequence[Landed],
    later: Sequence[Later] = (),
    curves: Sequence[Curve] = (),
    advances: Sequence[Landed] = (),
) -> Landing:
    """Add loans and advances in new chunks, more of those that are there, and PDs.

    All of it is there afterwards, or nothing.
    """
    for folder in (LOG, CHUNKS):
        (root / folder).mkdir(parents=True, exist_ok=True)
    before = landings(root)
    number, first = len(before) + 1, chunk_count(before)
    parts = [
        (name, kind[at : at + LOANS_OF_CHUNK])
        for name, kind in ((LOANS, loans), (ADVANCES, advances))
        for at in range(0, len(kind), LOANS_OF_CHUNK)
    ]
    files = []
    for chunk, (name, part) in enumerate(parts, first):
        files += _write_chunk(_chunk(root, chunk), name, number, part)
    for chunk in sorted({each.chunk for each in later}):
        more = [each for each in later if each.chunk == chunk]
        files += _write_more(_chunk(root, chunk), number, more)
    if curves:
        (root / PDS).mkdir(exist_ok=True)
        files.append(root / PDS / f"{number:08d}.parquet")
        write_curves(curves, files[-1])
        force(files[-1])
        force(root / PDS)
    content = {
        "first_chunk": first,
        "chunks": len(parts),
        "loans": len(loans) + len(advances),
        "events": sum(map(len, [each.events for each in loans] + [each.events for each in later])),
        "files": {str(path.relative_to(root)): hash_file(path) for path in files},
    }
    line = chained_line(before[-1].hash if before else BEGINNING, number, content)
    with TemporaryDirectory(dir=root, prefix="aside-") as aside:
        write_new(Path(aside), line, root / LOG / f"{number:08d}.json")
    return landings(root)[-1]


def _chunk(root: Path, chunk: int) -> Path:
    return root / CHUNKS / f"{chunk:05d}"


def _write_chunk(folder: Path, name: str, number: int, loans: Sequence[Landed]) -> list[Path]:
    folder.mkdir(exist_ok=True)
    columns = {key: objects([each.texts.get(key, "") for each in loans]) for key in KEYS}
    columns["terms"] = objects([_kept(each.texts, KEYS) for each in loans])
    write_columns(columns, folder / name)
    force(folder / name)
    more = [Later(0, place, each.texts["currency"], each.events, each.attached)
            for place, each in enumerate(loans)]  # fmt: skip
    return [folder / name, *_write_more(folder, number, more)]


def _write_more(folder: Path, number: int, loans: Sequence[Later]) -> list[Path]:
    files = [folder / EVENTS.format(number)]
    _write_events(files[0], loans)
    for name in TABLES:
        rows = [(each.place, each.currency, row)
                for each in loans for row in each.attached.get(name, ())]  # fmt: skip
        if rows:
            files.append(folder / ATTACHED.format(name, number))
            write_columns(arrays_of(name, rows), files[-1])
            force(files[-1])
    force(folder)
    return files


def _write_events(path: Path, loans: Iterable[Later]) -> None:
    """What an end of day asks of every event as columns, the whole of it as text."""
    rows = [(each.place, event, _minor(event, each.currency))
            for each in loans for event in each.events]  # fmt: skip
    days = {
        name: np.array(
            [date.fromisoformat(event.get(name) or event["value_date"]).toordinal()
             for _, event, _ in rows],
            dtype=np.int64,
        )
        for name in ("value_date", "entered_on")
    }  # fmt: skip
    columns = {
        "place": np.array([place for place, _, _ in rows], dtype=np.int64),
        "event": objects([event["event"] for _, event, _ in rows]),
        **days,
        "amount_minor": np.array([amount for _, _, amount in rows], dtype=np.int64),
        "row": objects([_kept(event, ("loan",)) for _, event, _ in rows]),
    }
    write_columns(columns, path)
    force(path)


def _minor(event: Texts, currency: str) -> int:
    """The amount of a repayment; others are asked for by their row alone."""
    if event["event"] != REPAYMENT:
        return 0
    return ValueReader(GUIDE, digits=minor_digits(currency)).money("amount", event["amount"])


def _kept(texts: Texts, without: Sequence[str]) -> str:
    return canonical_json({name: text for name, text in texts.items()
                           if text and name not in without})  # fmt: skip
