"""Addresses that fsspec reads: what is said where nothing can be reached."""

from datetime import UTC, datetime
from pathlib import Path

import fsspec
import pytest

from tests.conformance.worlds import mapping
from tests.lake.lakes import HEADER, answers, new_lake, order_line
from tradeline.lake.records import Assurance
from tradeline.lake.sources.arrivals import Arrivals
from tradeline.lake.sources.bucket import Bucket
from tradeline.lake.sources.pulling import Pulled, pull_source

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def pull(root: Path, address: str, waits: list[float] | None = None) -> Pulled:
    bucket = Bucket(address, Arrivals("bank", mapping("*.csv"), lambda: NOW))
    wait = [] if waits is None else waits
    return pull_source(root, bucket, Assurance.PLATFORM_OBSERVED, lambda _: None, wait.append)


def said(root: Path, address: str) -> str:
    return pull(root, address).findings[0].line()


def test_an_address_with_a_password_is_refused_without_repeating_it(tmp_path: Path) -> None:
    assert said(new_lake(tmp_path), "ftp://me:a-secret@host/in") == (
        "error: ftp: The address holds a password. Take it out; give credentials by the "
        "environment, such as AWS_ACCESS_KEY_ID."
    )


def test_an_address_that_nothing_reaches_is_said(tmp_path: Path) -> None:
    line = said(new_lake(tmp_path), "nothing://host/in")
    assert line.startswith("error: nothing://host/in: Nothing that is installed reaches this")
    assert line.endswith(
        "Check how it begins, or install its driver, such as `pip install s3fs` for s3://."
    )


def test_any_file_system_of_fsspec_will_do(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    text = "\n".join([HEADER, order_line(("E1", "1", 10, 1, 1))])
    memory = fsspec.filesystem("memory")
    memory.pipe("/in/a.csv", text.encode())
    memory.pipe("/in/.hidden.csv", b"x")
    assert pull(root, "memory://in").counts["new"] == 1
    assert answers(root) == [("E1", "1", 10)]
    memory.pipe("/in/a.csv", text.replace(",10,", ",11,").encode())
    assert pull(root, "memory://in").counts["batches"] == 1
    assert pull(root, "memory://in").counts["batches"] == 0


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            PermissionError("key AKIA..."),
            "error: memory://in: The storage refuses (PermissionError). Check the credentials in "
            "the environment, and that they may list and read.",
        ),
        (
            type("NoCredentialsError", (Exception,), {})("none"),
            "error: memory://in: The storage refuses (NoCredentialsError). Check the credentials "
            "in the environment, and that they may list and read.",
        ),
    ],
)
def test_what_the_storage_refuses_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, line: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(fsspec.get_filesystem_class("memory"), "find", refuse)
    waits: list[float] = []
    assert pull(new_lake(tmp_path), "memory://in", waits).findings[0].line() == line
    assert waits == []


@pytest.mark.parametrize("kind", ["EndpointConnectionError", "ReadTimeoutError", "SlowDown"])
def test_what_comes_from_the_line_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    error = type(kind, (Exception,), {})

    def away(*_: object, **__: object) -> None:
        raise error("https://host/?secret=1")

    monkeypatch.setattr(fsspec.get_filesystem_class("memory"), "find", away)
    waits: list[float] = []
    pulled = pull(new_lake(tmp_path), "memory://in", waits)
    assert waits == [1.0, 2.0, 4.0, 8.0]
    assert pulled.findings[0].message == (
        f"memory://in cannot be reached ({kind}). It was tried 5 times."
    )
