"""`tradeline quality` from its command line, on a folder and on a lake of two sources."""

import json
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from tradeline.cli.main import main

DAY = ["--as-of", "2024-06-30"]
ORDER = "enterprise,order_no,counterparty,gross,status,occurred_at,recorded_at"
FIRMS = "enterprise,name\nE1,Cedar Works\nE2,Alder Works\n"
PAYMENTS = "enterprise,payment_no,order_no,amount,occurred_at,recorded_at"


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@cache
def folder() -> Path:
    """Orders of two firms from January on, one not paid and one paid too much."""
    orders = [f"E1,{m},B,100,placed,2024-0{m}-02,2024-0{m}-03" for m in range(1, 7)]
    payments = [f"E1,P{m},{m},{100 + 5 * (m == 4)},2024-0{m}-04,2024-0{m}-05" for m in (1, 2, 4, 5)]
    return write(
        Path(mkdtemp()) / "folder",
        enterprises=FIRMS,
        orders="\n".join([ORDER, *orders, "E2,9,B,50,placed,2024-03-02,2024-03-03"]),
        payments="\n".join([PAYMENTS, *payments]),
    )


@cache
def lake() -> Path:
    """The folder told by a shop, and one order told otherwise by the tax office."""
    root = Path(mkdtemp()) / "lake"
    office = write(
        root.parent / "office",
        orders=f"{ORDER}\nE1,1,B,100,placed,2024-01-02,2024-02-20\n"
        "E1,2,B,130,placed,2024-02-02,2024-03-20",
    )
    assert main(["lake", "init", str(root)]) == 0
    shop = ["--source", "shop", "--assurance", "platform-observed", "--learned-at", "2024-01-01"]
    assert main(["lake", "land", str(root), str(folder()), *shop]) == 0
    tax = ["--source", "tax", "--assurance", "authority-verified"]
    assert main(["lake", "land", str(root), str(office), *tax]) == 0
    return root


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert main(["quality", *words]) == 0
    return capsys.readouterr().out


def records(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(printed(capsys, *words, "--format", "json"))
    return found


def test_a_folder_has_a_line_for_each_firm(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, str(folder()), *DAY).splitlines()
    assert [line.split()[0] for line in lines] == ["enterprise", "E1", "E2"]
    assert lines[1].split()[-2:] == ["-", "-"]


def test_the_rows_behind_a_number_of_a_folder_open(capsys: pytest.CaptureFixture[str]) -> None:
    words = [str(folder()), *DAY, "--enterprise", "E1"]
    (firm,) = records(capsys, *words)
    (held,) = firm["reconciliations"]
    assert (held["matched"]["facts"], held["differing"]["facts"]) == (3, 1)
    rows = records(capsys, *words, "--rows", "orders-payments:differing")
    assert {(row["side"], row["amount_minor"]) for row in rows} == {
        ("left", 10000), ("right", 10500),
    }  # fmt: skip
    assert {(row["source_file"], row["source_row"]) for row in rows} == {
        ("orders.csv", 5), ("payments.csv", 4),
    }  # fmt: skip


def test_a_lake_tells_conflicts_and_accuracy_as_they_were_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = [str(lake()), "--enterprise", "E1", "--as-of", "2024-02-10"]
    (early,) = records(capsys, *words)
    (later,) = records(capsys, *words, "--known-at", "2024-06-30")
    assert early["conflicts"] == []
    (conflict,) = later["conflicts"]
    assert (conflict["field"], conflict["value"], conflict["why"]) == (
        "gross_minor", "13000", "stronger assurance",
    )  # fmt: skip
    accuracy = [a for a in later["accuracy"] if a["checked"]]
    assert [(a["source"], a["checked"], a["equal"]) for a in accuracy] == [("shop", 2, 1)]
    text = printed(capsys, str(lake()), "--enterprise", "E1", *DAY, "--rows", "checked:orders")
    assert "truth_source" in text.splitlines()[0]


def test_sources_state_promises_and_who_feeds_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = tmp_path / "sources.yaml"
    notes.write_text("sources: {tax: {fed_by: shop}, shop: {every: 1 hour}, ship: {every: 1 day}}")
    words = ["quality", str(lake()), "--enterprise", "E1", *DAY, "--sources", str(notes)]
    assert main([*words, "--format", "json"]) == 0
    said = capsys.readouterr()
    (firm,) = json.loads(said.out)
    assert [item["confirmed"] for item in firm["consistency"]] == [0]
    assert {t["promise_s"] for t in firm["timeliness"] if t["source"] == "shop"} == {3600}
    assert (
        "warning: ship: The file of sources states it, but it told nothing of any firm by then. "
        "Check its name, or choose a later day."
    ) in said.err


def test_a_page_is_written_and_replaces_only_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "quality.html"
    for _ in range(2):
        printed(capsys, str(lake()), *DAY, "--page", str(page))
    assert page.read_text("utf-8").count("<h2>") == 2
    page.write_text("a letter", encoding="utf-8")
    assert main(["quality", str(lake()), *DAY, "--page", str(page)]) == 2
    assert f"There is a file called {page} already." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--as-of", "30.6.2024"], "error: --as-of: '30.6.2024' is no date. "),
        ([*DAY, "--known-at", "later"], "error: --known-at: 'later' is no date. "),
        (
            [*DAY, "--rows", "late:orders"],
            "error: --rows: The rows behind a number are those of one firm, and none is named. "
            "Name it: --enterprise ID.",
        ),
        (
            [*DAY, "--enterprise", "E7"],
            "error: --enterprise: No firm is called 'E7' here; there are 2, such as 'E1'. "
            "Write its identifier as the enterprises file has it.",
        ),
        (
            [*DAY, "--enterprise", "E1", "--rows", "orders:matched"],
            "error: orders:matched: No number of quality is called that. Write RULE:VERDICT ",
        ),
        (
            [*DAY, "--sources", "nowhere.yaml"],
            "error: nowhere.yaml: There is no such file of sources. ",
        ),
        (
            ["--as-of", "1990-01-01"],
            "error: parameters/quality.yaml: promise_days has no value on 1990-01-01",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["quality", str(lake()), *words]) == 2
    assert message in capsys.readouterr().err


def test_a_place_that_is_no_lake_and_no_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["quality", str(tmp_path / "nowhere"), *DAY]) == 2
    assert "nowhere" in capsys.readouterr().err
