"""The unit of work of a flow: what it saves, books and tells stands or falls together."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection, transaction


@contextmanager
def unit_of_work(tenant: str) -> Iterator[psycopg.Connection]:
    """A transaction of Django's, bound to a tenant, as the connection that the ledger takes.

    Rows saved through models and entries posted on the connection are committed together when the
    block ends, and rolled back together when it raises.
    """
    if not tenant:
        raise ValueError("A unit of work is done for a tenant.")
    with transaction.atomic(durable=True):
        connection.ensure_connection()
        raw: psycopg.Connection = connection.connection
        psycopg.Cursor(raw).execute("SELECT set_config('tradeline.tenant', %s, true)", [tenant])
        yield raw
