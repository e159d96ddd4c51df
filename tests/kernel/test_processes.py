"""Work in processes comes back in order, and nobody goes on working for a parent that is gone."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tradeline.kernel.processes import mapped

# One worker soon has nothing to do, the other works for long.
PARENT = """
import time
from tradeline.kernel.processes import mapped

def work(seconds):
    print("working", flush=True)
    time.sleep(seconds)

if __name__ == "__main__":
    list(mapped(work, [0.01, 600], 2))
"""


@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_made_in_processes_comes_in_the_order_of_the_things(processes: int) -> None:
    assert list(mapped(abs, [-3, 2, -1], processes)) == [3, 2, 1]


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    own = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, script], env=own, stdout=subprocess.PIPE, start_new_session=True
    ) as parent:
        assert parent.stdout
        try:
            assert [parent.stdout.readline() for _ in range(2)] == [b"working\n"] * 2
            parent.send_signal(signal.SIGKILL)
            # Workers hold the same output: it ends when the last of them has.
            parent.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(parent.pid, signal.SIGKILL)
            raise
