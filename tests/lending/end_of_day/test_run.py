"""The run: killed and run again, run twice or late, it leaves the same books; no loan stops it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.lending.end_of_day.made import START, Loan, loan
from tests.lending.end_of_day.written import event_texts, landed
from tradeline.kernel.findings import InputProblem
from tradeline.kernel.hashing import hash_file
from tradeline.lending.end_of_day import folder
from tradeline.lending.end_of_day.chunk import Chunk, Cut
from tradeline.lending.end_of_day.folder import Landed, Later, land, landings
from tradeline.lending.end_of_day.journal_file import JournalFile
from tradeline.lending.end_of_day.journals import Batch, Entry
from tradeline.lending.end_of_day.run import closed_days, run, state_path
from tradeline.lending.end_of_day.standing import ACCOUNTS, standing
from tradeline.lending.end_of_day.states import read_state
from tradeline.lending.loan.events import Repayment

FIRST = START + timedelta(days=45)
KILLS = 3


def loans(count: int, seed: int = 5) -> list[Loan]:
    generator = np.random.default_rng(seed)
    return [loan(generator, 90) for _ in range(count)]


def portfolio(root: Path, made: Sequence[Landed], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(folder, "LOANS_OF_CHUNK", 8)
    land(root, made)
    return root


def hashes(root: Path) -> dict[str, str]:
    kept = ("closed", "days", "states", "log")
    return {
        str(path.relative_to(root)): hash_file(path)
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.relative_to(root).parts[0] in kept
    }


def test_three_days_late_and_run_twice_are_the_same_as_day_by_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = landed(loans(9))
    daily = portfolio(tmp_path / "daily", made, monkeypatch)
    for after in range(4):
        run(daily, FIRST + timedelta(days=after))
    late = portfolio(tmp_path / "late", made, monkeypatch)
    run(late, FIRST)
    assert [done.day for done in run(late, FIRST + timedelta(days=3))] == [
        FIRST + timedelta(days=after) for after in (1, 2, 3)
    ]
    assert hashes(daily) == hashes(late)
    assert run(late, FIRST + timedelta(days=3)) == []
    assert hashes(daily) == hashes(late)


@pytest.mark.long
def test_a_run_killed_at_any_moment_ends_with_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = landed(loans(12))
    whole = portfolio(tmp_path / "whole", made, monkeypatch)
    run(whole, FIRST)
    begin = time.monotonic()
    run(whole, FIRST + timedelta(days=1))
    takes = time.monotonic() - begin
    torn = portfolio(tmp_path / "torn", made, monkeypatch)
    run(torn, FIRST)
    killed = 0
    for attempt in range(KILLS):
        killed += _killed(torn, FIRST + timedelta(days=1), after=takes * (attempt + 0.5) / KILLS)
    run(torn, FIRST + timedelta(days=1))
    assert killed > 0
    assert hashes(whole) == hashes(torn)
    assert not list(torn.glob("aside-*"))


def test_what_a_kill_left_of_the_day_before_goes_with_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = portfolio(tmp_path / "one", landed(loans(4)), monkeypatch)
    run(root, FIRST)
    shutil.copytree(root / "states" / FIRST.isoformat(), tmp_path / "before")
    run(root, FIRST + timedelta(days=1))
    expected = hashes(root)
    shutil.copytree(tmp_path / "before", root / "states" / FIRST.isoformat())
    assert run(root, FIRST + timedelta(days=1)) == []
    assert hashes(root) == expected


RUNNER = """
import sys
from datetime import date
from pathlib import Path
from tradeline.lending.end_of_day.run import run
print("ready", flush=True)
run(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]))
"""


def _killed(root: Path, day: date, after: float) -> bool:
    """Whether a run in a process of its own was killed, so long after it began, before its end."""
    words = [sys.executable, "-c", RUNNER, str(root), day.isoformat()]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        time.sleep(after)
        os.kill(process.pid, signal.SIGKILL)
        return process.wait() == -signal.SIGKILL


def test_a_line_of_the_journal_that_a_kill_tore_is_booked_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    entry = Entry("flat", "bank", "CNY", "", (("interest income", -5), ("clearing", 5)))
    batches = [Batch(f"key {number}", FIRST, "accruals", (entry,)) for number in range(3)]
    for batch in batches:
        JournalFile(path).post(batch)
    whole = path.read_bytes()
    for left in range(1, 300, 37):
        path.write_bytes(whole[:-left])
        journal = JournalFile(path)
        for batch in batches:
            journal.post(batch)
        assert path.read_bytes() == whole


def test_a_key_books_one_thing_only(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    entry = Entry("flat", "bank", "CNY", "", (("interest income", -5), ("clearing", 5)))
    other = Entry("flat", "bank", "CNY", "", (("interest income", -6), ("clearing", 6)))
    JournalFile(path).post(Batch("key", FIRST, "accruals", (entry,)))
    with pytest.raises(InputProblem, match="Something else was booked under this key"):
        JournalFile(path).post(Batch("key", FIRST, "accruals", (other,)))


def test_a_poisoned_loan_is_told_of_and_the_rest_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = landed(loans(16))
    poisoned = {**made[5].events[0], "amount": "-12.00"}
    sick = [*made[:5], Landed(made[5].texts, [poisoned, *made[5].events[1:]]), *made[6:]]
    well = portfolio(tmp_path / "well", made, monkeypatch)
    root = portfolio(tmp_path / "sick", sick, monkeypatch)
    for after in range(2):
        run(well, FIRST + timedelta(days=after))
        [closed] = run(root, FIRST + timedelta(days=after))
        [finding] = closed.findings
        assert finding.line() == (
            "error: loan loan 0005: event 0: an amount of -1200 is none. State an amount above "
            "zero; take a mistake back by a reversal."
        )
    day = FIRST + timedelta(days=1)
    for number in range(2):
        one, other = (read_state(state_path(each, day, number)) for each in (well, root))
        same = np.arange(8) != (5 if number == 0 else -1)
        assert np.array_equal(one.booked[same], other.booked[same])


def test_an_event_entered_late_books_the_difference_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [loans(40, seed)[seed] for seed in range(3, 6)]
    root = portfolio(tmp_path / "late", landed(made), monkeypatch)
    run(root, FIRST)
    back = Repayment(value_date=FIRST - timedelta(days=3), entered_on=FIRST + timedelta(days=1),
                     amount_minor=12_345)  # fmt: skip
    land(root, [], [Later(0, 1, "CNY", [event_texts(99, back)])])
    run(root, FIRST + timedelta(days=1))
    day = FIRST + timedelta(days=1)
    state = read_state(state_path(root, day, 0))
    for place, each in enumerate(made):
        events = each.known(day) + ([back] if place == 1 else [])
        right = standing(each.contract, events, day).booked
        kept = [ACCOUNTS.index(name) for name in ACCOUNTS if name not in
                ("loss allowance", "provision expense")]  # fmt: skip
        assert state.booked[place, kept].tolist() == [right[at] for at in kept]
    chunk = Chunk(root, 0, landings(root))
    assert chunk.loan(1, Cut(2, day.toordinal()))[1][-1].value_date == back.value_date


def test_what_was_altered_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = portfolio(tmp_path / "book", landed(loans(4)), monkeypatch)
    run(root, FIRST)
    path = root / "closed" / "00000001.json"
    path.write_text(path.read_text().replace('"loans":4', '"loans":5'))
    with pytest.raises(InputProblem, match="does not have the hash it states"):
        closed_days(root)
