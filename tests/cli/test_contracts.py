"""`tradeline contracts` from its command line."""

import subprocess
import sys

import pytest

from tradeline.cli.main import main
from tradeline.lake.contract_catalogue import catalogue_markdown
from tradeline.lake.contracts import CONTRACTS


def test_one_contract_is_printed_with_its_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contracts", "--only", "owners"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("owners: who owns the firm, and how much of it\n    enterprise: text; ")
    assert "    owner: text; the owner's name (person)\n" in shown
    assert "    (optional) paid_in: money, 0 or more; capital paid in\n" in shown
    assert "Key: enterprise, owner_no, occurred_at. An owner who leaves comes once more" in shown


def test_every_contract_is_printed_as_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contracts", "--format", "markdown"]) == 0
    assert capsys.readouterr().out == catalogue_markdown(CONTRACTS)


def test_an_unknown_contract_is_refused_with_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(["contracts", "--only", "rumours"])
    assert refusal.value.code == 2
    assert "invalid choice: 'rumours' (choose from" in capsys.readouterr().err


def test_the_contracts_need_no_heavy_library() -> None:
    code = (
        "import sys; from tradeline.cli.main import main; main(['contracts']);"
        "sys.exit(bool({'numpy', 'duckdb', 'sqlglot'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert done.returncode == 0
