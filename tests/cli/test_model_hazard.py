"""`tradeline model hazard` and `term-structure`: learned, judged, and read by whoever prices."""

import csv
import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.risk.modelling.loans import write_csv
from tradeline.cli.main import main
from tradeline.lending.end_of_day.curves import read_curves
from tradeline.risk.decisions.engine_file import read_engine

Capture = pytest.CaptureFixture[str]
EXAMPLES = Path(__file__).parents[2] / "examples"
MODEL = EXAMPLES / "decide" / "model.json"
TERMS = EXAMPLES / "lenders" / "harbour_bank.yaml"
ENGINE = """\
name: with hazards
model: {examples}/decide/model.json
policy: {examples}/policy/small_business.yaml
lender: {examples}/lenders/harbour_bank.yaml
hazard: when.hazard.json
max_age_days: 92
may_be_missing: [margin_12m]
"""


@pytest.fixture(scope="module")
def loans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's loans, each with the months that it was seen for."""
    with (EXAMPLES / "decide" / "loans.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    columns: dict[str, list[object]] = {name: [row[name] for row in rows] for name in rows[0]}
    columns["months"] = [
        1 + number % 24 if row["defaulted"] == "1" else 24 for number, row in enumerate(rows)
    ]
    return write_csv(tmp_path_factory.mktemp("loans") / "loans.csv", columns)


def hazard(folder: Path, loans: Path, *more: object) -> int:
    return main(["model", "hazard", str(MODEL), "--data", str(loans), "--target", "defaulted",
                 "--out", str(folder / "when"), *map(str, more)])  # fmt: skip


def test_a_hazard_is_learned_and_an_engine_and_provisions_read_it(
    loans: Path, tmp_path: Path, capsys: Capture
) -> None:
    assert hazard(tmp_path, loans, "--months", "months") == 0
    shown = capsys.readouterr().out
    assert " within 24 months\njudged on " in shown
    assert "\n  12: mean PD " in shown
    content = json.loads((tmp_path / "when.json").read_text("utf-8"))
    assert len(content["predicted"]) == 24
    assert set(content["checks"][0]) > {"group", "month", "predicted", "observed", "agrees"}
    assert "5 (riskiest)" in (tmp_path / "when.html").read_text("utf-8")
    (tmp_path / "engine.yaml").write_text(ENGINE.format(examples=EXAMPLES), encoding="utf-8")
    assert "hazard.json" in read_engine(tmp_path / "engine.yaml", date(2026, 6, 30)).files
    words = ["model", "term-structure", str(MODEL), "--hazard", str(tmp_path / "when.hazard.json"),
             "--data", str(loans)]  # fmt: skip
    assert main([*words, "--out", str(tmp_path / "pds.parquet")]) == 0
    found = duckdb.execute(f"SELECT * FROM '{tmp_path / 'pds.parquet'}'")
    names = [column[0] for column in found.description]
    assert names == ["row", *(f"pd_{month}" for month in range(1, 25))]
    grades = ["--lender", str(TERMS), "--on", "2026-06-30", "--out", str(tmp_path / "pds.csv")]
    assert main([*words, *grades]) == 0
    with (tmp_path / "pds.csv").open(encoding="utf-8") as stream:
        curves = read_curves(list(csv.DictReader(stream)))
    assert [len(curve.cumulative) for curve in curves] == [24] * len(curves)
    assert {curve.grade for curve in curves} <= {"A", "B", "C"}


@pytest.mark.parametrize(
    "more",
    [(), ("--start", "granted_on"), ("--months", "months", "--start", "a", "--end", "b")],
)
def test_the_time_of_a_default_is_said_once(
    loans: Path, tmp_path: Path, capsys: Capture, more: tuple[str, ...]
) -> None:
    assert hazard(tmp_path, loans, *more) == 2
    assert capsys.readouterr().err == (
        "error: --months: It must be said once when each loan defaulted, or was last seen. Give "
        "--months COLUMN, or --start COLUMN and --end COLUMN.\n"
    )


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            ("--months", "month"),
            "error: --months: loans.csv has no column 'month'. Did you mean months?",
        ),
        (
            ("--months", "months", "--horizon-months", "30"),
            "error: hazard: A horizon of 30 months is out of range. Take 1 to 24 months.",
        ),
    ],
)
def test_what_cannot_be_learned(
    loans: Path, tmp_path: Path, capsys: Capture, more: tuple[str, ...], message: str
) -> None:
    assert hazard(tmp_path, loans, *more) == 2
    assert capsys.readouterr().err.splitlines()[-1] == message
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            ("--out", "pds.csv"),
            "error: --out: 'pds.csv' does not end in .parquet. PDs of rows are written as "
            ".parquet.",
        ),
        (
            ("--lender", str(TERMS), "--out", "pds.parquet"),
            "error: --out: 'pds.parquet' does not end in .csv. PDs of grades are written as .csv.",
        ),
        (
            ("--out", "pds.parquet"),
            "error: gone.json: There is no such file. Check its name.",
        ),
    ],
)
def test_where_pds_by_month_cannot_be_written(
    loans: Path,
    tmp_path: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    more: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["model", "term-structure", str(MODEL), "--hazard", "gone.json", "--data", str(loans)]
    assert main([*words, *more]) == 2
    assert capsys.readouterr().err == message + "\n"
