"""Wrong records through the command line: nothing missing, stale or mistyped is approved."""

import csv
import json
from pathlib import Path

import pytest

from tests.journeys.market import Row, rows_of
from tests.journeys.wrong_folders import (
    APPLICANTS,
    BUYS,
    CURVE_FILE,
    CURVES,
    FIRM_FILE,
    FIRMS,
    INVOICES,
    LAST_DAY,
    SALES,
    Printed,
    Spoil,
    add,
    as_parquet,
    assess,
    cases,
    drop,
    findings,
    nothing,
    of_firm,
    swap,
    text,
    write_sound_folder,
)
from tradeline.cli.main import main

LONG = pytest.mark.long


def decisions(folder: Path) -> dict[str, Row]:
    rows = rows_of(folder.parent / "out" / "decisions.parquet")
    return {str(row["enterprise"]): row for row in rows}


def outcomes(folder: Path) -> set[object]:
    return {row["outcome"] for row in decisions(folder).values()}


UNDECIDABLE = [
    (
        "no list of firms",
        drop(FIRM_FILE),
        "error: enterprises: There is no list of enterprises. Add a file that names the firms, one "
        "row each.",
    ),
    (
        "nothing but names",
        drop(SALES, BUYS, "outcomes.csv"),
        "error: folder: No record of the folder carries a date, so no firm can be assessed as of "
        "one. Send invoices, orders or bank transactions.",
    ),
    (
        "no invoices, orders or bank rows",
        drop(SALES, BUYS),
        "error: folder: No firm has any record that was known as of the date. Choose a later "
        "--as-of, or send the firms' records.",
    ),
    (
        "every invoice in another currency",
        lambda folder: [
            (folder / name).write_text(
                (folder / name).read_text("utf-8").replace("date\n", "date,currency\n", 1)
                .replace("-15\n", "-15,USD\n"),
                encoding="utf-8",
            )
            for name in (SALES, BUYS)
        ],
        "error: folder: No firm has any record that was known as of the date. Choose a later "
        "--as-of, or send the firms' records.",
    ),
    (
        "a lone rate",
        text(CURVE_FILE, f"{CURVES}A,0.04,0\n"),
        "error: response curves: Rating A has only one rate, so there is no curve. Bring at least "
        "two rates for each rating.",
    ),
    (
        "take-up that rises with the rate",
        text(CURVE_FILE, f"{CURVES}A,0.04,0.9\nA,0.15,0.1\n"),
        "error: response curves: Rating A: more customers accept 15.00% than 4.00%. Check that the "
        "share is of customers lost, not of those who stay.",
    ),
    (
        "curves in per cent",
        text(CURVE_FILE, f"{CURVES}A,4,0\nA,15,90\n"),
        "error: response_curves.csv row 2: 2 rows of the response curves cannot be read: The "
        "rate_annual 4 is above 1; write 0.04 for 4 %. Mend the rows or take the file out: every "
        "amount and rate would rest on the others.",
    ),
    (
        "curves that end below the rates to offer",
        text(CURVE_FILE, f"{CURVES}A,0.01,0\nA,0.02,0.1\n"),
        "error: pricing terms: Take-up is known from 1.00% to 2.00%, the rates to offer run from "
        "4.00% to 15.00%. Bring response curves that reach the rates to offer.",
    ),
]  # fmt: skip


@cases(UNDECIDABLE)
def test_a_folder_that_can_be_read_but_not_decided_on(
    tmp_path: Path, capsys: Printed, spoil: Spoil, message: str
) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    spoil(folder)
    assert assess(folder) == 2
    assert message in findings(capsys)
    assert not (tmp_path / "out").exists()


