"""The sales of an enterprise on the platform, as its credit file knows them."""

from tradeline.creditfile.file.subject import Subject
from tradeline.kernel.findings import problem
from tradeline.lending.revenue_share.collection import Sale

ORDERS = """
SELECT day, CAST(gross_minor AS BIGINT), currency, false FROM file_orders
WHERE stands AND status IS DISTINCT FROM 'cancelled'
"""
REFUNDS = "SELECT day, CAST(amount_minor AS BIGINT), currency, true FROM file_refunds WHERE stands"


def platform_sales(subject: Subject, currency: str) -> tuple[Sale, ...]:
    """Orders by the day they were placed and refunds by the day they were given (UTC), in order.

    Cancelled orders are none. What was told later than the subject's moment is not seen.
    InputProblem for sales in another currency than the loan's: a share of them is not known.
    """
    parts = [
        sql for name, sql in (("orders", ORDERS), ("refunds", REFUNDS)) if name in subject.told
    ]
    if not parts:
        return ()
    rows = subject.connection.execute(f"{' UNION ALL '.join(parts)} ORDER BY ALL").fetchall()
    other = sorted({row[2] for row in rows} - {currency})
    if other:
        raise problem(
            "other-currency",
            f"sales of {subject.enterprise}",
            f"There are sales in {', '.join(other)}, and the loan is in {currency}.",
            "Agree on a loan in the currency of the sales, or on how they are converted.",
        )
    return tuple(Sale(day, amount, refund) for day, amount, _, refund in rows)
