"""What registers, courts, tax office and lenders say of a firm, and what its meters show."""

from tradeline.creditfile.features.declaration import Feature, Growth, Ratio
from tradeline.creditfile.features.events import Compare, Events, Window
from tradeline.creditfile.features.measures import (
    Count,
    DaysSince,
    Largest,
    Latest,
    Standing,
    Sum,
)

HALF = Window(6)
HALF_YEAR_AGO = Window(6, 12)
YEAR = Window(12)
TWO_YEARS = Window(24)
EVER = Window()

SUED = "Lenders go to court against a firm that defaulted."
OWED = "The default itself is told there."
STOPPED = "A firm that defaulted may have stopped work because of it."
DEREGISTERED = "A firm that failed is taken off the register."

REGISTERED = Events("registrations")
CAPITAL = "registered_capital_minor"
OPEN = tuple(Compare("status", "<>", end) for end in ("decided", "settled", "withdrawn", "closed"))
SUED_AS = Compare("role", "=", "defendant")
SALES = Sum(Events("sales_invoices", (Compare("status", "=", "valid"),), YEAR), "gross_minor")

AGE = DaysSince(REGISTERED, "incorporated_on")
NOT_ACTIVE = Count(Events("registrations", (Compare("status", "<>", "active"),)))
CASES = Count(Events("court_cases", (SUED_AS,), TWO_YEARS, absent_is_zero=True))
LATE = Count(Events("obligations", (Compare("status", "=", "late"),), YEAR))
DEFAULTED = Count(Events("obligations", (Compare("status", "=", "defaulted"),)))

_CLAIMS = Sum(
    Events("court_cases", (SUED_AS, *OPEN), EVER, absent_is_zero=True), "amount_claimed_minor"
)
_OWED = Standing(Events("obligations", (), YEAR), "outstanding_minor", "obligation_no")
_DUE = Events("loan_payments", (), YEAR)
_RETURNS = Events("tax_returns", (), YEAR)


def _power(window: Window) -> Sum:
    return Sum(Events("utility_use", (Compare("utility", "=", "power"),), window), "used")


