"""Models of losses as files: readable JSON that carries the hash of its own content.

Nothing in them is executed when they are read; a file that was changed by hand does not load.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from tradeline.kernel.findings import InputProblem, problem
from tradeline.kernel.hashing import canonical_json, hash_bytes
from tradeline.risk.losses.ead import EadModel, SegmentEad
from tradeline.risk.losses.hazard import HazardModel
from tradeline.risk.losses.lgd import LgdModel, SegmentLgd
from tradeline.risk.losses.term_structure import TermStructure
from tradeline.risk.report.data import Interval

Content = Mapping[str, Any]
Model = HazardModel | TermStructure | LgdModel | EadModel
Read = TypeVar("Read", HazardModel, TermStructure, LgdModel, EadModel)

FORMATS: Mapping[type, str] = {
    HazardModel: "tradeline-hazard/1",
    TermStructure: "tradeline-term-structure/1",
    LgdModel: "tradeline-lgd/1",
    EadModel: "tradeline-ead/1",
}


def write_model(model: Model) -> str:
    """The model as JSON text that `read_model` reads back to an equal one."""
    content = asdict(model)
    whole = {"format": FORMATS[type(model)], "hash": _hash(content), "model": content}
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_model(kind: type[Read], text: str, where: str = "model") -> Read:
    """The model of a kind in a text; InputProblem if it is none, or was changed since."""
    try:
        whole = json.loads(text)
        content, stated = whole["model"], whole["hash"]
        if whole["format"] != FORMATS[kind]:
            raise _unreadable(kind, where)
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable(kind, where) from error
    if _hash(content) != stated:
        raise problem(
            "model-changed",
            where,
            "The model was changed since it was written: its hash does not fit its content.",
            "Take the file as it was written, or train it again.",
        )
    return _made(kind, content)


def _made(kind: Callable[..., Read], content: Content) -> Read:
    """The record of a content: segments are records too, lists are tuples."""
    return kind(**{name: _value(name, value) for name, value in content.items()})


def _value(name: str, value: Any) -> Any:
    if name == "segments":
        return tuple(_segment(item) for item in value)
    if name == "overall":
        return _segment(value)
    return _frozen(value)


def _segment(content: Content) -> SegmentLgd | SegmentEad:
    made: Callable[..., SegmentLgd | SegmentEad] = SegmentLgd if "lgd" in content else SegmentEad
    return made(
        **{
            name: Interval(**value) if isinstance(value, dict) else _frozen(value)
            for name, value in content.items()
        }
    )


def _frozen(value: Any) -> Any:
    """Lists of JSON as tuples, however deep."""
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _hash(content: Mapping[str, Any]) -> str:
    return hash_bytes(canonical_json(content).encode())


def _unreadable(kind: type, where: str) -> InputProblem:
    return problem(
        "not-a-model",
        where,
        f"The file is no model of the format {FORMATS[kind]}.",
        "Name a file that was written as one.",
    )
