"""`tradeline assess`: from a folder of records to decisions that add up and can be repeated."""

import csv
import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import duckdb
import pytest

from tests.data import data_folder
from tests.journeys.market import AS_OF, market, rows_of
from tradeline.cli.main import main

BUDGET = 20_000_000
SCENARIO = Path(__file__).parents[2] / "examples" / "scenarios" / "epidemic.yaml"
MAPPING = Path(__file__).parents[2] / "examples" / "sme_invoices" / "tradeline.yaml"


def assess(folder: Path, out: Path, *options: str, budget: int = BUDGET) -> int:
    return main(words_of(folder, out, *options, budget=budget))


def words_of(folder: Path, out: Path, *options: str, budget: int = BUDGET) -> list[str]:
    """The command; few refits, for ranges are not looked at here."""
    few = ("--resamples", "20")
    return ["assess", str(folder), "--out", str(out), "--budget", str(budget), *few, *options]


@cache
def results() -> Path:
    """What the market's assessment wrote."""
    out = Path(mkdtemp()) / "results"
    assert assess(market(), out, "--as-of", AS_OF) == 0
    return out


def truth() -> dict[str, dict[str, str]]:
    with (market() / "truth" / "enterprises.csv").open(encoding="utf-8") as stream:
        return {row["enterprise"]: row for row in csv.DictReader(stream)}


def test_every_firm_has_one_row_of_scores() -> None:
    rows = rows_of(results() / "scores.parquet")
    assert sorted(str(row["enterprise"]) for row in rows) == sorted(truth())
    assert list(rows[0]) == [
        "enterprise", "pd", "pd_low", "pd_high", "score", "grade", "out_of_fold",
    ]  # fmt: skip


def test_a_firm_without_data_is_declined_for_that_reason() -> None:
    decisions = {row["enterprise"]: row for row in rows_of(results() / "decisions.parquet")}
    dataless = [
        firm
        for firm, row in truth().items()
        if row["dataless"] == "true" and row["labelled"] == "false"
    ]
    assert dataless
    for firm in dataless:
        assert decisions[firm]["outcome"] == "decline"
        assert decisions[firm]["binding_constraint"] == "no data"
        assert decisions[firm]["reasons"] == [
            "No record of the firm was known as of the date, so nothing can be decided on."
        ]


def test_the_applicants_are_the_firms_without_a_known_outcome() -> None:
    rows = rows_of(results() / "decisions.parquet")
    expected = sorted(firm for firm, row in truth().items() if row["labelled"] == "false")
    assert sorted(str(row["enterprise"]) for row in rows) == expected
    assert list(rows[0]) == [
        "enterprise", "outcome", "amount_minor", "currency", "rate_annual", "term_days",
        "expected_profit_minor", "binding_constraint", "reasons",
    ]  # fmt: skip


def test_money_is_int64_and_stays_within_the_programme_and_the_budget() -> None:
    types = duckdb.execute(
        "DESCRIBE SELECT * FROM read_parquet(?)", [str(results() / "decisions.parquet")]
    ).fetchall()
    kinds = {name: kind for name, kind, *_ in types}
    assert {kinds[name] for name in kinds if name.endswith("_minor")} == {"BIGINT"}
    rows = rows_of(results() / "decisions.parquet")
    amounts = [int(str(row["amount_minor"])) for row in rows]
    assert 0 < sum(amounts) <= BUDGET * 100
    assert all(amount == 0 or 100_000_00 <= amount <= 1_000_000_00 for amount in amounts)


def test_an_approval_has_terms_and_nothing_else_has() -> None:
    for row in rows_of(results() / "decisions.parquet"):
        if row["outcome"] == "approve":
            assert 0.04 <= float(str(row["rate_annual"])) <= 0.15
            assert row["term_days"] == 365
            assert int(str(row["expected_profit_minor"])) > 0
        else:
            assert (row["amount_minor"], row["expected_profit_minor"]) == (0, 0)
            assert (row["rate_annual"], row["term_days"]) == (None, None)


def test_every_decision_has_reasons() -> None:
    for row in rows_of(results() / "decisions.parquet"):
        reasons = row["reasons"]
        assert isinstance(reasons, list)
        assert 1 <= len(reasons) <= 5
        assert all(reasons)


def test_a_score_without_an_outcome_comes_from_the_model_and_others_from_outside_it() -> None:
    labelled = {firm for firm, row in truth().items() if row["labelled"] == "true"}
    for row in rows_of(results() / "scores.parquet"):
        if row["pd"] is None:
            assert (row["score"], row["grade"], row["out_of_fold"]) == (None, None, False)
        else:
            assert row["out_of_fold"] == (row["enterprise"] in labelled)
            low, pd, high = (float(str(row[name])) for name in ("pd_low", "pd", "pd_high"))
            assert 0 < low <= pd <= high < 1


def test_the_model_card_names_its_target_and_every_figure_has_an_interval() -> None:
    card = json.loads((results() / "model_card.json").read_text(encoding="utf-8"))
    assert card["target"]["definition"] == "Default as the folder's outcomes state it."
    assert card["target"]["horizon_days"] == 365
    assert card["target"]["stated_default_rate"] == 0.05
    assert {"auc", "ks", "brier_score"} <= set(card["figures"])
    for figure in card["figures"].values():
        assert figure["low"] <= figure["estimate"] <= figure["high"]


