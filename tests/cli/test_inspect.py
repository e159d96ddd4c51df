"""`tradeline inspect` says what a folder is, and hands over a mapping that works."""

from pathlib import Path

import pytest

from tradeline.cli.main import main
from tradeline.lake.mapping import read_mapping


def test_a_sound_folder_gives_a_mapping_and_code_0(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "firms.csv").write_text("enterprise,name\nE1,某公司", encoding="utf-8")
    assert main(["inspect", str(folder), "--write", str(tmp_path / "m.yaml")]) == 0
    assert "firms.csv as enterprises: 1 row read, 1 accepted, 0 refused" in capsys.readouterr().out
    assert read_mapping(tmp_path / "m.yaml").sources[0].contract == "enterprises"


def test_refused_rows_give_code_1_and_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "firms.csv").write_text("enterprise,name\nE1,x\n,y", encoding="utf-8")
    assert main(["inspect", str(folder), "--refused", str(tmp_path / "r.csv")]) == 1
    assert "1 row refused for enterprises: The enterprise is missing." in capsys.readouterr().out
    assert "firms.csv,3,enterprises,missing-value" in (tmp_path / "r.csv").read_text("utf-8")


def test_an_empty_folder_gives_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(tmp_path)]) == 2
    assert "The folder holds no file that can be read." in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--write", "--refused"])
def test_records_are_never_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    (tmp_path / "firms.csv").write_text("enterprise,name\nE1,x\n", encoding="utf-8")
    for place, message in (
        (tmp_path / "firms.csv", "firms.csv already. Name a new file, or remove that one."),
        (tmp_path, f"There is a folder called {tmp_path} already."),
        (tmp_path / "no" / "m.yaml", f"The folder {tmp_path / 'no'} does not exist."),
    ):
        assert main(["inspect", str(tmp_path), option, str(place)]) == 2
        assert message in capsys.readouterr().err
    assert (tmp_path / "firms.csv").read_text("utf-8") == "enterprise,name\nE1,x\n"


def test_earlier_refused_rows_are_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for rows in (",y", ",y\n,z"):
        (folder / "firms.csv").write_text(f"enterprise,name\nE1,x\n{rows}", encoding="utf-8")
        assert main(["inspect", str(folder), "--refused", str(tmp_path / "r.csv")]) == 1
    assert len((tmp_path / "r.csv").read_text("utf-8").splitlines()) == 3
