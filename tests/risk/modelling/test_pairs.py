"""A model with pairs of columns: trained, told, scored, validated and written as SQL."""

from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest

from tests.risk.modelling.loans import asked, outcomes, write_csv
from tradeline.risk.modelling.artifact import model_of_text, model_text
from tradeline.risk.modelling.card import model_card
from tradeline.risk.modelling.model import Model, Overrides
from tradeline.risk.modelling.pack import input_shifts
from tradeline.risk.modelling.score import score_table
from tradeline.risk.modelling.tables import read_table
from tradeline.risk.modelling.train import Trained, train
from tradeline.risk.modelling.words import trained_words
from tradeline.risk.scoring.card_sql import card_sql

ROWS = 2500


def loans(seed: int) -> dict[str, list[object]]:
    """Loans whose debt and sales tell most where they do not match; a trade tells by itself."""
    generator = np.random.default_rng(seed)
    debt, sales = generator.normal(size=(2, ROWS))
    trade = generator.choice(["bakery", "carpenter", "dealer"], ROWS)
    log_odds = -1.5 - 1.2 * np.sign(debt * sales) + 0.4 * debt + 0.5 * (trade == "dealer")
    bad = outcomes(log_odds - 0.4 * sales, generator)
    return {
        "default": [int(flag) for flag in bad],
        "debt": [f"{value:.4f}" for value in debt],
        "sales": ["" if row % 20 == 0 else f"{value:.4f}" for row, value in enumerate(sales)],
        "trade": trade.tolist(),
    }


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csv(tmp_path_factory.mktemp("loans") / "loans.csv", loans(1))


@pytest.fixture(scope="module")
def trained(table: Path) -> Trained:
    return train(asked(table, "default", pairs=2))


@pytest.fixture(scope="module")
def model(trained: Trained) -> Model:
    return trained.model


def pair_of(model: Model) -> tuple[int, str]:
    """The place of the pair in the card, and its name."""
    assert model.card is not None
    return next(
        (place, factor.name)
        for place, factor in enumerate(model.card.factors)
        if set(factor.columns) == {"debt", "sales"}
    )


def test_training_finds_the_pair_and_ranks_better_by_it(table: Path, trained: Trained) -> None:
    assert pair_of(trained.model)
    plain = train(asked(table, "default", pairs=0)).model
    assert plain.card is not None
    assert set(plain.card.names) <= {"debt", "sales", "trade"}
    areas = [one.figure("AUC") for one in (trained.model, plain)]
    assert areas[0] is not None
    assert areas[1] is not None
    assert areas[0].estimate > areas[1].high


def test_a_model_with_pairs_survives_its_file_and_says_so(model: Model) -> None:
    _, name = pair_of(model)
    assert model_of_text(model_text(model)) == model
    assert any(f"pairs of columns in the card: {name}" in one for one in trained_words(model))
    card = model_card(model)
    assert f"### {name}" in card
    assert "| a missing value that nobody had | 0 | 0 | 0 |" in card
    (line,) = (one for one in card.splitlines() if one.startswith("| points | "))
    assert line.endswith(f"{name.split(' & ')[1]} missing |")


def test_a_cell_that_cannot_be_read_costs_the_pair_its_points_too(
    model: Model, tmp_path: Path
) -> None:
    place, _ = pair_of(model)
    told = loans(2) | {"debt": ["much"] * 100 + loans(2)["debt"][100:]}
    scored = score_table(model, read_table(write_csv(tmp_path / "new.csv", told)))
    assert model.card is not None
    assert set(scored.points[:100, place]) == {min(model.card.factors[place].points)}
    assert len(set(scored.points[100:, place])) > 2


def test_the_shift_of_a_pair_is_told_like_that_of_a_column(model: Model, tmp_path: Path) -> None:
    _, name = pair_of(model)
    moved = loans(3)
    moved["debt"] = moved["sales"]
    scored = score_table(model, read_table(write_csv(tmp_path / "moved.csv", moved)))
    shifts = input_shifts(model, scored, np.ones(ROWS, dtype=bool))
    assert next(iter(shifts)) == name


def test_the_statement_for_a_database_gives_the_same_points(model: Model, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "new.csv", loans(4))
    scored = score_table(model, read_table(path))
    assert model.card is not None
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE features AS "
            f"SELECT row_number() OVER () AS row, * FROM read_csv('{path}')"
        )
        text = card_sql(model.card, "duckdb", keys=("row",))
        found = connection.execute(f"SELECT score, pd FROM ({text}) ORDER BY row").fetchall()
    assert found == list(zip(scored.scores.tolist(), scored.pds.tolist(), strict=True))


def test_a_dropped_column_is_in_no_pair(table: Path) -> None:
    request = replace(asked(table, "default"), overrides=Overrides(drop=("sales",)))
    found = train(request).model
    assert "sales" not in found.names
    assert found.card is not None
    assert not any("sales" in factor.columns for factor in found.card.factors)