def test_every_row_is_counted() -> None:
    card = json.loads((results() / "model_card.json").read_text(encoding="utf-8"))
    for source in card["data"]["sources"]:
        assert source["read"] == source["accepted"] + source["refused"]
    with (results() / "refused.csv").open(encoding="utf-8") as stream:
        refused = sum(1 for _ in csv.DictReader(stream))
    assert refused == sum(source["refused"] for source in card["data"]["sources"])


def test_the_tables_say_the_same_as_csv() -> None:
    for name in ("features", "scores", "decisions"):
        with (results() / f"{name}.csv").open(encoding="utf-8") as stream:
            lines = list(csv.DictReader(stream))
        rows = rows_of(results() / f"{name}.parquet")
        assert [line["enterprise"] for line in lines] == [row["enterprise"] for row in rows]
        assert list(lines[0]) == list(rows[0])


def test_the_report_needs_no_network_and_has_a_page_for_each_applicant() -> None:
    html = (results() / "report.html").read_text(encoding="utf-8")
    assert "http://" not in html.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in html
    for row in rows_of(results() / "decisions.parquet"):
        assert f'id="firm-{row["enterprise"]}"' in html


def test_the_manifest_names_every_input_and_output_by_hash() -> None:
    entries = json.loads((results() / "manifest.json").read_text(encoding="utf-8"))
    kinds = {entry["kind"] for entry in entries}
    assert kinds == {"input", "mapping", "options", "code", "parameters", "output"}
    outputs = {entry["name"] for entry in entries if entry["kind"] == "output"}
    assert outputs == {path.name for path in results().iterdir()} - {"manifest.json"}
    assert all(entry["digest"].startswith("sha256:") for entry in entries)


@pytest.mark.long
def test_the_same_inputs_give_the_same_bytes_elsewhere_and_on_one_core(tmp_path: Path) -> None:
    copy, out = tmp_path / "elsewhere", tmp_path / "out"
    shutil.copytree(market(), copy)
    words = words_of(copy, out, "--as-of", AS_OF)
    program = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
        f"from tradeline.cli.main import main; raise SystemExit(main({words!r}))"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    for path in sorted(results().iterdir()):
        assert (out / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.mark.long
def test_an_outcome_that_was_not_known_yet_makes_an_applicant(tmp_path: Path) -> None:
    folder = tmp_path / "market"
    shutil.copytree(market(), folder)
    lines = (folder / "outcomes.csv").read_text(encoding="utf-8").splitlines()
    late = lines[1].split(",")[0]
    lines[1] = lines[1].replace("2024-12-30 00:00:00", "2025-06-30 00:00:00")
    (folder / "outcomes.csv").write_text("\n".join(lines), encoding="utf-8")
    assert assess(folder, tmp_path / "out", "--as-of", AS_OF) == 0
    decided = {row["enterprise"] for row in rows_of(tmp_path / "out" / "decisions.parquet")}
    assert late in decided


@pytest.mark.long
def test_a_scenario_shows_who_moves_and_why(tmp_path: Path) -> None:
    shock = tmp_path / "shock.yaml"
    shock.write_text(
        "name: storm\ndescription: All trade halves.\n"
        'shocks:\n  - {industry: "*", default_odds: 3, sales: -0.5}\n',
        encoding="utf-8",
    )
    assert assess(market(), tmp_path / "out", "--as-of", AS_OF, "--scenario", str(shock)) == 0
    html = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Scenario: <bdi>storm</bdi>" in html
    assert "Who moves, and why" in html


def test_without_outcomes_an_expert_scorecard_decides_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "market"
    shutil.copytree(market(), folder)
    (folder / "outcomes.csv").unlink()
    assert assess(folder, tmp_path / "out", "--as-of", AS_OF) == 0
    card = json.loads((tmp_path / "out" / "model_card.json").read_text(encoding="utf-8"))
    assert card["model"]["kind"] == "expert"
    assert card["figures"] == {}
    html = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "An expert scorecard, not a model" in html
    assert len(rows_of(tmp_path / "out" / "decisions.parquet")) == len(truth())


def test_an_earlier_result_is_replaced_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "diary.txt").write_text("mine", encoding="utf-8")
    assert assess(market(), tmp_path, "--as-of", AS_OF) == 2
    assert "The folder holds other things." in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


def test_the_real_folder_is_decided_on(tmp_path: Path) -> None:
    folder = data_folder("sme_invoices")
    options = ("--mapping", str(MAPPING), "--as-of", "2020-02-21", "--scenario", str(SCENARIO))
    assert assess(folder, tmp_path / "out", *options, budget=100_000_000) == 0
    decisions = rows_of(tmp_path / "out" / "decisions.parquet")
    scores = rows_of(tmp_path / "out" / "scores.parquet")
    assert (len(decisions), len(scores)) == (302, 362)
    assert sum(bool(row["out_of_fold"]) for row in scores) == 60
    assert sum(int(str(row["amount_minor"])) for row in decisions) <= 100_000_000_00
    card = json.loads((tmp_path / "out" / "model_card.json").read_text(encoding="utf-8"))
    assert sum(source["read"] for source in card["data"]["sources"]) == 920_938
    assert card["suspicious"][0]["name"] == "rating"
    assert not {"rating", "days_since_last_sale"} & set(card["model"]["factors"])
