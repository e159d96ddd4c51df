"""What the last run of linkage learned in a lake, kept beside its log so that it serves again.

It holds how often fields agree and no value of any record, so it tells of nobody. Without it, or
where it cannot be read, linkage learns anew.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from tradeline.creditfile.linkage.fields import Field
from tradeline.creditfile.linkage.learning import weights_of
from tradeline.creditfile.linkage.mixture import Weights
from tradeline.kernel.hashing import canonical_json, hash_bytes

NAME = "linkage.json"
FORMAT = "tradeline-linkage/1"
GROWN = 1.1
"""Once so many times the records stand that taught the weights, they are learned anew."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Weights, how many records and judgements taught them, and the hash of what was seen last."""

    weights: Weights
    records: int
    judged: int
    seen: str

    def serves(self, records: int) -> bool:
        """Whether the weights serve so many records too."""
        return records <= GROWN * self.records


def read_kept(root: Path, fields: Iterable[Field]) -> Kept | None:
    """What is kept in a lake, learned of these fields by this engine; None if there is nothing."""
    try:
        told = json.loads((root / NAME).read_bytes())
        if told["made_by"] != _made_by(fields):
            return None
        weights = weights_of(told["weights"])
        return Kept(weights, int(told["records"]), int(told["judged"]), str(told["seen"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_kept(root: Path, kept: Kept, fields: Iterable[Field]) -> None:
    """Keep it in the place of what was kept; a reader never sees half of it."""
    told = {"made_by": _made_by(fields), **asdict(kept)}
    beside = root / f"{NAME}.new"
    beside.write_text(f"{canonical_json(told)}\n", encoding="utf-8")
    beside.replace(root / NAME)


def _made_by(fields: Iterable[Field]) -> str:
    """What the weights depend on beside records; other hashes would make other patterns."""
    treated = [repr(one.treated().comparisons) for one in fields]
    return f"{FORMAT} {hash_bytes(canonical_json([duckdb.__version__, treated]).encode())}"
