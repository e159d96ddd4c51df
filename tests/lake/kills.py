"""Killing writers of a lake, and what must hold afterwards."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.lake.killed_writer import orders_of
from tests.lake.lakes import FAR
from tradeline.lake.store import open_lake
from tradeline.lake.verification import verify

REPOSITORY = Path(__file__).parents[2]
BATCHES = 400
LAST_CALL = 60
LONGEST_SECONDS = 1.2


@dataclass(frozen=True)
class Killed:
    """A writer that was killed: the batches that it said were landed, and whether it was killed."""

    landed: tuple[int, ...]
    by_signal: bool


def kill_a_writer(root: Path, generator: np.random.Generator) -> Killed:
    """Start a writer and kill it: at a call that touches the disk, or at any moment."""
    call = int(generator.integers(1, LAST_CALL)) if generator.random() < 0.6 else 0
    words = ["-m", "tests.lake.killed_writer", str(root), str(BATCHES), str(call)]
    with subprocess.Popen(
        [sys.executable, *words], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        try:
            writer.wait(None if call else generator.uniform(0, LONGEST_SECONDS))
        except subprocess.TimeoutExpired:
            writer.kill()
        said = writer.stdout.read()
    # A last line that is not ended was cut by the kill.
    landed = tuple(int(line) for line in said.split("\n")[:-1])
    return Killed(landed, writer.returncode < 0)


def check_lake(root: Path) -> list[int]:
    """The batches that the lake holds; AssertionError unless it is whole and holds exactly them."""
    assert verify(root, lambda _: None).bad is None
    lake = open_lake(root)
    batches = [int(e.batch.id.removeprefix("batch ")) for e in lake.entries if e.batch]
    assert batches == list(range(len(batches)))
    query = "SELECT batch, enterprise, order_no, gross_minor FROM told_orders ORDER BY ALL"
    rows = lake.connect(FAR, FAR).execute(query).fetchall()
    assert rows == sorted(
        (f"batch {batch}", firm, number, gross * 100)
        for batch in batches
        for firm, number, gross, _, _ in orders_of(batch)
    )
    return batches
