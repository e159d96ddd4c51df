"""The embedded server: found, shared, stopped, and refused with words that say what to do."""

import os
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tradeline.book.home import Home, home_at
from tradeline.book.processes import server_processes
from tradeline.book.roles import SUPERUSER
from tradeline.book.server import running, start, stop
from tradeline.kernel.findings import InputProblem

AS_ROOT = os.geteuid() == 0
NOBODY = 65534


def python(code: str, *words: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)], text=True, stdout=subprocess.PIPE
    )


def said_by(code: str, folder: Path) -> str:
    return python(code, folder).communicate(timeout=60)[0]


def control_state(folder: Path) -> str:
    from tradeline.book.account import server_account
    from tradeline.book.wheel import find_programs

    account = server_account(folder / "data")
    shown = subprocess.run(
        [find_programs(account, folder).folder / "pg_controldata", folder / "data"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return next(line for line in shown.stdout.splitlines() if "cluster state" in line)


def test_a_second_start_finds_the_server(book: Path) -> None:
    first = running(book)
    assert first
    begun = time.perf_counter()
    second = start(book)
    print(f"\nfound in {time.perf_counter() - begun:.3f} s")
    assert (second.pid, second.is_new) == (first.pid, False)


def test_the_server_listens_on_a_private_socket_alone(book: Path) -> None:
    server = running(book)
    assert server
    assert server.address == ""
    assert stat.S_IMODE(server.socket_folder.stat().st_mode) == 0o700
    assert "host" not in server.url("web").partition("@")[2]


def test_the_passwords_are_ours_alone(book: Path) -> None:
    path = book / "passwords.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    passwords = home_at(book).passwords()
    assert sorted(passwords) == ["owner", "postgres", "web", "worker"]
    assert len(set(passwords.values())) == 4
    assert not any(word in (book / "server.log").read_text() for word in passwords.values())


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("data_checksums", "on"),
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("timezone", "UTC"),
        ("password_encryption", "scram-sha-256"),
        ("server_encoding", "UTF8"),
    ],
)
def test_the_server_keeps_what_is_written(book: Path, setting: str, value: str) -> None:
    server = running(book)
    assert server
    with psycopg.connect(server.url(SUPERUSER)) as connection:
        found = connection.execute("SELECT current_setting(%s)", [setting]).fetchone()
    assert found == (value,)


def test_texts_are_ordered_by_code_point_without_icu(book: Path) -> None:
    server = running(book)
    assert server
    with psycopg.connect(server.url("owner")) as connection:
        found = connection.execute(
            "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        ordered = connection.execute(
            "SELECT array_agg(word ORDER BY word), upper('ä') FROM unnest(%s::text[]) word",
            [["é", "z", "Z", "a"]],
        ).fetchone()
    assert found == ("b", "C.UTF-8")
    assert ordered == (["Z", "a", "z", "é"], "Ä")


def test_nobody_is_trusted_without_a_password(book: Path) -> None:
    server = running(book)
    assert server
    with psycopg.connect(server.url(SUPERUSER)) as connection:
        methods = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules")
        assert methods.fetchall() == [("scram-sha-256",)]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(
            host=str(server.socket_folder), user="web", dbname="tradeline", password="guess"
        )


def test_two_processes_that_start_at_once_share_one_server(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tradeline.book.server import start;"
        "server = start(Path(sys.argv[1]), stop_at_exit=False); print(server.pid, server.is_new)"
    )
    both = [python(code, folder) for _ in range(2)]
    said = [process.communicate(timeout=60)[0].split() for process in both]
    assert said[0][0] == said[1][0]
    assert sorted(words[1] for words in said) == ["False", "True"]


def test_a_stop_is_orderly(quiet: Path) -> None:
    begun = time.perf_counter()
    server = start(quiet)
    print(f"\nlater start to ready: {time.perf_counter() - begun:.2f} s")
    assert server.is_new
    assert stop(quiet)
    assert "shut down" in control_state(quiet)
    assert running(quiet) is None
    assert server_processes(server.home.mark) == []
    assert not stop(quiet)


def test_a_server_ends_with_the_process_that_started_it(quiet: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tradeline.book.server import start;"
        "print(start(Path(sys.argv[1])).is_new)"
    )
    assert said_by(code, quiet) == "True\n"
    assert running(quiet) is None
    assert "shut down" in control_state(quiet)


