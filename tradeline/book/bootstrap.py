"""Django for the book, without a web site: where it connects, and the migrations that own its DDL.

Django's settings hold for a whole process, so that a process speaks to one book as one role.
"""

from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from psycopg.conninfo import conninfo_to_dict

from tradeline.book.connection import STATEMENT_TIMEOUT_SECONDS, database_url
from tradeline.book.roles import Role

# Named, not imported: the areas that keep rows in the book.
APPS = (
    "tradeline.book",
    "tradeline.lending.ledger",
    "tradeline.lending.servicing",
    "tradeline.lending.approvals",
    "tradeline.lending.payments",
)
MIGRATION_LOCK = 7_001
NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def configure(role: Role, folder: Path | None = None) -> None:
    """Have Django speak to the book as a role; `InputProblem` if no server runs.

    ValueError if this process speaks to another book, or as another role, already.
    """
    database = _database(role, folder)
    if settings.configured:
        if settings.DATABASES["default"]["USER"] != database["USER"] or (
            settings.DATABASES["default"]["HOST"] != database["HOST"]
        ):
            raise ValueError("This process speaks to another book, or as another role, already.")
        return
    settings.configure(
        DATABASES={"default": database},
        INSTALLED_APPS=list(APPS),
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        TIME_ZONE="UTC",
    )
    django.setup()


def migrate(folder: Path | None = None) -> list[str]:
    """Bring the tables to what the code expects, as `owner`; the names of what was applied.

    Of two that run at once the second waits, and finds nothing left to do.
    """
    configure("owner", folder)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            waiting = _waiting()
            if waiting:
                call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
    return waiting


def _waiting() -> list[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label} {migration.name}" for migration, _ in plan]


def _database(role: Role, folder: Path | None) -> dict[str, object]:
    parts = conninfo_to_dict(database_url(role, folder))
    milliseconds = STATEMENT_TIMEOUT_SECONDS[role] * 1000
    named: dict[str, object] = {NAMES[k]: v for k, v in parts.items() if k in NAMES}
    others = {k: v for k, v in parts.items() if k not in NAMES}
    timeout = {"options": f"-c statement_timeout={milliseconds}"}
    return named | {
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": others | timeout | {"application_name": f"tradeline {role}"},
    }
