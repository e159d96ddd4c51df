"""`tradeline model`: from a table to a model, scores, a pack, a comparison, a record and a card."""

import json
from argparse import ArgumentParser
from pathlib import Path

import duckdb
import pytest

from tests.risk.modelling.loans import loans, write_csv
from tradeline.cli.main import main
from tradeline.cli.model_options import add_arguments
from tradeline.risk.modelling.study import TrainRequest

Capture = pytest.CaptureFixture[str]


def said(capsys: Capture, *words: object, code: int = 0) -> str:
    assert main(["model", *map(str, words)]) == code
    shown = capsys.readouterr()
    return shown.err if code else shown.out


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csv(tmp_path_factory.mktemp("loans") / "loans.csv", loans())


def test_a_model_is_trained_scored_held_to_the_test_and_put_in_force(
    table: Path, tmp_path: Path, capsys: Capture
) -> None:
    model, scores, pack = (tmp_path / name for name in ("m.json", "s.parquet", "pack"))
    data = ("--data", table)
    trained = said(capsys, "train", *data, "--target", "default", "--out", model, "--time", "day",
                   "--days-past-due", 90, "--horizon-months", 12, "--no-ceiling")  # fmt: skip
    assert trained.startswith("default: default is '1' (1 answers yes to the target)\n600 rows, ")
    assert "out of time by 'day'" in trained
    assert json.loads(model.read_text("utf-8"))["model"]["meaning"]["days_past_due"] == 90
    assert said(capsys, "score", model, *data, "--out", scores) == f"600 rows scored: {scores}.\n"
    found = duckdb.execute(f"SELECT * FROM '{scores}'")
    assert [column[0] for column in found.description] == ["row", "pd"]
    assert [row for row, _ in found.fetchall()] == list(range(600))
    promoted = said(capsys, "promote", model, "--registry", tmp_path / "models", "--who", "A",
                    "--why", "first", "--at", "2020-01-01")  # fmt: skip
    assert promoted.endswith("is in force from 2020-01-01T00:00:00 UTC, by A: first\n")
    shown = said(capsys, "validate", model, *data, "--target", "default", "--out", pack,
                 "--registry", tmp_path / "models", "--on", "2024-12-31")  # fmt: skip
    assert "these firms do not tell which ranks better" in shown
    assert pack.with_suffix(".html").exists()
    assert json.loads(pack.with_suffix(".json").read_text("utf-8"))["known"] == 600
    assert "difference 0.000" in said(capsys, "compare", model, model, *data, "--target", "default")
    assert said(capsys, "card", model).startswith("# Model card\n")
    said(capsys, "card", model, "--out", tmp_path / "card.md")
    # What it wrote itself it may write again.
    said(capsys, "score", model, *data, "--out", scores)
    said(capsys, "card", model, "--out", tmp_path / "card.md")


def test_as_many_pairs_are_allowed_as_a_request_allows() -> None:
    parser = ArgumentParser()
    add_arguments(parser)
    options = parser.parse_args(["train", "--data", "a.csv", "--target", "b", "--out", "c.json"])
    assert options.pairs == TrainRequest(Path("a.csv"), "b").pairs


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--horizon-months", "0"],
            "error: --horizon-months: 0 is too small. Take a whole number from 1.",
        ),
        (["--seed", "-1"], "error: --seed: -1 is too small. Take a whole number from 0."),
        (["--pairs", "-1"], "error: --pairs: -1 is too small. Take a whole number from 0."),
        (
            ["--expires-on", "soon"],
            "error: --expires-on: 'soon' is no date. Write it like 2024-12-31.",
        ),
        (
            ["--base-rate", "2"],
            "error: --base-rate: A default rate of 2 does not lie between 0 and 1. State it as a "
            "share, such as 0.05.",
        ),
    ],
)
def test_an_option_that_cannot_be(
    table: Path, tmp_path: Path, capsys: Capture, words: list[str], message: str
) -> None:
    shown = said(capsys, "train", "--data", table, "--target", "default", "--out",
                 tmp_path / "m.json", *words, code=2)  # fmt: skip
    assert shown.strip().splitlines()[-1] == message
    assert not (tmp_path / "m.json").exists()


