"""How the book stands, in lines for a reader."""

import psycopg

from tradeline.book.connection import connect
from tradeline.book.roles import ROLES, Role
from tradeline.book.server import Server

FACTS = """
SELECT current_setting('server_version'), pg_database_size(current_database()),
       current_user, rolsuper OR rolbypassrls
FROM pg_roles WHERE rolname = current_user
"""


def server_status(server: Server) -> list[str]:
    """Version, folder, where it listens, roles and size of the embedded server."""
    listens = f"{server.socket_folder} (socket)"
    if server.address:
        listens += f", {server.address}:{server.port}"
    with psycopg.connect(server.url("owner")) as connection:
        version, size = _facts(connection)[:2]
    return [
        f"PostgreSQL {version} runs as process {server.pid}.",
        f"data     {server.home.folder}",
        f"listens  {listens}",
        f"roles    {', '.join(ROLES)}",
        f"size     {_megabytes(size)}",
    ]


def own_status() -> list[str]:
    """Version, size and roles of the operator's own server, and which role passes by its rules."""
    lines: list[str] = []
    for role in ROLES:
        with connect(role) as connection:
            version, size, user, is_unbound = _facts(connection)
        if not lines:
            lines = [f"Your own server: PostgreSQL {version}.", f"size     {_megabytes(size)}"]
        lines.append(f"{role:<8} as {user}{_warning(role) if is_unbound else ''}")
    return lines


def _facts(connection: psycopg.Connection) -> tuple[str, int, str, bool]:
    row = connection.execute(FACTS).fetchone()
    assert row
    version, size, user, is_unbound = row
    return version, size, user, is_unbound


def _warning(role: Role) -> str:
    return (
        f": row-level security does not bind this user. Give {role} one that is no superuser "
        "(docs/guides/book.md)."
    )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
