"""The part on trade: what the enterprise sells and buys, and what its buyers say of it."""

from tradeline.creditfile.features.events import After, Compare, Present, Window
from tradeline.creditfile.features.of_invoices import NEGATIVE, VALID, VOID
from tradeline.creditfile.features.of_orders import (
    CANCELLED,
    DELIVERED,
    STANDING,
)
from tradeline.creditfile.file.declaration import (
    Count,
    Dataset,
    Distinct,
    Figure,
    Listing,
    Monthly,
    Part,
    Ranked,
    Ratio,
    Rows,
    Sum,
)
from tradeline.creditfile.file.of_partners import PARTNER_FIGURES

YEAR = Window(12)
YEAR_BEFORE = Window(12, 12)
TWO_YEARS = Window(24)

SOLD = Rows("sales_invoices", (VALID,))
BOUGHT = Rows("purchase_invoices", (VALID,))
ORDERED = Rows("orders", (STANDING,))


def within(rows: Rows, window: Window, *where: Compare) -> Rows:
    """The rows of a window that meet further conditions too."""
    return Rows(rows.contract, (*rows.where, *where), window)


ORDERS = within(ORDERED, YEAR)
PAYMENTS = Rows("payments", (), YEAR)
REFUNDS = Rows("refunds", (), YEAR)
LINES = Rows("order_lines", (), YEAR)
DELIVERIES = Rows("deliveries", (), YEAR)
PROMISED = Rows("deliveries", (DELIVERED, Present("promised_at")), YEAR)
LATE = Rows("deliveries", (DELIVERED, After("occurred_at", "promised_at")), YEAR)
REVIEWS = Rows("reviews", (), YEAR)
SHOWS = Rows("trade_shows", (), TWO_YEARS)

SALES_FIGURES = (
    Figure("sales_12m", "Sales by invoice, 12 months",
           "What valid invoices to buyers come to, with tax. A negative invoice takes an earlier "
           "one back; a void invoice does not count.",
           Sum(within(SOLD, YEAR), "gross_minor")),
    Figure("sales_12m_before", "Sales by invoice, the 12 months before",
           "The same for the year before, to compare.",
           Sum(within(SOLD, YEAR_BEFORE), "gross_minor")),
    Figure("sales_invoices_12m", "Invoices to buyers, 12 months", "How many valid invoices.",
           Count(within(SOLD, YEAR))),
    Figure("sales_taken_back_12m", "Sales taken back, 12 months",
           "What negative invoices took back of earlier ones.",
           Sum(within(SOLD, YEAR, NEGATIVE), "gross_minor")),
    Figure("sales_void_12m", "Void invoices to buyers, 12 months",
           "Invoices that were cancelled before they took effect.",
           Count(Rows("sales_invoices", (VOID,), YEAR))),
    Figure("buyers_12m", "Buyers by invoice, 12 months", "How many different buyers.",
           Distinct(within(SOLD, YEAR), "counterparty")),
    Figure("sales_by_month", "Sales by invoice, month by month",
           "What the valid invoices of each calendar month come to.",
           Monthly(Sum(SOLD, "gross_minor"))),
    Figure("largest_buyers", "Largest buyers by invoice, 12 months",
           "Who bought most, and how much of all sales that is.",
           Ranked(Sum(within(SOLD, YEAR), "gross_minor"))),
)  # fmt: skip

