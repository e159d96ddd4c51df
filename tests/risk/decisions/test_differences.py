"""What a candidate would change of each decision, as a loop over single decisions tells it."""

import csv
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.risk.decisions.made import AT, ROOT, card, constant_hazard, engine
from tests.risk.decisions.test_backtest import dearer
from tests.risk.decisions.test_log import some
from tradeline.cli.main import main
from tradeline.kernel.findings import InputProblem
from tradeline.lake.yaml_files import parse_yaml
from tradeline.risk.decisions.application import as_columns
from tradeline.risk.decisions.backtest import Backtest, backtest
from tradeline.risk.decisions.deciding import decide
from tradeline.risk.decisions.deciding_columns import decide_all
from tradeline.risk.decisions.difference_files import (
    Differences,
    require_format,
    write_differences,
)
from tradeline.risk.decisions.differences import (
    FIGURES,
    Change,
    Summary,
    changes,
    summary_lines,
)
from tradeline.risk.decisions.engine import Engine, make_engine
from tradeline.risk.decisions.log import append
from tradeline.risk.decisions.record import Decision
from tradeline.risk.decisions.seen import seen_columns
from tradeline.risk.decisions.trace import verdict_of
from tradeline.risk.policy.reading import policy_of
from tradeline.risk.policy.writing import write_policy

APPLICATIONS = some(150, 8)


