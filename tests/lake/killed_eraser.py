"""A process that lands one firm after another and erases the one before, and may kill itself.

`python -m tests.lake.killed_eraser LAKE FIRMS CALL` kills itself with SIGKILL before its CALL-th
call that touches the disk (0: never), and prints each firm once its erasure returned.
"""

import sys
from pathlib import Path

from tests.lake.killed_writer import kill_before
from tests.lake.persons import forget, tell
from tradeline.lake.store import open_lake


def main(root: Path, firms: int, call: int) -> None:
    """Go on from the last firm that stands in the lake."""
    landed = [entry for entry in open_lake(root).entries if entry.batch]
    if call:
        kill_before(call)
    print("ready", flush=True)
    for number in range(max(len(landed) - 1, 0), firms):
        name = f"Person {number}"
        tell(root, f"batch {number}", enterprises=[{"enterprise": f"E{number}", "name": name}])
        if number:
            forget(root, f"E{number - 1}", at=number)
            print(number - 1, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
