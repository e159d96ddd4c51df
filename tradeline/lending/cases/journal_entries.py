"""Journal entries of a case: compared by the type of account and the amount."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

# Names of accounts are each lender's own.
Entry = tuple[str, str, Decimal]


def stated_entries(journal: Mapping[str, Any]) -> str:
    """The entries that a case states for a journal, in words."""
    return in_words(_stated(entry) for entry in journal.get("entries") or [])


def _stated(entry: Mapping[str, Any]) -> Entry:
    side = "debit" if entry.get("debit") is not None else "credit"
    return str(entry.get("account_type")), side, Decimal(str(entry.get(side) or 0))


def entry(account_type: str, amount_minor: int, written: str) -> Entry:
    """An entry as booked: a debit above zero, a credit below; `written` is its size."""
    return account_type, "debit" if amount_minor > 0 else "credit", Decimal(written)


def in_words(entries: Iterable[Entry]) -> str:
    """Entries in one order, so that they can be compared as one figure."""
    return ", ".join(
        f"{kind} {side} {amount.normalize():f}" for kind, side, amount in sorted(entries)
    )
