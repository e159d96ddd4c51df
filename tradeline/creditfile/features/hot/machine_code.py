"""Machine code of loops: compiled by numba once, kept as object files, loaded by llvmlite alone.

Importing numba and having it load what it kept takes over a second of processor time, on each
start; loading an object file takes a few milliseconds. A loop that is called from outside writes
into arrays that it is given: one that makes arrays of its own would need numba while it runs.
"""

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np

Layout = tuple[Any, ...]
"""Arguments by kind: `int`, the type and dimensions of an array, or a tuple of these."""

Code = Callable[..., int]
DIGEST = 32
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
ELSEWHERE = frozenset(("log", "memcpy", "memmove", "memset", "rint", "sqrt"))
"""What a loop may call of the system's libraries."""


def code_of(loop: Any, layout: Layout) -> Code:
    """A loop over arrays and whole numbers as machine code, compiled if it was not kept.

    To be called with two addresses that may be written to, then each argument: a number as it is,
    an array as its address and its shape.
    """
    folder = cache_folder(os.environ.get("NUMBA_CACHE_DIR", ""))
    told = sha256(f"{loop.digest} {layout}".encode()).hexdigest()
    name = f"{loop.__name__}-{told[:16]}"
    kept = folder / name if folder else None
    content = _kept(kept) if kept else None
    if content is None:
        content = _compiled(loop, layout, name)
        if kept:
            _keep(kept, content)
    return _loaded(content, name, sum(len(_parameters(kind)) for kind in layout))


@cache
def cache_folder(given: str) -> Path | None:
    """Where machine code is kept: under the folder given, else in the user's cache.

    It is named after the processor and what makes its code. None if it cannot be written, or if
    somebody else may write there.
    """
    machine = repr((sys.platform, *_processor(), _binding().llvm_version_info))
    digest = sha256(machine.encode()).hexdigest()
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tradeline"
    folder = Path(given or user) / f"loops-{digest[:12]}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ours = _is_ours(folder)
    except OSError:
        return None
    return folder if ours and os.access(folder, os.W_OK) else None


def _is_ours(folder: Path) -> bool:
    """Whether nobody else may write there: what is loaded from it runs as we do."""
    if not hasattr(os, "getuid"):  # elsewhere a user's cache is the user's
        return True
    told = folder.stat()
    return told.st_uid == os.getuid() and not told.st_mode & 0o022


@cache
def _binding() -> Any:
    import llvmlite.binding  # type: ignore[import-untyped]

    llvmlite.binding.initialize_native_target()
    llvmlite.binding.initialize_native_asmprinter()
    return llvmlite.binding


@cache
def _processor() -> tuple[str, str]:
    llvm = _binding()
    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


def _machine() -> Any:
    name, features = _processor()
    target = _binding().Target.from_default_triple()
    return target.create_target_machine(cpu=name, features=features, opt=3, jit=True)


def _kept(path: Path) -> bytes | None:
    """What a file keeps, if it is whole."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, code = content[:DIGEST], content[DIGEST:]
    return code if sha256(code).digest() == digest else None


def _keep(path: Path, code: bytes) -> None:
    with NamedTemporaryFile(dir=path.parent, delete=False) as stream:
        stream.write(sha256(code).digest() + code)
    Path(stream.name).replace(path)


_ENGINES: list[Any] = []
"""What holds the code that was loaded: it goes when they go."""


def _loaded(content: bytes, name: str, parameters: int) -> Code:
    llvm = _binding()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(content))
    engine.finalize_object()
    _ENGINES.append(engine)
    kinds = [ctypes.c_void_p] * 2 + [ctypes.c_int64] * parameters
    return ctypes.CFUNCTYPE(ctypes.c_int32, *kinds)(engine.get_function_address(name))


def _parameters(kind: Any) -> list[str]:
    """What one argument is handed over as: `int`, or an address of values and lengths."""
    if isinstance(kind, tuple):
        return [parameter for part in kind for parameter in _parameters(part)]
    if kind == "int":
        return ["int"]
    return [kind[:-1], *["int"] * int(kind[-1])]


def _compiled(loop: Any, layout: Layout, name: str) -> bytes:
    """The object file of a loop that takes what `layout` lays out."""
    numba: Any = import_module("numba")
    counter = iter(range(10_000))
    told = ", ".join(_argument(kind, counter) for kind in layout)
    parameters = [parameter for kind in layout for parameter in _parameters(kind)]
    names = ", ".join(f"a{n}" for n in range(len(parameters)))
    entry: dict[str, Any] = {"loop": loop, "carray": numba.carray}
    exec(f"def entry({names}):\n    loop({told})\n", entry)  # noqa: S102  # letters and commas
    signature = numba.void(*map(_numba_type, parameters))
    made = numba.njit(
        signature, no_cpython_wrapper=True, no_cfunc_wrapper=True, **OPTIONS
    )(entry["entry"])  # fmt: skip
    (own,) = made.overloads.values()
    return _object(made.inspect_llvm(own.signature.args), own.fndesc.llvm_func_name, name)


def _argument(kind: Any, counter: Iterator[int]) -> str:
    if isinstance(kind, tuple):
        return f"({''.join(f'{_argument(part, counter)}, ' for part in kind)})"
    first = f"a{next(counter)}"
    if kind == "int":
        return first
    lengths = "".join(f"a{next(counter)}, " for _ in range(int(kind[-1])))
    return f"carray({first}, ({lengths}))"


def _numba_type(parameter: str) -> Any:
    numba: Any = import_module("numba")
    if parameter == "int":
        return numba.int64
    return numba.types.CPointer(numba.np.numpy_support.from_dtype(np.dtype(parameter)))


def _object(text: str, inner: str, name: str) -> bytes:
    """One function of an LLVM module, under a name of ours, and what it calls."""
    llvm = _binding()
    module = llvm.parse_assembly(text.replace(inner, name))
    for function in module.functions:
        if not function.is_declaration and function.name != name:
            function.linkage = "internal"
    passes = llvm.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(module, llvm.create_pass_builder(_machine(), llvm.create_pipeline_tuning_options()))
    called = {f.name for f in module.functions if f.is_declaration and f.name[:5] != "llvm."}
    assert called <= ELSEWHERE, f"{name} makes arrays or raises: it calls {called - ELSEWHERE}"
    made: bytes = _machine().emit_object(module)
    return made
