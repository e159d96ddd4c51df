"""Records that the platform makes itself stand in the lake like those of any source."""

from pathlib import Path

from tests.lake.lakes import FAR, answers, day, land_orders, new_lake
from tradeline.lake.own_records import tell
from tradeline.lake.records import Assurance, bucket_of
from tradeline.lake.store import open_lake
from tradeline.lake.verification import verify


def link(relation: str, on: int) -> dict[str, object]:
    return {
        "left_enterprise": "E1",
        "right_enterprise": "E2",
        "relation": relation,
        "probability": 1.0,
        "evidence": "it's told",
        "made_by": "a test",
        "occurred_at": day(on),
        "recorded_at": day(on),
    }


def test_they_are_told_once_corrected_later_and_verified(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    for rows in ([link("same", 1)], [link("same", 1)], [link("different", 2)]):
        landed = tell(root, "links", rows, "judgement", Assurance.AUTHORITY_VERIFIED)
    assert (landed.entry, landed.record.told["links"].revisions) == (2, 1)
    query = "SELECT relation, evidence, source_file, source_row FROM links"
    found = open_lake(root).connect(FAR, day(1)).execute(query).fetchall()
    assert found == [("same", "it's told", "judgement", 1)]
    assert verify(root, lambda _: None).bad is None


def test_a_read_of_a_few_firms_reads_only_their_files(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_orders(root, [(f"E{n}", "1", n + 1, 0, 0) for n in range(40)], "b1")
    land_orders(root, [("E3", "1", 90, 0, 5), ("it's", "1", 7, 0, 5)], "b2")
    lake, few = open_lake(root), ["E3", "it's", "nobody"]
    files = lake.files_of("orders", firms=few)
    assert {file.bucket for file in files} == {bucket_of(firm) for firm in few}
    assert len(files) < len(lake.files_of("orders"))
    query = "SELECT enterprise, gross_minor // 100 FROM orders ORDER BY ALL"
    connection = lake.connect(FAR, FAR, firms=few)
    assert connection.execute(query).fetchall() == [("E3", 90), ("it's", 7)]
    history = lake.history(only=["orders"], firms=few)
    assert history.execute(query).fetchall() == [("E3", 4), ("E3", 90), ("it's", 7)]
    assert lake.connect(FAR, FAR, firms=[]).execute(query).fetchall() == []
    assert len(answers(root)) == 41


def test_a_read_of_some_datasets_has_no_others(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    tell(root, "links", [link("same", 1)], "judgement", Assurance.AUTHORITY_VERIFIED)
    connection = open_lake(root).connect(FAR, FAR, only=["links", "refused"])
    views = "SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
    named = [name for (name,) in connection.execute(views).fetchall()]
    assert named == ["links", "refused", "told_links", "told_refused"]