def test_no_firm_is_approved_on_missing_stale_or_mistyped_records(tmp_path: Path) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    none, amounts, void, torn, old, gross, sound = APPLICANTS
    ruin = {
        (none, SALES): lambda lines: [],
        (none, BUYS): lambda lines: [],
        (amounts, BUYS): lambda lines: [lines[0].replace(".", "O", 1), *lines[1:]],
        (void, SALES): lambda lines: [line.replace("valid", "void") for line in lines],
        (torn, BUYS): lambda lines: [*lines[:6], *(f"{line},more" for line in lines[6:])],
        (old, SALES): lambda lines: [line.replace("2023-", "2022-") for line in lines],
        (gross, SALES): lambda lines: [lines[0].replace(".00,valid", "000,valid"), *lines[1:]],
    }
    for (firm, name), change in ruin.items():
        of_firm(firm, name, change)(folder)
    swap("outcomes.csv", "E01,false", "E01,perhaps")(folder)
    assert assess(folder) == 0
    found = decisions(folder)
    assert {firm: row["binding_constraint"] for firm, row in found.items() if firm != sound} == {
        none: "no data",
        amounts: "doubtful records",
        void: "grade D",
        torn: "doubtful records",
        old: "stale records",
        gross: "doubtful records",
        "E01": "doubtful records",
    }
    approved = [firm for firm, row in found.items() if row["outcome"] == "approve"]
    assert approved == [sound]
    card = json.loads((tmp_path / "out" / "model_card.json").read_text(encoding="utf-8"))
    sources = card["data"]["sources"]
    assert all(source["read"] == source["accepted"] + source["refused"] for source in sources)
    with (tmp_path / "out" / "refused.csv").open(encoding="utf-8", newline="") as stream:
        assert len(list(csv.DictReader(stream))) == sum(s["refused"] for s in sources) == 8


@pytest.mark.parametrize(
    ("spoil", "as_of"),
    [
        pytest.param(swap(SALES, ",valid,", ",void,"), LAST_DAY, id="all invoices void"),
        pytest.param(nothing, "2025-01-31", id="records more than a year old"),
        pytest.param(nothing, "2031-01-01", id="records of years ago"),
        pytest.param(drop(SALES), LAST_DAY, id="no sales"),
        pytest.param(
            text(BUYS, INVOICES.format(side="seller")), LAST_DAY, id="a header without rows"
        ),
        pytest.param(add(BUYS, ",1,S,1,0,1,valid,2023-12-01\n" * 9), LAST_DAY, id="rows of nobody"),
    ],
)
def test_nothing_missing_or_stale_is_approved(tmp_path: Path, spoil: Spoil, as_of: str) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    spoil(folder)
    assert assess(folder, "--as-of", as_of) == 0
    assert outcomes(folder) == {"decline"}


DECIDED = [
    (
        "features that say nothing",
        nothing,
        "warning: outcomes: No feature says more about 3 defaults than chance would, so an expert "
        "scorecard with stated weights serves: nothing was learned. Send outcomes of earlier "
        "loans, both good and bad.",
    ),
    (
        "no outcomes",
        drop("outcomes.csv"),
        "warning: outcomes: No outcome is known, so an expert scorecard with stated weights "
        "serves: nothing was learned. Send outcomes of earlier loans, both good and bad.",
    ),
    (
        "one class of outcome",
        swap("outcomes.csv", "true", "false"),
        "warning: outcomes: 9 outcomes known, defaults among them 0: a model needs 2 defaults and "
        "2 others, so an expert scorecard with stated weights serves: nothing was learned. Send "
        "outcomes of earlier loans, both good and bad.",
    ),
    (
        "one default",
        swap("outcomes.csv", "true", "false", 2),
        "warning: outcomes: 9 outcomes known, defaults among them 1: a model needs 2 defaults and "
        "2 others, so an expert scorecard with stated weights serves: nothing was learned. Send "
        "outcomes of earlier loans, both good and bad.",
    ),
    (
        "no curves",
        drop(CURVE_FILE),
        "warning: response curves: The folder does not say how many customers leave at which rate, "
        "so an assumed curve serves for every firm. Bring a table of rating, annual rate and share "
        "of customers lost.",
    ),
    (
        "outcomes of a later day",
        swap("outcomes.csv", LAST_DAY, "2024-02-01"),
        "warning: outcomes: 9 rows occurred or became known after 2023-12-31: they do not count, "
        "and their firms are applicants. Choose a later --as-of if they should.",
    ),
]


