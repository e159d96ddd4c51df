"""Redress: what a firm contests in what is kept of it, and what others contest of its trade."""

from tradeline.lake.contracts.language import (
    CURRENCY,
    ENTERPRISE,
    Contract,
    choice,
    clocks,
    personal,
    positive_money,
    text,
)

DISPUTES = Contract(
    "disputes",
    "what the firm contests in its credit file",
    (
        ENTERPRISE,
        text("dispute_no", "the dispute's number", "dispute_id", "异议编号"),
        text("about", "the id of the record, or the figure, that is contested", "contested",
             "异议对象"),
        personal(text("claim", "what the firm says is right", "claimed_truth", "异议内容")),
        choice("status", "where the dispute stands", ("open", "upheld", "rejected"),
               "dispute_status", "异议状态"),
        personal(text("answer", "what was answered", "decision", "答复", required=False)),
        *clocks("when it was raised", "raised_at", "异议日期"),
    ),
    ("enterprise", "dispute_no"),
    "Where a dispute stands is told anew under the same key.",
    subject="enterprise",
)  # fmt: skip

TRADE_DISPUTES = Contract(
    "trade_disputes",
    "what buyers, suppliers and the firm contest of each other's trade, before a platform",
    (
        ENTERPRISE,
        text("claim_no", "the claim's number with the platform", "claim_id", "纠纷编号"),
        choice("part", "whether the firm claims or answers", ("claimant", "respondent"),
               "claim_part", "纠纷地位"),
        choice("claim_kind", "what is claimed",
               ("not_delivered", "late", "damaged", "not_as_described", "not_paid", "other"),
               "claim_type", "纠纷类型"),
        text("counterparty", "the other side", "对方", required=False),
        text("order_no", "the order that it is about", "order_id", "订单号", required=False),
        positive_money("amount_claimed", "what is claimed", "纠纷金额", required=False),
        CURRENCY,
        choice("status", "where it stands",
               ("open", "settled", "for_claimant", "for_respondent", "withdrawn"),
               "claim_status", "纠纷状态"),
        *clocks("when it was raised", "claimed_at", "纠纷日期"),
    ),
    ("enterprise", "claim_no", "part"),
    "A withdrawn claim is taken back; where a claim stands is told anew under the same key.",
)  # fmt: skip
