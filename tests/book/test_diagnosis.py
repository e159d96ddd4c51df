"""What PostgreSQL says when it cannot start, and what we make of it."""

from pathlib import Path

import pytest

from tradeline.book.diagnosis import diagnose

LOG = Path("/srv/book/server.log")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ('LOG:  could not bind IPv4 address "127.0.0.1": Address already in use', "port-in-use"),
        ("PANIC:  could not write to file: No space left on device", "disk-full"),
        ('initdb: error: could not create directory "x": Disk quota exceeded', "disk-full"),
        ('FATAL:  could not open file "x": Permission denied', "not-writable"),
        ('FATAL:  could not create lock file "x": Read-only file system', "not-writable"),
        ('FATAL:  lock file "postmaster.pid" already exists', "other-server"),
        ("FATAL:  could not map anonymous shared memory: Cannot allocate memory", "no-memory"),
    ],
)
def test_a_known_cause_is_named(said: str, code: str) -> None:
    found = diagnose(f"LOG:  starting\n{said}\nLOG:  shut down", Path("/srv/book"), LOG)
    assert [finding.code for finding in found.findings] == [code]
    assert said not in str(found)


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        ("LOG:  a\nFATAL:  the moon is full\nLOG:  b\n", "FATAL:  the moon is full"),
        ("one\ntwo\n", "two"),
        ("", "It said nothing."),
    ],
)
def test_an_unknown_cause_is_quoted(said: str, quoted: str) -> None:
    assert str(diagnose(said, Path("/srv/book"), LOG)) == (
        f"error: /srv/book: The server did not start: {quoted} /srv/book/server.log has more."
    )
