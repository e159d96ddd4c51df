"""The run of an end of day over a portfolio's folder: chunk by chunk, resumable at any moment.

`days/DATE/begun.json` says what the day knows; for each chunk a file says what it books, and
`states/DATE` where its loans stand. What is there whole is not made again; the journal books each
batch once. `closed/` chains the days that are done. A run that was killed leaves nothing that
somebody must mend: the next one goes on, and the bytes are those of an undisturbed one.
"""

import fcntl
import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np

from tradeline.kernel.chain import BEGINNING, chained_line, read_chain
from tradeline.kernel.findings import Finding, Severity, problem
from tradeline.kernel.hashing import canonical_json, hash_file
from tradeline.kernel.processes import mapped
from tradeline.lake.commit import write_new
from tradeline.lending.end_of_day.advances import (
    Swept,
    advances_provided,
    booked_anew,
    end_sweeps,
    month_end_of,
)
from tradeline.lending.end_of_day.arrears import is_month_end, month_end
from tradeline.lending.end_of_day.chunk import Chunk, Cut
from tradeline.lending.end_of_day.day import Day, end_day
from tradeline.lending.end_of_day.expected import Basis, provided_by_stage, read_basis
from tradeline.lending.end_of_day.folder import LOG, Landing, chunk_count, landed_curves, landings
from tradeline.lending.end_of_day.journal_file import JournalFile
from tradeline.lending.end_of_day.journals import Journal, batch_of, batches, content_of
from tradeline.lending.end_of_day.portfolio import Flags, Ints, Names, Portfolio, empty
from tradeline.lending.end_of_day.provisions import provided
from tradeline.lending.end_of_day.states import (
    read_state,
    read_swept,
    write_arrays,
    write_state,
)
from tradeline.lending.provisions.by_age import AgeClass, read_age_classes

DAYS, STATES, CLOSED = "days", "states", "closed"
BEGUN, JOURNAL = "begun.json", "journal.jsonl"
REMEDY = "Bring the portfolio back from a copy; what stands before this entry is sound."
NAME = re.compile(r"\d{8}\.json")

Kept = TypeVar("Kept", Portfolio, Swept)
Rules = tuple[Sequence[AgeClass], Basis]
"""What loans are provided for by on a day: by age, and by stage."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A day that is done: what it knew, how many loans it moved and how, and its journal's hash.

    `findings` say which loans could not be worked out.
    """

    number: int
    day: date
    landing: int
    chunks: int
    loans: int
    due: int
    paid: int
    folded: int
    penalised: int
    batches: int
    findings: tuple[Finding, ...]
    journal: str
    hash: str


def closed_days(root: Path) -> tuple[Closed, ...]:
    """The days that are done, in order; InputProblem if their chain was altered."""
    folder = root / CLOSED
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    text = "".join(path.read_text(encoding="utf-8") for path in files if NAME.fullmatch(path.name))
    return tuple(_closed(entry) for entry in read_chain(text, str(folder), REMEDY))


def _closed(entry: dict[str, Any]) -> Closed:
    values = {name: entry[name] for name in Closed.__slots__}
    values["day"] = date.fromisoformat(entry["day"])
    values["findings"] = tuple(_finding(each) for each in entry["findings"])
    return Closed(**values)


def _finding(content: dict[str, Any]) -> Finding:
    return Finding(**content | {"severity": Severity(content["severity"])})


def run(
    root: Path, until: date, processes: int = 1, journal: Journal | None = None
) -> list[Closed]:
    """End every day until one, that one included, which is not done yet; those that were ended.

    The first day ever is `until` itself. InputProblem if another run works on the folder.
    """
    with _only_run(root):
        done = closed_days(root)
        day = done[-1].day + timedelta(days=1) if done else until
        _clear(root, {day, *(closed.day for closed in done[-1:])})
        found = []
        while day <= until:
            found.append(_run_day(root, day, processes, journal))
            day += timedelta(days=1)
        return found


