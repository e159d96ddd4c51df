"""Production: what the firm used of power, water and gas, and what it made."""

from tradeline.lake.contracts.language import (
    CURRENCY,
    ENTERPRISE,
    Contract,
    amount_of,
    choice,
    clocks,
    period,
    positive_money,
    text,
)

UTILITY_USE = Contract(
    "utility_use",
    "what the firm used of power, water, gas and heat",
    (
        ENTERPRISE,
        text("meter_no", "the meter's number", "meter", "电表号", "户号"),
        choice("utility", "what was used", ("power", "water", "gas", "heat"), "能源类型"),
        *period(),
        amount_of(
            "used", "how much was used", "kWh; m3 of water", "usage", "kwh", "用电量", "用量"
        ),
        positive_money("amount", "what was billed", "bill", "电费", "费用", required=False),
        CURRENCY,
        *clocks("when the period ended", "read_at", "抄表日期"),
    ),
    ("enterprise", "meter_no", "utility", "period_start"),
    "A wrong reading is corrected under the same key.",
)

PRODUCTION_OUTPUT = Contract(
    "production_output",
    "what the firm made",
    (
        ENTERPRISE,
        text("product", "the product", "product_id", "产品"),
        *period(),
        amount_of("made", "how much was made", "the row's `unit`", "output", "产量"),
        text("unit", "in which unit, such as t or pieces", "单位"),
        amount_of("scrapped", "how much of it was scrapped", "the row's `unit`", "报废量",
                  required=False),
        *clocks("when the period ended", "reported_at"),
    ),
    ("enterprise", "product", "unit", "period_start"),
    "A wrong count is corrected under the same key.",
)  # fmt: skip
