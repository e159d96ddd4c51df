"""Mappings of links: read back as written, columns paired where nothing is stated."""

from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from tradeline.creditfile.linkage.tables.competition import Once
from tradeline.creditfile.linkage.tables.fields import KINDS
from tradeline.creditfile.linkage.tables.files import DataTable
from tradeline.creditfile.linkage.tables.mapping import (
    FieldChoice,
    LinkMapping,
    Side,
    parse_link_mapping,
    write_link_mapping,
)
from tradeline.creditfile.linkage.tables.recognition import recognise

names = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8)
columns = st.lists(names, min_size=1, max_size=3).map(tuple)
sides = st.builds(Side, st.none() | names, st.none() | st.just("gb18030"))
fields = st.lists(
    st.builds(FieldChoice, names, columns, columns, st.none() | st.sampled_from(KINDS)),
    max_size=4,
    unique_by=lambda choice: choice.name,
)
mappings = st.builds(
    LinkMapping,
    sides,
    sides,
    fields.map(tuple),
    st.none() | st.builds(Once, st.booleans(), st.booleans()),
    st.none() | st.floats(0.01, 1),
)


@given(mappings)
def test_a_written_mapping_is_read_back_as_it_was(mapping: LinkMapping) -> None:
    assert parse_link_mapping(yaml.safe_load(write_link_mapping(mapping)), "m") == mapping


def test_fields_can_be_a_list() -> None:
    read = parse_link_mapping({"fields": ["name", "city"]}, "m")
    assert [choice.left for choice in read.fields] == [("name",), ("city",)]


def table(file: str, /, **columns: tuple[str, ...]) -> DataTable:
    rows = len(next(iter(columns.values())))
    return DataTable(file, columns, tuple(range(1, rows + 1)), None)


GIVEN = ("Anna", "Peter", "Maria", "Omar", "Lucia", "David") * 3
FAMILY = tuple(f"{first}{last}" for first in ("Ko", "Ra", "Mi") for last in
               ("wal", "dor", "nev", "tas", "bel", "gun"))  # fmt: skip
TOWNS = ("Bern", "Basel", "Genf") * 6


def test_columns_are_paired_by_name_else_by_what_they_hold() -> None:
    full = tuple(f"{family}, {given}" for given, family in zip(GIVEN, FAMILY, strict=True))
    left = table("a", forename=GIVEN, surname=FAMILY, Town=TOWNS)
    right = table("b", town=TOWNS, contact=full)
    found = recognise(left, right, LinkMapping()).mapping.fields
    assert [(choice.left, choice.right) for choice in found] == [
        (("Town",), ("town",)),
        (("forename", "surname"), ("contact",)),
    ]


def test_what_never_changes_is_not_compared() -> None:
    one = table("a", name=FAMILY, country=("CH",) * 18)
    found = recognise(one, one, LinkMapping()).mapping.fields
    assert [choice.name for choice in found] == ["name"]


def test_an_assumed_mapping_can_be_written_and_used_again(tmp_path: Path) -> None:
    one = table("a", name=FAMILY, town=TOWNS)
    assumed = recognise(one, one, LinkMapping()).mapping
    again = parse_link_mapping(yaml.safe_load(write_link_mapping(assumed)), "m")
    assert recognise(one, one, again).mapping == assumed
