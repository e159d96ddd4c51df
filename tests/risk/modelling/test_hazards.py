"""Hazards learned by a saved model's scores say when loans default, and keep the model's PDs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from tests.risk.modelling.loans import asked, loans, write_csv
from tradeline.kernel.findings import InputProblem
from tradeline.risk.modelling.hazards import (
    HazardQuestion,
    HazardStudy,
    mean_by_grade,
    pds_by_month,
    study_hazard,
)
from tradeline.risk.modelling.model import Model
from tradeline.risk.modelling.score import score_table
from tradeline.risk.modelling.tables import Table, read_table
from tradeline.risk.modelling.train import train

MONTHS = 18
QUESTION = HazardQuestion("default", MONTHS, months="seen")


def lives(rows: int = 4000, seed: int = 5) -> dict[str, list[object]]:
    """Loans whose hazard is that of their debt in each month, a third of them seen for a part."""
    generator = np.random.default_rng(seed)
    columns = loans(seed, rows)
    risk = np.array([float(str(value)) for value in columns["debt"]])
    falls = generator.random((rows, MONTHS)) < expit(-4.2 + 1.1 * risk)[:, None]
    month = np.where(falls.any(axis=1), falls.argmax(axis=1) + 1, MONTHS + 1)
    leaves = np.where(generator.random(rows) < 0.33, generator.integers(1, MONTHS, rows), MONTHS)
    columns["default"] = (month <= leaves).astype(int).tolist()
    seen = np.minimum(month, leaves)
    columns["seen"] = [f"{value} months" for value in seen]
    start = np.datetime64("2020-01-01")
    days = np.rint((seen - (month <= leaves) * 0.5) * 365 / 12 + 1).astype(int)
    columns["start"] = [str(start)] * rows
    columns["end"] = [str(start + day) for day in days]
    return columns


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lives")


@pytest.fixture(scope="module")
def table(folder: Path) -> Table:
    return read_table(write_csv(folder / "lives.csv", lives()))


@pytest.fixture(scope="module")
def model(folder: Path) -> Model:
    request = asked(data=write_csv(folder / "loans.csv", loans()), target="default", time="day")
    return train(request).model


@pytest.fixture(scope="module")
def study(model: Model, table: Table) -> HazardStudy:
    return study_hazard(model, table, QUESTION)


def test_predictions_of_rows_that_were_not_learned_from_are_near_the_truth(
    study: HazardStudy, table: Table
) -> None:
    assert study.judged == 1200
    assert study.judged_by == "the last 30% by 'day'"
    risk = np.array([float(str(value)) for value in lives()["debt"][-1200:]])
    stays = (1 - expit(-4.2 + 1.1 * risk))[:, None] ** np.arange(1, MONTHS + 1)
    truth = (1 - stays).mean(axis=0)
    assert study.predicted == pytest.approx(truth, rel=0.12, abs=0.003)
    assert [one.estimate for one in study.observed] == pytest.approx(truth, rel=0.15, abs=0.01)
    assert [pds[-1] for pds in study.fifths] == sorted(pds[-1] for pds in study.fifths)
    assert {check.group for check in study.checks} == {
        "1 (safest)", "2", "3", "4", "5 (riskiest)",
    }  # fmt: skip


def test_days_say_the_same_as_months(model: Model, table: Table, study: HazardStudy) -> None:
    days = study_hazard(model, table, HazardQuestion("default", MONTHS, start="start", end="end"))
    assert days.hazard == study.hazard


def test_without_a_time_the_judged_rows_are_dealt_by_chance_and_the_same_each_time(
    model: Model, table: Table
) -> None:
    timeless = replace(model, learned=replace(model.learned, time="", time_form=None))
    one, other = (study_hazard(timeless, table, QUESTION) for _ in range(2))
    assert one == other
    assert (one.judged, one.judged_by) == (1200, "30% of rows by chance")


def test_pds_rise_by_month_and_are_the_models_own_at_its_horizon(
    model: Model, table: Table, study: HazardStudy
) -> None:
    pds, _ = pds_by_month(model, study.hazard, table)
    assert pds.shape == (4000, MONTHS)
    assert (np.diff(pds, axis=1) >= 0).all()
    assert pds[:, 11] == pytest.approx(score_table(model, table).pds)
    half = replace(model, meaning=replace(model.meaning, horizon_months=6))
    assert pds_by_month(half, study.hazard, table)[0][:, 5] == pytest.approx(pds[:, 11])
    long = replace(model, meaning=replace(model.meaning, horizon_months=24))
    with pytest.raises(InputProblem) as refusal:
        pds_by_month(long, study.hazard, table)
    assert str(refusal.value) == (
        "error: hazard: The model's PDs speak of 24 months, the hazard of 18. Learn it with a "
        "longer --horizon-months."
    )


def test_grades_have_the_mean_of_their_rows_and_what_has_none_is_told() -> None:
    pds = np.linspace([0.01, 0.02], [0.1, 0.2], 10)
    found, told = mean_by_grade(np.vstack([pds, [np.nan, np.nan]]), [("A", 0.015), ("B", 0.1)])
    assert list(found) == ["B"]
    assert found["B"] == pytest.approx(pds[pds[:, 1] < 0.1].mean(axis=0))
    assert [finding.message for finding in told] == [
        "No row is of grade A: it has no curve.", "6 rows lie beyond the last grade.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seen": "-3 months"}, "error: odd.csv: 'seen' is negative in 1 row. Mend the column."),
        (
            {"seen": "2.5 months"},
            "error: odd.csv: 'seen' is no whole number of months in 1 row. Mend the column.",
        ),
        ({"seen": "soon"}, "error: odd.csv: 'seen' is no integer in 1 row. Mend the column."),
        (
            {"default": 1, "seen": "0 months"},
            "error: hazard: A loan has a negative month, or defaulted in month 0. Count months "
            "from 1, the first after the start.",
        ),
    ],
)
def test_a_month_that_cannot_be(
    model: Model, folder: Path, change: dict[str, object], message: str
) -> None:
    columns = lives(400)
    for name, value in change.items():
        columns[name][7] = value
    odd = read_table(write_csv(folder / "odd.csv", columns))
    with pytest.raises(InputProblem) as refusal:
        study_hazard(model, odd, QUESTION)
    assert str(refusal.value) == message


def test_a_column_of_another_kind_and_an_end_before_the_start_are_refused(
    model: Model, table: Table
) -> None:
    with pytest.raises(InputProblem) as refusal:
        study_hazard(model, table, replace(QUESTION, months="trade"))
    assert str(refusal.value) == (
        "error: --months: 'trade' holds no integer or number. Name a column of whole numbers."
    )
    with pytest.raises(InputProblem) as refusal:
        study_hazard(model, table, HazardQuestion("default", 12, start="end", end="start"))
    assert str(refusal.value) == (
        "error: lives.csv: 'start' lies before end in 4,000 rows. Mend the column."
    )


def test_rows_without_a_time_are_left_out_and_told(model: Model, folder: Path) -> None:
    columns = lives(900)
    columns["seen"][5] = ""
    found = study_hazard(model, read_table(write_csv(folder / "gap.csv", columns)), QUESTION)
    assert found.hazard.loans == 899
    assert "1 row with an outcome, but without a time, are left out." in {
        finding.message for finding in found.findings
    }


def test_too_few_loans_to_learn_and_to_judge_are_told_apart(model: Model, folder: Path) -> None:
    columns = lives(48)
    columns["seen"][:] = ["18 months"] * 36 + ["9 months"] * 12
    columns["default"][:] = [0] * 36 + [1] * 12
    few = read_table(write_csv(folder / "few.csv", columns))
    timeless = replace(model, learned=replace(model.learned, time="", time_form=None))
    with pytest.raises(InputProblem) as refusal:
        study_hazard(timeless, few, QUESTION)
    assert str(refusal.value).startswith("error: hazard: Without the rows that judge: Only ")
    assert str(refusal.value).endswith(
        " loans were seen into month 18. Take a shorter --horizon-months, or give more loans."
    )
