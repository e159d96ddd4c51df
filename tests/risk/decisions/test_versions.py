"""The parts of an engine stand in a record by their hashes; records of before have none."""

import json
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest

from tests.risk.decisions.made import ROOT
from tradeline.cli.main import main
from tradeline.kernel.chain import BEGINNING, chained_line
from tradeline.kernel.findings import InputProblem
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.engine_file import read_engine
from tradeline.risk.decisions.log import read_log
from tradeline.risk.decisions.versions import NOT_RECORDED, Versions, parts_changed
from tradeline.risk.modelling.artifact import model_hash, read_model
from tradeline.risk.policy.reading import read_declaration
from tradeline.risk.policy.registry import version_of

ON = date(2026, 6, 30)
BEFORE = Path(__file__).parent / "log_of_format_1"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in ("decide", "policy", "lenders"):
        copytree(ROOT / "examples" / part, tmp_path / part)
    return tmp_path / "decide"


def read(folder: Path) -> Engine:
    return read_engine(folder / "engine.yaml", ON)


def test_each_part_bears_the_name_that_its_registry_gives_it(folder: Path) -> None:
    found = read(folder).versions
    assert found.model == model_hash(read_model(folder / "model.json"))
    policy = version_of(read_declaration(folder.parent / "policy" / "small_business.yaml"))
    assert (found.policy, found.policy_version) == (policy.hash, policy.version)
    assert found.terms.startswith("sha256:")
    assert found.hazard == ""


@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    [
        ("policy/small_business.yaml", '"> 30"', '"> 31"', ("policy",)),
        ("lenders/harbour_bank.yaml", "month: 4}", "month: 5}", ("terms",)),
        ("decide/engine.yaml", "max_age_days: 92", "max_age_days: 91", ()),
    ],
)  # fmt: skip
def test_another_part_changes_its_own_hash_and_that_of_the_engine(
    folder: Path, file: str, old: str, new: str, changed: tuple[str, ...]
) -> None:
    before, path = read(folder), folder.parent / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    after = read(folder)
    assert before.hash != after.hash
    assert parts_changed(before.versions, after.versions) == changed


def test_of_what_is_not_recorded_nothing_is_said_to_differ() -> None:
    assert parts_changed(NOT_RECORDED, Versions(model="sha256:a")) == ()


def test_a_log_and_its_records_name_the_parts(folder: Path, capsys: Capture) -> None:
    words = ["decide", folder / "engine.yaml", "--applications", folder / "applications.csv",
             "--log", folder / "log", "--at", "2026-06-30T12:00"]  # fmt: skip
    assert main(list(map(str, words))) == 0
    (entry,) = read_log(folder / "log")
    assert entry.versions == read(folder).versions
    capsys.readouterr()
    assert main(["decisions", "list", str(folder / "log")]) == 0
    heading, row = capsys.readouterr().out.splitlines()
    assert heading.split() == ["batch", "moment", "decisions", "engine", "model", "policy", "terms"]
    assert row.split()[4:] == [
        entry.versions.model[:15], entry.versions.policy[:15], entry.versions.terms[:15]
    ]  # fmt: skip
    assert main(["decisions", "show", str(folder / "log"), "app_003"]) == 0
    assert (
        f"\nDecided by the model {entry.versions.model}, the policy 2026-01 "
        f"{entry.versions.policy}, the terms {entry.versions.terms}.\n"
    ) in capsys.readouterr().out
    main(["decisions", "show", str(folder / "log"), "app_003", "--format", "json"])
    assert json.loads(capsys.readouterr().out)["versions"] == entry.versions.content


def test_a_log_of_before_is_listed_shown_verified_and_replayed(
    tmp_path: Path, capsys: Capture
) -> None:
    log = copytree(BEFORE, tmp_path / "log")
    (entry,) = read_log(log)
    assert entry.versions == NOT_RECORDED
    assert main(["decisions", "list", str(log)]) == 0
    assert capsys.readouterr().out.endswith(
        "sha256:498f8a8c  -                -                -\n"
    )
    assert main(["decisions", "replay", str(log)]) == 0
    assert "10 decisions replayed, 10 equal to the bit, 0 otherwise." in capsys.readouterr().out
    assert main(["decisions", "verify", str(log)]) == 0
    assert main(["decisions", "show", str(log), "app_003"]) == 0


def test_a_log_of_before_is_added_to_and_both_forms_are_read(
    tmp_path: Path, folder: Path, capsys: Capture
) -> None:
    log = copytree(BEFORE, tmp_path / "log")
    words = ["decide", folder / "engine.yaml", "--applications", folder / "applications.csv",
             "--log", log, "--at", "2026-06-30T12:00"]  # fmt: skip
    assert main(list(map(str, words))) == 0
    assert [entry.versions != NOT_RECORDED for entry in read_log(log)] == [False, True]
    assert main(["decisions", "replay", str(log)]) == 0
    assert "50 equal to the bit, 0 otherwise" in capsys.readouterr().out


def test_an_entry_of_a_form_to_come_is_refused(tmp_path: Path) -> None:
    log = copytree(BEFORE, tmp_path / "log")
    path = log / "log" / "00000001.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["hash"]
    newer = chained_line(BEGINNING, 1, content | {"format": "tradeline-decisions/3"})
    path.write_text(newer, encoding="utf-8")
    with pytest.raises(InputProblem) as refused:
        read_log(log)
    assert str(refused.value) == (
        "error: log line 1: The entry has the format tradeline-decisions/3, which this version "
        "does not know. Read the log by the version that wrote it, or a later one."
    )
