"""Dated parameters: numbers that law, lender or judgement set, each with source and status."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from tradeline.kernel.findings import problem


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value and where it comes from; `status` is `assumption` where nobody has measured it."""

    name: str
    value: Any
    unit: str
    meaning: str
    valid_from: date
    source: str
    status: str


def read_parameters(subject: str, on: date) -> dict[str, Parameter]:
    """The parameters of `parameters/<subject>.yaml` as they stand on a date, by name.

    Raises `InputProblem` if one has no value yet on that date.
    """
    entries = _entries(subject)
    return {name: _value_on(subject, name, entry, on) for name, entry in entries.items()}


@cache
def _entries(subject: str) -> dict[str, dict[str, Any]]:
    """What the file holds, read once: a run over many days asks for each of them."""
    text = (files("tradeline") / "parameters" / f"{subject}.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return found


def _value_on(subject: str, name: str, entry: dict[str, Any], on: date) -> Parameter:
    standing = [version for version in entry["values"] if version["valid_from"] <= on]
    if not standing:
        raise problem(
            "parameter-not-yet-valid",
            f"parameters/{subject}.yaml",
            f"{name} has no value on {on}: its first is valid from "
            f"{min(version['valid_from'] for version in entry['values'])}.",
            "Assess a later date, or add a value that was valid then.",
        )
    latest = max(standing, key=lambda version: version["valid_from"])
    return Parameter(name=name, unit=entry["unit"], meaning=entry["meaning"], **deepcopy(latest))


def assumptions(subject: str, on: date) -> tuple[str, ...]:
    """A line for each parameter of a subject that nobody has measured, for the reader."""
    return tuple(
        f"{found.name} = {_written(found)}: {found.meaning} ({found.source})"
        for found in read_parameters(subject, on).values()
        if found.status == "assumption"
    )


def _written(found: Parameter) -> str:
    """A value with its unit; a share or a factor has none."""
    return f"{found.value}" if found.unit in ("1", "share") else f"{found.value} {found.unit}"
