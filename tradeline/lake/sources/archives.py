"""Archives as the files they hold; one that tries more than that is refused whole.

Nothing is written under a name that an archive states: members are numbered in a folder of ours.
"""

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from tradeline.kernel.findings import InputProblem, problem
from tradeline.lake.sources.copying import BLOCK_BYTES, Bounds, Readable, copy_bounded, unsafe_name

READ = (".zip", ".gz", ".tgz", ".tar")
NOT_READ = (".7z", ".rar", ".bz2", ".xz", ".zst", ".lz4", ".tbz2", ".txz")
# Small files of zeros are well packed and harm nobody.
ALWAYS_FITS = 4 * 1024**2
# A header is read whole, and searched in a time that grows with the square of its length.
HEADER_BYTES = 24 * 1024
LINK, MODE = 0o120000, 0o170000
ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its name there, where it now stands, and its SHA-256."""

    name: str
    path: Path
    sha256: str


def is_archive(name: str) -> bool:
    """Whether a file is one of the kinds that hold others, whether we read them or not."""
    return name.lower().endswith(READ + NOT_READ)


def unpack(path: Path, name: str, folder: Path, bounds: Bounds) -> tuple[Member, ...]:
    """The files of an archive, unpacked into a folder; InputProblem refuses the whole archive."""
    if not name.lower().endswith(READ):
        kinds = ", ".join(READ)
        raise _refused("unknown-archive", name, "Archives of this kind are not read.",
                       f"Send the files themselves, or one of {kinds}.")  # fmt: skip
    measured = _Measure(name, path.stat().st_size, bounds)
    try:
        return tuple(
            Member(
                inner,
                folder / str(number),
                copy_bounded(stream, folder / str(number), f"{name}/{inner}", bounds),
            )
            for number, (inner, stream) in enumerate(_streams(path, name, measured))
        )
    except (BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise _refused("broken-archive", name, "The archive is not whole.",
                       "Pack it again and send it anew.") from error  # fmt: skip


def check_workbook(path: Path, name: str, bounds: Bounds) -> None:
    """Unpack an Excel workbook into nothing; InputProblem if it holds more than the bounds."""
    measured = _Measure(name, path.stat().st_size, bounds)
    try:
        with ZipFile(path) as archive:
            for info in archive.infolist():
                with archive.open(info) as stream:
                    inner = measured.stream(stream)
                    while inner.read(BLOCK_BYTES):
                        pass
    except (BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        return  # the reader of workbooks says what is wrong with it


def _streams(path: Path, name: str, measured: "_Measure") -> Iterator[tuple[str, Readable]]:
    lowered = name.lower()
    if lowered.endswith(".zip"):
        yield from _zip_streams(path, name, measured)
    elif lowered.endswith((".tar", ".tgz", ".tar.gz")):
        yield from _tar_streams(path, name, measured)
    else:
        inner = PurePosixPath(name).stem
        _check_member(name, inner, measured)
        with gzip.open(path) as stream:
            yield inner, measured.stream(stream)


def _zip_streams(path: Path, name: str, measured: "_Measure") -> Iterator[tuple[str, Readable]]:
    with ZipFile(path) as archive:
        for info in archive.infolist():
            if not info.is_dir():
                _check_zip_member(name, info, measured)
                with archive.open(info) as stream:
                    yield info.filename, measured.stream(stream)


def _check_zip_member(name: str, info: ZipInfo, measured: "_Measure") -> None:
    _check_member(name, info.filename, measured)
    if (info.external_attr >> 16) & MODE == LINK:
        raise _link(name, info.filename)
    if info.flag_bits & ENCRYPTED:
        raise _refused("encrypted-archive", name, f"{info.filename!r} is encrypted.",
                       "Send it without a password, over a line that is safe.")  # fmt: skip
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise _refused("unknown-packing", name, f"{info.filename!r} is packed in a way that is "
                       "not read.", "Pack it with the usual method, deflate.")  # fmt: skip


def _tar_streams(path: Path, name: str, measured: "_Measure") -> Iterator[tuple[str, Readable]]:
    plain = name.lower().endswith(".tar")
    with path.open("rb") if plain else gzip.open(path) as packed:
        stream = measured.stream(packed)
        stream.allow(HEADER_BYTES)
        with tarfile.open(fileobj=stream, mode="r|") as archive:  # type: ignore[call-overload]
            while True:
                stream.allow(HEADER_BYTES)
                member = archive.next()
                if member is None:
                    return
                if member.isdir():
                    continue
                _check_member(name, member.name, measured)
                if member.issym() or member.islnk():
                    raise _link(name, member.name)
                is_plain = member.isfile() and not member.issparse()
                content = archive.extractfile(member) if is_plain else None
                if content is None:
                    raise _refused("no-plain-file", name, f"{member.name!r} is no plain file.",
                                   "Pack only files.")  # fmt: skip
                stream.allow(None)
                yield member.name, content


def _check_member(name: str, inner: str, measured: "_Measure") -> None:
    measured.members += 1
    if measured.members > measured.bounds.members:
        raise _refused("too-many-files", name,
                       f"The archive holds more than {measured.bounds.members:,} files.",
                       "Send it in parts, or raise `members` under `bounds`.")  # fmt: skip
    why = unsafe_name(inner)
    if why:
        raise _refused("path-escape", name, f"The name {inner!r} {why}.",
                       "Pack the files by their plain names.")  # fmt: skip
    if is_archive(inner):
        raise _refused("nested-archive", name, f"It holds another archive, {inner!r}.",
                       "Send that one by itself.")  # fmt: skip


def _link(name: str, inner: str) -> InputProblem:
    return _refused("link-in-archive", name, f"{inner!r} is a link and no file.",
                    "Pack the file that it leads to.")  # fmt: skip


def _refused(code: str, name: str, why: str, remedy: str) -> InputProblem:
    return problem(code, name, f"{why} Nothing of the archive is read.", remedy)


class _Measure:
    """How much an archive has come to while it is unpacked, whatever its headers say."""

    def __init__(self, name: str, packed_bytes: int, bounds: Bounds) -> None:
        self.name, self.bounds = name, bounds
        self.members = self.total = 0
        self.most = min(bounds.unpacked_bytes, max(packed_bytes * bounds.ratio, ALWAYS_FITS))

    def stream(self, inner: Readable) -> "_Measured":
        return _Measured(self, inner)

    def add(self, size: int) -> None:
        self.total += size
        if self.total > self.most:
            raise _refused("zip-bomb", self.name,
                           f"Unpacked it comes to more than {self.most:,} bytes.",
                           "Send the files themselves, or raise `ratio` or `unpacked_bytes` "
                           "under `bounds`.")  # fmt: skip


class _Measured:
    """A stream whose bytes are counted; `allow` bounds what may be read until it is called next."""

    def __init__(self, measure: _Measure, inner: Readable) -> None:
        self._measure, self._inner = measure, inner
        self._left: int | None = None

    def allow(self, size: int | None) -> None:
        self._left = size

    def read(self, size: int = -1, /) -> bytes:
        block = self._inner.read(size)
        self._measure.add(len(block))
        if self._left is not None:
            self._left -= len(block)
            if self._left < 0:
                raise tarfile.ReadError("a header without end")
        return block
