"""What value-added-tax invoices say of a firm: level, growth, rhythm, margin, partners, honesty."""

from tradeline.creditfile.features.declaration import Difference, Feature, Growth, Ratio
from tradeline.creditfile.features.events import Compare, Condition, Events, MultipleOf, Window
from tradeline.creditfile.features.measures import (
    ActiveMonths,
    Circular,
    Count,
    DaysSinceFirst,
    DaysSinceLast,
    Distinct,
    Gained,
    Herfindahl,
    Largest,
    LargestShare,
    LongestGap,
    Lost,
    MeanAge,
    ObservedMonths,
    SameDayPairs,
    Sum,
    Trend,
    Volatility,
)

VALID = Compare("status", "=", "valid")
VOID = Compare("status", "=", "void")
POSITIVE = Compare("gross_minor", ">", 0)
NEGATIVE = Compare("gross_minor", "<", 0)
ROUND = MultipleOf("gross_minor", 1_000_00)

MONTH = Window(1)
QUARTER = Window(3)
QUARTER_YEAR_AGO = Window(3, 12)
HALF = Window(6)
HALF_BEFORE = Window(6, 6)
YEAR = Window(12)
YEAR_BEFORE = Window(12, 12)
THREE_YEARS = Window(36)
EVER = Window()

STOPPED = "A firm that defaulted may have stopped trading because of it."


def _sales(window: Window, *where: Condition) -> Events:
    return Events("sales_invoices", where or (VALID,), window)


def _purchases(window: Window, *where: Condition) -> Events:
    return Events("purchase_invoices", where or (VALID,), window)


def _sold(window: Window) -> Sum:
    return Sum(_sales(window), "gross_minor")


def _bought(window: Window) -> Sum:
    return Sum(_purchases(window), "gross_minor")


def _margin(window: Window) -> Ratio:
    sold, bought = Sum(_sales(window), "net_minor"), Sum(_purchases(window), "net_minor")
    return Ratio(Difference(sold, bought), sold)


_POSITIVE_SALES = _sales(YEAR, VALID, POSITIVE)
_POSITIVE_PURCHASES = _purchases(YEAR, VALID, POSITIVE)
_POSITIVE_SOLD = Sum(_POSITIVE_SALES, "gross_minor")
_POSITIVE_BOUGHT = Sum(_POSITIVE_PURCHASES, "gross_minor")

LEVEL = (
    Feature(
        "sales_12m_minor", "invoices", "minor units",
        "sales with tax, less reversals", _sold(YEAR),
        -1, "More sales carry the same loan more easily.", verifiable=True, change_months=12,
    ),
    Feature(
        "sales_monthly_mean_minor", "invoices", "minor units per month",
        "sales with tax per observed month", Ratio(_sold(YEAR), ObservedMonths(_sales(YEAR))),
        -1, "Sales per month compare young firms with old ones.", verifiable=True, change_months=6,
    ),
    Feature(
        "purchases_12m_minor", "invoices", "minor units",
        "purchases with tax, less reversals", _bought(YEAR),
        -1, "A firm that buys much is at work and trusted by suppliers.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "sales_invoices_12m", "invoices", "invoices",
        "valid sales invoices", Count(_sales(YEAR)),
        -1, "Many sales make the next one likelier.", verifiable=True, change_months=12,
    ),
    Feature(
        "purchase_invoices_12m", "invoices", "invoices",
        "valid purchase invoices", Count(_purchases(YEAR)),
        -1, "Steady buying shows a firm at work.", verifiable=True, change_months=12,
    ),
    Feature(
        "mean_sale_minor", "invoices", "minor units",
        "average positive sales invoice", Ratio(_POSITIVE_SOLD, Count(_POSITIVE_SALES)),
        0, "Large invoices mean larger buyers, but fewer of them.",
    ),
    Feature(
        "largest_sale_share_12m", "invoices", "share",
        "largest sales invoice in positive sales",
        Ratio(Largest(_POSITIVE_SALES, "gross_minor"), _POSITIVE_SOLD),
        1, "If one invoice makes the year, the next year may lack it.",
        verifiable=True, change_months=12,
    ),
)  # fmt: skip

