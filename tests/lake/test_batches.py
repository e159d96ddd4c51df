"""A batch is landed once; a row is told once; a correction appends."""

from pathlib import Path

import pytest

from tests.lake.lakes import (
    FAR,
    HEADER,
    answers,
    day,
    land_orders,
    new_lake,
    order_line,
    orders_mapping,
    write_orders,
)
from tradeline.kernel.findings import InputProblem
from tradeline.lake.folders import land_folder
from tradeline.lake.log import Told
from tradeline.lake.mapping import parse_mapping
from tradeline.lake.records import Assurance
from tradeline.lake.store import open_lake

FIRST = ("E1", "1", 100, 1, 2)
SECOND = ("E2", "1", 200, 1, 2)


def test_the_same_batch_landed_twice_changes_nothing(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    first = land_orders(root, [FIRST, SECOND])
    before = sorted(path for path in root.rglob("*"))
    again = land_orders(root, [FIRST, SECOND])
    assert (first.again, again.again, again.entry) == (False, True, first.entry)
    assert sorted(path for path in root.rglob("*")) == before
    assert again.record.id == first.record.id == f"shop-{first.record.content_hash[7:23]}"


def test_a_batch_id_with_other_content_is_refused_with_both_hashes(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    first = land_orders(root, [FIRST], batch="monday")
    with pytest.raises(InputProblem) as refusal:
        land_orders(root, [SECOND], batch="monday")
    (finding,) = refusal.value.findings
    assert finding.code == "other-content"
    start = f"This batch was landed as entry 1 with content {first.record.content_hash}; now its"
    assert finding.message.startswith(f"{start} content is sha256:")
    assert "Give new content a batch id of its own" in finding.remedy
    assert answers(root) == [("E1", "1", 100)]


def test_the_same_row_in_a_later_batch_is_not_told_twice(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_orders(root, [FIRST])
    later = land_orders(root, [FIRST, SECOND])
    assert later.record.told == {"orders": Told(new=1, revisions=0, repeated=1)}
    assert answers(root) == [("E1", "1", 100), ("E2", "1", 200)]


def test_a_row_said_again_later_keeps_the_moment_at_which_it_was_first_known(
    tmp_path: Path,
) -> None:
    root = new_lake(tmp_path)
    land_orders(root, [FIRST])
    assert land_orders(root, [("E1", "1", 100, 1, 9)]).record.told["orders"].repeated == 1
    assert answers(root, known_at=day(2)) == [("E1", "1", 100)]


def test_a_correction_appends_and_the_old_row_is_still_read_as_known_before(
    tmp_path: Path,
) -> None:
    root = new_lake(tmp_path)
    land_orders(root, [FIRST])
    told = land_orders(root, [("E1", "1", 150, 1, 5)]).record.told
    assert told == {"orders": Told(new=0, revisions=1, repeated=0)}
    assert answers(root, known_at=day(1)) == []
    assert answers(root, known_at=day(4)) == [("E1", "1", 100)]
    assert answers(root, known_at=day(5)) == [("E1", "1", 150)]


def test_a_correction_can_be_taken_back(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    for gross, recorded in ((100, 2), (150, 5), (100, 8)):
        land_orders(root, [("E1", "1", gross, 1, recorded)])
    found = [answers(root, known_at=day(number))[0][2] for number in (2, 5, 8)]
    assert found == [100, 150, 100]


def test_what_occurs_later_by_correction_is_not_seen_as_of_before(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_orders(root, [FIRST])
    land_orders(root, [("E1", "1", 100, 4, 5)])
    assert answers(root, as_of=day(3), known_at=day(4)) == [("E1", "1", 100)]
    assert answers(root, as_of=day(3), known_at=day(5)) == []


def test_a_correction_that_is_not_recorded_later_is_kept_and_said(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_orders(root, [FIRST])
    findings = land_orders(root, [("E1", "1", 150, 1, 2)]).findings
    assert findings[-1].line() == (
        "warning: orders: 1 rows correct earlier ones but are not recorded after them. They are "
        "kept and count from the moment they state; a read up to an earlier entry of the log "
        "still gives the old ones."
    )
    assert answers(root, known_at=day(2)) == [("E1", "1", 150)]
    assert answers(root, known_at=day(2), entry=1) == [("E1", "1", 100)]


def test_the_stronger_source_counts_whoever_speaks_last(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_orders(root, [FIRST], source="tax", assurance=Assurance.AUTHORITY_VERIFIED)
    land_orders(root, [("E1", "1", 999, 1, 7)], source="firm", assurance=Assurance.SELF_DECLARED)
    assert answers(root) == [("E1", "1", 100)]
    told = (
        open_lake(root)
        .connect(FAR, FAR)
        .execute("SELECT source, assurance, gross_minor, revision FROM told_orders ORDER BY entry")
    )
    assert told.fetchall() == [
        ("tax", "authority-verified", 10_000, False),
        ("firm", "self-declared", 99_900, True),
    ]


def test_a_source_keeps_its_assurance(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_orders(root, [FIRST], batch="a")
    with pytest.raises(InputProblem) as refusal:
        land_orders(root, [SECOND], assurance=Assurance.AUTHORITY_VERIFIED)
    assert refusal.value.findings[0].message == (
        "The source is platform-observed in batch a, and authority-verified is stated now."
    )


@pytest.mark.parametrize("name", ["", " a", "a\nb", "x" * 200])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    root = new_lake(tmp_path)
    with pytest.raises(InputProblem, match="is no name for a source"):
        land_orders(root, [FIRST], source=name)
    with pytest.raises(InputProblem, match="is no name for a batch"):
        land_orders(root, [FIRST], batch=name)


def test_names_with_quotes_are_kept_as_they_are(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_orders(root, [FIRST], source="O'Neill; --", batch="it's")
    rows = open_lake(root).connect(FAR, FAR).execute("SELECT source, batch FROM told_orders")
    assert rows.fetchall() == [("O'Neill; --", "it's")]


def test_refused_rows_are_kept_with_their_batch_and_clock(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    folder = write_orders(tmp_path / "folder", [FIRST])
    lines = [HEADER, order_line(FIRST), "E3,1,B1,much,placed,2024-01-01,2024-01-02"]
    (folder / "orders.csv").write_text("\n".join(lines), encoding="utf-8")
    landed = land_folder(
        root, folder, orders_mapping(), "shop", Assurance.PLATFORM_OBSERVED, lambda _: None, "b"
    )
    assert landed.record.refused == 1
    query = "SELECT source, batch, file, file_row, code, reason FROM refused"
    lake = open_lake(root)
    assert lake.connect(FAR, day(2)).execute(query).fetchall() == [
        ("shop", "b", "orders.csv", 3, "bad-value", "The gross much is not an amount.")
    ]
    assert lake.connect(FAR, day(0)).execute(query).fetchall() == []


def land_firms(root: Path, learned_at: int | None = None, **names: str) -> None:
    folder = root.parent / "firms"
    folder.mkdir(exist_ok=True)
    lines = ["enterprise,name", *(f"{firm},{name}" for firm, name in names.items())]
    (folder / "firms.csv").write_text("\n".join(lines), encoding="utf-8")
    columns = {"enterprise": "enterprise", "name": "name"}
    source = {"file": "firms.csv", "contract": "enterprises", "columns": columns}
    land_folder(
        root,
        folder,
        parse_mapping({"sources": [source]}, "m"),
        "registry",
        Assurance.AUTHORITY_VERIFIED,
        lambda _: None,
        learned_at=None if learned_at is None else day(learned_at),
    )


def test_rows_without_clocks_need_a_moment(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    with pytest.raises(InputProblem) as refusal:
        land_firms(root, E1="one")
    assert str(refusal.value) == (
        "error: enterprises: Nothing says when these rows were learned: neither they nor others "
        "carry a clock. State it: --learned-at 2024-12-31."
    )
    assert open_lake(root).entries == ()


def test_rows_without_clocks_have_those_of_their_batch(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_firms(root, 3, E1="one")
    land_firms(root, 6, E1="another")
    lake, query = open_lake(root), "SELECT name FROM enterprises"
    named = [lake.connect(day(0), day(n)).execute(query).fetchall() for n in (2, 3, 6)]
    assert named == [[], [("one",)], [("another",)]]
