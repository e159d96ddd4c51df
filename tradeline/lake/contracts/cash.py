"""Cash: entries on the firm's accounts, and what it was paid from abroad."""

from tradeline.lake.contracts.language import (
    CURRENCY,
    ENTERPRISE,
    OCCURRED_AT,
    RECORDED_AT,
    Contract,
    Field,
    Kind,
    clocks,
    moment,
    money,
    personal,
    text,
)

BANK_TRANSACTIONS = Contract(
    "bank_transactions",
    "what moved on the firm's accounts",
    (
        ENTERPRISE,
        text("transaction_no", "the entry's number", "transaction_id", "entry"),
        personal(text("counterparty", "the other side", "payee", required=False)),
        money("amount", "positive in, negative out", "value", "booking_amount"),
        money("balance", "balance after the entry", "balance_after", required=False),
        CURRENCY,
        personal(
            text("account", "the account's number", "iban", "account_no", "账号", required=False)
        ),
        moment("value_date", "from when it bears interest", "valuta", "起息日", required=False),
        personal(
            text("reference", "what it was for", "remittance", "memo", "摘要", required=False)
        ),
        OCCURRED_AT,
        RECORDED_AT,
    ),
    ("enterprise", "transaction_no"),
    "A correction is an entry of opposite sign.",
    subject="enterprise",
)

FOREIGN_RECEIPTS = Contract(
    "foreign_receipts",
    "what the firm was paid from abroad",
    (
        ENTERPRISE,
        text("receipt_no", "the receipt's number", "receipt_id", "收汇编号", "申报号码"),
        text("counterparty", "the payer", "payer", "付款人", required=False),
        text("country", "ISO 3166 code of where it came from", "payer_country", required=False),
        text("foreign_currency", "ISO 4217 code of what was paid", "收汇币种"),
        Field(
            "foreign_amount",
            Kind.NUMBER,
            "what was paid",
            "units of the foreign currency",
            aliases=("收汇金额",),
        ),
        money("amount", "what was credited, positive", "credited", "结汇金额", "人民币金额"),
        CURRENCY,
        *clocks("when it was credited", "credited_at", "收汇日期", "结汇日期"),
    ),
    ("enterprise", "receipt_no"),
    "A negative amount returns an earlier receipt.",
)
