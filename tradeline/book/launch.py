"""The steps of a start: make the data directory, look at what is there, run `postgres`."""

import subprocess
from shutil import disk_usage, rmtree

from tradeline.book.account import Account
from tradeline.book.diagnosis import diagnose
from tradeline.book.home import Home, write_private
from tradeline.book.processes import is_server
from tradeline.book.roles import SUPERUSER
from tradeline.book.wheel import Programs
from tradeline.kernel.findings import problem

LOCALHOST = "127.0.0.1"
SOCKET_PORT = 5432
NEW_DATA_BYTES = 100_000_000
LOG_BYTES_MAX = 10_000_000


def make_data(home: Home, programs: Programs, account: Account, lock: int) -> None:
    """A new data directory with checksums, UTF-8, and the order of bytes for texts.

    `initdb` inherits the home's lock: were we killed, the next start waits until it has ended.
    """
    if disk_usage(home.folder).free < NEW_DATA_BYTES:
        raise diagnose("No space left on device", home.folder, home.log)
    rmtree(home.new_data, ignore_errors=True)
    home.new_data.mkdir(mode=0o700)
    account.own(home.new_data)
    home.make_passwords()
    handed = home.folder / "password.new"
    write_private(handed, home.passwords()[SUPERUSER])
    account.own(handed)
    made = subprocess.run(
        [
            programs.folder / "initdb",
            f"--pgdata={home.new_data}",
            f"--username={SUPERUSER}",
            f"--pwfile={handed}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--data-checksums",
            "--no-instructions",
        ],
        check=False, capture_output=True, text=True, cwd="/",
        pass_fds=[lock], **account.process_options,
    )  # fmt: skip
    handed.unlink()
    if made.returncode:
        rmtree(home.new_data, ignore_errors=True)
        raise diagnose(made.stderr, home.folder, home.log)
    home.new_data.rename(home.data)


def check_version(home: Home, programs: Programs) -> None:
    """Raise `InputProblem` if another version of PostgreSQL wrote the data."""
    found = (home.data / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != programs.major:
        raise problem(
            "other-version",
            str(home.folder),
            f"The data were written by PostgreSQL {found}, installed is {programs.version}.",
            f"With a wheel of PostgreSQL {found}, dump the data; then load them into a new folder.",
        )


def clear_traces(home: Home) -> None:
    """Remove what a killed server wrote of itself; its number may be another program's by now."""
    if not home.postmaster_file.exists():
        return
    first = home.postmaster_file.read_text(encoding="utf-8").partition("\n")[0]
    if not is_server(int(first or 0)):
        home.postmaster_file.unlink()
        for trace in home.socket_folder.glob(".s.PGSQL.*"):
            trace.unlink()


def open_log(home: Home) -> int:
    """Make the log, or begin a new one once it is large; how many bytes it holds."""
    if home.log.exists() and home.log.stat().st_size > LOG_BYTES_MAX:
        home.log.replace(home.log.with_suffix(".log.1"))
    home.log.touch(mode=0o600)
    return home.log.stat().st_size


def launch(
    home: Home, programs: Programs, account: Account, port: int | None
) -> subprocess.Popen[bytes]:
    """Run `postgres` on the socket, and with a port on 127.0.0.1 too; it is not ready yet."""
    _make_socket_folder(home, account)
    settings = {
        "cluster_name": home.mark,
        "listen_addresses": LOCALHOST if port else "",
        "port": str(port or SOCKET_PORT),
        "unix_socket_directories": str(home.socket_folder),
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %u ",
        # A killed server writes again what came since the last checkpoint before it answers.
        "checkpoint_timeout": "30s",
    }
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with home.log.open("ab") as log:
        return subprocess.Popen(
            [programs.folder / "postgres", "-D", home.data, *words],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
            start_new_session=True, **account.process_options,
        )  # fmt: skip


def _make_socket_folder(home: Home, account: Account) -> None:
    folder = home.socket_folder
    if not folder.exists():
        folder.mkdir(mode=0o700)
        account.own(folder)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != account.uid or found.st_mode & 0o077:
        raise problem(
            "socket-open",
            str(folder),
            "The folder of the server's socket belongs to somebody else, or is open to others.",
            "Remove it, then start again.",
        )