CONDUCT = (
    Feature(
        "firm_age_days", "conduct", "days",
        "days since the firm was founded, by the register", AGE,
        -1, "Young firms fail more often.", verifiable=True, change_months=12,
    ),
    Feature(
        "registration_not_active", "conduct", "records",
        "records of the register in which the firm is not active", NOT_ACTIVE,
        1, "A firm that is suspended or dissolving cannot trade.",
        verifiable=True, change_months=6, possible_consequence=DEREGISTERED,
    ),
    Feature(
        "registration_changes_12m", "conduct", "changes",
        "records of the register: address, capital, representative, status",
        Count(Events("registrations", (), YEAR)),
        1, "A firm that keeps changing what it is may be for sale, or in flight.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "capital_change_24m", "conduct", "change",
        "registered capital against that of two years before",
        Growth(Latest(REGISTERED, CAPITAL),
               Latest(Events("registrations", (), Window(offset=24)), CAPITAL)),
        -1, "Owners who take capital out expect little of the firm.",
        verifiable=True, change_months=3,
    ),
    Feature(
        "owner_changes_24m", "conduct", "changes",
        "records of owners who came, left or hold another share",
        Count(Events("owners", (), TWO_YEARS)),
        1, "Those who know the firm best are leaving it, or those who come do not know it.",
        verifiable=True, change_months=24,
    ),
    Feature(
        "court_cases_24m", "conduct", "cases",
        "court cases against the firm", CASES,
        1, "A firm that is sued has not paid or not delivered.",
        verifiable=True, change_months=24, possible_consequence=SUED,
    ),
    Feature(
        "court_claims_open_minor", "conduct", "minor units",
        "what is claimed of the firm in cases that are open", _CLAIMS,
        1, "A claim that is granted has to be paid at once.",
        verifiable=True, change_months=6, possible_consequence=SUED,
    ),
    Feature(
        "court_claims_to_sales", "conduct", "ratio",
        "open claims over sales with tax of twelve months", Ratio(_CLAIMS, SALES),
        1, "A claim weighs by what the firm earns.",
        verifiable=True, change_months=6, possible_consequence=SUED,
    ),
    Feature(
        "enforcements_24m", "conduct", "cases",
        "cases of enforcement in which the firm is the debtor",
        Count(Events("court_cases", (Compare("role", "=", "debtor"),), TWO_YEARS,
                     absent_is_zero=True)),
        1, "A firm against which a judgement is enforced did not pay even then.",
        verifiable=True, change_months=24, possible_consequence=SUED,
    ),
    Feature(
        "certificates_lapsed_days", "conduct", "days",
        "days since the last certificate lapsed, negative as long as one is valid",
        DaysSince(Events("certificates", (Compare("status", "=", "valid"),)), "valid_until"),
        1, "Buyers leave a supplier that lost its certificate.",
        verifiable=True, change_months=6,
    ),
    Feature(
        "tax_paid_share_12m", "conduct", "share",
        "tax paid in tax due, as far as known",
        Ratio(Sum(_RETURNS, "tax_paid_minor"), Sum(_RETURNS, "tax_due_minor")),
        -1, "Firms short of cash put off the tax office first.",
        verifiable=True, change_months=6, possible_consequence="A firm in default pays nobody.",
    ),
    Feature(
        "tax_late_share_12m", "conduct", "share",
        "late returns in all tax returns",
        Ratio(Count(Events("tax_returns", (Compare("status", "=", "late"),), YEAR)),
              Count(_RETURNS)),
        1, "Late returns show books in disorder or no money for the tax.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "obligations_minor", "conduct", "minor units",
        "what the firm still owes or guarantees elsewhere, each as last reported within a year",
        _OWED,
        1, "What others are owed is paid before or beside us.", verifiable=True, change_months=6,
    ),
    Feature(
        "obligations_to_sales_12m", "conduct", "ratio",
        "obligations elsewhere over sales with tax", Ratio(_OWED, SALES),
        1, "The same debt is heavier on smaller sales.", verifiable=True, change_months=6,
    ),
    Feature(
        "obligations_late_12m", "conduct", "reports",
        "reports of an obligation elsewhere that was late", LATE,
        1, "Who pays others late pays us late.",
        verifiable=True, change_months=12, possible_consequence=OWED,
    ),
    Feature(
        "obligations_defaulted", "conduct", "reports",
        "reports of an obligation elsewhere in default", DEFAULTED,
        1, "A default elsewhere is seldom the last.",
        verifiable=True, change_months=24, possible_consequence=OWED,
    ),
    Feature(
        "loan_days_past_due_12m", "conduct", "days",
        "most days that an instalment of the lender's loans was overdue",
        Largest(Events("loans", (), YEAR), "days_past_due"),
        1, "Arrears foretell arrears.",
        verifiable=True, change_months=12, possible_consequence=OWED,
    ),
    Feature(
        "loan_paid_share_12m", "conduct", "share",
        "instalments paid in instalments due, by amount",
        Ratio(Sum(_DUE, "amount_paid_minor"), Sum(_DUE, "amount_due_minor")),
        -1, "A firm that pays its instalments goes on paying them.",
        verifiable=True, change_months=12, possible_consequence=OWED,
    ),
    Feature(
        "power_use_growth_6m_yoy", "conduct", "change",
        "power used against the same half of the year before",
        Growth(_power(HALF), _power(HALF_YEAR_AGO)),
        -1, "Machines that stand still make nothing to sell.",
        verifiable=True, change_months=6, possible_consequence=STOPPED,
    ),
)  # fmt: skip
"""Features from records that others keep of the firm; outside the score (decision 36)."""
