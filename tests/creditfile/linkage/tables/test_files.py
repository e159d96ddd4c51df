"""Tables from files: which column names records, and how."""

from pathlib import Path

import pytest

from tradeline.creditfile.linkage.tables.files import read_table


@pytest.mark.parametrize(
    ("content", "column", "ids"),
    [
        ("id,name\n7,x\n8,y\n", "id", (7, 8)),
        ("name,Record_ID\nx,a1\ny,a2\n", "Record_ID", ("a1", "a2")),
        ("id,name\n007,x\n8,y\n", "id", ("007", "8")),
        ("name,town\nx,Bern\ny,Genf\n", None, (1, 2)),
        (",name\n0,x\n1,y\n", "column 1", (0, 1)),
        (",name\n0,x\n0,y\n", None, (1, 2)),
        ("uid,name\n5,x\n5,y\n", None, (1, 2)),
    ],
)
def test_records_are_named_by_a_column_or_numbered(
    tmp_path: Path, content: str, column: str | None, ids: tuple[object, ...]
) -> None:
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    table = read_table(tmp_path / "a.csv")
    assert (table.id_column, table.ids) == (column, ids)


def test_other_signs_between_columns_and_another_encoding_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id;name\n1;北方咖啡\n", encoding="gb18030")
    assert read_table(tmp_path / "a.csv").columns["name"] == ("北方咖啡",)