def test_a_file_of_others_is_never_replaced(table: Path, tmp_path: Path, capsys: Capture) -> None:
    mine = tmp_path / "notes.json"
    mine.write_text("{}", encoding="utf-8")
    shown = said(capsys, "train", "--data", table, "--target", "default", "--out", mine, code=2)
    assert shown == (
        f"error: --out: There is a file called {mine} already. Name a new file, or remove that "
        "one.\n"
    )
    shown = said(capsys, "score", mine, "--data", table, "--out", tmp_path / "s.xlsx", code=2)
    assert shown == (
        "error: --out: 's.xlsx' is neither Parquet nor CSV by its name. Name it like "
        "scores.parquet.\n"
    )
    shown = said(capsys, "score", mine, "--data", table, "--out", tmp_path / "s.csv", code=2)
    assert shown == (
        "error: notes.json: The file is no model of the format tradeline-model/1. Name a file that "
        "holds a model as Tradeline writes it.\n"
    )


def test_a_share_of_approvals_lies_between_none_and_all(
    table: Path, tmp_path: Path, capsys: Capture
) -> None:
    shown = said(capsys, "validate", "m.json", "--data", table, "--target", "default", "--out",
                 tmp_path / "p", "--approve", "1.5", code=2)  # fmt: skip
    assert shown == ("error: --approve: 1.5 is no share between 0 and 1. Write it like 0.7.\n")


EXAMPLE = Path(__file__).parents[2] / "examples" / "decide"


def test_a_scorecard_as_sql_gives_the_scores_of_the_command(
    tmp_path: Path, capsys: Capture
) -> None:
    loans_file, statement = EXAMPLE / "loans.csv", tmp_path / "score.sql"
    words = ("sql", EXAMPLE / "model.json", "--table", "loans", "--out", statement)
    assert said(capsys, *words) == f"The statement is {statement}.\n"
    said(capsys, "score", EXAMPLE / "model.json", "--data", loans_file, "--out", tmp_path / "s.csv")
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE loans AS FROM read_csv('{loans_file}')")
        found = connection.execute(statement.read_text(encoding="utf-8")).fetchnumpy()
        scored = connection.execute(f"SELECT pd FROM read_csv('{tmp_path / 's.csv'}')").fetchall()
    assert found["pd"].tolist() == [pd for (pd,) in scored]


def test_an_analyst_overrules_the_data_and_a_challenger_has_no_bins(
    tmp_path: Path, capsys: Capture
) -> None:
    overrides = tmp_path / "overrides.yaml"
    overrides.write_text(
        "- {feature: sales_growth_12m, direction: -1, who: Li Wei, why: As in every card.}\n"
        "- {feature: region, forbid: true, who: Compliance, why: A proxy.}\n",
        encoding="utf-8",
    )
    words = ("train", "--data", EXAMPLE / "loans.csv", "--target", "defaulted", "--no-ceiling",
             "--keep", "days_since_last_sale", "--overrides", overrides,
             "--out", tmp_path / "m.json")  # fmt: skip
    said(capsys, *words)
    card = json.loads((tmp_path / "m.json").read_text("utf-8"))["model"]["card"]["card"]
    assert "region" not in {factor["name"] for factor in card["factors"]}
    assert {override["who"] for override in card["overrides"]} == {"Li Wei", "Compliance"}
    overrides.write_text("- {feature: region, merge: [north, coast], who: Li, why: One market.}")
    refused = said(capsys, *words, "--kind", "boosted", code=2)
    assert "region: A model of the kind boosted has no bins, so it cannot merge." in refused


def test_points_stand_on_the_scale_of_the_options(
    table: Path, tmp_path: Path, capsys: Capture
) -> None:
    model = tmp_path / "m.json"
    words = ("train", "--data", table, "--target", "default", "--time", "day", "--no-ceiling",
             "--out", model)  # fmt: skip
    said(capsys, *words, "--pdo", 20, "--base-points", 500, "--base-odds", 50)
    card = json.loads(model.read_text("utf-8"))["model"]["card"]["card"]
    assert card["scale"] == {"base_points": 500.0, "base_odds": 50.0, "pdo": 20.0}
    assert said(capsys, *words, "--pdo", -20, code=2).splitlines()[-1] == (
        "error: --pdo: -20 is out of range. Take a number from 5 to 1,000."
    )
