"""What gives dictionaries as a source: a dlt resource, a list, a function that takes a mark."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow
import pytest

from tests.conformance.worlds import as_record, mapping
from tests.lake.lakes import FAR, answers, new_lake
from tradeline.lake.records import Assurance
from tradeline.lake.sources.dlt import Make, Resource
from tradeline.lake.sources.high_water import Mark
from tradeline.lake.sources.pulling import Pulled, pull_source
from tradeline.lake.store import open_lake

NOW = datetime(2025, 1, 1, tzinfo=UTC)


def record(number: int, gross: int | None = None) -> dict[str, Any]:
    order = ("E1", str(number), gross or number, number, number)
    return as_record(order) | {"changed": f"2024-03-{number:02d}T00:00:00Z"}


def pull(root: Path, make: Make, mark: str | None = None, rows: int = 3) -> Pulled:
    source = Resource(
        "shop", mapping("orders"), make, lambda: NOW, mark, timedelta(hours=1), rows=rows
    )
    return pull_source(root, source, Assurance.PLATFORM_OBSERVED, lambda _: None, lambda _: None)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return new_lake(tmp_path)


def test_with_a_mark_only_what_is_new_is_asked_for(root: Path) -> None:
    asked: list[Mark | None] = []
    told = [record(1), record(2)]

    def make(_: str, since: Mark | None) -> Iterable[object]:
        asked.append(since)
        return told

    assert pull(root, make, "changed").counts["new"] == 2
    told.append(record(3))
    assert pull(root, make, "changed").counts == {"batches": 1, "new": 1, "revisions": 0,
                                                  "repeated": 0, "refused": 0}  # fmt: skip
    day = datetime(2024, 3, 2, tzinfo=UTC)
    assert asked == [None, day - timedelta(hours=1), day]


def test_without_a_mark_what_changed_is_found(root: Path) -> None:
    told = [record(number) for number in range(1, 8)]
    assert pull(root, lambda *_: told).counts["batches"] == 3
    told[0] = record(1) | {"gross": "99", "recorded_at": "2024-03-09"}
    counts = pull(root, lambda *_: told).counts
    assert (counts["batches"], counts["revisions"], counts["repeated"]) == (1, 1, 2)
    assert pull(root, lambda *_: told).counts == {}
    assert answers(root)[0] == ("E1", "1", 99)


def test_a_value_that_came_back_is_news_again(root: Path) -> None:
    for gross, day in ((1, "02"), (9, "03"), (1, "04")):
        told = record(1) | {"gross": str(gross), "recorded_at": f"2024-03-{day}"}
        pull(root, lambda *_, told=told: [told])
    assert answers(root) == [("E1", "1", 1)]
    assert len(open_lake(root).entries) == 3


def test_lists_and_tables_are_gone_through(root: Path) -> None:
    table = pyarrow.Table.from_pylist([record(3)])
    assert pull(root, lambda *_: [[record(1), record(2)], table]).counts["new"] == 3


def test_records_out_of_the_order_of_their_mark_are_refused(root: Path) -> None:
    pulled = pull(root, lambda *_: [record(2), record(1)], "changed")
    assert pulled.broken
    assert (
        pulled.findings[0]
        .line()
        .endswith("Sort the records by the column that is followed, or follow none.")
    )


def test_values_of_all_kinds_become_text(root: Path) -> None:
    moment = datetime(2024, 1, 2, tzinfo=UTC)
    odd = record(1) | {"gross": 12.5, "counterparty": {"name": "张"}, "occurred_at": moment}
    broken = record(2) | {"counterparty": "half a pair \ud800"}
    assert pull(root, lambda *_: [odd, broken, None, 5]).counts["refused"] == 2
    query = "SELECT counterparty, gross_minor FROM orders ORDER BY ALL"
    rows = open_lake(root).connect(FAR, FAR).execute(query).fetchall()
    assert rows == [("half a pair \\ud800", 200), ('{"name": "张"}', 1250)]
