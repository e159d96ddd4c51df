"""Mappings are read whole, written back equal, and their mistakes are listed together."""

from pathlib import Path

import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.lake.mapping import parse_mapping, read_mapping, write_mapping

EXAMPLE = Path(__file__).parents[2] / "examples" / "sme_invoices" / "tradeline.yaml"
ENTERPRISES = {
    "file": "a.csv",
    "contract": "enterprises",
    "columns": {"enterprise": "id", "name": "name"},
}


def refusal_of(content: object) -> str:
    with pytest.raises(InputProblem) as refusal:
        parse_mapping(content, "tradeline.yaml")
    return str(refusal.value)


def test_the_example_reads_and_writes_back_equal(tmp_path: Path) -> None:
    mapping = read_mapping(EXAMPLE)
    (tmp_path / "again.yaml").write_text(write_mapping(mapping), encoding="utf-8")
    assert read_mapping(tmp_path / "again.yaml") == mapping
    assert [source.contract for source in mapping.sources].count("sales_invoices") == 2


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
