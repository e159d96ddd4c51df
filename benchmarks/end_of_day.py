"""The end of one day over a million loans with durable writes, beside one loan after another.

Goal: under 120 s on two cores for 1,000,000 loans. The loans are copies of some thousands made from
a seed: fixed schedules, schedules that follow what is paid, penalties; three in ten are by stage,
one in ten is shared by three lenders; one in thirty is due on the day, most of these are paid
exactly, some in part or too much, some events are entered late.
`python -m benchmarks.end_of_day [--loans N] [--distinct N] [--sample N] [--processes N]`
"""

import argparse
import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np

from benchmarks.measure import show
from tradeline.kernel.chain import BEGINNING, chained_line
from tradeline.kernel.hashing import hash_file
from tradeline.lake.columns import objects, write_columns
from tradeline.lending.end_of_day.arrears import open_of
from tradeline.lending.end_of_day.attached import TABLES
from tradeline.lending.end_of_day.chunk import Chunk, Cut
from tradeline.lending.end_of_day.columns import contract_of
from tradeline.lending.end_of_day.curves import PDS, Curve
from tradeline.lending.end_of_day.folder import (
    ATTACHED,
    CHUNKS,
    EVENTS,
    LOANS,
    LOG,
    Landed,
    land,
    landings,
)
from tradeline.lending.end_of_day.journal_file import JournalFile
from tradeline.lending.end_of_day.journals import Batch, Entry
from tradeline.lending.end_of_day.portfolio import Columns, Portfolio
from tradeline.lending.end_of_day.run import run, state_path
from tradeline.lending.end_of_day.standing import ACCOUNTS, Standing
from tradeline.lending.end_of_day.states import read_state, write_state
from tradeline.lending.loan.fold import preview

DAY = date(2026, 3, 16)
LOANS_OF_CHUNK = 20_000
TOGETHER = 100
BY_STAGE = {"provisions": "by stage", "lgd_percent": "45"}
GRADES = {"A": 0.001, "B": 0.004, "C": 0.015}
CURVES = [
    Curve(grade, date(2020, 1, 1), tuple(1 - (1 - hazard) ** month for month in range(1, 61)))
    for grade, hazard in GRADES.items()
]
LENDERS = [{"lender": f"bank {bank}", "share": "1/3"} for bank in range(3)]
TERMS: tuple[tuple[float, dict[str, str]], ...] = (
    (0.30, {"product": "flat", "interest": "flat"}),
    (0.25, {"product": "fixed"}),
    (0.15, {"product": "fixed with penalty", "penalty_percent": "0.05", "penalty_each_day": "yes"}),
    (0.20, {"product": "declining", **BY_STAGE, "rest": "day", "prepayment": "lower instalment",
            "arrears": "running period", "day_count": "actual/365"}),
    (0.10, {"product": "progressive", **BY_STAGE, "family": "progressive", "rest": "day",
            "prepayment": "shorter term", "arrears": "every period"}),
)  # fmt: skip


def made(count: int, generator: np.random.Generator) -> list[Landed]:
    """Loans under way on the day before `DAY`, with what was paid until then."""
    return [_loan(place, generator) for place in range(count)]


def _loan(place: int, generator: np.random.Generator) -> Landed:
    kind = int(generator.choice(len(TERMS), p=[share for share, _ in TERMS]))
    months = int(generator.choice([6, 12, 24]))
    begun = int(generator.integers(1, 30 * months))
    texts = {
        "loan": f"{place:05d}", "lender": f"bank {place % 4}", "currency": "CNY",
        "principal": f"{int(generator.integers(10, 900)) * 1000}",
        "annual_rate_percent": f"{int(generator.integers(400, 2400)) / 100:.2f}",
        "start": (DAY - timedelta(days=begun)).isoformat(), "frequency": "months", "every": "1",
        "instalments": str(months), **TERMS[kind][1],
    }  # fmt: skip
    events = [_event("disbursement", date.fromisoformat(texts["start"]), texts["principal"])]
    stops = generator.random() < 0.05
    for row in preview(contract_of(texts, "loan")).instalments:
        if row.due >= DAY or (stops and row.due > DAY - timedelta(days=int(begun * 0.4))):
            break
        events.append(_event("repayment", row.due, f"{row.owed.total / 100:.2f}"))
    beside = np.random.default_rng([4, place])
    grade = "ABC"[int(beside.integers(3))]
    attached = {"ratings": [{"rated_on": texts["start"], "grade": grade}]}
    if beside.random() < 0.1:
        attached["participations"] = LENDERS
    return Landed(texts, events, attached)


