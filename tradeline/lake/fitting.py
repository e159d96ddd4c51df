"""Which contract the columns and the name of a file fit, and why."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tradeline.lake.contracts import CONTRACTS, Contract, Field

# Words that people put into the names of files, in the order in which they decide.
FILE_WORDS = {
    "tax_returns": ("tax_return", "tax_declaration", "纳税申报"),
    "customs_declarations": ("customs", "报关"),
    "foreign_receipts": ("foreign_receipt", "收汇", "结汇"),
    "loan_payments": ("loan_payment", "repayment", "instalment", "还款"),
    "loans": ("loan", "借据", "贷款"),
    "guarantors": ("guarant", "担保"),
    "obligations": ("obligation", "liabilit", "负债"),
    "registrations": ("registration", "registry", "工商", "登记"),
    "owners": ("owner", "shareholder", "股东"),
    "trade_disputes": ("trade_dispute", "buyer_claim", "纠纷"),
    "court_cases": ("court", "litigation", "涉诉", "司法"),
    "utility_use": ("utilit", "electricity", "power_use", "用电", "水电"),
    "production_output": ("production", "output_of", "产量"),
    "shipments": ("shipment", "waybill", "consignment", "物流", "运单"),
    "certificates": ("certificate", "证书", "资质"),
    "patents": ("patent", "专利"),
    "trade_shows": ("trade_show", "trade_fair", "exhibition", "展会"),
    "sales_invoices": ("output_invoice", "sales_invoice", "sales", "销项"),
    "purchase_invoices": ("input_invoice", "purchase_invoice", "purchase", "进项"),
    "order_lines": ("order_line", "order_item"),
    "payments": ("payment",),
    "refunds": ("refund",),
    "deliveries": ("deliver", "shipment"),
    "reviews": ("review",),
    "bank_transactions": ("bank", "transaction"),
    "outcomes": ("outcome", "labelled", "performance"),
    "response_curves": ("response", "churn"),
    "enterprises": ("enterprise", "compan", "firm", "seller"),
    "orders": ("order",),
}
# From this part of the required fields on, a file was probably meant for the contract.
NEAR = 0.5
# With this part of a richer contract's fields, a list of firms is no list of firms.
RICHER = 0.7
FIRMS = ("enterprises", "outcomes")
INVOICES = ("sales_invoices", "purchase_invoices")
Matches = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Fit:
    """The contracts that a file fits, none where it fits none or cannot be told, and why.

    `matches` is contract to its fields' columns. `near` is whether the file was probably meant to
    be read: its name says so, or half of the fields of a contract.
    """

    contracts: tuple[Contract, ...]
    why: str
    matches: Matches
    near: bool = True


def fit_columns(columns: Sequence[str], stem: str) -> Fit:
    """How a file of these columns and of this name (without its ending) is to be read."""
    matches = {c.name: match_columns(c, columns) for c in CONTRACTS}
    complete = [c for c in CONTRACTS if not missing_fields(c, matches[c.name])]
    if _alike(complete, stem):
        why = (
            f"it fits {' and '.join(INVOICES)} alike, for neither its name nor a column such as "
            "buyer or seller tells which."
        )
        return Fit((), why, matches)
    chosen = _chosen(complete, stem)
    nearest = _nearest([c for c in CONTRACTS if c not in chosen], matches, stem)
    firms = all(c.name in FIRMS for c in chosen) and not _named(chosen, stem)
    # What looks like a list of firms may be a richer dataset that lacks a column.
    if chosen and not (firms and _part(nearest, matches) >= RICHER):
        return Fit(chosen, _why(chosen, matches), matches)
    missing = ", ".join(field.name for field in missing_fields(nearest, matches[nearest.name]))
    why = f"nearest is {nearest.name}, but {missing} is missing among {', '.join(columns)}."
    near = _named(CONTRACTS, stem) is not None or _part(nearest, matches) >= NEAR
    return Fit((), why, matches, near)


def match_columns(contract: Contract, columns: Sequence[str]) -> dict[str, str]:
    """Contract field to file column, by the field's name and aliases; a column serves once."""
    by_word = {plain_word(column): column for column in reversed(columns)}
    found: dict[str, str] = {}
    for field in contract.fields:
        for name in (field.name, *field.aliases):
            column = by_word.get(plain_word(name))
            if column and column not in found.values():
                found[field.name] = column
                break
    return found


def missing_fields(contract: Contract, match: Mapping[str, str]) -> list[Field]:
    """The required fields that no column gives; `recorded_at` may follow `occurred_at`."""
    return [field for field in _demanded(contract) if field.name not in match]


def _demanded(contract: Contract) -> list[Field]:
    lenient = {"recorded_at"} | ({"occurred_at"} if contract.name == "outcomes" else set())
    return [field for field in contract.fields if field.required and field.name not in lenient]


def plain_word(name: str) -> str:
    """A name without capitals, blanks and signs."""
    return re.sub(r"[\W_]+", "", name).lower()


def _chosen(complete: Sequence[Contract], stem: str) -> tuple[Contract, ...]:
    """Of the contracts that fit, the one the file's name speaks for, else the most demanding.

    A file of firms may also hold their outcomes, so those two go together; one that also fits a
    richer contract is that one.
    """
    named = _named(complete, stem)
    firms = tuple(c for c in complete if c.name in FIRMS)
    if firms and (named in firms or (named is None and len(firms) == len(complete))):
        return firms
    if named:
        return (named,)
    ranked = sorted(complete, key=lambda c: -sum(field.required for field in c.fields))
    return tuple(ranked[:1])


def _named(complete: Sequence[Contract], stem: str) -> Contract | None:
    by_name = {contract.name: contract for contract in complete}
    lowered = stem.lower()
    for name, words in FILE_WORDS.items():
        if name in by_name and any(word in lowered for word in words):
            return by_name[name]
    return None


def _alike(complete: Sequence[Contract], stem: str) -> bool:
    """Whether a file fits sales and purchases, and nothing tells which it is."""
    fitting = [contract for contract in complete if contract.name in INVOICES]
    return len(fitting) == len(INVOICES) and not _named(fitting, stem)


def _nearest(candidates: Sequence[Contract], matches: Matches, stem: str) -> Contract:
    """The contract that the file's name speaks for, else the one most of whose fields are there."""
    return _named(candidates, stem) or max(candidates, key=lambda c: _part(c, matches))


def _part(contract: Contract, matches: Matches) -> float:
    missing = missing_fields(contract, matches[contract.name])
    return 1 - len(missing) / len(_demanded(contract))


def _why(chosen: Sequence[Contract], matches: Matches) -> str:
    parts = [
        ", ".join(f"{column} is {name}" for name, column in matches[c.name].items()) for c in chosen
    ]
    return "; ".join(parts) + "."
