"""Connected clients count as one: what is lent to a firm is what is lent to all of its group.

Groups are what the relations *same* and *affiliated* hold together, link by link. A firm of which
the table of exposures says nothing owes nothing; of a group with a figure that cannot be read the
exposure is not known, so nothing is lent to it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import numpy as np

from tradeline.creditfile.linkage.clusters import find_components
from tradeline.creditfile.linkage.links import read_links
from tradeline.kernel.findings import Finding, Severity, counted, problem
from tradeline.kernel.hashing import canonical_json
from tradeline.kernel.moments import naive_utc
from tradeline.lake.columns import objects
from tradeline.lake.store import open_lake
from tradeline.risk.decisions.application import EXPOSURE, Applications
from tradeline.risk.modelling.tables import Table, read_table

COUNTED = ("same", "affiliated")
APART = ("namesake", "different", "undecided", "unrelated")
MEMBERS = "connected_members"
"""What a record has seen of a group: its other members and what each owes, as JSON."""
SIDES = (("left_enterprise", "right_enterprise"), ("left", "right"))

Pair = tuple[str, str]
Groups = Mapping[str, tuple[str, ...]]
NO_GROUPS: Groups = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Connected:
    """Who belongs together and what each owes; `members` go by enterprise, groups of one have none.

    `exposures` are in minor units, None where a figure of an enterprise cannot be read.
    """

    members: Groups
    exposures: Mapping[str, int | None]

    def seen_of(self, enterprise: str) -> dict[str, object]:
        """What an application of an enterprise sees: the exposure of its group, and its members.

        The exposure is None where one of them cannot be read, or nobody is named.
        """
        group = self.members.get(enterprise, (enterprise,))
        owed = {member: self.exposures.get(member, 0) for member in group}
        others = {member: minor for member, minor in owed.items() if member != enterprise}
        known = [minor for minor in owed.values() if minor is not None]
        total = sum(known) if enterprise and len(known) == len(owed) else None
        return {EXPOSURE: total, MEMBERS: canonical_json(others) if others else None}

    def put_into(self, applications: Applications) -> Applications:
        """The applications with what each sees; InputProblem if they state exposures themselves."""
        if EXPOSURE in applications.values:
            raise problem(
                "exposure-told-twice", "--exposures",
                f"The applications state `{EXPOSURE}` themselves.",
                "Take that column out, or leave --exposures out.",
            )  # fmt: skip
        seen = [self.seen_of(one) for one in applications.enterprise.tolist()]
        made = {name: objects([one[name] for one in seen]) for name in (EXPOSURE, MEMBERS)}
        now = np.zeros(len(seen))
        return replace(
            applications,
            values={**applications.values, **made},
            ages_days={**applications.ages_days, EXPOSURE: now},
        )

    def groups(self, applications: Applications) -> list[str]:
        """What the group of each application's enterprise is called, empty where it has none."""
        firms = applications.enterprise.tolist()
        return [self.members[firm][0] if firm in self.members else "" for firm in firms]

    def findings(self) -> tuple[Finding, ...]:
        """Figures that cannot be read."""
        strange = sorted(name for name, minor in self.exposures.items() if minor is None)
        if not strange:
            return ()
        return (
            Finding(
                "not-an-amount", Severity.WARNING, "--exposures",
                f"What is owed by {counted(len(strange), 'enterprise')} cannot be read, such as "
                f"{strange[0]}: nothing is lent to their groups.",
                "Write whole minor units, 0 or more.",
                len(strange),
            ),
        )  # fmt: skip


def client_of(enterprise: str, groups: Groups) -> str:
    """What the client of an enterprise is called: the first member of its group, or itself."""
    return groups.get(enterprise, (enterprise,))[0]


def groups_of(pairs: Iterable[Pair]) -> dict[str, tuple[str, ...]]:
    """By enterprise the members of its group, sorted, where there are several."""
    known = sorted(set(pairs))
    names = sorted({name for pair in known for name in pair})
    place = {name: number for number, name in enumerate(names)}
    left, right = (np.array([place[pair[side]] for pair in known], np.int64) for side in (0, 1))
    groups: dict[int, list[str]] = {}
    for name, label in zip(names, find_components(len(names), left, right).tolist(), strict=True):
        groups.setdefault(label, []).append(name)
    return {name: tuple(group) for group in groups.values() if len(group) > 1 for name in group}


