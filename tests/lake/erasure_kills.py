"""Killing processes that land and erase, and what must hold afterwards."""

import json
import subprocess
import sys
from pathlib import Path

from tests.lake.kills import REPOSITORY, Killed
from tests.lake.lakes import FAR
from tradeline.lake.key_files import leftovers
from tradeline.lake.store import open_lake
from tradeline.lake.verification import verify

FIRMS = 400


def kill_an_eraser(root: Path, call: int) -> Killed:
    """Start an eraser that kills itself at a call that touches the disk."""
    words = ["-m", "tests.lake.killed_eraser", str(root), str(FIRMS), str(call)]
    done = subprocess.run(
        [sys.executable, *words], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=False
    )
    ready, *said = done.stdout.split("\n")[:-1]
    assert ready == "ready"
    return Killed(tuple(int(line) for line in said), done.returncode < 0)


def check_erased(root: Path) -> tuple[set[int], set[int]]:
    """The firms whose erasure the log tells of, and those whose keys are gone.

    AssertionError unless the lake is whole, the log claims only what was done, no key of a claimed
    erasure is left in any file, and every other firm is read.
    """
    assert verify(root, lambda _: None).bad is None
    lake, ring = open_lake(root), root.parent / "lake.key.subjects"
    firms = [entry.batch.id.removeprefix("batch ") for entry in lake.entries if entry.batch]
    table, pseudonym = json.loads(ring.read_text("ascii")), lake.keys().pseudonym
    names = {pseudonym(f"enterprise:E{number}"): int(number) for number in firms}
    claimed = {names[name] for name in lake.erased}
    gone = {names[name] for name in table["destroyed"]}
    assert claimed <= gone
    assert not table["destroyed"].keys() & table["keys"].keys()
    for left in leftovers(ring):
        text = left.read_text("ascii").strip("\0")
        held = json.loads(text)["keys"] if text.startswith("{") and text.endswith("}\n") else {}
        assert not lake.erased & held.keys()
    read = lake.connect(FAR, FAR)
    for number in map(int, firms):
        if number not in gone:
            query = "SELECT name FROM enterprises WHERE enterprise = ?"
            assert read.execute(query, [f"E{number}"]).fetchall() == [(f"Person {number}",)]
    return claimed, gone