@contextmanager
def _only_run(root: Path) -> Iterator[None]:
    """The system lets go of it when a run ends, however it ends."""
    landings(root)
    with (root / LOG / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise problem(
                "run-under-way",
                str(root),
                "Another run works on this portfolio.",
                "Wait until it ends; nothing is left to be done by hand.",
            ) from error
        yield


def _run_day(root: Path, day: date, processes: int, journal: Journal | None) -> Closed:
    done = closed_days(root)
    known = landings(root)[: _begin(root, day)]
    before = Cut(done[-1].landing, done[-1].day.toordinal()) if done else Cut(0, 0)
    (root / STATES / day.isoformat()).mkdir(parents=True, exist_ok=True)
    now = Cut(len(known), day.toordinal())
    booked = JournalFile(root / DAYS / day.isoformat() / JOURNAL)
    parts = []
    rules = read_age_classes(day), read_basis(landed_curves(root, known), day)
    work = partial(_end_chunk, root, known, before, now, rules)
    for part in mapped(work, range(chunk_count(known)), processes):
        for content in part["batches"]:
            booked.post(batch_of(content))
            if journal is not None:
                journal.post(batch_of(content))
        parts.append(part)
    closed = _close(root, day, now, done, parts)
    _clear(root, {day})
    return closed


def _begin(root: Path, day: date) -> int:
    """How many landings the day knows: as many as there were when it first began."""
    path = root / DAYS / day.isoformat() / BEGUN
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _write_whole(root, canonical_json({"landing": len(landings(root))}), path)
    found: int = json.loads(path.read_text(encoding="utf-8"))["landing"]
    return found


def _write_whole(root: Path, text: str, path: Path) -> None:
    with TemporaryDirectory(dir=root, prefix="aside-") as aside:
        write_new(Path(aside), text, path)


def _clear(root: Path, keep: set[date]) -> None:
    """Remove where loans stood on days that nothing follows from, and what was not finished."""
    kept = {day.isoformat() for day in keep}
    for folder in [*(root / STATES).glob("*"), *root.glob("aside-*")]:
        if folder.name not in kept:
            shutil.rmtree(folder)
    for aside in (root / STATES).glob("*/*.aside"):
        aside.unlink()


def _end_chunk(
    root: Path,
    known: Sequence[Landing],
    before: Cut,
    now: Cut,
    rules: Rules,
    number: int,
) -> dict[str, Any]:
    """What the day of a chunk books; made unless it is there already."""
    day = date.fromordinal(now.day).isoformat()
    told = root / DAYS / day / f"chunk-{number:05d}.json"
    if not told.exists():
        chunk = Chunk(root, number, known)
        end = _end_advances if chunk.is_of_advances else _end_loans
        _write_whole(root, canonical_json(end(root, chunk, before, now, rules)), told)
    found: dict[str, Any] = json.loads(told.read_text(encoding="utf-8"))
    return found


def _end_loans(root: Path, chunk: Chunk, before: Cut, now: Cut, rules: Rules) -> dict[str, Any]:
    path = state_path(root, date.fromordinal(before.day), chunk.number) if before.day else None
    if path is not None and path.exists():
        stood = read_state(path)
    else:
        stood = empty(chunk.terms(), now.day - 1, chunk.staging())
    done = end_day(
        stood, now.day, chunk.news(len(stood), before, now),
        lambda places: chunk.standings(places, now),
    )  # fmt: skip
    names = chunk.names()
    done = done.with_provisions(*_provided(stood, done.after, chunk, names, rules, now))
    _keep(root, chunk, done.after, month_end)
    return _counts(done) | {"batches": _batches(chunk, names, stood, done.after, done.single)}


def _end_advances(root: Path, chunk: Chunk, before: Cut, now: Cut, rules: Rules) -> dict[str, Any]:
    path = state_path(root, date.fromordinal(before.day), chunk.number) if before.day else None
    if path is not None and path.exists():
        stood = read_swept(path)
        done = end_sweeps(stood, now.day, *chunk.sweep_news(stood, before, now))
    else:
        stood = chunk.swept(now)
        done = booked_anew(stood, stood, np.zeros(len(stood), dtype=bool))
    after = advances_provided(done.after, rules[0])
    _keep(root, chunk, after, month_end_of)
    counts = {"loans": len(after), "due": int(done.asked.sum()), "paid": int(done.single.sum()),
              "folded": 0, "penalised": 0, "findings": []}  # fmt: skip
    return counts | {"batches": _batches(chunk, chunk.names(), stood, after, done.single)}


def _keep(
    root: Path, chunk: Chunk, after: Kept, month_end: Callable[[Kept], dict[str, Ints]]
) -> None:
    """Where loans stand at the end of a day, and of a month."""
    on = date.fromordinal(after.day)
    write_state(after, state_path(root, on, chunk.number))
    if is_month_end(on):
        write_arrays(month_end(after), late_path(root, on, chunk.number))


def _batches(
    chunk: Chunk, names: Names, before: Kept, after: Kept, single: Flags
) -> list[dict[str, Any]]:
    holders = chunk.holders(names)
    return [content_of(each)
            for each in batches(before, after, single, names, holders, chunk.number)]  # fmt: skip


def _provided(
    before: Portfolio, after: Portfolio, chunk: Chunk, names: Names, rules: Rules, now: Cut
) -> tuple[Portfolio, Sequence[Finding]]:
    """The portfolio with its loans provided for, and which could not be."""
    classes, basis = rules
    after = provided(after, classes)
    if not after.staging.by_stage.any():
        return after, ()
    ratings, items = (chunk.attached(name, now) for name in ("ratings", "collateral"))
    return provided_by_stage(before, after, names.loan, basis, ratings, items)


def state_path(root: Path, day: date, number: int) -> Path:
    """Where the loans of a chunk stand at the end of a day."""
    return root / STATES / day.isoformat() / f"{number:05d}.npz"


def late_path(root: Path, day: date, number: int) -> Path:
    """How late the loans of a chunk were at a month end, and their principal."""
    return root / DAYS / day.isoformat() / f"late-{number:05d}.npz"


def _counts(done: Day) -> dict[str, Any]:
    return {
        "loans": len(done.after),
        **{
            name: int(np.count_nonzero(getattr(done, name)))
            for name in ("due", "paid", "folded", "penalised")
        },
        "findings": [asdict(finding) for finding in done.findings],
    }


def _close(
    root: Path, day: date, now: Cut, done: Sequence[Closed], parts: Sequence[dict[str, Any]]
) -> Closed:
    (root / CLOSED).mkdir(exist_ok=True)
    number = len(done) + 1
    journal = root / DAYS / day.isoformat() / JOURNAL
    journal.touch()
    content = {
        "day": day.isoformat(),
        "landing": now.landing,
        "chunks": len(parts),
        **{
            name: sum(part[name] for part in parts)
            for name in ("loans", "due", "paid", "folded", "penalised")
        },
        "batches": sum(len(part["batches"]) for part in parts),
        "findings": [finding for part in parts for finding in part["findings"]],
        "journal": hash_file(journal),
    }
    line = chained_line(done[-1].hash if done else BEGINNING, number, content)
    _write_whole(root, line, root / CLOSED / f"{number:08d}.json")
    return closed_days(root)[-1]