def test_a_server_outlives_a_process_that_only_found_it(quiet: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from tradeline.book.server import start\n"
        "found = start(Path(sys.argv[1]))\n"
        "print(not found.is_new)"
    )
    start(quiet)
    assert said_by(code, quiet) == "True\n"
    assert running(quiet)
    stop(quiet)


def test_a_forked_child_does_not_stop_its_parents_server(quiet: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path\n"
        "from tradeline.book.server import running, start\n"
        "start(Path(sys.argv[1]))\n"
        "child = os.fork()\n"
        "if not child: sys.exit(0)\n"
        "os.waitpid(child, 0)\n"
        "print(running(Path(sys.argv[1])) is not None)"
    )
    assert said_by(code, quiet) == "True\n"
    assert running(quiet) is None


def test_a_server_listens_on_localhost_when_asked(quiet: Path) -> None:
    port = free_port()
    server = start(quiet, port=port)
    try:
        assert f"@127.0.0.1:{port}/" in server.url("web")
        with psycopg.connect(server.url("web")) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("web",)
        with pytest.raises(InputProblem, match=f"does not listen on port {port - 1}. Stop it, th"):
            start(quiet, port=port - 1)
    finally:
        stop(quiet)


def test_a_port_in_use_is_refused(quiet: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(InputProblem) as refusal:
            start(quiet, port=other.getsockname()[1])
    assert str(refusal.value) == (
        f"error: {quiet}: Another program listens on that port. Choose another with --port, or "
        "leave it out: the server then listens on its socket alone."
    )
    assert running(quiet) is None


def test_data_of_another_version_are_refused(quiet: Path) -> None:
    version = quiet / "data" / "PG_VERSION"
    kept = version.read_text()
    version.write_text("16\n")
    try:
        with pytest.raises(InputProblem, match="The data were written by PostgreSQL 16, installed"):
            start(quiet)
    finally:
        version.write_text(kept)


def test_open_or_lost_passwords_are_refused(quiet: Path) -> None:
    path = quiet / "passwords.json"
    path.chmod(0o644)
    with pytest.raises(InputProblem, match=f"Others may read the passwords .* `chmod 600 {path}`."):
        start(quiet)
    path.rename(quiet / "elsewhere")
    with pytest.raises(InputProblem, match=r"The passwords of the server are missing. Bring the"):
        start(quiet)
    (quiet / "elsewhere").rename(path)
    path.chmod(0o600)
    assert start(quiet).is_new
    stop(quiet)


def test_a_number_of_a_dead_server_that_another_program_has_is_no_server(quiet: Path) -> None:
    trace = quiet / "data" / "postmaster.pid"
    trace.write_text(f"{os.getpid()}\n{quiet}/data\n1\n5432\n{quiet}/socket\n\n\nready\n")
    assert running(quiet) is None
    assert start(quiet).is_new
    stop(quiet)


def test_a_path_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(
        InputProblem, match=r"The server's folder cannot be written. Choose another"
    ):
        start(tmp_path / "file")


@pytest.mark.skipif(not AS_ROOT, reason="only root runs the server as another account")
def test_root_is_told_of_a_folder_that_the_server_cannot_reach(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    with pytest.raises(InputProblem, match="PostgreSQL may not run as root, and the user nobody"):
        start(tmp_path / "closed" / "book")


@pytest.mark.skipif(not AS_ROOT, reason="only root can become somebody else")
def test_an_ordinary_user_has_a_server_of_its_own(book: Path, folder: Path) -> None:
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    child = os.fork()
    if not child:  # this Python may stand where an ordinary user cannot start it anew
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            server = start(folder, stop_at_exit=False)
            assert server.is_new
            assert server.home.data.stat().st_uid == NOBODY
            assert stop(folder)
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    assert "shut down" in control_state(folder)


@pytest.mark.skipif(not AS_ROOT, reason="only root can mount a small disk")
def test_a_full_disk_is_said_before_anything_is_made(folder: Path) -> None:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        with pytest.raises(InputProblem) as refusal:
            start(folder)
        assert str(refusal.value) == (
            f"error: {folder}: The disk is full. What was committed is safe. "
            "Make room, then start again."
        )
        assert not (folder / "data").exists()
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_long_path_keeps_its_socket_elsewhere() -> None:
    near, far = Home(Path("/srv/book")), Home(Path("/srv") / ("long" * 30))
    assert near.socket_folder == Path("/srv/book/socket")
    assert far.socket_folder == Path("/tmp") / far.mark
    assert near.mark != far.mark


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
