"""`tradeline file` from its command line, on a lake of two sources and on a folder."""

import csv
import json
import sys
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from tests.lake.persons import forget
from tradeline.cli.main import main
from tradeline.creditfile.file.catalogue import figures_markdown
from tradeline.kernel.hashing import canonical_json

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "figures.md"
DAY = ["--as-of", "2024-06-30"]
ORDER = "enterprise,order_no,counterparty,gross,status,occurred_at,recorded_at"
ORDER_OF_MAY = "9,B,50,placed,2024-05-02,2024-05-03"
FIRMS = "enterprise,name\nE1,华达食品有限公司\nE2,Alder Works\nE3,Quiet Trading\n"


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@cache
def folder() -> Path:
    """Six orders of one firm, one of another, and a firm of which only the name is known."""
    orders = [f"E1,{m},B{m % 2},100,placed,2024-0{m}-02,2024-0{m}-03" for m in range(1, 7)]
    late = f"E2,{ORDER_OF_MAY}"
    return write(
        Path(mkdtemp()) / "folder", enterprises=FIRMS, orders="\n".join([ORDER, *orders, late])
    )


@cache
def lake() -> Path:
    """The folder told by a shop, one order told otherwise by the tax office."""
    root = Path(mkdtemp()) / "lake"
    other = "E1,2,B,130,placed,2024-02-02,2024-03-20"
    office = write(root.parent / "office", orders=f"{ORDER}\n{other}")
    assert main(["lake", "init", str(root)]) == 0
    shop = ["--source", "shop", "--assurance", "platform-observed", "--learned-at", "2024-01-01"]
    assert main(["lake", "land", str(root), str(folder()), *shop]) == 0
    tax = ["--source", "tax", "--assurance", "authority-verified"]
    assert main(["lake", "land", str(root), str(office), *tax]) == 0
    return root


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert main(["file", *words]) == 0
    return capsys.readouterr().out


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    text = printed(capsys, "show", *words, "--format", "json")
    found: dict[str, Any] = json.loads(text)
    assert text == f"{canonical_json(found)}\n"
    return found


