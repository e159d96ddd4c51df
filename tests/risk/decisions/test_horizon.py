"""PDs of another horizon are put to a year as the hazard says, and not otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

from tests.risk.decisions.made import ROOT
from tradeline.kernel.findings import InputProblem
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.engine_file import read_engine
from tradeline.risk.losses.artifact import write_model
from tradeline.risk.losses.hazard import HazardModel, fit_hazard
from tradeline.risk.losses.term_structure import term_structure
from tradeline.risk.modelling.artifact import read_model
from tradeline.risk.modelling.artifact import write_model as write_trained
from tradeline.risk.scoring.card import pd_of_score

Floats = NDArray[np.float64]
ON = date(2026, 6, 30)
# Hazards that first rise and then fall, and a score that tells less of later months.
LEVEL = -0.8 + 0.6 * np.sin(np.arange(24) / 6) - 2.2
SLOPE = np.linspace(1.0, 0.6, 24)


def true_pds(log_odds: Floats, month: int) -> Floats:
    """The chance to default by the end of a month of those with a score."""
    hazards = expit(LEVEL + SLOPE * log_odds[:, None])[:, :month]
    pds: Floats = 1 - np.prod(1 - hazards, axis=1)
    return pds


@cache
def learned(horizon: int = 24) -> HazardModel:
    generator = np.random.default_rng(6)
    x = generator.normal(-2.0, 0.8, 30_000).round(1)
    falls = generator.random((len(x), 24)) < expit(LEVEL + SLOPE * x[:, None])
    defaulted, months = falls.any(axis=1), np.where(falls.any(axis=1), falls.argmax(axis=1) + 1, 24)
    seen = generator.integers(3, 25, len(x))
    return fit_hazard(
        x[:, None], np.minimum(months, seen), defaulted & (months <= seen),
        features=("log_odds",), horizon_months=horizon,
    )  # fmt: skip


def engine_of(folder: Path, months: int, hazard: HazardModel) -> Engine:
    for part in ("decide", "policy", "lenders"):
        copytree(ROOT / "examples" / part, folder / part, dirs_exist_ok=True)
    path = folder / "decide" / "engine.yaml"
    model = read_model(folder / "decide" / "model.json")
    write_trained(replace(model, meaning=replace(model.meaning, horizon_months=months)),
                  folder / "decide" / "model.json")  # fmt: skip
    (folder / "decide" / "hazard.json").write_text(write_model(hazard), encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8") + "\nhazard: hazard.json\n", encoding="utf-8")
    return read_engine(path, ON)


@pytest.mark.parametrize("months", [6, 18, 24])
def test_the_pd_of_a_year_is_what_a_solver_finds(tmp_path: Path, months: int) -> None:
    hazard = learned()
    found = engine_of(tmp_path, months, hazard)
    scale = found.model.scale
    for place in range(0, len(found.pds), 60):
        own = pd_of_score(scale, found.lowest + place)
        by_month = np.array(hazard.levels) + np.array(hazard.slopes)[:, 0] * logit(own)

        def gap(shift: float, by_month: Floats = by_month, own: float = own) -> float:
            return float(1 - np.prod(1 - expit(by_month[:months] + shift)) - own)

        shift = brentq(gap, -40, 40, xtol=1e-13)
        year = 1 - np.prod(1 - expit(by_month[:12] + shift))
        assert found.pds[place] == pytest.approx(year, rel=1e-6)
    assert (np.diff(found.pds) <= 0).all()
    assert found.books[None, ""] is not None


def test_by_enough_loans_it_is_the_truth(tmp_path: Path) -> None:
    """The model is right by month 6; by month 12 the engine is about as right."""
    log_odds = np.linspace(-3.5, -0.5, 7)
    hazard = learned()
    wanted = true_pds(log_odds, 6)
    table = term_structure(hazard, log_odds[:, None], lowest=0, pds=wanted, month=6).table()
    year = table[:, 11]
    assert year == pytest.approx(true_pds(log_odds, 12), rel=0.07)
    constant = 1 - (1 - wanted) ** 2
    assert np.abs(constant / true_pds(log_odds, 12) - 1).max() > 0.1


@contextmanager
def refused(said: str) -> Iterator[None]:
    with pytest.raises(InputProblem) as refusal:
        yield
    assert str(refusal.value) == f"error: model.json: {said}"


def test_a_hazard_that_ends_too_early_or_turns_the_order_is_refused(tmp_path: Path) -> None:
    with refused("The model's PDs speak of 18 months, the hazard of 12 months. Learn it with "
                 "--horizon-months 18."):  # fmt: skip
        engine_of(tmp_path / "a", 18, learned(12))
    with refused("The model's PDs speak of 6 months, the hazard of 9 months. Learn it with "
                 "--horizon-months 12."):  # fmt: skip
        engine_of(tmp_path / "b", 6, learned(9))
    turned = replace(learned(), slopes=tuple((1.0 if month < 6 else -3.0,) for month in range(24)))
    with refused("By the hazard some higher scores have the higher PD of 12 months. Learn the "
                 "hazard of more loans, or train a model with --horizon-months 12."):  # fmt: skip
        engine_of(tmp_path / "c", 6, turned)
