"""`tradeline enterprise`: joined, shown, split, what it touched, what is to be reviewed."""

from datetime import datetime
from pathlib import Path

import pytest

from tests.creditfile.linkage.registers import firms_lake, link, say, tell_orders
from tests.lake.lakes import day
from tradeline.cli.enterprise import known_at
from tradeline.cli.main import main
from tradeline.kernel.findings import InputProblem

NOW = datetime(2026, 5, 4, 12)  # noqa: DTZ001
BY = ["--by", "A. Officer"]


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main(["enterprise", *words]) == code
    shown = capsys.readouterr()
    return shown.err if code == 2 else shown.out


def test_a_join_a_file_of_features_and_the_split(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = firms_lake(tmp_path)
    tell_orders(root, [("E1", "1", 100, 1), ("E2", "1", 900, 2)])
    say(root, [link("E2", "E3", probability=0.91)], 3)
    lake, out = str(root), tmp_path / "joined.parquet"
    joined = said(capsys, "join", lake, "E1", "E2", *BY, "--reason", "one account")
    assert joined == (
        "E1 and E2 are judged to be same, as entry 4.\n"
        "before: E1; E2 = E3\nfrom now on: E1 = E2 = E3\n"
    )
    assert "ent_22249aa61fd2594e  E1 = E2 = E3\n" in said(capsys, "entities", lake)
    words = ["--as-of", "2100-01-01", "--source", "orders", "--out", str(out)]
    assert main(["features", lake, *words]) == 0
    capsys.readouterr()
    parted = said(capsys, "split", lake, "E2", "E1", *BY, "--reason", "two owners")
    assert parted.splitlines()[2] == "from now on: E1; E2 = E3"
    shown = said(capsys, "touched", lake, "E1", "E2")
    assert "features  joined.parquet  sha256:" in shown
    assert "held apart it is E1\n" in shown
    assert shown.endswith("3 uses would have read other rows had E1 and E2 been held apart.\n")
    links = said(capsys, "links", lake, "E1")
    assert links.startswith("E1  E2  different  0.0000  A. Officer: two owners\n1 link as known at")
    found = said(capsys, "links", lake, "--known-at", f"{day(4):%Y-%m-%d}")
    assert "E2  E3  same" in found
    assert "engine 1: name: equal\n" in found
    review = said(capsys, "review", lake)
    assert review.startswith("E2 and E3: 9.0% likely to be wrong as same; no file would change\n")
    assert "\n  E2: firm E2\n    owes 0" in review
    assert review.endswith("1 pair to be judged, 1 shown.\n")


def test_contradicting_judgements_are_said_with_an_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = firms_lake(tmp_path)
    said_by_hand = [link("E1", "E2"), link("E2", "E3"), link("E1", "E3", "different")]
    say(root, said_by_hand, 3, "judgement")
    shown = said(capsys, "entities", str(root), code=1)
    assert shown.startswith("error: E1, E2, E3: Judgements join these enterprises and hold two")


def test_a_refusal_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = firms_lake(tmp_path)
    refused = said(capsys, "join", str(root), "E1", "E1", *BY, "--reason", "x", code=2)
    assert refused.startswith("error: E1: An enterprise is always one with itself.")


def test_a_day_means_its_end_and_now_is_the_latest() -> None:
    assert known_at(None, NOW) == NOW
    assert known_at("2026-05-01", NOW) == datetime(2026, 5, 1, 23, 59, 59, 999999)  # noqa: DTZ001
    assert known_at("2026-05-04", NOW) == NOW
    assert known_at("2026-05-01T10:00:00+08:00", NOW) == datetime(2026, 5, 1, 2)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-05-05", "error: --known-at: 2026-05-05 is to come; nobody knows what will be "
         "known. Name a day that has come."),
        ("soon", "error: --known-at: 'soon' is no moment. Write it like 2024-12-31 or "
         "2024-12-31T18:30:00+08:00."),
    ],
)  # fmt: skip
def test_a_moment_that_is_none_or_to_come_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        known_at(text, NOW)
    assert str(refusal.value) == words
