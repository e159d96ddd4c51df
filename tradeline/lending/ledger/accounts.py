"""Ledgers, their accounts, the limits of these, and periods that are closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

from psycopg import Connection, Cursor, DatabaseError

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.kernel.money import CURRENCIES
from tradeline.lending.ledger.lenders import names_a_lender
from tradeline.lending.ledger.refusals import refused

Kind = Literal["asset", "liability", "equity", "income", "expense"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Late = Literal["refuse", "adjust"]
CODE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Account:
    """An account by its code, in one currency.

    Its balance, debit above zero, stays from `least_minor` to `greatest_minor` where these are
    set, what is held counted: cash that cannot be overdrawn has a least of 0, a deposit a greatest
    of 0, a credit line a greatest of what may be drawn.
    """

    code: str
    currency: str
    kind: Kind
    least_minor: int | None = None
    greatest_minor: int | None = None


def open_ledger(connection: Connection, now: datetime, late: Late = "refuse") -> None:
    """Open the ledger of the transaction's tenant, as worker; nothing if it is open already."""
    Cursor(connection).execute(
        "INSERT INTO ledger (late, opened_at) VALUES (%s, %s) ON CONFLICT DO NOTHING", [late, now]
    )


def ledgers(connection: Connection) -> tuple[str, ...]:
    """The tenants that have a ledger; the worker alone sees all of them."""
    rows = Cursor(connection).execute("SELECT tenant FROM ledger ORDER BY tenant")
    return tuple(tenant for (tenant,) in rows)


def open_accounts(connection: Connection, accounts: Sequence[Account], now: datetime) -> None:
    """Open accounts that are not there; those that are must be the same.

    `InputProblem` names each that cannot be opened; none is opened then.
    """
    findings = tuple(f for account in accounts for f in _wrong(account))
    if findings:
        raise InputProblem(findings)
    with connection.transaction():
        new = _insert(connection, accounts, now)
        bounded = [a for a in accounts if a.code in new and _bounds(a) != (None, None)]
        set_limits(connection, bounded, now)
        _require_same(connection, [a for a in accounts if a.code not in new])


def set_limits(connection: Connection, accounts: Sequence[Account], now: datetime) -> None:
    """Set the bounds of accounts anew; `InputProblem` if one is beyond them as it stands."""
    if not accounts:
        return
    try:
        with connection.transaction():
            Cursor(connection).execute(
                "INSERT INTO ledger_limit (account_id, least_minor, greatest_minor, set_at) "
                "SELECT a.id, f.least, f.greatest, %s "
                "FROM unnest(%s::text[], %s::bigint[], %s::bigint[]) AS f(code, least, greatest) "
                "JOIN ledger_account a ON a.code = f.code",
                [
                    now,
                    [account.code for account in accounts],
                    [account.least_minor for account in accounts],
                    [account.greatest_minor for account in accounts],
                ],
            )
    except DatabaseError as refusal:
        raise refused(refusal, "limits") from refusal


def close_through(connection: Connection, day: date) -> None:
    """Close the books through a day, as worker: entries are booked after it from now on.

    Waits for entries that are being booked. `InputProblem` if a later day is closed already.
    """
    try:
        with connection.transaction():
            closed = Cursor(connection).execute("UPDATE ledger SET closed_through = %s", [day])
            if not closed.rowcount:
                raise no_ledger()
    except DatabaseError as refusal:
        raise refused(refusal, "period") from refusal


def no_ledger() -> InputProblem:
    """What to say where the tenant has no ledger."""
    return problem(
        "no-ledger", "ledger", "No ledger is open here.", "Open it with `tradeline ledger open`."
    )


def _insert(connection: Connection, accounts: Sequence[Account], now: datetime) -> set[str]:
    rows = Cursor(connection).execute(
        "INSERT INTO ledger_account (code, currency, kind, opened_at) "
        "SELECT code, currency, kind, %s "
        "FROM unnest(%s::text[], %s::text[], %s::text[]) AS f(code, currency, kind) ORDER BY code "
        "ON CONFLICT (tenant, code) DO NOTHING RETURNING code",
        [
            now,
            [a.code for a in accounts],
            [a.currency for a in accounts],
            [a.kind for a in accounts],
        ],
    )
    return {code for (code,) in rows}


def _require_same(connection: Connection, accounts: Sequence[Account]) -> None:
    rows = Cursor(connection).execute(
        "SELECT code, currency, kind FROM ledger_account WHERE code = ANY(%s)",
        [[account.code for account in accounts]],
    )
    there = {code: (currency, kind) for code, currency, kind in rows}
    other = [a for a in accounts if there[a.code] != (a.currency, a.kind)]
    if other:
        raise InputProblem(
            _finding(
                "other-account", a.code, "There is another account of this code: {}, {}.".format(
                    *there[a.code]), "Take another code; an account is never changed.",
            )
            for a in other
        )  # fmt: skip


def _bounds(account: Account) -> tuple[int | None, int | None]:
    return account.least_minor, account.greatest_minor


def _wrong(account: Account) -> list[Finding]:
    found = []
    if not (0 < len(account.code) <= CODE_LENGTH and account.code.isprintable()):
        found.append(("bad-code", "This is no code.", f"Take 1 to {CODE_LENGTH} characters."))
    elif not names_a_lender(account.code):
        message = "Its '@' stands not between an account and one lender."
        found.append(("bad-code", message, "Write 'cash@north' for the cash of north."))
    if account.currency not in CURRENCIES:
        message = f"'{account.currency}' is no currency."
        found.append(("bad-currency", message, "Write its ISO 4217 code, such as CNY."))
    if account.kind not in KINDS:
        message = f"'{account.kind}' is no kind of account."
        found.append(("bad-kind", message, f"Take one of {', '.join(KINDS)}."))
    return [_finding(code, account.code, message, remedy) for code, message, remedy in found]


def _finding(code: str, account: str, message: str, remedy: str) -> Finding:
    return Finding(code, Severity.ERROR, f"account {account}", message, remedy)
