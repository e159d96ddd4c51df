"""Content hashes that name a file or a value the same way on every machine."""

import hashlib
import json
from pathlib import Path

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def hash_bytes(content: bytes) -> str:
    """The SHA-256 of bytes, as `sha256:` and 64 hexadecimal digits."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def hash_file(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return "sha256:" + hashlib.file_digest(stream, "sha256").hexdigest()


def canonical_json(value: object) -> str:
    """JSON with sorted keys and no stray blanks: equal values give equal text."""
    return _CANONICAL.encode(value)
