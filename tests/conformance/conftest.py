"""The servers of the worlds: a PostgreSQL and one that speaks S3, each started once."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.book.servers import ABSENT, is_installed, server_folder
from tests.conformance.worlds import (
    DatabaseWorld,
    FileBucketWorld,
    FolderWorld,
    PushWorld,
    ResourceWorld,
    S3World,
    World,
    s3_server,
)

KINDS = ("folder", "bucket on files", "bucket on S3", "database", "push", "dlt")


@pytest.fixture(scope="session")
def s3() -> Iterator[Any]:
    """A client of a server that speaks S3; fsspec finds it by the environment."""
    import botocore.session  # type: ignore[import-untyped]

    with s3_server() as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", address)
        patch.setenv("AWS_ACCESS_KEY_ID", "tester")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield botocore.session.get_session().create_client("s3")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[dict[str, str]]:
    """The addresses of a PostgreSQL that runs, by role."""
    if not is_installed():
        if os.environ.get("CI") == "true":
            pytest.fail(ABSENT)
        pytest.skip(ABSENT)
    from tradeline.book.server import start

    with server_folder() as folder:
        server = start(folder)
        yield {role: server.url(role) for role in ("owner", "web")}


@pytest.fixture(scope="session")
def owner(postgres_url: dict[str, str]) -> Iterator[Any]:
    """A connection that makes tables."""
    import psycopg

    with psycopg.connect(postgres_url["owner"], autocommit=True) as connection:
        yield connection


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world of each kind."""
    folder = tmp_path / "incoming"
    match request.param:
        case "folder":
            return FolderWorld(folder, monkeypatch)
        case "bucket on files":
            return FileBucketWorld(folder, monkeypatch)
        case "bucket on S3":
            return S3World(request.getfixturevalue("s3"), folder, monkeypatch)
        case "database":
            from tradeline.cli.databases import postgres

            url = request.getfixturevalue("postgres_url")["web"]
            connect = postgres("$SHOP", {"SHOP": url})
            return DatabaseWorld(request.getfixturevalue("owner"), connect, monkeypatch)
        case "push":
            return PushWorld()
        case _:
            return ResourceWorld()
