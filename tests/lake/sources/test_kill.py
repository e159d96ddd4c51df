"""kill -9 during a pull, then a pull again: nothing is lost and nothing is doubled."""

from pathlib import Path

import numpy as np
import pytest

from tests.lake.killed_puller import make_world, pull
from tests.lake.pull_kills import check_pulled, kill_a_pull, told, whole
from tradeline.lake.store import open_lake

KILLS = 8


@pytest.mark.long
def test_a_killed_pull_goes_on_where_it_was(tmp_path: Path) -> None:
    make_world(tmp_path)
    generator = np.random.default_rng(3)
    killed, held = 0, 0
    for _ in range(KILLS):
        killed += kill_a_pull(tmp_path, generator)
        before, held = held, check_pulled(tmp_path)
        assert held >= before
    assert killed > 0
    pull(tmp_path)
    assert told(tmp_path) == whole()
    entries = open_lake(tmp_path / "lake").entries
    pull(tmp_path)
    assert open_lake(tmp_path / "lake").entries == entries
