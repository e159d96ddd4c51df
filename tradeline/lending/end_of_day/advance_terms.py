"""Advances repaid by a share of sales as rows of texts: their terms, their plan, their history."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from tradeline.kernel.findings import InputProblem
from tradeline.lending.end_of_day.columns import (
    DAY,
    MONEY,
    NUMBER,
    PERCENT,
    Column,
    Texts,
    one_of,
    reader_of,
    values,
)
from tradeline.lending.revenue_share.collection import Payment, Position, Sale, position
from tradeline.lending.revenue_share.plan import Plan, expected_payment, planned
from tradeline.lending.revenue_share.terms import Milestones, Terms, checked

BASES = {"gross": "gross", "net of refunds": "net of refunds"}
COLUMNS = (
    Column("advance", MONEY, "what is paid out, in currency units", required=True),
    Column("fee", MONEY, "what is paid back beside it", required=True),
    Column("share_percent", PERCENT, "of each day's sales", required=True),
    Column("base", one_of(BASES), "gross, or net of refunds (gross)"),
    Column("disbursed_on", DAY, "sales count from the day after", required=True),
    Column("annual_sales", MONEY, "as expected; the fee is earned by them", required=True),
    Column("days_of_year", NUMBER, "over which they are spread (365)"),
    Column("milestones", NUMBER, "equal parts of the term with a minimum each"),
    Column("milestone_days", NUMBER, "days of each"),
    Column("milestone_unit", MONEY, "minima are rounded down to it (the minor unit)"),
    Column("term_days", NUMBER, "after so many days the rest is due"),
)


def advance_of(texts: Texts, where: str) -> tuple[Terms, Plan]:
    """The terms that a row of advances states, and their plan; InputProblem with what is wrong."""
    reader = reader_of(texts, where)
    found = values(reader, texts, COLUMNS, where)
    if bool(found.get("milestones")) != bool(found.get("milestone_days")):
        reader.refuse(f"{where}, milestones", "State their number and their days, or neither.")
    reader.stop_if_refused()
    milestones = None
    if found.get("milestones"):
        unit = found.get("milestone_unit", 1)
        milestones = Milestones(found["milestones"], found["milestone_days"], unit)
    terms = Terms(
        texts["currency"], found["advance"], found["fee"], found["share_percent"],
        found.get("base", "gross"), found["disbursed_on"], milestones, found.get("term_days"),
    )  # fmt: skip
    try:
        checked(terms)
        sales, days = found["annual_sales"], found.get("days_of_year", 365)
        payment = expected_payment(sales, terms.share, days)
        return terms, planned(terms.advance_minor, terms.fee_minor, payment)
    except InputProblem as refusal:
        for each in refusal.findings:
            reader.refuse(where, f"{each.message} {each.remedy}")
        raise InputProblem(reader.findings) from refusal


def came_for(
    terms: Terms, sales: Mapping[str, Any], payments: Mapping[str, Any], until: date
) -> tuple[list[Sale], list[Payment]]:
    """What was sold and paid of an advance until the end of a day, by its rows of both tables.

    A row counts on the day from which it is known: nothing can be collected in the past.
    """
    first = terms.disbursed_on.toordinal()
    sold = [
        Sale(date.fromordinal(max(on, known)), amount, refund=bool(refund))
        for on, known, amount, refund in _rows(sales, "sold_on", "entered_on", "amount", "refund")
        if on > first and max(on, known) <= until.toordinal()
    ]
    paid = [
        Payment(date.fromordinal(max(on, known)), amount)
        for on, known, amount in _rows(payments, "paid_on", "entered_on", "amount")
        if max(on, known) <= until.toordinal()
    ]
    return sold, paid


def position_of(
    terms: Terms, sales: Mapping[str, Any], payments: Mapping[str, Any], until: date
) -> Position:
    """Where an advance stands at the end of a day by its rows of `sales` and `payments`."""
    sold, paid = came_for(terms, sales, payments, until)
    return position(terms, sold, until, payments=paid)


def _rows(table: Mapping[str, Any], *names: str) -> Iterator[tuple[int, ...]]:
    return zip(*(table[name].tolist() for name in names), strict=True) if table else iter(())
