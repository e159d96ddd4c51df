"""`tradeline policy` from its command line: check, show, try, exchange, and the way into force."""

import json
from pathlib import Path

import pytest

from tests.risk.policy.policies import EXAMPLE, FRESH, SOUND
from tests.risk.policy.test_exchange import DMN, GRAPH
from tradeline.cli.main import main
from tradeline.risk.policy.reading import read_policy_file

Printed = pytest.CaptureFixture[str]


def printed(capsys: Printed, *words: str) -> str:
    capsys.readouterr()
    assert main(["policy", *words]) == 0
    return capsys.readouterr().out


def refused(capsys: Printed, *words: str) -> list[str]:
    capsys.readouterr()
    assert main(["policy", *words]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    return shown.err.splitlines()


def test_a_policy_that_holds_together_is_told_so(capsys: Printed) -> None:
    assert printed(capsys, "check", str(EXAMPLE)).splitlines()[:-1] == [
        "small_business 2026-01: 4 tables, 22 rows, 9 inputs.",
        "In 3 tables a row holds whatever the values: proven.",
        "In eligibility, where no row holds: pass, as it says.",
        "No row contradicts another or waits in vain, and nothing is approved by default.",
    ]


def test_a_policy_with_a_gap_is_refused(capsys: Printed, tmp_path: Path) -> None:
    path = tmp_path / "gap.yaml"
    path.write_text(EXAMPLE.read_text("utf-8").replace('"[0.02, 0.05)"', '"(0.02, 0.05)"'), "utf-8")
    for action in ("check", "show", "try"):
        assert refused(capsys, action, str(path)) == [
            "error: gap.yaml: table risk_band: no row takes pd = 0.02. Add a row, or say with "
            "`otherwise` what no hit means."
        ]


def test_warnings_stand_beside_the_answer(capsys: Printed, tmp_path: Path) -> None:
    path = tmp_path / "spare.yaml"
    text = EXAMPLE.read_text("utf-8").replace("inputs:", "inputs:\n  spare: {type: boolean}", 1)
    path.write_text(text, "utf-8")
    assert main(["policy", "check", str(path)]) == 0
    assert capsys.readouterr().err == (
        "warning: spare.yaml: input spare: no table tests it, but without it nothing is decided. "
        "Take it out, or test it.\n"
    )


def test_a_policy_is_shown_as_text_and_as_a_page(capsys: Printed, tmp_path: Path) -> None:
    assert "  B2  pd from 2 % to below 5 %" in printed(capsys, "show", str(EXAMPLE)).splitlines()
    page = printed(capsys, "show", str(EXAMPLE), "--format", "page")
    printed(capsys, "show", str(EXAMPLE), "--out", str(tmp_path / "p.html"))
    assert (tmp_path / "p.html").read_text("utf-8") == page
    assert page.startswith("<!doctype html>")
    assert refused(capsys, "show", str(EXAMPLE), "--out", str(tmp_path / "p.html")) == [
        f"error: --out: There is a file called {tmp_path / 'p.html'} already. Name a new file, or "
        "remove that one."
    ]


def given(**changes: object) -> list[str]:
    values = {name: str(value).lower() for name, value in (SOUND | changes).items()}
    values.pop("currency")
    return ["--input", *(f"{name}={value}" for name, value in values.items())]


def test_one_application_is_tried_with_its_trace(capsys: Printed) -> None:
    shown = printed(capsys, "try", str(EXAMPLE), *given()).splitlines()
    assert shown[:4] == [
        "outcome: approve", "band: B", "limit_cap_minor: 50000000", "rate_floor: 0.065",
    ]  # fmt: skip
    assert "  B1 failed: pd is 0.03, not `< 0.02`" in shown
    assert "  B2 fired: pd is 0.03 (`[0.02, 0.05)`) -> band B" in shown
    assert "     Up to five in a hundred" in shown
    assert "  no row fired: pass" in shown


def test_what_is_missing_stale_or_no_value_is_told(capsys: Printed) -> None:
    ages = ["--age", "pd=31", "score=x"]
    words = given(sector="farming", lending_suspended="maybe", cash_flow_minor="")
    shown = printed(capsys, "try", str(EXAMPLE), *words, *ages)
    assert shown.splitlines() == [
        "outcome: refuse",
        "pd is stale: 31 days old, at most 30 days are allowed: refuse, before any table is asked.",
        "score has the age 'x', which is no number of days: refuse, before any table is asked.",
        "cash_flow_minor is missing: decline, before any table is asked.",
        "sector is 'farming', none of agriculture, construction, logistics, manufacturing, retail "
        "and wholesale, services, property: refuse, before any table is asked.",
        "lending_suspended is 'maybe' (str), which is no true or false: refuse, before any table "
        "is asked.",
    ]
    other = printed(capsys, "try", str(EXAMPLE), *given(), "currency=EUR", "--age", "score=")
    assert "currency is 'EUR', none of CNY: refuse, before any table is asked." in other
    assert "score is stale: of unknown age, at most 30 days are allowed" in other
    large = printed(capsys, "try", str(EXAMPLE), *given(pd="1.5"))
    assert "pd is 1.5, outside [0, 1]: refuse, before any table is asked." in large


def test_a_missing_value_that_the_tables_name_is_told(capsys: Printed) -> None:
    shown = printed(capsys, "try", str(EXAMPLE), *given(overdue_days_elsewhere=""))
    assert "reasons: OVERDUE_UNKNOWN" in shown.splitlines()
    assert "  E2 failed: overdue_days_elsewhere is missing, not `> 30`" in shown.splitlines()


def test_an_input_that_the_policy_does_not_know_is_told(capsys: Printed) -> None:
    names = ", ".join(SOUND)
    assert refused(capsys, "try", str(EXAMPLE), "--input", "sales=5") == [
        f"error: --input: 'sales=5' names no input. Write NAME=VALUE; the inputs are {names}."
    ]
    assert refused(capsys, "try", str(EXAMPLE), "--age", "pd") == [
        f"error: --age: 'pd' has no `=`. Write NAME=VALUE; the inputs are {names}."
    ]


def test_the_ages_that_the_tests_use_are_those_of_the_example() -> None:
    policy = read_policy_file(EXAMPLE)
    assert {read.name for read in policy.inputs if read.max_age_days is not None} == set(FRESH)


def test_a_policy_goes_out_and_comes_back(capsys: Printed, tmp_path: Path) -> None:
    out, back = tmp_path / "policy.dmn", tmp_path / "back.yaml"
    printed(capsys, "export", str(EXAMPLE), "--as", "dmn", "--out", str(out))
    printed(capsys, "import", str(out), "--out", str(back))
    assert read_policy_file(back).hash == read_policy_file(EXAMPLE).hash
    assert printed(capsys, "export", str(back), "--as", "dmn") == out.read_text("utf-8")
    assert refused(capsys, "export", str(EXAMPLE), "--as", "jdm")[0].startswith(
        "error: small_business: table limit_caps: JDM has no hit policy"
    )


def test_tables_of_another_hand_are_imported(capsys: Printed, tmp_path: Path) -> None:
    (tmp_path / "g.json").write_text(json.dumps(GRAPH))
    (tmp_path / "m.dmn").write_text(DMN.replace("CELL", ">= 600").replace("HITPOLICY", ""))
    for name in ("g.json", "m.dmn"):
        out = tmp_path / f"{name}.yaml"
        words = ("import", str(tmp_path / name), "--out", str(out))
        assert refused(capsys, *words) == [
            "error: --valid-from: The file does not say when it is valid. Write --valid-from "
            "2026-01-01."
        ]
        assert not out.exists()
        printed(capsys, *words, "--valid-from", "2026-01-01", "--version", "7")
        assert read_policy_file(out).declaration.version == "7"


def test_files_that_cannot_be_imported_are_told(capsys: Printed, tmp_path: Path) -> None:
    out = ["--out", str(tmp_path / "p.yaml")]
    for name, text, message in (
        ("gone.json", None, "There is no such file. Check its name."),
        ("x.txt", "", "The name does not say which format this is. Name a file that ends in one "
                      "of .json, .dmn, .xml."),
    ):  # fmt: skip
        path = tmp_path / name
        if text is not None:
            path.write_text(text)
        assert refused(capsys, "import", str(path), *out) == [f"error: {path}: {message}"]
    (tmp_path / "x.json").write_text("{}")
    assert refused(capsys, "import", str(tmp_path / "x.json"), *out) == [
        "error: x.json: The file is no JDM graph: JSON with a list `nodes`. Export it again."
    ]


def test_a_policy_is_taken_into_force_and_its_history_told(capsys: Printed, tmp_path: Path) -> None:
    folder = ["--registry", str(tmp_path / "registry")]

    def advance(to: str, who: str, at: str, *more: str) -> list[str]:
        words = ("--to", to, "--who", who, "--why", "new caps", "--at", at)
        return printed(capsys, "advance", str(EXAMPLE), *words, *folder, *more).splitlines()

    nothing = (
        "small_business: no version is in force at 2026-03-01T00:00:00+00:00; nothing is decided."
    )
    assert advance("draft", "Li", "2026-03-01") == ["small_business 2026-01 is draft.", nothing]
    advance("checked", "Li", "2026-03-01")
    advance("shadow", "Li", "2026-03-02T09:00:00Z")
    assert advance("live", "Li", "2026-03-03T09:00:00+08:00")[0] == (
        "small_business 2026-01 waits: 1 of 2 persons have said that it goes live."
    )
    assert advance("live", "Wang", "2026-03-04T09:00:00Z") == [
        "small_business 2026-01 is live.",
        "small_business at 2026-03-04T09:00:00+00:00: 2026-01 is in force.",
    ]
    history = printed(capsys, "history", *folder, "--at", "2026-03-04").splitlines()
    assert history[0] == "2026-03-01 00:00  small_business 2026-01: draft, says Li: new caps"
    assert history[3] == "2026-03-03 01:00  small_business 2026-01: live, says Li: new caps"
    assert history[-1].startswith("small_business: no version is in force at 2026-03-04T00:00:00")
    newer = tmp_path / "newer.yaml"
    newer.write_text(EXAMPLE.read_text("utf-8").replace('version: "2026-01"', 'version: "b"'))
    for to, more in (("draft", []), ("checked", []), ("shadow", []),
                     ("challenger", ["--share", "0.1", "--experiment", "spring"])):  # fmt: skip
        words = ["--to", to, "--who", "Li", "--why", "try", "--at", "2026-03-05", *more]
        shown = printed(capsys, "advance", str(newer), *words, *folder)
    assert shown.splitlines()[-1] == (
        "small_business at 2026-03-05T00:00:00+00:00: 2026-01 is in force, b challenges it on 10 % "
        "(spring)."
    )
    last = printed(capsys, "history", *folder).splitlines()
    assert "small_business b: challenger on 10 % (spring), says Li: try" in last[-2]


def test_a_step_that_may_not_be_is_told(capsys: Printed, tmp_path: Path) -> None:
    folder = ["--registry", str(tmp_path / "registry")]
    step = ["--to", "live", "--who", "Li", "--why", "so"]
    assert refused(capsys, "advance", str(EXAMPLE), *step, "--at", "2026-03-01", *folder) == [
        "error: --to: small_business 2026-01 is not known here, so it cannot become live. It may "
        "become draft."
    ]
    assert refused(capsys, "advance", str(EXAMPLE), *step, "--at", "soon", *folder) == [
        "error: --at: 'soon' is no moment. Write it like 2026-03-01T09:00:00Z."
    ]
    zoneless = ["--at", "2026-03-01T09:00:00"]
    assert refused(capsys, "advance", str(EXAMPLE), *step, *zoneless, *folder) == [
        "error: --at: 2026-03-01T09:00:00 names no time zone. Write it like 2026-03-01T09:00:00Z."
    ]
    nowhere = ["--registry", str(tmp_path / "nowhere")]
    assert refused(capsys, "history", *nowhere) == [
        f"error: {tmp_path / 'nowhere'}: There is no registry of policies. `tradeline policy "
        "advance` begins one."
    ]
