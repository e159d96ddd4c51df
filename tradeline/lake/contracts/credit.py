"""Credit: loans and their payments, who guarantees them, and what the firm owes elsewhere."""

from tradeline.lake.contracts.language import (
    CURRENCY,
    ENTERPRISE,
    Contract,
    amount_of,
    choice,
    clocks,
    moment,
    personal,
    positive_money,
    share,
    text,
)

LOAN_NO = text("loan_no", "the loan's number", "loan_id", "借据号", "贷款编号")
DAYS_PAST_DUE = amount_of("days_past_due", "how long the oldest unpaid instalment has been due",
                          "days", "dpd", "逾期天数", required=False)  # fmt: skip

LOANS = Contract(
    "loans",
    "the lender's loans to the firm, as they stood on each day that was reported",
    (
        ENTERPRISE,
        LOAN_NO,
        positive_money("principal", "what was lent", "loan_amount", "贷款金额", "本金"),
        positive_money("outstanding", "what is still owed of it", "outstanding_principal",
                       "贷款余额", "余额"),
        moment("drawn_at", "when it was paid out", "drawdown_date", "放款日期", "起始日"),
        moment("due_at", "when the last instalment falls due", "maturity_date", "到期日"),
        share("rate_annual", "annual interest rate", "annual_rate", "interest_rate", "年利率",
              required=False),
        DAYS_PAST_DUE,
        CURRENCY,
        choice("status", "where it stands",
               ("current", "late", "restructured", "repaid", "written_off"),
               "loan_status", "贷款状态"),
        *clocks("the day on which it stood so", "reported_at", "as_of", "报告日期"),
    ),
    ("enterprise", "loan_no", "occurred_at"),
    "How a loan stood on a day is corrected under the same key.",
)  # fmt: skip

LOAN_PAYMENTS = Contract(
    "loan_payments",
    "what fell due on the lender's loans, and what was paid of it",
    (
        ENTERPRISE,
        LOAN_NO,
        text("instalment_no", "the instalment's number", "instalment", "期数", "期次"),
        positive_money("amount_due", "what fell due", "应还金额"),
        positive_money("amount_paid", "what was paid of it by the second clock", "实还金额"),
        moment("paid_at", "when the last of it was paid", "实还日期", required=False),
        DAYS_PAST_DUE,
        CURRENCY,
        *clocks("when it fell due", "due_at", "due_date", "应还日期"),
    ),
    ("enterprise", "loan_no", "instalment_no"),
    "A payment that bounced is told anew under the same key, without it.",
)

GUARANTORS = Contract(
    "guarantors",
    "who guarantees the firm's debts",
    (
        ENTERPRISE,
        text("guarantee_no", "the guarantee's number", "guarantee_id", "担保合同号"),
        text("guarantor_no", "the guarantor's number with the source", "guarantor_id",
             "担保人编号"),
        personal(text("guarantor", "the guarantor's name", "guarantor_name", "担保人")),
        choice("guarantor_kind", "person or company", ("person", "company"), "guarantor_type",
               "担保人类型"),
        personal(text("personal_id", "identity number of a person", "id_number", "id_no",
                      "身份证号", "证件号码", required=False)),
        positive_money("amount_guaranteed", "up to how much", "guaranteed_amount", "担保金额"),
        moment("ends_at", "first moment after it ends", "担保到期日", required=False),
        CURRENCY,
        choice("status", "where it stands", ("standing", "called", "released"),
               "guarantee_status", "担保状态"),
        *clocks("when it was given", "given_at", "signed_at", "签订日期"),
    ),
    ("enterprise", "guarantee_no", "guarantor_no"),
    "A released guarantee is told anew under the same key.",
    subject="guarantor_no",
)  # fmt: skip

OBLIGATIONS = Contract(
    "obligations",
    "what the firm owes or guarantees elsewhere, as it stood on each day that was reported",
    (
        ENTERPRISE,
        text("obligation_no", "its number with the source", "obligation_id", "债务编号"),
        text("creditor", "to whom", "lender", "lessor", "债权人", "授信机构"),
        choice("obligation_kind", "what it is",
               ("loan", "credit_line", "lease", "guarantee", "bill", "other"),
               "obligation_type", "债务类型", "业务种类"),
        positive_money("amount", "what was agreed", "limit", "合同金额", "授信额度"),
        positive_money("outstanding", "what is still owed or guaranteed of it", "余额"),
        moment("ends_at", "when the last of it falls due", "due_at", "到期日", required=False),
        CURRENCY,
        choice("status", "where it stands", ("current", "late", "defaulted", "ended"),
               "obligation_status", "五级分类", "债务状态"),
        *clocks("the day on which it stood so", "reported_at", "as_of", "报告日期"),
    ),
    ("enterprise", "obligation_no", "occurred_at"),
    "How an obligation stood on a day is corrected under the same key.",
)  # fmt: skip
