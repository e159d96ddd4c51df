"""The part on cash: bank accounts, receipts from abroad, taxes."""

from tradeline.creditfile.features.events import Compare, Present, Window
from tradeline.creditfile.features.of_bank import IN, OUT
from tradeline.creditfile.file.declaration import (
    Count,
    Dataset,
    Distinct,
    Figure,
    Listing,
    Monthly,
    Part,
    Ratio,
    Rows,
    Sum,
)

YEAR = Window(12)
RECEIVED = Rows("bank_transactions", (IN,))
SPENT = Rows("bank_transactions", (OUT,))
RECEIVED_12M = Rows("bank_transactions", (IN,), YEAR)
SPENT_12M = Rows("bank_transactions", (OUT,), YEAR)
FOREIGN = Rows("foreign_receipts", (), YEAR)
RETURNS = Rows("tax_returns", (), YEAR)
VALUE_ADDED = Rows("tax_returns", (Compare("tax_kind", "=", "value_added"),), YEAR)

CASH = Part(
    "cash",
    "Cash",
    "What came in and went out on accounts, what was paid from abroad, and what was declared and "
    "paid to the tax office.",
    (
        Dataset("bank_transactions", "entries on bank accounts", "the bank's statements (camt.053, "
                "CSV)"),
        Dataset("foreign_receipts", "receipts from abroad", "the bank's advice of each receipt"),
        Dataset("tax_returns", "tax returns", "the tax office's export of filed returns"),
    ),
    (
        Figure("bank_in_12m", "Received on accounts, 12 months", "All entries above zero.",
               Sum(RECEIVED_12M, "amount_minor")),
        Figure("bank_out_12m", "Paid from accounts, 12 months",
               "All entries below zero, so the sum is negative.",
               Sum(SPENT_12M, "amount_minor")),
        Figure("bank_entries_12m", "Entries on accounts, 12 months", "How many there are.",
               Count(Rows("bank_transactions", (), YEAR))),
        Figure("bank_payers_12m", "Payers, 12 months", "How many different names paid in.",
               Distinct(RECEIVED_12M, "counterparty")),
        Figure("bank_balance", "Balance after the last entry",
               "Of each account that tells one, added up.",
               Sum(Rows("bank_transactions", (Present("balance_minor"),), last_of=("account",)),
                   "balance_minor")),
        Figure("bank_in_by_month", "Received on accounts, month by month",
               "What came in, in each calendar month.", Monthly(Sum(RECEIVED, "amount_minor"))),
        Figure("bank_out_by_month", "Paid from accounts, month by month",
               "What went out in each calendar month; negative, since it went out.",
               Monthly(Sum(SPENT, "amount_minor"))),
        Figure("foreign_12m", "Received from abroad, 12 months",
               "What was credited; a negative amount returns an earlier receipt.",
               Sum(FOREIGN, "amount_minor")),
        Figure("foreign_countries_12m", "Countries paid from, 12 months",
               "How many different countries.", Distinct(FOREIGN, "country")),
        Figure("turnover_declared_12m", "Turnover declared for value-added tax, 12 months",
               "Before tax, for periods that ended in these months. Other taxes are declared on "
               "the same turnover, so they are not added.",
               Sum(VALUE_ADDED, "turnover_minor")),
        Figure("tax_due_12m", "Tax due, 12 months", "Of all kinds.",
               Sum(RETURNS, "tax_due_minor")),
        Figure("tax_paid_12m", "Tax paid, 12 months",
               "Of all kinds, as it was known; what is due and not yet paid need not be late.",
               Sum(RETURNS, "tax_paid_minor")),
        Figure("returns_late_12m", "Returns filed late, 12 months", "How many of all returns.",
               Ratio(Count(Rows("tax_returns", (Compare("status", "=", "late"),), YEAR)),
                     Count(RETURNS))),
    ),
    (
        Listing("return_list", "Tax returns", "Each return that was filed in 12 months.", RETURNS,
                ("tax_kind", "period_start", "period_end", "turnover_minor", "tax_due_minor",
                 "tax_paid_minor", "status")),
    ),
)  # fmt: skip
