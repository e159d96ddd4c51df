"""Files of secrets: private, outside of the lake, replaced whole, the old one overwritten."""

import os
import stat
from pathlib import Path

from tradeline.kernel.findings import InputProblem, problem

VARIABLE = "TRADELINE_LAKE_KEY_FILE"
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def key_path(root: Path, named: Path | None = None) -> Path:
    """Where the key of a lake is: as named, as the environment says, else beside the lake.

    InputProblem if that is inside the lake, where its copies would hold the key too.
    """
    path = named or Path(os.environ.get(VARIABLE) or f"{root.resolve()}.key")
    if path.resolve().is_relative_to(root.resolve()):
        raise problem(
            "key-in-lake",
            str(path),
            "The key file is inside the lake: whoever copies the lake copies the key.",
            "Keep it elsewhere, and back it up apart from the lake.",
        )
    return path


def ring_path(key: Path) -> Path:
    """Where the keys of the subjects are, each wrapped by the key of the lake."""
    return key.with_name(f"{key.name}.subjects")


def read_private(
    path: Path,
    remedy: str = f"Name it by --key-file or {VARIABLE}; if it is lost, bring it back from its "
    "backup.",
) -> str:
    """The text of a file that only its owner may read; InputProblem if others may, or none is.

    `remedy` says what to do where there is no such file.
    """
    try:
        if path.stat().st_mode & OTHERS:
            raise problem(
                "key-not-private",
                str(path),
                "Others may read or write this file of keys.",
                f"Take their rights away: chmod 600 {path}",
            )
        return _read_settled(path)
    except UnicodeDecodeError as error:
        raise damaged(path) from error
    except OSError as error:
        raise problem(
            "no-key-file",
            str(path),
            f"The file of keys cannot be read: {error.strerror}.",
            remedy,
        ) from error


def _read_settled(path: Path) -> str:
    """The text of a file that a writer may replace, and overwrite, while it is read."""
    while True:
        with path.open(encoding="ascii") as stream:
            text = stream.read()
            if os.path.samestat(path.stat(), os.fstat(stream.fileno())):
                return text


def damaged(path: Path) -> InputProblem:
    """What is said of a file of keys that does not hold what it should."""
    return problem(
        "bad-key-file",
        str(path),
        "This is no whole file of keys.",
        "Bring it back from its backup.",
    )


def write_private(path: Path, text: str) -> None:
    """Make a file that only its owner may read, on the disk; FileExistsError if it is there."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def replace_private(path: Path, text: str) -> None:
    """Put a text in the place of a file at once, then overwrite what stood there before.

    The rename is the moment at which the new text holds. A killed process leaves the old text
    beside it under a name that `shred_leftovers` knows.
    """
    new, old = _new(path), _old(path)
    write_private(new, text)
    os.link(path, old)
    new.rename(path)
    _force_folder(path)
    _shred(old)


def shred_leftovers(path: Path) -> None:
    """Overwrite and remove what killed processes left beside a file of keys."""
    old = _old(path)
    if old.exists() and old.samefile(path):
        old.unlink()
    for left in (_new(path), old):
        if left.exists():
            _shred(left)


def _new(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _old(path: Path) -> Path:
    return path.with_name(f"{path.name}.old")


def leftovers(path: Path) -> tuple[Path, ...]:
    """What a killed process left beside a file of keys."""
    return tuple(left for left in (_new(path), _old(path)) if left.exists())


def _shred(path: Path) -> None:
    with path.open("r+b") as stream:
        stream.write(bytes(path.stat().st_size))
        stream.flush()
        os.fsync(stream.fileno())
    path.unlink()
    _force_folder(path)


def _force_folder(path: Path) -> None:
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
