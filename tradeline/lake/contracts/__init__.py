"""Data contracts: what each dataset of a credit file holds, in which units, under which clocks.

Every dataset of the product is declared here and nowhere else; docs/reference/contracts.md lists
them.
"""

from tradeline.lake.contracts.cash import BANK_TRANSACTIONS, FOREIGN_RECEIPTS
from tradeline.lake.contracts.credit import GUARANTORS, LOAN_PAYMENTS, LOANS, OBLIGATIONS
from tradeline.lake.contracts.firms import ENTERPRISES, OUTCOMES, RESPONSE_CURVES
from tradeline.lake.contracts.language import YEARS, Contract, Field, Kind
from tradeline.lake.contracts.linkage import LINKS, USES
from tradeline.lake.contracts.logistics import CUSTOMS_DECLARATIONS, SHIPMENTS
from tradeline.lake.contracts.production import PRODUCTION_OUTPUT, UTILITY_USE
from tradeline.lake.contracts.public_records import (
    CERTIFICATES,
    COURT_CASES,
    OWNERS,
    PATENTS,
    REGISTRATIONS,
    TAX_RETURNS,
)
from tradeline.lake.contracts.redress import DISPUTES, TRADE_DISPUTES
from tradeline.lake.contracts.trade import TRADE, TRADE_SHOWS

__all__ = ["BY_NAME", "CONTRACTS", "FAMILIES", "YEARS", "Contract", "Field", "Kind"]

# Their order is that of tables, findings and log entries: new ones come last.
CONTRACTS: tuple[Contract, ...] = (
    ENTERPRISES,
    *TRADE,
    BANK_TRANSACTIONS,
    OUTCOMES,
    RESPONSE_CURVES,
    REGISTRATIONS,
    OWNERS,
    TAX_RETURNS,
    COURT_CASES,
    UTILITY_USE,
    PRODUCTION_OUTPUT,
    SHIPMENTS,
    CUSTOMS_DECLARATIONS,
    FOREIGN_RECEIPTS,
    CERTIFICATES,
    PATENTS,
    TRADE_SHOWS,
    LOANS,
    LOAN_PAYMENTS,
    GUARANTORS,
    OBLIGATIONS,
    LINKS,
    USES,
    DISPUTES,
    TRADE_DISPUTES,
)

BY_NAME = {contract.name: contract for contract in CONTRACTS}

FAMILIES: dict[str, tuple[Contract, ...]] = {
    "firms": (ENTERPRISES, OUTCOMES, RESPONSE_CURVES),
    "trade": (*TRADE, TRADE_SHOWS),
    "cash": (BANK_TRANSACTIONS, FOREIGN_RECEIPTS),
    "public records": (
        REGISTRATIONS, OWNERS, TAX_RETURNS, COURT_CASES, CERTIFICATES, PATENTS,
    ),
    "production": (UTILITY_USE, PRODUCTION_OUTPUT),
    "logistics": (SHIPMENTS, CUSTOMS_DECLARATIONS),
    "credit": (LOANS, LOAN_PAYMENTS, GUARANTORS, OBLIGATIONS),
    "linkage": (LINKS, USES),
    "redress": (DISPUTES, TRADE_DISPUTES),
}  # fmt: skip
"""The contracts by family, as people look for them."""
