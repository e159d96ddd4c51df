"""`tradeline loan line` from its command line."""

import json
from pathlib import Path

import pytest

from tradeline.cli.main import main

EXAMPLES = Path(__file__).parents[2] / "examples" / "lending"
LINE, BY_BILL = str(EXAMPLES / "line.yaml"), str(EXAMPLES / "line_by_bill.yaml")
Printed = pytest.CaptureFixture[str]


def test_a_draw_is_shown_as_the_loan_that_it_is(capsys: Printed) -> None:
    assert main(["loan", "line", LINE]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("CNY 100,000.00 until 2026-12-31, 40,000.00 of it not drawn\n")
    assert "1  2026-02-01    31   9,734.02    620.00  10,354.02  50,265.98" in printed
    assert main(["loan", "line", LINE, "--format", "json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert table["draw"]["totals"]["to_pay_minor"] == 6_212_413


def test_a_balance_is_shown_bill_by_bill(capsys: Printed) -> None:
    assert main(["loan", "line", BY_BILL]) == 0
    printed = capsys.readouterr().out
    assert " 1  2026-02-21   6,000.00    620.00   34.44   6,654.44  54,000.00" in printed
    assert "        in all  60,000.00  4,752.95  628.27  65,381.22" in printed
    assert main(["loan", "line", BY_BILL, "--format", "json"]) == 0
    bills = json.loads(capsys.readouterr().out)["bills"]
    assert sum(bill["principal_minor"] for bill in bills) == 6_000_000


def test_a_draw_above_the_limit_ends_with_2(tmp_path: Path, capsys: Printed) -> None:
    path = tmp_path / "line.yaml"
    path.write_text(Path(LINE).read_text("utf-8").replace("draw: 60000", "draw: 100000.01"))
    assert main(["loan", "line", str(path)]) == 2
    assert "10000001 is more than the limit of 10000000. Ask for less." in capsys.readouterr().err
