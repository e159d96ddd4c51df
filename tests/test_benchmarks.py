"""Every benchmark runs, at a size so small that its figures say nothing, and ends in JSON."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from benchmarks import (
    allocation,
    as_of_retrieval,
    binning,
    decisions,
    end_of_day,
    end_to_end,
    engines_agree,
    feature_job,
    identifiers,
    kernel_hot_path,
    labelled_sets,
    ledger_posting,
    link_tables,
    linkage,
    linkage_increment,
    loan_schedules,
    market_calibration,
    names,
    one_day,
    one_file,
    one_firm,
    policy_rate,
    portfolio,
    provisions,
    quality_scan,
    scoring_rate,
)
from benchmarks.market_record import slope
from benchmarks.market_summary import summary_of
from benchmarks.measure import process_cost
from benchmarks.merchants import make_lake
from tests.book.servers import ABSENT, is_installed
from tests.data import data_folder
from tests.journeys.market import AS_OF, market

Capture = pytest.CaptureFixture[str]
pytestmark = pytest.mark.long


def figures(capture: Capture) -> list[dict[str, Any]]:
    """The lines of JSON that were printed."""
    lines = capture.readouterr().out.splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


@pytest.mark.long
def test_one_firm_is_timed_beside_the_peer(capsys: Capture) -> None:
    assert one_firm.main(["--enterprises", "250", "--peer-calls", "2"]) == 0
    (found,) = figures(capsys)
    assert found["ours"]["calls"] > 200
    assert found["peer"]["calls"] == 2
    assert found["ratio"] > 1


@pytest.mark.long
def test_labelled_sets_stand_beside_published_figures(capsys: Capture) -> None:
    data_folder("german_credit")
    assert labelled_sets.main(["--sets", "german", "--markdown"]) == 0
    (found,) = figures(capsys)
    (german,) = found["sets"]
    assert german["rows"] == 1000
    assert german["figures"]["AUC"]["low"] > 0.7
    assert found["false_flags"] == 0


def test_what_the_sba_case_learned_too_late_stands_on_top_of_its_suspects(capsys: Capture) -> None:
    data_folder("sba_case_train")
    assert labelled_sets.main(["--sets", "sba_case"]) == 0
    (found,) = figures(capsys)
    assert found["false_flags"] == 0
    for case in found["sets"]:
        assert set(case["strong"][:5]) >= {"ChgOffPrinGr", "ChgOffDate", "Term", "daysterm"}
        assert case["missed"] == []


def test_postings_are_timed_beside_plain_rows_on_a_disk_that_keeps_them(capsys: Capture) -> None:
    if not is_installed():
        pytest.skip(ABSENT)
    words = ["--transfers", "300", "--accounts", "50", "--singles", "20", "--hot", "0.5"]
    assert ledger_posting.main(words) == 0
    (found,) = figures(capsys)
    assert found["fsync"] == ["on"]
    assert found["ratios"]["1000"]["per_s"] > 1


def test_schedules_stand_beside_an_oracle_and_payments_are_folded(capsys: Capture) -> None:
    assert loan_schedules.main(["--loans", "40", "--payments", "20"]) == 0
    held, folded = figures(capsys)
    assert (held["loans"], held["differing"]) == (40, 0)
    assert len(folded["seconds"]) == 6


def test_a_portfolio_is_planned_beside_the_peers(capsys: Capture) -> None:
    assert portfolio.main(["--firms", "40", "--seconds", "10"]) == 0
    (found,) = figures(capsys)
    assert 0 <= found["ours"]["gap"] < 0.05
    assert found["linear"]["ended"]
    assert found["integer"]["profit_minor"] >= found["ours"]["profit_minor"]
    assert found["linear"]["profit_minor"] >= found["integer"]["profit_minor"]


def test_provisions_are_timed_without_their_peer_too(capsys: Capture) -> None:
    assert provisions.main(["--loans", "300", "--staged", "200", "--peer", "nowhere"]) == 0
    (found,) = figures(capsys)
    assert found["cpu_s"]["ours"] > 0


def test_decisions_are_timed_alone_in_a_batch_and_replayed(capsys: Capture) -> None:
    assert decisions.main(["--applications", "2000", "--singly", "300"]) == 0
    (found,) = figures(capsys)
    assert found["outcomes"]["approve"] > 500
    assert (found["mismatches"], found["columns_differing_singly"]) == (0, 0)
    assert found["full_per_s"] > 0


def test_one_file_is_timed_in_process_and_as_a_command(capsys: Capture) -> None:
    assert one_file.main(["--merchants", "40", "--lines", "4000", "--calls", "4"]) == 0
    (found,) = figures(capsys)
    assert found["page"]["calls"] == 4
    assert found["command_s"] * 1000 > found["json"]["median_ms"]


def test_an_end_of_day_is_timed_beside_one_loan_after_another(capsys: Capture) -> None:
    words = ["--loans", "600", "--distinct", "20", "--sample", "20", "--processes", "1"]
    assert end_of_day.main(words) == 0
    (found,) = figures(capsys)
    assert found["loans"] == 600
    assert found["paid"] + found["folded"] > 0
    assert found["differing"] == 0


@pytest.mark.long
def test_a_whole_assessment_is_measured(capsys: Capture) -> None:
    words = ["--folder", str(market()), "--as-of", AS_OF, "--budget", "20000000"]
    assert end_to_end.main([*words, "--resamples", "3"]) == 0
    assessed, start = figures(capsys)
    assert assessed["code"] == 0
    assert assessed["cpu_s"] > start["wall_s"]["median"] / 2
    assert 0.05 < assessed["peak_gb"] < 4


def test_a_command_that_fails_is_not_taken_for_a_fast_one(capsys: Capture) -> None:
    assert end_to_end.main(["--folder", "nowhere"]) == 2
    assert "it ended with exit code 2" in capsys.readouterr().out


def test_a_process_is_measured_alone_and_not_with_who_starts_it() -> None:
    fat = np.ones(30_000_000)
    spins = "import sys; sum(range(3_000_000)); print('done'); sys.exit(3)"
    cost = process_cost([sys.executable, "-c", spins])
    assert 0 < cost.peak_gb < 0.1 < fat.nbytes / 2**30
    assert cost.cpu_s > 0.01
    assert (cost.code, cost.said) == (3, "done\n")


def test_a_process_that_cannot_be_started_has_no_cost() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        process_cost(["no-such-command"])


def test_a_fit_is_measured_beside_the_peer(capsys: Capture) -> None:
    assert binning.main(["--rows", "1500", "--columns", "5"]) == 0
    (found,) = figures(capsys)
    assert found["rows"] == 1200
    assert found["auc"]["ours"] == pytest.approx(found["auc"]["peer"], abs=0.1)


def test_scores_of_many_rows_are_those_of_one(capsys: Capture) -> None:
    assert scoring_rate.main(["--rows", "1500"]) == 0
    (found,) = figures(capsys)
    assert found["factors"] > 10
    assert found["rows_per_cpu_s"]["ours"] > 0


def test_verdicts_by_columns_are_those_of_single_firms(capsys: Capture) -> None:
    assert policy_rate.main(["--rows", "300", "--single", "200", "--peer", "none"]) == 0
    (found,) = figures(capsys)
    assert found["single_us"] > 0
    assert "peer" not in found


@pytest.mark.long
def test_the_compiled_features_are_those_written_by_hand(capsys: Capture) -> None:
    words = ["--merchants", "400", "--lines", "20000", "--runs", "1"]
    assert feature_job.main(words) == 0
    (found,) = figures(capsys)
    assert found["applications"] == 1600
    assert sum(found["mismatches"].values()) == 0
    assert set(found["cpu_s"]) == {"ours", *feature_job.HAND}


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")
def test_engines_give_the_same_features(capsys: Capture, tmp_path: Path) -> None:
    make_lake(tmp_path / "lake", 200, 5_000, lambda _: None)
    assert engines_agree.main([str(tmp_path / "lake")]) == 0
    assert "'engine': 'sail'" in capsys.readouterr().out


@pytest.mark.long
def test_the_kernel_is_measured_beside_the_job_by_hand(capsys: Capture) -> None:
    words = ["--merchants", "300", "--lines", "10000", "--runs", "1"]
    assert kernel_hot_path.main(words) == 0
    (found,) = figures(capsys)
    assert sum(found["mismatches"].values()) == 0
    assert found["compiling_s"] > 1
    assert found["store_bytes"] > 10_000


def test_a_day_is_measured_beside_the_whole_job(capsys: Capture) -> None:
    assert one_day.main(["--merchants", "300", "--lines", "10000", "--runs", "1"]) == 0
    (found,) = figures(capsys)
    assert found["same"]
    assert 0 < found["computed"] < found["merchants"]


def test_retrieval_loses_none_and_agrees_with_joins_by_hand(
    tmp_path: Path, capsys: Capture
) -> None:
    words = ["--rows", "9000", "--applications", "4000", "--features", "3", "--runs", "1"]
    assert as_of_retrieval.main([*words, "--peer", str(tmp_path / "python")]) == 0
    shown = capsys.readouterr().out
    assert "so it is not measured (see --help)" in shown
    found = json.loads(shown.splitlines()[-1])
    assert found["later_only"] > 0
    assert set(found["sides"]) == {"ours", "duckdb", "polars"}
    for side in found["sides"].values():
        assert (side["lost"], side["differing"]) == (0, 0)
        assert 0 < side["imports_s"] + side["work_s"] < side["cpu_s"] + 0.01


def test_applications_that_a_peer_loses_or_changes_are_counted(tmp_path: Path) -> None:
    columns = "printf('E%d', n) AS enterprise, TIMESTAMP '2024-01-01' AS as_of"
    write = "COPY (SELECT {} FROM range(9) AS rows(n) {}) TO '" + str(tmp_path) + "/{}.parquet'"
    duckdb.execute(write.format(columns, "", "applications"))
    duckdb.execute(write.format(f"{columns}, CAST(n AS DOUBLE) AS feature_0", "", "ours"))
    peers = "n AS application, CASE WHEN n = 3 THEN 'nan' ELSE CAST(n AS DOUBLE) END AS feature_0"
    duckdb.execute(write.format(peers, "WHERE n > 1", "peer"))
    for side, answer in (("ours", (0, 0)), ("peer", (2, 1))):
        found = as_of_retrieval.compared(tmp_path, side, tmp_path / f"{side}.parquet")
        assert (found.lost, found.differing) == answer


def test_no_plan_of_the_peer_or_by_thumb_earns_more(capsys: Capture) -> None:
    assert allocation.main(["--firms", "30", "--gap", "0"]) == 0
    for found in figures(capsys):
        assert found["ours"]["gap"] == 0
        assert found["profit_ratio"] == 1
        assert max(found["simple_plans_minor"].values()) <= found["ours"]["profit_minor"]


def test_eight_checks_find_what_was_spoiled_and_a_missing_peer_is_said(
    tmp_path: Path, capsys: Capture
) -> None:
    words = ["--rows", "3000", "--runs", "1", "--peer", str(tmp_path / "python")]
    assert quality_scan.main(words) == 0
    shown = capsys.readouterr().out
    assert "so the peer is not measured (see --help)" in shown
    found = json.loads(shown.splitlines()[-1])
    spoiled = dict.fromkeys(("missing", "blank", "bounds", "clocks", "currency", "keys"), 5)
    assert found["found"]["failing"] == spoiled | {"years": 0}
    assert found["ours"]["peak_mb"] > 0


def test_a_peer_that_found_as_much_is_compared(tmp_path: Path, capsys: Capture) -> None:
    peer = tmp_path / "python"
    failing = dict.fromkeys(("missing", "blank", "bounds", "clocks", "currency", "keys"), 5)
    said = {"rows": 3000, "failing": failing | {"years": 0}, "lag_days_p95": 2}
    peer.write_text(f"#!/bin/sh\necho '{json.dumps(said)}'\n", encoding="utf-8")
    peer.chmod(0o755)
    assert quality_scan.main(["--rows", "3000", "--runs", "1", "--peer", str(peer)]) == 0
    (found,) = figures(capsys)
    assert found["agree"]
    assert found["cpu_ratio"] > 1


def test_identifiers_are_judged_as_by_the_peer(capsys: Capture) -> None:
    assert identifiers.main(["--numbers", "5000", "--runs", "1"]) == 0
    for found in figures(capsys):
        assert found["differing"] == 0
        assert 0.4 < found["valid"] / found["numbers"] < 0.6
        assert found["ratio"] > 1


def test_names_of_both_scripts_are_taken_apart(capsys: Capture) -> None:
    assert names.main(["--names", "3000", "--runs", "1"]) == 0
    found = figures(capsys)
    assert [one["script"] for one in found] == ["Latin", "Chinese"]
    assert all(1000 < one["distinct"] < 2000 for one in found)


@pytest.mark.long
def test_a_study_goes_on_where_it_stopped_but_not_from_another(
    tmp_path: Path, capsys: Capture
) -> None:
    records = tmp_path / "records.jsonl"
    records.write_text(json.dumps({"seed": 101, "enterprises": 999}) + "\n")
    words = ["--enterprises", "250", "--resamples", "2", "--records", str(records)]
    for seeds in ("1", "2"):
        assert market_calibration.main([*words, "--seeds", seeds]) == 0
    assert [json.loads(line)["seed"] for line in records.read_text().splitlines()[1:]] == [101, 102]
    shown = capsys.readouterr()
    assert shown.err.count("market made and read") == 2
    assert "Firms without a known outcome:" in shown.out


def test_coverage_counts_the_rates_within_their_intervals() -> None:
    groups = [
        {"name": "A", "firms": 10, "pd": 0.1, "low": 0.0, "high": 0.2, "realised": r, "true_pd": 0}
        for r in (0.0, 0.2, 0.3, 0.1)
    ]
    judged = {
        "firms": 40, "defaults": 4, "grades": groups, "tenths": groups,
        **dict.fromkeys(("mean_pd", "mean_true_pd", "realised_rate", "slope_of_defaults"), 0.5),
        **dict.fromkeys(("slope_of_true_pd", "slope_of_defaults_on_true_pd"), 0.5),
        **dict.fromkeys(("auc", "auc_of_true_pd"), 0.5),
    }  # fmt: skip
    names = ("unlabelled", "labelled_out_of_fold", "shocked_unlabelled", "others_unlabelled")
    record = {
        "seed": 1, "enterprises": 40, "resamples": 2, "unseen_sector_shock": False,
        "stated_rate": 0.1, "peer_auc_unlabelled": 0.5, **dict.fromkeys(names, judged),
    }  # fmt: skip
    coverage = summary_of([record])["populations"]["unlabelled"]["coverage_of_grades"]
    assert coverage["share"] == 0.75
    assert coverage["low"] == pytest.approx(0.194, abs=1e-3)
    assert coverage["high"] == pytest.approx(0.994, abs=1e-3)


@pytest.mark.parametrize("true_slope", [0.6, 1.0, 1.7])
def test_the_slope_of_known_odds_is_found(true_slope: float) -> None:
    rng = np.random.default_rng(3)
    log_odds = rng.normal(-3, 1, 5000)
    target = 1 / (1 + np.exp(0.3 - true_slope * log_odds))
    assert slope(target, 1 / (1 + np.exp(-log_odds))) == pytest.approx(true_slope, abs=1e-9)


def test_linkage_is_measured(capsys: Capture, tmp_path: Path) -> None:
    words = ["--records", "3000", "--seed", "1", "--peer", str(tmp_path / "nobody")]
    assert linkage.main(words) == 0
    (found,) = figures(capsys)
    assert found["found"]["ours"]["precision"] > 0.8
    assert found["found"]["ours"]["recall"] > 0.8


def test_added_records_are_linked_as_all_at_once(capsys: Capture) -> None:
    assert linkage_increment.main(["--records", "3000", "--later", "300", "--seed", "1"]) == 0
    (found,) = figures(capsys)
    assert found["differing"] == {"clusters": 0, "pairs": 0}
    assert found["later"] > 200


def test_linked_tables_are_held_to_their_truth_beside_a_plain_peer(capsys: Capture) -> None:
    assert link_tables.main(["--sets", "restaurants", "--seeds", "5", "--size", "80"]) == 0
    (found,) = figures(capsys)
    assert found["f1"] > 0.9
    assert found["best_f1"] >= found["f1"] - 1e-9
    assert 0 < found["plain_best_f1"] <= 1
