"""Where the book is, and what a connection promises."""

from pathlib import Path

import psycopg
import pytest

from tradeline.book.connection import connect, database_url, in_tenant, own_url, transaction
from tradeline.book.roles import ROLES, Role
from tradeline.book.server import running
from tradeline.kernel.findings import InputProblem

OWN = "postgresql://me:word@db.example/book"


def test_the_embedded_server_is_the_book_unless_another_is_named(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = running(book)
    assert server
    assert database_url("web", book) == server.url("web")
    monkeypatch.setenv("DATABASE_URL", OWN)
    assert database_url("web", book) == OWN
    monkeypatch.setenv("TRADELINE_DATABASE_URL_WEB", "postgresql://web@db.example/book")
    assert database_url("web", book) == "postgresql://web@db.example/book"
    assert database_url("owner", book) == OWN


def test_an_empty_address_names_no_server() -> None:
    assert own_url("web", {"DATABASE_URL": "", "TRADELINE_DATABASE_URL_WEB": ""}) is None


def test_a_connection_goes_to_the_server_that_database_url_names(
    book: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = running(book)
    assert server
    monkeypatch.setenv("DATABASE_URL", server.url("worker"))
    with connect("web", tmp_path / "nothing-here") as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("worker",)


def test_without_a_server_it_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(InputProblem) as refusal:
        database_url("web", tmp_path / "book")
    assert str(refusal.value) == (
        "error: book: No server runs. Start it with `tradeline book start`, or set DATABASE_URL "
        "to a server of your own."
    )
    assert not (tmp_path / "book").exists()


def test_a_refused_connection_says_so_without_the_password(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = running(book)
    assert server
    word = server.home.passwords()["web"]
    monkeypatch.setenv("DATABASE_URL", server.url("web").replace(word, "mistaken"))
    with pytest.raises(InputProblem, match=r"refuses a connection as web: .*failed") as refusal:
        connect("web")
    assert "mistaken" not in str(refusal.value)
    assert str(refusal.value).endswith("Check that it runs, and its address, user and password.")


@pytest.mark.parametrize(("role", "timeout"), [("owner", "0"), ("web", "10s"), ("worker", "10min")])
def test_a_connection_is_named_bounded_and_in_utc(
    book: Path, role: Role, timeout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGTZ", "Asia/Shanghai")
    with connect(role, book) as connection:
        settings = connection.execute(
            "SELECT current_setting('application_name'), current_setting('statement_timeout'), "
            "current_setting('timezone'), current_user"
        ).fetchone()
    assert settings == (f"tradeline {role}", timeout, "UTC", role)


@pytest.mark.parametrize("role", ROLES)
def test_the_tenant_ends_with_its_transaction(book: Path, role: Role) -> None:
    with connect(role, book) as connection:
        with in_tenant(connection, "north"):
            assert tenant(connection) == "north"
        assert tenant(connection) == ""


def test_a_transaction_is_committed_or_rolled_back_whole(book: Path) -> None:
    with transaction("owner", None, book) as connection:
        connection.execute("CREATE TABLE kept (number int)")
    with (
        pytest.raises(psycopg.errors.DivisionByZero),
        transaction("owner", None, book) as connection,
    ):
        connection.execute("INSERT INTO kept VALUES (1)").connection.execute("SELECT 1 / 0")
    assert connection.closed
    with transaction("owner", None, book) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        connection.execute("DROP TABLE kept")


def test_a_tenant_is_a_value_and_never_sql(book: Path) -> None:
    name = "o'brien'); DROP TABLE loan; --"
    with transaction("web", name, book) as connection:
        assert tenant(connection) == name


def test_an_empty_tenant_is_refused(book: Path) -> None:
    with (
        pytest.raises(ValueError, match="An empty tenant is no tenant: pass None where none is"),
        transaction("web", "", book),
    ):
        pass


def tenant(connection: psycopg.Connection) -> str | None:
    row = connection.execute("SELECT current_setting('tradeline.tenant', true)").fetchone()
    assert row
    found: str | None = row[0]
    return found
