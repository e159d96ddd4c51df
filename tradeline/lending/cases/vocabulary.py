"""The closed words of loan cases: keys of inputs, events and checkpoints."""

CASE_KEYS = dict.fromkeys(("case_id", "theme", "note", "variants"))
VARIANT_KEYS = dict.fromkeys(
    ("variant", "origin", "inputs", "events", "checkpoints", "verification", "note")
)

LOAN_INPUTS = (
    "advance_payment_rule", "allocation_order", "amortisation", "annual_rate_percent",
    "arrears_grace_days", "business_date", "comparison", "currency_decimals", "day_count",
    "down_payment_percent", "fee", "first_due_date", "fixed_instalment", "future_payment_rule",
    "grace_on_principal_periods", "instalment_basis", "instalment_rounded_to_multiple_of",
    "instalment_rounding", "interest_payment_deferred_periods", "interest_period",
    "interest_recalculation", "interest_rounding", "interest_type", "last_instalment",
    "number_of_instalments", "payoff_interest_rule", "penalty", "principal", "repay_every",
    "repay_frequency", "rounding", "schedule_style", "start_date", "timing",
)  # fmt: skip
REVENUE_INPUTS = (
    "annual_sales", "business_date", "currency_decimals", "daily_expected_payment",
    "day_count_per_year", "discount_fee", "disbursement_date", "net_disbursement",
    "number_of_payments", "payment_frequency", "repayment_share_of_sales_percent", "rounding",
    "timing",
)  # fmt: skip
APR_INPUTS = (
    "amount_advanced", "fraction", "number_of_payments", "payment", "timing",
    "unit_periods_per_year", "unit_periods_to_first_payment",
)  # fmt: skip
INPUTS = dict.fromkeys((*LOAN_INPUTS, *REVENUE_INPUTS, *APR_INPUTS))

EVENTS = {
    "charge": ("amount", "due_date", "entered_on", "kind"),
    "charge_off": ("date", "entered_on"),
    "charge_percent": ("due_date", "entered_on", "kind", "percent"),
    "credit_balance_refund": ("amount", "date", "entered_on"),
    "disbursement": ("amount", "date", "entered_on"),
    "end_of_day": ("entered_on",),
    "merchant_issued_refund": ("amount", "date", "entered_on"),
    "payment_in_period": ("date", "for_due_date", "interest", "principal"),
    "payoff": ("amount", "date", "entered_on"),
    "rate_change": ("first_day_of_new_rate", "new_annual_rate_percent"),
    "reage": ("entered_on", "every", "first_due_date", "frequency", "number_of_instalments"),
    "repayment": ("amount", "date", "entered_on"),
    "reschedule": ("entered_on", "from_due_date", "grace_on_principal_periods",
                   "new_annual_rate_percent"),
    "reversal": ("entered_on", "of_transaction_date", "of_transaction_number_on_that_date"),
}  # fmt: skip
# Fields that an event may leave out, beside the day of its entry.
MAY_BE_LEFT_OUT = {
    "charge_percent": ("due_date",),
    "reschedule": ("grace_on_principal_periods", "new_annual_rate_percent"),
}

CHECKPOINTS = dict.fromkeys(
    ("after_event", "annual_percentage_rate", "as_of", "assumption", "daily_expected_payment",
     "delinquency", "effective_rate_per_day", "instalment", "journals", "last_payment",
     "number_of_instalments", "number_of_payments", "payable", "rows", "schedule",
     "total_interest", "total_payment", "totals", "transactions")
)  # fmt: skip
SCHEDULE_ROWS = {
    "disbursement": ("amount", "date", "fees_due", "row"),
    "instalment": (
        "balance_after", "days", "due", "due_date", "fees", "interest", "n", "outstanding", "paid",
        "paid_in_advance", "paid_late", "paid_on", "parts_of_interest", "penalties", "principal",
        "row",
    ),
    "payment": ("balance_after", "date", "deferred_fee_after", "discount_factor",
                "expected_payment", "fee_recognised", "n", "row"),
}  # fmt: skip
PARTS = {
    "delinquency": ("bucket", "delinquent_since"),
    "journals": ("date", "entries", "transaction"),
    "entries": ("account", "account_type", "credit", "debit"),
    "payable": ("balance", "for_due_date", "interest", "on", "principal"),
    "rows": ("balance_after", "date", "deferred_fee_after", "interest", "n", "principal"),
    "totals": ("due", "fee_recognised", "fees", "in_advance", "interest", "late", "outstanding",
               "paid", "penalties", "principal_due"),
    "transactions": ("amount", "balance", "date", "fees", "interest", "overpayment", "penalties",
                     "principal", "reversed", "type"),
}  # fmt: skip
