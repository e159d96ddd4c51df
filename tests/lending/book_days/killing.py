"""Runs over the book in processes of their own, which are there to be killed.

`python -m tests.lending.book_days.killing BOOK LENDER DAY`.
"""

import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

from tests.lending.ledger.books import NOW
from tradeline.book.connection import connect
from tradeline.lending.book_days.run import run


def killed(book: Path, lender: str, day: date, after: float) -> bool:
    """Whether a run was killed, so long after it began, before its end."""
    words = ["-m", "tests.lending.book_days.killing", *map(str, (book, lender, day))]
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        time.sleep(after)
        os.kill(process.pid, signal.SIGKILL)
        return process.wait() == -signal.SIGKILL


def main(book: str, lender: str, day: str) -> None:
    with connect("worker", Path(book)) as connection:
        print("ready", flush=True)
        run(connection, lender, date.fromisoformat(day), NOW)


if __name__ == "__main__":
    main(*sys.argv[1:])
