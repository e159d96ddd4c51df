"""A model as a file: readable JSON that carries the hash of its own content.

Nothing in it is executed when it is read; a file that was changed by hand does not load.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tradeline.kernel.findings import InputProblem, problem
from tradeline.kernel.hashing import canonical_json, hash_bytes


@dataclass(frozen=True, slots=True)
class Seal:
    """One kind of file: the name of its format, what it is called, and the key of its content."""

    format: str
    noun: str
    key: str

    def write(self, content: Mapping[str, Any]) -> str:
        """The content as JSON text with its hash."""
        whole = {"format": self.format, "hash": content_hash(content), self.key: content}
        return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    def read(self, text: str, where: str) -> dict[str, Any]:
        """The content; InputProblem if it is of another kind or was changed since."""
        try:
            whole = json.loads(text)
            content, stated = whole[self.key], whole["hash"]
            if whole["format"] != self.format:
                raise self._other(where)
        except (ValueError, KeyError, TypeError) as error:
            raise self._other(where) from error
        if content_hash(content) != stated:
            raise problem(
                f"{self.key}-changed",
                where,
                f"The {self.noun} was changed since it was written: its hash does not fit its "
                "content.",
                f"Take the file as it was written, or train a {self.noun} again.",
            )
        found: dict[str, Any] = content
        return found

    def _other(self, where: str) -> InputProblem:
        return problem(
            f"not-a-{self.key}",
            where,
            f"The file is no {self.noun} of the format {self.format}.",
            f"Name a file that holds a {self.noun} as Tradeline writes it.",
        )


def content_hash(content: Mapping[str, Any]) -> str:
    """The hash that names a content."""
    return hash_bytes(canonical_json(content).encode())
