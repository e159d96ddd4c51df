"""What an end of day books: batches of entries under keys, and the port that they go through."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import numpy as np

from tradeline.lending.end_of_day.advances import Swept
from tradeline.lending.end_of_day.day import PROVISIONS
from tradeline.lending.end_of_day.holders import HELD_ACCOUNTS, Holders, books_by_holder
from tradeline.lending.end_of_day.portfolio import Flags, Ints, Names, Portfolio, roomy

Books = Portfolio | Swept
SINGLE, ACCRUALS, PROVISION = "loans", "accruals", "provisions"


@dataclass(frozen=True, slots=True)
class Entry:
    """Postings that add up to nothing: accounts, and minor units (a debit above zero).

    `loan` is empty where they are the sum of many.
    """

    product: str
    lender: str
    currency: str
    loan: str
    postings: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries that are booked together, once: `key` names the day, the chunk and what they are."""

    key: str
    value_date: date
    kind: str
    entries: tuple[Entry, ...]


def content_of(batch: Batch) -> dict[str, Any]:
    """A batch as plain values."""
    entries = [
        [each.product, each.lender, each.currency, each.loan, [list(one) for one in each.postings]]
        for each in batch.entries
    ]
    return {
        "key": batch.key,
        "value_date": batch.value_date.isoformat(),
        "kind": batch.kind,
        "entries": entries,
    }


def batch_of(content: Mapping[str, Any]) -> Batch:
    """The batch that plain values state."""
    entries = tuple(
        Entry(product, lender, currency, loan, tuple((one, amount) for one, amount in postings))
        for product, lender, currency, loan, postings in content["entries"]
    )
    value_date = date.fromisoformat(content["value_date"])
    return Batch(content["key"], value_date, content["kind"], entries)


class Journal(Protocol):
    """Where batches are booked."""

    def post(self, batch: Batch) -> None:
        """Book a batch durably; nothing if the same was booked under its key already.

        InputProblem if something else was.
        """


def batches(
    before: Books, after: Books, single: Flags, names: Names, holders: Holders, chunk: int
) -> Iterator[Batch]:
    """What a chunk's day changed, as batches: loans one by one, accruals and provisions summed.

    `single` marks loans to which something happened. Of a loan that several lenders share each has
    entries of its own.
    """
    changed = books_by_holder(after, holders) - books_by_holder(before, holders)
    single, names = single[holders.loan], holders.names(names)
    groups, provided = _groups(names), np.zeros_like(changed)
    provided[:, PROVISIONS] = changed[:, PROVISIONS]
    rest = changed - provided
    parts = (
        (SINGLE, _singly(rest, single, names)),
        (ACCRUALS, _summed(rest * ~single[:, None], names, groups)),
        (PROVISION, _summed(provided, names, groups)),
    )
    on = date.fromordinal(after.day)
    for kind, entries in parts:
        if entries:
            yield Batch(f"end-of-day/{on}/{chunk:05d}/{kind}", on, kind, tuple(entries))


def _singly(changed: Ints, which: Flags, names: Names) -> list[Entry]:
    return [
        _entry(names, place, str(names.loan[place]), changed[place].tolist())
        for place in np.flatnonzero(which & changed.any(axis=1)).tolist()
    ]


def _groups(names: Names) -> Ints:
    """Of each loan the place of the first one of its product, lender and currency."""
    columns = (each.tolist() for each in (names.product, names.lender, names.currency))
    first: dict[tuple[str, str, str], int] = {}
    return np.array(
        [first.setdefault(key, place) for place, key in enumerate(zip(*columns, strict=True))],
        dtype=np.int64,
    )


def _summed(changed: Ints, names: Names, groups: Ints) -> list[Entry]:
    moved = np.flatnonzero(changed.any(axis=1))
    firsts, at = np.unique(groups[moved], return_inverse=True)
    sums = np.zeros((len(firsts), changed.shape[1]), dtype=np.int64)
    np.add.at(sums, at, roomy(changed[moved]))
    entries = [
        _entry(names, place, "", amounts)
        for place, amounts in zip(firsts.tolist(), sums.tolist(), strict=True)
    ]
    return sorted(entries, key=lambda each: (each.product, each.lender, each.currency))


def _entry(names: Names, place: int, loan: str, amounts: Sequence[int]) -> Entry:
    assert sum(amounts) == 0
    return Entry(
        str(names.product[place]),
        str(names.lender[place]),
        str(names.currency[place]),
        loan,
        tuple((str(account), amount) for account, amount in zip(HELD_ACCOUNTS, amounts, strict=True)
              if amount),
    )  # fmt: skip
