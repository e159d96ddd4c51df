"""A recalibrated model says what happened, keeps every rank, and tells what was done to it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import rankdata

from tests.risk.modelling.loans import asked, loans, write_csv
from tradeline.kernel.findings import InputProblem
from tradeline.risk.modelling.artifact import model_hash, model_of_text, model_text
from tradeline.risk.modelling.model import Model, ModelKind
from tradeline.risk.modelling.recalibrate import at_base_rate, recalibrate
from tradeline.risk.modelling.score import score_table
from tradeline.risk.modelling.tables import Table, read_table
from tradeline.risk.modelling.train import train

KINDS = (
    ModelKind.SCORECARD,
    pytest.param(ModelKind.BOOSTED, marks=pytest.mark.long),
    pytest.param(ModelKind.GLASS_BOX, marks=pytest.mark.long),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("loans")


@pytest.fixture(scope="module", params=KINDS)
def model(folder: Path, request: pytest.FixtureRequest) -> Model:
    if request.param is ModelKind.BOOSTED:
        pytest.importorskip("lightgbm")
    if request.param is ModelKind.GLASS_BOX:
        pytest.importorskip("interpret")
    data = write_csv(folder / "loans.csv", loans())
    return train(asked(data=data, target="default", kind=request.param)).model


@pytest.fixture(scope="module")
def later(folder: Path) -> Table:
    """Loans of the same market, of which many more default."""
    columns = loans(seed=2, rows=900)
    flags = [value if row % 4 else 1 for row, value in enumerate(columns["default"])]
    return read_table(write_csv(folder / "later.csv", {**columns, "default": flags}))


def test_pds_become_what_happened_and_nobody_changes_places(model: Model, later: Table) -> None:
    shift_only = model.kind is ModelKind.BOOSTED
    moved = recalibrate(model, later, "default", shift_only=shift_only)
    before, after = score_table(model, later).pds, score_table(moved.model, later).pds
    assert (rankdata(before.round(12)) == rankdata(after.round(12))).all()
    assert after.mean() == pytest.approx(moved.defaults / moved.rows, abs=1e-6)
    assert (moved.before, moved.after) == pytest.approx((before.mean(), after.mean()))
    assert moved.verdict == "the PDs were not what these rows say"
    found = moved.recalibration
    expected = expit(found.shift.estimate + found.slope.estimate * logit(before))
    assert after == pytest.approx(expected, abs=1e-9)


def test_the_model_says_what_was_done_and_no_longer_what_does_not_hold(
    model: Model, later: Table
) -> None:
    moved = recalibrate(model, later, "default", shift_only=True).model
    assert {figure.name for figure in moved.figures} == {"AUC", "KS"}
    assert moved.notes[-1].startswith("note: model: Recalibrated on later.csv (sha256:")
    assert "log-odds of default became " in moved.notes[-1]
    assert moved.base_rate_is_stated
    assert model_of_text(model_text(moved)) == moved
    assert model_hash(moved) != model_hash(model)


def test_scores_stay_and_with_them_what_was_kept_of_the_training_rows(
    model: Model, later: Table
) -> None:
    moved = recalibrate(model, later, "default", shift_only=True).model
    assert moved.reference == model.reference
    off = score_table(moved, later).scores - score_table(model, later).scores
    assert np.abs(off).max() <= (0 if model.card else 1)


def test_a_base_rate_moves_all_odds_by_the_same_and_back_again(model: Model, later: Table) -> None:
    lower = at_base_rate(model, 0.02)
    before, after = score_table(model, later).pds, score_table(lower, later).pds
    ratio = (0.02 / 0.98) / (model.base_rate / (1 - model.base_rate))
    assert after / (1 - after) == pytest.approx(ratio * before / (1 - before))
    assert lower.figures == model.figures
    back = score_table(at_base_rate(lower, model.base_rate), later).pds
    assert back == pytest.approx(before)


def test_pds_that_are_right_are_said_to_be(model: Model, folder: Path) -> None:
    rows = read_table(write_csv(folder / "others.csv", loans(seed=3, rows=900)))
    pds = score_table(model, rows).pds
    bad = np.random.default_rng(1).random(900) < pds
    columns = loans(seed=3, rows=900)
    columns["default"] = [int(flag) for flag in bad]
    right = read_table(write_csv(folder / "right.csv", columns))
    found = recalibrate(model, right, "default", shift_only=True)
    assert found.verdict == "these rows give no reason to change anything"


def test_what_cannot_be_recalibrated_is_told(model: Model, later: Table, folder: Path) -> None:
    few = {name: list(column) for name, column in loans(seed=4, rows=60).items()}
    few["default"] = [int(row < 5) for row in range(60)]
    with pytest.raises(InputProblem) as refusal:
        recalibrate(model, read_table(write_csv(folder / "few.csv", few)), "default",
                    shift_only=True)  # fmt: skip
    assert str(refusal.value) == (
        "error: few.csv: 5 rows with a default and 55 without. Give at least 10 of each."
    )
    with pytest.raises(InputProblem) as refusal:
        recalibrate(replace(model, kind=ModelKind.BOOSTED), later, "default")
    assert str(refusal.value) == (
        "error: model: The log-odds of boosted trees can be shifted, not stretched. Shift them: "
        "--shift-only."
    )


def test_the_rows_that_it_learned_from_are_known_again(model: Model, folder: Path) -> None:
    same = read_table(folder / "loans.csv")
    found = recalibrate(model, same, "default", shift_only=True)
    assert "training-table" in {finding.code for finding in found.findings}
