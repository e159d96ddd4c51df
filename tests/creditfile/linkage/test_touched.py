"""What a wrong join touched: no output that would be another without it is missing."""

import json
from datetime import datetime
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import tradeline
from tests.creditfile.file.tellings import TERMS
from tests.creditfile.linkage.registers import firms_lake, link, say, saying, tell_orders
from tests.creditfile.linkage.test_entities import FIRMS, PAIRS, by_walking, sayings
from tests.lake.lakes import day
from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.events import Events
from tradeline.creditfile.features.measures import Sum
from tradeline.creditfile.file.record import read_file
from tradeline.creditfile.file.subject import of_lake
from tradeline.creditfile.file.tables import file_json
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
    OutputKind,
    Use,
    linked_by,
    read_uses,
    record_uses,
)
from tradeline.kernel.hashing import hash_bytes
from tradeline.lake.extracts import extracts
from tradeline.lake.reading import Moment
from tradeline.lake.store import open_lake

SOLD = Feature(
    "sold", "orders", "minor units", "made up", Sum(Events("orders"), "gross_minor"), 0, "made up"
)
DAYS = tuple(range(14))
Step = tuple[Pair, Relation, bool]
Outputs = dict[tuple[OutputKind, Asked], bytes]
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


PATHS = (("A", "B"), ("B", "C"), ("A", "C"), ("C", "D"))
steps = st.builds(
    lambda pair, by_hand, others: [(pair, "same", by_hand), *others],
    st.sampled_from(PATHS),
    st.booleans(),
    st.lists(
        st.tuples(st.sampled_from(PATHS), st.sampled_from(JOINING), st.booleans()), max_size=2
    ),
)
"""What is said day by day, the wrong join first."""


@settings(max_examples=1, deadline=None)
@given(told=steps)
def test_a_wrong_join_is_undone_from_then_on_and_all_that_it_touched_is_listed(
    told: list[Step],
) -> None:
    check_undoing(told)


@pytest.mark.long
@settings(max_examples=4, deadline=None)
@given(told=steps)
@example(told=[(("B", "C"), "same", False), (("A", "C"), "same", True)])
def test_many_more_wrong_joins_are_undone_and_all_that_they_touched_is_listed(
    told: list[Step],
) -> None:
    check_undoing(told)


def check_undoing(told: list[Step]) -> None:
    """Two lakes are told the same, but for the wrong join: in the other it was never made.

    Files and features are made day by day, then a person splits the two.
    """
    pair, last, now = told[0][0], day(len(told)), day(len(told) + 1)
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        root = related(Path(one))
        # With its keys: what is sealed by others has other ids.
        apart = Path(copytree(one, other, dirs_exist_ok=True)) / root.name
        say(apart, [link(*pair, "different")], 0, JUDGED)
        outputs: Outputs = {}
        for on, (own, relation, by_hand) in enumerate(told, 1):
            said, source = [link(*own, relation)], JUDGED if by_hand else FOUND
            say(root, said, on, source)
            if own != pair:
                say(apart, said, on, source)
            outputs |= made(root, day(on))
        say(root, [link(*pair, "different")], len(told) + 1, JUDGED)
        then = [asked for kind, asked in outputs if kind == "file"]
        since = [Asked(firm, now, now) for firm in "ABCD"]
        without, mended = read(apart, then), read(root, since)
        changed = {name for name, content in outputs.items() if without[name] != content}
        found = touched(open_lake(root), *pair)
        assert {(item.use.output.kind, item.use.asked) for item in found} == changed
        assert read(root, then) == outputs
        assert mended == read(apart, since)
        for firm in "ABCD":
            before = outputs["file", Asked(firm, last, last)]
            after = mended["file", Asked(firm, now, now)]
            touched_last = ("file", Asked(firm, last, last)) in changed
            assert (figures(before) != figures(after)) == touched_last


def lake_of(folder: Path) -> Path:
    root = firms_lake(folder, "ABCD")
    tell_orders(root, [(firm, "1", 10**n, 0) for n, firm in enumerate("ABCD")])
    return root


def related(folder: Path) -> Path:
    """A lake whose files show a relation that joins nothing, too."""
    root = lake_of(folder)
    say(root, [link("A", "D", "affiliated", 0.3)], 0)
    return root


def read(root: Path, asked: list[Asked]) -> Outputs:
    """What is told in a file, and the bytes of a feature, of each."""
    table = tradeline.features(root, [(one.enterprise, one.as_of) for one in asked], [SOLD])
    source, outputs = extracts(open_lake(root)), Outputs()
    for number, one in enumerate(asked):
        subject = of_lake(source, one.enterprise, Moment(one.as_of, one.known_at))
        outputs["file", one] = without_links(file_json(read_file(subject, TERMS)))
        outputs["features", one] = table.values[number].tobytes()
    return outputs


def without_links(file: str) -> bytes:
    """A file but for its list of links: two lakes that were told of other links differ in it."""
    told = json.loads(file)
    told.pop("links", None)
    return json.dumps(told, ensure_ascii=False).encode()


def figures(file: bytes) -> object:
    """What a file says, without whose it is and when it was asked for."""
    return json.loads(file)["parts"]


def made(root: Path, moment: datetime) -> Outputs:
    """A file of each firm and a table of features of all, their uses recorded."""
    lake, asked = open_lake(root), [Asked(firm, moment, moment) for firm in "ABCD"]
    outputs = read(root, asked)
    for one in asked:
        record_uses(lake, Output(hash_bytes(outputs["file", one]), "file"), [one], moment)
    table = b"".join(outputs["features", one] for one in asked)
    record_uses(lake, Output(hash_bytes(table), "features"), asked, moment)
    return outputs


def test_who_stood_alone_because_of_a_wrong_join_is_listed_too(tmp_path: Path) -> None:
    root = lake_of(tmp_path)
    say(root, [link("A", "B", probability=0.99), link("B", "C", probability=0.95),
               link("A", "C", "affiliated", 0.2)], 1)  # fmt: skip
    asked = [Asked(firm, day(2), day(2)) for firm in "ABCD"]
    record_uses(open_lake(root), Output("file", "file"), asked, day(2))
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
