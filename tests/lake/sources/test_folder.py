"""A folder as a source: when a file is taken, when it is left, and what is never opened."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.conformance.worlds import Stopped, mapping
from tests.lake.lakes import HEADER, Order, answers, day, new_lake, order_line
from tradeline.kernel.findings import Finding
from tradeline.lake.records import Assurance
from tradeline.lake.sources.arrivals import Arrivals
from tradeline.lake.sources.copying import Bounds
from tradeline.lake.sources.folder import Folder
from tradeline.lake.sources.pulling import Pulled, position_of, pull_source
from tradeline.lake.store import open_lake


class Incoming:
    """A folder, a lake, and what a pull of one into the other finds."""

    def __init__(self, outer: Path) -> None:
        self.folder, self.root = outer / "incoming", new_lake(outer)
        self.folder.mkdir()
        self.now = datetime(2025, 1, 1, tzinfo=UTC)

    def write(self, name: str, *orders: Order, seconds_ago: float = 60) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([HEADER, *map(order_line, orders)]), encoding="utf-8")
        self.now = datetime.fromtimestamp(path.stat().st_ctime, UTC) + timedelta(
            seconds=seconds_ago
        )
        return path

    def pull(self, pattern: str = "*.csv", bounds: Bounds | None = None) -> Pulled:
        arrivals = Arrivals("bank", mapping(pattern), lambda: self.now, 10, bounds or Bounds())
        source = Folder(self.folder, arrivals)
        return pull_source(
            self.root, source, Assurance.PLATFORM_OBSERVED, lambda _: None, lambda _: None
        )

    def found(self, pattern: str = "*.csv", bounds: Bounds | None = None) -> list[str]:
        return [finding.line() for finding in self.pull(pattern, bounds).findings]


@pytest.fixture
def incoming(tmp_path: Path) -> Incoming:
    return Incoming(tmp_path)


ORDER = ("E1", "1", 10, 1, 1)
NEXT = ("E1", "2", 20, 2, 2)


def test_a_file_is_left_until_it_is_quiet(incoming: Incoming) -> None:
    incoming.write("a.csv", ORDER, seconds_ago=9)
    assert incoming.found() == [
        "note: a.csv: The file has just changed, so it may not be whole; it is left for now. "
        "The next pull takes it once it is quiet."
    ]
    assert answers(incoming.root) == []
    incoming.now += timedelta(seconds=2)
    assert incoming.found() == []
    assert answers(incoming.root) == [("E1", "1", 10)]


def test_a_file_that_is_written_while_it_is_read_is_left(
    incoming: Incoming, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = incoming.write("a.csv", ORDER)
    look = Folder.look

    looks: list[str] = []

    def written(own: Folder, name: str) -> object:
        looks.append(name)
        if len(looks) == 2:
            with path.open("a", encoding="utf-8") as stream:
                stream.write("\n" + order_line(NEXT))
        return look(own, name)

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "look", written)
        assert "The file has just changed" in incoming.found()[0]
    assert answers(incoming.root) == []
    incoming.now += timedelta(hours=1)
    assert incoming.found() == []
    assert answers(incoming.root) == [("E1", "1", 10), ("E1", "2", 20)]


def test_other_content_under_a_known_name_is_a_batch_of_its_own(incoming: Incoming) -> None:
    incoming.write("a.csv", ORDER)
    incoming.pull()
    incoming.write("a.csv", ORDER, NEXT)
    assert incoming.pull().counts["repeated"] == 1
    incoming.write("a.csv", ORDER)
    assert incoming.pull().counts["batches"] == 1  # what it said at first is news again
    assert len(open_lake(incoming.root).entries) == 3


def test_a_file_that_did_not_change_is_not_opened(
    incoming: Incoming, monkeypatch: pytest.MonkeyPatch
) -> None:
    incoming.write("a.csv", ORDER)
    incoming.pull()

    def opened(own: Folder, name: str) -> None:
        raise AssertionError(name)

    monkeypatch.setattr(Folder, "open", opened)
    assert incoming.pull().counts == {}


def test_the_position_stands_in_the_log(incoming: Incoming) -> None:
    incoming.write("sub/a.csv", ORDER)
    incoming.pull()
    position = position_of(open_lake(incoming.root), "bank")
    assert list(position) == ["sub/a.csv"]
    assert position["sub/a.csv"].startswith("sha256:")


def test_links_hidden_files_and_what_nothing_maps_are_not_read(incoming: Incoming) -> None:
    outside = incoming.root.parent / "outside.csv"
    outside.write_text("\n".join([HEADER, order_line(ORDER)]), encoding="utf-8")
    (incoming.folder / "link.csv").symlink_to(outside)
    incoming.write(".hidden.csv", ORDER)
    incoming.write("read.me", ORDER)
    assert incoming.found() == [
        "warning: link.csv: This is a link, which may lead anywhere, so it is not read. "
        "Put the file itself into the folder.",
        "warning: read.me: No `file` of the mapping fits it, so it is not read. "
        "Map it, or take it out of there.",
    ]
    assert answers(incoming.root) == []


def test_a_pattern_with_a_slash_is_of_the_whole_name(incoming: Incoming) -> None:
    incoming.write("2024/a.csv", ORDER)
    incoming.write("2023/a.csv", NEXT)
    incoming.pull("2024/*.csv")
    assert answers(incoming.root) == [("E1", "1", 10)]


def test_a_file_that_is_broken_stops_no_other_and_is_said_each_time(incoming: Incoming) -> None:
    incoming.write("a.csv", ORDER)
    (incoming.folder / "b.csv").write_text("no,such\n1,2\n", encoding="utf-8")
    incoming.write("c.csv", NEXT)
    for _ in range(2):
        pulled = incoming.pull()
        assert {finding.code for finding in pulled.findings} == {"missing-column"}
        assert not pulled.broken
    assert answers(incoming.root) == [("E1", "1", 10), ("E1", "2", 20)]


def test_a_file_of_one_endless_line_is_refused(incoming: Incoming) -> None:
    (incoming.folder / "a.csv").write_bytes(HEADER.encode() + b"\n" + b"x" * 5_000)
    incoming.now = datetime(2030, 1, 1, tzinfo=UTC)
    assert incoming.found(bounds=Bounds(line_bytes=4_000)) == [
        "error: a.csv: A line of the file is longer than 4,000 bytes. Send one record in each "
        "line; if the lines are right, raise `line_bytes` under `bounds`."
    ]


def test_a_workbook_that_is_a_bomb_is_refused(incoming: Incoming) -> None:
    with ZipFile(incoming.folder / "a.xlsx", "w", 8) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"0" * 6_000_000)
    incoming.now = datetime(2030, 1, 1, tzinfo=UTC)
    (line,) = incoming.found("*.xlsx", Bounds(ratio=2))
    assert "a.xlsx: Unpacked it comes to more than 4,194,304 bytes." in line


def archive(incoming: Incoming, *names: str) -> None:
    with ZipFile(incoming.folder / "all.zip", "w") as content:
        for number, name in enumerate(names):
            order = ("E1", str(number), number, 1, 1)
            content.writestr(name, "\n".join([HEADER, order_line(order)]))
    incoming.now = datetime(2030, 1, 1, tzinfo=UTC)


def test_each_file_of_an_archive_is_a_batch_and_the_archive_is_read_once(
    incoming: Incoming, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive(incoming, "a.csv", "b/c.csv", "read.me")
    pulled = incoming.pull()
    assert pulled.counts["batches"] == 2
    assert [finding.where for finding in pulled.findings] == ["all.zip/read.me"]
    query = "SELECT DISTINCT source_file FROM told_orders ORDER BY ALL"
    moment = datetime(2100, 1, 1)  # noqa: DTZ001
    rows = open_lake(incoming.root).connect(moment, moment).execute(query).fetchall()
    assert rows == [("all.zip/a.csv",), ("all.zip/b/c.csv",)]
    monkeypatch.setattr(Folder, "open", None)
    assert incoming.pull().counts == {}


def test_an_archive_goes_on_after_a_stop(incoming: Incoming) -> None:
    archive(incoming, "a.csv", "b.csv", "c.csv")
    arrivals = Arrivals("bank", mapping("*.csv"), lambda: incoming.now)

    def stop(line: str) -> None:
        if ": batch 2" in line:
            raise Stopped

    with pytest.raises(Stopped):
        pull_source(
            incoming.root, Folder(incoming.folder, arrivals), Assurance.PLATFORM_OBSERVED, stop,
            lambda _: None,
        )  # fmt: skip
    assert incoming.pull().counts["batches"] == 1
    assert len(answers(incoming.root)) == 3


def test_nothing_is_left_in_the_folder_for_temporary_files(
    incoming: Incoming, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "temporary"
    own.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(own))
    archive(incoming, "a.csv", "../b.csv")
    incoming.write("c.csv", ORDER)
    incoming.pull()
    assert list(own.iterdir()) == []


def test_a_name_that_cannot_be_shown_is_refused(incoming: Incoming) -> None:
    incoming.write("a\u202e.csv", ORDER)
    assert incoming.found() == [
        "error: 'a\\u202e.csv': The name holds signs that cannot be shown, so the file is not "
        "read. Rename it."
    ]


def test_a_folder_that_may_not_be_read_is_said(incoming: Incoming) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    incoming.folder.chmod(0)
    pulled = incoming.pull()
    assert isinstance(pulled.findings[0], Finding)
    assert "It cannot be read (Permission denied)." in pulled.findings[0].line()


def test_a_file_that_no_longer_names_zones_is_refused_and_the_lake_stays(
    incoming: Incoming,
) -> None:
    clock = f"{day(1):%Y-%m-%dT%H:%M:%S}"
    zoned, plain = (f"E1,{n},placed,CNY,5,B,{clock}{z},{clock}{z}" for n, z in ((1, "Z"), (2, "")))
    header = "enterprise,order_no,status,currency,gross,counterparty,occurred_at,recorded_at"
    for name, line in (("a.csv", zoned), ("b.csv", plain)):
        path = incoming.write(name)
        path.write_text(f"{header}\n{line}", encoding="utf-8")
        incoming.now = datetime.fromtimestamp(path.stat().st_ctime, UTC) + timedelta(seconds=60)
        found = incoming.found()
    assert [line.partition(" It was")[0] for line in found if line.startswith("error")] == [
        "error: orders.occurred_at:", "error: orders.recorded_at:",
    ]  # fmt: skip
    assert answers(incoming.root) == [("E1", "1", 5)]
