"""Killing pulls into a lake, and what must hold afterwards."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from tests.lake.killed_puller import bank_orders, shop_orders
from tests.lake.kills import REPOSITORY
from tests.lake.lakes import FAR
from tradeline.lake.store import open_lake
from tradeline.lake.verification import verify

LAST_CALL = 40
LONGEST_SECONDS = 1.5
Told = list[tuple[str, str, int]]


def kill_a_pull(world: Path, generator: np.random.Generator) -> bool:
    """Start a pull and kill it, at a call that touches the disk or at any moment: if it was."""
    call = int(generator.integers(1, LAST_CALL)) if generator.random() < 0.6 else 0
    words = ["-m", "tests.lake.killed_puller", str(world), str(call)]
    with subprocess.Popen(
        [sys.executable, *words], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    ) as puller:
        assert puller.stdout is not None
        assert puller.stdout.readline() == "ready\n"
        try:
            puller.wait(None if call else generator.uniform(0, LONGEST_SECONDS))
        except subprocess.TimeoutExpired:
            puller.kill()
    return puller.returncode < 0


def told(world: Path) -> dict[str, Told]:
    """Every version of every order that the lake holds, by source, in the order of landing."""
    connection = open_lake(world / "lake").connect(FAR, FAR)
    query = (
        "SELECT enterprise, order_no, gross_minor // 100 FROM told_orders WHERE source = ? "
        "ORDER BY entry, recorded_at, occurred_at DESC"
    )
    return {name: connection.execute(query, [name]).fetchall() for name in ("bank", "shop")}


def whole() -> dict[str, Told]:
    """What the lake holds once everything is pulled."""
    orders = {"bank": bank_orders(), "shop": shop_orders()}
    return {name: [order[:3] for order in own] for name, own in orders.items()}


def check_pulled(world: Path) -> int:
    """How many rows the lake holds; AssertionError if it is not whole, or lacks or doubles one."""
    assert verify(world / "lake", lambda _: None).bad is None
    held, all_of_it = told(world), whole()
    for name, rows in held.items():
        assert rows == all_of_it[name][: len(rows)], name
    return sum(map(len, held.values()))
