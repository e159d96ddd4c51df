"""Runs of an end of day in processes of their own, which are there to be killed.

`python -m tests.lending.end_of_day.killing PORTFOLIO DAY [BOOK]`. TRADELINE_KILLS says how many
are: a tenth of it, three on each of so many days, the day then ended.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np

from tests.lending.ledger.books import NOW
from tradeline.book.connection import connect
from tradeline.lending.end_of_day.folder import LOG
from tradeline.lending.end_of_day.journal_book import JournalBook
from tradeline.lending.end_of_day.run import run

OF_A_DAY = 3
DAYS = -(-int(os.environ.get("TRADELINE_KILLS", "30")) // (10 * OF_A_DAY))


def moments(takes: float, generator: np.random.Generator) -> Iterator[float]:
    """Random moments of a run that takes so long, from early to late."""
    for part in range(OF_A_DAY):
        yield takes * (part + generator.random()) / OF_A_DAY


def killed(root: Path, day: date, after: float, *book: Path) -> bool:
    """Whether a run was killed, so long after it began, before its end."""
    words = ["-m", "tests.lending.end_of_day.killing", *map(str, (root, day, *book))]
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        time.sleep(after)
        os.kill(process.pid, signal.SIGKILL)
        return process.wait() == -signal.SIGKILL


def is_free(root: Path) -> bool:
    """Whether no run holds a portfolio."""
    with (root / LOG / "lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def main(root: str, day: str, *book: str) -> None:
    journal = JournalBook(connect("worker", Path(*book)), NOW) if book else None
    print("ready", flush=True)
    run(Path(root), date.fromisoformat(day), journal=journal)


if __name__ == "__main__":
    main(*sys.argv[1:])
