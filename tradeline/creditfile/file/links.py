"""Whose records an enterprise's file is made of: the one place where links are asked for."""

from dataclasses import dataclass

from tradeline.creditfile.linkage.entities import members_of
from tradeline.creditfile.linkage.links import read_links
from tradeline.lake.reading import Moment
from tradeline.lake.store import Lake

LINKS = "links"


@dataclass(frozen=True, slots=True)
class Members:
    """The identifiers under which one enterprise is known, and those that are near to it.

    Rows of `same` make up its file; `affiliated` are other enterprises that belong together with
    it, and `undecided` those of which nobody has decided yet what they are to it: neither adds
    anything.
    """

    same: tuple[str, ...]
    affiliated: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()


def members(lake: Lake, enterprise: str, moment: Moment) -> Members:
    """The members of an enterprise as links were known at a moment; itself where none is told."""
    if not lake.files_of(LINKS):
        return Members((enterprise,))
    same = members_of(lake, enterprise, moment.known_at, moment.entry)
    near: dict[str, set[str]] = {"affiliated": set(), "undecided": set()}
    for one in same:
        for link in read_links(lake, moment.known_at, one, moment.entry):
            if link.relation in near:
                near[link.relation] |= {link.left, link.right} - set(same)
    return Members(same, tuple(sorted(near["affiliated"])), tuple(sorted(near["undecided"])))
