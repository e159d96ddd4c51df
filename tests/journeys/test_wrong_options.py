"""Wrong mappings, options and places: a clear message, exit code 2, and nothing is written."""

import os
from pathlib import Path

import pytest

from tests.journeys.wrong_folders import (
    Printed,
    Spoil,
    assess,
    cases,
    errors,
    raw,
    text,
    write_sound_folder,
)
from tradeline.cli.main import main

GUIDE = "See docs/guides/mapping.md."
SCENARIOS = "See docs/guides/scenarios.md."
FIRMS_READ = "file: enterprises.csv, contract: enterprises"
NAMES = "columns: {enterprise: enterprise, name: name}"
PLACE = "Name a new folder, an empty one, or that of an earlier assessment."


def mapping(*sources: str, currency: str = "CNY") -> Spoil:
    """A `tradeline.yaml` of sources in YAML's short form."""
    lines = "".join(f"  - {{{source}}}\n" for source in sources)
    return text("tradeline.yaml", f"currency: {currency}\nsources:\n{lines}")


def bad(message: str) -> str:
    return f"error: tradeline.yaml: {message} {GUIDE}"


MAPPINGS = [
    (
        "no YAML",
        text("tradeline.yaml", "a: [1"),
        "error: tradeline.yaml: The mapping file is not YAML: line 1, column 6: expected ',' or "
        "']', but got '<stream end>'. Mend that line.",
    ),
    (
        "no UTF-8",
        raw("tradeline.yaml", "é".encode("latin-1")),
        "error: tradeline.yaml: The mapping file is not written in UTF-8. Save it as UTF-8.",
    ),
    ("a list", text("tradeline.yaml", "- 1\n"), bad("The mapping needs a list `sources`.")),
    (
        "no source",
        text("tradeline.yaml", "sources: []\n"),
        bad("The list `sources` is empty, so no file would be read."),
    ),
    (
        "a key that stands twice",
        text("tradeline.yaml", "currency: CNY\nsources: []\ncurrency: EUR\n"),
        "error: tradeline.yaml: The mapping file is not YAML: line 3, column 1: the key 'currency' "
        "stands twice. Mend that line.",
    ),
    (
        "an unknown contract",
        mapping("file: enterprises.csv, contract: salez"),
        bad("source 1: contract 'salez' is none of enterprises, sales_invoices, purchase_invoices, "
            "orders, order_lines, payments, refunds, deliveries, reviews, bank_transactions, "
            "outcomes, response_curves, registrations, owners, tax_returns, court_cases, "
            "utility_use, production_output, shipments, customs_declarations, foreign_receipts, "
            "certificates, patents, trade_shows, loans, loan_payments, guarantors, obligations, "
            "links, uses, disputes, trade_disputes."),
    ),
    (
        "an unknown key",
        mapping(f"{FIRMS_READ}, {NAMES}, colour: red"),
        bad("source 1: unknown key 'colour'; known are amounts, columns, constants, contract, "
            "dates, decimal, encoding, file, group, lookup, numbered, only, recorded_at, "
            "thousands, time_zone, unpivot, values."),
    ),
    (
        "an unknown field",
        mapping(f"{FIRMS_READ}, columns: {{enterprise: enterprise, name: name, size: name}}"),
        bad("source 1: enterprises has no field 'size'; it has country, enterprise, industry, "
            "name."),
    ),
    (
        "a missing field",
        mapping(f"{FIRMS_READ}, columns: {{enterprise: enterprise}}"),
        bad("source 1: enterprises needs 'name' (the firm's name)."),
    ),
    (
        "a column that is not there",
        mapping(f"{FIRMS_READ}, columns: {{enterprise: enterprise, name: title}}"),
        "error: enterprises.csv: The mapping needs the column 'title', the file has 'enterprise', "
        "'name'. Mend the mapping or send the column.",
    ),
    (
        "a file that is not there",
        mapping(f"file: gone.csv, contract: enterprises, {NAMES}"),
        "error: gone.csv: The mapping names this file, but the folder does not hold it. Put it "
        "into the folder or take it out of the mapping.",
    ),
    (
        "a file outside of the folder",
        mapping(f"file: ../x.csv, contract: enterprises, {NAMES}"),
        bad("source 1: the file '../x.csv' does not lie in the folder."),
    ),
    (
        "an encoding that is none",
        mapping(f"{FIRMS_READ}, {NAMES}, encoding: klingon"),
        bad("source 1: `encoding` is 'klingon', which is none; write utf-8, gb18030 or big5."),
    ),
    (
        "an encoding that is not the file's",
        mapping(f"{FIRMS_READ}, {NAMES}, encoding: utf-16"),
        "error: enterprises.csv: The file is not written in utf-16. Save it as UTF-8, or state its "
        "encoding in a mapping, such as `encoding: gb18030`.",
    ),
    (
        "a form of dates that is none",
        mapping(f"{FIRMS_READ}, {NAMES}, dates: YYYY-MM-DD"),
        bad("source 1: `dates` is 'YYYY-MM-DD', which is no date format; write it like %Y-%m-%d."),
    ),
    (
        "one sign for thousands and decimals",
        mapping(f'{FIRMS_READ}, {NAMES}, decimal: ","'),
        bad("source 1: `thousands` and `decimal` are both ','; state two different signs."),
    ),
    (
        "values that are no table",
        mapping(f"{FIRMS_READ}, {NAMES}, values: {{name: [x]}}"),
        bad("source 1: `values: name` must be a table of keys."),
    ),
    (
        "an unpivot without columns",
        mapping("file: response_curves.csv, contract: response_curves, unpivot: {field: rating}"),
        bad("source 1: `unpivot` must be a table of field, value and columns."),
    ),
    (
        "a currency that is none",
        mapping(f"{FIRMS_READ}, {NAMES}", currency="ABC"),
        bad("`currency` is 'ABC'; it must be an ISO 4217 code such as CNY."),
    ),
]  # fmt: skip


@cases(MAPPINGS)
def test_a_mapping_that_cannot_be_followed(
    tmp_path: Path, capsys: Printed, spoil: Spoil, message: str
) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    spoil(folder)
    assert main(["inspect", str(folder)]) == 2
    assert errors(capsys) == [message]
    assert assess(folder) == 2
    assert errors(capsys) == [message]
    assert not (tmp_path / "out").exists()


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
