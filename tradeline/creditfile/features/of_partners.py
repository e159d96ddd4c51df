"""What is known of those with whom a firm trades: how sound its buyers and suppliers are."""

from tradeline.creditfile.features.declaration import (
    Expression,
    Feature,
    Growth,
    OfPartners,
    Ratio,
)
from tradeline.creditfile.features.events import Compare, Events, Window
from tradeline.creditfile.features.measures import Largest, Sum
from tradeline.creditfile.features.of_conduct import AGE, CASES, DEFAULTED, LATE, NOT_ACTIVE
from tradeline.creditfile.features.partners import Bound, Dependence, Partners

YEAR = Window(12)
VALID = Compare("status", "=", "valid")
BUYERS = Partners(Events("sales_invoices", (VALID,), YEAR), "gross_minor")
SUPPLIERS = Partners(Events("purchase_invoices", (VALID,), YEAR), "gross_minor")

HURT = "A firm that defaults hurts those with whom it trades."
FEWER_SALES = "A supplier sells less when the firm stops buying."


def _sold(window: Window) -> Sum:
    return Sum(Events("sales_invoices", (VALID,), window), "gross_minor")


_SALES_GROWTH = Growth(_sold(YEAR), _sold(YEAR.before()))
_OVERDUE = Largest(Events("loans", (), YEAR), "days_past_due")
_ANY = Bound(">", 0)


def _share(partners: Partners, of: Expression | Dependence, bound: Bound) -> Ratio:
    """The trade with partners that meet a bound, in that with all of whom it is known."""
    return Ratio(OfPartners(partners, of, "amount", bound), OfPartners(partners, of, "amount"))


def _known(partners: Partners) -> Ratio:
    return Ratio(OfPartners(partners, "known", "amount"), OfPartners(partners, "anybody", "amount"))


PARTNERS = (
    Feature(
        "buyers_known_share_12m", "partners", "share",
        "sales to buyers that the platform knows, in sales to all buyers", _known(BUYERS),
        0, "It tells how far the other features of buyers can be trusted.",
    ),
    Feature(
        "buyers_mean_age_days", "partners", "days",
        "mean age of buyers by the register, weighted by sales", OfPartners(BUYERS, AGE, "mean"),
        -1, "Young buyers fail more often, and with them what they owe.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "buyers_not_active_share_12m", "partners", "share",
        "sales to buyers that the register told as not active, in sales to buyers whose "
        "registration is known", _share(BUYERS, NOT_ACTIVE, _ANY),
        1, "Who is dissolved pays no invoices.", verifiable=True, change_months=12,
    ),
    Feature(
        "buyers_sued_share_12m", "partners", "share",
        "sales to buyers with a court case against them in two years, in sales to known buyers",
        _share(BUYERS, CASES, _ANY),
        1, "A buyer that others sue will not pay us either.", verifiable=True, change_months=12,
    ),
    Feature(
        "buyers_defaulted_share_12m", "partners", "share",
        "sales to buyers with an obligation reported in default, in sales to buyers whose "
        "obligations are known", _share(BUYERS, DEFAULTED, _ANY),
        1, "A buyer in default takes its suppliers' money with it.",
        verifiable=True, change_months=12, possible_consequence=HURT,
    ),
    Feature(
        "buyers_late_share_12m", "partners", "share",
        "sales to buyers that were late with an obligation, in sales to buyers whose obligations "
        "are known", _share(BUYERS, LATE, _ANY),
        1, "A buyer that is late with its lenders is late with its suppliers.",
        verifiable=True, change_months=12, possible_consequence=HURT,
    ),
    Feature(
        "buyers_days_past_due", "partners", "days",
        "most days overdue on the lender's loans to any buyer in twelve months",
        OfPartners(BUYERS, _OVERDUE, "largest"),
        1, "What a buyer does not pay the lender it will not pay the firm.",
        verifiable=True, change_months=12, possible_consequence=HURT,
    ),
    Feature(
        "buyers_sales_growth_12m", "partners", "change",
        "growth of buyers' own sales, mean weighted by sales to them",
        OfPartners(BUYERS, _SALES_GROWTH, "mean"),
        -1, "A buyer that sells less will buy less.",
        verifiable=True, change_months=12, possible_consequence=HURT,
    ),
    Feature(
        "buyers_dependent_share_12m", "partners", "share",
        "sales to buyers that buy more than half from the firm, in sales to buyers whose "
        "purchases are known", _share(BUYERS, Dependence(SUPPLIERS), Bound(">", 0.5)),
        0, "A buyer that depends on the firm stays, or the two are one business in two names.",
        fraud_signal=True,
    ),
    Feature(
        "suppliers_known_share_12m", "partners", "share",
        "purchases from suppliers that the platform knows, in purchases from all suppliers",
        _known(SUPPLIERS),
        0, "It tells how far the other features of suppliers can be trusted.",
    ),
    Feature(
        "suppliers_not_active_share_12m", "partners", "share",
        "purchases from suppliers that the register told as not active, in purchases from "
        "suppliers whose registration is known", _share(SUPPLIERS, NOT_ACTIVE, _ANY),
        1, "Goods from a firm that is dissolved stop coming, or never came.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "suppliers_sales_growth_12m", "partners", "change",
        "growth of suppliers' own sales, mean weighted by purchases from them",
        OfPartners(SUPPLIERS, _SALES_GROWTH, "mean"),
        -1, "A supplier whose trade falls may stop delivering.",
        verifiable=True, change_months=12, possible_consequence=FEWER_SALES,
    ),
    Feature(
        "suppliers_fallen_share_12m", "partners", "share",
        "purchases from suppliers whose own sales fell by a fifth or more, in purchases from "
        "suppliers whose growth is known", _share(SUPPLIERS, _SALES_GROWTH, Bound("<=", -0.2)),
        1, "A supplier that fails takes the firm's orders and deposits with it.",
        verifiable=True, change_months=12, possible_consequence=FEWER_SALES,
    ),
)  # fmt: skip
"""Features of buyers and suppliers; outside the score (decision 36)."""
