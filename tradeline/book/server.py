"""The embedded PostgreSQL: started, found, recovered after a crash, and stopped.

We start `postgres` ourselves and call it ready only when it answers a query. Nothing that a file
says about a running server is believed: only its answer counts.
"""

import atexit
import os
import signal
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from tradeline.book.account import server_account
from tradeline.book.diagnosis import diagnose
from tradeline.book.home import Home, home_at, make_home
from tradeline.book.launch import check_version, clear_traces, launch, make_data, open_log
from tradeline.book.processes import (
    POLL_SECONDS,
    end_leftovers,
    server_processes,
    wait_until_gone,
)
from tradeline.book.roles import DATABASE, SUPERUSER, close_database, is_set_up, make_roles
from tradeline.book.wheel import find_programs
from tradeline.kernel.findings import problem

START_SECONDS = 300.0
STOP_SECONDS = 60.0
LEFTOVER_SECONDS = 5.0
ANSWER_SECONDS = 5
LINES_WHEN_LISTENING = 8

# Kept, so that a server that ends is reaped by the process that started it.
_children: dict[Path, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its home, process, port, and where it listens.

    `address` is empty where it listens on its socket alone; `is_new` if this call started it.
    """

    home: Home
    pid: int
    port: int
    socket_folder: Path
    address: str
    is_new: bool = False

    def url(self, role: str, database: str = DATABASE) -> str:
        """The address of a database for a role, its password in it."""
        host = self.address or quote(str(self.socket_folder), safe="")
        password = quote(self.home.passwords()[role], safe="")
        return f"postgresql://{role}:{password}@{host}:{self.port}/{database}"


def start(
    folder: Path | None = None, *, port: int | None = None, stop_at_exit: bool = True
) -> Server:
    """A server that answers: the one that runs on this folder, else a new one.

    It listens on a socket in a private folder, and with a `port` on 127.0.0.1 too. After a crash
    it recovers first. With `stop_at_exit` a new server ends with this process. Raises
    `InputProblem` that says why it cannot start.
    """
    home = home_at(folder)
    make_home(home)
    with home.locked() as lock:
        server = _settled(home) or _start(home, port, lock)
        _set_up(server)
    if port not in {None, server.port} or (port and not server.address):
        raise problem(
            "other-port",
            str(home.folder),
            f"A server already runs here, but does not listen on port {port}.",
            "Stop it, then start it again with --port.",
        )
    if server.is_new and stop_at_exit:
        atexit.register(_stop_own, home.folder, os.getpid())
    return server


def running(folder: Path | None = None) -> Server | None:
    """The server that runs on a folder and answers, or none."""
    home = home_at(folder)
    server = _described(home)
    return server if server and _refusal(server) is None else None


def stop(folder: Path | None = None) -> bool:
    """Stop the server of a folder in order; whether there was one.

    Work that is not committed is rolled back. Raises `InputProblem` if it is not ours to stop.
    """
    home = home_at(folder)
    if not home.folder.exists():
        return False
    with home.locked():
        pid = _postmaster(home)
        if pid is None:
            return False
        try:
            os.kill(pid, signal.SIGINT)
            if not _ended(home, STOP_SECONDS):
                os.kill(pid, signal.SIGQUIT)
                _ended(home, STOP_SECONDS)
        except PermissionError as refusal:
            raise problem(
                "not-yours",
                str(home.folder),
                "The server was started by another user.",
                "Stop it as that user.",
            ) from refusal
    return True


def _stop_own(folder: Path, starter: int) -> None:
    # A forked child has its parent's exit functions, but not its server.
    if os.getpid() == starter:
        stop(folder)


def _ended(home: Home, seconds: float) -> bool:
    child = _children.pop(home.folder, None)
    if child:
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            _children[home.folder] = child
            return False
    return wait_until_gone(home.mark, seconds)


def _own_words(home: Home) -> list[str]:
    """The lines of PostgreSQL's own file about the server; the first is its process."""
    try:
        return home.postmaster_file.read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []


def _postmaster(home: Home) -> int | None:
    """The main process of the server, if it lives: the file alone may be of a dead one."""
    pid = int((_own_words(home) or ["0"])[0])
    alive = {process.pid for process in server_processes(home.mark)}
    return pid if pid in alive else None


def _described(home: Home) -> Server | None:
    """The server as its file describes it, if it lives and has come so far as to listen."""
    pid, lines = _postmaster(home), _own_words(home)
    if pid is None or len(lines) < LINES_WHEN_LISTENING:
        return None
    return Server(home, pid, int(lines[3]), Path(lines[4]), lines[5])


def _refusal(server: Server) -> psycopg.OperationalError | None:
    """Why a server does not answer a query, or none if it does."""
    try:
        with _as_superuser(server, "postgres") as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError as refusal:
        return refusal
    return None


def _as_superuser(server: Server, database: str) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=str(server.socket_folder),
        port=server.port,
        user=SUPERUSER,
        password=server.home.passwords()[SUPERUSER],
        dbname=database,
        connect_timeout=ANSWER_SECONDS,
        application_name="tradeline server",
        autocommit=True,
    )


def _settled(home: Home) -> Server | None:
    """The server that lives here, once it answers; else nothing of it is left when we return."""
    end = time.monotonic() + START_SECONDS
    refusal = None
    while _postmaster(home):
        server = _described(home)
        refusal = _refusal(server) if server else refusal
        if server and refusal is None:
            return server
        _go_on_waiting(home, refusal, end)
    end_leftovers(home.mark, LEFTOVER_SECONDS)
    dead = _children.pop(home.folder, None)
    if dead:
        dead.wait()
    return None


def _start(home: Home, port: int | None, lock: int) -> Server:
    account = server_account(home.data)
    if not account.reaches(home.folder):
        raise problem(
            "unreachable",
            str(home.folder),
            f"PostgreSQL may not run as root, and the user {account.name}, as whom it runs "
            "instead, cannot reach this folder.",
            "Choose another with --data FOLDER or TRADELINE_BOOK, or run as an ordinary user.",
        )
    programs = find_programs(account, home.folder)
    if not home.data.exists():
        make_data(home, programs, account, lock)
    check_version(home, programs)
    home.passwords()  # refused before anything runs
    clear_traces(home)
    said_before = open_log(home)
    child = _children[home.folder] = launch(home, programs, account, port)
    return replace(_first_answer(home, child, said_before), is_new=True)


def _set_up(server: Server) -> None:
    """Roles and database, unless they stand already: a start may have been cut short."""
    with _as_superuser(server, "postgres") as connection:
        if is_set_up(connection):
            return
        make_roles(connection, server.home.passwords())
    with _as_superuser(server, DATABASE) as connection:
        close_database(connection)


def _first_answer(home: Home, child: subprocess.Popen[bytes], said_before: int) -> Server:
    """The server that was just launched, once it answers; `InputProblem` if it ends instead."""
    end = time.monotonic() + START_SECONDS
    while child.poll() is None:
        server = _described(home)
        refusal = _refusal(server) if server else None
        if server and refusal is None:
            return server
        _go_on_waiting(home, refusal, end)
    del _children[home.folder]
    with home.log.open("rb") as stream:
        stream.seek(said_before)
        raise diagnose(stream.read().decode(errors="replace"), home.folder, home.log)


def _go_on_waiting(home: Home, refusal: psycopg.OperationalError | None, end: float) -> None:
    if time.monotonic() > end or "password authentication failed" in str(refusal):
        raise problem(
            "no-answer",
            str(home.folder),
            f"The server runs but does not answer: {refusal}",
            f"{home.log} says what it is doing.",
        )
    time.sleep(POLL_SECONDS)