CHANGE = (
    Feature(
        "sales_growth_12m", "invoices", "change",
        "sales against the twelve months before", Growth(_sold(YEAR), _sold(YEAR_BEFORE)),
        -1, "Shrinking sales strain fixed costs and debt.", verifiable=True, change_months=12,
    ),
    Feature(
        "sales_growth_6m", "invoices", "change",
        "sales against the six months before", Growth(_sold(HALF), _sold(HALF_BEFORE)),
        -1, "A recent decline shows before the year does.", verifiable=True, change_months=6,
        possible_consequence=STOPPED,
    ),
    Feature(
        "sales_growth_3m_yoy", "invoices", "change",
        "sales against the same three months a year before",
        Growth(_sold(QUARTER), _sold(QUARTER_YEAR_AGO)),
        -1, "Set against the same season, a decline is no matter of season.",
        verifiable=True, change_months=3, possible_consequence=STOPPED,
    ),
    Feature(
        "purchases_growth_12m", "invoices", "change",
        "purchases against the twelve months before", Growth(_bought(YEAR), _bought(YEAR_BEFORE)),
        -1, "A firm that expects less to sell buys less.", verifiable=True, change_months=12,
    ),
    Feature(
        "sales_trend_36m", "invoices", "log points per month",
        "slope of log monthly sales, seasons removed from 24 months on",
        Trend(_sales(THREE_YEARS), "gross_minor"),
        -1, "A lasting decline outweighs a good month.", verifiable=True, change_months=12,
    ),
    Feature(
        "purchases_trend_36m", "invoices", "log points per month",
        "slope of log monthly purchases, seasons removed from 24 months on",
        Trend(_purchases(THREE_YEARS), "gross_minor"),
        -1, "Lasting decline of purchases precedes decline of sales.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "sales_volatility_12m", "invoices", "ratio",
        "coefficient of variation of monthly sales, idle months included",
        Volatility(_sales(YEAR), "gross_minor"),
        1, "Uneven sales leave months in which an instalment cannot be paid.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "purchases_volatility_12m", "invoices", "ratio",
        "coefficient of variation of monthly purchases, idle months included",
        Volatility(_purchases(YEAR), "gross_minor"),
        1, "Uneven purchases show uneven work.", verifiable=True, change_months=12,
    ),
)  # fmt: skip

RHYTHM = (
    Feature(
        "sales_active_months_12m", "invoices", "months",
        "months with a sale", ActiveMonths(_POSITIVE_SALES),
        -1, "A firm that sells every month can pay every month.",
        verifiable=True, change_months=12, possible_consequence=STOPPED,
    ),
    Feature(
        "purchases_active_months_12m", "invoices", "months",
        "months with a purchase", ActiveMonths(_POSITIVE_PURCHASES),
        -1, "A firm that buys every month is at work.",
        verifiable=True, change_months=12, possible_consequence=STOPPED,
    ),
    Feature(
        "sales_active_share_36m", "invoices", "share",
        "months with a sale in observed months",
        Ratio(ActiveMonths(_sales(THREE_YEARS, VALID, POSITIVE)),
              ObservedMonths(_sales(THREE_YEARS))),
        -1, "Idle months are months without income.", verifiable=True, change_months=12,
    ),
    Feature(
        "sales_longest_gap_days_12m", "invoices", "days",
        "longest time between two days of sales", LongestGap(_POSITIVE_SALES),
        1, "Long silence between sales shows broken business.", verifiable=True, change_months=12,
    ),
    Feature(
        "purchases_longest_gap_days_12m", "invoices", "days",
        "longest time between two days of purchases", LongestGap(_POSITIVE_PURCHASES),
        1, "Long silence between purchases shows broken business.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "days_since_last_sale", "invoices", "days",
        "days since the last sale", DaysSinceLast(_sales(EVER, VALID, POSITIVE)),
        1, "A firm that has not sold for long may have closed.",
        verifiable=True, change_months=1, possible_consequence=STOPPED,
    ),
    Feature(
        "days_since_last_purchase", "invoices", "days",
        "days since the last purchase", DaysSinceLast(_purchases(EVER, VALID, POSITIVE)),
        1, "A firm that has not bought for long may have closed.",
        verifiable=True, change_months=1, possible_consequence=STOPPED,
    ),
    Feature(
        "days_since_first_sale", "invoices", "days",
        "days since the first known sale", DaysSinceFirst(_sales(EVER, VALID, POSITIVE)),
        -1, "Young firms fail more often.", verifiable=True, change_months=12,
    ),
)  # fmt: skip

