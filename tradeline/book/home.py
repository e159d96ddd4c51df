"""The folder of an embedded server: its data, passwords, socket, lock and log."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tradeline.book.account import ROOT
from tradeline.book.roles import ROLES, SUPERUSER
from tradeline.kernel.findings import problem

SOCKET_PATH_MAX = 100
SOCKET_NAME_ROOM = len("/.s.PGSQL.65535")
ROOT_HOME = Path("/var/lib/tradeline/book")


@dataclass(frozen=True, slots=True)
class Home:
    """Where one embedded server keeps everything; `folder` is absolute."""

    folder: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.folder / "data"

    @property
    def new_data(self) -> Path:
        """Where a data directory is made; renamed to `data` only when it is whole."""
        return self.folder / "data.new"

    @property
    def postmaster_file(self) -> Path:
        """What PostgreSQL writes about itself while it runs."""
        return self.data / "postmaster.pid"

    @property
    def log(self) -> Path:
        """What the server has to say."""
        return self.folder / "server.log"

    @property
    def mark(self) -> str:
        """A name that stands in the title of every process of this server, and of no other."""
        return f"tradeline-{sha256(os.fsencode(self.folder)).hexdigest()[:16]}"

    @property
    def socket_folder(self) -> Path:
        """A private folder for the socket, elsewhere if the path is longer than sockets allow."""
        near = self.folder / "socket"
        if len(os.fsencode(near)) + SOCKET_NAME_ROOM <= SOCKET_PATH_MAX:
            return near
        return Path("/tmp") / self.mark  # noqa: S108  made 0700, its owner is checked

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Hold the home alone, against other processes too: to start and to stop.

        Gives the lock's file descriptor: a program that inherits it holds the lock with us, and
        on if we are killed.
        """
        with (self.folder / "lock").open("w") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield stream.fileno()

    def passwords(self) -> dict[str, str]:
        """The password of each role; `InputProblem` if they are lost, or others may read them."""
        path = self.folder / "passwords.json"
        if not path.exists():
            raise problem(
                "passwords-lost",
                str(path),
                "The passwords of the server are missing.",
                "Bring the file back from a backup of this folder.",
            )
        if path.stat().st_mode & 0o077:
            raise problem(
                "passwords-open",
                str(path),
                "Others may read the passwords of the server.",
                f"Run `chmod 600 {path}`.",
            )
        found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def make_passwords(self) -> None:
        """Draw a password for each role and keep them, readable by us alone."""
        drawn = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, *ROLES)}
        write_private(self.folder / "passwords.json", json.dumps(drawn, indent=2))


def write_private(path: Path, text: str) -> None:
    """Write a new file that only we may read, and have it on disk when we return."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def default_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """`TRADELINE_BOOK` if set, else a folder of this user's data, or of the machine's for root."""
    if environ.get("TRADELINE_BOOK"):
        return Path(environ["TRADELINE_BOOK"])
    if os.geteuid() == ROOT:
        return ROOT_HOME
    shared = environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(shared) / "tradeline" / "book"


def home_at(folder: Path | None = None) -> Home:
    """The home at a folder, or at the default one; nothing is made yet.

    Raises `InputProblem` if the folder belongs to somebody else.
    """
    home = Home((folder or default_folder()).expanduser().resolve())
    try:
        (home.folder / "passwords.json").exists()
        if home.folder.exists() and not os.access(home.folder, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError
    except PermissionError as refusal:
        raise not_writable(home.folder) from refusal
    return home


def make_home(home: Home) -> None:
    """Make the folder, closed to others; `InputProblem` if that cannot be."""
    try:
        home.folder.mkdir(parents=True, exist_ok=True)
        # The account that root starts the server as must pass through, and may see nothing.
        home.folder.chmod(0o711 if os.geteuid() == ROOT else 0o700)
        if not home.folder.is_dir():
            raise NotADirectoryError
    except OSError as refusal:
        raise not_writable(home.folder) from refusal


def not_writable(folder: Path) -> Exception:
    """What to say of a folder that we may not write to."""
    return problem(
        "not-writable",
        str(folder),
        "The server's folder cannot be written.",
        "Choose another with --data FOLDER or TRADELINE_BOOK, or ask for the right to write.",
    )
