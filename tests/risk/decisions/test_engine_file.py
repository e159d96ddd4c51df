"""An engine from its file, and everything that can be wrong with it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pytest
import yaml

from tests.risk.decisions.made import ROOT, card
from tradeline.kernel.findings import InputProblem
from tradeline.risk.decisions.engine_file import constant_pace, read_engine
from tradeline.risk.losses.artifact import write_model
from tradeline.risk.losses.hazard import fit_hazard
from tradeline.risk.scoring.artifact import write_card

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
    one, other = (engine.books[None] for engine in (found, plain))
    assert one is not None
    assert other is not None
    assert not np.array_equal(one.of_profit, other.of_profit)


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
        (lambda c: c.update(forbidden=["region"]), "region: The card uses it, and the engine"),
        (lambda c: c.update(hazard="model.json"), "hazard.json"),
        (lambda c: c.update(model="loans.csv"), "The file is no model of the format"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_is_refused_with_what_is_wrong(
    folder: Path, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    assert said in changed(folder, change)


def test_a_card_that_was_changed_by_hand_does_not_decide(folder: Path) -> None:
    path = folder / "model.json"
    path.write_text(path.read_text().replace('"constant": ', '"constant": 1'), encoding="utf-8")
    with pytest.raises(InputProblem, match="changed since it was written"):
        read_engine(folder / "engine.yaml", ON)
