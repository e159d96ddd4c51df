"""The validation pack: figures by period and segment, shifts, fairness, the model in force."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.risk.modelling.loans import asked, loans, write_csv
from tradeline.kernel.findings import InputProblem
from tradeline.lake.revocations import revoke
from tradeline.lake.signatures import (
    make_signing_key,
    read_public_key,
    signature_path,
    signing_by,
)
from tradeline.risk.modelling.artifact import subject_of, write_model
from tradeline.risk.modelling.card import model_card
from tradeline.risk.modelling.model import Ceiling, Measured, Model, ModelKind, Overrides
from tradeline.risk.modelling.pack import Pack, Question, compare, validate
from tradeline.risk.modelling.page import pack_json, pack_page
from tradeline.risk.modelling.registry import PROMOTIONS, in_force, promote, promotions
from tradeline.risk.modelling.tables import Table, read_table
from tradeline.risk.modelling.train import train

ON = date(2025, 1, 1)
NOW = datetime(2025, 1, 1, 12)  # noqa: DTZ001


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pack")


@pytest.fixture(scope="module")
def model(folder: Path) -> Model:
    return train(asked(write_csv(folder / "loans.csv", loans()), "default")).model


@pytest.fixture(scope="module")
def poorer(folder: Path) -> Model:
    request = asked(folder / "loans.csv", "default", overrides=Overrides(drop=("trade",)))
    return train(request).model


@pytest.fixture(scope="module")
def later(folder: Path) -> Table:
    """Loans of the same market, in which debts have risen and one trade has gone."""
    columns = loans(seed=2, rows=900)
    columns["debt"] = [f"{float(str(value)) + 0.5:.4f}" for value in columns["debt"]]
    columns["region"] = ["north" if row % 3 else "south" for row in range(900)]
    return read_table(write_csv(folder / "later.csv", columns))


@pytest.fixture(scope="module")
def pack(model: Model, poorer: Model, later: Table) -> Pack:
    question = Question("default", "day", segments=("region",), groups=("region",))
    return validate(model, later, question, ON, poorer)


def test_figures_and_calibration_are_of_the_table_that_is_given(pack: Pack) -> None:
    assert pack.known == 900
    assert pack.figures["Gini"].estimate == pytest.approx(2 * pack.figures["AUC"].estimate - 1)
    assert 0.7 < pack.figures["AUC"].estimate < 0.9
    assert pack.figures["Expected maximum profit"].estimate > 0
    assert sum(part.firms for part in pack.calibration) == 900
    assert pack.mean_pd > pack.defaults / pack.known


def test_what_has_shifted_is_named_and_what_has_not_is_not(pack: Pack) -> None:
    assert pack.population is not None
    assert pack.population.is_shift
    assert pack.inputs["debt"].is_shift
    assert not pack.inputs["trade"].is_shift


def test_periods_and_segments_add_up_to_the_whole(pack: Pack) -> None:
    assert sum(period.figures.firms for period in pack.periods) == 900
    assert [period.figures.group for period in pack.periods][:2] == ["2018-01", "2018-02"]
    assert [(g.group, g.firms) for g in pack.segments["region"]] == [("north", 600), ("south", 300)]
    assert pack.treatments["region"].reference == "north"
    parts = [*(period.figures for period in pack.periods), *pack.segments["region"]]
    assert all(set(part.measures) == {"Gini", "KS", "Brier score", "Log loss"} for part in parts
               if part.auc)  # fmt: skip
    weighed = sum(g.firms * g.measures["Brier score"].estimate for g in pack.segments["region"])
    assert weighed / 900 == pytest.approx(pack.figures["Brier score"].estimate)


def test_the_model_in_force_is_beaten_where_it_lacks_what_tells(pack: Pack) -> None:
    assert pack.against is not None
    assert pack.against.comparison.verdict == "the challenger ranks better"
    assert sum(part.firms for part in pack.against.swapped) == 900


def test_a_model_compared_with_itself_swaps_nobody(model: Model, later: Table) -> None:
    found = compare(model, model, later, "default", 0.7)
    assert found.comparison.difference.estimate == 0
    assert found.rank_correlation == pytest.approx(1)
    assert [part.firms for part in found.swapped][1:3] == [0, 0]


def test_reasons_are_shares_of_rows(pack: Pack) -> None:
    assert pack.reasons["debt"] > 0.8
    assert all(0 <= share <= 1 for share in pack.reasons.values())
    assert set(pack.reasons_by_period) == {period.figures.group for period in pack.periods}


def test_the_page_and_the_json_say_the_same_and_never_change(pack: Pack) -> None:
    page, content = pack_page(pack), json.loads(pack_json(pack))
    assert f"{pack.figures['AUC'].estimate:.3f}" in page
    assert content["figures"]["AUC"]["estimate"] == pack.figures["AUC"].estimate
    north = content["segments"]["region"][0]["measures"]["KS"]
    assert north["low"] < north["estimate"] < north["high"]
    assert f"{north['estimate']:.3f}" in page
    assert content["format"] == "tradeline-validation/1"
    assert page == pack_page(pack)
    assert "http" not in page.replace("http-equiv", "")
    assert "not stated" in page


def test_ceilings_of_training_stand_on_the_page_and_in_the_json(pack: Pack) -> None:
    assert 'id="ceilings"' not in pack_page(pack)
    area, gain = Measured("AUC", 0.8125, 0.8, 0.82), Measured("AUC added", 0.0205, 0.01, 0.03)
    told = Ceiling(ModelKind.BOOSTED, area, gain, 180, 1830)
    with_ceiling = replace(pack, model=replace(pack.model, ceiling=(told,)))
    page = pack_page(with_ceiling)
    assert '<section id="ceilings"' in page
    assert "<td>more than chance</td>" in page
    assert "1,830" in page
    assert "an engine runs them as a shadow only" in page
    content = json.loads(pack_json(with_ceiling))["model"]["ceiling"]
    assert (content[0]["kind"], content[0]["gain"]["estimate"]) == ("boosted", 0.0205)


def test_texts_from_the_data_cannot_break_the_page(pack: Pack) -> None:
    meaning = replace(pack.model.meaning, population="<script>alert(1)</script>")
    page = pack_page(replace(pack, model=replace(pack.model, meaning=meaning)))
    assert "<script" not in page


def test_the_training_rows_are_known_again(model: Model, folder: Path) -> None:
    found = validate(model, read_table(folder / "loans.csv"), Question("default"), ON)
    assert [finding.code for finding in found.findings] == ["training-table", "no-enterprise"]
    assert found.findings[0].line() == (
        "warning: loans.csv: These are the rows that the model learned from: every figure here "
        "flatters it. Read the figures of the model itself, or give rows that it has not seen."
    )
    assert found.periods == ()
    area = model.figure("AUC")
    assert area is not None
    assert found.figures["AUC"].estimate > area.estimate


def test_a_table_of_one_outcome_judges_nothing(model: Model, tmp_path: Path) -> None:
    columns = loans(rows=50)
    columns["default"] = [0] * 50
    table = read_table(write_csv(tmp_path / "t.csv", columns))
    with pytest.raises(InputProblem) as refused:
        validate(model, table, Question("default"), ON)
    assert str(refused.value) == (
        "error: t.csv: 0 rows with a default and 50 without: nothing can be judged. Give more rows "
        "with an outcome."
    )


def test_the_card_says_what_nobody_stated_and_shows_every_bin(model: Model) -> None:
    card = model_card(model)
    assert "- Horizon: not stated" in card
    assert "### trade" in card
    assert "| dealer | 0 |" in card
    assert model.card is not None
    assert card.count("| missing |") == len(model.card.factors)


def test_the_model_in_force_is_the_last_one_promoted_by_then(
    model: Model, poorer: Model, tmp_path: Path
) -> None:
    first, second = datetime(2024, 1, 1), datetime(2024, 6, 1)  # noqa: DTZ001
    said = {"now": NOW, "who": "A. Officer", "why": "validated"}
    promote(model, tmp_path, from_moment=first, **said)  # type: ignore[arg-type]
    promote(poorer, tmp_path, from_moment=second, **said)  # type: ignore[arg-type]
    assert in_force(tmp_path, datetime(2023, 12, 31)) is None  # noqa: DTZ001
    assert in_force(tmp_path, datetime(2024, 5, 31)) == model  # noqa: DTZ001
    assert in_force(tmp_path, NOW) == poorer
    lines = promotions(tmp_path)
    assert lines[1].previous == lines[0].hash


def test_a_record_only_goes_forward_and_cannot_be_changed(model: Model, tmp_path: Path) -> None:
    said = {"now": NOW, "who": "A. Officer", "why": "validated"}
    promote(model, tmp_path, from_moment=NOW, **said)  # type: ignore[arg-type]
    promote(model, tmp_path, from_moment=NOW, **said)  # type: ignore[arg-type]
    with pytest.raises(InputProblem, match="2024-01-01T00:00:00 lies before it"):
        promote(model, tmp_path, from_moment=datetime(2024, 1, 1), **said)  # type: ignore[arg-type]  # noqa: DTZ001
    with pytest.raises(InputProblem) as refused:
        promote(model, tmp_path, from_moment=NOW, now=NOW, who=" ", why="x")
    assert str(refused.value) == ("error: --who: Nothing is stated. Say who decides, and why.")
    path = tmp_path / PROMOTIONS
    path.write_text(path.read_text("utf-8").replace("A. Officer", "B. Officer", 1), "utf-8")
    with pytest.raises(InputProblem) as refused:
        promotions(tmp_path)
    assert str(refused.value) == (
        "error: promotions.jsonl line 2: The record was changed since it was written: its chain of "
        "hashes breaks here. Take the file back from a copy; lines are only ever added."
    )


def test_once_a_signer_is_stated_only_signed_models_are_promoted_and_read(
    model: Model, poorer: Model, tmp_path: Path
) -> None:
    registry = tmp_path / "models"
    keys = [tmp_path / "officer.key", tmp_path / "stranger.key"]
    signer, stranger = (read_public_key(make_signing_key(key)) for key in keys)
    officer_signs, stranger_signs = map(signing_by, keys)
    said = {"from_moment": NOW, "now": NOW, "who": "A. Officer", "why": "validated"}
    promote(poorer, registry, **said)  # type: ignore[arg-type]
    with pytest.raises(InputProblem, match="no signature stands beside it"):
        promote(model, registry, **said, signer=signer)  # type: ignore[arg-type]
    assert in_force(registry, NOW) == poorer
    signature = officer_signs(subject_of(model))
    line = promote(model, registry, **said, signer=signer, signature=signature)  # type: ignore[arg-type]
    assert line.signer == signer
    assert in_force(registry, NOW) == model
    for other in (None, stranger_signs(subject_of(poorer)), signature):
        with pytest.raises(InputProblem, match=r"error: model: "):
            promote(poorer, registry, **said, signature=other)  # type: ignore[arg-type]
    signature = stranger_signs(subject_of(poorer))  # a new signer takes over, on the record
    promote(poorer, registry, **said, signer=stranger, signature=signature)  # type: ignore[arg-type]
    assert [one.signer for one in promotions(registry)] == ["", signer, stranger]
    assert in_force(registry, NOW) == poorer


def test_a_revoked_key_promotes_nothing_more_and_what_it_promoted_before_stands(
    model: Model, poorer: Model, tmp_path: Path
) -> None:
    key, later = tmp_path / "officer.key", NOW + timedelta(days=2)
    signer, sign = read_public_key(make_signing_key(key)), signing_by(key)
    stated = {"who": "A. Officer", "why": "validated", "signer": signer}
    for told, one in ((NOW, model), (later, poorer)):
        signature = sign(subject_of(one))
        promote(one, tmp_path, from_moment=told, now=told, signature=signature, **stated)
    revoke(tmp_path / "revoked.yaml", signer, (NOW + timedelta(days=1)).date(), "it was stolen")
    assert in_force(tmp_path, NOW) == model
    with pytest.raises(InputProblem, match=r"\.json: It is signed by the key .* it was stolen\."):
        in_force(tmp_path, later)
    with pytest.raises(InputProblem, match=r"error: model: It is signed by the key .* revoked"):
        promote(poorer, tmp_path, from_moment=later, now=later, signature=signature, **stated)
    assert len(promotions(tmp_path)) == 2


def test_a_model_in_force_that_was_put_in_its_place_is_refused(
    model: Model, poorer: Model, tmp_path: Path
) -> None:
    key = tmp_path / "officer.key"
    signer, sign = read_public_key(make_signing_key(key)), signing_by(key)
    said = {"from_moment": NOW, "now": NOW, "who": "A. Officer", "why": "validated"}
    promote(model, tmp_path, **said, signer=signer, signature=sign(subject_of(model)))  # type: ignore[arg-type]
    (file,) = (tmp_path / "models").glob("*.json")
    whole = file.read_text("utf-8")
    write_model(poorer, file)
    with pytest.raises(InputProblem, match="another model than the one that was promoted"):
        in_force(tmp_path, NOW)
    file.write_text(whole, "utf-8")
    signature_path(file).unlink()
    with pytest.raises(InputProblem, match=r"\.json: It must be signed by the key .* no signature"):
        in_force(tmp_path, NOW)


def test_an_expired_model_is_not_promoted(model: Model, tmp_path: Path) -> None:
    old = replace(model, expires_on="2024-12-31")
    with pytest.raises(InputProblem, match="The model expired on 2024-12-31"):
        promote(old, tmp_path, from_moment=NOW, now=NOW, who="A", why="B")
