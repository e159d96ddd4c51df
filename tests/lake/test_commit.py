"""A batch lands whole or not at all: under kill -9, without room on the disk, beside others."""

import fcntl
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from tests.lake.killed_writer import orders_of
from tests.lake.kills import REPOSITORY, check_lake, kill_a_writer
from tests.lake.lakes import answers, land_orders, new_lake
from tradeline.kernel.findings import InputProblem
from tradeline.lake import commit
from tradeline.lake.log import entry_path
from tradeline.lake.store import open_lake, sweep

KILLS = 12
ORDER = ("E1", "1", 100, 1, 2)
NO_ROOM = """
import resource, sys
from pathlib import Path
import duckdb
from tests.lake.lakes import *
from tradeline.lake.landing import land
root, room = Path(sys.argv[1]), int(sys.argv[2])
folder = write_orders(root.parent / "incoming", [("E1", str(n), n, 1, 2) for n in range(20)])
if sys.argv[3] == "landing":
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    land_folder(root, folder, orders_mapping(), "shop", Assurance.PLATFORM_OBSERVED, print)
tables = land(duckdb.connect(), folder, orders_mapping(), print).connection
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
tell_orders(tables, root, [("E1", "7", 7, 1, 2)], "b", "shop", Assurance.PLATFORM_OBSERVED)
"""


@pytest.mark.long
def test_a_killed_writer_leaves_a_whole_lake_with_the_batches_that_were_committed(
    tmp_path: Path,
) -> None:
    root = new_lake(tmp_path)
    generator = np.random.default_rng(7)
    held: list[int] = []
    killed = 0
    for _ in range(KILLS):
        writer = kill_a_writer(root, generator)
        killed += writer.by_signal
        before, held = held, check_lake(root)
        assert set(before) | set(writer.landed) <= set(held)
        assert len(held) <= max(len(before), len(writer.landed)) + 1
    assert killed == KILLS
    assert held
    land_orders(root, orders_of(len(held)), f"batch {len(held)}")
    sweep(root, lambda _: None)
    named = {root / file.path for file in open_lake(root).files}
    assert set((root / "data").rglob("*.parquet")) == named
    assert list((root / "staging").iterdir()) == []
    check_lake(root)


def without_room(root: Path, room: int, what: str) -> str:
    """What a writer says who may write files of so many bytes."""
    command = [sys.executable, "-c", NO_ROOM, str(root), str(room), what]
    done = subprocess.run(command, cwd=REPOSITORY, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    return done.stderr


@pytest.mark.parametrize("room", [0, 1_000, 2_000])
def test_a_full_disk_is_said_and_the_lake_is_as_before(tmp_path: Path, room: int) -> None:
    root = new_lake(tmp_path)
    land_orders(root, [ORDER])
    said = without_room(root, room, "writing")
    assert f"error: {root}: The lake could not be written and stands as before: " in said
    assert "Make room on the disk or mend it, then run the command again." in said
    assert answers(root) == [("E1", "1", 100)]
    assert list((root / "staging").iterdir()) == []
    assert land_orders(root, [ORDER, ("E1", "2", 5, 1, 2)]).entry == 2


def test_a_disk_that_is_full_while_a_folder_is_read_is_said(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    said = without_room(root, 0, "landing")
    assert "incoming: The folder could not be read, nothing was landed: " in said
    assert open_lake(root).entries == ()


def test_a_writer_waits_for_the_one_before(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    lines: list[str] = []
    with (root / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = threading.Event()

        def say(line: str) -> None:
            lines.append(line)
            waiting.set()

        second = threading.Thread(target=sweep, args=(root, say))
        second.start()
        assert waiting.wait(10)
        assert second.is_alive()
    second.join(10)
    assert not second.is_alive()
    assert lines == ["waiting for another writer of this lake"]


def test_writers_at_once_land_both_batches(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    code = (
        "import sys; from pathlib import Path; from tests.lake.lakes import *; "
        "r = Path(sys.argv[1]); n = sys.argv[2]; m = orders_mapping(); "
        "f = write_orders(r.parent / n, [('E' + n, '1', 1, 1, 2)]); "
        "[land_folder(r, f, m, 's', Assurance.SELF_DECLARED, print, f'{n} {i}') for i in range(5)]"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", code, str(root), name], cwd=REPOSITORY)
        for name in ("a", "b")
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    ids = {entry.batch.id for entry in open_lake(root).entries if entry.batch}
    assert ids == {f"{name} {number}" for name in ("a", "b") for number in range(5)}
    assert answers(root) == [("Ea", "1", 1), ("Eb", "1", 1)]


def test_a_writer_whom_no_lock_kept_away_loses_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = new_lake(tmp_path)
    write = commit.write_new

    def write_second(folder: Path, text: str, target: Path) -> None:
        monkeypatch.setattr(commit, "write_new", write)
        write(folder, "the other's entry", target)
        write(folder, text, target)

    monkeypatch.setattr(commit, "write_new", write_second)
    with pytest.raises(InputProblem) as refusal:
        land_orders(root, [ORDER])
    assert str(refusal.value) == (
        "error: 00000001.json: Another writer came first; nothing of this was written. "
        "Run the command again."
    )
    assert entry_path(root, 1).read_text("utf-8") == "the other's entry"


def test_what_a_killed_writer_left_is_not_read_and_goes_with_the_next_writer(
    tmp_path: Path,
) -> None:
    root = new_lake(tmp_path)
    land_orders(root, [ORDER])
    (file,) = open_lake(root).files
    left = (root / file.path).with_name("00000002-00000000.parquet")
    left.write_bytes((root / file.path).read_bytes())
    aside = root / "staging" / "tmp1"
    aside.mkdir()
    (aside / "orders-0.parquet").write_bytes(b"half")
    assert answers(root) == [("E1", "1", 100)]
    land_orders(root, [("E2", "2", 5, 1, 2)])
    assert not left.exists()
    assert list((root / "staging").iterdir()) == []
