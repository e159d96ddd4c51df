"""`tradeline lake` on data of natural persons, as a user runs it."""

import json
from io import StringIO
from pathlib import Path

import pytest

from tests.lake.persons import BANK, FIRMS, OWNERS, forget, shown, tell
from tradeline.cli.main import main
from tradeline.lake.store import open_lake

Printed = pytest.CaptureFixture[str]
WHY = ("--reason", "asked by letter")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> Path:
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "lake"
    assert main(["lake", "init", str(root)]) == 0
    tell(root, "a", enterprises=FIRMS, bank_transactions=BANK, owners=OWNERS)
    capsys.readouterr()
    return root


def lake(action: str, root: Path, *words: str) -> int:
    return main(["lake", action, str(root), *words])


def test_a_dry_run_shows_what_would_be_erased(root: Path, capsys: Printed) -> None:
    assert lake("erase", root, "--subject", "E1", "--dry-run") == 0
    assert capsys.readouterr().out == (
        "enterprise:E1: 1 row of enterprises, 2 rows of bank_transactions\n"
        "Nothing was erased: this was a dry run.\n"
    )
    assert shown(root, "SELECT count(name) FROM enterprises") == [(2,)]


@pytest.mark.parametrize("answer", ["", "\n", "yes\n", "E1\n"])
def test_nothing_is_erased_unless_somebody_says_so(
    root: Path, answer: str, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(answer))
    assert lake("erase", root, "--subject", "E1", *WHY) == 1
    assert capsys.readouterr().out.endswith(
        "Nothing brings the values back. Write `erase` to go on: Nothing was erased.\n"
    )
    assert shown(root, "SELECT count(name) FROM enterprises") == [(2,)]


def test_an_erasure_gives_a_certificate_that_is_checked(
    root: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("erase\n"))
    assert lake("erase", root, "--subject", "E1", *WHY) == 0
    assert "1 key destroyed, as entry 2. Nothing opens the values." in capsys.readouterr().out
    (path,) = root.parent.glob("erasure-*.json")
    text = path.read_text("utf-8")
    assert "E1" not in text
    assert json.loads(text)["entry"]["act"]["reason"] == "asked by letter"
    assert lake("check", root, str(path)) == 0
    assert capsys.readouterr().out == (
        "The certificate holds: the log's chain and the signature are sound, and 3 rows of the "
        "subject are there.\nNone of 2 keys opens any of 2 values that were tried.\n"
    )
    assert lake("check", root, str(path), "--subject", "E1") == 0
    assert "\nIt is of E1.\n" in capsys.readouterr().out
    assert lake("check", root, str(path), "--subject", "E2") == 2
    assert "The certificate is not of E2" in capsys.readouterr().err
    assert lake("verify", root) == 0
    assert capsys.readouterr().out == (
        "The lake is whole: 2 entries, 6 files, 7 rows.\n"
        "1 subject erased; their rows are there, unopened.\n"
    )
    (root.parent / "lake.key").rename(root.parent / "away")
    assert lake("check", root, str(path)) == 0
    assert "The keys were not checked: no key file was found." in capsys.readouterr().out


def test_erasing_twice_says_when_it_was_done(root: Path, capsys: Printed) -> None:
    forget(root, "E1")
    assert lake("erase", root, "--subject", "E1", *WHY, "--certificate", "c.json") == 0
    assert capsys.readouterr().out == (
        "enterprise:E1: 1 row of enterprises, 2 rows of bank_transactions\n"
        "It was erased on 2024-04-10, as entry 2; nothing changed.\n"
        "The certificate is c.json.\n"
    )


@pytest.mark.parametrize("words", [["erase"], ["hold"], ["release"]])
def test_a_missing_reason_is_asked_for(root: Path, words: list[str], capsys: Printed) -> None:
    assert lake(words[0], root, "--subject", "E1") == 2
    assert "this is no reason. Write one line of up to 500 characters." in capsys.readouterr().err


def test_a_hold_is_shown_and_forbids(root: Path, capsys: Printed) -> None:
    assert lake("hold", root, "--subject", "E1", "--reason", "case 3") == 0
    assert capsys.readouterr().out == "E1 is under a legal hold, as entry 2.\n"
    assert lake("show", root) == 0
    assert "legal hold, entry 2: case 3\n" in capsys.readouterr().out
    assert lake("erase", root, "--subject", "E2", *WHY, "--yes") == 0
    assert lake("show", root) == 0
    assert "\n1 subject erased\n" in capsys.readouterr().out
    assert lake("erase", root, "--subject", "E1", *WHY, "--yes") == 2
    assert "is under a legal hold and is not erased: case 3." in capsys.readouterr().err
    assert lake("release", root, "--subject", "E1", "--reason", "case closed") == 0
    assert lake("erase", root, "--subject", "E1", *WHY, "--yes") == 0


def test_retention_lists_what_is_due_and_erases_it(root: Path, capsys: Printed) -> None:
    assert lake("retention", root, "--as-of", "2034-01-02") == 0
    assert capsys.readouterr().out == (
        "On 2034-01-02 0 subjects with 0 rows are due of 3 kept; 0 more are under a legal hold; "
        "0 are erased.\n"
    )
    lake("hold", root, "--subject", "E2", "--reason", "case 3")
    capsys.readouterr()
    assert lake("retention", root, "--as-of", "2034-01-03", "--erase", "--yes") == 0
    out = capsys.readouterr().out
    assert out.startswith(
        "On 2034-01-03 2 subjects with 5 rows are due of 3 kept; 1 more are under a legal hold; "
    )
    assert "owner_no:P1                          2 2024-01-03   2034-01-03   " in out
    assert "2 keys destroyed, as entry 3." in out
    assert open_lake(root).entries[-1].act
    assert shown(root, "SELECT count(name), count(owner) FROM enterprises, owners") == [(2, 0)]


@pytest.mark.parametrize("on", ["soon", "2034-13-01", ""])
def test_a_date_that_is_none_is_refused(root: Path, on: str, capsys: Printed) -> None:
    with pytest.raises(SystemExit):
        lake("retention", root, "--as-of", on)
    assert f"'{on}' is no date: write it like 2031-12-31" in capsys.readouterr().err


def test_a_file_that_is_no_certificate_is_refused(root: Path, capsys: Printed) -> None:
    Path("c.json").write_text("[", encoding="utf-8")
    assert lake("check", root, "c.json") == 2
    assert "This is no certificate of an erasure." in capsys.readouterr().err
    assert lake("check", root, "none.json") == 2
    assert "The system refuses: No such file or directory." in capsys.readouterr().err
