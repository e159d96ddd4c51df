"""Wrong input through the command line: a clear message, a fitting exit code, nothing half done."""

import csv
import json
from pathlib import Path

import pytest

from tests.journeys.market import Row, rows_of
from tests.journeys.wrong_folders import (
    FIRMS,
    INVOICES,
    Spoil,
    add,
    drop,
    nothing,
    raw,
    swap,
    text,
    write_sound_folder,
)
from tradeline.cli.main import main

Printed = pytest.CaptureFixture[str]
ENTERPRISES = "  - {file: enterprises.csv, contract: enterprises, columns: {enterprise: enterprise"
UNTOUCHED = "2023-12-31"


def assess(folder: Path, *options: str) -> int:
    out = folder.parent / "out"
    words = ["assess", str(folder), "--out", str(out), "--resamples", "5"]
    budget = () if "--budget" in options else ("--budget", "5000000")
    return main([*words, *budget, *options])


def decisions(folder: Path) -> list[Row]:
    return rows_of(folder.parent / "out" / "decisions.parquet")


REFUSED = [
    ("an unfinished mapping", text("tradeline.yaml", "a: [1"), "The mapping file is not YAML:"),
    (
        "a mapping that is a list",
        text("tradeline.yaml", "- 1\n"),
        "The mapping needs a list `sources`.",
    ),
    (
        "an unknown contract",
        text("tradeline.yaml", "sources:\n  - {file: enterprises.csv, contract: salez}\n"),
        "source 1: contract 'salez' is none of enterprises, sales_invoices,",
    ),
    (
        "an unknown field",
        text("tradeline.yaml", f"sources:\n{ENTERPRISES}, name: name, size: name}}}}\n"),
        "source 1: enterprises has no field 'size'; it has country, enterprise, industry, name.",
    ),
    (
        "a missing field",
        text("tradeline.yaml", f"sources:\n{ENTERPRISES}}}}}\n"),
        "source 1: enterprises needs 'name' (the firm's name).",
    ),
    (
        "a column that is not there",
        text("tradeline.yaml", f"sources:\n{ENTERPRISES}, name: title}}}}\n"),
        "The mapping needs the column 'title', the file has 'enterprise', 'name'.",
    ),
    (
        "a file that is not there",
        text(
            "tradeline.yaml",
            "sources:\n  - {file: gone.csv, contract: enterprises, "
            "columns: {enterprise: enterprise, name: name}}\n",
        ),
        "The mapping names this file, but the folder does not hold it.",
    ),
    (
        "a file outside of the folder",
        text(
            "tradeline.yaml",
            "sources:\n  - {file: ../x.csv, contract: enterprises, "
            "columns: {enterprise: enterprise, name: name}}\n",
        ),
        "source 1: the file '../x.csv' does not lie in the folder.",
    ),
    ("no list of firms", drop("enterprises.csv"), "There is no list of enterprises."),
    ("broken Parquet", raw("orders.parquet", b"PAR1xxxx"), "The file is not whole Parquet."),
    ("broken Excel", raw("orders.xlsx", b"nope"), "The file is not a whole Excel workbook."),
    ("an empty file", text("sales_invoices.csv", ""), "The file is empty."),
    (
        "a doubled column",
        text("enterprises.csv", "enterprise,name,name\nE00,a,b\n"),
        "The header names 'name' more than once.",
    ),
    (
        "a lone rate",
        text("response_curves.csv", "rating,rate_annual,lost_share\nA,0.04,0\n"),
        "Rating A has only one rate, so there is no curve.",
    ),
    (
        "curves that end below the rates to offer",
        text("response_curves.csv", "rating,rate_annual,lost_share\nA,0.01,0\nA,0.02,0.1\n"),
        "Take-up is known from 1.00% to 2.00%, the rates to offer run from 4.00% to 15.00%.",
    ),
    (
        "nothing but names",
        drop("sales_invoices.csv", "purchase_invoices.csv", "outcomes.csv"),
        "No record of the folder carries a date",
    ),
]


