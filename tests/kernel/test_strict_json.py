"""JSON of the standard: what is no number is null, an infinity its name, all else as it was."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tradeline.kernel.strict_json import strict_json

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def read(text: str) -> Any:
    """As a strict reader does, which knows none of Python's three words."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    return json.loads(text, parse_constant=refuse)


@settings(max_examples=40)
@given(JSON_VALUES)
def test_whatever_is_written_a_strict_reader_reads(value: object) -> None:
    read(strict_json(value))


@settings(max_examples=40)
@given(
    st.dictionaries(
        st.text(), st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.text())
    )
)
def test_finite_values_come_back_as_they_were(value: object) -> None:
    assert read(strict_json(value)) == value


class Kind(StrEnum):
    ONE = "one"


def test_what_json_has_no_word_for_is_told() -> None:
    moment = datetime(2026, 6, 30, 12, tzinfo=UTC)
    value = {
        "nothing": float("nan"),
        "ends": (float("inf"), -float("inf")),
        "at": moment,
        "kind": Kind.ONE,
        3: MappingProxyType({"a": None}),
    }
    assert read(strict_json(value)) == {
        "nothing": None, "ends": ["Infinity", "-Infinity"], "at": "2026-06-30 12:00:00+00:00",
        "kind": "one", "3": {"a": None},
    }  # fmt: skip
