"""Without the extra that compiles loops, the kernel says what to install."""

from datetime import datetime
from pathlib import Path

import pytest

from tests.creditfile.features.tables import connect
from tradeline.creditfile.features.hot import compiling, machine_code
from tradeline.creditfile.features.hot.kernel import compute_with_kernel
from tradeline.kernel.findings import InputProblem

SAID = (
    "error: numba: The kernel needs a compiler of loops, which is not installed. "
    'Run `pip install "tradeline[fast]"`, or compute the features on DuckDB.'
)


@pytest.fixture(autouse=True)
def no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "find_spec", lambda _: None)


def test_the_kernel_names_the_extra_that_is_missing() -> None:
    with connect({}) as connection, pytest.raises(InputProblem) as refusal:
        compute_with_kernel(connection, [("E1", datetime(2020, 1, 1))])  # noqa: DTZ001
    assert str(refusal.value) == SAID


def test_a_loop_can_be_declared_and_refuses_to_be_called() -> None:
    def twice(number: int) -> int:
        return 2 * number

    with pytest.raises(InputProblem) as refusal:
        compiling.compiled(twice)(1)
    assert str(refusal.value) == SAID


def test_code_is_kept_where_it_is_told_to_be(tmp_path: Path) -> None:
    folder = machine_code.cache_folder(str(tmp_path))
    assert folder is not None
    assert folder.parent == tmp_path
    assert folder.is_dir()


def test_code_is_not_kept_where_nothing_can_be_written(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("")
    assert machine_code.cache_folder(str(taken)) is None
