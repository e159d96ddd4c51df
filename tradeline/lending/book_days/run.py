"""The run of an end of day over the agreements that the book holds, of every kind.

Each agreement ends its day in a transaction of its own: it is folded with the ends of its days, the
ledger gets the difference, and how it stands is written beside that. What has ended its day is left
alone, so that a run that was killed goes on where it was, and leaves nothing that somebody must
mend. One that cannot be worked out is told of, and the others are done. Where the database breaks a
transaction off in favour of another's, it is tried again a few times, then told of too.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, astuple, dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from psycopg import Connection, Cursor, DatabaseError, InterfaceError, OperationalError, errors
from psycopg.types.json import Jsonb

from tradeline.book.connection import in_tenant
from tradeline.book.outbox import Event, record
from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.lending.book_days.provided import Provided, Rules, provided, read_rules
from tradeline.lending.book_days.standing import Standing, known_on, standing
from tradeline.lending.bookings.chart import PROVIDED
from tradeline.lending.ledger.accounts import open_accounts
from tradeline.lending.ledger.posting import post
from tradeline.lending.ledger.reading import booked_about
from tradeline.lending.servicing.differences import chart_of, missing_entries
from tradeline.lending.servicing.saved import Saved, lock_agreement, read_saved

RUN_LOCK = 7_007
# A run that was killed lets go as soon as the server notices.
LOCK_TIMEOUT = "5s"
# Each try of a deadlock has waited a second for it, so that more tries find what is held for long.
TRIES = 3
BROKEN_OFF = (errors.DeadlockDetected, errors.SerializationFailure)
LAST = "SELECT max(day) FROM servicing_closed_day"
# What is over, and had nothing entered since, is left alone.
WAITING = """
SELECT a.agreement FROM servicing_agreement a
LEFT JOIN LATERAL (
    SELECT day, events, is_over FROM servicing_ended_day d
    WHERE d.tenant = a.tenant AND d.agreement = a.agreement ORDER BY day DESC LIMIT 1
) AS last ON true
WHERE last.day IS NULL OR last.day < %s AND NOT (last.is_over AND last.events = (
    SELECT count(*) FROM servicing_event e
    WHERE e.tenant = a.tenant AND e.agreement = a.agreement))
ORDER BY a.agreement
"""
ENDED = """
INSERT INTO servicing_ended_day (agreement, day, recorded_at, allowance_minor, suspended_minor,
    stage, events,
    principal_minor, owed_minor, paid_out_minor, paid_out_on, days_late, is_lost, is_forborne,
    is_over, interest_minor)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
CLOSED = "INSERT INTO servicing_closed_day (day, findings, recorded_at) VALUES (%s, %s, %s)"
COUNTS = """
SELECT count(*), count(*) FILTER (WHERE days_late > 0), coalesce(sum(allowance_minor), 0)::bigint
FROM servicing_ended_day WHERE day = %s
"""


@dataclass(frozen=True, slots=True)
class Closed:
    """A day that ended for a lender: how many agreements, and how many of them late.

    `findings` tell of those that did not end, and of those that ended with their PD not known.
    """

    day: date
    agreements: int
    late: int
    findings: tuple[Finding, ...]


Done = TypeVar("Done")
Tell = Callable[[date, int, int], None]
"""Told after each agreement: the day, how many are done, out of how many."""


def run(
    connection: Connection,
    tenant: str,
    until: date,
    now: datetime,
    tell: Tell = lambda *_: None,
) -> list[Closed]:
    """End every day of a lender until one, that one included, which is not done; those ended.

    The first day ever is `until` itself. The connection is in no transaction. `InputProblem` if
    another run works on this lender.
    """
    with _only_run(connection, tenant):
        last = _tried(connection, tenant, lambda: _last(connection))
        day = until if last is None else last + timedelta(days=1)
        found = []
        while day <= until:
            found.append(_run_day(connection, tenant, day, now, tell))
            day += timedelta(days=1)
        return found


@contextmanager
def _only_run(connection: Connection, tenant: str) -> Iterator[None]:
    """The server lets go of it when the connection ends, however it ends."""
    place = [RUN_LOCK, tenant]
    try:
        with connection.transaction():
            connection.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
            connection.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", place)
    except errors.LockNotAvailable as refusal:
        raise problem(
            "run-under-way", f"ledger {tenant}", "Another run ends the days of this lender.",
            "Wait until it ends; nothing is left to be done by hand.",
        ) from refusal  # fmt: skip
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", place)


