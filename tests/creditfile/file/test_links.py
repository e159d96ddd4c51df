"""A file is made of all that is one enterprise, and the lake keeps that it was shown."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import typst

from tests.creditfile.file.tellings import TERMS
from tests.lake.lakes import land_orders, new_lake
from tradeline.cli.main import main
from tradeline.creditfile.file import document
from tradeline.creditfile.file.contesting import answer, contest
from tradeline.creditfile.file.document import file_pdf
from tradeline.creditfile.file.page import file_page
from tradeline.creditfile.file.parts import FIGURES
from tradeline.creditfile.file.reckoning import Value, reckon
from tradeline.creditfile.file.record import SubjectFile, read_file
from tradeline.creditfile.file.shown import file_shown
from tradeline.creditfile.file.subject import Subject, of_lake
from tradeline.creditfile.file.tables import file_json, file_table
from tradeline.creditfile.linkage.links import (
    FOUND,
    JUDGED,
    Link,
    Relation,
    read_sayings,
    standing,
    tell_links,
)
from tradeline.creditfile.linkage.uses import read_uses
from tradeline.kernel.findings import InputProblem
from tradeline.lake.extracts import extracts
from tradeline.lake.own_records import tell
from tradeline.lake.reading import Moment
from tradeline.lake.records import Assurance
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


def file(root: Path, firm: str, day: datetime) -> SubjectFile:
    return read_file(subject(root, firm, day), TERMS)


def links(found: SubjectFile) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = file_table(found).get("links", [])
    return told


def orders(found: Subject) -> tuple[Value, ...]:
    return reckon(found, (FIGURES["orders_12m"],))["orders_12m"].values


def test_the_file_of_a_joined_enterprise_has_the_records_of_both_until_they_are_split(
    root: Path,
) -> None:
    for firm in ("E1", "E2"):
        joined = subject(root, firm, DAYS["joined"])
        assert joined.members.same == ("E1", "E2")
        assert joined.members.affiliated == ("E3",)
        assert orders(joined) == (Value("CNY", 130_00),)
    assert orders(subject(root, "E1", DAYS["before"])) == (Value("CNY", 100_00),)
    split = subject(root, "E1", DAYS["split"])
    assert (split.members.same, split.members.affiliated) == (("E1",), ())
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


def test_a_file_says_what_its_records_are_to_each_other_who_says_so_and_how_to_contest_it(
    root: Path,
) -> None:
    one, other = links(file(root, "E1", DAYS["joined"]))
    record = one["record"]
    assert record.startswith("links/")
    assert one == {
        "left": "E1", "right": "E2", "relation": "same", "probability": "1", "evidence": "asked",
        "basis": "judged", "by": "clerk", "assurance": "authority-verified",
        "occurred_at": "2024-02-10T00:00:00Z", "recorded_at": "2024-02-10T00:00:00Z",
        "in_file": True, "disputed": False, "record": record,
        "contest": f'tradeline file dispute E1 {record} --claim "what is right"',
    }  # fmt: skip
    assert (other["left"], other["right"], other["relation"]) == ("E2", "E3", "affiliated")
    assert not other["in_file"]


def test_a_split_says_who_and_when_and_what_was_known_before_is_shown_as_before(
    tmp_path: Path,
) -> None:
    lake = new_lake(tmp_path)
    land_orders(lake, [("E1", "1", 100, 1, 2), ("E2", "1", 30, 3, 4)])
    judge(lake, "E1", "E2", "same", JOINED)
    before = file(lake, "E1", DAYS["joined"])
    judge(lake, "E1", "E2", "different", SPLIT)
    again = file(lake, "E1", DAYS["joined"])
    assert file_json(again) == file_json(before)
    assert file_page(again, "lake") == file_page(before, "lake")
    (split,) = links(file(lake, "E1", DAYS["split"]))
    assert (split["relation"], split["by"], split["occurred_at"], split["in_file"]) == (
        "different", "clerk", "2024-03-10T00:00:00Z", False,
    )  # fmt: skip


def test_the_page_shows_a_join_and_later_its_split(root: Path) -> None:
    joined = file_page(file(root, "E1", DAYS["joined"]), "my lake")
    for words in ("the same enterprise; ", "the records of both are in this file", "asked",
                  "judged by clerk, 2024-02-10"):  # fmt: skip
        assert words in joined
    record = links(file(root, "E1", DAYS["joined"]))[0]["record"]
    assert f"tradeline file dispute E1 {record} --claim &#34;what is right&#34; --lake" in joined
    split = file_page(file(root, "E1", DAYS["split"]), "lake")
    assert "two different enterprises; " in split
    assert "the records of E2 are not in this file" in split
    assert "judged by clerk, 2024-03-10" in split
    assert "2024-03-10" not in joined


def test_the_document_shows_each_link_and_how_to_contest_it(root: Path) -> None:
    found = file(root, "E1", DAYS["joined"])
    assert file_pdf(found).startswith(b"%PDF-")
    content = {"file": json.dumps(document._content(file_shown(found)))}
    raw = json.loads(typst.query(document._template(), "raw", field="text", sys_inputs=content))
    for link in links(found):
        assert {link["left"], link["right"], link["record"], link["contest"]} <= set(raw)
    tables = typst.query(document._template(), "table", sys_inputs=content)
    assert "judged by clerk, 2024-02-10" in tables
    assert "the records of both are in this file" in tables


def test_a_file_that_no_link_names_is_as_it_was(root: Path) -> None:
    alone = file(root, "E1", DAYS["before"])
    assert "links" not in file_table(alone)
    assert "What is said of" not in file_page(alone, "lake")


def test_a_link_is_contested_by_its_id_and_marked_until_it_is_answered(root: Path) -> None:
    record = links(file(root, "E1", DAYS["joined"]))[0]["record"]
    said = contest(root, "E1", record, "we have two owners", datetime.fromisoformat("2024-02-21"))
    now = datetime.fromisoformat("2024-02-22")
    marked = file(root, "E1", now)
    assert [link["disputed"] for link in links(marked)] == [True, False]
    assert [dispute.fate for dispute in marked.disputes] == ["counts"]
    assert '<strong class="mark">disputed</strong>' in file_page(marked, "lake")
    assert not any(link["disputed"] for link in links(file(root, "E1", DAYS["joined"])))
    (done,) = file(root, "E1", DAYS["split"]).disputes
    assert done.fate == "superseded"
    answer(root, "E1", said.number, "upheld", "they were split", DAYS["split"])
    assert not any(link["disputed"] for link in links(file(root, "E1", DAYS["split"])))


def test_a_link_that_counts_no_more_or_is_of_others_cannot_be_contested(root: Path) -> None:
    joined, near = links(file(root, "E1", DAYS["joined"]))
    for link, words in ((joined, "Another record counts"), (near, "has no record or figure")):
        with pytest.raises(InputProblem, match=words):
            contest(root, "E1", link["record"], "wrong", DAYS["split"])


def test_what_another_source_gives_as_evidence_is_not_shown(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    land_orders(lake, [("E1", "1", 100, 1, 2)])
    found = [Link("E1", "E2", "namesake", 0.25, '{"name_brand":"equal, rare"}', "engine 1")]
    tell_links(lake, found, JOINED, FOUND)
    row = {"left_enterprise": "E3", "right_enterprise": "E1", "relation": "undecided",
           "probability": 0.5, "evidence": '{"phone":"13800138000"}', "made_by": "Mrs Secret",
           "occurred_at": JOINED, "recorded_at": JOINED}  # fmt: skip
    tell(lake, "links", [row], "bureau", Assurance.COUNTERPARTY_CONFIRMED)
    shown = file(lake, "E1", DAYS["joined"])
    assert [(link["left"], link["right"], link["evidence"], link["by"], link["basis"])
            for link in links(shown)] == [
        ("E1", "E2", "name brand: equal, rare", "engine 1", "found"),
        ("E1", "E3", "", "bureau", "told"),
    ]  # fmt: skip
    page = file_page(shown, "lake")
    assert "stays with its source" in page
    assert not any(secret in page + file_json(shown) for secret in ("13800138000", "Mrs Secret"))


def test_a_join_that_others_outweigh_says_so(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    land_orders(lake, [("E1", "1", 100, 1, 2)])
    judge(lake, "E1", "E3", "different", JOINED)
    same = [Link("E1", "E2", "same", 0.99, "{}", "p"), Link("E2", "E3", "same", 0.9, "{}", "p")]
    tell_links(lake, same, JOINED)
    page = file_page(file(lake, "E1", DAYS["joined"]), "lake")
    assert "other links hold them apart, so the records of E3 are not in this file" in page


def test_the_links_of_a_file_are_those_that_stand(root: Path) -> None:
    judge(root, "E1", "E3", "undecided", JOINED)
    for day in DAYS.values():
        known = standing(read_sayings(open_lake(root)), day).values()
        for firm in ("E1", "E2", "E3"):
            found = subject(root, firm, day).members
            expected = {(*s.pair, s.relation) for s in known if {*s.pair} & {*found.same}}
            assert {(*link.pair, link.relation) for link in found.links} == expected