def read_affiliations(path: Path, at: datetime) -> dict[str, tuple[str, ...]]:
    """The groups of a table of pairs, or of a lake's links as known at a moment.

    A table has two columns of enterprises and may have a `relation`; without it every pair counts.
    InputProblem for a relation that nobody knows, and a pair of which it says both.
    """
    if path.is_dir():
        links = read_links(open_lake(path), naive_utc(at))
        return groups_of((link.left, link.right) for link in links if link.relation in COUNTED)
    table = read_table(path)
    pairs = _pairs(table)
    relations = _texts(table, "relation") if "relation" in table.names else ["same"] * len(pairs)
    if strange := sorted(set(relations) - {*COUNTED, *APART}):
        raise problem(
            "unknown-relation", table.name, f"'{strange[0]}' is no relation.",
            f"Write one of {', '.join((*COUNTED, *APART))}.",
        )  # fmt: skip
    said: dict[bool, set[Pair]] = {True: set(), False: set()}
    for pair, relation in zip(pairs, relations, strict=True):
        said[relation in COUNTED].add(pair)
    if both := sorted(said[True] & said[False]):
        raise problem(
            "relation-told-twice", table.name,
            f"{both[0][0]} and {both[0][1]} are told to be together and apart.",
            "Keep the line that stands.",
        )  # fmt: skip
    return groups_of(said[True])


def _pairs(table: Table) -> list[Pair]:
    """The pairs of a table, each in the order of its names; none may lack one."""
    for left, right in SIDES:
        if left in table.names and right in table.names:
            columns = zip(_texts(table, left), _texts(table, right), strict=True)
            pairs = [(min(pair), max(pair)) for pair in columns]
            break
    else:
        raise problem(
            "no-column", table.name, "The table does not say which enterprises it is about.",
            "Name the columns left and right, and relation if there are several.",
        )  # fmt: skip
    if empty := sum(not name for name, _ in pairs):
        raise problem(
            "no-enterprise", table.name, f"No enterprise is named in {counted(empty, 'row')}.",
            "Name both of each pair.",
        )  # fmt: skip
    return pairs


def read_exposures(path: Path, currency: str) -> dict[str, int | None]:
    """What each enterprise owes, of a table with `enterprise` and `exposure_minor`, summed up.

    InputProblem if a row names no enterprise, or a `currency` that is not the engine's.
    """
    table = read_table(path)
    for name in ("enterprise", EXPOSURE):
        if name not in table.names:
            raise problem(
                "no-column", table.name, f"The table has no column '{name}'.",
                f"Name the columns enterprise and {EXPOSURE}, and currency if there is one.",
            )  # fmt: skip
    if "currency" in table.names and (other := set(_texts(table, "currency")) - {currency}):
        raise problem(
            "other-currency", table.name, f"It holds amounts in '{min(other)}'.",
            f"Convert them: the engine lends in {currency}.",
        )  # fmt: skip
    found: dict[str, int | None] = {}
    rows = zip(_texts(table, "enterprise"), _texts(table, EXPOSURE), strict=True)
    for row, (enterprise, text) in enumerate(rows, 1):
        if not enterprise:
            raise problem(
                "no-enterprise", table.name, f"Row {row} names no enterprise.", "Name it."
            )
        before, minor = found.get(enterprise, 0), _minor(text)
        found[enterprise] = None if before is None or minor is None else before + minor
    return found


def _minor(text: str) -> int | None:
    """An amount in whole minor units from 0 on, None for anything else."""
    return int(text) if text.isascii() and text.isdigit() else None


def _texts(table: Table, name: str) -> list[str]:
    texts = table.texts(name)
    levels = [level.strip() for level in texts.levels]
    return [levels[code] for code in texts.codes.tolist()]
