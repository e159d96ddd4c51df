"""Entities: what links join, what holds apart, and what stays as it was known then."""

from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from random import Random  # noqa: TID251  # seeded by hypothesis
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.creditfile.linkage.registers import firms_lake, link, say, saying
from tests.lake.lakes import day
from tradeline.creditfile.linkage.entities import (
    END_OF_TIME,
    Members,
    Spell,
    entities,
    entities_of,
    entity_name,
    members_of,
    spells,
)
from tradeline.creditfile.linkage.links import (
    APART,
    JUDGED,
    RELATIONS,
    STRONGEST,
    Link,
    Pair,
    Saying,
    read_links,
    read_sayings,
    standing,
)
from tradeline.lake.own_records import tell
from tradeline.lake.records import Assurance
from tradeline.lake.store import open_lake

FIRMS = tuple("ABCDEFG")
PAIRS = tuple(combinations(FIRMS, 2))

sayings = st.lists(
    st.tuples(
        st.sampled_from(PAIRS),
        st.sampled_from(RELATIONS),
        st.sampled_from((1, 1, STRONGEST)),
        st.integers(0, 10),
        st.integers(0, 12),
    ),
    max_size=25,
).map(
    lambda told: [
        saying(left, right, relation, strength, tenths / 10, on, entry)
        for entry, ((left, right), relation, strength, tenths, on) in enumerate(told, 1)
    ]
)


def reached(pairs: Iterable[Pair]) -> dict[str, frozenset[str]]:
    """By walking: whom each firm reaches."""
    near = {firm: {firm} for firm in FIRMS}
    for left, right in pairs:
        near[left].add(right)
        near[right].add(left)
    found = {}
    for firm in FIRMS:
        seen, todo = set(), [firm]
        while todo:
            here = todo.pop()
            if here not in seen:
                seen.add(here)
                todo += near[here]
        found[firm] = frozenset(seen)
    return found


def by_walking(said: list[Saying]) -> dict[str, frozenset[str]]:
    """The slow way: follow one link after the other, and look at every pair each time."""
    apart = [s.pair for s in said if s.relation in APART]
    judged_apart = [s.pair for s in said if s.relation in APART and s.judged]
    judged = [s.pair for s in said if s.relation == "same" and s.judged]
    groups = reached(judged)
    torn = {f for f in FIRMS if any({a, b} <= groups[f] for a, b in judged_apart)}
    followed = [pair for pair in judged if torn.isdisjoint(pair)]
    found = [s for s in said if s.relation == "same" and not s.judged]
    for one in sorted(found, key=lambda s: (-s.probability, s.pair)):
        before, after = reached(followed), reached([*followed, one.pair])
        worse = any(b in after[a] and b not in before[a] for a, b in apart)
        if torn.isdisjoint(one.pair) and not worse:
            followed.append(one.pair)
    return reached(followed)


@settings(max_examples=100, deadline=None)
@given(told=sayings)
def test_entities_are_those_that_walking_finds(told: list[Saying]) -> None:
    said = list(standing(told, day(20)).values())
    found, slow = entities(said), by_walking(said)
    assert {firm: frozenset(found.of(firm)) for firm in FIRMS} == slow


@given(told=sayings, seed=st.randoms(use_true_random=False))
def test_the_order_in_which_links_were_told_does_not_matter(
    told: list[Saying], seed: Random
) -> None:
    said = list(standing(told, day(20)).values())
    other = list(said)
    seed.shuffle(other)
    assert entities(said) == entities(other)


@given(told=sayings)
def test_nobody_is_one_with_whom_a_judgement_holds_apart(told: list[Saying]) -> None:
    said = list(standing(told, day(20)).values())
    found = entities(said)
    for one in said:
        if one.judged and one.relation in APART:
            assert one.right not in found.of(one.left)


@given(told=sayings)
def test_spells_say_at_every_moment_what_was_known_then(told: list[Saying]) -> None:
    known = list(spells(told))
    for number in range(14):
        then = entities(standing(told, day(number)).values())
        for firm in FIRMS:
            own = [s for s in known if s.enterprise == firm and s.since <= day(number) < s.until]
            assert [s.members for s in own] == ([then.of(firm)] if firm in then.members else [])


@settings(max_examples=4, deadline=None)
@given(told=st.lists(st.tuples(st.sampled_from(PAIRS[:6]), st.sampled_from(RELATIONS),
                               st.booleans()), max_size=5))  # fmt: skip
