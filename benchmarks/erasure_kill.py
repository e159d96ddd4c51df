"""Kill processes that erase with SIGKILL, at each call that touches the disk, and check the lake.

`python -m benchmarks.erasure_kill [TIMES]` kills at the first, second, ... call of a run, and fails
where the log claims what was not done, or a key of a claimed erasure is left in a file.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.lake.erasure_kills import check_erased, kill_an_eraser
from tests.lake.persons import forget, tell
from tradeline.lake.store import init_lake, open_lake

TIMES = 100
LONGEST = 70


def main(times: int) -> None:
    """Kill again and again in one lake, each time a call later, and finish what is unfinished."""
    killed = untold = 0
    claimed: set[int] = set()
    with TemporaryDirectory() as folder:
        root = Path(folder) / "lake"
        init_lake(root)
        tell(root, "batch 0", enterprises=[{"enterprise": "E0", "name": "Person 0"}])
        for number in range(times):
            found = kill_an_eraser(root, 1 + number % LONGEST)
            killed += found.by_signal
            before = claimed
            claimed, gone = check_erased(root)
            untold += len(gone - claimed)
            if not before | set(found.landed) <= claimed:
                raise AssertionError(f"an erasure is no longer claimed: {before} {found} {claimed}")
        last = sum(entry.batch is not None for entry in open_lake(root).entries) - 1
        forget(root, f"E{last}", at=99)
        claimed, gone = check_erased(root)
        if claimed != gone:
            raise AssertionError(f"not finished: {claimed ^ gone}")
    print(f"{killed} processes killed, {len(claimed)} subjects erased;")
    print(f"{untold} times a key was gone before the log told of it, never the other way round.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TIMES)
