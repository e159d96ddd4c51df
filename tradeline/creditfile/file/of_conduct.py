"""The part on conduct: disputes of trade, courts, certificates, patents."""

from tradeline.creditfile.features.events import Compare, Window
from tradeline.creditfile.file.declaration import (
    Count,
    Dataset,
    Figure,
    Listing,
    Part,
    Ratio,
    Rows,
    Sum,
    Unended,
)

TAKEN_BACK = Compare("status", "<>", "withdrawn")
ENDED = (Compare("status", "<>", "settled"), Compare("status", "<>", "closed"))
OWED = (Compare("role", "<>", "plaintiff"), Compare("role", "<>", "third_party"))
AGAINST = Rows("court_cases", (TAKEN_BACK, *OWED))
OPEN_AGAINST = Rows("court_cases", (TAKEN_BACK, *OWED, *ENDED))
BROUGHT = Rows("court_cases", (TAKEN_BACK, Compare("role", "=", "plaintiff")))

YEAR = Window(12)
RESPONDENT = Compare("part", "=", "respondent")
CLAIMED = Rows("trade_disputes", (TAKEN_BACK, RESPONDENT), YEAR)
CLAIMED_OPEN = Rows("trade_disputes", (RESPONDENT, Compare("status", "=", "open")))
LOST = Rows("trade_disputes", (RESPONDENT, Compare("status", "=", "for_claimant")), YEAR)
CLAIMS = Rows("trade_disputes", (TAKEN_BACK, Compare("part", "=", "claimant")), YEAR)

CONDUCT = Part(
    "conduct",
    "Conduct",
    "Disputes of its trade, court cases in which the enterprise has a part, and the certificates "
    "and patents that it holds.",
    (
        Dataset("trade_disputes", "disputes of trade", "the platform's export of claims"),
        Dataset("court_cases", "court cases", "an extract of the courts' register"),
        Dataset("certificates", "certificates and licences", "the certificates themselves"),
        Dataset("patents", "patents", "an extract of the patent register"),
    ),
    (
        Figure("trade_disputes_12m", "Disputes of trade against it, 12 months",
               "What buyers and suppliers claimed of it before a platform; withdrawn claims do not "
               "count.", Count(CLAIMED)),
        Figure("trade_disputes_open", "Disputes of trade against it that are open",
               "Whenever they were raised.", Count(CLAIMED_OPEN)),
        Figure("trade_disputes_claimed", "Claimed in disputes of trade that are open",
               "What the other side claims, where that is known.",
               Sum(CLAIMED_OPEN, "amount_claimed_minor")),
        Figure("trade_disputes_lost_12m", "Disputes of trade decided against it, 12 months",
               "How many of those raised against it.", Ratio(Count(LOST), Count(CLAIMED))),
        Figure("trade_disputes_raised_12m", "Disputes of trade that it raised, 12 months",
               "What it claimed of others.", Count(CLAIMS)),
        Figure("cases_against", "Court cases against it",
               "As defendant or debtor; withdrawn cases do not count.", Count(AGAINST)),
        Figure("cases_against_open", "Of these not settled or closed",
               "Filed, decided or under appeal.", Count(OPEN_AGAINST)),
        Figure("claimed_against", "Claimed in cases that are not settled or closed",
               "What the other side claims, where that is known.",
               Sum(OPEN_AGAINST, "amount_claimed_minor")),
        Figure("cases_brought", "Court cases that it brought", "As plaintiff.", Count(BROUGHT)),
        Figure("certificates_valid", "Certificates that stand",
               "Valid, and not lapsed by the day.",
               Count(Rows("certificates", (Compare("status", "=", "valid"),
                                           Unended("valid_until"))))),
        Figure("patents_granted", "Patents granted", "Granted and not lapsed or transferred.",
               Count(Rows("patents", (Compare("status", "=", "granted"),)))),
    ),
    (
        Listing("trade_dispute_list", "Disputes of trade", "Each claim as it is known.",
                Rows("trade_disputes"),
                ("claim_no", "part", "claim_kind", "counterparty", "order_no",
                 "amount_claimed_minor", "status")),
        Listing("case_list", "Court cases", "Each case as it is known.", Rows("court_cases"),
                ("case_no", "role", "case_kind", "amount_claimed_minor", "court", "status")),
        Listing("certificate_list", "Certificates", "Each certificate as it is known.",
                Rows("certificates"), ("certificate_no", "certificate_kind", "issuer",
                                       "valid_until", "status")),
        Listing("patent_list", "Patents", "Each patent as it is known.", Rows("patents"),
                ("patent_no", "patent_kind", "title", "granted_at", "status")),
    ),
)  # fmt: skip
