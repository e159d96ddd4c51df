"""Compiled loops: numba, the optional extra `fast`, asked for only where a kernel is used."""

import os
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar, cast

from tradeline.kernel.findings import problem

Whole = Any
"""A whole number inside a loop: 64 bits, whatever Python takes it for."""

Loop = TypeVar("Loop", bound=Callable[..., Any])


def compiled(loop: Loop) -> Loop:
    """The function as machine code, which is kept for the next process (`cache_folder`).

    It lets other threads run, and wraps integers silently as C does: whoever calls it has made
    sure that sums fit. Without the compiler it can be imported, and refuses to be called.
    """
    if not has_compiler():
        return cast(Loop, _refused)
    numba = import_module("numba")
    given = numba.config.CACHE_DIR
    folder = cache_folder(given)
    numba.config.CACHE_DIR = str(folder or given)
    try:
        made: Loop = numba.njit(
            cache=folder is not None, nogil=True, error_model="numpy", forceinline=True
        )(loop)
    finally:
        numba.config.CACHE_DIR = given
    return made


@cache
def cache_folder(given: str) -> Path | None:
    """Where machine code is kept: under the folder given, else in the user's cache.

    It is named after the sources of this room, as code that was compiled with other loops inside
    it would go on as if they had not changed. None if it cannot be written.
    """
    sources = sorted(Path(__file__).parent.glob("*.py"))
    digest = sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tradeline"
    folder = Path(given or user) / f"loops-{digest[:12]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


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
