"""The processes of an embedded server, also those that a killed server left behind."""

import time
from contextlib import suppress

import psutil

PROGRAM = "postgres"
POLL_SECONDS = 0.02


def server_processes(mark: str) -> list[psutil.Process]:
    """The living processes whose title carries a server's mark, whoever their parent is now."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.name() == PROGRAM and any(mark in word for word in process.cmdline()):
                found.append(process)
    return found


def is_server(pid: int) -> bool:
    """Whether a process is a living PostgreSQL: numbers of processes are used again."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return bool(process.name() == PROGRAM and process.status() != psutil.STATUS_ZOMBIE)
    return False


def wait_until_gone(mark: str, seconds: float) -> bool:
    """Whether the last process of a server ended within so many seconds."""
    end = time.monotonic() + seconds
    while server_processes(mark):
        if time.monotonic() > end:
            return False
        time.sleep(POLL_SECONDS)
    return True


def end_leftovers(mark: str, grace_seconds: float) -> None:
    """End what a dead server left: processes notice its death by themselves, or are killed.

    Their work was never acknowledged, and the log that recovers the rest is on disk.
    """
    if not wait_until_gone(mark, grace_seconds):
        for process in server_processes(mark):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        wait_until_gone(mark, grace_seconds)
