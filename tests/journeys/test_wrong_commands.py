"""Wrong words to any command: a clear message, exit code 2, and nothing is written."""

from pathlib import Path

import pytest

from tests.journeys.wrong_folders import Printed, errors
from tradeline.cli.main import main

OTHERS = [
    (["inspect", "gone"], "error: gone: There is no such folder. Check its name."),
    (["inspect", "diary.txt"], "error: diary.txt: This is a file, no folder. Check its name."),
    (
        ["inspect", "."],
        "error: diary.txt: The file looks like no contract: nearest is enterprises, but "
        "enterprise, name is missing among mine. Send what is missing, map it by hand in "
        "tradeline.yaml, or take it out of the folder.",
    ),
    (
        ["inspect", ".", "--currency", "yuan"],
        "error: --currency: 'yuan' is no currency. Write its ISO 4217 code, such as CNY.",
    ),
    (
        ["inspect", ".", "--write", "diary.txt"],
        "error: --write: There is a file called diary.txt already. Name a new file, or remove "
        "that one.",
    ),
    (
        ["inspect", ".", "--refused", "no/refused.csv"],
        "error: --refused: The folder no does not exist. Make it, or name a file in another one.",
    ),
    (
        ["assess", "gone", "--budget", "500000", "--out", "o"],
        "error: gone: There is no such folder. Check its name.",
    ),
    (
        ["world", "--enterprises", "0", "--out", "o"],
        "error: --enterprises: 0 firms make no market. Ask for at least 1.",
    ),
    (
        ["world", "--seed", "-1", "--out", "o"],
        "error: --seed: -1 is negative. Take a whole number from 0.",
    ),
    (
        ["world", "--as-of", "soon", "--out", "o"],
        "error: --as-of: 'soon' is no date. Write it like 2024-12-31.",
    ),
    (
        ["world", "--default-rate", "5", "--out", "o"],
        "error: --default-rate: 5.0 is out of range. Take a share from 0.001 to 0.5.",
    ),
    (
        ["loan", "preview", "gone.yaml"],
        "error: gone.yaml: There is no such file of a loan's terms. See docs/guides/loans.md.",
    ),
    (
        ["loan", "replay", "gone.json"],
        "error: gone.json: There is no such case. See docs/reference/loan-cases.md.",
    ),
    (
        ["world", "--enterprises", "5", "--out", "diary.txt"],
        "error: diary.txt: There is a file of that name. Name a new or an empty folder; nothing "
        "was written.",
    ),
    (
        ["world", "--enterprises", "5", "--out", "."],
        "error: .: The folder is not empty. Name a new or an empty folder; nothing was written.",
    ),
    (
        ["ledger", "seal", "--data", "none"],
        "error: book: No server runs. Start it with `tradeline book start`, or set DATABASE_URL to "
        "a server of your own.",
    ),
    (
        ["approvals", "list", "--ledger", "north", "--data", "none"],
        "error: book: No server runs. Start it with `tradeline book start`, or set DATABASE_URL to "
        "a server of your own.",
    ),
    (
        ["payments", "take", "diary.txt", "--ledger", "north", "--data", "none"],
        "error: book: No server runs. Start it with `tradeline book start`, or set DATABASE_URL to "
        "a server of your own.",
    ),
    (
        ["payments", "list", "--ledger", "north", "--on", "soon"],
        "error: --on: 'soon' is no date. Write it like 2024-12-31.",
    ),
    (
        [
            "offers",
            "plan",
            "gone.yaml",
            "--applications",
            "diary.txt",
            "--limits",
            "gone.yaml",
            "--out",
            "o",
        ],
        "error: gone.yaml: There is no such engine file. Check its name, or write one.",
    ),
    (
        ["offers", "compare", "diary.txt", "--applications", "diary.txt", "--out", "o.txt"],
        "error: --out: 'o.txt' is neither Parquet nor CSV by its name. Name it like "
        "compared.parquet.",
    ),
    (
        [
            "model",
            "losses",
            "--defaults",
            "gone.csv",
            "--recoveries",
            "gone.csv",
            "--known-at",
            "2024-12-31",
            "--out",
            "o",
        ],
        "error: gone.csv: There is no such file. Check its name.",
    ),
    (
        ["model", "recalibrate", "diary.txt", "--base-rate", "0.1", "--out", "o.json"],
        "error: diary.txt: The file is no model of the format tradeline-model/1. Name a file that "
        "holds a model as Tradeline writes it.",
    ),
    (
        ["policy", "check", "gone.yaml"],
        "error: gone.yaml: There is no such policy. See docs/reference/policy-tables.md.",
    ),
    (
        ["policy", "show", "diary.txt", "--out", "o.html"],
        "error: diary.txt: The policy must be a table of keys: policy, version, about, currency, "
        "valid_from, valid_to, persons_to_go_live, explore, inputs, outputs, tables. See "
        "docs/reference/policy-tables.md.",
    ),
    (
        ["policy", "import", "diary.txt", "--out", "o.yaml", "--valid-from", "2026-01-01"],
        "error: diary.txt: The name does not say which format this is. Name a file that ends in "
        "one of .json, .dmn, .xml.",
    ),
    (
        ["policy", "history", "--registry", "o"],
        "error: o: There is no registry of policies. `tradeline policy advance` begins one.",
    ),
]


@pytest.mark.parametrize(("words", "message"), OTHERS)
def test_every_command_answers_as_clearly(
    tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "diary.txt").write_text("mine", encoding="utf-8")
    assert main(words) == 2
    assert errors(capsys) == [message]
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["feature"], "invalid choice: 'feature'"),
        (["features", "--format", "xml"], "argument --format: invalid choice: 'xml'"),
        (["features", "--source", "gossip"], "argument --source: invalid choice: 'gossip'"),
        (["assess"], "the following arguments are required: FOLDER, --budget, --out"),
        (["world", "--out", "o", "--enterprises", "ten"], "invalid int value: 'ten'"),
        (["assess", "f", "--budget", "1", "--out", "o", "--seed", "x"], "invalid int value: 'x'"),
        (["inspect", "f", "--frobnicate"], "unrecognized arguments: --frobnicate"),
    ],
)
def test_words_that_no_command_knows(capsys: Printed, words: list[str], message: str) -> None:
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err
