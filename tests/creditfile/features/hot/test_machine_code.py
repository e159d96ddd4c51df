"""What was compiled is kept for what it was made from, and loads whole or not at all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tradeline.creditfile.features.hot import machine_code
from tradeline.creditfile.features.hot.compiling import Loop, compiled

Array = NDArray[Any]


@compiled
def twice(number: int) -> int:
    return 2 * number


@compiled
def fill(pair: tuple[Array, int], out: Array) -> None:
    values, more = pair
    for row in range(values.size):
        out[row] = twice(values[row]) + more


def kept(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("fill-*"))


def fresh(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Callable[..., None]:
    """The loop as in a new process that keeps its code in a folder."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
    return Loop(fill.function)  # type: ignore[attr-defined]


def filled(loop: Callable[..., None]) -> list[int]:
    out = np.zeros(3, np.int64)
    loop((np.arange(3), 5), out)
    return out.tolist()


def never(*_: object) -> bytes:
    raise AssertionError("It is kept already.")


def test_code_is_compiled_once_and_loaded_by_the_next_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert filled(fresh(monkeypatch, tmp_path)) == [5, 7, 9]
    assert len(kept(tmp_path)) == 1
    monkeypatch.setattr(machine_code, "_compiled", never)
    assert filled(fresh(monkeypatch, tmp_path)) == [5, 7, 9]


def test_torn_code_is_compiled_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    filled(fresh(monkeypatch, tmp_path))
    (path,) = kept(tmp_path)
    path.write_bytes(path.read_bytes()[:-9])
    assert filled(fresh(monkeypatch, tmp_path)) == [5, 7, 9]
    monkeypatch.setattr(machine_code, "_compiled", never)
    assert filled(fresh(monkeypatch, tmp_path)) == [5, 7, 9]


def test_code_that_others_could_have_written_is_not_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    filled(fresh(monkeypatch, tmp_path))
    (path,) = kept(tmp_path)
    path.parent.chmod(0o777)
    machine_code.cache_folder.cache_clear()
    path.write_bytes(b"")
    assert filled(fresh(monkeypatch, tmp_path)) == [5, 7, 9]
    assert path.read_bytes() == b""
    machine_code.cache_folder.cache_clear()


def test_a_loop_is_told_apart_by_all_that_it_calls_and_knows() -> None:
    def made(body: str) -> str:
        known: dict[str, Any] = {"compiled": compiled, "STEP": 1}
        text = f"@compiled\ndef inner(n):\n    return {body}\n\n@compiled\ndef outer(out):\n"
        exec(f"{text}    out[0] = inner(out[1])\n", known)
        digest: str = known["outer"].digest
        return digest

    assert made("n + STEP") == made("n + STEP")
    assert made("n + STEP") != made("n - STEP")


def test_a_loop_that_makes_arrays_is_refused(tmp_path: Path) -> None:
    def makes(out: Array) -> None:
        room = np.empty(out.size)
        room[:] = out
        out[0] = room[::-1].sum()

    with pytest.raises(AssertionError, match="makes arrays or raises: it calls"):
        compiled(makes)(np.zeros(9))


def test_arrays_in_pieces_are_refused() -> None:
    with pytest.raises(ValueError, match="takes arrays in one piece"):
        fill((np.arange(6)[::2], 5), np.zeros(3, np.int64))
