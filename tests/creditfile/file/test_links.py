"""A file is made of all that is one enterprise, and the lake keeps that it was shown."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from tests.lake.lakes import land_orders, new_lake
from tradeline.cli.main import main
from tradeline.creditfile.file.links import Members
from tradeline.creditfile.file.parts import FIGURES
from tradeline.creditfile.file.reckoning import Value, reckon
from tradeline.creditfile.file.subject import Subject, of_lake
from tradeline.creditfile.linkage.links import JUDGED, Link, Relation, tell_links
from tradeline.creditfile.linkage.uses import read_uses
from tradeline.lake.extracts import extracts
from tradeline.lake.reading import Moment
from tradeline.lake.store import open_lake

JOINED, SPLIT = datetime.fromisoformat("2024-02-10"), datetime.fromisoformat("2024-03-10")
DAYS = {
    "before": datetime.fromisoformat("2024-02-01"),
    "joined": datetime.fromisoformat("2024-02-20"),
    "split": datetime.fromisoformat("2024-04-01"),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three ids with an order each; two of them were joined in February and split in March."""
    lake = new_lake(tmp_path)
    land_orders(lake, [("E1", "1", 100, 1, 2), ("E2", "1", 30, 3, 4), ("E3", "1", 7, 5, 6)])
    judge(lake, "E1", "E2", "same", JOINED)
    judge(lake, "E2", "E3", "affiliated", JOINED)
    judge(lake, "E1", "E2", "different", SPLIT)
    return lake


def judge(lake: Path, left: str, right: str, relation: Relation, at: datetime) -> None:
    tell_links(lake, [Link(left, right, relation, 1.0, "asked", "clerk")], at, JUDGED)


def subject(root: Path, firm: str, day: datetime) -> Subject:
    return of_lake(extracts(open_lake(root)), firm, Moment(day, day))


def orders(found: Subject) -> tuple[Value, ...]:
    return reckon(found, (FIGURES["orders_12m"],))["orders_12m"].values


def test_the_file_of_a_joined_enterprise_has_the_records_of_both_until_they_are_split(
    root: Path,
) -> None:
    for firm in ("E1", "E2"):
        joined = subject(root, firm, DAYS["joined"])
        assert joined.members == Members(("E1", "E2"), affiliated=("E3",))
        assert orders(joined) == (Value("CNY", 130_00),)
    assert orders(subject(root, "E1", DAYS["before"])) == (Value("CNY", 100_00),)
    split = subject(root, "E1", DAYS["split"])
    assert split.members == Members(("E1",))
    assert orders(split) == (Value("CNY", 100_00),)
    assert orders(subject(root, "E3", DAYS["joined"])) == (Value("CNY", 7_00),)


def test_what_was_shown_of_a_linked_enterprise_is_kept_and_of_others_not(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--lake", str(root), "--as-of", "2024-02-20"]
    assert main(["file", "show", "E2", *words, "--format", "json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert (table["members"], table["affiliated"]) == (["E1", "E2"], ["E3"])
    assert main(["file", "rows", "E2", "orders_12m", *words, "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert sum(row["adds"] for row in rows) == 130_00
    uses = read_uses(open_lake(root), ["E2"])
    assert [(use.output.kind, use.members) for use in uses] == [("file", ("E1", "E2"))] * 2
    entries = len(open_lake(root).entries)
    assert main(["file", "show", "E3", *words, "--format", "json"]) == 0
    assert len(open_lake(root).entries) == entries
