"""Numbers in time: an enterprise that got a new one, a number that passed to another enterprise.

A record whose number another one carried at the same time, and later gave up for a new number, is
read with the new number: somebody only did not tell of the change. A number that was given up
before somebody else got it says nothing of who had it before.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Registered:
    """A number that an enterprise has had since a moment, or has had no more since then."""

    enterprise: str
    number: str
    since: datetime
    ended: bool = False


@dataclass(frozen=True, slots=True)
class _Term:
    """A number from one moment to another; `until` and `then` are None where no end is known.

    `then` is the number that came after; where the enterprise itself ended there is none.
    """

    number: str
    since: datetime
    until: datetime | None
    then: str | None


def numbers_today(told: Iterable[Registered]) -> dict[str, str | None]:
    """By enterprise, its number after all changes that anybody told of; None where it passed on.

    Of what is told of one moment the number that comes first counts. Numbers of two writings are
    one if letters and digits are the same.
    """
    terms = {firm: _terms(rows) for firm, rows in _by_firm(told).items()}
    holders: dict[str, list[_Term]] = defaultdict(list)
    for each in terms.values():
        for term in each:
            holders[_plain(term.number)].append(term)
    return {firm: _today(each[-1], holders) for firm, each in terms.items()}


def _by_firm(told: Iterable[Registered]) -> Mapping[str, list[Registered]]:
    found: dict[str, list[Registered]] = defaultdict(list)
    for row in sorted(told, key=lambda row: (row.since, row.number)):
        mine = found[row.enterprise]
        if not mine or mine[-1].since != row.since:
            mine.append(row)
    return found


def _terms(rows: list[Registered]) -> list[_Term]:
    """The terms of one enterprise in their order; the last is the one that counts."""
    firsts = [rows[0]]
    for row in rows[1:]:
        last = firsts[-1]
        if (_plain(row.number), row.ended) != (_plain(last.number), last.ended):
            firsts.append(row)
    terms = []
    for row, after in zip(firsts, [*firsts[1:], None], strict=True):
        if row.ended:
            terms.append(_Term(row.number, row.since, row.since, None))
        elif after is None:
            terms.append(_Term(row.number, row.since, None, None))
        else:
            then = None if after.ended else after.number
            terms.append(_Term(row.number, row.since, after.since, then))
    return terms


def _today(last: _Term, holders: Mapping[str, list[_Term]]) -> str | None:
    """Follow a number from term to term; each begins later than the one before."""
    number, since = last.number, last.since
    if last.until is not None:
        begun = (term.since for term in holders[_plain(number)] if term.since != term.until)
        return None if max(begun, default=since) >= last.until else number
    while (following := _following(since, holders[_plain(number)])) is not None:
        number, since = following
    return number


def _following(since: datetime, terms: Iterable[_Term]) -> tuple[str, datetime] | None:
    """The number that came after one held since a moment, and when; None where nobody knows.

    Where holders of that time went different ways, nobody knows whose way it is.
    """
    ways = [
        (term.until, term.then, term.since)
        for term in terms
        if term.until is not None and term.then is not None and term.until > since
    ]
    if not ways:
        return None
    until, then, _ = min(ways)
    alike = all(_plain(other) == _plain(then) for _, other, began in ways if began < until)
    return (then, until) if alike else None


def _plain(number: str) -> str:
    return "".join(filter(str.isalnum, number)).upper()
