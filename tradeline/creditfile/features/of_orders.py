"""What platform orders, payments, deliveries and reviews say of a firm."""

from tradeline.creditfile.features.declaration import Difference, Feature, Growth, Ratio
from tradeline.creditfile.features.events import (
    After,
    Compare,
    Condition,
    Events,
    MultipleOf,
    Present,
    Window,
)
from tradeline.creditfile.features.measures import (
    ActiveMonths,
    Count,
    DaysSinceFirst,
    DaysSinceLast,
    Distinct,
    Gained,
    Herfindahl,
    LargestShare,
    LongestGap,
    Lost,
    ObservedMonths,
    Sum,
    Trend,
    Volatility,
)

STANDING = Compare("status", "<>", "cancelled")
CANCELLED = Compare("status", "=", "cancelled")
DELIVERED = Compare("status", "=", "delivered")

QUARTER = Window(3)
QUARTER_YEAR_AGO = Window(3, 12)
YEAR = Window(12)
YEAR_BEFORE = Window(12, 12)
THREE_YEARS = Window(36)
EVER = Window()

STOPPED = "A firm that defaulted may have stopped trading because of it."


def _orders(window: Window, *where: Condition) -> Events:
    return Events("orders", where or (STANDING,), window)


def _ordered(window: Window) -> Sum:
    return Sum(_orders(window), "gross_minor")


_ALL_ORDERS = Events("orders", (), YEAR)
_PROMISED = Events("deliveries", (DELIVERED, Present("promised_at")), YEAR)
_LATE = Events("deliveries", (DELIVERED, After("occurred_at", "promised_at")), YEAR)
_DELIVERIES = Events("deliveries", (), YEAR)
_REVIEWS = Events("reviews", (), YEAR)
_REFUNDS = Events("refunds", (), YEAR, absent_is_zero=True)
_LINES = Events("order_lines", (), YEAR)
_SOLD_LINES = Events("order_lines", (Compare("quantity", ">", 0),), YEAR)

LEVEL = (
    Feature(
        "orders_12m_minor", "orders", "minor units",
        "value of orders, cancelled ones left out", _ordered(YEAR),
        -1, "More orders carry the same loan more easily.", verifiable=True, change_months=12,
    ),
    Feature(
        "orders_monthly_mean_minor", "orders", "minor units per month",
        "value of orders per observed month", Ratio(_ordered(YEAR), ObservedMonths(_orders(YEAR))),
        -1, "Orders per month compare young shops with old ones.",
        verifiable=True, change_months=6,
    ),
    Feature(
        "orders_12m", "orders", "orders",
        "orders, cancelled ones left out", Count(_orders(YEAR)),
        -1, "Many orders make the next one likelier.", verifiable=True, change_months=12,
    ),
    Feature(
        "mean_order_minor", "orders", "minor units",
        "average order", Ratio(_ordered(YEAR), Count(_orders(YEAR))),
        0, "Large orders mean larger buyers, but fewer of them.",
    ),
    Feature(
        "products_12m", "orders", "products",
        "different products ordered", Distinct(_SOLD_LINES, "product"),
        -1, "A range of products outlives the fashion for one.",
        verifiable=True, change_months=12,
    ),
)  # fmt: skip

CHANGE = (
    Feature(
        "orders_growth_12m", "orders", "change",
        "value of orders against the twelve months before",
        Growth(_ordered(YEAR), _ordered(YEAR_BEFORE)),
        -1, "Shrinking orders strain fixed costs and debt.", verifiable=True, change_months=12,
    ),
    Feature(
        "orders_growth_3m_yoy", "orders", "change",
        "value of orders against the same three months a year before",
        Growth(_ordered(QUARTER), _ordered(QUARTER_YEAR_AGO)),
        -1, "Set against the same season, a decline is no matter of season.",
        verifiable=True, change_months=3, possible_consequence=STOPPED,
    ),
    Feature(
        "orders_trend_36m", "orders", "log points per month",
        "slope of log monthly orders, seasons removed from 24 months on",
        Trend(_orders(THREE_YEARS), "gross_minor"),
        -1, "A lasting decline outweighs a good month.", verifiable=True, change_months=12,
    ),
    Feature(
        "orders_volatility_12m", "orders", "ratio",
        "coefficient of variation of monthly orders, idle months included",
        Volatility(_orders(YEAR), "gross_minor"),
        1, "Uneven orders leave months in which an instalment cannot be paid.",
        verifiable=True, change_months=12,
    ),
)  # fmt: skip

