"""Work on many things at a time, in processes of its own, given back in the order of the things."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TypeVar

Thing = TypeVar("Thing")
Made = TypeVar("Made")


def mapped(
    work: Callable[[Thing], Made], things: Sequence[Thing], processes: int
) -> Iterator[Made]:
    """What `work` makes of each thing, so many at a time; the same whatever the number."""
    if processes == 1:
        yield from map(work, things)
        return
    context = get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=_end_with_parent) as pool:
        yield from pool.map(work, things)


def _end_with_parent() -> None:
    """Have this process end when its parent does.

    A parent that is killed says nothing to those that work for it: they would wait for ever.
    """

    def watch() -> None:
        parent = parent_process()
        assert parent is not None
        parent.join()
        os._exit(1)

    Thread(target=watch, daemon=True).start()
