"""Compiled loops: numba, the optional extra `fast`, asked for only where a kernel is used."""

from collections.abc import Callable, Sequence
from functools import cached_property
from hashlib import sha256
from importlib.util import find_spec
from threading import Lock
from typing import Any, TypeVar, cast

import numpy as np

from tradeline.creditfile.features.hot.machine_code import OPTIONS, Code, Layout, code_of
from tradeline.kernel.findings import problem

Whole = Any
"""A whole number inside a loop: 64 bits, whatever Python takes it for."""

Function = TypeVar("Function", bound=Callable[..., Any])
IGNORED = np.zeros(8, np.int64)
"""Where compiled code may write what nobody reads: that it ended, and how."""


def compiled(function: Function) -> Function:
    """The function as machine code, which is kept for the next process (`machine_code`).

    Other compiled functions may call it. From outside it takes whole numbers, arrays in one piece
    and tuples of them, writes into arrays and gives nothing back; it lets other threads run. It
    wraps integers silently as C does: whoever calls it has made sure that sums fit. Without the
    compiler it can be imported, and refuses to be called.
    """
    return cast(Function, Loop(function))


class Loop:
    """A function that becomes machine code when it is called; numba takes it for one of its own."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__name__ = function.__name__
        self.codes: dict[tuple[str | int, ...], Code] = {}
        self.compiling = Lock()

    @cached_property
    def digest(self) -> str:
        """What the code is made from: the function, numbers that it knows, and what it calls."""
        code, known = self.function.__code__, self.function.__globals__
        told = [code.co_code.hex(), repr(code.co_consts), repr((code.co_varnames, code.co_names))]
        for value in (known.get(name) for name in code.co_names):
            told.append(value.digest if isinstance(value, Loop) else "")
            told.append(repr(value) if isinstance(value, int | float | np.generic) else "")
        return sha256(" ".join(told).encode()).hexdigest()

    @cached_property
    def _inner(self) -> Any:
        import numba

        return numba.njit(forceinline=True, **OPTIONS)(self.function)

    @property
    def _numba_type_(self) -> Any:
        import numba

        return numba.types.Dispatcher(self._inner)

    def __call__(self, *arguments: Any) -> None:
        """Run the code on arguments of the same kinds; the first call of a kind makes it."""
        kinds: list[str | int] = []
        values: list[int] = []
        _hand_over(arguments, kinds, values)
        code = self.codes.get(tuple(kinds)) or self._code(tuple(kinds), arguments)
        ignored = IGNORED.ctypes.data
        code(ignored, ignored, *values)

    def _code(self, kinds: tuple[str | int, ...], arguments: Sequence[Any]) -> Code:
        require_compiler()
        with self.compiling:
            if kinds not in self.codes:
                self.codes[kinds] = code_of(self, _layout(arguments))
            return self.codes[kinds]


def _hand_over(arguments: Sequence[Any], kinds: list[str | int], values: list[int]) -> None:
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            if not argument.flags.c_contiguous:
                raise ValueError("A loop takes arrays in one piece.")
            kinds += (argument.dtype.char, argument.ndim)
            values.append(argument.ctypes.data)
            values += argument.shape
        elif isinstance(argument, tuple):
            _hand_over(argument, kinds, values)
        else:
            kinds.append("int")
            values.append(int(argument))


def _layout(arguments: Sequence[Any]) -> Layout:
    return tuple(
        f"{argument.dtype.str}{argument.ndim}"
        if isinstance(argument, np.ndarray)
        else _layout(argument)
        if isinstance(argument, tuple)
        else "int"
        for argument in arguments
    )


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
