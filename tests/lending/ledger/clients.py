"""Clients that are there to be killed: each is forked from this program, which has all imported.

A line on standard input asks for one: `post TENANT FIRST` books one small batch after the other,
with keys that count from FIRST, and tells each answer; `seal TENANT` seals without end. The answer
to the line is the client's process.
"""

import os
import sys
from pathlib import Path

from tests.lending.ledger.books import NOW, move
from tradeline.book.connection import connect, in_tenant
from tradeline.lending.ledger.posting import post
from tradeline.lending.ledger.sealing import seal

SIZE = 3


def amount_of(number: int) -> int:
    """What the entry of a number moves."""
    return number % 97 + 1


def say(line: str) -> None:
    """One whole line or nothing, also when we are killed."""
    os.write(1, f"{line}\n".encode())


def posting(folder: Path, tenant: str, number: int) -> None:
    with connect("web", folder) as connection:
        while True:
            batch = [move(f"k{n}", amount_of(n)) for n in range(number, number + SIZE)]
            with in_tenant(connection, tenant):
                answers = post(connection, batch, NOW)
            say(f"posted {number} {' '.join(str(answer.entry) for answer in answers)}")
            number += SIZE


def sealing(folder: Path, tenant: str) -> None:
    with connect("worker", folder) as connection:
        while True:
            with in_tenant(connection, tenant):
                seal(connection)


def main(folder: Path) -> None:
    for line in sys.stdin:
        kind, tenant, *rest = line.split()
        child = os.fork()
        if child:
            say(f"started {child}")
            continue
        try:
            if kind == "post":
                posting(folder, tenant, int(rest[0]))
            else:
                sealing(folder, tenant)
        finally:
            os._exit(1)  # the server was killed under us


if __name__ == "__main__":
    main(Path(sys.argv[1]))
