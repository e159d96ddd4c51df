"""Two valid numbers of one register are two enterprises, unless one is told to have changed."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from benchmarks.link_tables import made_task, truth_of
from tradeline.creditfile.linkage.tables.files import DataTable
from tradeline.creditfile.linkage.tables.job import Linked, link_tables
from tradeline.creditfile.linkage.tables.mapping import FieldChoice, LinkMapping
from tradeline.creditfile.linkage.tables.numbers import NO_NUMBER, Numbers, numbers_of
from tradeline.creditfile.linkage.tables.outputs import relations_of, write_links, write_review
from tradeline.creditfile.linkage.tables.vectors import Places

TASK = made_task("companies", 51, 150)


FIELDS = (
    FieldChoice("name", ("company_name",), ("name",)),
    FieldChoice("address", ("address",), ("street", "city")),
)


def number(place: int) -> str:
    body = f"91330100MA{place * 7919 % 10_000_000:07d}"
    return body + uscc.calc_check_digit(body)


def numbered(table: DataTable, **columns: Sequence[str]) -> DataTable:
    return replace(table, columns={**table.columns, **{n: tuple(v) for n, v in columns.items()}})


def tables(offset: int) -> tuple[DataTable, DataTable]:
    """Both tables with a number for each record; every third of the same firms has another one."""
    true = {b: a for a, b in pairs_of_truth()}
    right = [
        number(true[place] if place in true and place % 3 else 5000 + offset + place)
        for place in range(TASK.right.rows)
    ]
    left = numbered(TASK.left, uscc=[number(place) for place in range(TASK.left.rows)])
    return left, numbered(TASK.right, uscc=right)


def pairs_of_truth() -> list[tuple[int, int]]:
    return [
        (a, b)
        for a, one in enumerate(TASK.left.ids)
        for b, other in enumerate(TASK.right.ids)
        if TASK.is_same(one, other)
    ]


def compared_without_numbers(left: DataTable, right: DataTable) -> Linked:
    return link_tables(left, right, LinkMapping(fields=FIELDS), lambda _: None)


def places(pairs: Places) -> set[tuple[int, int]]:
    return set(map(tuple, pairs.T.tolist()))


def test_records_with_two_different_numbers_are_not_linked_and_come_first_in_the_review(
    tmp_path: Path,
) -> None:
    left, right = tables(0)
    plain, found = (
        compared_without_numbers(TASK.left, TASK.right),
        compared_without_numbers(left, right),
    )
    other = {(a, b) for a, b in pairs_of_truth() if b % 3 == 0}
    assert len(places(plain.pairs) & other) > 15
    assert not places(found.pairs) & other
    likely = places(plain.pairs) & other
    assert len(places(found.judged.at_odds) & likely) > 0.9 * len(likely)
    (told,) = [one for one in found.findings if one.code == "numbers-at-odds"]
    assert told.line() == (
        f"warning: tables: {told.rows} pairs are alike in what is compared, but with two "
        "different valid numbers of one register, so not linked. Look at them with `--review`. If "
        "a number was replaced, give the former one in a column of its own."
    )
    assert write_review(found, tmp_path / "review.csv") >= told.rows
    with (tmp_path / "review.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    odd = {(str(left.ids[a]), str(right.ids[b])) for a, b in places(found.judged.at_odds)}
    assert {(row["left"], row["right"]) for row in rows[: told.rows]} == odd
    every = write_links(found, tmp_path / "all.parquet", everything=True)
    assert every >= found.pairs.shape[1] + told.rows
    relations = relations_of(found, found.judged.at_odds, np.zeros(told.rows))
    assert "same" not in relations


def test_a_number_that_was_replaced_does_no_harm_where_the_former_one_is_told() -> None:
    left, right = tables(0)
    true = {b: a for a, b in pairs_of_truth()}
    former = [number(true[b]) if b in true else "" for b in range(right.rows)]
    found = compared_without_numbers(left, numbered(right, former=former))
    plain = compared_without_numbers(TASK.left, TASK.right)
    assert places(found.pairs) >= places(plain.pairs) & set(pairs_of_truth())
    assert not [one for one in found.findings if one.code == "numbers-at-odds"]


def test_numbers_that_tell_the_same_firms_apart_take_nothing_from_what_is_right() -> None:
    true = {b: a for a, b in pairs_of_truth()}
    left = numbered(TASK.left, uscc=[number(place) for place in range(TASK.left.rows)])
    right = numbered(
        TASK.right, uscc=[number(true.get(b, 5000 + b)) for b in range(TASK.right.rows)]
    )
    found = compared_without_numbers(left, right)
    plain = compared_without_numbers(TASK.left, TASK.right)
    correct = truth_of(TASK, found.pairs.T.tolist())
    assert correct.all()
    assert correct.sum() >= truth_of(TASK, plain.pairs.T.tolist()).sum()


def test_of_one_table_no_chain_links_records_whose_numbers_differ() -> None:
    rows = 60
    names = [TASK.left.columns["company_name"][place] for place in range(rows)]
    addresses = TASK.left.columns["address"][:rows]
    columns = {"name": (*names, *names, *names),
               "address": (*addresses, *addresses, *addresses),
               "uscc": (*map(number, range(rows)), *[""] * rows,
                        *map(number, range(900, 900 + rows)))}  # fmt: skip
    table = DataTable("thrice", columns, tuple(range(3 * rows)), None)
    fields = tuple(FieldChoice(name, (name,), (name,)) for name in ("name", "address"))
    mapping = LinkMapping(fields=fields)
    found = link_tables(table, table, mapping, lambda _: None)
    assert found.pairs.shape[1] > 0
    assert not {(a, b) for a, b in places(found.pairs) if a < rows and b >= 2 * rows}


def table_of(**columns: Sequence[str]) -> DataTable:
    made = {name: tuple(values) for name, values in columns.items()}
    return DataTable("made", made, tuple(range(len(next(iter(made.values()))))), None)


def luhn(body: str) -> str:
    return next(body + d for d in "0123456789" if _sums(body + d) % 10 == 0)


def _sums(digits: str) -> int:
    return sum(
        sum(divmod(int(sign) * (1 + place % 2), 10)) for place, sign in enumerate(digits[::-1])
    )


def test_two_establishments_of_one_enterprise_are_not_at_odds_and_of_two_they_are() -> None:
    sirens = [luhn(f"{55200844 + place}") for place in range(20)]
    ours = table_of(siret=[luhn(f"{siren}0001") for siren in sirens])
    theirs = table_of(siret=[luhn(f"{siren}0002") for siren in sirens])
    numbers = numbers_of(ours, theirs)
    assert numbers.at_odds(np.array([[0, 0, 1], [0, 1, 1]])).tolist() == [False, True, False]


def test_slips_and_numbers_of_nobody_say_nothing() -> None:
    good = [number(place) for place in range(30)]
    slipped = [number(place) for place in range(100, 130)]
    slipped[0] = slipped[0][:5] + "9" + slipped[0][6:]
    slipped[1] = ""
    numbers = numbers_of(table_of(no=good), table_of(no=slipped))
    assert numbers.at_odds(np.array([[0, 1, 2], [0, 1, 2]])).tolist() == [False, False, True]
    text = table_of(no=[f"item {place}" for place in range(30)])
    assert numbers_of(table_of(no=good), text).kinds == {}


codes = st.lists(
    st.lists(st.integers(NO_NUMBER, 3), min_size=4, max_size=4), min_size=1, max_size=2
)


@given(kinds=st.lists(st.tuples(codes, codes), max_size=3))
def test_at_odds_is_what_sets_of_numbers_say(kinds: list[tuple[list[list[int]], ...]]) -> None:
    told = {
        str(place): tuple(tuple(np.array(column) for column in side) for side in sides)
        for place, sides in enumerate(kinds)
    }
    pairs = np.array([[a, b] for a in range(4) for b in range(4)]).T
    found = Numbers(told).at_odds(pairs)  # type: ignore[arg-type]
    for (a, b), odd in zip(pairs.T.tolist(), found.tolist(), strict=True):
        sets = [
            tuple({column[at] for column in side} - {NO_NUMBER}
                  for side, at in zip(sides, (a, b), strict=True))
            for sides in kinds
        ]  # fmt: skip
        shares = any(ours & theirs for ours, theirs in sets)
        differs = any(ours and theirs and not ours & theirs for ours, theirs in sets)
        assert odd == (differs and not shares)
