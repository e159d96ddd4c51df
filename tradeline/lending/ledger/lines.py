"""Accounts and entries as JSON Lines, one object a line; amounts are above zero, sides named."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.lending.ledger.accounts import Account
from tradeline.lending.ledger.entry import Entry, Posting

Made = TypeVar("Made")
ACCOUNT = {"code", "currency", "kind", "least_minor", "greatest_minor"}
ENTRY = {"key", "value_date", "kind", "postings", "about", "pending", "reverses"}
POSTING = {"account", "currency", "debit_minor", "credit_minor"}
DEBIT, CREDIT = "debit_minor", "credit_minor"
SEE = "See docs/guides/ledger.md."


class _Wrong(Exception):
    """What is wrong with a line."""


def read_accounts(path: Path) -> list[Account]:
    """The accounts of a file; `InputProblem` names every line that is none."""
    return _read(path, _account)


def read_entries(path: Path) -> list[Entry]:
    """The entries of a file; `InputProblem` names every line that is none.

    An entry that reverses another may leave out its kind and postings: they follow from that one.
    """
    return _read(path, _entry)


def _read(path: Path, made: Callable[[Mapping[str, Any]], Made]) -> list[Made]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as refusal:
        raise problem(
            "no-file", str(path), "The file cannot be read.", "Name a file of JSON Lines in UTF-8."
        ) from refusal
    found: list[Made] = []
    findings: list[Finding] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(made(_object(line)))
        except _Wrong as wrong:
            where = f"{path.name}:{number}"
            findings.append(Finding("bad-line", Severity.ERROR, where, str(wrong), SEE))
    if findings:
        raise InputProblem(findings)
    return found


def _object(line: str) -> Mapping[str, Any]:
    try:
        found = json.loads(line)
    except ValueError as refusal:
        raise _Wrong("This is no JSON.") from refusal
    if not isinstance(found, dict):
        raise _Wrong("This is no object.")
    return found


def _account(told: Mapping[str, Any]) -> Account:
    _only(told, ACCOUNT)
    least, greatest = (_whole(told, name) for name in ("least_minor", "greatest_minor"))
    kind: Any = _text(told, "kind")
    return Account(_text(told, "code"), _text(told, "currency"), kind, least, greatest)


def _entry(told: Mapping[str, Any]) -> Entry:
    _only(told, ENTRY)
    reverses = _text(told, "reverses") if told.get("reverses") is not None else None
    is_short = reverses is not None and "postings" not in told
    lines = told.get("postings", [])
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        raise _Wrong("`postings` is no list of objects.")
    pending = told.get("pending", False)
    if not isinstance(pending, bool):
        raise _Wrong("`pending` is neither true nor false.")
    return Entry(
        _text(told, "key"),
        _day(told, "value_date"),
        "" if is_short else _text(told, "kind"),
        tuple(map(_posting, lines)),
        _text(told, "about") if "about" in told else "",
        pending,
        reverses,
    )


def _posting(told: Mapping[str, Any]) -> Posting:
    _only(told, POSTING)
    sides = [side for side in (DEBIT, CREDIT) if side in told]
    if len(sides) != 1:
        raise _Wrong(f"A posting states one of `{DEBIT}` and `{CREDIT}`.")
    amount = _whole(told, sides[0])
    if amount is None or amount <= 0:
        raise _Wrong(f"`{sides[0]}` is {told[sides[0]]!r}: state an amount above zero.")
    return Posting(
        _text(told, "account"), amount if sides == [DEBIT] else -amount, _text(told, "currency")
    )


def _only(told: Mapping[str, Any], known: Iterable[str]) -> None:
    unknown = sorted(set(told) - set(known))
    if unknown:
        raise _Wrong(f"`{unknown[0]}` is no field; known are {', '.join(sorted(known))}.")


def _text(told: Mapping[str, Any], name: str) -> str:
    found = told.get(name)
    if not isinstance(found, str) or not found:
        raise _Wrong(f"`{name}` is missing or no text.")
    return found


def _whole(told: Mapping[str, Any], name: str) -> int | None:
    found = told.get(name)
    if found is not None and (isinstance(found, bool) or not isinstance(found, int)):
        raise _Wrong(f"`{name}` is {found!r}, no whole number of minor units.")
    return found


def _day(told: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(_text(told, name))
    except ValueError as refusal:
        raise _Wrong(f"`{name}` is no date: write it like 2026-12-31.") from refusal
