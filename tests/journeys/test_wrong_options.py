"""Wrong options and places: a clear message, exit code 2, and nothing is written."""

import os
from pathlib import Path

import pytest

from tests.journeys.wrong_folders import (
    Printed,
    assess,
    errors,
    write_sound_folder,
)
from tradeline.cli.main import main

SCENARIOS = "See docs/guides/scenarios.md."
PLACE = "Name a new folder, an empty one, or that of an earlier assessment."
NO_NUMBER = "is no whole number of currency units. Write it like 100000000."
OPTIONS = [
    ("--as-of", "tomorrow", "'tomorrow' is no date. Write it like 2024-12-31."),
    ("--as-of", "31.12.2023", "'31.12.2023' is no date. Write it like 2024-12-31."),
    ("--as-of", "", "'' is no date. Write it like 2024-12-31."),
    (
        "--as-of",
        "0001-01-01",
        "0001-01-01 lies outside the years 1970 to 2199. Write it like 2024-12-31.",
    ),
    (
        "--as-of",
        "9999-12-31",
        "9999-12-31 lies outside the years 1970 to 2199. Write it like 2024-12-31.",
    ),
    ("--budget", "lots", f"'lots' {NO_NUMBER}"),
    ("--budget", "1.5", f"'1.5' {NO_NUMBER}"),
    ("--budget", "1e6", f"'1e6' {NO_NUMBER}"),
    ("--budget", "²", f"'²' {NO_NUMBER}"),
    ("--budget", "9" * 5000, "There is not that much money. Write it like 100000000."),
    ("--budget", "-5", "-5 is negative. Raise --budget to at least 100,000."),
    (
        "--budget",
        "50000",
        "A budget of 50,000 lends nothing: the least loan is 100,000. Raise --budget to at least "
        "100,000.",
    ),
    *(
        (
            "--base-rate",
            rate,
            f"A default rate of {rate} does not lie between 0 and 1. State it as a share, such as "
            "0.05.",
        )
        for rate in ("0", "1", "5", "nan", "-0.1")
    ),
    ("--resamples", "0", "0 refits give no range. Take 1 or more."),
    ("--resamples", "-3", "-3 refits give no range. Take 1 or more."),
    ("--resamples", "1000000", "1000000 refits take too long. Take at most 10000."),
    ("--seed", "-1", "-1 is negative. Take a whole number from 0."),
    ("--currency", "EURO", "'EURO' is no currency. Write its ISO 4217 code, such as CNY."),
    ("--currency", "ABC", "'ABC' is no currency. Write its ISO 4217 code, such as CNY."),
]


@pytest.mark.parametrize(("option", "value", "message"), OPTIONS)
def test_an_option_that_cannot_be(
    tmp_path: Path, capsys: Printed, option: str, value: str, message: str
) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    assert assess(folder, option, value) == 2
    assert errors(capsys) == [f"error: {option}: {message}"]
    assert not (tmp_path / "out").exists()


def test_a_day_before_the_first_record_is_refused(tmp_path: Path, capsys: Printed) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    for day, message in (
        ("2019-01-01", "error: folder: No firm has any record that was known as of the date. "
                       "Choose a later --as-of, or send the firms' records."),
        ("1999-01-01", "error: parameters/quality.yaml: promise_days has no value on 1999-01-01: "
                       "its first is valid from 2000-01-01. Assess a later date, or add a value "
                       "that was valid then."),
    ):  # fmt: skip
        assert assess(folder, "--as-of", day) == 2
        assert errors(capsys) == [message]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("option", "noun", "remedy"),
    [
        ("--mapping", "mapping file", "`tradeline inspect FOLDER` proposes one."),
        ("--scenario", "scenario file", SCENARIOS),
        ("--industry-caps", "file of industry caps", "Write lines such as `construction: 0.2`."),
    ],
)
def test_a_file_that_an_option_names_and_that_is_not_there(
    tmp_path: Path, capsys: Printed, option: str, noun: str, remedy: str
) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    gone = tmp_path / "gone.yaml"
    assert assess(folder, option, str(gone)) == 2
    assert errors(capsys) == [f"error: {gone}: There is no such {noun}. {remedy}"]
    assert assess(folder, option, str(tmp_path)) == 2
    assert errors(capsys) == [f"error: {tmp_path}: A folder is no {noun}. {remedy}"]
    assert not (tmp_path / "out").exists()


