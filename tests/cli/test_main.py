"""The command line starts quickly, helps, and refuses what it does not know."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tradeline.cli.main import main


def test_help_names_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "tradeline COMMAND --help" in capsys.readouterr().out


def test_an_unknown_command_is_refused_with_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(["frobnicate"])
    assert refusal.value.code == 2
    assert "invalid choice: 'frobnicate'" in capsys.readouterr().err


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import sys; from tradeline.cli.main import main; main([]);"
        "sys.exit(bool({'numpy', 'scipy', 'sklearn', 'duckdb', 'sqlglot'} & set(sys.modules)))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode
        == 0
    )


def test_what_the_system_refuses_is_said_with_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    place = "x" * 300
    assert main(["inspect", place]) == 2
    answer = capsys.readouterr().err
    assert answer.startswith(f"error: {place}")
    assert "The system refuses: File name too long. Check the path and your rights" in answer


def test_a_name_that_the_terminal_cannot_show_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "firms.csv").write_text("enterprise,name\n企业,🏭\n企业,x", encoding="utf-8")
    found = subprocess.run(
        [sys.executable, "-m", "tradeline", "inspect", str(tmp_path)],
        check=False, capture_output=True, env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert (found.returncode, b"Traceback" in found.stderr) == (1, False)