def _event(kind: str, on: date, amount: str) -> dict[str, str]:
    return {"event": kind, "value_date": on.isoformat(), "entered_on": on.isoformat(),
            "amount": amount}  # fmt: skip


def prepare(root: Path, loans: int, distinct: int) -> None:
    """A folder of so many loans whose day before `DAY` is done, and what comes in on `DAY`."""
    generator = np.random.default_rng(20_260_316)
    land(root, made(distinct, generator), curves=CURVES)
    run(root, DAY - timedelta(days=1))
    of_chunk = min(loans, LOANS_OF_CHUNK)
    copies, chunks = of_chunk // distinct, loans // of_chunk
    folder = root / CHUNKS / "00000"
    _tile_files(folder, distinct, copies)
    path = state_path(root, DAY - timedelta(days=1), 0)
    state = _tiled(read_state(path), copies)
    write_state(state, path)
    [curves] = (root / PDS).iterdir()
    files = {str(curves.relative_to(root)): hash_file(curves)}
    for chunk in range(chunks):
        to = root / CHUNKS / f"{chunk:05d}"
        if chunk:
            shutil.copytree(folder, to)
            shutil.copy(path, state_path(root, DAY - timedelta(days=1), chunk))
        for file in sorted(to.iterdir()):
            files[str(file.relative_to(root))] = hash_file(file)
    for chunk in range(chunks):
        new = root / CHUNKS / f"{chunk:05d}" / EVENTS.format(2)
        _write_news(new, state, np.random.default_rng([3, chunk]))
    _write_logs(root, chunks, chunks * of_chunk, files)


def _tile_files(folder: Path, distinct: int, copies: int) -> None:
    """Copies of the loans, one after another, and of their events."""
    copied = f"(SELECT * FROM range({copies}) c(copy), read_parquet(?, file_row_number = true))"
    loans = (
        "SELECT copy || '-' || loan AS loan, product, lender, currency, terms "
        f"FROM {copied} ORDER BY copy, file_row_number"
    )
    events = (
        f"SELECT place + copy * {distinct} AS place, event, value_date, entered_on, amount_minor, "
        f"row FROM {copied} ORDER BY copy, file_row_number"
    )
    attached = [(path.name, (
        f"SELECT * EXCLUDE (copy, file_row_number) REPLACE (place + copy * {distinct} AS place) "
        f"FROM {copied} ORDER BY copy, file_row_number"
    )) for name in TABLES if (path := folder / ATTACHED.format(name, 1)).exists()]  # fmt: skip
    with duckdb.connect() as connection:
        for name, select in ((LOANS, loans), (EVENTS.format(1), events), *attached):
            path, aside = folder / name, folder / f"{name}.new"
            connection.execute(f"COPY ({select}) TO '{aside}' (FORMAT parquet)", [str(path)])
            aside.rename(path)


def _tiled(found: Portfolio, copies: int) -> Portfolio:
    def tiled(columns: Columns) -> Any:
        return type(columns)(*(np.tile(column, copies) for column in columns.columns()))

    counts = np.tile(np.diff(found.starts), copies)
    return replace(
        found,
        terms=tiled(found.terms),
        loans=tiled(found.loans),
        lines=tiled(found.lines),
        staging=tiled(found.staging),
        starts=np.concatenate([[0], np.cumsum(counts)]),
        booked=np.tile(found.booked, (copies, 1)),
        failed=np.tile(found.failed, copies),
    )


