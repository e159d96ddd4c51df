"""`tradeline model losses`: estimates from files, judged, that a lender's terms can name."""

import json
from datetime import date
from pathlib import Path

import pytest

from tests.risk.losses.example_losses import FOLDER, NAMES
from tests.risk.losses.example_losses import main as write_example
from tradeline.cli.main import main
from tradeline.risk.pricing.lender_file import read_lender_terms

Capture = pytest.CaptureFixture[str]
TERMS = Path(__file__).parents[2] / "examples" / "lenders" / "millet_credit.yaml"


def words(folder: Path, *more: object, tables: Path = FOLDER) -> list[str]:
    named = (f"--{name}={tables / name}.csv" for name in ("defaults", "recoveries"))
    return ["model", "losses", *named, "--known-at", "2024-06-30", "--out", str(folder / "losses"),
            *map(str, more)]  # fmt: skip


def test_the_example_is_what_the_script_writes(tmp_path: Path) -> None:
    write_example(tmp_path)
    for name in NAMES:
        assert (tmp_path / f"{name}.csv").read_bytes() == (FOLDER / f"{name}.csv").read_bytes()


def test_losses_are_estimated_judged_and_priced_by(tmp_path: Path, capsys: Capture) -> None:
    draws = FOLDER / "draws.csv"
    assert main(words(tmp_path, "--draws", draws)) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(
        "LGD of 160 defaults known on 2024-06-30, recoveries within 36 months:\n  all: 0.5"
    )
    assert "judged as estimated by 2022-08-15, by 48 later defaults:\n  secured: share" in shown
    assert "as predicted\nconversion of what is undrawn, cohorts of 2018-07-02, " in shown
    content = json.loads((tmp_path / "losses.json").read_text("utf-8"))
    assert content["lgd_judged"]["checks"][0]["verdict"] == "as predicted"
    assert content["ead_judged"]["loans"] == 50
    page = (tmp_path / "losses.html").read_text("utf-8")
    assert "Conversion factor of each segment" in page
    assert "unsecured" in page
    first = [path.read_bytes() for path in sorted(tmp_path.iterdir())]
    assert main(words(tmp_path, "--draws", draws)) == 0
    assert [path.read_bytes() for path in sorted(tmp_path.iterdir())] == first
    # In a lender's terms the estimates stand in place of numbers.
    lgd = "{file: losses.lgd.json, segment: secured, downturn: false, valid_until: 2026-12-31}"
    conversion = "{file: losses.ead.json, segment: secured, valid_until: 2026-12-31}"
    text = TERMS.read_text("utf-8").replace("lgd: 0.55", f"lgd: {lgd}")
    text = text.replace("credit_conversion: 0.4", f"credit_conversion: {conversion}")
    (tmp_path / "terms.yaml").write_text(text, encoding="utf-8")
    terms = read_lender_terms(tmp_path / "terms.yaml", date(2026, 6, 30))
    (secured,) = (s for s in content["lgd"]["segments"] if s["segment"] == "secured")
    assert terms.lgd == secured["lgd"]["estimate"]
    (secured,) = (s for s in content["ead"]["segments"] if s["segment"] == "secured")
    assert terms.credit_conversion == secured["conversion"]["estimate"]


def test_without_draws_only_the_lgd_is_estimated(tmp_path: Path, capsys: Capture) -> None:
    assert main(words(tmp_path)) == 0
    assert "conversion" not in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "losses.html", "losses.json", "losses.lgd.json",
    ]  # fmt: skip


def test_too_little_to_judge_by_is_told_and_nothing_is_claimed(
    tmp_path: Path, capsys: Capture
) -> None:
    assert main(words(tmp_path, "--judged-from", "2019-02-01")) == 0
    shown = capsys.readouterr()
    assert "warning: LGD: The estimate is not judged: as known on 2019-02-01: Of " in shown.err
    assert "judged as estimated" not in shown.out
    assert "Not judged: too little has passed." in (tmp_path / "losses.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("exposure_minor", "exposure"),
            "error: defaults.csv: The table of defaults lacks exposure_minor; it has enterprise, "
            "loan_no, segment, defaulted_at, exposure, rate_annual, closed_at. Name the columns "
            "so; money stands in minor units.",
        ),
        (
            (",unsecured,2019-01-11,", ",unsecured,soon,"),
            "error: defaults.csv: defaulted_at: 1 value says no moment, such as 'soon'. Mend the "
            "column.",
        ),
        (
            (",6161897,", ",6161897.50,"),
            "error: defaults.csv: exposure_minor: 1 value says no whole number of minor units, "
            "such as '6161897.50'. Mend the column.",
        ),
        (
            ("L00000,unsecured,", "L00000,,"),
            "error: defaults.csv: The column segment is empty in 1 row. Fill it, or leave them "
            "out.",
        ),
        (
            ("E00000,L00000,unsecured", "E00000,L00000,unsecured,more"),
            "error: defaults.csv: 1 row cannot be split into columns. Mend them.",
        ),
        (
            ("L00000", "L99999"),
            "error: recoveries: 2 rows: the loan is not among the defaults. Add the defaults, or "
            "leave the rows out.",
        ),
    ],
)
def test_a_table_that_cannot_be(
    tmp_path: Path, capsys: Capture, change: tuple[str, str], message: str
) -> None:
    for name in NAMES:
        text = (FOLDER / f"{name}.csv").read_text("utf-8")
        text = text.replace(*change) if name == "defaults" else text
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    assert main(words(tmp_path, tables=tmp_path)) == 2
    assert capsys.readouterr().err == message + "\n"
    assert not (tmp_path / "losses.lgd.json").exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            ("--draws", "gone.csv"),
            "error: gone.csv: There is no such file. Check its name.",
        ),
        (("--seed", "-1"), "error: --seed: -1 is too small. Take a whole number from 0."),
        (
            ("--cohort", "2020"),
            "error: --cohort: '2020' is no date. Write it like 2024-12-31.",
        ),
        (
            ("--known-at", "2018-06-01"),
            "error: defaults: No loan had defaulted by 2018-06-01. Give a later --known-at, or "
            "more defaults.",
        ),
    ],
)
def test_an_option_that_cannot_be(
    tmp_path: Path, capsys: Capture, more: tuple[str, ...], message: str
) -> None:
    assert main(words(tmp_path, *more)) == 2
    assert capsys.readouterr().err == message + "\n"
    assert not list(tmp_path.iterdir())
