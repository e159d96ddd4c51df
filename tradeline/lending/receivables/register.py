"""The register of financed documents: the same invoice is never financed twice."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.lending.receivables.documents import Fingerprints

Clash = Literal["same document", "same number", "same amount and day", "same order"]

# Ways of meeting that forbid a financing; after the others a person compares.
GRAVE = ("same document", "same order")
WORDS: dict[Clash, str] = {
    "same document": "This document is financed already",
    "same number": "A document of this number between the same parties is financed already",
    "same amount and day": "A document of this amount and day is financed already",
    "same order": "The order or an invoice that bills it is financed already",
}


@dataclass(frozen=True, slots=True)
class Claim:
    """A document that a lender finances from a day on, under an id of the financing."""

    financing: str
    lender: str
    on: date
    prints: Fingerprints


@dataclass(frozen=True, slots=True)
class Release:
    """The financing that ended on a day unused, so that its documents are free again.

    A document that was paid is not released: it stays in the register for ever.
    """

    financing: str
    on: date


@dataclass(frozen=True, slots=True)
class Match:
    """An earlier claim that a document meets, and how."""

    how: Clash
    claim: Claim


class Register:
    """What is financed at the moment, found by fingerprint."""

    def __init__(self, entries: Iterable[Claim | Release] = ()) -> None:
        self._claims: dict[str, list[Claim]] = {}
        self._by_key: dict[str, list[Claim]] = {}
        for entry in entries:
            self.add(entry)

    def add(self, entry: Claim | Release) -> None:
        """Enter a claim or a release; InputProblem, and nothing entered, if the claim is a second.

        The documents of one financing, such as an order and the invoice that bills it, do not
        meet each other.
        """
        if isinstance(entry, Release):
            for claim in self._claims.pop(entry.financing, []):
                for key in _kept_under(claim.prints):
                    self._by_key[key].remove(claim)
            return
        matches = self.matches(entry.prints, financing=entry.financing)
        if grave := [match for match in matches if match.how in GRAVE]:
            raise InputProblem(finding(match) for match in grave)
        self._claims.setdefault(entry.financing, []).append(entry)
        for key in _kept_under(entry.prints):
            self._by_key.setdefault(key, []).append(entry)

    def matches(self, prints: Fingerprints, *, financing: str = "") -> tuple[Match, ...]:
        """Claims of other financings that a document meets, each once, in its gravest way."""
        found: dict[Claim, Match] = {}
        for how, key in _looked_up(prints):
            for claim in self._by_key.get(key, ()):
                if claim.financing != financing:
                    found.setdefault(claim, Match(how, claim))
        return tuple(found.values())


def finding(match: Match) -> Finding:
    """A match in words: an error where the document must not be financed, else a warning."""
    must_not = match.how in GRAVE
    return Finding(
        "financed-twice" if must_not else "financed-alike",
        Severity.ERROR if must_not else Severity.WARNING,
        "register of financed documents",
        f"{WORDS[match.how]}, by {match.claim.lender} since {match.claim.on}.",
        "It cannot be financed again." if must_not else "Compare the two before you finance it.",
    )


def _looked_up(prints: Fingerprints) -> list[tuple[Clash, str]]:
    """Keys under which a document may meet another, the gravest first."""
    ways: list[tuple[Clash, str]] = [("same document", prints.whole)]
    if prints.bills is not None:
        ways.append(("same order", _as_order(prints.bills)))
    if prints.order is not None:
        ways.append(("same order", _as_billed(prints.order)))
    return [*ways, ("same number", prints.by_number), ("same amount and day", prints.by_amount)]


def _kept_under(prints: Fingerprints) -> list[str]:
    keys = [prints.whole, prints.by_number, prints.by_amount]
    if prints.order is not None:
        keys.append(_as_order(prints.order))
    if prints.bills is not None:
        keys.append(_as_billed(prints.bills))
    return keys


def _as_order(order: str) -> str:
    return f"order {order}"


def _as_billed(order: str) -> str:
    return f"billed {order}"
