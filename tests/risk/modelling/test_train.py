"""From a table to a model: what it learns, what it leaves out, how it is judged, what stops it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.risk.modelling.loans import asked, loans, write_csv
from tradeline.kernel.findings import InputProblem
from tradeline.risk.modelling.artifact import model_of_text, model_text
from tradeline.risk.modelling.model import ModelKind, Overrides
from tradeline.risk.modelling.score import score_table
from tradeline.risk.modelling.study import TrainRequest
from tradeline.risk.modelling.tables import read_table
from tradeline.risk.modelling.train import Trained, train
from tradeline.risk.validation.discrimination import auc


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csv(tmp_path_factory.mktemp("loans") / "loans.csv", loans())


@pytest.fixture(scope="module")
def trained(table: Path) -> Trained:
    return train(asked(table, "default"))


def test_what_tells_is_used_and_what_does_not_is_left_out(trained: Trained) -> None:
    assert {"debt", "trade"} <= set(trained.model.names)
    left_out = {part.column: part.why for part in trained.model.left_out}
    assert left_out["day"].startswith("It is a date, and without --time")
    assert trained.model.suspects == ()


def test_figures_come_from_rows_that_the_model_did_not_see(trained: Trained) -> None:
    area = trained.model.figure("AUC")
    assert area is not None
    assert 0.7 < area.low < area.estimate < area.high < 0.9
    assert area.estimate == auc(trained.judged.bad, trained.judged.pds)
    assert trained.model.learned.protocol == "5 stratified folds, not out of time"
    assert "not-out-of-time" in {finding.code for finding in trained.findings}


def test_with_a_time_column_the_last_rows_judge(table: Path) -> None:
    model = train(asked(table, "default", time="day")).model
    assert model.learned.protocol == (
        "out of time by 'day': the last 30% of the rows judge a model of the earlier ones"
    )
    assert model.learned.judged == 180
    assert model.learned.period == ("2018-01-01", "2019-08-23")
    assert model.created_for == "2019-08-23"


def test_rows_of_an_enterprise_are_never_split(tmp_path: Path) -> None:
    columns = loans()
    columns["company_id"] = [f"F{row // 4}" for row in range(len(columns["debt"]))]
    trained = train(asked(write_csv(tmp_path / "t.csv", columns), "default"))
    assert trained.model.learned.enterprise == "company_id"
    assert "enterprises of 'company_id' kept whole" in trained.model.learned.protocol


def test_rows_that_repeat_another_share_a_fold_and_do_not_flatter(tmp_path: Path) -> None:
    columns = {name: values * 3 for name, values in loans(rows=200).items() if name != "day"}
    trained = train(asked(write_csv(tmp_path / "t.csv", columns), "default"))
    (said,) = (finding for finding in trained.findings if finding.code == "repeated-rows")
    assert said.message.startswith("400 rows repeat another in every input")
    first = {name: values[:200] for name, values in columns.items()}
    once = train(asked(write_csv(tmp_path / "o.csv", first), "default"))
    area, alone = trained.model.figure("AUC"), once.model.figure("AUC")
    assert area is not None
    assert alone is not None
    assert area.estimate == pytest.approx(alone.estimate, abs=0.06)


def test_a_strong_suspect_is_left_out_unless_it_is_kept(tmp_path: Path) -> None:
    columns = loans(rows=300)
    columns["status"] = ["lost" if bad else "paid" for bad in columns["default"]]
    request = asked(write_csv(tmp_path / "t.csv", columns), "default")
    model = train(request).model
    assert "status" not in model.names
    assert [suspect.column for suspect in model.suspects] == ["status"]
    kept = train(replace(request, overrides=Overrides(keep=("status",)))).model
    assert "status" in kept.names
    assert kept.overrides.keep == ("status",)
    dropped = train(replace(request, overrides=Overrides(drop=("debt",)))).model
    assert "debt" not in dropped.names


def test_a_base_rate_moves_every_pd_and_no_rank(table: Path, trained: Trained) -> None:
    stated = train(asked(table, "default", base_rate=0.03))
    pds = score_table(stated.model, read_table(table)).pds
    before = score_table(trained.model, read_table(table)).pds
    assert pds.mean() < 0.06
    assert (np.argsort(pds, kind="stable") == np.argsort(before, kind="stable")).mean() > 0.9
    assert auc(trained.bad, pds) == pytest.approx(auc(trained.bad, before), abs=0.002)


def test_the_same_table_gives_the_same_bytes(table: Path, trained: Trained) -> None:
    assert model_text(train(asked(table, "default")).model) == model_text(trained.model)


def refused(request: TrainRequest) -> str:
    with pytest.raises(InputProblem) as found:
        train(request)
    return str(found.value)


def test_a_table_that_is_not_there(tmp_path: Path, table: Path) -> None:
    gone = tmp_path / "gone.csv"
    assert refused(asked(gone, "x")) == (f"error: {gone}: There is no such file. Check its name.")
    assert refused(asked(tmp_path, "x")) == (
        f"error: {tmp_path}: This is a folder, no table. Name one of the files in it."
    )
    empty = write_csv(tmp_path / "empty.csv", {"default": [], "x": []})
    assert refused(asked(empty, "default")) == (
        "error: empty.csv: The table holds no row. Send it with a header and rows."
    )
    (tmp_path / "half.csv.gz").write_bytes(b"\x1f\x8b\x08\x00rest")
    assert refused(asked(tmp_path / "half.csv.gz", "x")) == (
        "error: half.csv.gz: The file is not whole gzip. Compress it again, or send it plain."
    )
    odd = tmp_path / "table.doc"
    odd.write_bytes(b"")
    assert refused(asked(odd, "x")).startswith(
        "error: table.doc: This kind of file cannot be read as a table. Save it as one of .csv, "
    )


def test_a_column_that_is_not_there_with_the_nearest_names(table: Path) -> None:
    assert refused(asked(table, "defaulted")) == (
        "error: --target: loans.csv has no column 'defaulted'. Did you mean default?"
    )
    assert refused(asked(table, "default", time="zzz")) == (
        "error: --time: loans.csv has no column 'zzz'. It has default, debt, trade, amount, term, "
        "day."
    )
    dropped = Overrides(drop=("detb",))
    assert refused(asked(table, "default", overrides=dropped)) == (
        "error: --drop: loans.csv has no column 'detb'. Did you mean debt?"
    )


def test_roles_that_cannot_be(table: Path) -> None:
    assert refused(asked(table, "default", time="default")) == (
        "error: --time: 'default' is the target. Name another column."
    )
    assert refused(asked(table, "default", time="trade")) == (
        "error: --time: 'trade' holds no dates or numbers that rows could be put in order by, but "
        "such as 'bakery'. Name a column of dates, such as 2024-12-31, or of years."
    )
    both = Overrides(keep=("debt",), drop=("debt",))
    assert refused(asked(table, "default", overrides=both)) == (
        "error: --keep: 'debt' is kept and dropped at once. State one of them."
    )
    day = Overrides(keep=("day",))
    assert refused(asked(table, "default", overrides=day)) == (
        "error: --keep: 'day' is no input that a model can read. Take it out of --keep; the list "
        "of columns left out says why."
    )
    assert refused(asked(table, "default", base_rate=3.0)).startswith(
        "error: --base-rate: A default rate of 3 does not lie between 0 and 1."
    )


def test_a_table_of_suspects_only(tmp_path: Path) -> None:
    columns = {"default": loans()["default"]}
    columns["status"] = ["lost" if bad else "paid" for bad in columns["default"]]
    path = write_csv(tmp_path / "t.csv", columns)
    assert refused(asked(path, "default")) == (
        "error: t.csv: No column is left to learn from: all others are left out, among them "
        "status. Add columns known at the decision, or keep one with --keep COLUMN if you know "
        "that it is honest."
    )


def test_too_few_outcomes(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "t.csv", {"default": [1, 0, 0, 0], "x": [1, 2, 3, 4]})
    assert refused(asked(path, "default")) == (
        "error: default: 1 row with a default and 3 without remain: a model needs 2 of each. "
        "Give more rows with an outcome."
    )


def test_a_last_part_in_time_without_defaults(tmp_path: Path) -> None:
    columns = loans()
    columns["default"] = [int(row < 100 and row % 2) for row in range(len(columns["debt"]))]
    path = write_csv(tmp_path / "t.csv", columns)
    assert refused(asked(path, "default", time="day")) == (
        "error: --time: The last part of the rows in time holds 0 defaults and 240 others: a model "
        "needs 2 of each. Give a longer period, or leave --time out."
    )


def test_the_ceiling_is_told_on_the_same_rows_and_the_trees_can_be_had(table: Path) -> None:
    pytest.importorskip("lightgbm")
    request = replace(asked(table, "default"), ceiling=True)
    model = train(request).model
    area, gain = model.ceiling
    alone = model.figure("AUC")
    assert alone is not None
    assert area.estimate - alone.estimate == pytest.approx(gain.estimate)
    assert gain.low < gain.estimate < gain.high
    boosted = train(replace(request, kind=ModelKind.BOOSTED)).model
    assert (boosted.card, boosted.ceiling) == (None, ())
    assert set(boosted.names) == {"debt", "trade", "amount", "term"}
    pds = score_table(boosted, read_table(table)).pds
    assert auc(np.array(loans()["default"]) == 1, pds) > 0.75
    assert model_of_text(model_text(boosted)) == boosted
