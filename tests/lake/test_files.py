"""Files of every kind become the same table of text, and broken ones say what to do."""

import csv
import json
from pathlib import Path

import duckdb
import pytest
from openpyxl import Workbook

from tradeline.kernel.findings import InputProblem
from tradeline.lake.encodings import encoding_of
from tradeline.lake.files import data_files, load

ROWS = [["E1", "某商贸有限公司", "1,234.50"], ["E2", 'Müller "Söhne"', "-3.00"]]
NOT_JSON = "The line is not a JSON object that names each key once."
HEADER = ["enterprise", "name", "amount"]


def rows_of(path: Path, encoding: str | None = None) -> list[tuple[object, ...]]:
    connection = duckdb.connect()
    raw = load(connection, path, "raw", encoding)
    return connection.execute(f"SELECT * EXCLUDE _row FROM {raw.table} ORDER BY _row").fetchall()


def text(separator: str = ",") -> str:
    lines = [HEADER, *ROWS]
    return "\n".join(
        separator.join('"' + value.replace('"', '""') + '"' for value in line) for line in lines
    )


EXPECTED = [("", *row) for row in ROWS]


def test_csv_in_utf_8(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text(), encoding="utf-8-sig")
    assert rows_of(tmp_path / "a.csv") == EXPECTED


def test_csv_with_semicolons(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text(";"), encoding="utf-8")
    assert rows_of(tmp_path / "a.csv") == EXPECTED


def test_gb18030_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "企业,名称\nE1,某商贸有限公司发票代码\n" * 20, encoding="gb18030"
    )
    assert encoding_of(tmp_path / "a.csv") == "gb18030"


def test_utf_16_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text(), encoding="utf-16")
    assert rows_of(tmp_path / "a.csv") == EXPECTED


