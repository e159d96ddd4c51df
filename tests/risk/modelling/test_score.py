"""Scoring: a line for each row, doubts at the riskiest bin's points, wrong tables refused."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.risk.modelling.loans import asked, loans, write_csv
from tradeline.kernel.findings import InputProblem
from tradeline.risk.modelling.artifact import model_text, read_model, write_model
from tradeline.risk.modelling.model import Model
from tradeline.risk.modelling.score import is_scores, score_table, write_scores
from tradeline.risk.modelling.tables import read_table
from tradeline.risk.modelling.train import train

Columns = dict[str, list[object]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    path = write_csv(tmp_path_factory.mktemp("loans") / "loans.csv", loans())
    return train(asked(path, "default", expires_on="2025-12-31")).model


def few(**changed: list[object]) -> Columns:
    return {"trade": ["dealer", "bakery", "carpenter"], "debt": ["1.0", "-1.0", "0.5"],
            "amount": ["$1,000.00"] * 3, "term": ["36 months"] * 3, **changed}  # fmt: skip


def scored(model: Model, folder: Path, columns: Columns) -> tuple[NDArray[np.float64], list[str]]:
    found = score_table(model, read_table(write_csv(folder / "new.csv", columns)))
    return found.pds, [finding.line() for finding in found.findings]


def test_columns_are_found_by_name_in_any_order(model: Model, tmp_path: Path) -> None:
    pds, said = scored(model, tmp_path, few())
    assert said == []
    assert pds[0] > pds[2] > pds[1]


def test_an_unknown_level_and_a_mistyped_number_cost_the_riskiest_points(
    model: Model, tmp_path: Path
) -> None:
    sound, _ = scored(model, tmp_path, few())
    pds, said = scored(model, tmp_path, few(trade=["dealer", "smith", "carpenter"]))
    assert pds[1] > sound[1]
    assert said == [
        "warning: trade: 1 cell holds an unknown level, such as 'smith'. Their rows have the "
        "points of the riskiest bin here; mend them, or refuse those rows."
    ]
    pds, said = scored(model, tmp_path, few(debt=["1.0", "low", "0.5"]))
    assert pds[1] > sound[1]
    assert said[0].startswith("warning: debt: 1 cell holds no number, such as 'low'. Their rows")


def test_a_row_that_cannot_be_split_has_a_line_without_pd(model: Model, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "new.csv", few())
    with path.open("a", encoding="utf-8") as stream:
        stream.write("dealer,1.0\nbakery,-1.0,$900.00,36 months\n")
    found = score_table(model, read_table(path))
    assert np.isnan(found.pds).tolist() == [False, False, False, True, False]
    write_scores(found, tmp_path / "scores.parquet")
    rows = duckdb.execute(f"SELECT * FROM '{tmp_path / 'scores.parquet'}'").fetchall()
    assert [row for row, _ in rows] == [0, 1, 2, 3, 4]
    assert rows[3][1] is None
    assert is_scores(tmp_path / "scores.parquet")
    assert not is_scores(path)


def test_a_model_that_found_nothing_gives_every_row_the_base_rate(tmp_path: Path) -> None:
    outcome: list[object] = [1, 1, 1, *[0] * 17]
    values: list[object] = [1.5, 2.25, 3.125, 1.5, 2.25, *[3.125, 1.5, 2.25] * 5]
    tiny = write_csv(tmp_path / "tiny.csv", {"x": values, "label": outcome})
    found = train(asked(tiny, "label")).model
    assert found.inputs == ()
    pds, said = scored(found, tmp_path, {"x": [1.5, 7, 9.0]})
    assert pds == pytest.approx([0.15] * 3, rel=0.01)
    assert said == []


def test_a_table_that_lacks_a_column_is_refused(model: Model, tmp_path: Path) -> None:
    columns = few()
    columns["Debt "] = columns.pop("debt")
    with pytest.raises(InputProblem) as refused:
        scored(model, tmp_path, columns)
    assert str(refused.value) == (
        "error: new.csv: The model reads the column 'debt', which the table lacks. Did you mean "
        "'Debt'?"
    )


def test_a_column_of_another_kind_is_refused(model: Model, tmp_path: Path) -> None:
    with pytest.raises(InputProblem) as refused:
        scored(model, tmp_path, few(debt=["low", "high", "0.5"]))
    assert str(refused.value) == (
        "error: debt: The model learned this column as number; here 2 cells of 3 cannot be read as "
        "such, the first is 'low'. Write the column as the training table did."
    )


def test_an_expired_model_does_not_score(model: Model, tmp_path: Path) -> None:
    table = read_table(write_csv(tmp_path / "new.csv", few()))
    assert len(score_table(model, table, date(2025, 12, 31)).pds) == 3
    with pytest.raises(InputProblem) as refused:
        score_table(model, table, date(2026, 1, 1))
    assert str(refused.value) == (
        "error: model: The model expired on 2025-12-31. Validate it again and train or promote a "
        "newer one."
    )


def test_a_model_is_read_back_as_it_was_written(model: Model, tmp_path: Path) -> None:
    write_model(model, tmp_path / "m.json")
    assert read_model(tmp_path / "m.json") == model


def spoiled(change: Callable[[dict[str, object]], object], text: str) -> str:
    whole = json.loads(text)
    change(whole)
    return json.dumps(whole)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda whole: whole["model"].update(base_rate=0.5),
            "error: m.json: The model was changed since it was written: its hash does not fit its "
            "content. Take the file as it was written, or train a model again.",
        ),
        (
            lambda whole: whole.update(format="tradeline-model/9"),
            "error: m.json: The file is no model of the format tradeline-model/1. Name a file that "
            "holds a model as Tradeline writes it.",
        ),
        (
            lambda whole: whole.pop("hash"),
            "error: m.json: The file is no model of the format tradeline-model/1. Name a file that "
            "holds a model as Tradeline writes it.",
        ),
    ],
)
def test_a_changed_or_other_file_is_no_model(
    model: Model, tmp_path: Path, change: Callable[[dict[str, object]], object], message: str
) -> None:
    (tmp_path / "m.json").write_text(spoiled(change, model_text(model)), encoding="utf-8")
    with pytest.raises(InputProblem) as refused:
        read_model(tmp_path / "m.json")
    assert str(refused.value) == message


def test_a_model_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputProblem) as refused:
        read_model(tmp_path / "gone.json")
    assert str(refused.value) == (
        f"error: {tmp_path / 'gone.json'}: There is no such file. Check its name."
    )
