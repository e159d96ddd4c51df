"""`tradeline decide` and `tradeline decisions`: from files to decisions that replay."""

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from tests.risk.decisions.made import PAIR, glass_box, with_challenger
from tradeline.cli.main import main
from tradeline.risk.modelling.model import ModelKind
from tradeline.risk.policy.cells import value_text
from tradeline.risk.policy.reading import read_policy_file

ROOT = Path(__file__).parents[2]
AT = ("--at", "2026-06-30T12:00")
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in ("decide", "policy", "lenders"):
        copytree(ROOT / "examples" / part, tmp_path / part)
    return tmp_path / "decide"


def decide(folder: Path, *more: str) -> int:
    asked = ("--applications", str(folder / "applications.csv"), "--log", str(folder / "log"))
    return main(["decide", str(folder / "engine.yaml"), *asked, *AT, *more])


def test_a_file_of_applications_is_decided_on_shown_and_replayed(
    folder: Path, capsys: Capture
) -> None:
    assert decide(folder) == 0
    assert "40 decisions: 23 approve, 0 refer, 13 decline, 4 refuse." in capsys.readouterr().out
    assert main(["decisions", "replay", str(folder / "log")]) == 0
    assert "40 equal to the bit, 0 otherwise" in capsys.readouterr().out
    assert main(["decisions", "verify", str(folder / "log")]) == 0
    assert main(["decisions", "list", str(folder / "log")]) == 0
    capsys.readouterr()
    assert main(["decisions", "show", str(folder / "log"), "app_006"]) == 0
    assert "what we were told cannot be read" in capsys.readouterr().out
    assert main(["decisions", "show", str(folder / "log"), "app_003", "--format", "json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["application"] == "app_003"
    assert set(record["words"]) == {"en", "zh"}


def shown(folder: Path, name: str, capsys: Capture) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["decisions", "show", str(folder / "log"), name, "--format", "json"]) == 0
    record: dict[str, Any] = json.loads(capsys.readouterr().out)
    return record


def test_a_record_of_what_is_no_number_is_json_that_anyone_reads(
    folder: Path, capsys: Capture
) -> None:
    path = folder / "applications.csv"
    header, first, second, *rest = path.read_text(encoding="utf-8").splitlines()
    place = header.split(",").index("sales_growth_12m")
    changed = []
    for row, text in ((first, "inf"), (second, "nan")):
        cells = row.split(",")
        cells[place] = text
        changed.append(",".join(cells))
    path.write_text("\n".join([header, *changed, *rest]) + "\n", encoding="utf-8")
    decide(folder)
    for name, value in (("app_001", "Infinity"), ("app_002", None)):
        capsys.readouterr()
        assert main(["decisions", "show", str(folder / "log"), name, "--format", "json"]) == 0
        record = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
        assert record["values"]["sales_growth_12m"] == value
        assert record["outcome"] == "refuse"
    assert main(["decisions", "replay", str(folder / "log")]) == 0


def trace(folder: Path, name: str, capsys: Capture) -> list[str]:
    """What stands below the letter of a decision."""
    capsys.readouterr()
    assert main(["decisions", "show", str(folder / "log"), name]) == 0
    heading = "\n\nWhat the policy small_business 2026-01 said, row by row:\n"
    _, told = capsys.readouterr().out.split(heading)
    return told.splitlines()


def tried(folder: Path, record: dict[str, Any], capsys: Capture) -> list[str]:
    """What `policy try` says of what a record saw."""
    policy = folder.parent / "policy" / "small_business.yaml"
    seen, ages = record["values"], record["ages_days"]
    seen |= {"score": record["score"], "pd": record["pd"]}
    ages |= {"score": 0, "pd": 0}
    names = [read.name for read in read_policy_file(policy).inputs]
    is_known = {name: seen[name] is not None and seen[name] == seen[name] for name in names}
    words = [f"{name}={value_text(seen[name]) if is_known[name] else ''}" for name in names]
    days = [f"{name}={ages[name]}" for name in names]
    capsys.readouterr()
    assert main(["policy", "try", str(policy), "--input", *words, "--age", *days]) == 0
    return capsys.readouterr().out.splitlines()


def test_a_logged_decision_is_traced_as_its_values_are_when_tried(
    folder: Path, capsys: Capture
) -> None:
    decide(folder)
    for name in ("app_001", "app_003", "app_004", "app_006", "app_010", "app_012", "app_014"):
        record = shown(folder, name, capsys)
        assert trace(folder, name, capsys) == tried(folder, record, capsys)


def test_a_trace_names_each_row_that_fired_and_each_that_failed_with_the_values(
    folder: Path, capsys: Capture
) -> None:
    decide(folder)
    assert trace(folder, "app_001", capsys) == [
        "outcome: decline",
        "reasons: OVERDUE",
        "table eligibility:",
        "  E1 failed: lending_suspended is false, not `= true`",
        "  E2 fired: overdue_days_elsewhere is 45 (`> 30`) -> outcome decline, reason OVERDUE",
        "     More than a month in arrears elsewhere foretells arrears here.",
        "  E3 failed: overdue_days_elsewhere is 45, not `missing`",
        "  E4 failed: months_in_business is 24, not `< 6`",
        "  E5 failed: sector is logistics, not `= property`",
        "  E6 failed: cash_flow_minor is 1918482, not `<= 0`",
        "  E7 failed: debt_service_share is 0.014, not `> 0.5`",
        "  E8 failed: debt_service_share is 0.014, not `(0.4, 0.5]`",
    ]
    (table,) = shown(folder, "app_001", capsys)["trace"]["tables"]
    assert [item["row"] for item in table["fired"]] == ["E2"]
    assert {
        "row": "E4", "column": "months_in_business", "cell": "< 6", "value": "24",
    } in table["failed"]  # fmt: skip


def test_what_is_missing_stale_mistyped_or_unknown_is_not_approved(
    folder: Path, capsys: Capture
) -> None:
    decide(folder)
    said = {
        "app_006": "cannot be read",
        "app_008": "Your consent to use your data",
        "app_010": "too old",
        "app_012": "region: what we were told is none of the known kinds",
        "app_014": "cash",
    }
    for name, text in said.items():
        capsys.readouterr()
        main(["decisions", "show", str(folder / "log"), name])
        told = capsys.readouterr().out
        assert text in told
        assert "Approved" not in told


def test_a_measure_of_the_supervisor_binds(folder: Path, capsys: Capture) -> None:
    (folder / "measures.yaml").write_text(
        "- {id: stop-1, greatest_minor: 0, valid_from: 2026-06-01}\n", encoding="utf-8"
    )
    assert decide(folder, "--measures", str(folder / "measures.yaml")) == 0
    assert " 0 approve, 0 refer, 0 decline, 40 refuse" in capsys.readouterr().out
    assert main(["decisions", "replay", str(folder / "log")]) == 0
    (folder / "measures.yaml").write_text("- {id: stop-1}\n", encoding="utf-8")
    assert decide(folder, "--measures", str(folder / "measures.yaml")) == 2
    assert "needs `greatest_minor`" in capsys.readouterr().err


def test_a_glass_box_decides_beside_the_card_and_binds_nobody(
    folder: Path, capsys: Capture
) -> None:
    beside = with_challenger(folder / "engine.yaml", ModelKind.GLASS_BOX, glass_box(PAIR))
    out = folder / "out.parquet"
    assert decide(folder, "--shadow", str(beside), "--out", str(out)) == 0
    told = capsys.readouterr().out
    assert "champion, small_business 2026-01: 40 decisions: 23 approve" in told
    assert "shadow, small_business 2026-01: 40 decisions: " in told
    assert main(["decisions", "replay", str(folder / "log")]) == 0
    assert "80 equal to the bit, 0 otherwise" in capsys.readouterr().out
    assert main(["decisions", "show", str(folder / "log"), "app_001"]) == 0
    asked = ("--applications", str(folder / "applications.csv"), "--log", str(folder / "log"))
    assert main(["decide", str(beside), *asked, *AT]) == 2
    assert "let this engine run beside it: --shadow" in capsys.readouterr().err


def test_curves_decide_as_a_card_does(folder: Path, capsys: Capture) -> None:
    engine = with_challenger(folder / "engine.yaml", ModelKind.CURVES, glass_box())
    asked = ("--applications", str(folder / "applications.csv"), "--log", str(folder / "log"))
    assert main(["decide", str(engine), *asked, *AT]) == 0
    assert "champion, small_business 2026-01: 40 decisions: " in capsys.readouterr().out
    assert main(["decisions", "replay", str(folder / "log")]) == 0
    assert "40 equal to the bit, 0 otherwise" in capsys.readouterr().out


def test_a_candidate_is_compared_before_it_is_live(folder: Path, capsys: Capture) -> None:
    decide(folder)
    text = (folder / "engine.yaml").read_text(encoding="utf-8")
    (folder / "candidate.yaml").write_text(
        text.replace("harbour_bank", "millet_credit"), encoding="utf-8"
    )
    capsys.readouterr()
    words = ["decisions", "replay", str(folder / "log"), "--engine", str(folder / "candidate.yaml")]
    assert main([*words, "--by", "sector"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("all: 40 applications, approved 23 before and ")
    assert "\nservices: " in told
    each = folder / "differences.json"
    assert main([*words, "--format", "json", "--differences", str(each)]) == 0
    shown = capsys.readouterr()
    json.loads(shown.out)
    assert (
        " of 40 decisions would differ by the candidate (other than decided last: terms)."
        in shown.err
    )
    assert json.loads(each.read_text(encoding="utf-8"))["about"]["parts"] == ["terms"]
    assert main([*words, "--differences", str(each)]) == 2
    assert f"--differences: There is a file called {each} already." in capsys.readouterr().err
    assert main([*words, "--differences", str(folder / "differences")]) == 2
    assert "'differences' is none of .csv, .json, .html by its name." in capsys.readouterr().err


def test_a_changed_log_is_found(folder: Path, capsys: Capture) -> None:
    decide(folder)
    (batch,) = (folder / "log" / "batches").iterdir()
    batch.write_bytes(batch.read_bytes()[:-1] + b"?")
    assert main(["decisions", "verify", str(folder / "log")]) == 1
    assert "The batch was changed since it was written" in capsys.readouterr().err


def test_by_an_engine_that_was_changed_since_nothing_is_told(folder: Path, capsys: Capture) -> None:
    decide(folder)
    log = str(folder / "log")
    (kept,) = (folder / "log" / "engines").iterdir()
    text = (kept / "policy.yaml").read_text(encoding="utf-8")
    (kept / "policy.yaml").write_text(text.replace('"> 30"', '"> 31"'), encoding="utf-8")
    said = (
        "The engine that decided was changed since, so the batch cannot be replayed. "
        "Bring it back from a copy."
    )
    capsys.readouterr()
    assert main(["decisions", "verify", log]) == 1
    assert said in capsys.readouterr().err
    policy = str(folder.parent / "policy" / "small_business.yaml")
    for words in (["decisions", "show", log, "app_001"], ["decisions", "replay", log],
                  ["policy", "backtest", policy, "--log", log]):  # fmt: skip
        assert main(words) == 2
        assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("application,enterprise", "name,enterprise", "no column 'application'"),
        ("app_002", "app_001", "Some stand more than once: 1 application, such as ['app_001']"),
        ("app_002", "", "No application is named in 1 row."),
    ],
)
def test_a_table_that_cannot_be_decided_on_is_refused(
    folder: Path, old: str, new: str, said: str, capsys: Capture
) -> None:
    path = folder / "applications.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    assert decide(folder) == 2
    assert said in capsys.readouterr().err
    assert not (folder / "log").exists()


def test_names_that_are_not_there_are_said(folder: Path, capsys: Capture) -> None:
    decide(folder)
    assert main(["decisions", "show", str(folder / "log"), "app_999"]) == 2
    assert main(["decisions", "replay", str(folder / "log"), "--batch", "9"]) == 2
    assert main(["decisions", "list", str(folder)]) == 2
    said = capsys.readouterr().err
    assert "no decision on 'app_999'" in said
    assert "no batch 9" in said
    assert "The log holds no decision" in said


def test_a_policy_is_tried_on_a_past_period(folder: Path, capsys: Capture) -> None:
    decide(folder)
    policy = folder.parent / "policy" / "small_business.yaml"
    text = policy.read_text(encoding="utf-8").replace('"> 30"}', '"> 60"}')
    policy.write_text(text, encoding="utf-8")
    words = ["policy", "backtest", str(policy), "--log", str(folder / "log")]
    capsys.readouterr()
    assert main([*words, "--from", "2026-06-30", "--to", "2026-06-30"]) == 0
    told = capsys.readouterr().out
    assert "swapped in, 0 swapped out" in told
    assert " 0 swapped in" not in told
    assert main([*words, "--to", "2025-12-31"]) == 2
    assert "The log has no decision of that period" in capsys.readouterr().err


def test_a_backtest_tells_what_was_lost_on_those_lent_to(folder: Path, capsys: Capture) -> None:
    decide(folder)
    policy, outcomes = folder.parent / "policy" / "small_business.yaml", folder / "became.csv"
    text = policy.read_text(encoding="utf-8")
    policy.write_text(text.replace("= property", '"in property, logistics"'), encoding="utf-8")
    # Two in logistics, which the candidate declines, two elsewhere, and one that nobody lent to.
    outcomes.write_text(
        "application,defaulted,lost_minor,profit_minor\n"
        "app_016,yes,4200050,-4000000\napp_024,no,,\napp_003,no,0,350000\n"
        "app_004,yes,1850000,-1700000\napp_001,yes,99999999,1\n",
        encoding="utf-8",
    )
    words = ["policy", "backtest", str(policy), "--log", str(folder / "log")]
    words += ["--outcomes", str(outcomes), "--by", "sector"]
    capsys.readouterr()
    assert main(words) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == (
        "all: 40 applications, approved 23 before and 16 now: 0 swapped in, 7 swapped out, "
        "0 at another amount or rate."
    )
    realised = "  {}: outcome known of {} approved, {} defaulted, lost CNY {}"
    assert told[4:6] == [
        realised.format("before", "4 of 23", 2, "60,500, profit of 3 of them CNY -53,500"),
        realised.format("now", "2 of 16", 1, "18,500, profit of 2 of them CNY -13,500"),
    ]
    assert [line for line in told[6:] if "lost" in line] == [
        realised.format("before", "1 of 6", 0, "0, profit of 1 of them CNY 3,500"),
        realised.format("now", "1 of 6", 0, "0, profit of 1 of them CNY 3,500"),
        realised.format("before", "2 of 7", 1, "42,000, profit of 1 of them CNY -40,000"),
        realised.format("before", "1 of 6", 1, "18,500, profit of 1 of them CNY -17,000"),
        realised.format("now", "1 of 6", 1, "18,500, profit of 1 of them CNY -17,000"),
    ]
    assert main([*words, "--format", "json"]) == 0
    whole, *by_sector = json.loads(capsys.readouterr().out)
    assert (whole["before"]["lost_minor"], whole["after"]["lost_minor"]) == (6_050_050, 1_850_000)
    assert whole["before"]["realised_profit_minor"] == -5_350_000
    assert {one["segment"]: one["before"]["lost_minor"] for one in by_sector} == {
        "construction": 0, "logistics": 4_200_050, "manufacturing": 0, "services": 1_850_000,
    }  # fmt: skip


def test_the_versions_of_a_policy_share_one_stop(folder: Path, capsys: Capture) -> None:
    policy, registry = folder.parent / "policy" / "small_business.yaml", folder / "registry"
    text = policy.read_text(encoding="utf-8")
    text = text.replace("560", "780").replace("[780, 580)", "[500, 780)")
    text = text.replace("share: 0.02", "share: 0.5").replace("200_000_00", "10_000_00")
    policy.write_text(text.replace("persons_to_go_live: 2", "persons_to_go_live: 1"), "utf-8")
    said = ("--registry", str(registry), "--who", "A", "--why", "trial")

    def advance(to: str, at: str, *more: str) -> None:
        words = ("--to", to, "--at", f"2026-06-0{at}T00:00:00Z", *said, *more)
        assert main(["policy", "advance", str(policy), *words]) == 0

    for place, to in enumerate(("draft", "checked", "shadow", "live"), 1):
        advance(to, str(place))
    policy.write_text(policy.read_text("utf-8").replace('"2026-01"', '"2026-02"'), "utf-8")
    for place, to in enumerate(("draft", "checked", "shadow"), 5):
        advance(to, str(place))
    advance("challenger", "8", "--share", "0.5", "--experiment", "half")
    capsys.readouterr()
    assert decide(folder, "--registry", str(registry)) == 0
    told = capsys.readouterr().out
    assert "champion, small_business 2026-01" in told
    assert "challenger, small_business 2026-02" in told
    assert told.count("Explored: up to 900,000 minor units may be lost.") == 1
    assert main(["decisions", "replay", str(folder / "log")]) == 0
