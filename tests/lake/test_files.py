"""Files of every kind become the same table of text, and broken ones say what to do."""

import json
from pathlib import Path

import duckdb
import pytest
from openpyxl import Workbook

from tradeline.kernel.findings import InputProblem
from tradeline.lake.files import data_files, encoding_of, load

ROWS = [["E1", "某商贸有限公司", "1,234.50"], ["E2", 'Müller "Söhne"', "-3.00"]]
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
    assert rows_of(tmp_path / "a.jsonl")[1] == ("The line is not a JSON object.", None)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "a.csv: The file is empty. Send it with a header and rows."),
        ("a.parquet", b"PAR1 and no more", "a.parquet: The file is not whole Parquet."),
        ("a.xlsx", b"no zip", "a.xlsx: The file is not a whole Excel workbook."),
        ("a.csv", b"a,a\n1,2\n", "a.csv: The header names 'a' more than once."),
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


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputProblem, match="the folder does not hold it"):
        rows_of(tmp_path / "a.csv")
