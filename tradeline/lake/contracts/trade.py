"""Trade: invoices, orders, payments, deliveries, reviews, and what came of trade shows."""

from tradeline.lake.contracts.language import (
    CURRENCY,
    ENTERPRISE,
    OCCURRED_AT,
    RECORDED_AT,
    Contract,
    Field,
    Kind,
    amount_of,
    choice,
    clocks,
    moment,
    money,
    period,
    positive_money,
    text,
)

ORDER_NO = text("order_no", "the order it belongs to", "order_id", "order")


def _invoices(name: str, meaning: str, counterparty: Field) -> Contract:
    return Contract(
        name,
        meaning,
        (
            ENTERPRISE,
            text("invoice_no", "the invoice's number", "invoice", "number", "发票号码"),
            counterparty,
            money("net", "amount before tax", "amount", "net_amount", "金额"),
            money("tax", "value-added tax", "vat", "tax_amount", "税额"),
            money("gross", "amount with tax", "total", "gross_amount", "价税合计"),
            CURRENCY,
            choice("status", "whether the invoice stands", ("valid", "void"), "state", "发票状态"),
            OCCURRED_AT,
            RECORDED_AT,
        ),
        ("enterprise", "invoice_no", "counterparty", "occurred_at", "gross"),
        "A void invoice never took effect; a negative amount reverses an earlier invoice.",
    )


TRADE = (
    _invoices(
        "sales_invoices",
        "what the firm sold, by value-added-tax invoice",
        text("counterparty", "the buyer", "buyer", "customer", "购方单位代号"),
    ),
    _invoices(
        "purchase_invoices",
        "what the firm bought, by value-added-tax invoice",
        text("counterparty", "the supplier", "seller", "supplier", "vendor", "销方单位代号"),
    ),
    Contract(
        "orders",
        "what was ordered from the firm on a platform",
        (
            ENTERPRISE,
            ORDER_NO,
            text("counterparty", "the buyer", "buyer", "customer_id"),
            positive_money("gross", "order value with tax and freight", "total", "amount"),
            CURRENCY,
            choice(
                "status",
                "where the order stands",
                ("placed", "shipped", "delivered", "cancelled"),
                "order_status",
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
            text("line_no", "the line's number in its order", "order_item_id", "line"),
            text("product", "the product", "product_id", "sku", "stock_code"),
            Field("quantity", Kind.NUMBER, "how many", "pieces", aliases=("qty",)),
            money("gross", "value of the line", "price", "amount", "total"),
            CURRENCY,
            text(
                "counterparty", "the buyer", "buyer", "customer", "customer_id", "买家",
                required=False,
            ),
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
            text("payment_no", "the payment's number", "payment_id", "payment_sequential"),
            ORDER_NO,
            text("method", "means of payment", "payment_type", required=False),
            positive_money("amount", "what was paid", "payment_value", "value"),
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
            text("refund_no", "the refund's number", "refund_id"),
            ORDER_NO,
            positive_money("amount", "what was paid back, positive", "refund_value", "value"),
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
            text("delivery_no", "the delivery's number", "shipment_id", "tracking_no"),
            ORDER_NO,
            moment("promised_at", "when it was promised", required=False),
            choice("status", "what became of it", ("delivered", "returned", "lost")),
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
            text("review_no", "the review's number", "review_id"),
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
)  # fmt: skip

TRADE_SHOWS = Contract(
    "trade_shows",
    "what came of the firm's part in trade shows",
    (
        ENTERPRISE,
        text(
            "show_name", "the show", "show", "trade_show", "fair", "exhibition", "展会", "展会名称"
        ),
        *period(),
        amount_of("booth_area", "area of the stand", "m2", "展位面积", required=False),
        positive_money("cost", "what taking part cost", "费用", required=False),
        amount_of("leads", "people who left their address", "people", "意向客户数"),
        amount_of("meetings", "talks that were arranged", "talks", "洽谈数", required=False),
        amount_of("orders_signed", "orders signed at the show", "orders", "签单数"),
        positive_money("order_value", "value of those orders", "签单金额"),
        CURRENCY,
        *clocks("when the show ended", "ended_at"),
    ),
    ("enterprise", "show_name", "period_start"),
    "What was counted is corrected under the same key; an order that fell through stays counted.",
)
