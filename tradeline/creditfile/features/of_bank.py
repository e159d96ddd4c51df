"""What a firm's bank account says of it, and whether it agrees with its invoices."""

from tradeline.creditfile.features.declaration import Difference, Feature, Growth, Ratio
from tradeline.creditfile.features.events import Compare, Events, Window
from tradeline.creditfile.features.measures import (
    ActiveMonths,
    DaysSinceLast,
    Distinct,
    Herfindahl,
    LargestShare,
    ObservedMonths,
    Sum,
    Trend,
    Volatility,
)

YEAR = Window(12)
YEAR_BEFORE = Window(12, 12)
IN = Compare("amount_minor", ">", 0)
OUT = Compare("amount_minor", "<", 0)
STOPPED = "A firm that defaulted may have stopped trading because of it."


def _inflows(window: Window) -> Events:
    return Events("bank_transactions", (IN,), window)


def _inflow(window: Window) -> Sum:
    return Sum(_inflows(window), "amount_minor")


_ALL = Events("bank_transactions", (), YEAR)
_OUTFLOW = Sum(Events("bank_transactions", (OUT,), YEAR), "amount_minor", absolute=True)
_BELOW_ZERO = Events("bank_transactions", (Compare("balance_minor", "<", 0),), YEAR)
_SALES = Events("sales_invoices", (Compare("status", "=", "valid"),), YEAR)

BANK_FEATURES = (
    Feature(
        "bank_inflow_12m_minor", "bank", "minor units",
        "money received", _inflow(YEAR),
        -1, "More money received carries the same loan more easily.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "bank_inflow_monthly_minor", "bank", "minor units per month",
        "money received per observed month", Ratio(_inflow(YEAR), ObservedMonths(_ALL)),
        -1, "Receipts per month compare young firms with old ones.",
        verifiable=True, change_months=6,
    ),
    Feature(
        "bank_net_flow_monthly_minor", "bank", "minor units per month",
        "money received less money paid, per observed month",
        Ratio(Difference(_inflow(YEAR), _OUTFLOW), ObservedMonths(_ALL)),
        -1, "Instalments are paid from what stays on the account.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "bank_outflow_to_inflow_12m", "bank", "ratio",
        "money paid over money received", Ratio(_OUTFLOW, _inflow(YEAR)),
        1, "A firm that pays more than it receives lives on its reserves.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "bank_inflow_growth_12m", "bank", "change",
        "money received against the twelve months before",
        Growth(_inflow(YEAR), _inflow(YEAR_BEFORE)),
        -1, "Shrinking receipts strain fixed costs and debt.", verifiable=True, change_months=12,
    ),
    Feature(
        "bank_inflow_volatility_12m", "bank", "ratio",
        "coefficient of variation of monthly receipts, idle months included",
        Volatility(_inflows(YEAR), "amount_minor"),
        1, "Uneven receipts leave months in which an instalment cannot be paid.",
        verifiable=True, change_months=12,
    ),
    Feature(
        "bank_inflow_trend_36m", "bank", "log points per month",
        "slope of log monthly receipts, seasons removed from 24 months on",
        Trend(_inflows(Window(36)), "amount_minor"),
        -1, "A lasting decline outweighs a good month.", verifiable=True, change_months=12,
    ),
    Feature(
        "bank_active_months_12m", "bank", "months",
        "months with money received", ActiveMonths(_inflows(YEAR)),
        -1, "A firm that is paid every month can pay every month.",
        verifiable=True, change_months=12, possible_consequence=STOPPED,
    ),
    Feature(
        "days_since_last_inflow", "bank", "days",
        "days since money was last received", DaysSinceLast(_inflows(Window())),
        1, "An account that receives nothing is no longer the firm's, or the firm has closed.",
        verifiable=True, change_months=1, possible_consequence=STOPPED,
    ),
    Feature(
        "negative_balance_days_12m", "bank", "days",
        "days on which an entry left the balance below zero", Distinct(_BELOW_ZERO, "day"),
        1, "A firm without cash at hand misses instalments.", verifiable=True, change_months=6,
        possible_consequence="A firm in default runs out of cash.",
    ),
    Feature(
        "bank_payer_hhi_12m", "bank", "index 0 to 1",
        "concentration of receipts on payers (Herfindahl-Hirschman)",
        Herfindahl(_inflows(YEAR), "amount_minor", "counterparty"),
        1, "Concentrated receipts fall with few payers.", verifiable=True, change_months=12,
    ),
    Feature(
        "largest_payer_share_12m", "bank", "share",
        "largest payer's share of receipts",
        LargestShare(_inflows(YEAR), "amount_minor", "counterparty"),
        1, "A firm that lives on one payer falls with it.", verifiable=True, change_months=12,
    ),
    Feature(
        "bank_inflow_to_sales_12m", "bank", "ratio",
        "money received over invoiced sales with tax",
        Ratio(_inflow(YEAR), Sum(_SALES, "gross_minor")),
        -1, "Sales that nobody pays for are late, or were none.", fraud_signal=True,
    ),
)  # fmt: skip
