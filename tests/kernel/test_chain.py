"""A log of lines grows, and tells what was done to it."""

import pytest

from tradeline.kernel.chain import BEGINNING, chained_line, read_chain
from tradeline.kernel.findings import InputProblem


def log(*contents: dict[str, object]) -> str:
    text, previous = "", BEGINNING
    for number, content in enumerate(contents, start=1):
        text += chained_line(previous, number, content)
        previous = read_chain(text, "log", "")[-1]["hash"]
    return text


THREE = log({"a": 1}, {"a": 2, "名": "x\ny"}, {})


def test_what_is_chained_is_read_back_in_order() -> None:
    found = read_chain(THREE, "log", "")
    assert [(line["number"], line.get("a")) for line in found] == [(1, 1), (2, 2), (3, None)]
    assert found[1]["previous"] == found[0]["hash"]
    assert read_chain("", "log", "") == ()


LINES = THREE.splitlines(keepends=True)
SPOILED = [
    (THREE.replace('"a":2', '"a":3'), "Line 2 was altered: it does not have the hash it states."),
    (THREE.replace('"a":2', '"a": 2'), "Line 2 was altered: it does not have the hash it states."),
    (LINES[0] + LINES[2], "Line 2 does not follow the line before it."),
    (LINES[1], "Line 1 does not follow the line before it."),
    (LINES[0] + LINES[0], "Line 2 does not follow the line before it."),
    (THREE[:-1], "Line 3 is torn: it has no end."),
    (THREE + "\n", "Line 4 is torn: it is no entry."),
    (THREE + "{]\n", "Line 4 is torn: it is no entry."),
    (THREE + "[]\n", "Line 4 is torn: it is no entry."),
    (THREE + "{}\n", "Line 4 was altered: it does not have the hash it states."),
]


@pytest.mark.parametrize(("text", "message"), SPOILED, ids=range(len(SPOILED)))
def test_a_line_that_was_tampered_with_is_named(text: str, message: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        read_chain(text, "life.jsonl", "Bring it back.")
    assert str(refusal.value) == f"error: life.jsonl: {message} Bring it back."
