"""`tradeline world` from its command line."""

from pathlib import Path

import pytest

from tradeline.cli.main import main


def test_a_market_is_made_with_progress(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "market"
    assert main(["world", "--enterprises", "20", "--months", "6", "--out", str(out)]) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("enterprises: 20 firms\nsales_invoices: ")
    assert (out / "truth" / "enterprises.csv").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--enterprises", "0"],
         "error: --enterprises: 0 firms make no market. Ask for at least 1.\n"),
        (["--as-of", "31.12.2024"],
         "error: --as-of: '31.12.2024' is no date. Write it like 2024-12-31.\n"),
        (["--as-of", "1789-07-14"],
         "error: --as-of: 1789-07-14 is out of range. Take a date from 1990 to 2200.\n"),
    ],
)  # fmt: skip
def test_a_wrong_option_is_refused_with_code_2(
    words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["world", "--out", str(tmp_path / "market"), *words]) == 2
    assert capsys.readouterr().err == message
    assert not (tmp_path / "market").exists()


def test_a_folder_in_use_is_refused_with_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["world", "--out", str(tmp_path)]) == 2
    assert "The folder is not empty." in capsys.readouterr().err
