"""Judgements by hand: a person joins two enterprises, or splits them, and says why.

Nothing is changed in place. A judgement is a link that is assured higher than what a program finds,
recorded when it was made; a later one of the same pair takes its place from then on.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tradeline.creditfile.linkage.entities import END_OF_TIME, Entities, Members, entities
from tradeline.creditfile.linkage.links import (
    APART,
    JUDGED,
    STRONGEST,
    Link,
    Pair,
    Relation,
    Saying,
    pair_of,
    read_sayings,
    require_relation,
    standing,
    tell_links,
)
from tradeline.creditfile.linkage.near_identifiers import near_in_lake
from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.kernel.moments import naive_utc
from tradeline.lake.sealing import plainly
from tradeline.lake.store import BUCKETED, Lake, open_lake

LONGEST_REASON = 500
LONGEST_NAME = 200
SHORTEST_NAME = 2
FACTS = """
SELECT enterprise, name, '' AS number, erased FROM enterprises
UNION ALL
SELECT enterprise, '', registration_no, erased FROM registrations
"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A judgement in the lake: its entry, the entities of both before and after, what is odd."""

    link: Link
    entry: int
    before: tuple[Members, ...]
    after: tuple[Members, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class Known:
    """What sources say of an enterprise: its names, its registration numbers, whether erased."""

    names: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    erased: bool = False


def join(
    root: Path,
    one: str,
    other: str,
    made_by: str,
    reason: str,
    at: datetime,
    key_file: Path | None = None,
) -> Judgement:
    """Judge that two enterprises are one, from a moment on.

    InputProblem for an enterprise of which no source tells or that is erased, without a reason, if
    it is judged already, and if it contradicts other judgements; nothing is joined then.
    """
    return judge(root, (one, other), "same", made_by, reason, at, key_file)


def split(
    root: Path,
    one: str,
    other: str,
    made_by: str,
    reason: str,
    at: datetime,
    key_file: Path | None = None,
    relation: Relation = "different",
) -> Judgement:
    """Judge that two enterprises are not one, from a moment on; the undoing of a join.

    InputProblem as `join`, and if nothing ever said that they might be one.
    """
    if relation not in APART:
        raise problem(
            "no-split",
            relation,
            "A split says what two enterprises are that are not one.",
            f"Use one of: {', '.join(APART)}.",
        )
    return judge(root, (one, other), relation, made_by, reason, at, key_file)


def judge(
    root: Path,
    pair: Pair,
    relation: str,
    made_by: str,
    reason: str,
    at: datetime,
    key_file: Path | None = None,
) -> Judgement:
    """Record what a person says of two enterprises, and what that changes; as `join`, `split`."""
    said, (left, right), moment = require_relation(relation), pair_of(*pair), naive_utc(at)
    _require_name(made_by)
    _require_reason(reason)
    lake = open_lake(root)
    known = _known(lake, (left, right), moment, key_file)
    _require_unnamed(reason, known)
    near = read_sayings(lake, (left, right))
    _require_order(near, (left, right), moment)
    before = standing(near, moment)
    _require_open(before, (left, right), said)
    link = Link(left, right, said, float(said == "same"), reason.strip(), made_by)
    after = before | {(left, right): _as_saying(link, moment, len(lake.entries) + 1)}
    was, now = entities(before.values()), entities(after.values())
    _require_sense(was, now, after, (left, right))
    landed = tell_links(root, [link], moment, JUDGED)
    assert landed  # what is said anew is told
    return Judgement(
        link,
        landed.entry,
        _of_both(was, link),
        _of_both(now, link),
        tuple(_odd(link, known)),
    )


def _of_both(found: Entities, link: Link) -> tuple[Members, ...]:
    return tuple(dict.fromkeys((found.of(link.left), found.of(link.right))))


def _as_saying(link: Link, at: datetime, entry: int) -> Saying:
    return Saying(link.left, link.right, link.relation, link.probability, STRONGEST, at, entry)


def _require_name(made_by: str) -> None:
    if not (made_by.strip() and made_by.isprintable() and len(made_by) <= LONGEST_NAME):
        raise problem(
            "no-name",
            "--by",
            "A judgement is somebody's; this names nobody.",
            f"Write who judges, in up to {LONGEST_NAME} characters.",
        )


def _require_reason(reason: str) -> None:
    if not (reason.strip() and reason.isprintable() and len(reason) <= LONGEST_REASON):
        raise problem(
            "no-reason",
            "--reason",
            "Whoever asks later must find why it was judged so; this is no reason.",
            f"Write one line of up to {LONGEST_REASON} characters.",
        )


def _require_unnamed(reason: str, known: Mapping[str, Known]) -> None:
    """The reason stays in the lake when a person is erased, so it may not hold a name."""
    for enterprise, facts in known.items():
        if any(len(name) >= SHORTEST_NAME and name in reason for name in facts.names):
            raise problem(
                "reason-names-subject",
                "--reason",
                f"The reason holds the name of {enterprise}, and the lake keeps it for ever.",
                "Write it with ids in the place of names.",
            )


def known_facts(
    lake: Lake, enterprises: Sequence[str], known_at: datetime, key_file: Path | None = None
) -> dict[str, Known]:
    """What sources say of enterprises as known at a moment; no line for one nobody tells of."""
    found: dict[str, Known] = defaultdict(Known)
    told = [name for name in sorted(BUCKETED) if lake.files_of(name, firms=enterprises)]
    with lake.connect(
        END_OF_TIME,
        known_at,
        key_file=key_file,
        show_erased=True,
        firms=enterprises,
        only={*told, "enterprises", "registrations"},
    ) as connection:
        for name in told:
            rows = connection.execute(f"SELECT DISTINCT enterprise FROM {name}").fetchall()
            found |= {firm: found[firm] for (firm,) in rows}
        with plainly():
            rows = connection.execute(FACTS).fetchall()
    for firm, name, number, erased in rows:
        found[firm].names |= {name} if name else set()
        found[firm].numbers |= {number} if number else set()
        found[firm].erased |= erased
    return dict(found)


def _known(lake: Lake, pair: Pair, at: datetime, key_file: Path | None) -> dict[str, Known]:
    known = known_facts(lake, pair, at, key_file)
    unknown = [enterprise for enterprise in pair if enterprise not in known]
    if unknown:
        raise problem(
            "unknown-enterprise",
            unknown[0],
            "No source told of this enterprise by then.",
            f"{near_in_lake(lake, unknown[0])}Write the id under which a source names it.",
        )
    for enterprise in pair:
        if known[enterprise].erased:
            raise problem(
                "erased-enterprise",
                enterprise,
                "What named this enterprise is erased, so nobody can judge who it is.",
                "Leave its links as they are.",
            )
    return known


def _require_order(near: Sequence[Saying], pair: Pair, at: datetime) -> None:
    last = max((s.recorded_at for s in near if s.pair == pair), default=None)
    if last is not None and last >= at:
        raise problem(
            "judged-before",
            " and ".join(pair),
            f"What stands was recorded at {last}, and this judgement is not later.",
            "Check the clock of this machine.",
        )


def _require_open(before: Mapping[Pair, Saying], pair: Pair, said: Relation) -> None:
    """What is judged so already is not judged again, and what nobody linked is not split."""
    stands = before.get(pair)
    if stands is not None and stands.judged and stands.relation == said:
        raise problem(
            "judged-already",
            " and ".join(pair),
            f"They are judged to be {said} already, since {stands.recorded_at}.",
            "Nothing needs to be done; judge otherwise if it is wrong.",
        )
    linked = entities(before.values())
    if said != "same" and stands is None and pair[1] not in linked.of(pair[0]):
        raise problem(
            "never-joined",
            " and ".join(pair),
            "Nothing joins these two, and no link speaks of them.",
            "`tradeline enterprise links LAKE ENTERPRISE` shows what an enterprise is linked with.",
        )


def _require_sense(was: Entities, now: Entities, after: Mapping[Pair, Saying], pair: Pair) -> None:
    """Judgements that would contradict each other are refused: together they join nothing."""
    torn = [group for group in now.contradicted if pair[0] in group]
    if not torn or torn[0] in was.contradicted:
        return
    path = _judged_path(after, pair)
    raise InputProblem(
        [
            Finding(
                "contradicting-judgements",
                Severity.ERROR,
                " and ".join(pair),
                f"It contradicts what was judged before: {', '.join(path)}.",
                "Judge otherwise of one of these first.",
            )
        ]
    )


def _judged_path(after: Mapping[Pair, Saying], pair: Pair) -> list[str]:
    """The judgements of a group that a new one contradicts, without that one."""
    group = entities(after.values()).contradicted
    (torn,) = [members for members in group if pair[0] in members]
    return [
        f"{saying.left} {'=' if saying.relation == 'same' else '≠'} {saying.right}"
        for saying in sorted(after.values(), key=lambda s: s.pair)
        if saying.judged
        and saying.pair != pair
        and saying.left in torn
        and saying.right in torn
        and saying.relation != "undecided"
    ]


def _odd(link: Link, known: Mapping[str, Known]) -> list[Finding]:
    """What speaks against a join, or asks to be looked at, in the registries' own words."""
    left, right = known[link.left], known[link.right]
    where = f"{link.left} and {link.right}"
    shared = left.numbers & right.numbers
    if shared and left.names and right.names and left.names.isdisjoint(right.names):
        return [
            Finding(
                "registries-at-odds",
                Severity.NOTE,
                where,
                f"Two sources give the number {min(shared)} to enterprises of different names.",
                "Ask which registry is right, and have the other mended.",
            )
        ]
    if link.relation == "same" and left.numbers and right.numbers and not shared:
        return [
            Finding(
                "other-registration",
                Severity.WARNING,
                where,
                f"They are registered under {min(left.numbers)} and {min(right.numbers)}.",
                "An enterprise that was registered anew has both numbers; others are two.",
            )
        ]
    return []
