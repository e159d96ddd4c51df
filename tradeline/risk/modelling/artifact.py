"""A model as a file: readable JSON that carries the hash of its own content.

Nothing in it is executed when it is read; a file that was changed by hand does not load.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import nan
from pathlib import Path
from typing import Any

from tradeline.kernel.findings import problem
from tradeline.kernel.strict_json import strict_json
from tradeline.risk.modelling.columns import Form, Kind
from tradeline.risk.modelling.leaks import Suspect
from tradeline.risk.modelling.model import (
    Ceiling,
    Input,
    Learned,
    Meaning,
    Measured,
    Model,
    ModelKind,
    Overrides,
    Reference,
)
from tradeline.risk.modelling.screening import LeftOut
from tradeline.risk.modelling.target import TargetRule
from tradeline.risk.modelling.written import Signs
from tradeline.risk.scoring.artifact import override_of, read_card, write_card
from tradeline.risk.scoring.card import USUAL, Scale
from tradeline.risk.scoring.sealed import Seal, content_hash

SEAL = Seal("tradeline-model/1", "model", "model")


def model_text(model: Model) -> str:
    """The model as JSON text that `model_of_text` reads back to an equal one."""
    return SEAL.write(_content(model))


def model_hash(model: Model) -> str:
    """The hash that names a model's content."""
    return content_hash(_content(model))


def subject_of(model: Model) -> str:
    """What a signature of a model signs: what it is, and its hash."""
    return f"model {model_hash(model)}"


def write_model(model: Model, path: Path) -> None:
    """Write a model file."""
    path.write_text(model_text(model), encoding="utf-8")


def read_model(path: Path) -> Model:
    """The model in a file; InputProblem if it is none, or was changed since it was written."""
    if not path.is_file():
        raise problem("no-model", str(path), "There is no such file.", "Check its name.")
    return model_of_text(path.read_bytes().decode("utf-8", "replace"), path.name)


def model_of_text(text: str, where: str = "model") -> Model:
    """The model in a text; InputProblem as `read_model`."""
    content = SEAL.read(text, where)
    try:
        return _model(content)
    except (KeyError, TypeError, ValueError) as error:
        raise problem(
            "other-model",
            where,
            "The model was written by another version, and lacks what this one reads.",
            "Train it again.",
        ) from error


def _content(model: Model) -> dict[str, Any]:
    content = asdict(model)
    content["card"] = json.loads(write_card(model.card)) if model.card else None
    for name, usual in (("scale", USUAL), ("edits", ())):
        if model.card or getattr(model, name) == usual:
            del content[name]
    if [one.size for one in model.ceiling] == [0]:
        # So it was written before ceilings were counted, and its hash and signature must stand.
        content["ceiling"] = [content["ceiling"][0][name] for name in ("area", "gain")]
    # Through text once, so that tuples and lists are the same to the hash.
    plain: dict[str, Any] = json.loads(strict_json(content, indent=None))
    return plain


def _model(content: Mapping[str, Any]) -> Model:
    text = content["card"]
    card = read_card(strict_json(text)) if text else None
    edits = card.overrides if card else tuple(map(override_of, content.get("edits", [])))
    return Model(
        kind=ModelKind(content["kind"]),
        target=TargetRule(**_tuples(content["target"])),
        meaning=Meaning(**content["meaning"]),
        base_rate=content["base_rate"],
        base_rate_is_stated=content["base_rate_is_stated"],
        learned=_learned(content["learned"]),
        inputs=tuple(_input(part) for part in content["inputs"]),
        card=card,
        challenger=content["challenger"],
        left_out=tuple(LeftOut(**part) for part in content["left_out"]),
        suspects=tuple(Suspect(**_tuples(part)) for part in content["suspects"]),
        overrides=Overrides(**_tuples(content["overrides"])),
        figures=tuple(map(_measured, content["figures"])),
        ceiling=_ceilings(content["ceiling"]),
        reference=Reference(**_tuples(content["reference"])),
        notes=tuple(content["notes"]),
        created_for=content["created_for"],
        expires_on=content["expires_on"],
        scale=card.scale if card else Scale(**content.get("scale", {})),
        edits=edits,
    )


def _learned(content: Mapping[str, Any]) -> Learned:
    form = content["time_form"]
    return Learned(**{**_tuples(content), "time_form": _form(form) if form else None})


def _measured(content: Mapping[str, Any]) -> Measured:
    """A figure; an end that is no number stands as null."""
    ends = (content[end] for end in ("estimate", "low", "high"))
    return Measured(content["name"], *(nan if end is None else end for end in ends))


def _ceilings(content: Sequence[Mapping[str, Any]]) -> tuple[Ceiling, ...]:
    """The ceilings; models of before have the AUC and the gain of boosted trees side by side."""
    if content and "kind" not in content[0]:
        area, gain = map(_measured, content)
        return (Ceiling(ModelKind.BOOSTED, area, gain),)
    return tuple(
        Ceiling(
            ModelKind(one["kind"]),
            _measured(one["area"]),
            _measured(one["gain"]),
            one["judged"],
            one["size"],
        )
        for one in content
    )


def _input(content: Mapping[str, Any]) -> Input:
    return Input(**{**content, "form": _form(content["form"])})


def _form(content: Mapping[str, Any]) -> Form:
    return Form(
        content["name"],
        Kind(content["kind"]),
        Signs(**content["signs"]),
        content["dates"],
        tuple(content["levels"]),
    )


def _tuples(content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in content.items()
    }
