"""Logistics: what carriers moved for the firm, and what passed customs."""

from tradeline.lake.contracts.language import (
    CURRENCY,
    ENTERPRISE,
    Contract,
    amount_of,
    choice,
    clocks,
    moment,
    positive_money,
    text,
)

SHIPMENTS = Contract(
    "shipments",
    "what carriers moved for the firm",
    (
        ENTERPRISE,
        text("shipment_no", "the consignment's number", "waybill_no", "waybill", "运单号"),
        text("carrier", "who moved it", "承运商", "物流公司"),
        text("order_no", "the order it belongs to", "order_id", required=False),
        amount_of("weight", "gross weight", "kg", "weight_kg", "重量"),
        text("origin", "where from", "始发地", "发货地"),
        text("destination", "where to", "目的地", "收货地"),
        moment("arrived_at", "when it arrived", "签收时间", required=False),
        choice("status", "where it stands",
               ("booked", "in_transit", "delivered", "returned", "lost", "cancelled"),
               "shipment_status", "物流状态", "运单状态"),
        *clocks("when the carrier took it", "shipped_at", "发货时间"),
    ),
    ("enterprise", "shipment_no"),
    "A cancelled shipment never left; where one stands is told anew under the same key.",
)  # fmt: skip

CUSTOMS_DECLARATIONS = Contract(
    "customs_declarations",
    "what the firm declared to customs",
    (
        ENTERPRISE,
        text("declaration_no", "the declaration's number", "declaration_id", "报关单号"),
        choice("direction", "export or import", ("export", "import"), "trade_direction",
               "进出口标志"),
        text("goods_code", "Harmonised System code", "hs_code", "商品编码", required=False),
        text("partner_country", "ISO 3166 code of the other side", "destination_country",
             "运抵国", "贸易国"),
        positive_money("declared_value", "value of the goods", "customs_value", "申报金额", "总价"),
        positive_money("duty", "duty and import tax", "关税", required=False),
        amount_of("weight", "net weight", "kg", "net_weight", "净重", required=False),
        CURRENCY,
        choice("status", "where it stands", ("declared", "released", "held", "withdrawn"),
               "declaration_status", "报关状态"),
        *clocks("when it was declared", "declared_at", "申报日期"),
    ),
    ("enterprise", "declaration_no"),
    "A withdrawn declaration never took effect.",
)  # fmt: skip
