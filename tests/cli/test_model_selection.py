"""`tradeline model selection`: a model judged for all who apply is nearer to their truth."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit

from tests.risk.modelling.loans import write_csv
from tradeline.cli.main import main

Capture = pytest.CaptureFixture[str]
ROWS = 2000


def applicants(seed: int, rows: int = ROWS) -> tuple[dict[str, list[object]], NDArray[np.float64]]:
    """Applicants of whom an earlier score approved the safer, and a tenth of the others."""
    generator = np.random.default_rng(seed)
    debt, late, trend = generator.normal(size=(3, rows)).round(3)
    truth = expit(-1.5 + debt + 0.7 * late + 0.4 * trend)
    chance = np.where(debt < 0.2, 1.0, 0.1)
    approved = generator.random(rows) < chance
    bad = generator.random(rows) < truth
    columns: dict[str, list[object]] = {
        "default": ["" if not ok else int(flag) for ok, flag in zip(approved, bad, strict=True)],
        "decision": ["approved" if ok else "declined" for ok in approved],
        "propensity": chance.tolist(),
        "debt": debt.tolist(),
        "late": late.tolist(),
        "trend": trend.tolist(),
    }
    return columns, truth


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of one sample's approved, another on other columns, and applicants to judge by."""
    made = tmp_path_factory.mktemp("applicants")
    write_csv(made / "learned.csv", applicants(1, 900)[0])
    write_csv(made / "applicants.csv", applicants(2)[0])
    for name, dropped in (("model", "trend"), ("prior", "late")):
        words = ["model", "train", "--data", str(made / "learned.csv"), "--target", "default",
                 "--no-ceiling", "--drop", dropped, "--drop", "decision", "--drop", "propensity",
                 "--out", str(made / f"{name}.json")]  # fmt: skip
        assert main(words) == 0
    return made


def judge(folder: Path, out: Path, *more: object, data: str = "applicants.csv") -> int:
    return main(["model", "selection", str(folder / "model.json"), "--data", str(folder / data),
                 "--target", "default", "--on", "2024-12-31", "--out", str(out),
                 *map(str, more)])  # fmt: skip


def test_every_way_is_nearer_to_the_truth_than_the_approved_alone(
    folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    words = ("--approved", "decision", "--propensity", "propensity", "--prior",
             folder / "prior.json")  # fmt: skip
    capsys.readouterr()
    assert judge(folder, tmp_path / "all", *words) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("2,000 applicants, ")
    assert "propensities as 'propensity' states, as good as " in shown
    assert "\nDefault rate:\n  approved only: 0." in shown
    content = json.loads((tmp_path / "all.json").read_text("utf-8"))
    truth = applicants(2)[1].mean()
    off = {way: abs(found["Default rate"]["estimate"] - truth)
           for way, found in content["figures"].items()}  # fmt: skip
    assert list(off) == ["approved only", "reweighted", "Bayesian", "combined"]
    assert max(off["reweighted"], off["combined"]) < off["approved only"] / 2
    assert off["Bayesian"] < off["approved only"]
    page = (tmp_path / "all.html").read_text("utf-8")
    assert "combined" in page
    assert f"{content['figures']['combined']['AUC']['estimate']:.3f}" in page


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            ("--prior", "model.json"),
            "error: --prior: The prior is the model that is judged: it would agree with itself. "
            "Name another model.",
        ),
        (
            ("--approved", "debt"),
            "error: --approved: 'debt' says ",
        ),
        (
            ("--propensity", "decision"),
            "error: --propensity: 'decision' is no number in every row. Take the propensities of "
            "the decision records, or leave the option out.",
        ),
        (
            ("--propensity", "debt"),
            "error: propensities: A propensity is not within 0 to 1. Take those of the decision "
            "records, or estimate them.",
        ),
        (("--lost", "45"), "error: --lost: 45 is no share between 0 and 1. Write it like 0.7."),
    ],
)
def test_what_cannot_be_judged(
    folder: Path, tmp_path: Path, capsys: Capture, more: tuple[str, str], message: str
) -> None:
    option, value = more
    capsys.readouterr()
    value = str(folder / value) if option == "--prior" else value
    assert judge(folder, tmp_path / "all", option, value) == 2
    assert capsys.readouterr().err.startswith(message)
    assert not list(tmp_path.iterdir())


def test_without_a_prior_two_ways_judge_those_whose_time_has_run(
    folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    columns, truth = applicants(2)
    late = [row for row, word in enumerate(columns["decision"]) if word == "approved"][:7]
    for row in late:
        columns["default"][row] = ""
    write_csv(folder / "young.csv", columns)
    capsys.readouterr()
    assert judge(folder, tmp_path / "all", "--approved", "decision", data="young.csv") == 0
    shown = capsys.readouterr()
    assert "young.csv: 7 approved rows without an outcome are left out." in shown.err
    assert shown.out.startswith("1,993 applicants, ")
    content = json.loads((tmp_path / "all.json").read_text("utf-8"))
    assert list(content["figures"]) == ["approved only", "reweighted"]
    assert content["propensities"] == "estimated"
    rates = [found["Default rate"]["estimate"] for found in content["figures"].values()]
    assert abs(rates[1] - truth.mean()) < abs(rates[0] - truth.mean())


def test_those_with_an_outcome_count_as_approved_where_nothing_says_so(
    folder: Path, tmp_path: Path
) -> None:
    for name, words in (("one", ()), ("other", ("--approved", "decision"))):
        assert judge(folder, tmp_path / name, "--propensity", "propensity", *words) == 0
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "other.json").read_bytes()
