"""`tradeline loan` from its command line: schedules of terms, and cases held to the cent."""

import json
from pathlib import Path

import pytest

from tradeline.cli.main import main

Printed = pytest.CaptureFixture[str]
EXAMPLES = Path(__file__).parents[2] / "examples" / "lending"
TERMS, CASE = EXAMPLES / "term_loan.yaml", EXAMPLES / "case.json"


def changed(folder: Path, was: str, now: str) -> str:
    """The example of a case with something else in it."""
    path = folder / "case.json"
    text = CASE.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, now, 1), encoding="utf-8")
    return str(path)


def test_a_preview_is_a_table_or_json_of_the_same(capsys: Printed) -> None:
    assert main(["loan", "preview", str(TERMS)]) == 0
    assert "1  2026-02-15    31   19,629.89    856.11" in capsys.readouterr().out
    assert main(["loan", "preview", str(TERMS), "--format", "json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert table["instalments"][0]["interest_minor"] == 85_611
    assert table["apr"] == {"percent": "8.31", "reason": None}


def test_the_guide_shows_what_a_preview_prints(capsys: Printed) -> None:
    assert main(["loan", "preview", str(TERMS)]) == 0
    guide = (EXAMPLES.parents[1] / "docs" / "guides" / "loans.md").read_text(encoding="utf-8")
    assert f"```text\n{capsys.readouterr().out}```\n" in guide


def test_a_preview_says_why_there_is_no_rate(tmp_path: Path, capsys: Printed) -> None:
    path = tmp_path / "terms.yaml"
    terms = TERMS.read_text(encoding="utf-8")
    path.write_text(f"{terms}every: 18\n", encoding="utf-8")
    assert main(["loan", "preview", str(path)]) == 0
    assert "\nAPR: none. Its periods of 18 months exceed a year.\n" in capsys.readouterr().out


def test_a_case_that_holds_ends_with_0(capsys: Printed) -> None:
    assert main(["loan", "replay", str(CASE)]) == 0
    assert capsys.readouterr().out == "late_exact: 99 figures, and all hold.\n"


def test_a_case_that_does_not_hold_ends_with_1_and_a_table(tmp_path: Path, capsys: Printed) -> None:
    assert (
        main(["loan", "replay", changed(tmp_path, '"interest": "43.75"', '"interest": "43.76"')])
        == 1
    )
    printed = capsys.readouterr().out
    assert printed.startswith("late_exact: 1 of 99 figures do not hold.\n")
    assert "expected  got" in printed
    assert "43.76     43.75" in printed


@pytest.mark.parametrize(
    ("was", "now", "message"),
    [
        ('"interest_type"', '"kind_of_interest"', "The word 'kind_of_interest' is not in the"),
        ('"declining balance"', '"falling"', "The value 'falling' is not in the vocabulary."),
        ('"amount": "862.00"', '"amount": "862,00"', "862,00"),
        ('"case_id"', '"case_id', "is no JSON"),
    ],
)
def test_a_word_outside_the_vocabulary_ends_with_2(
    was: str, now: str, message: str, tmp_path: Path, capsys: Printed
) -> None:
    assert main(["loan", "replay", changed(tmp_path, was, now)]) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.out == ""


def test_terms_that_are_wrong_end_with_2(tmp_path: Path, capsys: Printed) -> None:
    path = tmp_path / "terms.yaml"
    path.write_text("currency: CNY\nprincipal: 100\nrate_annual: 0.1\n", encoding="utf-8")
    assert main(["loan", "preview", str(path)]) == 2
    assert "`start` is missing; it must be a date such as 2026-01-31." in capsys.readouterr().err


@pytest.mark.parametrize("action", ["preview", "replay"])
def test_a_file_that_is_not_there_ends_with_2(action: str, capsys: Printed) -> None:
    assert main(["loan", action, "gone.file"]) == 2
    assert "gone.file" in capsys.readouterr().err
