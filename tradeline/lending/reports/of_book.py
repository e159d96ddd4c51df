"""What the book says of its agreements at the end of a day: the figures of reports, statements."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from psycopg import Connection, Cursor

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.lending.book_days.standing import known_on
from tradeline.lending.bookings.chart import Account
from tradeline.lending.end_of_day.arrears import is_month_end
from tradeline.lending.ledger.lenders import lender_of, shared_account
from tradeline.lending.participation.apportionment import apportioned
from tradeline.lending.reports.account import Due, account
from tradeline.lending.reports.figures import Figures, Flows, Read
from tradeline.lending.reports.statement import Statement
from tradeline.lending.reports.tables import CHART
from tradeline.lending.servicing.saved import read_saved

CLOSED = "SELECT day, findings FROM servicing_closed_day ORDER BY day"
STOOD = """
SELECT DISTINCT ON (agreement) agreement, principal_minor, owed_minor, paid_out_minor, paid_out_on,
    days_late, is_lost, is_forborne, stage
FROM servicing_ended_day WHERE day <= %s ORDER BY agreement, day DESC
"""
REACHED = """
SELECT agreement, min(day) FILTER (WHERE days_late >= 30), min(day) FILTER (WHERE days_late >= 60),
    min(day) FILTER (WHERE days_late >= 90)
FROM servicing_ended_day WHERE day <= %s GROUP BY agreement
"""
BOOKED = """
SELECT coalesce(nullif(g.product, ''), g.kind), g.agreement, a.code, sum(p.amount_minor)::bigint
FROM servicing_agreement g
JOIN ledger_entry e ON e.about = g.agreement AND NOT e.pending AND e.value_date <= %s
JOIN ledger_posting p ON p.entry_id = e.id JOIN ledger_account a ON a.id = p.account_id
GROUP BY g.kind, g.product, g.agreement, a.code ORDER BY g.agreement, a.code
"""


@dataclass(frozen=True, slots=True)
class _Stood:
    """An agreement at the end of a day, as the run wrote it down."""

    principal_minor: int = 0
    owed_minor: int = 0
    paid_out_minor: int = 0
    paid_out_on: date | None = None
    days_late: int = 0
    is_lost: bool = False
    is_forborne: bool = False
    stage: int = 0

    @property
    def is_active(self) -> bool:
        """Whether something is owed that is not lost."""
        return self.owed_minor > 0 and not self.is_lost


NOTHING = _Stood()
Books = dict[str, Counter[Account]]
"""What is booked of an agreement, by lender."""


@dataclass(frozen=True, slots=True)
class _Agreement:
    """An agreement with something booked: its product, or kind where it names none, and its books.

    It stands now, and as it was at a month end.
    """

    name: str
    product: str
    currency: str
    books: Books
    now: _Stood
    before: _Stood
    reached: Sequence[date | None]


def read_book(connection: Connection, tenant: str) -> Read:
    """All agreements of a lender with something booked, at the end of its last closed day.

    The connection is in a transaction of the tenant that sees one moment (`snapshot`).
    `InputProblem` if no day was ended yet.
    """
    closed = Cursor(connection).execute(CLOSED).fetchall()
    if not closed:
        raise _no_day(tenant)
    day, findings = closed[-1]
    ends = [each for each, _ in closed[:-1] if is_month_end(each)]
    before = ends[-1] if ends else None
    found = list(_agreements(connection, tenant, day, before))
    held = [(place, lender) for place, of in enumerate(found) for lender in of.books]
    return Read(
        tuple(Finding(**each | {"severity": Severity(each["severity"])}) for each in findings),
        _figures(day, before, [(of, "", _whole(of.books)) for of in found]),
        _figures(day, before, [(found[place], lender, found[place].books[lender])
                               for place, lender in held]),
        _flows(connection, day, found),
    )  # fmt: skip


def _no_day(tenant: str) -> InputProblem:
    return problem("no-day", f"ledger {tenant}", "No day of its agreements was ended yet.",
                   "End one: tradeline eod run --book --date DATE.")  # fmt: skip


def _agreements(
    connection: Connection, tenant: str, day: date, before: date | None
) -> Iterator[_Agreement]:
    now, then = (_stood(connection, each) for each in (day, before or date.min))
    reached = {name: days for name, *days in Cursor(connection).execute(REACHED, [day])}
    booked: dict[tuple[str, str, str], Books] = defaultdict(dict)
    for product, name, code, amount in Cursor(connection).execute(BOOKED, [day]):
        of, _, currency = shared_account(code).rpartition("/")
        books = booked[product, name, currency]
        books.setdefault(lender_of(code) or tenant, Counter())[Account(of)] += amount
    for (product, name, currency), books in booked.items():
        stood = now.get(name, NOTHING), then.get(name, NOTHING)
        yield _Agreement(name, product, currency, books, *stood, reached.get(name, (None,) * 3))


def _stood(connection: Connection, day: date) -> dict[str, _Stood]:
    rows = Cursor(connection).execute(STOOD, [day])
    return {name: _Stood(*values) for name, *values in rows}


def _whole(books: Books) -> Counter[Account]:
    found = Counter[Account]()
    for each in books.values():
        found.update(each)
    return found


def _principal(books: Mapping[Account, int]) -> int:
    """Principal in the books, fees that are not earned taken off."""
    return max(books[Account.LOANS_RECEIVABLE] + books[Account.DEFERRED_FEES], 0)


def _owes(of: _Agreement, books: Mapping[Account, int]) -> bool:
    """Whether a lender has something to receive of an agreement."""
    held = books[Account.LOANS_RECEIVABLE], books[Account.INCOME_RECEIVABLE]
    return of.now.is_active and any(held)


def _figures(
    day: date, before: date | None, rows: Sequence[tuple[_Agreement, str, Counter[Account]]]
) -> Figures:
    def ints(values: list[Any]) -> Any:
        return np.array(values, dtype=np.int64)

    def texts(values: list[str]) -> Any:
        return np.array(values, dtype=np.str_)

    def flags(values: list[bool]) -> Any:
        return np.array(values, dtype=bool)

    of = [each for each, _, _ in rows]
    active = [_owes(each, books) for each, _, books in rows]
    return Figures(
        day=day,
        product=texts([each.product for each in of]),
        lender=texts([lender for _, lender, _ in rows]),
        currency=texts([each.currency for each in of]),
        active=flags(active),
        lost=flags([each.now.is_lost for each in of]),
        principal=ints([_principal(books) for _, _, books in rows]),
        late=ints([each.now.days_late if is_active else -1
                   for each, is_active in zip(of, active, strict=True)]),
        forborne=flags([each.now.is_forborne and each.now.is_active for each in of]),
        disbursed_on=ints([_ordinal(each.now.paid_out_on) for each in of]),
        disbursed=ints([each.now.paid_out_minor for each in of]),
        reached=ints([[_ordinal(on) for on in each.reached] for each in of]).reshape(-1, 3),
        before=before,
        late_before=ints([each.before.days_late if each.before.is_active else -1 for each in of]),
        principal_before=ints([each.before.principal_minor for each in of]),
        stage=ints([each.now.stage if is_active else 0
                    for each, is_active in zip(of, active, strict=True)]),
        stage_before=ints([each.before.stage for each in of]),
        owed_before=ints([each.before.owed_minor for each in of]),
        booked=ints([[books[name] for name in CHART] for _, _, books in rows])
        .reshape(-1, len(CHART)),
    )  # fmt: skip


def _ordinal(day: date | None) -> int:
    return 0 if day is None else day.toordinal()


def _flows(connection: Connection, day: date, found: Sequence[_Agreement]) -> Flows:
    """What agreements are to pay, each lender's part by the principal that it holds."""
    rows, first = list[tuple[int, ...]](), 0
    for of in found:
        if of.now.is_active:
            rows += [(first + holder, *row) for holder, *row in _ahead(connection, of, day)]
        first += len(of.books)
    return Flows(*np.array(rows, dtype=np.int64).reshape(-1, 5).T)


