"""What a wrong join touched: no output that would be another without it is missing."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

import tradeline
from tests.creditfile.linkage.registers import firms_lake, link, say, saying, tell_orders
from tests.creditfile.linkage.test_entities import FIRMS, PAIRS, by_walking, sayings
from tests.lake.lakes import day
from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.events import Events
from tradeline.creditfile.features.measures import Sum
from tradeline.creditfile.linkage.links import (
    FOUND,
    JUDGED,
    STRONGEST,
    Pair,
    Relation,
    Saying,
    standing,
)
from tradeline.creditfile.linkage.touched import touched, touched_uses
from tradeline.creditfile.linkage.uses import (
    Asked,
    Output,
    Use,
    linked_by,
    read_uses,
    record_uses,
)
from tradeline.lake.store import open_lake

SOLD = Feature(
    "sold", "orders", "minor units", "made up", Sum(Events("orders"), "gross_minor"), 0, "made up"
)
DAYS = tuple(range(14))
Step = tuple[Pair, Relation, bool]
JOINING: tuple[Relation, ...] = ("same", "same", "different")


@settings(max_examples=60, deadline=None)
@given(told=sayings, pair=st.sampled_from(PAIRS))
def test_the_list_holds_whoever_is_one_with_others_if_the_two_are_apart(
    told: list[Saying], pair: Pair
) -> None:
    asked = [Asked(firm, day(on), day(on)) for on in DAYS for firm in FIRMS]
    uses = [
        Use(Output("id", "file"), one, members, 99, one.known_at)
        for one, members in linked_by(told, asked)
    ]
    found = {item.use.asked: frozenset(item.without) for item in touched_uses(told, uses, pair)}
    assert found == oracle(told, pair)


def oracle(told: list[Saying], pair: Pair) -> dict[Asked, frozenset[str]]:
    """Of every firm at every moment, recorded or not: the members it should have had."""
    found: dict[Asked, frozenset[str]] = {}
    for on in DAYS:
        stood = standing(told, day(on))
        apart = stood | {pair: saying(*pair, "different", STRONGEST)}
        then, without = by_walking(list(stood.values())), by_walking(list(apart.values()))
        found |= {
            Asked(firm, day(on), day(on)): without[firm]
            for firm in FIRMS
            if then[firm] != without[firm]
        }
    return found


steps = st.lists(
    st.tuples(
        st.sampled_from((("A", "B"), ("B", "C"), ("A", "C"), ("C", "D"))),
        st.sampled_from(JOINING),
        st.booleans(),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=3, deadline=None)
@given(told=steps)
def test_every_output_whose_bytes_change_without_the_join_is_listed(told: list[Step]) -> None:
    pair = told[0][0]
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        root, apart = lake_of(Path(one)), lake_of(Path(other))
        say(apart, [link(*pair, "different")], 0, JUDGED)
        outputs: dict[Asked, bytes] = {}
        for on, (own, relation, by_hand) in enumerate(told, 1):
            said, source = [link(*own, relation)], JUDGED if by_hand else FOUND
            say(root, said, on, source)
            if own != pair:
                say(apart, said, on, source)
            outputs |= made(root, day(on))
        without = sold(apart, list(outputs))
        changed = {asked for asked, found in outputs.items() if without[asked] != found}
        listed = touched(open_lake(root), *pair)
        assert {item.use.asked for item in listed} == changed
        assert sold(root, list(outputs)) == outputs


def lake_of(folder: Path) -> Path:
    root = firms_lake(folder, "ABCD")
    tell_orders(root, [(firm, "1", 10**n, 0) for n, firm in enumerate("ABCD")])
    return root


def sold(root: Path, asked: list[Asked]) -> dict[Asked, bytes]:
    """The bytes of a feature of each."""
    table = tradeline.features(root, [(one.enterprise, one.as_of) for one in asked], [SOLD])
    return {one: table.values[number].tobytes() for number, one in enumerate(asked)}


def made(root: Path, moment: datetime) -> dict[Asked, bytes]:
    """A file of each firm, their uses recorded."""
    asked = [Asked(firm, moment, moment) for firm in "ABCD"]
    record_uses(open_lake(root), Output(f"file_{moment}", "file"), asked, moment)
    return sold(root, asked)


def test_who_stood_alone_because_of_a_wrong_join_is_listed_too(tmp_path: Path) -> None:
    root = lake_of(tmp_path)
    say(root, [link("A", "B", probability=0.99), link("B", "C", probability=0.95),
               link("A", "C", "affiliated", 0.2)], 1)  # fmt: skip
    made(root, day(2))
    found = touched(open_lake(root), "B", "A")
    assert [(item.use.asked.enterprise, item.use.members, item.without) for item in found] == [
        ("A", ("A", "B"), ("A",)),
        ("B", ("A", "B"), ("B", "C")),
        ("C", ("C",), ("B", "C")),
    ]
    assert found[0].remedy == "Show the credit file again, and tell whoever read this one."


def test_nothing_is_written_of_who_has_no_links(tmp_path: Path) -> None:
    root = lake_of(tmp_path)
    say(root, [link("A", "B")], 5)
    entries = len(open_lake(root).entries)
    made_of_others = [Asked("C", day(9), day(9)), Asked("A", day(4), day(4))]
    assert record_uses(open_lake(root), Output("x", "file"), made_of_others, day(9)) is None
    assert len(open_lake(root).entries) == entries
    assert touched(open_lake(root), "A", "B") == touched(open_lake(root), "C", "D") == ()


def test_a_use_keeps_what_was_read(tmp_path: Path) -> None:
    root = lake_of(tmp_path)
    say(root, [link("A", "B")], 5)
    lake = open_lake(root)
    asked, output = Asked("B", day(3), day(6)), Output("dec_1", "decision")
    record_uses(lake, output, [asked, asked], day(7))
    assert read_uses(open_lake(root), ["B"]) == (
        Use(output, asked, ("A", "B"), len(lake.entries), day(7)),
    )