RHYTHM = (
    Feature(
        "orders_active_months_12m", "orders", "months",
        "months with an order", ActiveMonths(_orders(YEAR)),
        -1, "A shop that sells every month can pay every month.",
        verifiable=True, change_months=12, possible_consequence=STOPPED,
    ),
    Feature(
        "orders_longest_gap_days_12m", "orders", "days",
        "longest time between two days of orders", LongestGap(_orders(YEAR)),
        1, "Long silence between orders shows broken business.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "days_since_last_order", "orders", "days",
        "days since the last order", DaysSinceLast(_orders(EVER)),
        1, "A shop without orders for long may have closed.",
        verifiable=True, change_months=1, possible_consequence=STOPPED,
    ),
    Feature(
        "days_since_first_order", "orders", "days",
        "days since the first known order", DaysSinceFirst(_orders(EVER)),
        -1, "Young shops fail more often.", verifiable=True, change_months=12,
    ),
)  # fmt: skip

BUYERS = (
    Feature(
        "order_buyers_12m", "orders", "buyers",
        "different buyers", Distinct(_orders(YEAR), "counterparty"),
        -1, "Many buyers seldom leave together.", verifiable=True, change_months=12,
    ),
    Feature(
        "orders_per_buyer_12m", "orders", "orders per buyer",
        "orders per buyer",
        Ratio(Count(_orders(YEAR)), Distinct(_orders(YEAR), "counterparty")),
        -1, "Buyers that come back are satisfied.", verifiable=True, change_months=12,
    ),
    Feature(
        "order_buyer_hhi_12m", "orders", "index 0 to 1",
        "concentration of orders on buyers (Herfindahl-Hirschman)",
        Herfindahl(_orders(YEAR), "gross_minor", "counterparty"),
        1, "Concentrated orders fall with few buyers.", verifiable=True, change_months=12,
    ),
    Feature(
        "largest_order_buyer_share_12m", "orders", "share",
        "largest buyer's share of orders",
        LargestShare(_orders(YEAR), "gross_minor", "counterparty"),
        1, "A shop that lives on one buyer falls with it.", verifiable=True, change_months=12,
    ),
    Feature(
        "order_buyers_gained_share_12m", "orders", "share",
        "buyers without an order in the twelve months before, in all buyers",
        Ratio(Gained(_orders(YEAR), "counterparty"), Distinct(_orders(YEAR), "counterparty")),
        0, "New buyers are growth, or replace those that left.",
    ),
    Feature(
        "order_buyers_lost_share_12m", "orders", "share",
        "buyers of the twelve months before that ordered no more",
        Ratio(Lost(_orders(YEAR), "counterparty"),
              Distinct(_orders(YEAR_BEFORE), "counterparty")),
        1, "Buyers that leave take orders with them.", verifiable=True, change_months=12,
    ),
    Feature(
        "product_hhi_12m", "orders", "index 0 to 1",
        "concentration of order lines' value on products (Herfindahl-Hirschman)",
        Herfindahl(_LINES, "gross_minor", "product"),
        1, "A shop of one product falls with its fashion.", verifiable=True, change_months=12,
    ),
)  # fmt: skip

