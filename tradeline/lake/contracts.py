"""Data contracts: what each dataset of a credit file holds, in which units, under which clocks.

Every dataset of the product is declared here and nowhere else. Money is read in currency units
and kept as integer minor units in a column that ends in `_minor`.
"""

from dataclasses import dataclass
from enum import StrEnum

# Years beyond these are slips of the pen, or stand for "never".
YEARS = (1970, 2199)


class Kind(StrEnum):
    """What a field's values are."""

    TEXT = "text"
    MONEY = "money"
    MOMENT = "moment"
    NUMBER = "number"
    SHARE = "share"
    CHOICE = "choice"
    FLAG = "flag"


SQL_TYPES = {
    Kind.TEXT: "VARCHAR",
    Kind.MONEY: "BIGINT",
    Kind.MOMENT: "TIMESTAMP",
    Kind.NUMBER: "DOUBLE",
    Kind.SHARE: "DOUBLE",
    Kind.CHOICE: "VARCHAR",
    Kind.FLAG: "BOOLEAN",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its kind, unit and meaning, and the names by which real files call it.

    `flag` is true or false, `moment` is UTC. `choices` are the allowed values of a `choice`;
    `lowest` and `highest` bound a number, a share or money (in currency units). `personal` is
    whether the value tells of a natural person.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    required: bool = True
    choices: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None
    aliases: tuple[str, ...] = ()
    personal: bool = False

    @property
    def column(self) -> str:
        """The column's name once read: money gains `_minor`."""
        return f"{self.name}_minor" if self.kind is Kind.MONEY else self.name

    @property
    def sql_type(self) -> str:
        """The column's type in the lake."""
        return SQL_TYPES[self.kind]


@dataclass(frozen=True, slots=True)
class Contract:
    """One dataset: its fields, the key that makes a row unique, and what takes a row back.

    `subject` is the field that tells apart the natural persons of whom personal fields speak; it
    is empty where the contract has none.
    """

    name: str
    meaning: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    reversal: str = "Rows are never taken back."
    subject: str = ""

    def field(self, name: str) -> Field:
        """The field of that name; KeyError if the contract has none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns in the lake, in order."""
        return tuple(field.column for field in self.fields)

    @property
    def personal_columns(self) -> tuple[str, ...]:
        """The names of the columns in the lake that tell of natural persons, in order."""
        return tuple(field.column for field in self.fields if field.personal)


ENTERPRISE = Field(
    "enterprise",
    Kind.TEXT,
    "the firm's identifier in this folder",
    aliases=("enterprise_id", "company", "firm", "seller_id", "merchant", "企业代号", "企业"),
)
OCCURRED_AT = Field(
    "occurred_at",
    Kind.MOMENT,
    "when it was true",
    "UTC",
    aliases=("date", "datetime", "time", "invoice_date", "order_date", "开票日期", "日期"),
)
RECORDED_AT = Field(
    "recorded_at",
    Kind.MOMENT,
    "when we learned of it",
    "UTC",
    aliases=("known_at", "created_at", "received_at", "loaded_at"),
)
CURRENCY = Field("currency", Kind.TEXT, "ISO 4217 code", required=False, aliases=("ccy",))
ORDER_NO = Field("order_no", Kind.TEXT, "the order it belongs to", aliases=("order_id", "order"))


def _money(name: str, meaning: str, *aliases: str, required: bool = True) -> Field:
    unit = "minor units of the currency"
    return Field(name, Kind.MONEY, meaning, unit, required, aliases=aliases)


def _paid(name: str, meaning: str, *aliases: str) -> Field:
    unit = "minor units of the currency"
    return Field(name, Kind.MONEY, meaning, unit, lowest=0, aliases=aliases)


def _share(name: str, meaning: str, *aliases: str) -> Field:
    return Field(name, Kind.SHARE, meaning, "1", lowest=0, highest=1, aliases=aliases)


def _number_of(name: str, meaning: str, *aliases: str) -> Field:
    return Field(name, Kind.TEXT, meaning, aliases=aliases)


def _invoices(name: str, meaning: str, counterparty: Field) -> Contract:
    return Contract(
        name,
        meaning,
        (
            ENTERPRISE,
            _number_of("invoice_no", "the invoice's number", "invoice", "number", "发票号码"),
            counterparty,
            _money("net", "amount before tax", "amount", "net_amount", "金额"),
            _money("tax", "value-added tax", "vat", "tax_amount", "税额"),
            _money("gross", "amount with tax", "total", "gross_amount", "价税合计"),
            CURRENCY,
            Field(
                "status",
                Kind.CHOICE,
                "whether the invoice stands",
                choices=("valid", "void"),
                aliases=("state", "发票状态"),
            ),
            OCCURRED_AT,
            RECORDED_AT,
        ),
        ("enterprise", "invoice_no", "counterparty", "occurred_at", "gross"),
        "A void invoice never took effect; a negative amount reverses an earlier invoice.",
    )


CONTRACTS: tuple[Contract, ...] = (
    Contract(
        "enterprises",
        "who the firms are",
        (
            ENTERPRISE,
            Field(
                "name",
                Kind.TEXT,
                "the firm's name",
                aliases=("company_name", "企业名称", "名称"),
                personal=True,
            ),
            Field("industry", Kind.TEXT, "trade", required=False, aliases=("sector", "行业")),
            Field("country", Kind.TEXT, "ISO 3166 code", required=False, aliases=("nation",)),
        ),
        ("enterprise",),
        subject="enterprise",
    ),
    _invoices(
        "sales_invoices",
        "what the firm sold, by value-added-tax invoice",
        Field(
            "counterparty", Kind.TEXT, "the buyer", aliases=("buyer", "customer", "购方单位代号")
        ),
    ),
    _invoices(
        "purchase_invoices",
        "what the firm bought, by value-added-tax invoice",
        Field(
            "counterparty",
            Kind.TEXT,
            "the supplier",
            aliases=("seller", "supplier", "vendor", "销方单位代号"),
        ),
    ),
    Contract(
        "orders",
        "what was ordered from the firm on a platform",
        (
            ENTERPRISE,
            ORDER_NO,
            Field("counterparty", Kind.TEXT, "the buyer", aliases=("buyer", "customer_id")),
            _paid("gross", "order value with tax and freight", "total", "amount"),
            CURRENCY,
            Field(
                "status",
                Kind.CHOICE,
                "where the order stands",
                choices=("placed", "shipped", "delivered", "cancelled"),
                aliases=("order_status",),
            ),
            OCCURRED_AT,
            RECORDED_AT,
        ),
        ("enterprise", "order_no"),
        "A cancelled order is taken back whole.",
    ),
    Contract(
        "order_lines",
        "what each order consists of",
        (
            ENTERPRISE,
            ORDER_NO,
            _number_of("line_no", "the line's number in its order", "order_item_id", "line"),
            Field("product", Kind.TEXT, "the product", aliases=("product_id", "sku", "stock_code")),
            Field("quantity", Kind.NUMBER, "how many", "pieces", aliases=("qty",)),
            _money("gross", "value of the line", "price", "amount", "total"),
            CURRENCY,
            OCCURRED_AT,
            RECORDED_AT,
        ),
        ("enterprise", "order_no", "line_no"),
        "A negative quantity takes goods back.",
    ),
    Contract(
        "payments",
        "what buyers paid",
        (
            ENTERPRISE,
            _number_of("payment_no", "the payment's number", "payment_id", "payment_sequential"),
            ORDER_NO,
            Field(
                "method", Kind.TEXT, "means of payment", required=False, aliases=("payment_type",)
            ),
            _paid("amount", "what was paid", "payment_value", "value"),
            CURRENCY,
            OCCURRED_AT,
            RECORDED_AT,
        ),
        ("enterprise", "payment_no", "order_no"),
        "A payment is taken back by a refund.",
    ),
    Contract(
        "refunds",
        "what was paid back to buyers",
        (
            ENTERPRISE,
            _number_of("refund_no", "the refund's number", "refund_id"),
            ORDER_NO,
            _paid("amount", "what was paid back, positive", "refund_value", "value"),
            CURRENCY,
            OCCURRED_AT,
            RECORDED_AT,
        ),
        ("enterprise", "refund_no"),
    ),
    Contract(
        "deliveries",
        "what was sent and when it arrived",
        (
            ENTERPRISE,
            _number_of("delivery_no", "the delivery's number", "shipment_id", "tracking_no"),
            ORDER_NO,
            Field("promised_at", Kind.MOMENT, "when it was promised", "UTC", required=False),
            Field(
                "status",
                Kind.CHOICE,
                "what became of it",
                choices=("delivered", "returned", "lost"),
            ),
            OCCURRED_AT,
            RECORDED_AT,
        ),
        ("enterprise", "delivery_no"),
        "A returned delivery comes as a row of its own.",
    ),
    Contract(
        "reviews",
        "what buyers said",
        (
            ENTERPRISE,
            _number_of("review_no", "the review's number", "review_id"),
            ORDER_NO,
            Field(
                "stars",
                Kind.NUMBER,
                "1 (worst) to 5 (best)",
                "stars",
                lowest=1,
                highest=5,
                aliases=("score", "review_score"),
            ),
            OCCURRED_AT,
            RECORDED_AT,
        ),
        ("enterprise", "review_no"),
    ),
    Contract(
        "bank_transactions",
        "what moved on the firm's accounts",
        (
            ENTERPRISE,
            _number_of("transaction_no", "the entry's number", "transaction_id", "entry"),
            Field(
                "counterparty",
                Kind.TEXT,
                "the other side",
                required=False,
                aliases=("payee",),
                personal=True,
            ),
            _money("amount", "positive in, negative out", "value", "booking_amount"),
            _money("balance", "balance after the entry", "balance_after", required=False),
            CURRENCY,
            OCCURRED_AT,
            RECORDED_AT,
        ),
        ("enterprise", "transaction_no"),
        "A correction is an entry of opposite sign.",
        subject="enterprise",
    ),
    Contract(
        "outcomes",
        "how earlier loans went, and what the bank thought of the firm",
        (
            ENTERPRISE,
            Field(
                "defaulted",
                Kind.FLAG,
                "whether the firm defaulted",
                aliases=("default", "是否违约"),
            ),
            Field(
                "rating",
                Kind.TEXT,
                "the bank's rating; never an input for default",
                required=False,
                aliases=("grade", "信誉评级"),
            ),
            OCCURRED_AT,
            RECORDED_AT,
        ),
        ("enterprise",),
    ),
    Contract(
        "response_curves",
        "the share of customers lost at each rate, by the bank's rating",
        (
            Field("rating", Kind.TEXT, "the bank's rating", aliases=("grade",)),
            _share("rate_annual", "annual interest rate", "annual_rate", "rate"),
            _share("lost_share", "share of customers lost", "churn"),
        ),
        ("rating", "rate_annual"),
    ),
)

BY_NAME = {contract.name: contract for contract in CONTRACTS}
