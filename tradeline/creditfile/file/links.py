"""Whose records an enterprise's file is made of: the one place where links are asked for."""

from dataclasses import dataclass
from datetime import datetime

from tradeline.lake.store import Lake


@dataclass(frozen=True, slots=True)
class Members:
    """The identifiers under which one enterprise is known, and those that are near to it.

    Rows of `same` make up its file; `affiliated` are other enterprises that belong together with
    it, and `disputed` links that somebody contests: neither adds anything.
    """

    same: tuple[str, ...]
    affiliated: tuple[str, ...] = ()
    disputed: tuple[str, ...] = ()


def members(lake: Lake | None, enterprise: str, known_at: datetime) -> Members:
    """The members of an enterprise as they were known; without a register, itself alone."""
    del lake, known_at
    return Members((enterprise,))