def figures(table: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {figure["id"]: figure["values"] for part in table["parts"] for figure in part["figures"]}


def test_a_file_is_shown_as_it_was_known(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["E1", "--lake", str(lake()), "--as-of", "2024-02-29"]
    early = shown(capsys, *words)
    later = shown(capsys, *words, "--known-at", "2024-06-30")
    assert early["name"] == "华达食品有限公司"
    assert figures(early)["orders_12m"] == [{"unit": "CNY", "adds": 200_00, "of": None}]
    assert figures(later)["orders_12m"] == [{"unit": "CNY", "adds": 230_00, "of": None}]
    assert (later["as_of"], later["known_at"]) == (
        "2024-02-29T23:59:59.999999Z", "2024-06-30T23:59:59.999999Z",
    )  # fmt: skip


def test_the_rows_behind_a_figure_add_up_to_it(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["E1", "orders_12m", "--lake", str(lake()), *DAY, "--superseded", "--format"]
    rows = json.loads(printed(capsys, "rows", *words, "json"))
    assert sum(row["adds"] for row in rows if row["counts"]) == 630_00
    (gone,) = (row for row in rows if not row["counts"])
    assert (gone["source"], gone["source_file"], gone["source_row"]) == ("shop", "orders.csv", 3)
    table = list(csv.DictReader(StringIO(printed(capsys, "rows", *words, "csv"))))
    assert [row["record"] for row in table] == [row["record"] for row in rows]
    text = printed(capsys, "rows", *words, "text").splitlines()
    assert text[0].split()[0] == "record"
    assert len(text) == len(rows) + 1
    nothing = ["rows", "E1", "sales_12m", "--lake", str(lake()), *DAY]
    assert printed(capsys, *nothing) == (
        "No row stands behind it: it is 0, or nothing is known of it.\n"
    )


def test_a_folder_gives_the_same_figures_as_the_lake_it_was_landed_in(
    capsys: pytest.CaptureFixture[str],
) -> None:
    of_lake = shown(capsys, "E2", "--lake", str(lake()), *DAY)
    of_folder = shown(capsys, "E2", "--lake", str(folder()), *DAY)
    assert figures(of_lake) == figures(of_folder)
    assert [source["source"] for source in of_folder["sources"]] == ["folder", "folder"]


def test_a_page_says_both_clocks_first_and_every_row_by_its_id(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "file.html"
    words = ["show", "E1", "--lake", str(lake()), *DAY, "--known-at", "2024-07-31"]
    for _ in range(2):
        assert printed(capsys, *words, "--out", str(page)) == ""
    text = page.read_text("utf-8")
    assert "华达食品有限公司" in text
    assert "by <strong>the end of 30\N{NO-BREAK SPACE}June 2024</strong>" in text
    assert "by <strong>the end of 31\N{NO-BREAK SPACE}July 2024</strong>" in text
    rows = json.loads(printed(capsys, "rows", "E1", "orders_12m", "--lake", str(lake()), *DAY,
                              "--format", "json"))  # fmt: skip
    assert all(f"<code>{row['record']}</code>" in text for row in rows)


def test_rows_are_written_to_a_new_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "rows.csv"
    words = ["rows", "E1", "orders_12m", "--lake", str(lake()), *DAY, "--format", "csv", "--out"]
    assert printed(capsys, *words, str(out)) == ""
    assert len(out.read_text("utf-8").splitlines()) == 7
    assert main(["file", *words, str(out)]) == 2
    assert f"There is a file called {out} already." in capsys.readouterr().err


def test_a_firm_without_any_record_has_a_file_that_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    table = shown(capsys, "E3", "--lake", str(lake()), *DAY)
    assert [note["message"] for note in table["notes"]] == [
        "No record of what the enterprise does was known by then."
    ]
    page = printed(capsys, "show", "E3", "--lake", str(lake()), *DAY)
    assert "Nothing is known of this, which is not the same as that there is nothing." in page
    assert "court cases" in page.split("What is missing, and how to bring it")[1]


def test_an_erased_enterprise_says_that_it_is_erased(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "lake"
    assert main(["lake", "init", str(root)]) == 0
    shop = ["--source", "shop", "--assurance", "platform-observed", "--learned-at", "2024-01-01"]
    assert main(["lake", "land", str(root), str(folder()), *shop]) == 0
    forget(root, "E1")
    table = shown(capsys, "E1", "--lake", str(root), *DAY)
    assert (table["name"], table["erased"]) == ("erased", True)
    assert figures(table)["orders_12m"] == [{"unit": "CNY", "adds": 600_00, "of": None}]
    page = printed(capsys, "show", "E1", "--lake", str(root), *DAY)
    assert "What was personal of this enterprise was erased" in page
    assert "华达食品" not in page


def test_a_day_after_the_last_record_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["file", "show", "E1", "--lake", str(lake()), "--as-of", "2025-06-30"]
    assert main([*words, "--format", "json"]) == 0
    assert capsys.readouterr().err == (
        "warning: --as-of: The last record of this lake was recorded on 2024-06-03; what happened "
        "from then to 2025-06-30 is not in the file.\n"
    )


def test_the_page_of_figures_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "figures", "--format", "markdown") == figures_markdown()
    assert PAGE.read_text("utf-8") == figures_markdown(), (
        "run `python -m tradeline file figures --format markdown > docs/reference/figures.md`"
    )
    assert max(map(len, printed(capsys, "figures").splitlines())) <= 100


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["show", "E11", *DAY],
            "error: E11: Nothing is known of an enterprise of that identifier. Did you mean 'E1'? "
            "Write it as its records have it; a name is not looked up.",
        ),
        (
            ["show", " ", *DAY],
            "error: ENTERPRISE: Nothing is known of an enterprise of that identifier.",
        ),
        (
            ["show", "Zhonghua", *DAY],
            "error: Zhonghua: Nothing is known of an enterprise of that identifier. Write it as",
        ),
        (
            ["show", "E1", "--as-of", "2023-11-30"],
            "error: E1: Nothing of this enterprise was recorded by 2023-11-30; the first record of "
            "it was recorded on 2024-01-01. Choose a later day for --known-at.",
        ),
        (
            ["show", "E1", "--as-of", "2024-06-30", "--known-at", "2024-05-31"],
            "error: --as-of: 2024-06-30 lies after 2024-05-31, the day by which it was known: "
            "nobody knew then what was still to come. Leave --known-at out, or choose a day that "
            "is not before --as-of.",
        ),
        (["show", "E1", "--as-of", "30.6.2024"], "error: --as-of: '30.6.2024' is no date. "),
        (
            ["show", "E1", *DAY, "--format", "word"],
            "error: --format: A credit file is not written as 'word'. Use one of: page, json, pdf.",
        ),
        (
            ["show", "E1", *DAY, "--format", "pdf"],
            "error: --out: A PDF is not for a terminal. Name a file: --out file.pdf.",
        ),
        (
            ["show", "E1", *DAY, "--out", "nowhere/file.html"],
            "error: --out: The folder nowhere does not exist. Make it, or name a file in another",
        ),
        (
            ["show", "E1", *DAY, "--sources", "nowhere.yaml"],
            "error: nowhere.yaml: There is no such file of sources. ",
        ),
        (
            ["rows", "E1", "order_12m", *DAY],
            "error: order_12m: A credit file has no figure or list of that name. Did you mean "
            "orders_12m or ",
        ),
        (
            ["rows", "E1", "!", *DAY],
            "error: !: A credit file has no figure or list of that name. `tradeline file figures` "
            "names them all.",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    words: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["file", *words, "--lake", str(lake())]) == 2
    assert message in capsys.readouterr().err


def test_an_identifier_that_no_list_names_is_meant_too_and_nothing_else_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, told = tmp_path / "lake", write(tmp_path / "in", orders=f"{ORDER}\nT-9,{ORDER_OF_MAY}")
    assert main(["lake", "init", str(root)]) == 0
    tax = ["--source", "tax", "--assurance", "authority-verified"]
    assert main(["lake", "land", str(root), str(told), *tax]) == 0
    capsys.readouterr()
    assert main(["file", "show", "T9", "--lake", str(root), "--as-of", "2030-01-01"]) == 2
    assert capsys.readouterr().err.startswith("error: T9: ")
    assert main(["file", "show", " T-9 ", "--lake", str(root), *DAY]) == 0
    assert main(["enterprise", "join", str(root), "T-9", "T9", "--by", "A", "--reason", "b"]) == 2
    assert "told of this enterprise by then. Did you mean 'T-9'? Write" in capsys.readouterr().err


def test_an_unknown_firm_of_a_folder_is_refused_with_those_that_are_alike(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["file", "show", "e1", "--lake", str(folder()), *DAY]) == 2
    assert "Did you mean 'E1'" in capsys.readouterr().err


def test_a_lake_that_cannot_be_read_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["file", "show", "E1", "--lake", str(tmp_path / "nowhere"), *DAY]) == 2
    assert "nowhere" in capsys.readouterr().err
    (tmp_path / "lake.json").write_text("{}", encoding="utf-8")
    assert main(["file", "show", "E1", "--lake", str(tmp_path), *DAY]) == 2
    assert "The lake is of a kind that this version cannot read." in capsys.readouterr().err


def test_a_file_that_is_none_of_ours_is_not_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = tmp_path / "file.html"
    letter.write_text("a letter", encoding="utf-8")
    assert main(["file", "show", "E1", "--lake", str(lake()), *DAY, "--out", str(letter)]) == 2
    assert f"There is a file called {letter} already." in capsys.readouterr().err
    assert letter.read_text("utf-8") == "a letter"


def test_without_a_typesetter_a_pdf_is_refused_and_the_way_out_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    out = tmp_path / "file.pdf"
    assert main(["file", "show", "E1", "--lake", str(lake()), *DAY, "--out", str(out)]) == 2
    assert (
        "error: --format pdf: A PDF needs a typesetter and its fonts, and they are not installed. "
        'Install them: pip install "tradeline[pdf]"; or print the page from a browser.'
    ) in capsys.readouterr().err
    assert not out.exists()


def test_a_pdf_is_tagged_named_and_the_same_each_time(tmp_path: Path) -> None:
    contents = []
    for name in ("a.pdf", "b.pdf"):
        out = tmp_path / name
        assert main(["file", "show", "E1", "--lake", str(lake()), *DAY, "--out", str(out)]) == 0
        contents.append(out.read_bytes())
    assert contents[0] == contents[1]
    assert contents[0].startswith(b"%PDF-")
    assert b"/MarkInfo" in contents[0] or b"/ObjStm" in contents[0]


def test_what_is_contested_and_answered_is_said_and_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "lake"
    assert main(["lake", "init", str(root)]) == 0
    shop = ["--source", "shop", "--assurance", "platform-observed", "--learned-at", "2024-01-01"]
    assert main(["lake", "land", str(root), str(folder()), *shop]) == 0
    claim = ["--claim", "May is missing", "--lake", str(root)]
    assert printed(capsys, "dispute", "E1", "orders_12m", *claim) == (
        "E1 contests orders_12m, as dispute D1.\n"
        "The lake keeps it as entry 2. Files known from today on show it; those known before stay "
        "as they were.\n"
    )
    today = ["--known-at", "2100-01-01"]
    (open_,) = shown(capsys, "E1", "--lake", str(root), *DAY, *today)["disputes"]
    assert (open_["claim"], open_["status"]) == ("May is missing", "open")
    assert shown(capsys, "E1", "--lake", str(root), *DAY)["disputes"] == []
    said = ["--status", "rejected", "--answer", "it came in June", "--lake", str(root)]
    assert printed(capsys, "answer", "E1", "D1", *said).startswith(
        "Dispute D1 of E1, about orders_12m, is rejected.\nThe lake keeps it as entry 3. "
    )
    assert main(["file", "answer", "E1", "D2", *said]) == 2
    assert capsys.readouterr().err == ("error: D2: E1 has no dispute of this number. It has D1.\n")
