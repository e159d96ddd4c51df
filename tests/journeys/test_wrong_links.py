"""Wrong tables, mappings and options of `tradeline link`: a clear message, nothing is written."""

import csv
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tradeline.cli.main import main

Capture = pytest.CaptureFixture[str]
Spoil = Callable[[Path], None]
GUIDE = "See docs/guides/link.md."
LEFT = [("id", "name", "town"), *((f"a{n}", f"Café Nord {n}", "Bern") for n in range(12))]
RIGHT = [("id", "name", "town"), *((f"b{n}", f"Cafe Nord {n}", "Bern") for n in range(12))]
OUT = ("--out", "links.parquet")
MAPPED = ("--mapping", "link.yaml", *OUT)


def write_sound_tables(folder: Path) -> None:
    for name, rows in (("a.csv", LEFT), ("b.csv", RIGHT)):
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(rows)


def text(name: str, content: str) -> Spoil:
    return lambda folder: void((folder / name).write_text(content, encoding="utf-8"))


def raw(name: str, content: bytes) -> Spoil:
    return lambda folder: void((folder / name).write_bytes(content))


def mapping(content: str) -> Spoil:
    return text("link.yaml", content)


def void(_: object) -> None:
    """Nothing: what a write gives back is of no use."""


def nothing(_: Path) -> None:
    """Tables as they are."""


def link(folder: Path, *words: str) -> int:
    monkey = pytest.MonkeyPatch()
    with monkey.context() as here:
        here.chdir(folder)
        return main(["link", *words])


def bad(message: str) -> str:
    return f"error: link.yaml: {message} {GUIDE}"


