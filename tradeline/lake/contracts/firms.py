"""The firms themselves: who they are, how earlier loans went, what they would accept."""

from tradeline.lake.contracts.language import (
    ENTERPRISE,
    OCCURRED_AT,
    RECORDED_AT,
    Contract,
    Field,
    Kind,
    personal,
    share,
    text,
)

ENTERPRISES = Contract(
    "enterprises",
    "who the firms are",
    (
        ENTERPRISE,
        personal(text("name", "the firm's name", "company_name", "企业名称", "名称")),
        text("industry", "trade", "sector", "行业", required=False),
        text("country", "ISO 3166 code", "nation", required=False),
    ),
    ("enterprise",),
    subject="enterprise",
)
OUTCOMES = Contract(
    "outcomes",
    "how earlier loans went, and what the bank thought of the firm",
    (
        ENTERPRISE,
        Field("defaulted", Kind.FLAG, "whether the firm defaulted",
              aliases=("default", "是否违约")),
        text(
            "rating", "the bank's rating; never an input for default", "grade", "信誉评级",
            required=False,
        ),
        OCCURRED_AT,
        RECORDED_AT,
    ),
    ("enterprise",),
)  # fmt: skip
RESPONSE_CURVES = Contract(
    "response_curves",
    "the share of customers lost at each rate, by the bank's rating",
    (
        text("rating", "the bank's rating", "grade"),
        share("rate_annual", "annual interest rate", "annual_rate", "rate"),
        share("lost_share", "share of customers lost", "churn"),
    ),
    ("rating", "rate_annual"),
)
