"""What an engine is made of, each part by the hash by which its own record knows it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from tradeline.kernel.hashing import canonical_json, hash_bytes
from tradeline.lake.signatures import SIGNATURE
from tradeline.risk.policy.declaration import Declaration
from tradeline.risk.policy.registry import version_of

MODEL, POLICY, LENDER, HAZARD = "model.json", "policy.yaml", "lender.yaml", "hazard.json"
OWN = ("engine.yaml", MODEL, MODEL + SIGNATURE, POLICY, HAZARD, "signer.pub", "revoked.yaml")


@dataclass(frozen=True, slots=True)
class Versions:
    """The parts of an engine; empty where there is none, or where a record does not say.

    `model` and `policy` are the hashes by which their registries name them, `hazard` that of when
    firms default, `terms` that of the lender's file and the estimates that it names.
    """

    model: str = ""
    hazard: str = ""
    policy: str = ""
    policy_version: str = ""
    terms: str = ""

    @property
    def content(self) -> dict[str, str]:
        """The parts as an entry of a log names them."""
        return asdict(self)


NOT_RECORDED = Versions()


def hash_of(files: Mapping[str, str]) -> str:
    """The hash that names some texts, by their names."""
    return hash_bytes(canonical_json(files).encode())


def versions_of(files: Mapping[str, str], policy: Declaration) -> Versions:
    """The parts of an engine whose texts these are, under the names by which a log keeps them."""
    terms = {name: text for name, text in files.items() if name not in OWN}
    return Versions(
        _stated_hash(files[MODEL]),
        _stated_hash(files[HAZARD]) if HAZARD in files else "",
        version_of(policy).hash,
        policy.version,
        hash_of(terms),
    )


def _stated_hash(text: str) -> str:
    """The hash that a model states of its own content, which was checked when it was read."""
    return str(json.loads(text)["hash"])


def parts_changed(before: Versions, after: Versions) -> tuple[str, ...]:
    """The names of the parts that differ, of those that both record."""
    pairs = ((name, getattr(before, name), getattr(after, name))
             for name in ("model", "hazard", "policy", "terms"))  # fmt: skip
    recorded = NOT_RECORDED not in (before, after)
    return tuple(name for name, was, now in pairs if recorded and was != now)
