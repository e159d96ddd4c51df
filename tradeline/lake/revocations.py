"""Keys that no longer count: a list, kept by people, of the key, from which day on, and why.

    - {key: 5f0c..., from: 2026-05-01, why: the laptop was stolen}

A signature does not tell when it was made, and whoever stole a key can say any day. So what counts
is the day on which somebody relies on it: of a promotion when it was recorded, of a decision when
it was made. What was relied on before the key was revoked stands.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from tradeline.kernel.findings import problem
from tradeline.lake.signatures import brief
from tradeline.lake.yaml_fields import Fields
from tradeline.lake.yaml_files import parse_yaml

KEYS = ("key", "from", "why")
NOUN = "list of revoked keys"
KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Revocation:
    """A public key (hexadecimal digits) that does not count from a day on, and why."""

    key: str
    from_day: date
    why: str


def read_revocations(path: Path) -> tuple[Revocation, ...]:
    """The list in a file; InputProblem if there is none, or anything in it is unclear."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise problem(
            "no-revocations",
            str(path),
            f"The {NOUN} cannot be read, so no signature counts.",
            "Check the path; an empty list is `[]`.",
        ) from error
    return revocations_of(text, path.name)


def revocations_of(text: str, where: str) -> tuple[Revocation, ...]:
    """The list in a text of YAML; InputProblem as `read_revocations`."""
    items, fields = parse_yaml(text, where, NOUN), Fields()
    if not isinstance(items, list):
        fields.say("the file must be a list of keys, each with `key`, `from` and `why`.")
        items = []
    read = [_revocation(fields, item, f"key {place}") for place, item in enumerate(items, 1)]
    fields.repeated([one.key for one in read if one], "key")
    fields.refuse("bad-revocations", where, "Mend the list; until then no signature counts.")
    return tuple(one for one in read if one)


def _revocation(fields: Fields, item: object, where: str) -> Revocation | None:
    content = fields.keys(item, where, KEYS)
    if content is None:
        return None
    key, day = content.get("key"), content.get("from")
    is_key = isinstance(key, str) and KEY.fullmatch(key) is not None
    fields.require(content, "key", where, is_key, "the 64 hexadecimal digits of a public key")
    fields.require(content, "from", where, type(day) is date, "a day such as 2026-01-31")
    why = fields.text(content, "why", where, needed=True)
    return Revocation(str(key), day, why) if is_key and type(day) is date and why else None


def revoke(path: Path, key: str, from_day: date, why: str) -> None:
    """Add a key to a list, which is made if it is not there; InputProblem if it stands there."""
    listed = read_revocations(path) if path.exists() else ()
    if not why.strip():
        raise problem("nothing-stated", "--why", "Nothing is stated.", "Say why it is revoked.")
    if any(one.key == key for one in listed):
        raise problem(
            "revoked-before",
            path.name,
            f"The key {brief(key)} is revoked already.",
            "A key is revoked once; nothing is to be done.",
        )
    added = {"key": key, "from": from_day, "why": why.strip()}
    with path.open("a", encoding="utf-8") as stream:
        stream.write(yaml.safe_dump([added], allow_unicode=True, sort_keys=False))


def require_not_revoked(revocations: Sequence[Revocation], key: str, on: date, where: str) -> None:
    """InputProblem if a key did not count any more on a day."""
    for one in revocations:
        if one.key == key and on >= one.from_day:
            raise problem(
                "revoked-key",
                where,
                f"It is signed by the key {brief(key)}, which is revoked from {one.from_day} on: "
                f"{one.why}.",
                "Have it signed by another key.",
            )
