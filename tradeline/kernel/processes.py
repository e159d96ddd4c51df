"""Work on many things at a time, in processes of its own, given back in the order of the things."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
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
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        yield from pool.map(work, things)
