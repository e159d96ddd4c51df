"""A day's work at a bank's files, done by processes that are there to be killed.

A line on standard input asks for one: `TENANT FOLDER STEP SIDE` does the day's work from its
beginning, and kills itself before or after its statement of that number. Each is forked from this
program, which has all imported; the answer is `done` or `killed`.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import psycopg

from tests.lending.payments.booked import NEXT, NOW, OWN, pay
from tradeline.book.bootstrap import configure

NAMES = ("pay-1", "pay-2", "pay-3")
AMOUNT = 300_000
INSTRUCTIONS = [pay(name, AMOUNT) for name in NAMES]


def day_of_work(tenant: str, folder: Path) -> None:
    """Instruct, send, and take what the bank says, its statement twice."""
    from tradeline.lending.payments.flows import Desk, instruct, send, written
    from tradeline.lending.payments.taking import take_report, take_statement

    desk = Desk(tenant, NEXT, NOW)
    for number, instruction in enumerate(INSTRUCTIONS, start=1):
        instruct(desk, OWN.number, f"loan_{number:04}", instruction)
    outgoing = send(desk, OWN.number, "msg-1")
    if outgoing:
        (folder / "sent.xml").write_bytes(outgoing.content)
        written(desk, outgoing.message)
    take_report(desk, folder / "report.xml")
    take_statement(desk, folder / "statement.xml")
    take_statement(desk, folder / "statement.xml")


def killed_at(step: int, side: str) -> None:
    """Have this process killed before or after a statement."""
    plain, left = psycopg.Cursor.execute, step

    def execute(cursor: Any, *arguments: Any, **options: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and side == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        found = plain(cursor, *arguments, **options)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    psycopg.Cursor.execute = execute  # type: ignore[method-assign,assignment]


def main(book: Path) -> None:
    configure("web", book)
    import tradeline.lending.payments.taking  # noqa: F401  so that no fork imports it anew

    for line in sys.stdin:
        tenant, folder, step, side = line.split()
        child = os.fork()
        if not child:
            killed_at(int(step), side)
            day_of_work(tenant, Path(folder))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else f"done {status}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