WRONG: list[tuple[str, Spoil, tuple[str, ...], str]] = [
    (
        "no file",
        lambda folder: (folder / "b.csv").unlink(),
        ("a.csv", "b.csv", *OUT),
        "error: b.csv: There is no such file. Check its name.",
    ),
    (
        "a folder",
        lambda folder: (folder / "tables").mkdir(),
        ("a.csv", "tables", *OUT),
        "error: tables: This is a folder, no table. Name one of the files in it.",
    ),
    (
        "no kind that can be read",
        text("b.doc", "x"),
        ("a.csv", "b.doc", *OUT),
        "error: b.doc: This kind of file cannot be read as a table. Save it as one of .csv, "
        ".jsonl, .ndjson, .parquet, .tsv, .txt, .xlsx.",
    ),
    (
        "an empty file",
        text("b.csv", ""),
        ("a.csv", "b.csv", *OUT),
        "error: b.csv: The file is empty. Send it with a header and rows.",
    ),
    (
        "a header alone",
        text("b.csv", "id,name\n"),
        ("a.csv", "b.csv", *OUT),
        "error: b.csv: The table holds no record. Send it with a header and rows.",
    ),
    (
        "a broken Parquet file",
        raw("b.parquet", b"PAR1 and no more"),
        ("a.csv", "b.parquet", *OUT),
        "error: b.parquet: The file is not whole Parquet. Write it again from its source, or send "
        "it as CSV.",
    ),
    (
        "a broken workbook",
        raw("b.xlsx", b"no zip"),
        ("a.csv", "b.xlsx", *OUT),
        "error: b.xlsx: The file is not a whole Excel workbook. Save it again.",
    ),
    (
        "NUL bytes",
        raw("b.csv", b"id,name\nb1,\0\n"),
        ("a.csv", "b.csv", *OUT),
        "error: b.csv: The file is no plain text: it holds a NUL byte in line 2. Export it again "
        "as CSV in UTF-8; if it is UTF-16, state `encoding: utf-16` in a mapping.",
    ),
    (
        "a quotation mark that never closes",
        text("b.csv", 'id,name\nb1,"Nord\nb2,Sud\n'),
        ("a.csv", "b.csv", *OUT),
        "error: b.csv: A quotation mark that opens in line 2 is never closed, so all rows after it "
        "are one value. Close it, or double it if it belongs to the value.",
    ),
    (
        "two columns of one name",
        text("b.csv", "id,name,Name\nb1,x,y\n"),
        ("a.csv", "b.csv", *OUT),
        "error: b.csv: The header names 'Name', 'name' more than once, capitals or not. Give each "
        "column a name of its own.",
    ),
    (
        "an identifier that stands twice",
        text("b.csv", "id,name\nb1,Nord\nb1,Sud\n"),
        ("a.csv", "b.csv", *OUT),
        "error: b.csv: The column 'id' names records, but 1 record repeats an identifier, such as "
        "'b1'. Name another column under `id`, or take the column out: rows are then numbered.",
    ),
    (
        "an identifier that is missing",
        text("b.csv", "id,name\nb1,Nord\n,Sud\n,Ost\n"),
        ("a.csv", "b.csv", *OUT),
        "error: b.csv: 2 records have nothing in the column 'id' that names records. Name another "
        "column under `id`, or take the column out: rows are then numbered.",
    ),
    (
        "no column of that name for identifiers",
        mapping("right: {id: key}\n"),
        ("a.csv", "b.csv", *MAPPED),
        "error: b.csv: The table has no column 'key'; it has id, name, town. Name the column of "
        "identifiers under `id`.",
    ),
    (
        "nothing in common",
        text("b.csv", "id,weight\nb1,1.5\nb2,2.5\n"),
        ("a.csv", "b.csv", *OUT),
        "error: a.csv and b.csv: No columns of the two tables look alike: id, name, town and id, "
        f"weight. Pair them in a mapping. {GUIDE}",
    ),
    (
        "no mapping",
        nothing,
        ("a.csv", "b.csv", *MAPPED),
        "error: link.yaml: There is no such mapping file. `tradeline link A B --write-mapping "
        "FILE` makes one.",
    ),
    (
        "no YAML",
        mapping("fields: [name"),
        ("a.csv", "b.csv", *MAPPED),
        "error: link.yaml: The mapping file is not YAML: line 1, column 14: expected ',' or ']', "
        "but got '<stream end>'. Mend that line.",
    ),
    ("a list", mapping("- name\n"), ("a.csv", "b.csv", *MAPPED),
     bad("The mapping needs keys, such as `fields`.")),
    ("an unknown key", mapping("field: [name]\n"), ("a.csv", "b.csv", *MAPPED),
     bad("mapping: unknown key 'field'; known are left, right, fields, each, threshold.")),
    ("a side that is no table", mapping("left: id\n"), ("a.csv", "b.csv", *MAPPED),
     bad("`left` must be a table of keys, such as `left: {id: key}`.")),
    ("an unknown key of a side", mapping("left: {key: id}\n"), ("a.csv", "b.csv", *MAPPED),
     bad("left: unknown key 'key'; known are id, encoding.")),
    ("a text for fields", mapping("fields: name\n"), ("a.csv", "b.csv", *MAPPED),
     bad("`fields` must be a list of columns, or a table of a name and what it is made of.")),
    ("a field that is a text", mapping("fields: {name: text}\n"), ("a.csv", "b.csv", *MAPPED),
     bad("field 'name' must be a table of keys, such as `{left: title, right: name}`.")),
    ("an unknown kind", mapping("fields: {name: {kind: string}}\n"), ("a.csv", "b.csv", *MAPPED),
     bad("field 'name': kind 'string' is none of text, person_name, company_name, address, "
         "category, phone, identifier, email, web, number, date.")),
    ("no column on one side", mapping("fields: {name: {left: []}}\n"), ("a.csv", "b.csv", *MAPPED),
     bad("field 'name': `left` must be a column, or a list of columns.")),
    ("another word for each", mapping("each: twice\n"), ("a.csv", "b.csv", *MAPPED),
     bad("`each` is 'twice'; it must be once, many, or such as {left: many, right: once}.")),
    ("a threshold beyond 1", mapping("threshold: 50\n"), ("a.csv", "b.csv", *MAPPED),
     bad("`threshold` is 50; it must be a number above 0 and at most 1.")),
    (
        "an unknown column",
        mapping("fields: {name: {right: title}}\n"),
        ("a.csv", "b.csv", *MAPPED),
        "error: field 'name': b.csv has no column 'title'; it has id, name, town. " + GUIDE,
    ),
    (
        "a field without any value",
        lambda folder: (mapping("fields: [name]\n")(folder),
                        text("b.csv", "id,name\nb1,\nb2,-\n")(folder))[1],
        ("a.csv", "b.csv", *MAPPED),
        "error: field 'name': All values are missing in b.csv, so it is not compared. Name another "
        "column, or take the field out of the mapping.",
    ),
    ("a threshold that is no number", nothing, ("a.csv", "b.csv", *OUT, "--threshold", "high"),
     "error: --threshold: 'high' is no probability above 0 and at most 1. Write it like 0.5."),
    ("a threshold of 0", nothing, ("a.csv", "b.csv", *OUT, "--threshold", "0"),
     "error: --threshold: '0' is no probability above 0 and at most 1. Write it like 0.5."),
    ("no place for links", nothing, ("a.csv", "b.csv"),
     "error: --out: Nothing says where the links go. Name a file: --out links.parquet. Or have a "
     "mapping: --write-mapping link.yaml."),
    ("links that are no table", nothing, ("a.csv", "b.csv", "--out", "links.json"),
     "error: --out: 'links.json' is neither Parquet nor CSV by its name. Name a file that ends in "
     ".parquet or .csv."),
    ("no folder for links", nothing, ("a.csv", "b.csv", "--out", "results/links.parquet"),
     "error: --out: The folder results does not exist. Make it, or name a file in another one."),
    ("a file in the way", text("links.parquet", "mine"), ("a.csv", "b.csv", *OUT),
     "error: --out: There is a file called links.parquet already. Name a new file, or remove that "
     "one."),
    ("a mapping in the way", mapping("each: once\n"),
     ("a.csv", "b.csv", "--write-mapping", "link.yaml"),
     "error: --write-mapping: There is a file called link.yaml already. Name a new file, or remove "
     "that one."),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "words", "expected"), [case[1:] for case in WRONG],
                         ids=[case[0] for case in WRONG])  # fmt: skip