def _ahead(connection: Connection, of: _Agreement, day: date) -> Iterator[tuple[int, ...]]:
    """Of each due amount the place of a holder, the day and its components.

    They are differences of running totals, so that parts add up; a fee that is not earned yet is a
    charge, in proportion to what is owed.
    """
    saved = known_on(read_saved(connection, of.name), day)
    weights = [_principal(books) for books in of.books.values()]
    if not any(weights):
        weights = [max(books[Account.INCOME_RECEIVABLE], 0) for books in of.books.values()]
    fees = -_whole(of.books)[Account.DEFERRED_FEES]
    owed, total, had = sum(weights) + fees, [0, 0, 0], [(0, 0, 0)] * len(weights)
    for due in account(saved.contract, saved.happened, day).ahead:
        total = [a + b for a, b in zip(total, _components(due), strict=True)]
        fee = total[0] * fees // max(owed, 1)
        by_component = (total[0] - fee, total[1], total[2] + fee)
        parts = list(zip(*(apportioned(each, weights) for each in by_component), strict=True))
        for holder, (now, then) in enumerate(zip(parts, had, strict=True)):
            if now != then:
                yield holder, due.on.toordinal(), *(a - b for a, b in zip(now, then, strict=True))
        had = parts


def _components(due: Due) -> tuple[int, int, int]:
    return due.principal, due.interest, due.charges


def read_book_statement(connection: Connection, tenant: str, agreement: str) -> Statement:
    """The statement of an agreement of a lender at the end of its last day that ended.

    `InputProblem` if it is not there, or no day of it was ended yet.
    """
    saved = read_saved(connection, agreement)
    if saved.ended is None:
        raise _no_day(tenant)
    known, shares = known_on(saved, saved.ended), saved.lenders
    lenders = tenant if shares is None else ", ".join(name for name, _ in shares.agreement.shares)
    found = account(known.contract, known.happened, saved.ended)
    return Statement(agreement, saved.product or saved.kind.name, lenders, found)
