"""References that survive a payment: ids of payments, and creditor references with check digits."""

import re
from collections.abc import Container, Iterator

from tradeline.kernel.findings import problem

# Of the characters that all banks carry in an id, those that stand in a word.
IDENTIFIER = re.compile(r"[A-Za-z0-9-]{1,35}")
CREDITOR_REFERENCE = re.compile(r"(?=(RF[0-9]{2}[0-9A-Z]{1,21}))")
WORD = re.compile(r"[0-9A-Za-z_\-]+")


def creditor_reference(text: str) -> str:
    """The ISO 11649 reference `RF`, two check digits and up to 21 letters or digits of the text.

    A payer copies it into a transfer, and a slip in copying shows. InputProblem if the text does
    not fit.
    """
    body = "".join(character for character in text.upper() if character.isalnum())
    if not body.isascii() or not 1 <= len(body) <= 21:
        raise problem(
            "bad-reference",
            f"creditor reference of '{text}'",
            "A reference has 1 to 21 letters or digits.",
            "Shorten the text, or number loans within 21 characters.",
        )
    return f"RF{98 - remainder(body + 'RF00'):02}{body}"


def remainder(text: str) -> int:
    """What is left when the number that a text makes, letters as 10 to 35, is divided by 97."""
    return int("".join(str(int(character, 36)) for character in text)) % 97


def is_iban(text: str) -> bool:
    """Whether a text is an IBAN (ISO 13616) by its form and check digits."""
    shaped = re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}", text) is not None
    return shaped and remainder(text[4:] + text[:4]) == 1


def found_in(text: str, known: Container[str]) -> tuple[str, ...]:
    """Known references in what a payer wrote, each once.

    Creditor references are found in any grouping, others as words of their own.
    """
    closed = "".join(text.upper().split())
    found = [
        next((part for part in _prefixes(match[1]) if part in known), "")
        for match in CREDITOR_REFERENCE.finditer(closed)
    ]
    found += [word for word in WORD.findall(text) if word in known]
    return tuple(dict.fromkeys(part for part in found if part))


def may_hold(text: str) -> tuple[str, ...]:
    """All that `found_in` would find in a text if it were known."""
    closed = "".join(text.upper().split())
    found = [part for match in CREDITOR_REFERENCE.finditer(closed) for part in _prefixes(match[1])]
    return tuple(dict.fromkeys((*found, *WORD.findall(text))))


def _prefixes(text: str) -> Iterator[str]:
    """A reference may run into the word after it, so the longest known part is meant."""
    return (text[:end] for end in range(len(text), 4, -1))