@pytest.mark.parametrize(
    ("spoil", "message"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_a_folder_that_cannot_be_decided_on(
    tmp_path: Path, capsys: Printed, spoil: Spoil, message: str
) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    spoil(folder)
    assert assess(folder) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


OPTIONS = [
    (("--as-of", "tomorrow"), "--as-of: 'tomorrow' is no date. Write it like 2024-12-31."),
    (("--as-of", "2019-01-01"), "No firm has any record that was known as of the date."),
    (("--budget", "lots"), "--budget: 'lots' is no whole number of currency units."),
    (("--budget", "1.5"), "--budget: '1.5' is no whole number of currency units."),
    (("--budget", "-5"), "--budget: -5 is negative. Raise --budget to at least 100,000."),
    (("--budget", "50000"), "A budget of 50,000 lends nothing: the least loan is 100,000."),
    (("--base-rate", "0"), "A default rate of 0 does not lie between 0 and 1."),
    (("--base-rate", "5"), "A default rate of 5 does not lie between 0 and 1."),
    (("--base-rate", "nan"), "A default rate of nan does not lie between 0 and 1."),
    (("--resamples", "0"), "--resamples: 0 refits give no range. Take 1 or more."),
    (("--seed", "-1"), "--seed: -1 is negative. Take a whole number from 0."),
    (("--currency", "EURO"), "'EURO' is no currency. Write its ISO 4217 code, such as CNY."),
    (("--mapping", "gone.yaml"), "There is no such mapping file."),
    (("--scenario", "gone.yaml"), "There is no such scenario file."),
    (("--industry-caps", "gone.yaml"), "There is no such file of industry caps."),
]


@pytest.mark.parametrize(("options", "message"), OPTIONS, ids=[" ".join(o) for o, _ in OPTIONS])
def test_an_option_that_cannot_be(
    tmp_path: Path, capsys: Printed, options: tuple[str, ...], message: str
) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    assert assess(folder, *options) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


FILES = [
    ("--industry-caps", "x: [", "The file of industry caps is not YAML: line 1"),
    ("--industry-caps", "[]", "The file of industry caps names no industry."),
    ("--industry-caps", "other: much", "gives 'other' the cap 'much', which is no number."),
    ("--industry-caps", "mining: 0.2", "No firm is in the industry 'mining'."),
    ("--industry-caps", "mining: 7", "The cap of 'mining' is 7, outside 0 to 1."),
    ("--scenario", "name: x", "The scenario needs a list `shocks` with at least one shock."),
    (
        "--scenario",
        'name: x\nshocks: [{industry: "*", odds: 3}]',
        "shock 1: unknown key 'odds'; known are industry, default_odds, sales, lgd.",
    ),
    (
        "--scenario",
        'name: x\nshocks: [{industry: "*", default_odds: 0}]',
        "shock 1: `default_odds` is 0; it must be",
    ),
]


@pytest.mark.parametrize(("option", "content", "message"), FILES)
def test_a_file_of_options_that_cannot_be(
    tmp_path: Path, capsys: Printed, option: str, content: str, message: str
) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    (tmp_path / "stated.yaml").write_text(content, encoding="utf-8")
    assert assess(folder, option, str(tmp_path / "stated.yaml")) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


SAID = [
    (
        "text in an amount",
        swap("sales_invoices.csv", ",100000,", ",lots,", 1),
        "1 rows refused for sales_invoices, the first because: The net lots is not an amount.",
    ),
    (
        "an amount beyond all money",
        swap("sales_invoices.csv", ",100000,", ",99999999999999999999,", 1),
        "The net 99999999999999999999 is not an amount.",
    ),
    (
        "an unknown status",
        swap("sales_invoices.csv", ",valid,", ",paid,", 1),
        "The status paid is not one of valid, void.",
    ),
    (
        "a day that is none",
        swap("sales_invoices.csv", "2023-01-15", "2023-13-45", 1),
        "The occurred_at 2023-13-45 is not a date.",
    ),
    (
        "a short row",
        add("sales_invoices.csv", "E00,99"),
        "The row has 2 values, the header names 8 columns.",
    ),
    (
        "a copied row",
        add("enterprises.csv", "E00,E00 Trading"),
        "1 rows refused for enterprises, the first because: The same row stands earlier.",
    ),
    (
        "a key that says otherwise",
        add("enterprises.csv", "E00,Another name"),
        "Another row with this key stands earlier and says otherwise.",
    ),
    ("a firm without identifier", add("enterprises.csv", ",Nobody"), "The enterprise is missing."),
    (
        "invoices of a stranger",
        add("sales_invoices.csv", "X9,1,B1,100,13,113,valid,2023-05-05"),
        "1 rows belong to firms that no enterprises file names, such as 'X9'.",
    ),
    (
        "an invoice that does not add up",
        add("sales_invoices.csv", "E00,77,B1,100,13,500,valid,2023-05-05"),
        "1 rows of sales_invoices: net and tax differ from gross.",
    ),
    (
        "another currency",
        text(
            "bank_transactions.csv",
            "enterprise,transaction_no,amount,currency,date\nE00,1,5,USD,2023-05-05\n",
        ),
        "The currency USD is not the CNY of the folder.",
    ),
    ("no curves", drop("response_curves.csv"), "so an assumed curve serves for every firm."),
    (
        "per cent for shares",
        text("response_curves.csv", "rating,rate_annual,lost_share\nA,4,0\nA,15,90\n"),
        "The rate_annual 4 is above 1.",
    ),
    (
        "a table of no contract",
        text("notes.csv", "author,remark\nme,hello\n"),
        "The file looks like no contract:",
    ),
    (
        "a line that is no JSON",
        text("reviews.jsonl", '{"enterprise": "E00"}\n[1, 2]\n'),
        "The file looks like no contract:",
    ),
    (
        "no outcomes",
        drop("outcomes.csv"),
        "No outcome is known, so an expert scorecard with stated weights serves",
    ),
    (
        "one class of outcome",
        swap("outcomes.csv", "true", "false"),
        "Of the 9 known outcomes not two are defaults and two are not, so an expert scorecard",
    ),
    (
        "few defaults",
        nothing,
        "Every figure of the model rests on 3 defaults, fewer than 50.",
    ),
    (
        "a date of a far future",
        swap("sales_invoices.csv", "2023-02-15", "9999-12-31", 1),
        "Only 1 of 16 firms have a record of the twelve months before 9999-12-31;",
    ),
]


@pytest.mark.parametrize(("spoil", "message"), [r[1:] for r in SAID], ids=[r[0] for r in SAID])
def test_what_is_wrong_is_said_and_the_rest_goes_on(
    tmp_path: Path, capsys: Printed, spoil: Spoil, message: str
) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    spoil(folder)
    assert assess(folder) == 0
    assert message in capsys.readouterr().err
    card = json.loads((tmp_path / "out" / "model_card.json").read_text(encoding="utf-8"))
    for source in card["data"]["sources"]:
        assert source["read"] == source["accepted"] + source["refused"]
    with (tmp_path / "out" / "refused.csv").open(encoding="utf-8") as stream:
        refused = len(list(csv.DictReader(stream)))
    assert refused == sum(source["refused"] for source in card["data"]["sources"])


CLOSED = [
    ("all invoices void", swap("sales_invoices.csv", ",valid,", ",void,"), UNTOUCHED),
    ("only stale records", nothing, "2031-01-01"),
    ("no sales", text("sales_invoices.csv", INVOICES.format(side="buyer")), UNTOUCHED),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "as_of"), [r[1:] for r in CLOSED], ids=[r[0] for r in CLOSED])
def test_nothing_missing_or_stale_is_approved(tmp_path: Path, spoil: Spoil, as_of: str) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    spoil(folder)
    assert assess(folder, "--as-of", as_of) == 0
    outcomes = {row["outcome"] for row in decisions(folder)}
    assert outcomes == {"decline"}


def test_a_firm_whose_data_are_taken_away_is_declined_and_the_others_stand(tmp_path: Path) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    for name in ("sales_invoices.csv", "purchase_invoices.csv"):
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if not line.startswith(FIRMS[-1])]
        (folder / name).write_text("\n".join(kept), encoding="utf-8")
    assert assess(folder) == 0
    found = {row["enterprise"]: row for row in decisions(folder)}
    assert found[FIRMS[-1]]["binding_constraint"] == "no data"
    assert any(row["outcome"] == "approve" for row in found.values())


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "utf-8-sig"])
def test_an_encoding_that_is_recognised_changes_nothing(tmp_path: Path, encoding: str) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    firms = "".join(f"{firm},{firm} 有限责任公司贸易商行\n" for firm in FIRMS)
    (folder / "enterprises.csv").write_text("enterprise,name\n" + firms, encoding=encoding)
    assert assess(folder) == 0
    files = (tmp_path / "out" / "credit_files.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(files[0])["name"] == "E00 有限责任公司贸易商行"


@pytest.mark.parametrize("odd", ["a/b", "it's", "<b>x</b>", "企业 🏭", "x" * 300, "a|b, c"])
def test_an_odd_identifier_passes_through_unharmed(tmp_path: Path, odd: str) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    for name in ("enterprises", "sales_invoices", "purchase_invoices", "outcomes"):
        path = folder / f"{name}.csv"
        content = path.read_text(encoding="utf-8").replace("E15,", f'"{odd}",')
        path.write_text(content, encoding="utf-8")
    assert assess(folder) == 0
    assert odd in {row["enterprise"] for row in decisions(folder)}
    assert "<b>x</b>" not in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["assess", "gone", "--budget", "1", "--out", "o"], "There is no such folder."),
        (["inspect", "gone"], "There is no such folder."),
        (["inspect", __file__], "This is a file, no folder."),
        (["world", "--enterprises", "0", "--out", "o"], "0 firms make no market."),
        (["world", "--out", "o", "--as-of", "soon"], "'soon' is no date."),
    ],
)
def test_other_commands_answer_as_clearly(
    tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_says_what_to_put_there(tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "folder").mkdir()
    assert assess(tmp_path / "folder") == 2
    assert "Put files of these kinds into it: .csv, .jsonl," in capsys.readouterr().err


def test_inspect_counts_errors_in_its_exit_code(tmp_path: Path, capsys: Printed) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    assert main(["inspect", str(folder)]) == 0
    swap("sales_invoices.csv", ",100000,", ",lots,", 1)(folder)
    assert main(["inspect", str(folder)]) == 1
    assert "The net lots is not an amount." in capsys.readouterr().out