def _run_day(connection: Connection, tenant: str, day: date, now: datetime, tell: Tell) -> Closed:
    waiting, rules = _tried(
        connection, tenant, lambda: (_waiting(connection, day), read_rules(connection, day))
    )
    findings = list[Finding]()

    def end(agreement: str) -> Sequence[Finding]:
        lock_agreement(connection, tenant, agreement)
        return _end(connection, read_saved(connection, agreement), day, rules, now)

    for number, agreement in enumerate(waiting, start=1):
        try:
            findings += _tried(connection, tenant, partial(end, agreement))
        except InputProblem as refusal:
            first = refusal.findings[0]
            findings.append(_finding(agreement, first.code, first.message, first.remedy))
        except (*BROKEN_OFF, errors.QueryCanceled) as error:  # the last: it waited for too long
            findings.append(_held(agreement, error))
        except (OperationalError, InterfaceError):
            raise  # the server is gone, not this agreement
        except Exception as error:  # one agreement must never stop the others
            findings.append(_not_ended(agreement, error))
        tell(day, number, len(waiting))
    return _tried(connection, tenant, lambda: _close(connection, day, findings, now))


def _tried(connection: Connection, tenant: str, work: Callable[[], Done]) -> Done:
    """What work in a transaction gives, tried again where that was broken off."""
    for _ in range(TRIES - 1):
        with suppress(*BROKEN_OFF), in_tenant(connection, tenant):
            return work()
    with in_tenant(connection, tenant):
        return work()


def _last(connection: Connection) -> date | None:
    found: tuple[date | None] | None = Cursor(connection).execute(LAST).fetchone()
    return found[0] if found else None


def _waiting(connection: Connection, day: date) -> list[str]:
    return [name for (name,) in Cursor(connection).execute(WAITING, [day]).fetchall()]


def _end(
    connection: Connection, saved: Saved, day: date, rules: Rules, now: datetime
) -> Sequence[Finding]:
    """End the day of one agreement, in the transaction that holds it; why its PD is not known."""
    if saved.contract.start > day or (saved.ended is not None and saved.ended >= day):
        return ()
    known = known_on(saved, day)
    stood, state = standing(known, day)
    found = provided(connection, known, stood, state, day, rules, now)
    if found.booked is not None:
        _open_provisions(connection, saved, now)
        saved = replace(saved, provided=(*saved.provided, found.booked))
    saved = replace(saved, ended=day)
    if stood.events < len(saved.events):  # the run is late: more was entered and booked since
        state = saved.state()
    entries = missing_entries(
        saved.name, f"end of day {day}", (day, "EndOfDay"), saved.right(state),
        booked_about(connection, saved.name), saved.contract.currency,
    )  # fmt: skip
    posted = post(connection, entries, now) if entries else ()
    _write(connection, saved.name, day, stood, found, now)
    if posted:
        told = {"agreement": saved.name, "day": day.isoformat(),
                "entries": [each.entry for each in posted], "stage": found.stage,
                "allowance_minor": found.allowance_minor,
                **saved.kind.standing(state)}  # fmt: skip
        record(connection, Event(f"lending.{saved.kind.name}.day_ended", told, now))
    return found.findings


def _open_provisions(connection: Connection, saved: Saved, now: datetime) -> None:
    """The accounts of provisions, which older agreements lack."""
    lenders = ("",) if saved.lenders is None else saved.lenders.parties
    open_accounts(connection, chart_of(PROVIDED, saved.contract.currency, lenders), now)


def _write(
    connection: Connection,
    agreement: str,
    day: date,
    stood: Standing,
    found: Provided,
    now: datetime,
) -> None:
    values = [found.allowance_minor, found.suspended_minor, found.stage, *astuple(stood)]
    Cursor(connection).execute(ENDED, [agreement, day, now, *values])


def _close(connection: Connection, day: date, findings: Sequence[Finding], now: datetime) -> Closed:
    """The day is closed and told of; those that could not be worked out are tried the next day."""
    contents: list[dict[str, Any]] = [asdict(each) for each in findings]
    count, late, allowance = Cursor(connection).execute(COUNTS, [day]).fetchone() or (0, 0, 0)
    Cursor(connection).execute(CLOSED, [day, Jsonb(contents), now])
    told = {"day": day.isoformat(), "agreements": count, "late": late,
            "allowance_minor": allowance, "findings": contents}  # fmt: skip
    record(connection, Event("lending.day_closed", told, now))
    return Closed(day, count, late, tuple(findings))


def _not_ended(agreement: str, error: Exception) -> Finding:
    return _finding(
        agreement, "agreement-not-ended",
        f"It could not be worked out: {type(error).__name__}: {error}.",
        "Correct its events; it is tried again at the next end of day.",
    )  # fmt: skip


def _held(agreement: str, error: DatabaseError) -> Finding:
    return _finding(
        agreement, "agreement-held",
        f"Others held what it needs: {error.diag.message_primary}.",
        "Nothing of the day was booked; it is tried again at the next end of day.",
    )  # fmt: skip


def _finding(agreement: str, code: str, message: str, remedy: str) -> Finding:
    return Finding(code, Severity.ERROR, f"agreement {agreement}", message, remedy)