def test_a_clear_message_and_no_links(
    tmp_path: Path, capsys: Capture, spoil: Spoil, words: tuple[str, ...], expected: str
) -> None:
    write_sound_tables(tmp_path)
    spoil(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert link(tmp_path, *words) == 2
    said = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("reading")]
    assert said == [expected]
    assert sorted(tmp_path.rglob("*")) == before


def linked(folder: Path) -> list[tuple[str, str]]:
    found = duckdb.execute(f'SELECT "left", "right" FROM \'{folder / "links.parquet"}\'')
    return [(str(left), str(right)) for left, right in found.fetchall()]


def test_rows_that_cannot_be_split_are_left_out_with_a_word(
    tmp_path: Path, capsys: Capture
) -> None:
    write_sound_tables(tmp_path)
    with (tmp_path / "b.csv").open("a", encoding="utf-8") as stream:
        stream.write("b99,one,two,three\n")
    assert link(tmp_path, "a.csv", "b.csv", *OUT) == 0
    assert (
        "warning: b.csv: 1 row cannot be split into columns and is left out; the first is row 14: "
        "The row has 4 values, the header names 3 columns. Mend them, or their links will be "
        "missing." in capsys.readouterr().err
    )


def test_a_kind_that_values_are_not_of_is_doubted(tmp_path: Path, capsys: Capture) -> None:
    write_sound_tables(tmp_path)
    mapping("fields: {name: , town: {kind: number}}\n")(tmp_path)
    assert link(tmp_path, "a.csv", "b.csv", *MAPPED) == 0
    assert (
        "warning: field 'town': It is compared as number, but 100% of its values are none, such as "
        "'Bern'. State another `kind` in the mapping, such as text." in capsys.readouterr().err
    )


UNSEEN = (
    "1 {noun} has control signs or marks that nobody sees, such as 'Nord\\x07\\x1b[31m\\u200b' in "
    "row 13. They are left out. Look where they come from: they can hide another {noun}."
)
TWO_ALPHABETS = (
    "1 {noun} has letters of two alphabets in one word, such as 'N\\u043erd' in row 13. "
    "They look alike and differ, so such a {noun} meets no other. Write it in one of them."
)
TOO_LONG = (
    "1 {noun} has more than {longest} signs, such as 'Nord xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' "
    "in row 13. The first {longest} are read. See whether other columns were joined to it."
)
SAYS_NOTHING = (
    "1 {noun} has neither letters nor digits, such as '!!! ???' in row 13. These records are "
    "linked by what else they say."
)
STRANGE: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    "control characters": ("Nord\x07\x1b[31m\u200b", "Nord", [("a.csv", UNSEEN)]),
    "10,000 letters": ("Nord " + "x" * 10_000, "Nord " + "x" * 10_000,
                       [("a.csv", TOO_LONG), ("b.csv", TOO_LONG)]),
    "two alphabets in one word": ("N\u043erd", "Nord", [("a.csv", TWO_ALPHABETS)]),
    "signs alone": ("!!! ???", "!!! ???", [("a.csv", SAYS_NOTHING), ("b.csv", SAYS_NOTHING)]),
    "mixed scripts, a word in each": ("北方咖啡 Nord Кафе", "北方咖啡 Nord Кафе", []),
    "full width": ("ＮＯＲＤ　Ｃａｆé", "nord cafe", []),
    "markup": ("<b>Nord &amp; Sohn</b>", "Nord & Sohn", []),
    "a formula": ("=SUM(A1:A2)", "=SUM(A1:A2)", []),
    "half a surrogate's neighbour": ("Nord 😀", "Nord 😀", []),
}  # fmt: skip
"""What both tables say, and what is told of which."""

KINDS = {"": ("value", "1,000"), "company_name": ("name", "500")}
"""By the kind that is stated, if any, what values are called and how many signs are read."""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind or "no kind")
@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE)
def test_strange_values_stop_nothing_and_are_told(
    tmp_path: Path, capsys: Capture, strange: tuple[str, str, list[tuple[str, str]]], kind: str
) -> None:
    left, right, told = strange
    for name, rows, value in (("a.csv", LEFT, left), ("b.csv", RIGHT, right)):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([*rows, (f"{name[0]}99", value, "Bern")])
    mapping(f"fields: {{name: {{kind: {kind}}}}}\n" if kind else "threshold: 0.5\n")(tmp_path)
    assert link(tmp_path, "a.csv", "b.csv", *MAPPED) == 0
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning")]
    noun, longest = KINDS[kind]
    assert said == [
        f"warning: {table}, column 'name': {words.format(noun=noun, longest=longest)}"
        for table, words in told
    ]
    assert {f"b{n}" for n in range(12)} >= {
        right for left, right in linked(tmp_path) if left != "a99"
    }
