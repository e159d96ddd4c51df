"""Where the loans of a chunk stand at the end of a day, as one file of plain arrays."""

import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from tradeline.kernel.findings import problem
from tradeline.lake.commit import force
from tradeline.lending.end_of_day.advances import Plans, Swept
from tradeline.lending.end_of_day.portfolio import Columns, Lines, Loans, Portfolio, Staging, Terms
from tradeline.lending.end_of_day.sweeps import Advances

Stands = TypeVar("Stands", Portfolio, Swept)
PARTS: Mapping[type, Mapping[str, type[Columns]]] = {
    Portfolio: {"terms": Terms, "loans": Loans, "lines": Lines, "staging": Staging},
    Swept: {"sweeps": Advances, "plans": Plans},
}


def write_state(found: Portfolio | Swept, path: Path) -> None:
    """Write where loans stand so that it appears whole or not at all, and is on the disk."""
    parts = PARTS[type(found)]
    arrays: dict[str, Any] = {
        f"{part}.{field.name}": getattr(getattr(found, part), field.name)
        for part, kind in parts.items()
        for field in fields(kind)
    }
    arrays |= {name: np.array(getattr(found, name)) for name in _rest(type(found))}
    write_arrays(arrays, path)


def _rest(kind: type[Portfolio | Swept]) -> list[str]:
    """What a state holds beside its columns: the day, and plain arrays."""
    return [field.name for field in fields(kind) if field.name not in PARTS[kind]]


def write_arrays(arrays: Mapping[str, Any], path: Path) -> None:
    """Write arrays so that the file appears whole or not at all, and is on the disk."""
    aside = path.with_suffix(f".{os.getpid()}.aside")
    with aside.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)
    force(aside)
    aside.rename(path)
    force(path.parent)


def read_arrays(path: Path) -> dict[str, Any]:
    """Read arrays back by their names."""
    with np.load(path, allow_pickle=False) as found:
        return {name: found[name] for name in found.files}


def read_state(path: Path) -> Portfolio:
    """Read a portfolio back; InputProblem if the file is no whole one."""
    return _read(Portfolio, path)


def read_swept(path: Path) -> Swept:
    """Read advances back; InputProblem if the file is no whole one."""
    return _read(Swept, path)


def _read(kind: type[Stands], path: Path) -> Stands:
    try:
        found = read_arrays(path)
        values: dict[str, Any] = {
            part: columns(*(found[f"{part}.{field.name}"] for field in fields(columns)))
            for part, columns in PARTS[kind].items()
        }
        values |= {name: found[name] for name in _rest(kind)}
        return kind(**values | {"day": int(found["day"])})
    except (ValueError, KeyError, OSError) as error:
        raise problem(
            "bad-state",
            str(path),
            "Where the loans stood cannot be read.",
            "Remove the folders `days` and `states` and run the days again: the same comes out.",
        ) from error