def test_a_read_as_known_then_is_the_read_made_then(
    told: list[tuple[Pair, str, bool]],
) -> None:
    with TemporaryDirectory() as folder:
        root = firms_lake(Path(folder), FIRMS)
        then: list[tuple[dict[str, Members], tuple[Link, ...]]] = []
        for number, (pair, relation, by_hand) in enumerate(told, 1):
            said = link(*pair, relation)  # type: ignore[arg-type]
            say(root, [said], number, JUDGED if by_hand else "linkage")
            lake = open_lake(root)
            then.append((dict(entities_of(lake, day(number)).members),
                         read_links(lake, day(number))))  # fmt: skip
        lake = open_lake(root)
        for number, (members, links) in enumerate(then, 1):
            assert entities_of(lake, day(number)).members == members
            assert read_links(lake, day(number)) == links
            assert members_of(lake, "A", day(number)) == members.get("A", ("A",))


def test_the_standing_links_are_those_of_the_lake_s_view(tmp_path: Path) -> None:
    root = firms_lake(tmp_path)
    say(root, [link("E1", "E2"), link("E2", "E3", "affiliated", 0.3)], 1)
    say(root, [link("E1", "E2", "different")], 2, JUDGED)
    say(root, [link("E1", "E2", "same", 0.99)], 3)
    lake = open_lake(root)
    found = standing(read_sayings(lake), day(5)).values()
    assert [(s.left, s.right, s.relation) for s in found] == [
        (one.left, one.right, one.relation) for one in read_links(lake, day(5))
    ]


def test_two_that_are_apart_cut_the_weakest_link_between_them() -> None:
    found = entities(
        [
            saying("A", "B", probability=0.97),
            saying("B", "C", probability=0.92),
            saying("C", "D", probability=0.99),
            saying("A", "D", "different", STRONGEST),
        ]
    )
    assert found.groups == (("A", "B"), ("C", "D"))
    assert [cut.pair for cut in found.cut] == [("B", "C")]


def test_a_program_s_doubt_gives_way_to_what_persons_judged() -> None:
    found = entities(
        [
            saying("A", "B", "same", STRONGEST),
            saying("B", "C", "same", STRONGEST),
            saying("A", "C", "affiliated", 1, 0.4),
        ]
    )
    assert found.groups == (("A", "B", "C"),)


def test_judgements_that_contradict_each_other_join_nothing_and_ask_a_person() -> None:
    found = entities(
        [
            saying("A", "B", "same", STRONGEST),
            saying("B", "C", "same", STRONGEST),
            saying("A", "C", "different", STRONGEST),
            saying("C", "D", "same", 1, 0.99),
            saying("E", "F", "same", 1, 0.99),
        ]
    )
    assert found.groups == (("E", "F"),)
    (finding,) = found.findings
    assert finding.line() == (
        "error: A, B, C: Judgements join these enterprises and hold two of them apart, so none is "
        "joined. Split a pair that was joined wrongly, or join the pair that was split wrongly."
    )


def test_an_entity_keeps_its_name_while_its_least_member_stays() -> None:
    assert entity_name(("E1", "E2")) == entity_name(("E3", "E1")) == entity_name(("E1",))
    assert entity_name(("E2",)) != entity_name(("E1", "E2"))
    assert entity_name(("E1", "E2")) == "ent_22249aa61fd2594e"


def test_what_stood_alone_has_no_spell_and_a_join_ends_with_its_split() -> None:
    told = [
        saying("A", "B", on=2),
        saying("A", "B", "different", STRONGEST, on=5, entry=2),
        saying("C", "D", "affiliated", on=1),
    ]
    assert list(spells(told)) == [
        Spell("A", ("A", "B"), day(2), day(5)),
        Spell("B", ("A", "B"), day(2), day(5)),
    ]
    assert [s.until for s in spells(told[:1])] == [END_OF_TIME] * 2


def test_a_late_telling_is_not_seen_by_a_read_up_to_an_earlier_entry(tmp_path: Path) -> None:
    root = firms_lake(tmp_path)
    say(root, [link("E1", "E2")], 5)
    entry = len(open_lake(root).entries)
    say(root, [link("E1", "E2", "different")], 4, JUDGED)
    lake = open_lake(root)
    assert members_of(lake, "E1", day(9)) == ("E1",)
    assert members_of(lake, "E1", day(9), entry) == ("E1", "E2")


def test_a_pair_that_a_source_names_the_other_way_round_is_the_same_pair(tmp_path: Path) -> None:
    root = firms_lake(tmp_path)
    say(root, [link("E1", "E2")], 1)
    turned = {"left_enterprise": "E2", "right_enterprise": "E1", "relation": "different",
              "probability": 0.0, "evidence": "two entries", "made_by": "registry",
              "occurred_at": day(2), "recorded_at": day(2)}  # fmt: skip
    tell(root, "links", [turned], "registry", Assurance.AUTHORITY_VERIFIED)
    assert members_of(open_lake(root), "E1", day(1)) == ("E1", "E2")
    assert members_of(open_lake(root), "E1", day(2)) == ("E1",)
