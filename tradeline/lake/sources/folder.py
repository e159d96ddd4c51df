"""A folder into which files are put over time."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from tradeline.kernel.findings import Finding, Severity, problem
from tradeline.lake.sources.arrivals import Arrivals, Listed
from tradeline.lake.sources.protocol import Delivery, Position, Transient

# A disk on a network that is away for a while.
MAY_PASS = (errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EAGAIN, errno.EHOSTDOWN, errno.ENETDOWN)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as a source: its files and those of folders in it, but no links and hidden ones."""

    folder: Path
    arrivals: Arrivals

    @property
    def name(self) -> str:
        """Who tells."""
        return self.arrivals.source

    def deliveries(self, position: Position) -> Iterator[Delivery | Finding]:
        """Files that are new, or have other content than before."""
        with _read(self.folder):
            for path in self._paths():
                if path.is_symlink():
                    yield _link(path.relative_to(self.folder))
            yield from self.arrivals.deliveries(self, position)

    def listed(self) -> list[Listed]:
        """All plain files, by their names below the folder."""
        plain = (path for path in self._paths() if path.is_file() and not path.is_symlink())
        return [self._listed(path) for path in plain]

    def _paths(self) -> Iterator[Path]:
        if not self.folder.is_dir():
            why = "is a file, no folder" if self.folder.exists() else "does not exist"
            raise problem("no-folder", str(self.folder), f"The folder {why}.",
                          "Check `where` and its name.")  # fmt: skip
        for root, folders, names in os.walk(self.folder, onerror=_raise):
            folders[:] = [name for name in folders if not name.startswith(".")]
            yield from (Path(root) / name for name in names if not name.startswith("."))

    def look(self, name: str) -> Listed:
        """One file as it is now."""
        return self._listed(self.folder / name)

    def open(self, name: str) -> IO[bytes]:
        """The bytes of a file."""
        return (self.folder / name).open("rb")

    def _listed(self, path: Path) -> Listed:
        state = path.stat()
        # No program can set back the third: it changes with every write.
        stamp = f"{state.st_size}:{state.st_mtime_ns}:{state.st_ctime_ns}"
        changed_at = datetime.fromtimestamp(max(state.st_mtime, state.st_ctime), UTC)
        return Listed(path.relative_to(self.folder).as_posix(), stamp, changed_at)


def _link(name: Path) -> Finding:
    return Finding("link-in-folder", Severity.WARNING, name.as_posix(),
                   "This is a link, which may lead anywhere, so it is not read.",
                   "Put the file itself into the folder.")  # fmt: skip


def _raise(error: OSError) -> None:
    raise error


@contextmanager
def _read(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in MAY_PASS:
            raise Transient(f"The folder cannot be read ({error.strerror}).") from error
        raise problem(
            "folder-not-read",
            str(error.filename or folder),
            f"It cannot be read ({error.strerror}).",
            "Give Tradeline the right to read it, or make room for temporary files.",
        ) from error
