"""Mappings are read whole, written back equal, and their mistakes are listed together."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from tests.lake.shops import LINES, ORDERS, PAYMENTS
from tradeline.kernel.findings import InputProblem
from tradeline.lake.mapping import Lookup, Source, parse_mapping, read_mapping, write_mapping
from tradeline.lake.mapping_checks import SOURCE_KEYS
from tradeline.lake.record_checks import LOOKUP_KEYS

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/tradeline.yaml"))
ENTERPRISES = {
    "file": "a.csv",
    "contract": "enterprises",
    "columns": {"enterprise": "id", "name": "name"},
}


def refusal_of(content: object) -> str:
    with pytest.raises(InputProblem) as refusal:
        parse_mapping(content, "tradeline.yaml")
    return str(refusal.value)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.parent.name)
def test_an_example_reads_and_writes_back_equal(tmp_path: Path, example: Path) -> None:
    mapping = read_mapping(example)
    (tmp_path / "again.yaml").write_text(write_mapping(mapping), encoding="utf-8")
    assert read_mapping(tmp_path / "again.yaml") == mapping
    assert len(mapping.sources) > 2


def test_the_examples_show_every_key_but_those_of_csv() -> None:
    text = "".join(path.read_text("utf-8") for path in EXAMPLES)
    shown = {key for key in SOURCE_KEYS | LOOKUP_KEYS if re.search(rf"\b{key}:", text)}
    assert shown | {"encoding", "thousands", "decimal"} == SOURCE_KEYS | LOOKUP_KEYS


def test_every_key_of_a_source_is_known() -> None:
    assert {field.name for field in fields(Source)} == SOURCE_KEYS
    assert {field.name for field in fields(Lookup)} == LOOKUP_KEYS


def test_unquoted_yaml_values_stay_what_they_say() -> None:
    constants = {"country": "CN", "industry": True}
    mapping = parse_mapping({"sources": [ENTERPRISES | {"constants": constants}]}, "m")
    assert mapping.sources[0].constants == {"country": "CN", "industry": "true"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"contract": "invoices"}, "source 1: contract 'invoices' is none of enterprises,"),
        ({"columnes": {}}, "source 1: unknown key 'columnes'; known are amounts,"),
        ({"file": None}, "source 1 names no `file`."),
        ({"columns": {"enterprise": "id"}}, "enterprises needs 'name' (the firm's name)."),
        ({"constants": {"colour": "red"}}, "enterprises has no field 'colour'; it has country,"),
        ({"constants": {"name": "x"}}, "source 1: 'name' is given twice."),
        ({"recorded_at": "yesterday"}, "`recorded_at` may only be occurred_at"),
        ({"columns": "id"}, "source 1: `columns` must be a table of keys."),
        ({"columns": {"enterprise": None, "name": "n"}}, "`columns` must give one text for each"),
        ({"values": {"name": ["x"]}}, "source 1: `values: name` must be a table of keys."),
        ({"values": {"name": {"x": None}}}, "`values: name` must give one text for each key."),
        ({"unpivot": True}, "source 1: `unpivot` must be a table of field, value and columns."),
        ({"file": "../a.csv"}, "source 1: the file '../a.csv' does not lie in the folder."),
        ({"file": "/a.csv"}, "source 1: the file '/a.csv' does not lie in the folder."),
        ({"encoding": "klingon"}, "`encoding` is 'klingon', which is none; write utf-8, gb18030"),
        ({"encoding": "rot13"}, "`encoding` is 'rot13', which is none"),
        ({"dates": "YYYY-MM-DD"}, "`dates` is 'YYYY-MM-DD', which is no date format; write it"),
        ({"dates": "%Y-%Q"}, "`dates` is '%Y-%Q', which is no date format"),
        ({"dates": "%d.%m."}, "`dates` is '%d.%m.', which is no date format"),
        ({"thousands": 5}, "`thousands` is 5; it must be one sign in quotation marks."),
        ({"decimal": ""}, "`decimal` is ''; it must be one sign in quotation marks."),
        ({"decimal": ","}, "`thousands` and `decimal` are both ','; state two different signs."),
    ],
)
def test_a_mistake_is_named(change: dict[str, object], message: str) -> None:
    assert message in refusal_of({"sources": [ENTERPRISES | change]})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"only": ["a"]}, "source 1: `only` must be a table of keys."),
        ({"only": {"sku": "a"}}, "source 1: `only: sku` must be a list such as [a, b]."),
        ({"only": {"sku": []}}, "source 1: `only: sku` must be a list such as [a, b]."),
        ({"only": {"sku": [None]}}, "source 1: `only: sku` must be a list such as [a, b]."),
        ({"numbered": {"line_no": "order"}}, "`numbered: line_no` must be a list such as [a, b]."),
        (
            {"numbered": {"quantity": ["order"]}},
            "`numbered` gives text, but 'quantity' is a number",
        ),
        ({"amounts": "price"}, "source 1: `amounts` must be a table of keys."),
        ({"amounts": {"gross": "price"}}, "`amounts: gross` must be `add` with a list of columns"),
        ({"amounts": {"gross": {"add": []}}}, "`amounts: gross` must be `add` with a list"),
        ({"amounts": {"gross": {"add": "price"}}}, "`amounts: gross` must be `add` with a list"),
        ({"amounts": {"gross": {"divide": ["a", "b"]}}}, "or `multiply` with two, such as"),
        ({"amounts": {"gross": {"multiply": ["a"]}}}, "`amounts: gross` must be `add` with a list"),
        ({"amounts": {"gross": {"multiply": ["a", "b", "c"]}}}, "or `multiply` with two, such as"),
        (
            {"amounts": {"gross": {"add": ["a"], "multiply": ["a", "b"]}}},
            "`amounts: gross` must be",
        ),
        (
            {"amounts": {"product": {"add": ["a"]}}},
            "`amounts` gives money, but 'product' is a text",
        ),
        ({"amounts": {}}, "order_lines needs 'gross' (value of the line)."),
        ({"amounts": {"worth": {"add": ["a"]}}}, "order_lines has no field 'worth'; it has"),
        ({"constants": {"gross": "1"}}, "source 1: 'gross' is given twice."),
        ({"constants": {"line_no": "1"}}, "source 1: 'line_no' is given twice."),
        ({"group": "order"}, "`group` must be a list of columns; [] makes one record of the file."),
        ({"group": [["order"]]}, "`group` must be a list of columns"),
        ({"time_zone": "BST"}, "`time_zone` is 'BST', which is none; write it like Asia/Shanghai."),
        ({"time_zone": "europe/london"}, "`time_zone` is 'europe/london', which is none"),
        ({"time_zone": ["UTC"]}, "`time_zone` is ['UTC'], which is none"),
    ],
)
def test_a_mistake_in_how_records_are_made_is_named(
    change: dict[str, object], message: str
) -> None:
    assert message in refusal_of({"sources": [LINES | change]})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"file": None}, "source 1: `lookup` names no `file`."),
        (
            {"file": "../x.csv"},
            "source 1: `lookup`: the file '../x.csv' does not lie in the folder.",
        ),
        (
            {"match": {}},
            "`lookup: match` must give each column the one of the other file it equals.",
        ),
        ({"match": ["order"]}, "`lookup: match` must give each column the one of the other file"),
        ({"match": {"order": None}}, "`lookup: match` must give each column the one of the other"),
        ({"columns": ["seller"]}, "source 1: `lookup: columns` must give one text for each key."),
        ({"columns": {"shop": "seller"}}, "payments has no field 'shop'; it has"),
        ({"columns": {"enterprise": "seller"}}, "payments needs 'occurred_at'"),
        ({"columns": {"order_no": "order"}}, "source 1: 'order_no' is given twice."),
        ({"columns": {}, "split": {}}, "source 1: `lookup` gives nothing; state its `columns`."),
        ({"only": {"sku": "a"}}, "source 1: `lookup: only: sku` must be a list such as [a, b]."),
        ({"each": 5}, "source 1: `lookup: each` must be a column of the other file."),
        ({"each": None}, "`lookup: split` needs `each`, the column among whose values it parts."),
        ({"optional": "no"}, "source 1: `lookup: optional` must be true or false."),
        ({"on": "order"}, "unknown key `lookup: on`; known are columns, each, file, match, only,"),
        ({"split": ["amount"]}, "source 1: `lookup: split` must be a table of keys."),
        ({"split": {"amount": "price"}}, "`lookup: split: amount` must be `add` with a list"),
        ({"split": {"gross": {"add": ["price"]}}}, "`lookup: split` parts 'gross'; give it under"),
        ({"split": {"order_no": {"add": ["price"]}}}, "gives money, but 'order_no' is a text"),
    ],
)
def test_a_mistake_in_a_lookup_is_named(change: dict[str, object], message: str) -> None:
    lookup = {key: value for key, value in (PAYMENTS["lookup"] | change).items() if value}
    assert message in refusal_of({"sources": [PAYMENTS | {"lookup": lookup}]})


def test_a_lookup_that_is_no_table_and_an_unpivot_beside_a_group_are_refused() -> None:
    unpivot = {"field": "status", "value": "gross", "columns": {"placed": "price"}}
    answer = refusal_of(
        {"sources": [PAYMENTS | {"lookup": "x.csv"}, ORDERS | {"unpivot": unpivot}]}
    )
    assert "source 1: `lookup` must be a table of file, match and columns." in answer
    assert "source 2: `unpivot` cannot stand beside `group` or `lookup`." in answer


def test_all_mistakes_are_listed_together() -> None:
    answer = refusal_of({"currency": "yuan", "sources": ["x", {"contract": "orders"}]})
    assert len(answer.splitlines()) > 3
    assert "`currency` is 'yuan'; it must be an ISO 4217 code such as CNY." in answer


def test_a_mapping_without_sources_is_refused() -> None:
    assert "The mapping needs a list `sources`." in refusal_of([])
    assert "`sources` is empty, so no file would be read." in refusal_of({"sources": []})


@pytest.mark.parametrize("code", ["ABC", "cny", "CNY ", "", None, 5])
def test_a_currency_that_is_none_is_refused(code: object) -> None:
    assert "it must be an ISO 4217 code such as CNY." in refusal_of(
        {"currency": code, "sources": [ENTERPRISES]}
    )


def test_a_mapping_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("a: [", encoding="utf-8")
    with pytest.raises(InputProblem, match="The mapping file is not YAML: line 1, column 5"):
        read_mapping(tmp_path / "m.yaml")


def test_a_missing_mapping_says_what_proposes_one(tmp_path: Path) -> None:
    with pytest.raises(InputProblem, match="`tradeline inspect FOLDER` proposes one"):
        read_mapping(tmp_path / "m.yaml")
