"""Storage that fsspec reaches by an address: S3 and its like, or plain files.

Credentials come from where fsspec and its drivers look for them (the environment, their own
configuration) and from nowhere else.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import IO, Any

from tradeline.kernel.findings import Finding, InputProblem, problem
from tradeline.kernel.hashing import canonical_json, hash_bytes
from tradeline.lake.sources.arrivals import Arrivals, Listed
from tradeline.lake.sources.protocol import Delivery, Position, Transient

# By what the drivers tell that a file has changed.
STAMPS = ("ETag", "etag", "md5Hash", "generation", "LastModified", "last_modified", "mtime",
          "created", "ino", "size")  # fmt: skip
# The errors of drivers that come from the line or the server; most of them are no OSError.
MAY_PASS = re.compile(r"Timeout|Connect|Connection|ServerDisconnected|Payload|SlowDown|HTTPClient")
NEVER_PASS = (PermissionError, FileNotFoundError, NotADirectoryError, IsADirectoryError)
WITH_SECRET = re.compile(r"//[^/@]*:[^/@]*@")


@dataclass(frozen=True, slots=True)
class Bucket:
    """What stands below an address such as s3://bucket/folder, as a source."""

    address: str
    arrivals: Arrivals

    @property
    def name(self) -> str:
        """Who tells."""
        return self.arrivals.source

    def deliveries(self, position: Position) -> Iterator[Delivery | Finding]:
        """Files that are new, or have other content than before."""
        with _reached(self.address):
            place = _Opened(*_file_system(self.address))
            yield from self.arrivals.deliveries(place, position)


@dataclass(frozen=True, slots=True)
class _Opened:
    system: Any
    root: str

    def listed(self) -> list[Listed]:
        found = self.system.find(self.root, detail=True)
        if not found and not self.system.exists(self.root):
            raise FileNotFoundError
        items = (self._listed(path, info) for path, info in found.items())
        return [item for item in items if not _is_hidden(item.name)]

    def look(self, name: str) -> Listed:
        path = f"{self.root}/{name}"
        return self._listed(path, self.system.info(path))

    def open(self, name: str) -> IO[bytes]:
        stream: IO[bytes] = self.system.open(f"{self.root}/{name}", "rb")
        return stream

    def _listed(self, path: str, info: Mapping[str, Any]) -> Listed:
        told = {key: str(info[key]) for key in STAMPS if key in info}
        stamp = hash_bytes(canonical_json(told).encode()).removeprefix("sha256:")[:16]
        return Listed(path.removeprefix(self.root).lstrip("/"), stamp, _changed_at(info))


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") and part != ".." for part in PurePosixPath(name).parts)


def _changed_at(info: Mapping[str, Any]) -> datetime | None:
    """When a plain file changed; the objects of a bucket appear whole."""
    moment = info.get("mtime")
    return datetime.fromtimestamp(moment, UTC) if isinstance(moment, int | float) else None


def _file_system(address: str) -> tuple[Any, str]:
    if WITH_SECRET.search(address):
        raise problem(
            "secret-in-address",
            address.partition("://")[0],
            "The address holds a password.",
            "Take it out; give credentials by the environment, such as AWS_ACCESS_KEY_ID.",
        )
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise problem(
            "no-platform",
            address,
            "fsspec is not installed with Tradeline.",
            'Run `pip install "tradeline[platform]"`.',
        ) from error
    try:
        system, root = url_to_fs(address, use_listings_cache=False)
    except (ImportError, ValueError) as error:
        raise problem(
            "no-driver",
            address,
            f"Nothing that is installed reaches this address: {error}.",
            "Check how it begins, or install its driver, such as `pip install s3fs` for s3://.",
        ) from error
    return system, root.rstrip("/")


@contextmanager
def _reached(address: str) -> Iterator[None]:
    try:
        yield
    except InputProblem:
        raise
    except Exception as error:  # drivers raise classes of their own
        kind = type(error).__name__
        server_away = isinstance(error, OSError) and not isinstance(error, NEVER_PASS)
        if server_away or MAY_PASS.search(kind):
            raise Transient(f"{address} cannot be reached ({kind}).") from error
        raise _refusal(address, error) from error


def _refusal(address: str, error: Exception) -> InputProblem:
    if isinstance(error, FileNotFoundError):
        return problem("no-bucket", address, "There is nothing at this address.",
                       "Check `where`, and whether you may list it.")  # fmt: skip
    return problem(
        "bucket-refused",
        address,
        f"The storage refuses ({type(error).__name__}).",
        "Check the credentials in the environment, and that they may list and read.",
    )