def test_excel(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for line in [HEADER, *ROWS]:
        sheet.append(line)
    book.save(tmp_path / "a.xlsx")
    assert rows_of(tmp_path / "a.xlsx") == EXPECTED


def test_json_lines_keep_numbers_as_written(tmp_path: Path) -> None:
    lines = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    content = (
        "\n".join(json.dumps(line) for line in lines) + '\n{"enterprise": "E3", "amount": 0.10}'
    )
    (tmp_path / "a.jsonl").write_text(content, encoding="utf-8")
    assert rows_of(tmp_path / "a.jsonl") == [*EXPECTED, ("", "E3", None, "0.10")]


def test_parquet(tmp_path: Path) -> None:
    duckdb.execute(
        "COPY (SELECT 'E1' AS enterprise, 943.4::DOUBLE AS amount) TO ?",
        [str(tmp_path / "a.parquet")],
    )
    assert rows_of(tmp_path / "a.parquet") == [("", "E1", "943.4")]


def test_a_ragged_row_is_kept_and_marked(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n3\n", encoding="utf-8")
    assert rows_of(tmp_path / "a.csv")[1] == (
        "The row has 1 values, the header names 2 columns.",
        "3",
        None,
    )


def test_a_broken_json_line_is_kept_and_marked(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n{"a": \n', encoding="utf-8")
    assert rows_of(tmp_path / "a.jsonl")[1] == (NOT_JSON, '{"a":')


@pytest.mark.parametrize("line", ["[1]", '{"a": 1, "a": 2}', '{"a": "\\ud800"}', "[" * 100_000])
def test_a_line_that_is_no_plain_object_is_marked(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.jsonl").write_text(f'{{"a": 1}}\n{line}\n', encoding="utf-8")
    assert rows_of(tmp_path / "a.jsonl") == [("", "1"), (NOT_JSON, line)]


def test_a_value_that_swallows_rows_is_marked(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('a,b\n1,"x\n2,y\n3,z"\n4,"p\nq"\n', encoding="utf-8")
    assert rows_of(tmp_path / "a.csv") == [
        ("The quotation marks of lines 2 to 4 do not pair.", "1,x\n2,y\n3,z", None),
        ("", "4", "p\nq"),
    ]


@pytest.mark.parametrize(
    "value", ["p\nq", "p\rq", "p\r\nq", 'p"q', 'p""', "p\\", "p,'q", "é🦄", "NULL"]
)
@pytest.mark.parametrize("others", [1, 3000])
def test_a_value_passes_as_it_was_written(tmp_path: Path, value: str, others: int) -> None:
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(
            [["a", "b"], [value, "1"], *[["x", "y"]] * others]
        )
    assert rows_of(tmp_path / "a.csv")[:2] == [("", value, "1"), ("", "x", "y")]


def test_a_row_after_broken_quotation_marks_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('a,b\n1,"x"y\n2,z\n', encoding="utf-8")
    assert rows_of(tmp_path / "a.csv") == [
        ("The quotation marks of line 2 do not pair.", '1,"x"y', None),
        ("", "2", "z"),
    ]


def test_a_column_without_a_name_is_called_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(",a\n0,1\n", encoding="utf-8")
    assert load(duckdb.connect(), tmp_path / "a.csv", "raw").columns == ("column 1", "a")


def test_a_nul_is_marked_where_an_encoding_is_stated(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a,b\n1,x\0\n")
    assert rows_of(tmp_path / "a.csv", "utf-8")[0][0] == "The row holds a NUL byte."


def workbook(path: Path, *sheets: list[list[object]]) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_an_empty_second_sheet_does_no_harm(tmp_path: Path) -> None:
    assert rows_of(workbook(tmp_path / "a.xlsx", [["a"], [1]], [])) == [("", "1")]


@pytest.mark.parametrize(
    ("sheets", "message"),
    [
        (([["a"], [1]], [["b"]]), "more than one sheet with values: Sheet, Sheet1. Save each"),
        (([["a"], ["=1+1"]],), "The cell A2 holds a formula without its value. Open the workbook"),
    ],
)
def test_a_workbook_that_hides_values_is_refused(
    tmp_path: Path, sheets: tuple[list[list[object]], ...], message: str
) -> None:
    with pytest.raises(InputProblem) as refusal:
        rows_of(workbook(tmp_path / "a.xlsx", *sheets))
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "a.csv: The file is empty. Send it with a header and rows."),
        ("a.parquet", b"PAR1 and no more", "a.parquet: The file is not whole Parquet."),
        ("a.xlsx", b"no zip", "a.xlsx: The file is not a whole Excel workbook."),
        ("a.csv", b"a,A\n1,2\n", "a.csv: The header names 'A', 'a' more than once, capitals or"),
        ("a.csv", b"_row,A\n1,2\n", "a.csv: The header names '_row', which Tradeline uses itself."),
        ("a.csv", b'"a"b,c\n1,2\n', "a.csv row 1: The quotation marks of line 1 do not pair."),
        ("a.csv", b'a,b\n1,2\n3,"4\n5,6', "A quotation mark that opens in line 3 is never closed"),
        ("a.csv", b"a,b\n1,\0\n", "The file is no plain text: it holds a NUL byte in line 2."),
        ("a.csv", bytes(range(1, 256)), "The file is no text in UTF-8, GB18030, Big5 nor Windows"),
        ("a.jsonl", b'[{"a": 1},\n{"a": 2}]', "No line of the file is a JSON object. Write one"),
        ("a.pdf", b"", "a.pdf: This kind of file cannot be read. Save it as CSV."),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputProblem) as refusal:
        rows_of(tmp_path / name)
    assert message in str(refusal.value)


def test_a_wrongly_stated_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("名称\n某商贸有限公司\n", encoding="gb18030")
    with pytest.raises(InputProblem, match="The file is not written in utf-8"):
        rows_of(tmp_path / "a.csv", "utf-8")


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputProblem, match="The folder holds no file that can be read"):
        data_files(tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputProblem, match="There is no such folder"):
        data_files(tmp_path / "nowhere")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a", encoding="utf-8")
    with pytest.raises(InputProblem, match="This is a file, no folder"):
        data_files(tmp_path / "a.csv")


def test_a_folder_that_is_called_like_a_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    (tmp_path / "b.csv").touch()
    assert [path.name for path in data_files(tmp_path)] == ["b.csv"]


def test_damage_within_a_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    duckdb.execute("COPY (SELECT range::VARCHAR AS a FROM range(3000)) TO ?", [str(path)])
    content = bytearray(path.read_bytes())
    content[100:2000] = bytes(1900)
    path.write_bytes(content)
    with pytest.raises(InputProblem, match="The file is not whole Parquet"):
        rows_of(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputProblem, match="the folder does not hold it"):
        rows_of(tmp_path / "a.csv")


def test_whole_numbers_that_parquet_keeps_as_floats_are_written_whole(tmp_path: Path) -> None:
    select = "SELECT unnest([17850, NULL, -2.5, 1e300, 'nan']::DOUBLE[]) AS customer"
    duckdb.connect().execute(f"COPY ({select}) TO '{tmp_path / 'a.parquet'}'")
    customers = [customer for _, customer in rows_of(tmp_path / "a.parquet")]
    assert customers == ["17850", None, "-2.5", "1e+300", "nan"]
    select = "SELECT unnest(['17850.0', '1.50']) AS code"
    duckdb.connect().execute(f"COPY ({select}) TO '{tmp_path / 'b.parquet'}'")
    assert [code for _, code in rows_of(tmp_path / "b.parquet")] == ["17850.0", "1.50"]