CAPS = "Write lines such as `construction: 0.2`."
STATED = [
    (
        "--industry-caps",
        "x: [",
        ["x.yaml: The file of industry caps is not YAML: line 1, column 5: expected the node "
         "content, but found '<stream end>'. Mend that line."],
    ),
    ("--industry-caps", "[]", [f"x.yaml: The file of industry caps names no industry. {CAPS}"]),
    (
        "--industry-caps",
        "other: 20%",
        ["x.yaml: The file of industry caps gives 'other' the cap '20%', which is no number. "
         f"{CAPS}"],
    ),
    (
        "--industry-caps",
        "mining: 7",
        [
            "industry caps: No firm is in the industry 'mining'. Take one of retail and wholesale.",
            "industry caps: The cap of 'mining' is 7, outside 0 to 1. Write a share of the budget, "
            "such as 0.25 for a quarter.",
        ],
    ),
    (
        "--industry-caps",
        "retail and wholesale: .nan",
        ["industry caps: The cap of 'retail and wholesale' is nan, outside 0 to 1. Write a share "
         "of the budget, such as 0.25 for a quarter."],
    ),
    (
        "--scenario",
        "name: x\nname: y",
        ["x.yaml: The scenario file is not YAML: line 2, column 1: the key 'name' stands twice. "
         "Mend that line."],
    ),
    (
        "--scenario",
        "name: x",
        [f"x.yaml: The scenario needs a list `shocks` with at least one shock. {SCENARIOS}"],
    ),
    (
        "--scenario",
        'name: x\nshocks: [{industry: "*", odds: 3}]',
        [
            "x.yaml: shock 1: unknown key 'odds'; known are industry, default_odds, sales, lgd. "
            f"{SCENARIOS}",
            "x.yaml: shock 1 changes nothing; state one of default_odds, sales, lgd. "
            f"{SCENARIOS}",
        ],
    ),
    (
        "--scenario",
        'name: x\nshocks: [{industry: "*", sales: -40}]',
        [f"x.yaml: shock 1: `sales` is -40; it must be a number from -1 to 10. {SCENARIOS}"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("option", "content", "messages"), STATED)
def test_a_file_of_options_that_cannot_be(
    tmp_path: Path, capsys: Printed, option: str, content: str, messages: list[str]
) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    (tmp_path / "x.yaml").write_text(content, encoding="utf-8")
    assert assess(folder, option, str(tmp_path / "x.yaml")) == 2
    assert errors(capsys) == [f"error: {message}" for message in messages]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("diary.txt", f"This is a file, no folder. {PLACE}"),
        ("", f"The folder holds other things. {PLACE}"),
        ("folder", "The results would lie among the records. Name a folder elsewhere."),
        ("folder/out", "The results would lie among the records. Name a folder elsewhere."),
    ],
)
def test_results_are_written_over_nothing_else(
    tmp_path: Path, capsys: Printed, place: str, message: str
) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    (tmp_path / "diary.txt").write_text("mine", encoding="utf-8")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert assess(folder, "--out", str(tmp_path / place)) == 2
    assert errors(capsys) == [f"error: {tmp_path / place}: {message}"]
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


def test_a_place_that_the_system_refuses_is_told(tmp_path: Path, capsys: Printed) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    assert assess(folder, "--out", "/proc/none/out") == 2
    (line,) = errors(capsys)
    assert line.startswith("error: /proc")
    assert line.endswith("Name another folder.")


def test_an_empty_folder_says_what_to_put_there(tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "folder").mkdir()
    message = (
        f"error: {tmp_path / 'folder'}: The folder holds no file that can be read. Put files of "
        "these kinds into it: .csv, .jsonl, .ndjson, .parquet, .tsv, .txt, .xlsx, .xml."
    )
    assert main(["inspect", str(tmp_path / "folder")]) == 2
    assert errors(capsys) == [message]
    assert assess(tmp_path / "folder") == 2
    assert errors(capsys) == [message]
    assert not (tmp_path / "out").exists()


def test_a_sound_folder_gives_no_error_at_all(tmp_path: Path, capsys: Printed) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    assert main(["inspect", str(folder)]) == 0
    assert "error" not in capsys.readouterr().out


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_what_may_not_be_read_or_written_is_told(tmp_path: Path, capsys: Printed) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    refusals = {
        (folder / "enterprises.csv", 0o000): "error: enterprises.csv: The file cannot be read "
        "(Permission denied). Ask for the right to read it, or take it out of the folder.",
        (folder, 0o000): f"error: {folder}/tradeline.yaml: The system refuses: Permission denied. "
        "Check the path and your rights to it.",
        (tmp_path, 0o500): f"error: {tmp_path}: The results cannot be written there (Permission "
        "denied). Name another folder.",
    }
    for (path, mode), message in refusals.items():
        before = path.stat().st_mode
        path.chmod(mode)
        code, found = assess(folder), errors(capsys)
        path.chmod(before)
        assert (code, found) == (2, [message])
    assert not (tmp_path / "out").exists()
