"""What an invoice or an order is, and how it is known again, however it is written."""

import hmac
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from tradeline.kernel.hashing import canonical_json

DocumentKind = Literal["invoice", "order"]


@dataclass(frozen=True, slots=True)
class Document:
    """An invoice or a signed order: who sells to whom, its number, day and amount.

    Seller and buyer are identifiers of enterprises. `order_number` names the order that an invoice
    bills, if it says so.
    """

    kind: DocumentKind
    seller: str
    buyer: str
    number: str
    on: date
    amount_minor: int
    currency: str
    order_number: str | None = None


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Keyed hashes by which lenders know a document again without showing it to one another.

    `whole` is of all that identifies it; `by_number` leaves out day and amount, `by_amount` the
    number. `order` is of an order, `bills` of the order that an invoice bills, so that they meet.
    """

    whole: str
    by_number: str
    by_amount: str
    order: str | None = None
    bills: str | None = None


def fingerprints(document: Document, key: bytes) -> Fingerprints:
    """The fingerprints of a document under the key that the lenders of a register share.

    Numbers and identifiers count without case, width, spaces and marks. The key keeps a stranger
    from guessing documents until a hash fits.
    """
    kind, on, amount = document.kind, document.on.isoformat(), str(document.amount_minor)
    parties = (plain(document.seller), plain(document.buyer))
    number, money = plain(document.number), (amount, document.currency)
    order = document.number if kind == "order" else document.order_number
    hashed = None if order is None else _keyed(key, ("order", *parties, plain(order)))
    return Fingerprints(
        whole=_keyed(key, ("whole", kind, *parties, number, on, *money)),
        by_number=_keyed(key, ("number", kind, *parties, number)),
        by_amount=_keyed(key, ("amount", kind, *parties, on, *money)),
        order=hashed if kind == "order" else None,
        bills=hashed if kind == "invoice" else None,
    )


def plain(text: str) -> str:
    """Letters and digits alone, of one case and width."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(character for character in folded if character.isalnum())


def _keyed(key: bytes, parts: Iterable[str]) -> str:
    return hmac.new(key, canonical_json(list(parts)).encode(), "sha256").hexdigest()
