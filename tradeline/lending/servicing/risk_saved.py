"""What provisions by stage rest on, as it was saved: facts of an agreement, PDs of grades."""

import json
from datetime import date

from psycopg import Connection, Cursor

from tradeline.kernel.findings import problem
from tradeline.lending.end_of_day.curves import Curve
from tradeline.lending.servicing.risk import FACTS, Fact
from tradeline.lending.servicing.written import read_record

READ = "SELECT kind, body::text FROM servicing_risk_fact WHERE agreement = %s ORDER BY place"
CURVES = """
SELECT grade, since, cumulative::text FROM servicing_pds WHERE entered_on <= %s AND since <= %s
ORDER BY place
"""
GRADES = "SELECT DISTINCT grade FROM servicing_pds ORDER BY grade"


def read_facts(connection: Connection, agreement: str) -> tuple[Fact, ...]:
    """The facts of an agreement of the transaction's tenant, in the order of entry."""
    rows = Cursor(connection).execute(READ, [agreement])
    return tuple(_fact(kind, body) for kind, body in rows)


def _fact(kind: str, body: str) -> Fact:
    found = next((each for each in FACTS if each.__name__ == kind), None)
    if found is None:
        raise problem("unreadable", "agreement", f"'{kind}' is no fact of its risk.",
                      "Bring the book back from a backup.")  # fmt: skip
    return read_record(found, json.loads(body))


def read_book_curves(connection: Connection, on: date) -> tuple[Curve, ...]:
    """The PDs that are known and in force by a day, in the order of entry."""
    rows = Cursor(connection).execute(CURVES, [on, on])
    return tuple(Curve(grade, since, tuple(json.loads(pds))) for grade, since, pds in rows)


def known_grades(connection: Connection) -> tuple[str, ...]:
    """The grades that have PDs."""
    return tuple(grade for (grade,) in Cursor(connection).execute(GRADES))