MARGIN = (
    Feature(
        "margin_12m", "invoices", "share",
        "sales less purchases, in sales, before tax", _margin(YEAR),
        -1, "What is left after purchases pays wages, rent and debt.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "margin_change_12m", "invoices", "change in share",
        "margin less that of the twelve months before",
        Difference(_margin(YEAR), _margin(YEAR_BEFORE)),
        -1, "A thinning margin shows price pressure.", verifiable=True, change_months=12,
    ),
    Feature(
        "tax_burden_12m", "invoices", "share",
        "tax on sales less tax on purchases, in sales before tax",
        Ratio(
            Difference(Sum(_sales(YEAR), "tax_minor"), Sum(_purchases(YEAR), "tax_minor")),
            Sum(_sales(YEAR), "net_minor"),
        ),
        -1, "Tax falls due on value added; too little of it means little value or little truth.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "output_tax_rate_12m", "invoices", "share",
        "tax on sales in sales before tax",
        Ratio(Sum(_sales(YEAR), "tax_minor"), Sum(_sales(YEAR), "net_minor")),
        0, "It tells the trade and the kind of taxpayer.",
    ),
    Feature(
        "cash_flow_monthly_minor", "invoices", "minor units per month",
        "sales less purchases with tax, per observed month",
        Ratio(Difference(_sold(YEAR), _bought(YEAR)), ObservedMonths(_sales(YEAR))),
        -1, "Instalments are paid from what sales leave after purchases.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "purchases_to_sales_3m", "invoices", "ratio",
        "purchases over sales in the last three months", Ratio(_bought(QUARTER), _sold(QUARTER)),
        1, "Buying that outruns sales ties cash up in stock.", verifiable=True, change_months=3,
        possible_consequence=STOPPED,
    ),
    Feature(
        "purchase_lead_days_12m", "invoices", "days",
        "by how many days the average yuan bought precedes the average yuan sold",
        Difference(MeanAge(_POSITIVE_PURCHASES, "gross_minor"),
                   MeanAge(_POSITIVE_SALES, "gross_minor")),
        1, "The earlier a firm buys before it sells, the more cash its cycle needs.",
        verifiable=True, change_months=12,
    ),
)  # fmt: skip

CONDUCT = (
    Feature(
        "sales_void_share_12m", "invoices", "share",
        "void invoices in all sales invoices",
        Ratio(Count(_sales(YEAR, VOID)), Count(Events("sales_invoices", (), YEAR))),
        1, "Many void invoices show lost deals or careless books.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "sales_void_amount_share_12m", "invoices", "share",
        "void amounts in all sales amounts, signs left out",
        Ratio(Sum(_sales(YEAR, VOID), "gross_minor", absolute=True),
              Sum(Events("sales_invoices", (), YEAR), "gross_minor", absolute=True)),
        1, "Large void invoices show large deals that fell through.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "purchases_void_share_12m", "invoices", "share",
        "void invoices in all purchase invoices",
        Ratio(Count(_purchases(YEAR, VOID)), Count(Events("purchase_invoices", (), YEAR))),
        1, "Suppliers void invoices when a firm does not take or pay.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "sales_reversal_share_12m", "invoices", "share",
        "reversals in valid sales invoices",
        Ratio(Count(_sales(YEAR, VALID, NEGATIVE)), Count(_sales(YEAR))),
        1, "Reversals are goods that came back or prices that did not hold.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "sales_reversal_amount_share_12m", "invoices", "share",
        "amount reversed over positive sales",
        Ratio(Sum(_sales(YEAR, VALID, NEGATIVE), "gross_minor", absolute=True), _POSITIVE_SOLD),
        1, "Sales that are taken back were no income.", verifiable=True, change_months=12,
    ),
    Feature(
        "purchases_reversal_amount_share_12m", "invoices", "share",
        "amount reversed over positive purchases",
        Ratio(Sum(_purchases(YEAR, VALID, NEGATIVE), "gross_minor", absolute=True),
              _POSITIVE_BOUGHT),
        1, "Goods sent back show plans that failed.", verifiable=True, change_months=12,
    ),
)  # fmt: skip

