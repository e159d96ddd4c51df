"""The report of a portfolio as one page: the same record, the same bytes, no network."""

from functools import cache
from itertools import groupby

from jinja2 import Environment

from tradeline.kernel.money import grouped_amount, minor_digits
from tradeline.lending.reports.record import Report
from tradeline.lending.reports.tables import MONTHS_ON_BOOK, ROLLED_TO, STAGED_TO
from tradeline.risk.report import formatting
from tradeline.risk.report.environment import page_environment


def report_page(report: Report) -> str:
    """The whole page as text; encode it as UTF-8."""
    totals = [row for row in report.at_risk if row.product == "all"]
    return (
        environment()
        .get_template("portfolio_report.html")
        .render(
            report=report,
            totals=totals,
            groups=[row for row in report.at_risk if row.product != "all"],
            ages=MONTHS_ON_BOOK,
            rolled_to=ROLLED_TO,
            staged_to=STAGED_TO,
            balances=[
                (names, list(rows))
                for names, rows in groupby(
                    report.trial_balance, key=lambda row: (row.product, row.lender, row.currency)
                )
            ],
        )
    )


def amount(minor: int, currency: str) -> str:
    """An exact amount with thousands separators and the currency's decimals, without its code."""
    digits = minor_digits(currency)
    return grouped_amount(minor, digits).replace("-", formatting.MINUS)


def share(part: int | None, whole: int) -> str:
    """A part of a whole as per cent; a dash where there is no whole."""
    return formatting.percent(part / whole if whole and part is not None else None, 2)


@cache
def environment() -> Environment:
    """The templates of reports, in the dress of the other pages."""
    found = page_environment("tradeline.lending.reports")
    found.filters.update(amount=amount, share=share)
    return found
