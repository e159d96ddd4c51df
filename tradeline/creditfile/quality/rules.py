"""The rules of reconciliation: which two datasets of a firm should tell of the same money.

A rule says what makes rows of both sides one *fact* (an order's number, an amount within a window,
a quarter of the year) and how the sums of the two sides should then stand to each other.
"""

from dataclasses import dataclass
from typing import Literal

By = Literal["order", "amount", "quarter"]
Relation = Literal["equal", "at most", "present"]
Verdict = Literal["matched", "confirmed", "differing", "left_only", "right_only", "open"]
VERDICTS: tuple[Verdict, ...] = (
    "matched", "confirmed", "differing", "left_only", "right_only", "open",
)  # fmt: skip
"""What can become of a fact; `confirmed` are those of the `matched` that two origins tell."""


@dataclass(frozen=True, slots=True)
class Side:
    """Rows of one contract and, as SQL over them, which count and their amount in minor units."""

    contract: str
    amount: str
    where: str = "true"


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of `left` held against rows of `right`, and what should be true of each fact.

    `equal`: both sums are equal within the tolerance; `at most`: the left is no more than the
    right, and facts of the right alone do not count; `present`: both sides tell of it.
    """

    name: str
    meaning: str
    left: tuple[Side, ...]
    right: tuple[Side, ...]
    by: By
    relation: Relation

    @property
    def contracts(self) -> tuple[str, ...]:
        """The contracts of both sides."""
        return tuple(dict.fromkeys(side.contract for side in (*self.left, *self.right)))


ORDERS = Side("orders", "gross_minor", "status <> 'cancelled'")
PAYMENTS = Side("payments", "amount_minor")
REFUNDS = Side("refunds", "amount_minor")
PAID_BACK = Side("refunds", "-amount_minor")
DELIVERIES = Side("deliveries", "0")
SALES = Side("sales_invoices", "gross_minor", "status = 'valid'")
BILLED = Side("sales_invoices", "gross_minor", "status = 'valid' AND gross_minor > 0")
BOUGHT = Side("purchase_invoices", "gross_minor", "status = 'valid' AND gross_minor > 0")
RECEIVED = Side("bank_transactions", "amount_minor", "amount_minor > 0")
SPENT = Side("bank_transactions", "-amount_minor", "amount_minor < 0")

RULES = (
    Rule(
        "orders-payments",
        "each order that was not cancelled is paid, no more and no less",
        (ORDERS,), (PAYMENTS,), "order", "equal",
    ),
    Rule(
        "refunds-payments",
        "no more is paid back on an order than was paid",
        (REFUNDS,), (PAYMENTS,), "order", "at most",
    ),
    Rule(
        "orders-deliveries",
        "each order that was not cancelled is sent, and nothing without an order",
        (ORDERS,), (DELIVERIES,), "order", "present",
    ),
    Rule(
        "orders-invoices",
        "the orders of a quarter are no more than its sales invoices",
        (ORDERS,), (SALES,), "quarter", "at most",
    ),
    Rule(
        "payments-bank",
        "the payments of a quarter less refunds are no more than the bank received in it",
        (PAYMENTS, PAID_BACK), (RECEIVED,), "quarter", "at most",
    ),
    Rule(
        "sales-bank",
        "the amount of each sales invoice comes in at the bank",
        (BILLED,), (RECEIVED,), "amount", "at most",
    ),
    Rule(
        "purchases-bank",
        "the amount of each purchase invoice goes out at the bank",
        (BOUGHT,), (SPENT,), "amount", "at most",
    ),
)  # fmt: skip
"""Every rule, by name."""
