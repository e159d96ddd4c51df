"""Archives are the files they hold; whatever tries more is refused whole, and leaves nothing."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.lake.sources.archives import unpack
from tradeline.lake.sources.copying import Bounds, copy_bounded

SMALL = Bounds(
    file_bytes=20_000_000, unpacked_bytes=30_000_000, members=5, ratio=20, line_bytes=1_000
)


def zipped(path: Path, contents: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, contents: dict[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def gzipped(path: Path, content: bytes) -> Path:
    path.write_bytes(gzip.compress(content))
    return path


def read(path: Path, folder: Path, bounds: Bounds = SMALL) -> dict[str, bytes]:
    found = unpack(path, path.name, folder / "out", bounds)
    return {member.name: member.path.read_bytes() for member in found}


FILES = {"a.csv": b"x,y\n1,2\n", "more/b.csv": b"x,y\n3,4\n"}


def test_archives_are_read_as_what_they_hold(tmp_path: Path) -> None:
    assert read(zipped(tmp_path / "a.zip", FILES), tmp_path / "1") == FILES
    assert read(tarred(tmp_path / "a.tar.gz", FILES), tmp_path / "2") == FILES
    assert read(tarred(tmp_path / "a.tgz", FILES), tmp_path / "3") == FILES
    assert read(tarred(tmp_path / "a.tar", FILES, "w"), tmp_path / "4") == FILES
    assert read(gzipped(tmp_path / "a.csv.gz", b"x\n"), tmp_path / "5") == {"a.csv": b"x\n"}


def escape(path: Path) -> Path:
    return zipped(path, {"../../evil.csv": b"x"})


def absolute(path: Path) -> Path:
    return zipped(path, {"/etc/evil.csv": b"x"})


def backslash(path: Path) -> Path:
    return zipped(path, {"..\\evil.csv": b"x"})


def drive(path: Path) -> Path:
    return zipped(path, {"C:evil.csv": b"x"})


def hidden_sign(path: Path) -> Path:
    return tarred(path.with_suffix(".tar"), {"a\n.csv": b"x"}, "w")


def tar_escape(path: Path) -> Path:
    return tarred(path.with_suffix(".tgz"), {"a/../../evil.csv": b"x"})


def tar_link(path: Path, kind: bytes = tarfile.SYMTYPE) -> Path:
    path = path.with_suffix(".tgz")
    with tarfile.open(path, "w:gz") as archive:
        link = tarfile.TarInfo("a.csv")
        link.type, link.linkname = kind, "/etc/passwd"
        archive.addfile(link)
    return path


def hard_link(path: Path) -> Path:
    return tar_link(path, tarfile.LNKTYPE)


def device(path: Path) -> Path:
    return tar_link(path, tarfile.CHRTYPE)


def zip_link(path: Path) -> Path:
    info = zipfile.ZipInfo("a.csv")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    return path


def nested(path: Path) -> Path:
    return zipped(path, {"inner.zip": b"x"})


def many(path: Path) -> Path:
    return zipped(path, {f"{number}.csv": b"x\n" for number in range(6)})


def bomb(path: Path) -> Path:
    return zipped(path, {"a.csv": b"x,y\n" * 2_000_000})


def tar_bomb(path: Path) -> Path:
    return tarred(path.with_suffix(".tgz"), {"a.csv": b"x,y\n" * 2_000_000})


def gzip_bomb(path: Path) -> Path:
    return gzipped(path.with_suffix(".gz"), b"x,y\n" * 2_000_000)


def bomb_of_many(path: Path) -> Path:
    return zipped(path, {f"{number}.csv": b"x,y\n" * 400_000 for number in range(5)})


def lying_header(path: Path) -> Path:
    """A bomb whose headers say that it is a small file."""
    content = bytearray(bomb(path).read_bytes())
    size = (8_000_000).to_bytes(4, "little")
    assert content.count(size) == 2
    path.write_bytes(content.replace(size, (10).to_bytes(4, "little")))
    return path


def endless_header(path: Path) -> Path:
    """A tar whose header of a header is as long as a bomb."""
    path = path.with_suffix(".tgz")
    header = tarfile.TarInfo("././@PaxHeader")
    header.type, header.size = tarfile.XHDTYPE, 3_000_000
    with gzip.open(path, "wb") as packed:
        packed.write(header.tobuf() + b"1" * 3_000_000)
    return path


def endless_line(path: Path) -> Path:
    return zipped(path, {"a.csv": b"x,y\n" + b"z" * 3_000})


def locked(path: Path) -> Path:
    content = bytearray(zipped(path, {"a.csv": b"x"}, zipfile.ZIP_STORED).read_bytes())
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(sign) + place] |= 1
    path.write_bytes(content)
    return path


def other_packing(path: Path) -> Path:
    return zipped(path, {"a.csv": b"x"}, zipfile.ZIP_BZIP2)


def torn(path: Path) -> Path:
    path.write_bytes(zipped(path, FILES).read_bytes()[:-30])
    return path


def torn_gzip(path: Path) -> Path:
    whole = gzipped(path.with_suffix(".gz"), b"x,y\n" * 100)
    whole.write_bytes(whole.read_bytes()[:-10])
    return whole


def altered(path: Path) -> Path:
    content = bytearray(zipped(path, {"a.csv": b"x,y\n"}, zipfile.ZIP_STORED).read_bytes())
    content[content.index(b"x,y")] = ord("z")
    path.write_bytes(content)
    return path


def not_read(path: Path) -> Path:
    path = path.with_suffix(".7z")
    path.write_bytes(b"7z")
    return path


WHOLE = " Nothing of the archive is read. "
REFUSED: dict[Callable[[Path], Path], str] = {
    escape: f"The name '../../evil.csv' leads out of its folder.{WHOLE}Pack the files by their "
    "plain names.",
    absolute: "The name '/etc/evil.csv' leads out of its folder.",
    backslash: "leads out of its folder.",
    drive: "The name 'C:evil.csv' leads out of its folder.",
    hidden_sign: "The name 'a\\n.csv' holds signs that cannot be shown.",
    tar_escape: "The name 'a/../../evil.csv' leads out of its folder.",
    tar_link: f"'a.csv' is a link and no file.{WHOLE}Pack the file that it leads to.",
    hard_link: "'a.csv' is a link and no file.",
    device: f"'a.csv' is no plain file.{WHOLE}Pack only files.",
    zip_link: "'a.csv' is a link and no file.",
    nested: f"It holds another archive, 'inner.zip'.{WHOLE}Send that one by itself.",
    many: f"The archive holds more than 5 files.{WHOLE}Send it in parts, or raise `members` under "
    "`bounds`.",
    bomb: f"Unpacked it comes to more than 4,194,304 bytes.{WHOLE}Send the files themselves, or "
    "raise `ratio` or `unpacked_bytes` under `bounds`.",
    tar_bomb: "Unpacked it comes to more than 4,194,304 bytes.",
    gzip_bomb: "Unpacked it comes to more than 4,194,304 bytes.",
    bomb_of_many: "Unpacked it comes to more than 4,194,304 bytes.",
    lying_header: f"The archive is not whole.{WHOLE}Pack it again and send it anew.",
    endless_header: "The archive is not whole.",
    endless_line: "A line of the file is longer than 1,000 bytes. Send one record in each line; if "
    "the lines are right, raise `line_bytes` under `bounds`.",
    locked: f"'a.csv' is encrypted.{WHOLE}Send it without a password, over a line that is safe.",
    other_packing: f"'a.csv' is packed in a way that is not read.{WHOLE}Pack it with the usual "
    "method, deflate.",
    torn: "The archive is not whole.",
    torn_gzip: "The archive is not whole.",
    altered: "The archive is not whole.",
    not_read: f"Archives of this kind are not read.{WHOLE}Send the files themselves, or one of "
    ".zip, .gz, .tgz, .tar.",
}


@pytest.mark.parametrize("make", REFUSED, ids=lambda make: make.__name__)
def test_an_archive_that_tries_more_is_refused_and_leaves_nothing_outside(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    path = make(tmp_path / "a.zip")
    outside = {*tmp_path.iterdir()}
    with pytest.raises(InputProblem) as refusal:
        read(path, tmp_path / "in")
    (finding,) = refusal.value.findings
    assert finding.where.startswith(path.name)
    assert REFUSED[make] in finding.line()
    assert {*tmp_path.iterdir()} - outside <= {tmp_path / "in"}
    written = (each.name for each in (tmp_path / "in").rglob("*"))
    assert all(name == "out" or name.isdigit() for name in written)


class Endless:
    """A file of one line without end: what is read of it is counted."""

    read_bytes = 0

    def read(self, size: int = -1, /) -> bytes:
        self.read_bytes += size
        return b"z" * size


def test_a_line_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    stream = Endless()
    with pytest.raises(InputProblem) as refusal:
        copy_bounded(stream, tmp_path / "a.csv", "a.csv", SMALL)
    assert "A line of the file is longer than 1,000 bytes." in str(refusal.value)
    assert stream.read_bytes <= 2 * SMALL.line_bytes
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    stream = Endless()
    with pytest.raises(InputProblem) as refusal:
        copy_bounded(stream, tmp_path / "a.parquet", "a.parquet", SMALL)
    assert str(refusal.value) == (
        "error: a.parquet: The file holds more than 20,000,000 bytes. "
        "Send it in parts, or raise `file_bytes` under `bounds`."
    )
    assert stream.read_bytes <= SMALL.file_bytes + SMALL.line_bytes
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ends", [b"\n", b"\r", b"\r\n"])
@pytest.mark.parametrize(("length", "fits"), [(1_000, True), (1_001, False)])
def test_a_line_may_be_as_long_as_stated(
    tmp_path: Path, ends: bytes, length: int, fits: bool
) -> None:
    content = ends.join([b"x" * 10, b"x" * length, b"x" * 700, b"x" * 999])
    stream = io.BytesIO(content)
    if fits:
        copy_bounded(stream, tmp_path / "a.csv", "a.csv", SMALL)
        assert (tmp_path / "a.csv").read_bytes() == content
    else:
        with pytest.raises(InputProblem):
            copy_bounded(stream, tmp_path / "a.csv", "a.csv", SMALL)