ORDER_FIGURES = (
    Figure("orders_12m", "Orders on platforms, 12 months",
           "What orders come to that were not cancelled, with tax and freight.",
           Sum(ORDERS, "gross_minor")),
    Figure("orders_12m_before", "Orders on platforms, the 12 months before",
           "The same for the year before, to compare.",
           Sum(within(ORDERED, YEAR_BEFORE), "gross_minor")),
    Figure("orders_count_12m", "Number of orders, 12 months",
           "How many orders were not cancelled.", Count(ORDERS)),
    Figure("orders_cancelled_12m", "Orders cancelled, 12 months",
           "How many of all orders were cancelled.",
           Ratio(Count(Rows("orders", (CANCELLED,), YEAR)), Count(Rows("orders", (), YEAR)))),
    Figure("order_buyers_12m", "Buyers on platforms, 12 months", "How many different buyers.",
           Distinct(ORDERS, "counterparty")),
    Figure("orders_by_month", "Orders, month by month",
           "What the orders of each calendar month come to.", Monthly(Sum(ORDERED, "gross_minor"))),
    Figure("largest_order_buyers", "Largest buyers on platforms, 12 months",
           "Who ordered most, and how much of all orders that is.",
           Ranked(Sum(ORDERS, "gross_minor"))),
    Figure("payments_12m", "Paid by buyers, 12 months", "What buyers paid on orders.",
           Sum(PAYMENTS, "amount_minor")),
    Figure("refunds_12m", "Paid back to buyers, 12 months", "What was paid back on orders.",
           Sum(REFUNDS, "amount_minor")),
    Figure("refunds_share_12m", "Paid back of what was paid, 12 months",
           "Refunds as a part of payments.",
           Ratio(Sum(REFUNDS, "amount_minor"), Sum(PAYMENTS, "amount_minor"))),
    Figure("lines_returned_12m", "Order lines taken back, 12 months",
           "How many of all order lines take goods back (a negative quantity).",
           Ratio(Count(Rows("order_lines", (Compare("quantity", "<", 0),), YEAR)), Count(LINES))),
    Figure("products_12m", "Different products, 12 months",
           "How many different products were ordered.", Distinct(LINES, "product")),
    Figure("deliveries_12m", "Deliveries, 12 months", "How many were sent, whatever came of them.",
           Count(DELIVERIES)),
    Figure("deliveries_late_12m", "Delivered later than promised, 12 months",
           "How many of the deliveries that arrived and had a promised day came after it; the "
           "others were on time.",
           Ratio(Count(LATE), Count(PROMISED))),
    Figure("deliveries_returned_12m", "Deliveries returned, 12 months",
           "How many of all deliveries came back.",
           Ratio(Count(Rows("deliveries", (Compare("status", "=", "returned"),), YEAR)),
                 Count(DELIVERIES))),
    Figure("deliveries_lost_12m", "Deliveries lost, 12 months",
           "How many of all deliveries were lost.",
           Ratio(Count(Rows("deliveries", (Compare("status", "=", "lost"),), YEAR)),
                 Count(DELIVERIES))),
    Figure("reviews_12m", "Reviews, 12 months", "How many buyers said what they think.",
           Count(REVIEWS)),
    Figure("stars_12m", "Stars in reviews, 12 months", "The mean, from 1 (worst) to 5 (best).",
           Ratio(Sum(REVIEWS, "stars"), Count(REVIEWS))),
)  # fmt: skip

PURCHASE_FIGURES = (
    Figure("purchases_12m", "Purchases by invoice, 12 months",
           "What valid invoices of suppliers come to, with tax.",
           Sum(within(BOUGHT, YEAR), "gross_minor")),
    Figure("purchases_12m_before", "Purchases by invoice, the 12 months before",
           "The same for the year before, to compare.",
           Sum(within(BOUGHT, YEAR_BEFORE), "gross_minor")),
    Figure("purchase_invoices_12m", "Invoices of suppliers, 12 months", "How many valid invoices.",
           Count(within(BOUGHT, YEAR))),
    Figure("suppliers_12m", "Suppliers, 12 months", "How many different suppliers.",
           Distinct(within(BOUGHT, YEAR), "counterparty")),
    Figure("purchases_by_month", "Purchases by invoice, month by month",
           "What the valid invoices of each calendar month come to.",
           Monthly(Sum(BOUGHT, "gross_minor"))),
    Figure("largest_suppliers", "Largest suppliers, 12 months",
           "From whom most was bought, and how much of all purchases that is.",
           Ranked(Sum(within(BOUGHT, YEAR), "gross_minor"))),
)  # fmt: skip

SHOW_FIGURES = (
    Figure("shows_24m", "Trade shows, 24 months", "At how many shows it took part.", Count(SHOWS)),
    Figure("show_leads_24m", "Leads at trade shows, 24 months",
           "How many people left their address.", Sum(SHOWS, "leads")),
    Figure("show_orders_24m", "Orders signed at trade shows, 24 months",
           "What they are worth.", Sum(SHOWS, "order_value_minor")),
)  # fmt: skip

TRADE = Part(
    "trade",
    "Trade",
    "What the enterprise sells and buys: invoices, orders on platforms, deliveries, reviews, "
    "trade shows. Invoices and orders tell of the same goods in part, so they are never added "
    "to each other.",
    (
        Dataset("sales_invoices", "invoices to buyers", "the export of issued invoices"),
        Dataset("purchase_invoices", "invoices of suppliers", "the export of received invoices"),
        Dataset("orders", "orders on platforms", "the platform's export of orders"),
        Dataset("order_lines", "what the orders consist of", "the platform's export of lines"),
        Dataset("payments", "payments of buyers", "the platform's or payment service's export"),
        Dataset("refunds", "refunds", "the platform's or payment service's export"),
        Dataset("deliveries", "deliveries", "the platform's or carrier's export"),
        Dataset("reviews", "reviews of buyers", "the platform's export of reviews"),
        Dataset("trade_shows", "trade shows", "the organiser's record of the show"),
    ),
    (*SALES_FIGURES, *ORDER_FIGURES, *PURCHASE_FIGURES, *PARTNER_FIGURES, *SHOW_FIGURES),
    (
        Listing("show_list", "Trade shows", "What came of each show.", SHOWS,
                ("show_name", "leads", "orders_signed", "order_value_minor")),
    ),
)  # fmt: skip
