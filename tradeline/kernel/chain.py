"""Lines of a log that only grows: each is canonical JSON that names the line before by its hash."""

import json
from typing import Any

from tradeline.kernel.findings import InputProblem, problem
from tradeline.kernel.hashing import canonical_json, hash_bytes

BEGINNING = "sha256:" + "0" * 64
"""What the first line names as the one before."""


def chained_line(previous: str, number: int, content: dict[str, Any]) -> str:
    """The line, with its end, that follows the one of that hash; the first has number 1."""
    whole = content | {"number": number, "previous": previous}
    return canonical_json(whole | {"hash": _hash(whole)}) + "\n"


def read_chain(text: str, where: str, remedy: str) -> tuple[dict[str, Any], ...]:
    """All lines in order; InputProblem names the first that is torn, altered or out of order."""
    found: list[dict[str, Any]] = []
    previous = BEGINNING
    lines = text.split("\n")
    if lines.pop() != "":
        raise _bad(where, len(lines) + 1, "is torn: it has no end", remedy)
    for number, line in enumerate(lines, start=1):
        whole = _parsed(line)
        if whole is None:
            raise _bad(where, number, "is torn: it is no entry", remedy)
        stated = whole.pop("hash", None)
        if stated != _hash(whole) or canonical_json(whole | {"hash": stated}) != line:
            raise _bad(where, number, "was altered: it does not have the hash it states", remedy)
        if whole.get("previous") != previous or whole.get("number") != number:
            raise _bad(where, number, "does not follow the line before it", remedy)
        previous = stated
        found.append(whole | {"hash": stated})
    return tuple(found)


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        whole = json.loads(line)
    except ValueError:
        return None
    return whole if isinstance(whole, dict) else None


def _hash(whole: dict[str, Any]) -> str:
    return hash_bytes(canonical_json(whole).encode())


def _bad(where: str, number: int, what: str, remedy: str) -> InputProblem:
    return problem("bad-log", where, f"Line {number} {what}.", remedy)
