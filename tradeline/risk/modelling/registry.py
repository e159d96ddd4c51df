"""Which model is in force from when: an append-only record, each line chained to the last.

A registry is a folder: the promoted models by their hash, and `promotions.jsonl`. Once a promotion
states whose signature counts, no model without it is promoted or read. A key that `revoked.yaml`
lists beside them counts no more for promotions recorded from that day on.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from tradeline.kernel.findings import InputProblem, problem
from tradeline.kernel.hashing import canonical_json, hash_bytes
from tradeline.kernel.strict_json import strict_json
from tradeline.lake.revocations import read_revocations, require_not_revoked
from tradeline.lake.signatures import read_signature, require_signed, signature_path
from tradeline.risk.modelling.artifact import model_hash, model_text, read_model, subject_of
from tradeline.risk.modelling.model import Model

PROMOTIONS, REVOKED = "promotions.jsonl", "revoked.yaml"
MODELS = "models"
START = "sha256:" + "0" * 64


@dataclass(frozen=True, slots=True)
class Promotion:
    """From when a model is in force, by whose word and why; `previous` is the last line's hash.

    `from_moment` and `recorded_at` are moments as ISO text in UTC. `signer` is the public key that
    must have signed the model, empty where none is stated.
    """

    model: str
    from_moment: str
    recorded_at: str
    who: str
    why: str
    previous: str
    signer: str = ""

    @property
    def content(self) -> dict[str, str]:
        """The line as it is written; a signer only where one is stated."""
        return {key: value for key, value in asdict(self).items() if key != "signer" or value}

    @property
    def hash(self) -> str:
        """The hash that the next line carries on."""
        return hash_bytes(canonical_json(self.content).encode())


def promote(
    model: Model,
    registry: Path,
    *,
    from_moment: datetime,
    now: datetime,
    who: str,
    why: str,
    signature: str | None = None,
    signer: str = "",
) -> Promotion:
    """Record that a model is in force from a moment on; the folder is made if it is not there.

    Moments are naive UTC. `signer` is the public key whose signature counts from now on, without
    one that of the last promotion. InputProblem where nobody or no reason is named, the record was
    changed, the moment lies before that of the last promotion, the model has expired by then, it
    lacks the `signature` of the signer, or that key is revoked.
    """
    _require_words(who, why)
    lines = promotions(registry)
    moment = from_moment.isoformat(timespec="seconds")
    _require_moment(model, lines, moment)
    signer = signer or (lines[-1].signer if lines else "")
    if signer:
        require_signed(subject_of(model), signature, signer, "model")
        _require_not_revoked(registry, signer, now, "model")
    line = Promotion(
        model_hash(model),
        moment,
        now.isoformat(timespec="seconds"),
        who.strip(),
        why.strip(),
        lines[-1].hash if lines else START,
        signer,
    )
    (registry / MODELS).mkdir(parents=True, exist_ok=True)
    file = _file_of(registry, line.model)
    file.write_text(model_text(model), encoding="utf-8")
    if signer and signature:
        signature_path(file).write_text(signature, encoding="utf-8")
    with (registry / PROMOTIONS).open("a", encoding="utf-8") as stream:
        stream.write(strict_json(line.content, indent=None) + "\n")
    return line


def _require_words(who: str, why: str) -> None:
    for option, text in (("--who", who), ("--why", why)):
        if not text.strip():
            raise problem(
                "nothing-stated", option, "Nothing is stated.", "Say who decides, and why."
            )


def _require_moment(model: Model, lines: tuple[Promotion, ...], moment: str) -> None:
    if lines and moment < lines[-1].from_moment:
        raise problem(
            "earlier-moment",
            "--at",
            f"The last promotion holds from {lines[-1].from_moment}; {moment} lies before it.",
            "The record only goes forward: take a later moment.",
        )
    if model.expires_on and moment[:10] > model.expires_on:
        raise problem(
            "model-expired",
            "--at",
            f"The model expired on {model.expires_on}.",
            "Train a newer one, or take an earlier moment.",
        )


def promotions(registry: Path) -> tuple[Promotion, ...]:
    """All promotions in the order of the record; InputProblem if it was changed afterwards."""
    path = registry / PROMOTIONS
    if not path.exists():
        return ()
    found: list[Promotion] = []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            line = Promotion(**json.loads(text))
        except (ValueError, TypeError) as error:
            raise _changed(path, number) from error
        if line.previous != (found[-1].hash if found else START):
            raise _changed(path, number)
        found.append(line)
    return tuple(found)


def _changed(path: Path, number: int) -> InputProblem:
    return problem(
        "registry-changed",
        f"{path.name} line {number}",
        "The record was changed since it was written: its chain of hashes breaks here.",
        "Take the file back from a copy; lines are only ever added.",
    )


def in_force(registry: Path, at: datetime) -> Model | None:
    """The model in force at a moment (naive UTC), None before the first.

    InputProblem where it is not the one that was promoted, its signer's signature is not there, or
    the key was revoked when it was promoted.
    """
    moment = at.isoformat(timespec="seconds")
    standing = [line for line in promotions(registry) if line.from_moment <= moment]
    if not standing:
        return None
    line, file = standing[-1], _file_of(registry, standing[-1].model)
    model = read_model(file)
    if model_hash(model) != line.model:
        raise problem(
            "other-model-in-force",
            file.name,
            "The file holds another model than the one that was promoted under its name.",
            "Take the file back from a copy.",
        )
    if line.signer:
        require_signed(subject_of(model), read_signature(file), line.signer, file.name)
        recorded = datetime.fromisoformat(line.recorded_at)
        _require_not_revoked(registry, line.signer, recorded, file.name)
    return model


def _require_not_revoked(registry: Path, signer: str, at: datetime, where: str) -> None:
    listed = registry / REVOKED
    if listed.exists():
        require_not_revoked(read_revocations(listed), signer, at.date(), where)


def _file_of(registry: Path, name: str) -> Path:
    return registry / MODELS / f"{name.removeprefix('sha256:')}.json"
