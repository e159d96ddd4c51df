"""Killed at any call that touches the disk, an erasure is done or not, and never half claimed."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.lake.erasure_kills import check_erased, kill_an_eraser
from tests.lake.lakes import new_lake
from tests.lake.persons import forget, tell
from tradeline.lake.key_files import leftovers
from tradeline.lake.store import open_lake
from tradeline.lake.verification import verify

KILLS = 6
LAST_CALL = 60


@pytest.mark.long
def test_a_killed_eraser_leaves_what_the_log_says(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    tell(root, "batch 0", enterprises=[{"enterprise": "E0", "name": "Person 0"}])
    generator = np.random.default_rng(11)
    claimed: set[int] = set()
    for _ in range(KILLS):
        killed = kill_an_eraser(root, int(generator.integers(1, LAST_CALL)))
        assert killed.by_signal
        before = claimed
        claimed, _ = check_erased(root)
        assert before | set(killed.landed) <= claimed
    last = sum(entry.batch is not None for entry in open_lake(root).entries) - 1
    forget(root, f"E{last}", at=99)
    claimed, gone = check_erased(root)
    assert claimed == gone
    assert len(claimed) > 2
    assert leftovers(tmp_path / "lake.key.subjects") == ()


def test_an_erasure_that_was_cut_short_is_noted_and_finished_by_the_next_landing(
    tmp_path: Path,
) -> None:
    root = new_lake(tmp_path)
    firm = [{"enterprise": "E1", "name": "Zhang San"}]
    tell(root, "a", enterprises=firm)
    keys = open_lake(root).keys()
    keys.destroy([keys.pseudonym("enterprise:E1")], {"reason": "asked", "at": "2025-01-01"})
    (note,) = verify(root, lambda _: None).notes
    assert note.line() == (
        f"note: {root}.key.subjects: A process was killed while it wrote the keys; what it began "
        "is not finished. The next landing or erasure finishes it."
    )
    tell(root, "b", 5, enterprises=[{"enterprise": "E2", "name": "Li Si"}])
    kinds = [entry.kind for entry in open_lake(root).entries]
    assert kinds == ["landing", "erasure", "landing"]
    assert (verify(root, lambda _: None).erased, verify(root, lambda _: None).notes) == (1, ())
    ring = json.loads((tmp_path / "lake.key.subjects").read_text("ascii"))
    assert ring["pending"] == []


def test_an_erasure_that_was_told_but_not_settled_is_not_told_twice(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    tell(root, "a", enterprises=[{"enterprise": "E1", "name": "Zhang San"}])
    keys = open_lake(root).keys()
    act = {"reason": "asked", "at": "2024-04-10T00:00:00"}
    forget(root, "E1", reason=act["reason"])
    pseudonym = keys.pseudonym("enterprise:E1")
    again = open_lake(root).keys()
    again.pending.append({**act, "subjects": [pseudonym]})
    again.write()
    tell(root, "b", 5, enterprises=[{"enterprise": "E2", "name": "Li Si"}])
    kinds = [entry.kind for entry in open_lake(root).entries]
    assert kinds == ["landing", "erasure", "landing"]
