"""Who may do what in the book, and how a row is bound to its tenant.

`owner` owns the tables and changes them, `web` answers people, `worker` does the jobs. None is a
superuser and none passes by row-level security; `web` and `worker` create nothing and read only
what they were granted. Where rows must stay as they were written, no role changes them.
"""

from typing import Literal, get_args

from psycopg import Connection
from psycopg.sql import SQL, Identifier

Role = Literal["owner", "web", "worker"]
ROLES: tuple[Role, ...] = get_args(Role)
SUPERUSER = "postgres"
DATABASE = "tradeline"

ROLE_OPTIONS = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION NOINHERIT"

# Takes back what PostgreSQL grants to everybody unless it is told otherwise. The comment is last:
# it says that the set-up is whole, and which one it is.
DATABASE_STATEMENTS = (
    "REVOKE ALL ON DATABASE postgres, template1, tradeline FROM PUBLIC",
    "GRANT CONNECT ON DATABASE tradeline TO owner, web, worker",
    "ALTER SCHEMA public OWNER TO owner",
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE ON SCHEMA public TO web, worker",
    "ALTER DEFAULT PRIVILEGES FOR ROLE owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    "ALTER DEFAULT PRIVILEGES FOR ROLE owner REVOKE USAGE ON TYPES FROM PUBLIC",
    "REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) "
    "FROM PUBLIC",
    "COMMENT ON DATABASE tradeline IS 'set-up 1'",
)
SET_UP = "set-up 1"

# Once a transaction that set it is over, the setting is an empty text and no longer null.
TENANT = "nullif(current_setting('tradeline.tenant', true), '')"


def tenant_statements(table: str, column: str = "tenant") -> tuple[str, ...]:
    """What binds the rows of a table to the tenant of the transaction, for its owner too.

    `column` is text and names the tenant of a row; while no tenant is set there are no rows.
    """
    bound = f"{Identifier(column).as_string()} = {TENANT}"
    name = Identifier(table).as_string()
    return (
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant ON {name} USING ({bound}) WITH CHECK ({bound})",
    )


def tenant_default(table: str, column: str = "tenant") -> str:
    """What makes a new row the tenant's of the transaction, so that nobody writes the column."""
    name, tenant = Identifier(table).as_string(), Identifier(column).as_string()
    return f"ALTER TABLE {name} ALTER COLUMN {tenant} SET DEFAULT {TENANT}"


def append_only_statements(table: str) -> tuple[str, ...]:
    """What refuses to change, remove or empty rows of a table, to its owner too.

    Needs the function `book_refuse_change` of the book's migrations. It fires for replicated
    changes as well (ALWAYS).
    """
    name = Identifier(table).as_string()
    return (
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION book_refuse_change()",
        f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER append_only",
    )


def is_set_up(connection: Connection) -> bool:
    """Whether the roles and the database stand as this module makes them."""
    comments = _texts(connection, "SELECT shobj_description(oid, 'pg_database') FROM pg_database")
    return SET_UP in comments


def make_roles(connection: Connection, passwords: dict[str, str]) -> None:
    """Make the roles and an empty database, or set them right; as superuser, in autocommit."""
    known = _texts(connection, "SELECT rolname FROM pg_roles")
    for role in ROLES:
        if role not in known:
            connection.execute(SQL("CREATE ROLE {}").format(Identifier(role)))
        # The password itself never travels, so that no log can hold it.
        verifier = connection.pgconn.encrypt_password(
            passwords[role].encode(), role.encode(), b"scram-sha-256"
        )
        connection.execute(
            SQL("ALTER ROLE {} WITH {} PASSWORD {}").format(
                Identifier(role), SQL(ROLE_OPTIONS), verifier.decode()
            )
        )
    if DATABASE not in _texts(connection, "SELECT datname FROM pg_database"):
        connection.execute("CREATE DATABASE tradeline OWNER owner TEMPLATE template0")


def close_database(connection: Connection) -> None:
    """Close the book's database to all but its roles; as superuser, connected to it."""
    for statement in DATABASE_STATEMENTS:
        connection.execute(statement.encode())


def _texts(connection: Connection, query: str) -> set[str]:
    return {text for (text,) in connection.execute(query.encode())}
