"""Entities: enterprises that links say are one, as known at a moment.

An entity is what links that say *same* join, unless somebody says that two of its members are not:
then the weakest link between them is not followed. Links are taken from the strongest to the
weakest (judgements first, then by probability, then by name), and one is followed unless it would
put two apart ones together; of a path between them, that is its weakest. So the order in which
links were told does not matter. Judgements that contradict each other join nothing: each enterprise
of such a group stands alone until a person has decided.

An entity is called after its least member: `ent_` and the first 16 digits of the SHA-256 of that
member's id. It keeps its name while that member stays, whoever joins or leaves.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256

from tradeline.creditfile.linkage.links import APART, Pair, Saying, read_sayings, standing
from tradeline.kernel.findings import Finding, Severity
from tradeline.kernel.moments import end_of, naive_utc
from tradeline.lake.store import Lake

Members = tuple[str, ...]

END_OF_TIME = end_of(date.max)


@dataclass(frozen=True, slots=True)
class Entities:
    """Which enterprises are one: by enterprise the members of its entity, sorted.

    Who stands alone has no line. `cut` are links that say *same* and are not followed,
    `contradicted` groups whose judgements contradict each other.
    """

    members: Mapping[str, Members]
    cut: tuple[Saying, ...] = ()
    contradicted: tuple[Members, ...] = ()

    def of(self, enterprise: str) -> Members:
        """The members of an enterprise's entity; itself where it stands alone."""
        return self.members.get(enterprise, (enterprise,))

    @property
    def groups(self) -> tuple[Members, ...]:
        """The entities of more than one member, by their least."""
        return tuple(sorted(set(self.members.values())))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What a person is asked to decide."""
        return tuple(map(_contradiction, self.contradicted))


def _contradiction(group: Members) -> Finding:
    return Finding(
        "contradicting-judgements",
        Severity.ERROR,
        ", ".join(group),
        "Judgements join these enterprises and hold two of them apart, so none is joined.",
        "Split a pair that was joined wrongly, or join the pair that was split wrongly.",
        len(group),
    )


def entity_name(members: Members) -> str:
    """What an entity is called."""
    return f"ent_{sha256(min(members).encode()).hexdigest()[:16]}"


def entities_of(lake: Lake, known_at: datetime, entry: int | None = None) -> Entities:
    """The entities of a lake as known at a moment (naive: UTC), as of an entry of its log."""
    return entities(standing(read_sayings(lake), naive_utc(known_at), entry).values())


def members_of(
    lake: Lake, enterprise: str, known_at: datetime, entry: int | None = None
) -> Members:
    """The members of one enterprise's entity as known at a moment; reads only what is near it."""
    near = read_sayings(lake, [enterprise])
    return entities(standing(near, naive_utc(known_at), entry).values()).of(enterprise)


@dataclass(slots=True)
class _Groups:
    """Groups that grow by joining; each enterprise begins as one of its own."""

    group: dict[str, list[str]] = field(default_factory=dict)

    def of(self, enterprise: str) -> list[str]:
        return self.group.setdefault(enterprise, [enterprise])

    def join(self, one: list[str], other: list[str]) -> None:
        small, large = sorted((one, other), key=len)
        large += small
        for enterprise in small:
            self.group[enterprise] = large

    def several(self) -> dict[str, Members]:
        """By enterprise the members of its group, where there are several."""
        told: dict[int, Members] = {}
        return {
            enterprise: told.setdefault(id(group), tuple(sorted(group)))
            for enterprise, group in self.group.items()
            if len(group) > 1
        }


def joined(pairs: Iterable[Pair]) -> dict[str, Members]:
    """By enterprise all that pairs lead to from it, sorted; none that stand alone."""
    groups = _Groups()
    for left, right in pairs:
        one, other = groups.of(left), groups.of(right)
        if one is not other:
            groups.join(one, other)
    return groups.several()


def entities(links: Iterable[Saying]) -> Entities:
    """The entities that standing links make, one link for each pair, in any order."""
    said = list(links)
    foes: dict[str, set[str]] = defaultdict(set)
    for saying in said:
        if saying.relation in APART:
            foes[saying.left].add(saying.right)
            foes[saying.right].add(saying.left)
    same = sorted((s for s in said if s.relation == "same"), key=_strongest_first)
    torn = _contradicted(said)
    groups, cut = _Groups(), []
    for saying in same:
        one, other = groups.of(saying.left), groups.of(saying.right)
        if one is other:
            continue
        # Among groups that are not torn no judgement holds two apart, and others yield to it.
        apart = not saying.judged and _are_foes(one, other, foes)
        if apart or saying.left in torn or saying.right in torn:
            cut.append(saying)
        else:
            groups.join(one, other)
    return Entities(groups.several(), tuple(cut), tuple(sorted(set(torn.values()))))


def _strongest_first(saying: Saying) -> tuple[bool, float, Pair]:
    return not saying.judged, -saying.probability, saying.pair


def _are_foes(one: list[str], other: list[str], foes: Mapping[str, set[str]]) -> bool:
    small, large = sorted((one, other), key=len)
    against = set().union(*(foes[enterprise] for enterprise in small if enterprise in foes))
    return bool(against) and not against.isdisjoint(large)


def _contradicted(said: Iterable[Saying]) -> dict[str, Members]:
    """By enterprise the group that judgements join, where a judgement holds two of it apart."""
    judged = [saying for saying in said if saying.judged]
    groups = joined(saying.pair for saying in judged if saying.relation == "same")
    torn = {
        groups[saying.left]
        for saying in judged
        if saying.relation in APART
        and saying.left in groups
        and groups[saying.left] is groups.get(saying.right)
    }
    return {enterprise: group for group in torn for enterprise in group}


@dataclass(frozen=True, slots=True)
class Spell:
    """From when to before when (naive UTC) an enterprise's entity was known to be these members."""

    enterprise: str
    members: Members
    since: datetime
    until: datetime


def spells(sayings: Iterable[Saying]) -> Iterator[Spell]:
    """When which enterprises were known to be one with others, from every version of links."""
    for near in neighbourhoods(sayings):
        known: dict[str, tuple[Members, datetime]] = {}
        for moment in sorted({saying.recorded_at for saying in near}):
            now = entities(standing(near, moment).values()).members
            for enterprise, (members, since) in list(known.items()):
                if now.get(enterprise) != members:
                    yield Spell(enterprise, members, since, moment)
                    del known[enterprise]
            for enterprise, members in now.items():
                known.setdefault(enterprise, (members, moment))
        for enterprise, (members, since) in known.items():
            yield Spell(enterprise, members, since, END_OF_TIME)


def neighbourhoods(sayings: Iterable[Saying]) -> Iterator[list[Saying]]:
    """Links by what they could ever join: nothing that one of these says bears on another."""
    every = list(sayings)
    near = joined(saying.pair for saying in every if saying.relation == "same")
    found: dict[Members, list[Saying]] = defaultdict(list)
    for saying in every:
        group = near.get(saying.left)
        if group is not None and group is near.get(saying.right):
            found[group].append(saying)
    yield from found.values()
