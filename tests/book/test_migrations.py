"""Migrations own the tables: they run as owner, once, and are what the models say."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.book.migrating import migrate_apart, python_apart
from tradeline.book.connection import connect
from tradeline.book.server import start
from tradeline.cli.main import main

APPLIED = """\
applied servicing 0001_tables
applied ledger 0001_tables
applied book 0001_tables
applied book 0002_rules
applied ledger 0002_rules
applied servicing 0002_rules
applied servicing 0003_kinds
applied servicing 0004_claims
applied approvals 0001_tables
applied approvals 0002_rules
applied payments 0001_tables
applied payments 0002_rules
applied servicing 0005_lenders
applied servicing 0006_product
applied servicing 0007_days
applied servicing 0008_stages
"""
NOTHING = "The tables are as they should be.\n"
DRIFT = """
import sys
from pathlib import Path
from tradeline.book.bootstrap import configure
configure("owner", Path(sys.argv[1]))
from django.core.management import call_command
call_command("makemigrations", check=True, dry_run=True)
"""
UNIT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from tradeline.book.bootstrap import configure
configure("web", Path(sys.argv[1]))
from tradeline.book.flows import unit_of_work
from tradeline.book.models import Event
from tradeline.book.outbox import Event as Happened, record
now = datetime(2026, 3, 1, tzinfo=UTC)
try:
    with unit_of_work("north") as connection:
        Event.objects.create(tenant="north", name="by.model", body={}, recorded_at=now)
except Exception as refusal:
    print(type(refusal).__name__)
try:
    with unit_of_work("north") as connection:
        record(connection, Happened("lost", {}, now))
        raise RuntimeError
except RuntimeError:
    pass
with unit_of_work("north") as connection:
    record(connection, Happened("kept", {}, now))
    print([event.name for event in Event.objects.all()])
with unit_of_work("south"):
    print(Event.objects.count())
with unit_of_work("north"):
    with unit_of_work("north") as connection:
        record(connection, Happened("part", {}, now))
    try:
        with unit_of_work("north") as connection:
            record(connection, Happened("undone", {}, now))
            raise RuntimeError
    except RuntimeError:
        pass
    print([event.name for event in Event.objects.order_by("id")])
try:
    with unit_of_work("north"), unit_of_work("south"):
        pass
except RuntimeError as refusal:
    print(refusal)
try:
    configure("worker", Path(sys.argv[1]))
except ValueError as refusal:
    print(refusal)
"""


def test_two_that_migrate_at_once_apply_each_change_once(folder: Path) -> None:
    start(folder)
    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(migrate_apart, [folder, folder]))
    assert said == [NOTHING, APPLIED]
    with connect("owner", folder) as connection:
        owners = connection.execute(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        protected = connection.execute(
            "SELECT count(*) FILTER (WHERE relrowsecurity AND relforcerowsecurity), count(*) "
            "FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
            "AND relname <> 'django_migrations'"
        ).fetchone()
    assert owners == [("owner",)]
    assert protected == (29, 29)
    assert python_apart(DRIFT, str(folder)) == "No changes detected\n"
    assert python_apart(UNIT, str(folder)).splitlines() == [
        "ProgrammingError",  # nobody writes whose a row is
        "['kept']",
        "0",
        "['kept', 'part']",
        "A unit of work for south begins in another's.",
        "This process speaks to another book, or as another role, already.",
    ]


def test_without_a_server_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["book", "migrate", "--data", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err == (
        "error: book: No server runs. Start it with `tradeline book start`, or set DATABASE_URL to "
        "a server of your own.\n"
    )
