"""Redress: what a firm contests in what is kept of it."""

from tradeline.lake.contracts.language import ENTERPRISE, Contract, choice, clocks, personal, text

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
