"""A writer that lands batch after batch, compacting now and then, and may kill itself on the way.

`python -m tests.lake.killed_writer LAKE BATCHES CALL` kills itself with SIGKILL before its
CALL-th call that touches the disk (0: never), and prints each batch once its landing returned.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.lake.lakes import Order, land_orders
from tradeline.lake.compaction import compact

COMPACT_EVERY = 4


def orders_of(batch: int) -> list[Order]:
    """The orders of one batch: new ones, and a correction of one of the batch before."""
    new = [(f"E{n}", f"{batch}-{n}", 10 + n, batch, batch) for n in range(1 + batch % 4)]
    corrected = [("E0", f"{batch - 1}-0", 99, batch - 1, batch)] if batch else []
    return new + corrected


def kill_before(call: int) -> None:
    """Count the calls that touch the disk, and die before the one of that number."""
    counted = 0

    def counting(function: Callable[..., Any]) -> Callable[..., Any]:
        def counted_call(*arguments: Any, **options: Any) -> Any:
            nonlocal counted
            counted += 1
            if counted == call:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **options)

        return counted_call

    for place, name in ((os, "fsync"), (os, "link"), (Path, "rename"), (Path, "unlink")):
        setattr(place, name, counting(getattr(place, name)))


def main(root: Path, batches: int, call: int) -> None:
    """Land the batches in order; those that stand in the lake are landed again for nothing."""
    if call:
        kill_before(call)
    print("ready", flush=True)
    for batch in range(batches):
        land_orders(root, orders_of(batch), f"batch {batch}")
        print(batch, flush=True)
        if batch % COMPACT_EVERY == COMPACT_EVERY - 1:
            compact(root, lambda _: None)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