@cache
def other_card() -> Engine:
    """The same engine with fewer points for one factor, and without another."""
    factors = [
        replace(factor, points=tuple(points // 2 for points in factor.points))
        if factor.name == "buyer_hhi_12m" else factor
        for factor in card().factors
        if factor.name != "region"
    ]  # fmt: skip
    return engine_of(replace(card(), factors=tuple(factors)))


@cache
def stricter() -> Engine:
    """The same engine under a policy that declines earlier, in a row of another name."""
    text = write_policy(engine().policy.declaration)
    assert "> 30" in text
    text = text.replace("> 30", "> 5").replace("id: E2", "id: E2a")
    policy = policy_of(parse_yaml(text, "policy.yaml", "policy"), "policy.yaml")
    return engine_of(card(), policy)


@cache
def lending_less() -> Engine:
    """The same engine with a lender that lends half as much."""
    return dearer()


def engine_of(model: Any, policy: Any = None) -> Engine:
    rules = replace(engine().rules, may_be_missing=frozenset({"margin_12m"}))
    return make_engine("candidate", "sha256:candidate", model, None, rules,
                       policy or engine().policy, engine().terms, constant_hazard, {})  # fmt: skip


def found(root: Path, candidate: Engine) -> tuple[list[Change], Summary]:
    columns = as_columns(APPLICATIONS)
    records = decide_all(columns, engine(), AT) | seen_columns(columns)
    entry = append(root / "log", records, engine().hash, engine().files, AT)
    summary = Summary()
    return list(changes(root / "log", [(entry, engine())], candidate, summary)), summary


def one_by_one(candidate: Engine) -> dict[str, Change]:
    """The same by deciding on one application after the other, by name of the application."""
    told = {}
    for one in APPLICATIONS:
        before, after = decide(one, engine(), AT), decide(one, candidate, AT)
        change = Change(
            before.decision, one.application, one.enterprise,
            _pairs(_figures(before), _figures(after), FIGURES),
            _pairs(_points(before, engine()), _points(after, candidate)),
            _pairs(_rows(before, engine()), _rows(after, candidate)),
            None if before.reasons == after.reasons else (before.reasons, after.reasons),
        )  # fmt: skip
        if change.kinds:
            told[one.application] = change
    return told


def _pairs(one: dict[str, Any], other: dict[str, Any], names: Any = ()) -> dict[str, Any]:
    pairs = {name: (one.get(name), other.get(name)) for name in names or {**one, **other}}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _figures(made: Decision) -> dict[str, Any]:
    offered = {name: getattr(made.offered, name) for name in FIGURES[5:]}
    own = {name: getattr(made, name) for name in ("role", "score", "pd", "grade")}
    return {"outcome": str(made.outcome), **own, **offered}


def _points(made: Decision, by: Engine) -> dict[str, Any]:
    return dict(zip(by.model.names, made.points or [None] * len(by.model.names), strict=True))


def _rows(made: Decision, by: Engine) -> dict[str, Any]:
    asked = {table.table: table.fired for table in verdict_of(made, by).trace.tables()}
    return {table.table.name: asked.get(table.table.name) for table in by.policy.program.tables}


@pytest.mark.parametrize("candidate", [lending_less, other_card, stricter])
def test_each_difference_is_that_of_deciding_one_by_one(tmp_path: Path, candidate: Any) -> None:
    told, summary = found(tmp_path, candidate())
    expected = one_by_one(candidate())
    assert {one.application: one for one in told} == expected
    assert (summary.decisions, summary.changed) == (150, len(expected))
    assert summary.changed > 10


def test_the_same_engine_changes_nothing(tmp_path: Path) -> None:
    told, summary = found(tmp_path, engine())
    assert (told, summary) == ([], Summary(decisions=150))
    assert list(summary_lines(summary, ())) == ["0 of 150 decisions would differ by the candidate."]


def test_the_summary_adds_up_and_is_said(tmp_path: Path) -> None:
    told, summary = found(tmp_path, stricter())
    newly = sum("E2a" in (one.rows["eligibility"][1] or ()) for one in told if one.rows)
    no_more = sum("E2" in (one.rows["eligibility"][0] or ()) for one in told if one.rows)
    assert summary.rows["eligibility", "E2a"] == (0, newly)
    assert summary.rows["eligibility", "E2"] == (no_more, 0)
    assert newly > no_more > 0
    assert sum(summary.outcomes.values()) == summary.kinds["outcome"]
    lines = list(summary_lines(summary, ("policy", "terms")))
    assert lines[0] == (
        f"{len(told)} of 150 decisions would differ by the candidate (other than decided last: "
        "policy, terms)."
    )
    assert f"  row E2a of eligibility: fires no more on 0, newly on {newly}" in lines
    assert f"  approve -> decline: {summary.outcomes['approve', 'decline']}" in lines
    _, by_points = found(tmp_path / "points", other_card())
    (said,) = (line for line in summary_lines(by_points, ()) if "points of buyer_hhi" in line)
    assert " moved, by -" in said


def written(root: Path, candidate: Engine, name: str) -> tuple[str, list[Change]]:
    told, _ = found(root, candidate)
    summary = Summary()
    for change in told:
        summary.decisions += 1
        summary.add(change)
    about = {"candidate": "<b>dearer</b>", "parts": ("terms",)}
    write_differences(Differences(iter(told), summary, about), root / name)
    return (root / name).read_text(encoding="utf-8"), told


def test_a_table_has_a_line_for_each_decision_that_differs(tmp_path: Path) -> None:
    text, told = written(tmp_path, stricter(), "d.csv")
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["application"] for row in rows] == [one.application for one in told]
    row, one = next(
        (row, one) for row, one in zip(rows, told, strict=True)
        if one.figures.get("outcome") == ("approve", "decline")
    )  # fmt: skip
    assert (row["outcome_before"], row["outcome_after"]) == ("approve", "decline")
    assert int(row["amount_minor_before"]) == one.figures["amount_minor"][0]
    assert row["rows"].startswith("eligibility: none -> E2a")
    assert row["score_before"] == ""
    assert "policy:OVERDUE" in row["reasons"]


def test_the_json_has_each_decision_and_the_summary(tmp_path: Path) -> None:
    text, told = written(tmp_path, other_card(), "d.json")
    content = json.loads(text, parse_constant=pytest.fail)
    assert content["format"] == "tradeline-differences/1"
    assert content["about"]["parts"] == ["terms"]
    assert content["summary"]["changed"] == len(told) == len(content["decisions"])
    first = content["decisions"][0]
    assert first["changed"] == list(told[0].kinds)
    assert first["points"] == {name: list(pair) for name, pair in told[0].points.items()}
    assert {one["factor"] for one in content["summary"]["factors"]} >= {"region", "buyer_hhi_12m"}


def test_the_page_shows_the_first_ones_and_names_nobody_unescaped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradeline.risk.decisions.difference_files.SHOWN", 5)
    text, told = written(tmp_path, stricter(), "d.html")
    assert f"The first 5 of {len(told)}; a .csv or .json holds all." in text
    assert text.count('<th scope="row"><bdi>app_') == 5
    assert "<b>dearer" not in text
    assert "approve → decline" in text
    assert "http" not in text.replace("http-equiv", "")


def test_where_nothing_differs_every_form_says_so(tmp_path: Path) -> None:
    assert "Every decision would be as it was." in written(tmp_path, engine(), "d.html")[0]
    assert written(tmp_path / "c", engine(), "d.csv")[0].count("\n") == 1
    assert json.loads(written(tmp_path / "j", engine(), "d.json")[0])["decisions"] == []


def test_a_backtest_beside_is_the_same_as_alone(tmp_path: Path) -> None:
    columns = as_columns(APPLICATIONS)
    records = decide_all(columns, engine(), AT) | seen_columns(columns)
    entry = append(tmp_path / "log", records, engine().hash, engine().files, AT)
    noted = Backtest(by="sector")
    told = changes(tmp_path / "log", [(entry, engine())], lending_less(), Summary(), noted.add)
    assert len(list(told)) > 20
    alone = backtest(tmp_path / "log", [entry], lending_less(), by="sector")
    assert noted.differences() == alone


def test_the_command_tells_the_same_with_a_file_and_leaves_none_that_is_half_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example, log = ROOT / "examples" / "decide", str(tmp_path / "log")
    asked = str(example / "applications.csv")
    words = ["--applications", asked, "--log", log, "--at", "2026-06-30T12:00"]
    assert main(["decide", str(example / "engine.yaml"), *words]) == 0
    again = ["decisions", "replay", log, "--engine", str(example / "cautious.yaml")]
    capsys.readouterr()
    assert main([*again, "--by", "sector"]) == 0
    alone = capsys.readouterr().out
    file = tmp_path / "d.json"
    assert main([*again, "--by", "weather", "--differences", str(file)]) == 2
    assert "The decisions did not see 'weather'." in capsys.readouterr().err
    assert not file.exists()
    assert main([*again, "--by", "sector", "--differences", str(file)]) == 0
    assert capsys.readouterr().out.startswith(alone)
    assert len(json.loads(file.read_text(encoding="utf-8"))["decisions"]) > 10


def test_a_file_of_another_form_is_refused() -> None:
    with pytest.raises(InputProblem) as refused:
        require_format(Path("d.xlsx"))
    assert str(refused.value) == (
        "error: --differences: 'd.xlsx' is none of .csv, .json, .html by its name. Name it like "
        "differences.csv."
    )