SERVICE = (
    Feature(
        "orders_cancelled_share_12m", "orders", "share",
        "cancelled orders in all orders",
        Ratio(Count(_orders(YEAR, CANCELLED)), Count(_ALL_ORDERS)),
        1, "Cancelled orders are work without income.", verifiable=True, change_months=3,
    ),
    Feature(
        "orders_cancelled_amount_share_12m", "orders", "share",
        "value of cancelled orders in all orders",
        Ratio(Sum(_orders(YEAR, CANCELLED), "gross_minor"), Sum(_ALL_ORDERS, "gross_minor")),
        1, "Large cancelled orders are large lost income.", verifiable=True, change_months=3,
    ),
    Feature(
        "refund_share_12m", "orders", "share",
        "amount paid back over value of orders",
        Ratio(Sum(_REFUNDS, "amount_minor"), _ordered(YEAR)),
        1, "Money paid back was no income.", verifiable=True, change_months=3,
    ),
    Feature(
        "returned_lines_share_12m", "orders", "share",
        "order lines that take goods back, in all lines",
        Ratio(Count(Events("order_lines", (Compare("quantity", "<", 0),), YEAR)), Count(_LINES)),
        1, "Goods that come back show goods that disappoint.", verifiable=True, change_months=3,
    ),
    Feature(
        "payment_coverage_12m", "orders", "ratio",
        "amount paid over value of orders",
        Ratio(Sum(Events("payments", (), YEAR), "amount_minor"), _ordered(YEAR)),
        -1, "Orders count for what buyers paid.", verifiable=True, change_months=3,
    ),
    Feature(
        "late_delivery_share_12m", "orders", "share",
        "deliveries after the promised time, in those with a promise",
        Ratio(Count(_LATE), Count(_PROMISED)),
        1, "A shop that delivers late loses buyers and may lack cash for stock.",
        verifiable=True, change_months=3,
    ),
    Feature(
        "deliveries_returned_share_12m", "orders", "share",
        "returned deliveries in all deliveries",
        Ratio(Count(Events("deliveries", (Compare("status", "=", "returned"),), YEAR)),
              Count(_DELIVERIES)),
        1, "Returned goods must be paid back.", verifiable=True, change_months=3,
    ),
    Feature(
        "deliveries_lost_share_12m", "orders", "share",
        "lost deliveries in all deliveries",
        Ratio(Count(Events("deliveries", (Compare("status", "=", "lost"),), YEAR)),
              Count(_DELIVERIES)),
        1, "Lost goods are paid twice.", verifiable=True, change_months=3,
    ),
    Feature(
        "mean_stars_12m", "orders", "stars",
        "average stars of reviews", Ratio(Sum(_REVIEWS, "stars"), Count(_REVIEWS)),
        -1, "Satisfied buyers come back.", verifiable=True, change_months=6,
    ),
    Feature(
        "mean_stars_change_12m", "orders", "stars",
        "average stars of the last three months less those of the year",
        Difference(
            Ratio(Sum(Events("reviews", (), QUARTER), "stars"),
                  Count(Events("reviews", (), QUARTER))),
            Ratio(Sum(_REVIEWS, "stars"), Count(_REVIEWS)),
        ),
        -1, "Falling stars foretell falling orders.", verifiable=True, change_months=3,
    ),
    Feature(
        "low_stars_share_12m", "orders", "share",
        "reviews of two stars or fewer",
        Ratio(Count(Events("reviews", (Compare("stars", "<=", 2),), YEAR)), Count(_REVIEWS)),
        1, "Angry buyers claim refunds and warn others.", verifiable=True, change_months=6,
    ),
    Feature(
        "round_orders_share_12m", "orders", "share",
        "orders of whole hundreds",
        Ratio(Count(_orders(YEAR, STANDING, MultipleOf("gross_minor", 100_00))),
              Count(_orders(YEAR))),
        1, "Invented amounts are round more often than real ones.", fraud_signal=True,
    ),
)  # fmt: skip

ORDER_FEATURES = (*LEVEL, *CHANGE, *RHYTHM, *BUYERS, *SERVICE)
