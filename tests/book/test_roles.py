"""What each role may not do is refused by the database itself."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from tradeline.book.connection import connect, in_tenant, transaction
from tradeline.book.roles import DATABASE_STATEMENTS, ROLE_OPTIONS, ROLES, Role, tenant_statements
from tradeline.book.server import running

REPOSITORY = Path(__file__).parents[2]
BOUND: tuple[Role, ...] = ("web", "worker")
TABLES = (
    "CREATE TABLE loan (id bigint PRIMARY KEY, tenant text NOT NULL)",
    *tenant_statements("loan"),
    "GRANT SELECT, INSERT ON loan TO web, worker",
    "CREATE TABLE secret (word text)",
    "INSERT INTO secret VALUES ('hidden')",
    "CREATE FUNCTION reveal() RETURNS text LANGUAGE sql SECURITY DEFINER "
    "AS 'SELECT word FROM secret'",
)


@pytest.fixture(scope="module", autouse=True)
def _tables(book: Path) -> Iterator[None]:
    with connect("owner", book) as connection:
        for statement in TABLES:
            connection.execute(statement.encode())
        for number, tenant in enumerate(("north", "north", "south")):
            with in_tenant(connection, tenant):
                connection.execute("INSERT INTO loan VALUES (%s, %s)", [number, tenant])
        yield
        connection.execute("DROP TABLE loan, secret CASCADE; DROP FUNCTION reveal")


@pytest.mark.parametrize("role", BOUND)
@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("CREATE TABLE mine (id int)", "permission denied for schema public"),
        ("CREATE TEMP TABLE mine (id int)", "permission denied to create temporary tables"),
        ("CREATE SCHEMA mine", "permission denied for database tradeline"),
        ("CREATE VIEW mine AS SELECT 1", "permission denied for schema public"),
        ("CREATE SEQUENCE mine", "permission denied for schema public"),
        ("CREATE TYPE mine AS ENUM ('a')", "permission denied for schema public"),
        ("CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'", "for schema public"),
        ("CREATE EXTENSION btree_gist", "permission denied to create extension"),
        ("CREATE ROLE mine", "permission denied to create role"),
        ("CREATE DATABASE mine", "permission denied to create database"),
        ("SELECT lo_create(0)", "permission denied for function lo_create"),
        ("SELECT lo_from_bytea(0, 'x')", "permission denied for function lo_from_bytea"),
        ("SELECT * FROM secret", "permission denied for table secret"),
        ("SELECT reveal()", "permission denied for function reveal"),
        ("SELECT rolpassword FROM pg_authid", "permission denied for table pg_authid"),
        ("SELECT pg_read_file('PG_VERSION')", "permission denied for function pg_read_file"),
        ("COPY loan TO PROGRAM 'cat'", "permission denied to COPY to or from an external program"),
        ("UPDATE loan SET tenant = 'south'", "permission denied for table loan"),
        ("DELETE FROM loan", "permission denied for table loan"),
        ("TRUNCATE loan", "permission denied for table loan"),
        ("DROP TABLE loan", "must be owner of table loan"),
        ("ALTER TABLE loan NO FORCE ROW LEVEL SECURITY", "must be owner of table loan"),
        ("DROP POLICY tenant ON loan", "must be owner of relation loan"),
        ("SET ROLE owner", 'permission denied to set role "owner"'),
        ("SET ROLE postgres", 'permission denied to set role "postgres"'),
        ("SET SESSION AUTHORIZATION owner", "permission denied to set session authorization"),
        ("GRANT owner TO web", 'permission denied to grant role "owner"'),
        ("ALTER ROLE CURRENT_USER BYPASSRLS", "permission denied to alter role"),
        ("ALTER ROLE CURRENT_USER SUPERUSER", "permission denied to alter role"),
        ("ALTER SYSTEM SET fsync = off", "permission denied to set parameter"),
        ("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'owner'",
         "permission denied to terminate process"),
    ],
)  # fmt: skip
def test_a_bound_role_is_refused(book: Path, role: Role, statement: str, refusal: str) -> None:
    with connect(role, book) as connection, pytest.raises(errors.InsufficientPrivilege) as refused:
        connection.execute(statement.encode())
    assert refusal in str(refused.value)


@pytest.mark.parametrize("role", BOUND)
@pytest.mark.parametrize("database", ["postgres", "template1"])
def test_a_bound_role_enters_no_other_database(book: Path, role: Role, database: str) -> None:
    server = running(book)
    assert server
    with pytest.raises(psycopg.OperationalError, match="User does not have CONNECT privilege"):
        psycopg.connect(server.url(role, database))


@pytest.mark.parametrize("role", ROLES)
def test_no_role_is_a_superuser_or_passes_by_row_level_security(book: Path, role: Role) -> None:
    with connect(role, book) as connection:
        found = connection.execute(
            "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication, "
            "rolinherit FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        member = connection.execute(
            "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member "
            "WHERE r.rolname = current_user"
        ).fetchone()
    assert found == (False, False)
    assert member == (0,)


@pytest.mark.parametrize("role", ROLES)
def test_a_tenant_sees_its_own_rows_alone_and_none_without(book: Path, role: Role) -> None:
    with connect(role, book) as connection:
        assert rows(connection) == []  # never set: the setting is null
        with in_tenant(connection, "north"):
            assert rows(connection) == [0, 1]
        assert rows(connection) == []  # set once: the setting is an empty text now
        with in_tenant(connection, "south"):
            assert rows(connection) == [2]
        with in_tenant(connection, None):
            assert rows(connection) == []


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("tenant", ["north", None])
def test_a_row_of_another_tenant_cannot_be_written(
    book: Path, role: Role, tenant: str | None
) -> None:
    with (
        pytest.raises(errors.InsufficientPrivilege, match="violates row-level security policy"),
        transaction(role, tenant, book) as connection,
    ):
        connection.execute("INSERT INTO loan VALUES (9, 'south')")


def test_the_superuser_is_why_no_role_may_be_one(book: Path) -> None:
    server = running(book)
    assert server
    with psycopg.connect(server.url("postgres")) as connection:
        assert rows(connection) == [0, 1, 2]


def test_the_guide_makes_the_same_roles_on_a_server_of_ones_own() -> None:
    guide = " ".join((REPOSITORY / "docs/guides/book.md").read_text(encoding="utf-8").split())
    for role in ROLES:
        assert f"CREATE ROLE {role} {ROLE_OPTIONS};" in guide
    for statement in DATABASE_STATEMENTS[:-1]:
        assert f"{statement};" in guide


def rows(connection: psycopg.Connection) -> list[int]:
    return [number for (number,) in connection.execute("SELECT id FROM loan ORDER BY id")]
