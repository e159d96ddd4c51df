"""The command line starts quickly, helps, and refuses what it does not know."""

import subprocess
import sys

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
