"""Compiled loops: numba, the optional extra `fast`, asked for only where a kernel is used."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeVar, cast

from tradeline.kernel.findings import problem

Whole = Any
"""A whole number inside a loop: 64 bits, whatever Python takes it for."""

Loop = TypeVar("Loop", bound=Callable[..., Any])


def compiled(loop: Loop) -> Loop:
    """The function as machine code, kept on disk beside its source or in the user's cache folder.

    It lets other threads run, and wraps integers silently as C does: whoever calls it has made
    sure that sums fit. Without the compiler it can be imported, and refuses to be called.
    """
    if not has_compiler():
        return cast(Loop, _refused)
    made: Loop = import_module("numba").njit(
        cache=True, nogil=True, error_model="numpy", forceinline=True
    )(loop)
    return made


def _refused(*_: object) -> None:
    require_compiler()


def has_compiler() -> bool:
    """Whether the extra that compiles loops is installed."""
    return find_spec("numba") is not None


def require_compiler() -> None:
    """Raise `InputProblem` unless the extra that compiles loops is installed."""
    if not has_compiler():
        raise problem(
            "no-compiler",
            "numba",
            "The kernel needs a compiler of loops, which is not installed.",
            'Run `pip install "tradeline[fast]"`, or compute the features on DuckDB.',
        )
