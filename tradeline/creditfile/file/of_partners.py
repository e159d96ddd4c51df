"""Figures of buyers and suppliers: how sound they are, how they pay, how few they are.

A partner's own money is not looked at: only the subject's own papers, and public registers.
"""

from tradeline.creditfile.features.events import Compare, Present, Window
from tradeline.creditfile.features.of_invoices import VALID
from tradeline.creditfile.features.of_orders import STANDING
from tradeline.creditfile.file.declaration import (
    Concentration,
    Count,
    Figure,
    Highest,
    Partner,
    Ratio,
    Rows,
    Sum,
)

YEAR = Window(12)
REGISTERED, IN_COURTS = Partner("registered"), Partner("in_courts")
AFTER_ORDER = Present("days_after_order")
PAID = Rows("payments", (AFTER_ORDER,), YEAR)
ORDERED = Sum(Rows("orders", (STANDING,), YEAR), "gross_minor")


def _sold(*partner: Partner) -> Sum:
    return Sum(Rows("sales_invoices", (VALID, *partner), YEAR), "gross_minor")


def _bought(*partner: Partner) -> Sum:
    return Sum(Rows("purchase_invoices", (VALID, *partner), YEAR), "gross_minor")


NOT_KNOWN = "Where none is registered nobody can say."

PARTNER_FIGURES = (
    Figure("buyers_registered_12m", "Sales to buyers that a registry knows, 12 months",
           "It says how far the next two can be trusted.", Ratio(_sold(REGISTERED), _sold())),
    Figure("buyers_not_active_12m", "Sales to buyers that are not active, 12 months",
           "Suspended, dissolving, revoked or struck off by the registry, of sales to buyers that "
           f"it knows. {NOT_KNOWN}", Ratio(_sold(Partner("not_active")), _sold(REGISTERED))),
    Figure("buyers_sued_12m", "Sales to buyers with a court case against them, 12 months",
           "A case of the last 24 months that was not withdrawn, of sales to buyers that a "
           f"registry knows. {NOT_KNOWN}", Ratio(_sold(Partner("sued")), _sold(IN_COURTS))),
    Figure("buyers_concentration_12m", "Concentration of sales by invoice on buyers, 12 months",
           "1 if all is sold to one buyer, 0.1 if to ten who buy alike: the fewer, the more one of "
           "them can hurt.", Concentration(_sold())),
    Figure("order_buyers_concentration_12m", "Concentration of orders on buyers, 12 months",
           "The same for orders on platforms.", Concentration(ORDERED)),
    Figure("days_to_pay_12m", "Days from order to payment, 12 months",
           "The mean over payments whose order is known; 0 is the day of the order.",
           Ratio(Sum(PAID, "days_after_order"), Count(PAID))),
    Figure("paid_later_12m", "Paid on a later day than ordered, 12 months",
           "How much of what was paid came later than on the day of the order.",
           Ratio(Sum(Rows("payments", (Compare("days_after_order", ">", 0),), YEAR),
                     "amount_minor"), Sum(PAID, "amount_minor"))),
    Figure("longest_to_pay_12m", "Longest from order to payment, 12 months, in days",
           "Of the payments of these months.", Highest(PAID, "days_after_order")),
    Figure("paid_of_orders_12m", "Paid of what was ordered, 12 months",
           "What buyers paid in these months, over the orders of these months; it can be above "
           "100 % where earlier orders were paid in them, and the last need not be due yet.",
           Ratio(Sum(Rows("payments", (), YEAR), "amount_minor"), ORDERED)),
    Figure("suppliers_registered_12m", "Purchases from suppliers that a registry knows, 12 months",
           "It says how far the next one can be trusted.", Ratio(_bought(REGISTERED), _bought())),
    Figure("suppliers_not_active_12m", "Purchases from suppliers that are not active, 12 months",
           "Suspended, dissolving, revoked or struck off by the registry, of purchases from "
           f"suppliers that it knows. {NOT_KNOWN}",
           Ratio(_bought(Partner("not_active")), _bought(REGISTERED))),
    Figure("suppliers_concentration_12m", "Concentration of purchases on suppliers, 12 months",
           "1 if all is bought from one supplier, 0.1 if from ten alike: the fewer, the more one "
           "of them can stop.", Concentration(_bought())),
)  # fmt: skip
