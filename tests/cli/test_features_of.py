"""`tradeline features FOLDER`: values of a folder or a lake, for every firm or for applications."""

from pathlib import Path

import duckdb
import pytest

from tests.journeys.market import market
from tradeline.cli.main import main
from tradeline.creditfile.features.of_partners import PARTNERS

DAY = "2024-12-31"


def rows(path: Path) -> list[tuple[object, ...]]:
    return duckdb.execute(f"FROM '{path}'").fetchall()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("lakes") / "lake"
    assert main(["lake", "init", str(root)]) == 0
    words = ["--source", "shop", "--assurance", "platform-observed", "--learned-at", "2020-01-01"]
    assert main(["lake", "land", str(root), str(market()), *words]) == 0
    return root


def test_a_lake_and_its_folder_give_the_same_values(tmp_path: Path, lake: Path) -> None:
    ours, theirs = tmp_path / "folder.parquet", tmp_path / "lake.parquet"
    assert main(["features", str(market()), "--as-of", DAY, "--out", str(ours)]) == 0
    assert main(["features", str(lake), "--as-of", DAY, "--out", str(theirs)]) == 0
    assert rows(ours) == rows(theirs)
    assert len(rows(ours)) > 100


def test_each_application_has_its_row(
    tmp_path: Path, lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    firms = [row[0] for row in rows(market() / "enterprises.csv")][:2]
    asked, out = tmp_path / "asked.csv", tmp_path / "out.csv"
    lines = [
        "enterprise,as_of",
        f"{firms[0]},{DAY}",
        f"{firms[1]},2024-06-30T12:00:00",
        "none,2024-01-01",
    ]
    asked.write_text("\n".join(lines), encoding="utf-8")
    words = ["--applications", str(asked), "--source", "orders", "--out", str(out)]
    assert main(["features", str(lake), *words]) == 0
    assert capsys.readouterr().out.startswith("3 rows of ")
    assert [row[0] for row in rows(out)] == [*firms, "none"]
    again = tmp_path / "again.csv"
    words[-1] = str(again)
    assert main(["features", str(market()), *words]) == 0
    assert again.read_text(encoding="utf-8") == out.read_text(encoding="utf-8")


def test_features_of_partners_are_computed_where_they_are_asked_for(
    tmp_path: Path, lake: Path
) -> None:
    ours, theirs = tmp_path / "folder.csv", tmp_path / "lake.csv"
    for source, out in ((market(), ours), (lake, theirs)):
        words = ["--as-of", DAY, "--source", "partners", "--out", str(out)]
        assert main(["features", str(source), *words]) == 0
    assert ours.read_text(encoding="utf-8") == theirs.read_text(encoding="utf-8")
    names = ours.read_text(encoding="utf-8").splitlines()[0].split(",")
    assert names == ["enterprise", "as_of", *(feature.name for feature in PARTNERS)]
    # In this market no buyer is an enterprise of it: nothing is known of any, and none is sound.
    known = names.index("buyers_known_share_12m")
    assert {row[known] for row in rows(ours)} == {None, 0.0}
    assert {row[names.index("buyers_sued_share_12m")] for row in rows(ours)} == {None}


WRONG = {
    "no moment": ([], "error: --as-of: It must be said as of when: of a day for every firm, or"),
    "both": (["--as-of", DAY, "--applications", "x.csv"], "Give either --as-of DATE or --appli"),
    "no such file": (["--applications", "x.csv"], "error: x.csv: There is no such file. Name a"),
    "another kind": (["--applications", "x.xls"], "error: x.xls: It is neither CSV nor Parquet."),
    "a day that is none": (["--as-of", "soon"], "error: --as-of: 'soon' is no date. Write it"),
    "a file in the way": (
        ["--as-of", DAY, "--out", "there.csv"],
        "There is a file called there.csv already.",
    ),
    "a result of another kind": (
        ["--as-of", DAY, "--out", "out.txt"],
        "error: --out: out.txt is neither CSV nor Parquet by its name. Name it like features.p",
    ),
    "no column": (
        ["--applications", "there.csv"],
        "error: there.csv: Applications need the columns enterprise and as_of; enterprise and as_of"
        " are not among firm, day.",
    ),
    "no date": (
        ["--applications", "undated.csv"],
        "error: undated.csv application 2: 1 application without an enterprise, or whose as_of is"
        " no date. Write moments like 2024-12-31 or 2024-12-31T18:30:00.",
    ),
    "broken Parquet": (
        ["--applications", "broken.parquet"],
        "error: broken.parquet: The file of applications cannot be read. Write it again as CSV",
    ),
}


@pytest.mark.parametrize(("words", "said"), WRONG.values(), ids=WRONG.keys())
def test_wrong_questions_are_refused(
    words: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.csv").write_text("firm,day\nE1,2024-01-01\n", encoding="utf-8")
    Path("undated.csv").write_text("enterprise,as_of\nE1,2024-01-01\nE2,soon\n", encoding="utf-8")
    Path("broken.parquet").write_bytes(b"PAR1 no more")
    assert main(["features", str(market()), *words]) == 2
    assert said in capsys.readouterr().err
    assert not {"features.parquet", "out.txt"} & {path.name for path in tmp_path.iterdir()}
