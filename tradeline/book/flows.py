"""The unit of work of a flow: what it saves, books and tells stands or falls together."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection, transaction

from tradeline.book.roles import TENANT


@contextmanager
def unit_of_work(tenant: str) -> Iterator[psycopg.Connection]:
    """A transaction of Django's, bound to a tenant, as the connection that the ledger takes.

    Rows saved through models and entries posted on the connection are committed together when the
    block ends, and rolled back together when it raises. Within another unit of the same tenant it
    is a part of that one: what it did is undone alone when it raises, and committed with the rest.
    """
    if not tenant:
        raise ValueError("A unit of work is done for a tenant.")
    is_part = connection.in_atomic_block
    with transaction.atomic(durable=not is_part):
        connection.ensure_connection()
        raw: psycopg.Connection = connection.connection
        if is_part:
            _require_same(raw, tenant)
        else:
            psycopg.Cursor(raw).execute("SELECT set_config('tradeline.tenant', %s, true)", [tenant])
        yield raw


def _require_same(raw: psycopg.Connection, tenant: str) -> None:
    found = psycopg.Cursor(raw).execute(f"SELECT {TENANT}".encode()).fetchone()
    if found != (tenant,):
        raise RuntimeError(f"A unit of work for {tenant} begins in another's.")
