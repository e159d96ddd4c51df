"""Kill writers of a lake with SIGKILL, 100 times, and check the lake after each.

`python -m benchmarks.lake_kill [TIMES] [SEED]` prints how often writers were killed, how many
batches the lake held in the end, and fails at the first row that is lost, doubled or half there.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tests.lake.kills import check_lake, kill_a_writer
from tradeline.lake.store import init_lake, open_lake

TIMES = 100
LAKES = 4


def main(times: int, seed: int) -> None:
    """Kill writers of a few lakes one after the other, so that young and old ones are hit."""
    generator = np.random.default_rng(seed)
    killed = batches = compactions = 0
    for _ in range(LAKES):
        with TemporaryDirectory() as folder:
            root = Path(folder) / "lake"
            init_lake(root)
            held: list[int] = []
            for _ in range(times // LAKES):
                writer = kill_a_writer(root, generator)
                killed += writer.by_signal
                before, held = held, check_lake(root)
                if not set(before) | set(writer.landed) <= set(held):
                    raise AssertionError(f"a landed batch is gone: {before} {writer} {held}")
            batches += len(held)
            compactions += sum(entry.kind == "compaction" for entry in open_lake(root).entries)
    print(f"{killed} writers killed, {batches} batches and {compactions} compactions committed;")
    print("after each kill the lake was whole and held exactly the committed batches.")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    main(*(numbers + [TIMES, 1][len(numbers) :]))
