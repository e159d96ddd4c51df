"""What is provided for an agreement at the end of a day: by age, or by stage where it says so.

By stage, what was earned on a day that began in stage 3 is interest in suspense for the share of
what is owed that was provided for (IFRS 9, 5.4.1): what is owed stays, income is on the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from psycopg import Connection, Cursor

from tradeline.kernel.findings import Finding, InputProblem
from tradeline.lending.book_days.by_stage import expected
from tradeline.lending.book_days.looks import ahead, looked, looks_until
from tradeline.lending.book_days.standing import Standing
from tradeline.lending.bookings.entries import Booking
from tradeline.lending.collateral.security import read_collateral_terms
from tradeline.lending.end_of_day.curves import curves_of
from tradeline.lending.end_of_day.expected import Basis
from tradeline.lending.provisions.by_age import AgeClass, provision_by_age, read_age_classes
from tradeline.lending.provisions.stages import read_stage_rules
from tradeline.lending.servicing.risk import known_facts
from tradeline.lending.servicing.risk_saved import read_book_curves, read_facts
from tradeline.lending.servicing.saved import Saved, provision

LAST = """
SELECT stage, owed_minor, allowance_minor, interest_minor, suspended_minor
FROM servicing_ended_day WHERE agreement = %s ORDER BY day DESC LIMIT 1
"""
DEFAULT = 3


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """What agreements are provided for by on a day: by age, and by stage."""

    classes: Sequence[AgeClass]
    basis: Basis


def read_rules(connection: Connection, day: date) -> Rules:
    """The parameters of a day, and the PDs of the transaction's tenant that are known by then."""
    curves = curves_of(read_book_curves(connection, day))
    basis = Basis(read_stage_rules(day), read_collateral_terms(day), curves)
    return Rules(read_age_classes(day), basis)


@dataclass(frozen=True, slots=True)
class Provided:
    """What is provided for, interest in suspense to date, and the stage (0: none or by age).

    `booked` is what changes, if anything does; `findings` say why the stage is not known.
    """

    allowance_minor: int
    suspended_minor: int = 0
    stage: int = 0
    booked: Booking | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Last:
    """The last day that ended, as it was written."""

    stage: int = 0
    owed_minor: int = 0
    allowance_minor: int = 0
    interest_minor: int = 0
    suspended_minor: int = 0


def provided(
    connection: Connection,
    known: Saved,
    stood: Standing,
    state: Any,
    day: date,
    rules: Rules,
    now: datetime,
) -> Provided:
    """What is provided for an agreement that stands so at the end of a day.

    One by stage whose PD is not known keeps what is provided for it, and is told of.
    """
    facts = known_facts(read_facts(connection, known.name), known.contract.currency, day)
    if facts.by_stage is None:
        allowance = provision_by_age(rules.classes, stood.owed_minor, stood.days_late)
        return _changed(day, _Last(allowance_minor=known.allowance_minor), allowance, 0)
    last = _Last(*(Cursor(connection).execute(LAST, [known.name]).fetchone() or ()))
    suspended = last.suspended_minor + _withheld(last, stood)
    looks = looks_until(connection, known, looked(known, day, stood, state), now)
    if not stood.owed_minor:
        return _changed(day, last, 0, suspended)
    try:
        dues = ahead(known, state, day)
        stage, allowance = expected(rules.basis, known, facts, looks, stood, dues)
    except InputProblem as refusal:
        return _changed(
            day, last, last.allowance_minor, suspended, last.stage, tuple(refusal.findings)
        )
    return _changed(day, last, allowance, suspended, stage)


def _withheld(last: _Last, stood: Standing) -> int:
    """The part of what was earned since the last day that had been provided for, in stage 3."""
    if last.stage != DEFAULT or not last.owed_minor:
        return 0
    earned = stood.interest_minor - last.interest_minor
    return round(Fraction(earned * last.allowance_minor, last.owed_minor))


def _changed(
    day: date,
    last: _Last,
    allowance: int,
    suspended: int,
    stage: int = 0,
    findings: tuple[Finding, ...] = (),
) -> Provided:
    change = allowance - last.allowance_minor, suspended - last.suspended_minor
    booked = provision(day, *change) if any(change) else None
    return Provided(allowance, suspended, stage, booked, findings)