@cases(DECIDED)
def test_what_a_decision_rests_on_is_told(
    tmp_path: Path, capsys: Printed, spoil: Spoil, message: str
) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    spoil(folder)
    assert assess(folder, "--as-of", LAST_DAY) == 0
    assert message in findings(capsys)


def test_firms_that_are_all_alike_teach_nothing(tmp_path: Path, capsys: Printed) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    for name, side, net in ((SALES, "buyer", 200_000), (BUYS, "seller", 90_000)):
        lines = "".join(
            f"{firm},{month},P{side},{net},0,{net},valid,2023-{month:02}-15\n"
            for firm in FIRMS
            for month in range(1, 13)
        )
        text(name, INVOICES.format(side=side) + lines)(folder)
    assert assess(folder) == 0
    assert (
        "warning: outcomes: No feature says more about 3 defaults than chance would, so an expert "
        "scorecard with stated weights serves: nothing was learned. Send outcomes of earlier "
        "loans, both good and bad."
    ) in findings(capsys)
    scores = rows_of(tmp_path / "out" / "scores.parquet")
    assert len({row["pd"] for row in scores}) == 1


def test_rows_of_a_later_day_do_not_count_and_are_told(tmp_path: Path) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    add(SALES, "E15,99,B1,9000000,1170000,10170000,valid,2024-03-01")(folder)
    assert assess(folder, "--as-of", LAST_DAY) == 0
    found = json.loads((tmp_path / "out" / "findings.json").read_text(encoding="utf-8"))
    (later,) = [finding for finding in found if finding["code"] == "not-yet-known"]
    assert (later["where"], later["message"]) == (
        "sales_invoices",
        "1 row occurred or became known after 2023-12-31: they do not count.",
    )
    features = {row["enterprise"]: row for row in rows_of(tmp_path / "out" / "features.parquet")}
    assert float(str(features["E15"]["sales_12m_minor"])) < 1_000_000_000


@pytest.mark.parametrize(
    "encoding",
    ["gb18030", *(pytest.param(name, marks=LONG) for name in ("utf-16", "big5hkscs", "utf-8-sig"))],
)
def test_an_encoding_that_is_recognised_changes_nothing(tmp_path: Path, encoding: str) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    firms = "".join(f"{firm},{firm} 商行有限公司\n" for firm in FIRMS)
    (folder / FIRM_FILE).write_text("enterprise,name\n" + firms, encoding=encoding)
    assert main(["inspect", str(folder), "--write", str(tmp_path / "m.yaml")]) == 0
    assert assess(folder, "--mapping", str(tmp_path / "m.yaml")) == 0
    files = (tmp_path / "out" / "credit_files.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(files[0])["name"] == "E00 商行有限公司"


ODD = ["a/../b", 'it\'s "q"', "two\nlines", "<b>x</b>", "企业 🏭", "x" * 3000, "a|b, c", "NULL"]


def test_odd_identifiers_pass_through_unharmed(tmp_path: Path) -> None:
    """From a folder whose own path is odd, into every output."""
    folder = write_sound_folder(tmp_path / "données [1] 数据 'x' *" / "folder")
    for name in ("enterprises", "sales_invoices", "purchase_invoices", "outcomes"):
        path = folder / f"{name}.csv"
        content = path.read_text(encoding="utf-8")
        for firm, odd in zip(reversed(FIRMS), ODD, strict=False):
            content = content.replace(f"{firm},", '"' + odd.replace('"', '""') + '",')
        path.write_text(content, encoding="utf-8")
    as_parquet(SALES)(folder)
    assert assess(folder) == 0
    out = folder.parent / "out"
    assert set(ODD) <= {str(row["enterprise"]) for row in rows_of(out / "scores.parquet")}
    with (out / "scores.csv").open(encoding="utf-8", newline="") as stream:
        assert set(ODD) <= {row["enterprise"] for row in csv.DictReader(stream)}
    lines = (out / "credit_files.jsonl").read_text(encoding="utf-8").splitlines()
    assert set(ODD) <= {json.loads(line)["enterprise"] for line in lines}
    assert set(ODD[:7]) <= set(decisions(folder))
    assert "<b>x</b>" not in (out / "report.html").read_text(encoding="utf-8")
