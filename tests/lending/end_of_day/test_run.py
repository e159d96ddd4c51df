"""The run: killed and run again, run twice or late, it leaves the same books; no loan stops it."""

import shutil
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.lending.end_of_day.killing import DAYS, is_free, killed, moments
from tests.lending.end_of_day.made import START, Loan, loan
from tests.lending.end_of_day.written import event_texts, landed
from tradeline.kernel.findings import InputProblem
from tradeline.kernel.hashing import hash_file
from tradeline.lending.end_of_day import folder
from tradeline.lending.end_of_day.chunk import Chunk, Cut
from tradeline.lending.end_of_day.folder import Landed, Later, land, landings
from tradeline.lending.end_of_day.journal_file import JournalFile
from tradeline.lending.end_of_day.journals import Batch, Entry
from tradeline.lending.end_of_day.portfolio import Portfolio
from tradeline.lending.end_of_day.run import closed_days, late_path, run, state_path
from tradeline.lending.end_of_day.standing import ACCOUNTS, standing
from tradeline.lending.end_of_day.states import read_state
from tradeline.lending.loan.events import Repayment

FIRST = START + timedelta(days=45)


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
def test_runs_killed_at_any_moment_end_with_the_same_bytes_and_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = landed(loans(12))
    whole, torn = (portfolio(tmp_path / name, made, monkeypatch) for name in ("whole", "torn"))
    for root in (whole, torn):
        run(root, FIRST)
    generator, kills = np.random.default_rng(3), 0
    for after in range(1, DAYS + 1):
        day = FIRST + timedelta(days=after)
        begin = time.monotonic()
        run(whole, day)
        for moment in moments(time.monotonic() - begin, generator):
            kills += killed(torn, day, moment)
            assert is_free(torn)
        run(torn, day)
        assert hashes(whole) == hashes(torn)
        assert not [*torn.rglob("aside-*"), *torn.rglob("*.aside")]
    print(f"\n{kills} runs killed over {DAYS} days")
    assert kills > 0


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
        assert booked(state, place) == by_the_fold(Loan(each.contract, tuple(events)), day)
    chunk = Chunk(root, 0, landings(root))
    assert chunk.loan(1, Cut(2, day.toordinal()))[1][-1].value_date == back.value_date


KEPT = [ACCOUNTS.index(name) for name in ACCOUNTS
        if name not in ("loss allowance", "provision expense")]  # fmt: skip


def booked(state: Portfolio, place: int) -> list[int]:
    """What is booked of a loan, provisions left out."""
    found: list[int] = state.booked[place, KEPT].tolist()
    return found


def by_the_fold(each: Loan, day: date) -> list[int]:
    """What is right of it."""
    right = standing(each.contract, each.known(day), day).booked
    return [right[at] for at in KEPT]


def test_a_leap_day_is_a_day_and_the_end_of_its_month(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(2028)
    made = [loan(generator, 90, first=date(2028, 1, 10)) for _ in range(12)]
    root = portfolio(tmp_path / "leap", landed(made), monkeypatch)
    days = [date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)]
    done = [*run(root, days[0]), *run(root, days[-1])]
    assert [(closed.day, closed.findings) for closed in done] == [(day, ()) for day in days]
    assert [late_path(root, day, 0).exists() for day in days] == [False, True, False]
    for number in range(2):
        state = read_state(state_path(root, days[-1], number))
        for place, each in enumerate(made[8 * number : 8 * number + 8]):
            assert booked(state, place) == by_the_fold(each, days[-1])


def test_what_was_altered_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = portfolio(tmp_path / "book", landed(loans(4)), monkeypatch)
    run(root, FIRST)
    path = root / "closed" / "00000001.json"
    path.write_text(path.read_text().replace('"loans":4', '"loans":5'))
    with pytest.raises(InputProblem, match="does not have the hash it states"):
        closed_days(root)