def _write_news(path: Path, found: Portfolio, generator: np.random.Generator) -> None:
    """What is due on the day is paid: most exactly, some in part, some more; some pay late."""
    day = DAY.toordinal()
    due = found.by_loan(np.where(found.lines.due == day, open_of(found.lines), 0))
    late = found.by_loan(np.where(found.lines.due < day, open_of(found.lines), 0))
    chance = generator.random(len(found))
    pays = (due > 0) & (chance < 0.95)
    part = np.select([chance < 0.88, chance < 0.92], [10, 5], 15)
    amount = np.where(pays, due * part // 10, 0)
    amount = np.where((late > 0) & (generator.random(len(found)) < 0.05), late, amount)
    place = np.flatnonzero(amount > 0)
    on = np.where(generator.random(len(place)) < 0.97, day, day - 2)
    rows = [
        {"event": "repayment", "value_date": date.fromordinal(each).isoformat(),
         "entered_on": DAY.isoformat(), "amount": f"{one / 100:.2f}"}
        for each, one in zip(on.tolist(), amount[place].tolist(), strict=True)
    ]  # fmt: skip
    columns = {
        "place": place,
        "event": objects(["repayment"] * len(place)),
        "value_date": on,
        "entered_on": np.full(len(place), day),
        "amount_minor": amount[place],
        "row": objects([json.dumps(row) for row in rows]),
    }
    write_columns(columns, path)


def _write_logs(root: Path, chunks: int, loans: int, files: dict[str, str]) -> None:
    first = {"first_chunk": 0, "chunks": chunks, "loans": loans, "events": 0,
             "files": files}  # fmt: skip
    news = {f"{CHUNKS}/{chunk:05d}/{EVENTS.format(2)}": "" for chunk in range(chunks)}
    line = chained_line(BEGINNING, 1, first)
    (root / LOG / "00000001.json").write_text(line)
    second = chained_line(
        json.loads(line)["hash"], 2,
        {"first_chunk": chunks, "chunks": 0, "loans": 0, "events": 0, "files": news},
    )  # fmt: skip
    (root / LOG / "00000002.json").write_text(second)


def one_after_another(root: Path, sample: int) -> tuple[float, float, int]:
    """Seconds (wall, processor) of folding and booking a sample, and how many arrays book apart."""
    chunk = Chunk(root, 0, landings(root))
    before = Cut(2, DAY.toordinal())
    after = read_state(state_path(root, DAY, 0))
    places = np.linspace(0, len(after) - 1, sample).astype(np.int64)
    wall, processor = time.perf_counter(), time.process_time()
    found = chunk.standings(places, before)
    journal = JournalFile(root / "singly.jsonl")
    for at in range(0, sample, TOGETHER):
        entries = tuple(_entry(one) for one in found[at : at + TOGETHER])
        journal.post(Batch(f"singly/{at}", DAY, "loans", entries))
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    kept = [at for at, name in enumerate(ACCOUNTS) if name not in
            ("loss allowance", "provision expense", "interest in suspense")]  # fmt: skip
    apart = sum(
        not isinstance(one, Standing)
        or [one.booked[at] for at in kept] != after.booked[place, kept].tolist()
        for place, one in zip(places.tolist(), found, strict=True)
    )
    return wall, processor, apart


def _entry(one: Any) -> Entry:
    postings = zip(ACCOUNTS, one.booked, strict=True)
    return Entry("", "", "CNY", "", tuple((str(name), amount) for name, amount in postings))


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print words and a line of JSON."""
    parser = argparse.ArgumentParser(prog="benchmarks.end_of_day", description=__doc__)
    parser.add_argument("--loans", type=int, default=1_000_000, help="(%(default)s)")
    parser.add_argument("--distinct", type=int, default=4_000, help="of them (%(default)s)")
    parser.add_argument("--sample", type=int, default=1_000, help="one by one (%(default)s)")
    parser.add_argument("--processes", type=int, default=2, help="(%(default)s)")
    options = parser.parse_args(words)
    with TemporaryDirectory() as folder:
        root = Path(folder) / "portfolio"
        prepare(root, options.loans, options.distinct)
        os.sync()
        wall, processor = time.perf_counter(), sum(os.times()[:4])
        [closed] = run(root, DAY, options.processes)
        wall, processor = time.perf_counter() - wall, sum(os.times()[:4]) - processor
        singly_wall, singly, apart = one_after_another(root, options.sample)
    each = singly / options.sample
    show(
        "end_of_day",
        [
            f"{closed.loans:,} loans, {closed.due:,} due, {closed.paid:,} paid by arrays, "
            f"{closed.folded:,} folded, {closed.penalised:,} penalised, "
            f"{len(closed.findings):,} could not be worked out.",
            f"All of them: {wall:.0f} s, {processor:.0f} s of processor time (goal 120 s).",
            f"One after another: {each * 1e3:.1f} ms of processor time each, "
            f"{each * closed.loans:,.0f} s for all.",
            f"Of {options.sample:,} done both ways, {apart} differ.",
        ],
        {
            "loans": closed.loans,
            "due": closed.due,
            "paid": closed.paid,
            "folded": closed.folded,
            "penalised": closed.penalised,
            "batches": closed.batches,
            "wall_s": wall,
            "processor_s": processor,
            "singly_sample": options.sample,
            "singly_wall_s": singly_wall,
            "singly_processor_s": singly,
            "differing": apart,
        },
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
