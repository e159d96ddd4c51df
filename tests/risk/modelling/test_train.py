"""From a table to a model: what it learns, what it leaves out, how it is judged, what stops it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.risk.modelling.loans import asked, loans, write_csv
from tradeline.kernel.findings import InputProblem
from tradeline.risk.modelling.artifact import SEAL, model_of_text, model_text
from tradeline.risk.modelling.card import model_card
from tradeline.risk.modelling.model import Model, ModelKind, Overrides
from tradeline.risk.modelling.pack import compare
from tradeline.risk.modelling.score import score_table
from tradeline.risk.modelling.study import TrainRequest
from tradeline.risk.modelling.tables import read_table
from tradeline.risk.modelling.train import Trained, train
from tradeline.risk.modelling.words import against_words, trained_words
from tradeline.risk.scoring.card import USUAL, Scale
from tradeline.risk.scoring.overrides import Action, Override
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
    assert "no-enterprise" not in {finding.code for finding in trained.findings}


def test_where_no_column_names_enterprises_that_is_told(trained: Trained) -> None:
    (told,) = (finding for finding in trained.findings if finding.code == "no-enterprise")
    assert told.line() == (
        "warning: --enterprise: No column names enterprises, so rows were set apart one by one: "
        "one that has several rows may judge a model that has seen it, which flatters the figures. "
        "Name it in training, unless each row is another enterprise."
    )
    assert told.line() in trained.model.notes


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
    mixed = write_csv(table.parent / "mixed.csv", {"default": [1, 0] * 5, "x": list(range(10)),
                      "day": ["2022-01-01", "soon"] * 5})  # fmt: skip
    assert "could be put in order by, but such as 'soon'." in refused(
        asked(mixed, "default", time="day")
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


def test_a_table_of_the_target_alone(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "t.csv", {"default": loans()["default"]})
    assert refused(asked(path, "default")).startswith(
        "error: t.csv: No column is left to learn from: the table has no other. Add columns"
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


@pytest.fixture(scope="module")
def beside(table: Path) -> Model:
    """A scorecard with what less plain kinds reach on the last rows."""
    pytest.importorskip("lightgbm")
    pytest.importorskip("interpret")
    return train(replace(asked(table, "default", time="day"), ceiling=True)).model


def test_the_ceilings_are_told_on_the_same_rows(beside: Model) -> None:
    alone = beside.figure("AUC")
    assert alone is not None
    assert [one.kind for one in beside.ceiling] == [ModelKind.GLASS_BOX, ModelKind.BOOSTED]
    for one in beside.ceiling:
        assert one.judged == beside.learned.judged
        assert one.area.estimate - alone.estimate == pytest.approx(one.gain.estimate)
        assert one.gain.low < one.gain.estimate < one.gain.high
        assert one.verdict == "these rows do not tell whether that is chance"
        assert beside.card is not None
        assert one.size > beside.card.size
    assert model_of_text(model_text(beside)) == beside


def test_the_card_and_the_words_say_what_a_ceiling_would_cost(beside: Model) -> None:
    assert beside.card is not None
    glass_box, boosted = (one for one in trained_words(beside) if "numbers instead of" in one)
    assert glass_box.startswith("glass box (--kind glass-box): AUC 0.")
    assert f"numbers instead of {beside.card.size}, and lost is points" in boosted
    card = model_card(beside)
    assert "## What less plain models would add\n" in card
    (row,) = (line for line in card.splitlines() if line.startswith("| boosted trees | 180 |"))
    assert "an engine runs them as a shadow only |" in row


def test_where_nobody_asked_the_card_says_so(trained: Trained) -> None:
    assert trained.model.ceiling == ()
    assert "Nobody asked, or no other kind is installed." in model_card(trained.model)


def test_a_ceiling_of_before_is_still_read(beside: Model) -> None:
    content = json.loads(model_text(beside))["model"]
    boosted = content["ceiling"][1]
    content["ceiling"] = [
        {**boosted["area"], "name": "AUC of boosted trees"},
        {**boosted["gain"], "name": "AUC that boosted trees add"},
    ]
    whole = model_of_text(SEAL.write(content))
    assert model_text(whole) == SEAL.write(content)  # or no signature of it would hold
    (read,) = whole.ceiling
    assert (read.kind, read.size, read.judged) == (ModelKind.BOOSTED, 0, 0)
    assert read.gain.estimate == boosted["gain"]["estimate"]


def test_boosted_trees_can_be_had_at_a_loss_of_plainness(table: Path, beside: Model) -> None:
    boosted = train(asked(table, "default", time="day", kind=ModelKind.BOOSTED)).model
    assert (boosted.card, boosted.ceiling) == (None, ())
    assert set(boosted.names) == {"debt", "trade", "amount", "term"}
    pds = score_table(boosted, read_table(table)).pds
    assert auc(np.array(loans()["default"]) == 1, pds) > 0.75
    assert model_of_text(model_text(boosted)) == boosted
    found = compare(boosted, beside, read_table(table), "default", 0.7)
    assert beside.card is not None
    assert found.plainness.startswith("The challenger is a model of the kind boosted trees of ")
    assert (
        f"numbers, the one in force scorecard of {beside.card.size} numbers. By the challenger a "
        "reader loses points: what a figure adds depends on all others, and nobody can name a step"
    ) in found.plainness
    turned = compare(beside, boosted, read_table(table), "default", 0.7)
    assert "By the model in force a reader loses points" in turned.plainness
    assert turned.plainness in against_words(turned, 0.7)


def decided(feature: str, action: Action, value: float | None = None) -> Override:
    return Override(feature, action, "Li Wei", "As in every card.", value=value)


DIRECTION = decided("debt", Action.DIRECTION, -1.0)
FORBIDDEN = decided("trade", Action.FORBID)
CHALLENGERS = pytest.mark.parametrize(
    ("kind", "library"), [(ModelKind.BOOSTED, "lightgbm"), (ModelKind.CURVES, "interpret")]
)


@CHALLENGERS
def test_what_an_analyst_says_of_directions_and_forbidden_columns_binds_a_challenger(
    table: Path, tmp_path: Path, kind: ModelKind, library: str
) -> None:
    pytest.importorskip(library)
    # Risk rises with debt: a direction against the data leaves its curve no place to go.
    edits = (DIRECTION, FORBIDDEN)
    model = train(asked(table, "default", time="day", kind=kind, edits=edits)).model
    assert "trade" not in model.names
    (left_out,) = (part for part in model.left_out if part.column == "trade")
    assert left_out.why == "Forbidden by Li Wei: As in every card."
    ladder: dict[str, list[object]] = {
        name: [loans()[name][0]] * 40 for name in ("default", "trade", "amount", "term", "day")
    }
    ladder["debt"] = [f"{value:.3f}" for value in np.linspace(-3, 3, 40)]
    pds = score_table(model, read_table(write_csv(tmp_path / "ladder.csv", ladder))).pds
    assert (np.diff(pds) <= 1e-12).all()
    card = model_card(model)
    assert "- debt: risk falls with it, says Li Wei: As in every card." in card
    assert "- trade: forbid, says Li Wei: As in every card." in card
    assert model_of_text(model_text(model)) == model


@pytest.mark.long
def test_ceilings_obey_what_an_analyst_says(table: Path, beside: Model) -> None:
    edits = (replace(FORBIDDEN, feature="debt"),)
    bound = train(replace(asked(table, "default", time="day", edits=edits), ceiling=True)).model
    for free, without_debt in zip(beside.ceiling, bound.ceiling, strict=True):
        assert without_debt.area.estimate < free.area.estimate - 0.1
        assert without_debt.gain.estimate == pytest.approx(0, abs=0.1)
    (left_out,) = (part for part in bound.left_out if part.column == "debt")
    assert left_out.why == "Forbidden by Li Wei: As in every card."


def test_what_no_challenger_can_obey_is_refused(table: Path) -> None:
    request = asked(table, "default", kind=ModelKind.BOOSTED)
    pin = replace(decided("debt", Action.PIN_POINTS, 10.0), at=(1.0,))
    nobody = decided("dept", Action.DIRECTION, 1.0)
    assert refused(replace(request, edits=(DIRECTION, pin, nobody))) == (
        "error: dept: There is no such feature to override. Name a column that is learned from.\n"
        "error: debt: A model of the kind boosted has no bins, so it cannot pin_points. Leave the "
        "entry out, or train a scorecard; forbid and direction bind every kind."
    )
    category = decided("trade", Action.DIRECTION, 1.0)
    assert refused(replace(request, edits=(category,))) == (
        "error: trade: A category has no direction. Merge or split its levels instead."
    )
    forbidden = tuple(
        replace(FORBIDDEN, feature=name) for name in ("debt", "trade", "amount", "term")
    )
    assert refused(replace(request, edits=forbidden)) == (
        "error: --overrides: Every column is forbidden. Leave one to learn from."
    )


def test_points_stand_on_the_scale_that_is_stated(table: Path) -> None:
    scale = Scale(base_points=500.0, base_odds=10.0, pdo=20.0)
    usual, other = (
        train(asked(table, "default", time="day", scale=one)).model for one in (USUAL, scale)
    )
    assert Scale(600.0, 20.0, 50.0) == USUAL
    assert not {"scale", "edits"} & set(json.loads(model_text(usual))["model"])
    assert other.card is not None
    assert other.card.scale == other.scale == scale
    assert model_of_text(model_text(other)) == other
    log_odds = [
        np.log(pds / (1 - pds))
        for pds in (score_table(model, read_table(table)).pds for model in (other, usual))
    ]
    # Points of 20 to double the odds round by 0.017 of log-odds for each input.
    assert log_odds[0] == pytest.approx(log_odds[1], abs=0.1)
    assert "20 points double the odds" in model_card(other)


def test_a_scale_without_points_is_refused(table: Path) -> None:
    request = asked(table, "default", scale=Scale(float("nan"), 0.0, 1e9))
    assert refused(request) == (
        "error: --pdo: 1e+09 is out of range. Take a number from 5 to 1,000.\n"
        "error: --base-points: nan is out of range. Take a number from -100,000 to 100,000.\n"
        "error: --base-odds: 0 is out of range. Take a number from 0.001 to 1e+06."
    )
