"""A journal entry as it is asked for, and what it must be before it is booked.

Amounts are signed minor units: debit above zero, credit below. The postings of an entry sum to
zero in each currency, so that no money comes from nowhere.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tradeline.book.outbox import input_hash
from tradeline.kernel.findings import Finding, Severity, problem
from tradeline.kernel.money import CURRENCIES
from tradeline.lending.ledger.lenders import lender_of

KEY_LENGTH = 200
# A quadrillion: sums of thousands still fit the database's integers.
AMOUNT_MAX = 10**15
POSTINGS_MAX = 10_000
CONVERSION = "conversion"


@dataclass(frozen=True, slots=True)
class Posting:
    """One line: an account by its code, what moves (debit above zero), and in which currency."""

    account: str
    amount_minor: int
    currency: str

    @property
    def lender(self) -> str:
        """The lender that it belongs to, by its account; `""` for the tenant itself."""
        return lender_of(self.account)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be booked once under a `key`, as valued on a day.

    `kind` says what it is (`disbursement`), `about` which loan or case it belongs to. A `pending`
    entry holds its amounts against the limits of its accounts without booking them; its reversal
    lets go of them. `reverses` is the key of the entry that this one undoes.
    """

    key: str
    value_date: date
    kind: str
    postings: tuple[Posting, ...]
    about: str = ""
    pending: bool = False
    reverses: str | None = None


def transfer(
    key: str,
    value_date: date,
    kind: str,
    *,
    debit: str,
    credit: str,
    amount_minor: int,
    currency: str,
    about: str = "",
    pending: bool = False,
) -> Entry:
    """The entry that moves an amount above zero from the credited to the debited account."""
    if amount_minor <= 0:
        raise problem(
            "bad-amount",
            f"entry {key}",
            f"The amount is {amount_minor}.",
            "State an amount above zero; what goes back is an entry the other way round.",
        )
    postings = (Posting(debit, amount_minor, currency), Posting(credit, -amount_minor, currency))
    return Entry(key, value_date, kind, postings, about, pending)


def conversion(
    key: str,
    value_date: date,
    *,
    into: Posting,
    out_of: Posting,
    position: str,
    about: str = "",
) -> Entry:
    """The entry that exchanges one currency for another, over an account of each position.

    `into` gains, `out_of` pays (an amount below zero); `position` names the lender's accounts of
    open positions: `position/EUR`, `position/CNY`. Both amounts are stated, no rate is rounded.
    """
    sides = (into, out_of)
    opposite = (Posting(f"{position}/{s.currency}", -s.amount_minor, s.currency) for s in sides)
    return Entry(key, value_date, CONVERSION, (*sides, *opposite), about)


def reversal(original: Entry, key: str, value_date: date) -> Entry:
    """The entry that undoes another: the same postings the other way round."""
    opposite = tuple(Posting(p.account, -p.amount_minor, p.currency) for p in original.postings)
    return Entry(
        key, value_date, original.kind, opposite, original.about, original.pending, original.key
    )


def as_asked(entry: Entry) -> dict[str, Any]:
    """The entry as plain values: what its key stands for."""
    return {
        "value_date": entry.value_date.isoformat(),
        "kind": entry.kind,
        "about": entry.about,
        "pending": entry.pending,
        "reverses": entry.reverses,
        "postings": [[p.account, p.amount_minor, p.currency] for p in entry.postings],
    }


def entry_hash(entry: Entry) -> bytes:
    """The SHA-256 of an entry as it was asked for."""
    return input_hash(as_asked(entry))


def wrong_entries(entries: Sequence[Entry]) -> tuple[Finding, ...]:
    """All that is wrong with entries by themselves, each under its key."""
    return tuple(finding for entry in entries for finding in _wrong(entry))


def refusal(code: str, key: str, message: str, remedy: str) -> Finding:
    """What is wrong with the entry of a key."""
    return Finding(code, Severity.ERROR, f"entry {key}", message, remedy)


def _wrong(entry: Entry) -> Iterator[Finding]:
    if not (0 < len(entry.key) <= KEY_LENGTH and entry.key.isprintable()):
        yield refusal(
            "bad-key", entry.key[:KEY_LENGTH], "This is no key.",
            f"Take 1 to {KEY_LENGTH} printable characters.",
        )  # fmt: skip
    if not entry.kind:
        yield refusal("no-kind", entry.key, "It does not say what it is.", "Name its kind.")
    if isinstance(entry.value_date, datetime):
        yield refusal("bad-date", entry.key, "Its value date is a moment.", "State a day.")
    if len(entry.postings) < 2:
        yield refusal(
            "one-sided", entry.key, "It has fewer than two postings.",
            "Say where the money comes from and where it goes.",
        )  # fmt: skip
    if len(entry.postings) > POSTINGS_MAX:
        yield refusal(
            "too-long", entry.key, f"It has {len(entry.postings):,} postings.",
            f"Book several entries of up to {POSTINGS_MAX:,} each.",
        )  # fmt: skip
    for posting in entry.postings:
        yield from _wrong_posting(entry.key, posting)
    yield from _unbalanced(entry)


def _wrong_posting(key: str, posting: Posting) -> Iterator[Finding]:
    amount = posting.amount_minor
    if isinstance(amount, bool) or not isinstance(amount, int):
        yield refusal(
            "bad-amount", key, f"The amount {amount!r} on {posting.account} is no integer.",
            "State minor units, such as 1250 for 12.50.",
        )  # fmt: skip
    elif not 0 < abs(amount) <= AMOUNT_MAX:
        yield refusal(
            "bad-amount", key, f"The amount {amount} on {posting.account} cannot be booked.",
            f"State one other than zero, up to {AMOUNT_MAX:,} minor units.",
        )  # fmt: skip
    if posting.currency not in CURRENCIES:
        yield refusal(
            "bad-currency", key, f"'{posting.currency}' on {posting.account} is no currency.",
            "Write its ISO 4217 code, such as CNY.",
        )  # fmt: skip


def _unbalanced(entry: Entry) -> Iterator[Finding]:
    sums = sums_by_currency(entry.postings)
    for currency, total in sums.items():
        if total:
            yield refusal(
                "unbalanced", entry.key, f"Its postings in {currency} sum to {total}, not to 0.",
                "Make debits and credits equal in each currency.",
            )  # fmt: skip
    for (lender, currency), total in sums_by_lender(entry.postings).items():
        if total:
            yield refusal(
                "unbalanced", entry.key,
                f"The part of {lender} in {currency} sums to {total}, not to 0.",
                "Make each lender's debits and credits equal, over accounts of its own.",
            )  # fmt: skip
    if len(sums) > 1 and entry.kind != CONVERSION:
        yield refusal(
            "mixed-currencies", entry.key, f"It moves {' and '.join(sorted(sums))}.",
            f"Book an exchange as an entry of the kind '{CONVERSION}', the rest apart.",
        )  # fmt: skip


def sums_by_currency(postings: Iterable[Posting]) -> dict[str, int]:
    """The sum of postings in each currency."""
    sums: dict[str, int] = {}
    for posting in postings:
        sums[posting.currency] = sums.get(posting.currency, 0) + posting.amount_minor
    return sums


def sums_by_lender(postings: Iterable[Posting]) -> dict[tuple[str, str], int]:
    """The sum of each lender's postings in each currency, the tenant's own left out."""
    sums: dict[tuple[str, str], int] = {}
    for posting in postings:
        if posting.lender:
            part = posting.lender, posting.currency
            sums[part] = sums.get(part, 0) + posting.amount_minor
    return sums