PARTNERS = (
    Feature(
        "buyers_12m", "invoices", "buyers",
        "different buyers", Distinct(_POSITIVE_SALES, "counterparty"),
        -1, "Many buyers seldom leave together.", verifiable=True, change_months=12,
    ),
    Feature(
        "suppliers_12m", "invoices", "suppliers",
        "different suppliers", Distinct(_POSITIVE_PURCHASES, "counterparty"),
        -1, "Many suppliers seldom fail together.", verifiable=True, change_months=12,
    ),
    Feature(
        "buyers_gained_share_12m", "invoices", "share",
        "buyers without a purchase in the twelve months before, in all buyers",
        Ratio(Gained(_POSITIVE_SALES, "counterparty"), Distinct(_POSITIVE_SALES, "counterparty")),
        0, "New buyers are growth, or replace those that left.",
    ),
    Feature(
        "buyers_lost_share_12m", "invoices", "share",
        "buyers of the twelve months before that bought no more",
        Ratio(Lost(_POSITIVE_SALES, "counterparty"),
              Distinct(_sales(YEAR_BEFORE, VALID, POSITIVE), "counterparty")),
        1, "Buyers that leave take sales with them.", verifiable=True, change_months=12,
    ),
    Feature(
        "suppliers_gained_share_12m", "invoices", "share",
        "suppliers without a sale in the twelve months before, in all suppliers",
        Ratio(Gained(_POSITIVE_PURCHASES, "counterparty"),
              Distinct(_POSITIVE_PURCHASES, "counterparty")),
        0, "New suppliers are growth, or replace those that stopped supplying.",
    ),
    Feature(
        "suppliers_lost_share_12m", "invoices", "share",
        "suppliers of the twelve months before that supplied no more",
        Ratio(Lost(_POSITIVE_PURCHASES, "counterparty"),
              Distinct(_purchases(YEAR_BEFORE, VALID, POSITIVE), "counterparty")),
        1, "Suppliers leave firms that pay late.", verifiable=True, change_months=12,
    ),
    Feature(
        "buyer_hhi_12m", "invoices", "index 0 to 1",
        "concentration of sales on buyers (Herfindahl-Hirschman)",
        Herfindahl(_sales(YEAR), "gross_minor", "counterparty"),
        1, "Concentrated sales fall with few buyers.", verifiable=True, change_months=12,
    ),
    Feature(
        "supplier_hhi_12m", "invoices", "index 0 to 1",
        "concentration of purchases on suppliers (Herfindahl-Hirschman)",
        Herfindahl(_purchases(YEAR), "gross_minor", "counterparty"),
        1, "Concentrated purchases stop with few suppliers.", verifiable=True, change_months=12,
    ),
    Feature(
        "largest_buyer_share_12m", "invoices", "share",
        "largest buyer's share of sales",
        LargestShare(_sales(YEAR), "gross_minor", "counterparty"),
        1, "A firm that lives on one buyer falls with it.", verifiable=True, change_months=12,
    ),
    Feature(
        "largest_supplier_share_12m", "invoices", "share",
        "largest supplier's share of purchases",
        LargestShare(_purchases(YEAR), "gross_minor", "counterparty"),
        1, "A firm that lives on one supplier stands still without it.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "sales_per_buyer_12m", "invoices", "invoices per buyer",
        "positive sales invoices per buyer",
        Ratio(Count(_POSITIVE_SALES), Distinct(_POSITIVE_SALES, "counterparty")),
        -1, "Buyers that come back are satisfied.", verifiable=True, change_months=12,
    ),
)  # fmt: skip

FABRICATION = (
    Feature(
        "round_sales_share_12m", "invoices", "share",
        "positive sales invoices of whole thousands",
        Ratio(Count(_sales(YEAR, VALID, POSITIVE, ROUND)), Count(_POSITIVE_SALES)),
        1, "Invented amounts are round more often than real ones.", fraud_signal=True,
    ),
    Feature(
        "round_purchases_share_12m", "invoices", "share",
        "positive purchase invoices of whole thousands",
        Ratio(Count(_purchases(YEAR, VALID, POSITIVE, ROUND)), Count(_POSITIVE_PURCHASES)),
        1, "Invented amounts are round more often than real ones.", fraud_signal=True,
    ),
    Feature(
        "same_day_reversal_share_12m", "invoices", "share",
        "positive sales invoices reversed the same day, same buyer and amount",
        Ratio(SameDayPairs(_sales(YEAR), "gross_minor"), Count(_POSITIVE_SALES)),
        1, "Invoices written and taken back the same day can dress up turnover.",
        fraud_signal=True,
    ),
    Feature(
        "circular_sales_share_12m", "invoices", "share",
        "sales to buyers that are suppliers too, in positive sales",
        Ratio(Circular(_sales(YEAR), "gross_minor", _POSITIVE_PURCHASES), _POSITIVE_SOLD),
        1, "Trade in a circle makes turnover without business.", fraud_signal=True,
    ),
    Feature(
        "distinct_amounts_share_12m", "invoices", "share",
        "different amounts in positive sales invoices",
        Ratio(Distinct(_POSITIVE_SALES, "gross_minor"), Count(_POSITIVE_SALES)),
        -1, "Copied invoices repeat their amounts.", fraud_signal=True,
    ),
    Feature(
        "last_month_sales_share_12m", "invoices", "share",
        "last month's positive sales in the year's",
        Ratio(Sum(_sales(MONTH, VALID, POSITIVE), "gross_minor"), _POSITIVE_SOLD),
        0, "A surge just before an application may be made for it; silence may be an end.",
        fraud_signal=True, possible_consequence=STOPPED,
    ),
)  # fmt: skip

INVOICE_FEATURES = (*LEVEL, *CHANGE, *RHYTHM, *MARGIN, *CONDUCT, *PARTNERS, *FABRICATION)
