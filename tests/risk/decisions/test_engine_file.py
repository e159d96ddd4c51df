"""An engine from its file, and everything that can be wrong with it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pytest
import yaml

from tests.risk.decisions.made import (
    COLUMNS,
    PAIR,
    ROOT,
    card,
    card_with_pairs,
    glass_box,
    learned_from,
    with_challenger,
)
from tradeline.kernel.findings import InputProblem
from tradeline.lake.revocations import revoke
from tradeline.lake.signatures import (
    make_signing_key,
    read_public_key,
    signature_path,
    signing_by,
)
from tradeline.risk.decisions.engine_file import read_engine
from tradeline.risk.decisions.horizon import constant_pace
from tradeline.risk.losses.artifact import write_model
from tradeline.risk.losses.hazard import fit_hazard
from tradeline.risk.losses.lgd import fit_lgd
from tradeline.risk.losses.workouts import Workouts
from tradeline.risk.modelling.artifact import read_model, subject_of
from tradeline.risk.modelling.artifact import write_model as write_trained
from tradeline.risk.modelling.model import ModelKind
from tradeline.risk.scoring.artifact import write_card
from tradeline.risk.scoring.boosted import Boosted, write_boosted

ON = date(2026, 6, 30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example's files, with a card as the model."""
    for part in ("decide", "policy", "lenders"):
        copytree(ROOT / "examples" / part, tmp_path / part)
    (tmp_path / "decide" / "model.json").write_text(write_card(card()), encoding="utf-8")
    return tmp_path / "decide"


def changed(folder: Path, change: Callable[[dict[str, Any]], object]) -> str:
    """What is said of the engine file after a change."""
    path = folder / "engine.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(InputProblem) as refusal:
        read_engine(path, ON)
    return str(refusal.value)


def test_an_engine_is_named_by_what_its_files_say(folder: Path) -> None:
    first = read_engine(folder / "engine.yaml", ON)
    assert first.hash == read_engine(folder / "engine.yaml", ON).hash
    policy = folder.parent / "policy" / "small_business.yaml"
    policy.write_text(policy.read_text(encoding="utf-8") + "# looked at\n", encoding="utf-8")
    assert read_engine(folder / "engine.yaml", ON).hash != first.hash


def test_the_kept_files_give_the_same_engine(folder: Path, tmp_path: Path) -> None:
    first = read_engine(folder / "engine.yaml", ON)
    kept = tmp_path / "kept"
    kept.mkdir()
    for name, text in first.files.items():
        (kept / name).write_text(text, encoding="utf-8")
    again = read_engine(kept, ON)
    assert again.hash == first.hash
    assert again.files == first.files
    assert (again.pds, again.grades) == (first.pds, first.grades)


def test_a_card_with_pairs_decides_as_its_file_says(folder: Path) -> None:
    (folder / "model.json").write_text(write_card(card_with_pairs()), encoding="utf-8")
    found = read_engine(folder / "engine.yaml", ON)
    assert found.card == card_with_pairs()
    assert [read.name for read in found.readers] == list(found.card.columns)
    assert len(found.pairs) == 2
    message = changed(folder, lambda e: e.update(forbidden=["days_since_last_sale"]))
    assert "days_since_last_sale: The card uses it, and the engine forbids it." in message


def test_a_constant_pace_reaches_the_pd_of_the_card_in_a_year() -> None:
    structure = constant_pace(np.array([0.0, 0.04, 0.5]))
    assert structure[:, 11] == pytest.approx([0.0, 0.04, 0.5])
    assert (np.diff(structure, axis=1) >= 0).all()


def test_a_hazard_model_says_when_firms_default_and_the_card_how_many(folder: Path) -> None:
    generator = np.random.default_rng(5)
    months = generator.integers(1, 25, 2000)
    model = fit_hazard(
        generator.normal(size=(2000, 1)), months, generator.random(2000) < 0.2,
        features=("score",), horizon_months=24,
    )  # fmt: skip
    (folder / "hazard.json").write_text(write_model(model), encoding="utf-8")
    plain = read_engine(folder / "engine.yaml", ON)
    with (folder / "engine.yaml").open("a", encoding="utf-8") as stream:
        stream.write("hazard: hazard.json\n")
    found = read_engine(folder / "engine.yaml", ON)
    assert found.pds == plain.pds
    assert found.hash != plain.hash
    assert "hazard.json" in found.files
    one, other = (engine.books[None, ""] for engine in (found, plain))
    assert one is not None
    assert other is not None
    assert not np.array_equal(one.of_profit, other.of_profit)


