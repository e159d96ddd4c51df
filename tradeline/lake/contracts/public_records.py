"""Public records: company registry, owners, tax, courts, certificates, patents."""

from tradeline.lake.contracts.language import (
    CURRENCY,
    ENTERPRISE,
    Contract,
    Field,
    Kind,
    choice,
    clocks,
    moment,
    money,
    period,
    personal,
    positive_money,
    share,
    text,
)

LEGAL_FORMS = (
    "sole_trader",
    "partnership",
    "limited_company",
    "joint_stock_company",
    "cooperative",
    "branch",
    "other",
)
REGISTRATIONS = Contract(
    "registrations",
    "what the company registry says of the firm",
    (
        ENTERPRISE,
        text(
            "registration_no", "its number in the registry", "company_no", "credit_code", "uscc",
            "统一社会信用代码", "注册号",
        ),
        choice("legal_form", "its legal form", LEGAL_FORMS, "company_type", "企业类型", "类型"),
        choice(
            "status",
            "where the registration stands",
            ("active", "suspended", "dissolving", "revoked", "deregistered"),
            "registration_status", "登记状态", "经营状态",
        ),
        positive_money(
            "registered_capital", "capital on the register", "capital", "注册资本", required=False
        ),
        moment(
            "incorporated_on", "when it was founded", "founded_on", "成立日期", required=False
        ),
        personal(text("address", "where it is registered", "注册地址", "住所", required=False)),
        personal(
            text("representative", "who acts for it", "legal_representative", "法定代表人",
                 "经营者", required=False)
        ),
        CURRENCY,
        *clocks("since when it is so", "changed_at", "核准日期", "变更日期"),
    ),
    ("enterprise", "registration_no", "occurred_at"),
    "A change is a row of its own; a slip is corrected under the same key.",
    subject="enterprise",
)  # fmt: skip

OWNERS = Contract(
    "owners",
    "who owns the firm, and how much of it",
    (
        ENTERPRISE,
        text("owner_no", "the owner's number with the source", "owner_id", "shareholder_id",
             "股东编号"),
        personal(text("owner", "the owner's name", "owner_name", "shareholder", "股东",
                      "股东名称")),
        choice("owner_kind", "person or company", ("person", "company"), "owner_type", "股东类型"),
        personal(text("personal_id", "identity number of a person", "id_number", "id_no",
                      "身份证号", "证件号码", required=False)),
        share("owned_share", "share of the firm", "shareholding", "持股比例"),
        positive_money("paid_in", "capital paid in", "实缴出资额", required=False),
        Field("controls", Kind.FLAG, "whether the owner decides", required=False,
              aliases=("controller", "实际控制人")),
        CURRENCY,
        *clocks("since when it is so", "owner_since", "changed_at", "变更日期"),
    ),
    ("enterprise", "owner_no", "occurred_at"),
    "An owner who leaves comes once more, with a share of 0.",
    subject="owner_no",
)  # fmt: skip

TAX_KINDS = (
    "value_added",
    "corporate_income",
    "personal_income",
    "consumption",
    "payroll",
    "property",
    "other",
)
TAX_RETURNS = Contract(
    "tax_returns",
    "what the firm declared to the tax office, and paid",
    (
        ENTERPRISE,
        choice("tax_kind", "which tax", TAX_KINDS, "tax_type", "税种"),
        *period(),
        money("turnover", "declared turnover before tax", "declared_turnover", "sales",
              "应税销售额", "销售额"),
        money("tax_due", "tax due; negative is owed to the firm", "应纳税额"),
        money("tax_paid", "tax paid by the second clock", "paid", "已缴税额"),
        CURRENCY,
        choice("status", "how it was filed", ("filed", "late", "corrected"), "filing_status",
               "申报状态"),
        *clocks("when the period ended", "period_ended_at", recorded=("filed_at", "申报日期")),
    ),
    ("enterprise", "tax_kind", "period_start", "period_end"),
    "A corrected return comes under the same key and replaces the one before.",
)  # fmt: skip

COURT_CASES = Contract(
    "court_cases",
    "court cases and enforcement in which the firm has a part",
    (
        ENTERPRISE,
        text("case_no", "the case's number", "case_id", "docket_no", "案号"),
        choice("role", "the firm's part", ("plaintiff", "defendant", "third_party", "debtor"),
               "party_role", "诉讼地位"),
        choice(
            "case_kind",
            "what it is about",
            ("contract", "debt", "labour", "tax", "enforcement", "insolvency", "criminal",
             "other"),
            "cause", "案由",
        ),
        positive_money("amount_claimed", "what is claimed", "claim", "标的金额", "执行标的",
                       required=False),
        CURRENCY,
        text("court", "the court", "法院", required=False),
        choice("status", "where the case stands",
               ("filed", "decided", "appealed", "settled", "withdrawn", "closed"),
               "case_status", "案件状态"),
        *clocks("when it was filed", "case_filed_at", "立案日期"),
    ),
    ("enterprise", "case_no", "role"),
    "A withdrawn case is taken back; where a case stands is told anew under the same key.",
)  # fmt: skip

CERTIFICATES = Contract(
    "certificates",
    "certificates and licences that the firm holds",
    (
        ENTERPRISE,
        text("certificate_no", "the certificate's number", "certificate_id", "licence_no",
             "证书编号"),
        text("certificate_kind", "what it certifies, such as ISO 9001", "certificate", "证书名称"),
        text("issuer", "who issued it", "issued_by", "发证机关", required=False),
        moment("valid_until", "first moment after it lapses", "expires_at", "有效期至",
               required=False),
        choice("status", "whether it stands", ("valid", "expired", "suspended", "revoked"),
               "certificate_status", "证书状态"),
        *clocks("when it was issued", "issued_at", "发证日期"),
    ),
    ("enterprise", "certificate_no"),
    "A revoked certificate is told anew under the same key.",
)  # fmt: skip

PATENTS = Contract(
    "patents",
    "patents that the firm applied for or holds",
    (
        ENTERPRISE,
        text("patent_no", "the number of the application", "application_no", "专利号", "申请号"),
        choice("patent_kind", "what is protected", ("invention", "utility_model", "design"),
               "patent_type", "专利类型"),
        text("title", "what it is called", "专利名称", required=False),
        moment("granted_at", "when it was granted", "授权日期", required=False),
        choice("status", "where it stands",
               ("applied", "granted", "refused", "lapsed", "transferred"),
               "patent_status", "专利状态", "法律状态"),
        *clocks("when it was applied for", "applied_at", "申请日期"),
    ),
    ("enterprise", "patent_no"),
    "Where a patent stands is told anew under the same key.",
)  # fmt: skip
