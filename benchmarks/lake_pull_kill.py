"""Kill pulls into a lake with SIGKILL, 100 times, and check the lake after each.

`python -m benchmarks.lake_pull_kill [TIMES] [SEED]` prints how often pulls were killed and how many
lakes were filled in the end, and fails at the first row that is lost or doubled.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tests.lake.killed_puller import make_world, pull
from tests.lake.pull_kills import check_pulled, kill_a_pull, told, whole

TIMES = 100


def main(times: int, seed: int) -> None:
    """Kill pulls of one world after the other, each until it is filled."""
    generator = np.random.default_rng(seed)
    killed = worlds = 0
    while killed < times:
        with TemporaryDirectory() as folder:
            world = Path(folder)
            make_world(world)
            while kill_a_pull(world, generator) and killed < times:
                killed += 1
                check_pulled(world)
            pull(world)
            if told(world) != whole():
                raise AssertionError(f"a row is lost or doubled: {told(world)}")
            worlds += 1
    print(f"{killed} pulls killed, {worlds} lakes filled; no row was lost or doubled.")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    main(*(numbers + [TIMES, 1][len(numbers) :]))