def test_pds_of_another_horizon_than_a_year_decide_nothing_alone(folder: Path) -> None:
    model = read_model(ROOT / "examples" / "decide" / "model.json")
    for months in (12, None):
        stated = replace(model, meaning=replace(model.meaning, horizon_months=months))
        write_trained(stated, folder / "model.json")
        read_engine(folder / "engine.yaml", ON)
    for months, said in (
        (6, "Name a `hazard` of it in the engine file, which says how many default by then "
         "(tradeline model hazard --horizon-months 12), or train a model with --horizon-months 12"),
        (36, "Train a model with --horizon-months 12"),
    ):  # fmt: skip
        other = replace(model, meaning=replace(model.meaning, horizon_months=months))
        write_trained(other, folder / "model.json")
        with pytest.raises(InputProblem) as refusal:
            read_engine(folder / "engine.yaml", ON)
        assert str(refusal.value) == (
            f"error: model.json: The model's PDs speak of {months} months; an engine decides by "
            f"those of 12. {said}."
        )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c.pop("name"), "the engine needs `name`"),
        (lambda c: c.pop("model"), "the engine needs `model`"),
        (lambda c: c.update(policy="none.yaml"), "The engine's policy cannot be read."),
        (lambda c: c.pop("max_age_days"), "the engine needs `max_age_days`"),
        (lambda c: c.update(max_age_days="92"), "must be a whole number from 0 to 3,660"),
        (lambda c: c.update(max_age_days=-1), "must be a whole number from 0 to 3,660"),
        (lambda c: c.update(colour="red"), "unknown key 'colour'"),
        (lambda c: c.update(may_be_missing="margin_12m"), "must be a list of names of features"),
        (lambda c: c.update(may_be_missing=["profit"]), "profit: The engine speaks of it in"),
        (lambda c: c.update(ranges={"margin_12m": 5}), "the range of margin_12m must be text"),
        (lambda c: c.update(ranges={"height": "[0, 1]"}), "height: The engine speaks of it in"),
        (lambda c: c.update(changeable={"margin_12m": 0}), "margin_12m takes 0 months"),
        (lambda c: c.update(changeable={"bank_inflow_to_sales_12m": 6}),
         "bank_inflow_to_sales_12m hints at fabricated trade, or nobody else can verify it; no "
         "firm is advised to change it."),
        (lambda c: c.update(forbidden=["region"]), "region: The card uses it, and the engine"),
        (lambda c: c.update(hazard="model.json"), "hazard.json"),
        (lambda c: c.update(model="loans.csv"), "The file is no model of the format"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_is_refused_with_what_is_wrong(
    folder: Path, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    assert said in changed(folder, change)


def test_an_engine_that_states_a_signer_decides_by_no_other_model(folder: Path) -> None:
    key, model = folder / "officer.key", folder / "model.json"
    make_signing_key(key)
    model.write_bytes((ROOT / "examples" / "decide" / "model.json").read_bytes())
    assert "no signature stands beside it" in changed(
        folder, lambda c: c.update(signer="officer.pub")
    )
    sign = signing_by(key)
    signature_path(model).write_text(sign(subject_of(read_model(model))), encoding="utf-8")
    found = read_engine(folder / "engine.yaml", ON)
    assert {"model.json.sig", "signer.pub"} < set(found.files)
    kept = folder / "kept"
    kept.mkdir()
    for name, text in found.files.items():
        (kept / name).write_text(text, encoding="utf-8")
    assert read_engine(kept, ON).hash == found.hash
    revoke(folder / "revoked.yaml", read_public_key(folder / "officer.pub"), ON, "it was stolen")
    with (folder / "engine.yaml").open("a", encoding="utf-8") as stream:
        stream.write("revoked: revoked.yaml\n")
    before = read_engine(folder / "engine.yaml", ON - timedelta(days=1))
    assert "it was stolen" in before.files["revoked.yaml"]
    assert "which is revoked from 2026-06-30 on: it was stolen" in changed(folder, lambda c: None)
    assert "but no `signer` whose signature" in changed(folder, lambda c: c.pop("signer"))
    (folder / "revoked.yaml").write_text("[]", encoding="utf-8")
    make_signing_key(folder / "stranger.key")
    assert "and is signed by" in changed(folder, lambda c: c.update(signer="stranger.pub"))
    assert "is no public key" in changed(folder, lambda c: c.update(signer="model.json"))
    model.write_text(write_card(card()), encoding="utf-8")
    assert "no model of the format" in changed(folder, lambda c: c.update(signer="officer.pub"))


def test_a_glass_box_of_single_columns_decides_as_the_card_that_it_is(folder: Path) -> None:
    found = read_engine(with_challenger(folder / "engine.yaml", ModelKind.CURVES, glass_box()), ON)
    assert not found.is_shadow
    assert {factor.name for factor in found.card.factors} == set(COLUMNS)
    missing = {factor.name: factor.points[-1] for factor in found.card.factors}
    assert {name for name, points in missing.items() if points == 0} >= set(COLUMNS) - {
        "margin_12m"
    }


def test_a_challenger_that_is_no_card_is_a_shadow(folder: Path) -> None:
    found = read_engine(
        with_challenger(folder / "engine.yaml", ModelKind.GLASS_BOX, glass_box(PAIR)), ON
    )
    assert found.is_shadow
    assert found.model.names == (*COLUMNS, "sales_growth_12m & buyer_hhi_12m")
    pytest.importorskip("lightgbm", reason="LightGBM is not installed")
    X, bad = learned_from()
    levels = (None, None, None, None, ("coast", "north", "south"))
    trees = Boosted(names=COLUMNS, levels=levels).fit(X, bad).model_
    found = read_engine(
        with_challenger(folder / "engine.yaml", ModelKind.BOOSTED, write_boosted(trees)), ON
    )
    assert found.is_shadow
    assert found.model.names == COLUMNS


def measured(folder: Path, **stated: object) -> Path:
    """The engine of the example, whose lender takes its LGD from an estimate of 25 defaults."""
    lender = folder.parent / "lenders" / "harbour_bank.yaml"
    content = yaml.safe_load(lender.read_text(encoding="utf-8"))
    whole = {"file": "../lgd.json", "segment": "all", "downturn": True, "valid_until": ON}
    content["lgd"] = {key: value for key, value in (whole | stated).items() if value is not None}
    lender.write_text(yaml.safe_dump(content), encoding="utf-8")
    recovered = np.tile([0.1, 0.2, 0.1], (25, 1))
    loans, days = tuple(f"loan {number}" for number in range(25)), np.full(25, 20_000)
    workouts = Workouts(
        loans, np.array(["trade"] * 25), days, recovered, np.full(25, 3), np.ones(25, bool)
    )
    model = fit_lgd(workouts, date(2025, 12, 31), 0.15, np.random.default_rng(1))
    (folder.parent / "lgd.json").write_text(write_model(model), encoding="utf-8")
    return folder / "engine.yaml"


def test_a_lender_may_take_its_lgd_from_an_estimate(folder: Path) -> None:
    stated = read_engine(folder / "engine.yaml", ON)
    found = read_engine(measured(folder), ON)
    assert found.terms.lgd == pytest.approx(0.6 + 0.15)
    assert found.hash != stated.hash
    kept = folder / "kept"
    kept.mkdir()
    for name, text in found.files.items():
        (kept / name).write_text(text, encoding="utf-8")
    again = read_engine(kept, ON)
    assert (again.hash, again.files, again.terms) == (found.hash, found.files, found.terms)
    assert read_engine(measured(folder, downturn=False), ON).terms.lgd == pytest.approx(0.6)
    other = (
        (folder.parent / "lgd.json").read_text().replace('"open_workouts": 0', '"open_workouts": 1')
    )
    (folder.parent / "lgd.json").write_text(other)
    with pytest.raises(InputProblem, match="lgd: The model was changed since it was written"):
        read_engine(folder / "engine.yaml", ON)


def test_a_lender_may_take_the_lgd_of_each_segment(folder: Path) -> None:
    by = {"segment": None, "segment_by": "sector", "least_defaults": 25}
    found = read_engine(measured(folder, **by), ON).terms
    assert (found.lgd_by, sorted(found.lgd_of)) == ("sector", ["all", "trade"])
    by["least_defaults"] = 26
    assert list(read_engine(measured(folder, **by), ON).terms.lgd_of) == ["all"]


@pytest.mark.parametrize(
    ("stated", "on", "said"),
    [
        ({"segment_by": "sector"}, ON, "lgd: state `segment` for all firms or `segment_by` for "
         "each, not both."),
        ({"segment": None, "segment_by": "sector"}, ON, "lgd: `least_defaults` is missing; it must "
         "be a whole number from 1 on."),
        ({"least_defaults": 30}, ON, "lgd: `least_defaults` goes with `segment_by`."),
        ({"segment": None}, ON, "lgd needs `segment`."),
        ({"file": "none.json"}, ON, "lgd: the file of the estimate cannot be read; its path goes"),
        ({"file": None}, ON, "lgd needs `file`."),
        ({"segment": "fishing"}, ON, "lgd: No default of the segment 'fishing' was seen. Segments "
         "are trade."),
        ({"downturn": None}, ON, "lgd: `downturn` is missing; it must be true or false."),
        ({"valid_until": None}, ON, "lgd: `valid_until` is missing; it must be a date such as"),
        ({}, date(2026, 7, 1), "lgd: the estimate holds until 2026-06-30, not on 2026-07-01; "
         "estimate it again."),
        ({}, date(2025, 12, 30), "lgd: the estimate knew what was known on 2025-12-31, after "
         "2025-12-30."),
        ({"file": "harbour_bank.yaml"}, ON, "lgd: The file is no model of the format "
         "tradeline-lgd/1."),
        ({"colour": "red"}, ON, "lgd: unknown key 'colour'; known are file, segment, valid_until, "
         "downturn, segment_by, least_defaults."),
    ],
)  # fmt: skip
def test_an_estimate_that_cannot_serve_gives_no_engine(
    folder: Path, stated: dict[str, object], on: date, said: str
) -> None:
    path = measured(folder, **stated)
    with pytest.raises(InputProblem) as refusal:
        read_engine(path, on)
    assert said in str(refusal.value)


def test_a_card_that_was_changed_by_hand_does_not_decide(folder: Path) -> None:
    path = folder / "model.json"
    path.write_text(path.read_text().replace('"constant": ', '"constant": 1'), encoding="utf-8")
    with pytest.raises(InputProblem, match="changed since it was written"):
        read_engine(folder / "engine.yaml", ON)
