"""Where the loans of a chunk stand at the end of a day, as one file of plain arrays."""

import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from tradeline.kernel.findings import problem
from tradeline.lake.commit import force
from tradeline.lending.end_of_day.portfolio import Columns, Lines, Loans, Portfolio, Staging, Terms

PARTS: Mapping[str, type[Columns]] = {"terms": Terms, "loans": Loans, "lines": Lines,
                                         "staging": Staging}  # fmt: skip


def write_state(found: Portfolio, path: Path) -> None:
    """Write a portfolio so that it appears whole or not at all, and is on the disk."""
    arrays: dict[str, Any] = {
        f"{part}.{field.name}": getattr(getattr(found, part), field.name)
        for part, kind in PARTS.items()
        for field in fields(kind)
    }
    arrays |= {name: getattr(found, name) for name in ("starts", "booked", "failed")}
    write_arrays(arrays | {"day": np.array(found.day)}, path)


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
    try:
        found = read_arrays(path)
        parts: dict[str, Any] = {
            part: kind(*(found[f"{part}.{field.name}"] for field in fields(kind)))
            for part, kind in PARTS.items()
        }
        rest = {name: found[name] for name in ("starts", "booked", "failed")}
        return Portfolio(day=int(found["day"]), **parts, **rest)
    except (ValueError, KeyError, OSError) as error:
        raise problem(
            "bad-state",
            str(path),
            "Where the loans stood cannot be read.",
            "Remove the folders `days` and `states` and run the days again: the same comes out.",
        ) from error
