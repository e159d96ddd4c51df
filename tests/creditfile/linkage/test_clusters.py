"""Clusters never hold identifiers that exclude each other, and do not depend on any order."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tradeline.creditfile.linkage.clusters import (
    Held,
    Pairs,
    conflicting,
    find_clusters,
    find_components,
)

RECORDS = 9
Row = tuple[int, int, int, bool]


def made(rows: list[Row]) -> Pairs:
    left, right, bits, linked = (
        np.array(column) for column in (zip(*rows, strict=True) if rows else [[], [], [], []])
    )
    return Pairs(
        left.astype(np.int64), right.astype(np.int64), bits.astype(np.int64), linked.astype(bool)
    )


def row(left: int, right: int, bits: int) -> Row:
    return left, right, bits, bits > 3000


@st.composite
def drawn_rows(draw: st.DrawFn) -> list[Row]:
    pairs = [(a, b) for b in range(RECORDS) for a in range(b)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True))
    return [row(a, b, draw(st.integers(-9000, 9000))) for a, b in chosen]


rows = drawn_rows()
values = st.dictionaries(
    st.integers(0, RECORDS - 1),
    st.lists(st.sampled_from("xyz"), min_size=1, max_size=2, unique=True).map(
        lambda found: tuple(Held("tax", value) for value in found)
    ),
)


@given(rows, values)
def test_identifiers_of_a_cluster_hang_together(
    rows: list[Row], held: dict[int, tuple[Held, ...]]
) -> None:
    labels = find_clusters(RECORDS, made(rows), held)
    for label in set(labels.tolist()):
        groups = [
            {one.value for one in held[record]}
            for record in np.flatnonzero(labels == label).tolist()
            if record in held
        ]
        # Two values are of one firm only if records that carry both lead from one to the other.
        joined: list[set[str]] = []
        for group in groups:
            touching = [other for other in joined if other & group]
            joined = [other for other in joined if not other & group]
            joined.append(group.union(*touching))
        assert len(joined) <= 1


@given(rows, values, st.permutations(range(RECORDS)), st.randoms(use_true_random=False))
def test_order_of_links_does_not_matter(
    rows: list[Row], held: dict[int, tuple[Held, ...]], order: list[int], shuffle: object
) -> None:
    reordered = sorted(rows, key=lambda one: order[one[0]] * 100 + order[one[1]])
    labels = find_clusters(RECORDS, made(rows), held)
    turned = dict(sorted(held.items(), key=lambda item: order[item[0]]))
    assert find_clusters(RECORDS, made(reordered), turned).tolist() == labels.tolist()


@given(rows)
def test_a_cluster_is_called_by_its_lowest_record_and_holds_together_by_links(
    rows: list[Row],
) -> None:
    labels = find_clusters(RECORDS, made(rows), {})
    for label in set(labels.tolist()):
        members = set(np.flatnonzero(labels == label).tolist())
        assert min(members) == label
        reached, before = {label}, set[int]()
        while reached != before:
            before = set(reached)
            for left, right, _, linked in rows:
                if linked and {left, right} <= members and reached & {left, right}:
                    reached |= {left, right}
        assert reached == members


def test_a_weak_link_between_two_firms_gives_way() -> None:
    rows = [row(0, 1, 9000), row(2, 3, 9000), row(1, 2, 4000), row(0, 3, -5000)]
    assert find_clusters(4, made(rows), {}).tolist() == [0, 0, 2, 2]


def test_a_doubt_within_a_firm_that_much_speaks_for_does_not_part_it() -> None:
    rows = [row(0, 1, 9000), row(0, 2, 9000), row(1, 2, -2000)]
    assert find_clusters(3, made(rows), {}).tolist() == [0, 0, 0]


def test_conflicting_identifiers_part_a_chain_at_its_weakest_link() -> None:
    rows = [row(0, 1, 8000), row(1, 2, 5000), row(2, 3, 8000)]
    held = {0: (Held("tax", "x"),), 3: (Held("tax", "y"),)}
    assert find_clusters(4, made(rows), held).tolist() == [0, 0, 2, 2]


def test_an_identifier_that_was_replaced_excludes_nobody() -> None:
    old, new = Held("tax", "x", last=20190101), Held("tax", "y", first=20190102)
    assert not conflicting([old], [new])
    assert conflicting([old], [Held("tax", "y", first=20180101)])
    assert not conflicting([Held("tax", "x")], [Held("tax", "x"), Held("tax", "y")])
    assert not conflicting([Held("tax", "x")], [Held("court", "y")])


@given(
    st.integers(1, 40).flatmap(
        lambda records: st.tuples(
            st.just(records),
            st.lists(st.tuples(*[st.integers(0, records - 1)] * 2), max_size=records),
        )
    )
)
def test_components_are_those_of_a_library_of_graphs(
    drawn: tuple[int, list[tuple[int, int]]],
) -> None:
    records, links = drawn
    left, right = np.array(links, np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(links)), (left, right)), (records, records))
    _, labels = connected_components(graph, directed=False)
    lowest = [int(np.flatnonzero(labels == label)[0]) for label in labels]
    assert find_components(records, left, right).tolist() == lowest
