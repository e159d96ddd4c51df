"""The reference of policy tables is true: its cells, its hit policies, its lists are complete."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from tradeline.risk.policy import checks
from tradeline.risk.policy.axes import input_axis
from tradeline.risk.policy.cells import Kind, parse_cell
from tradeline.risk.policy.declaration import Hit, Input, Treatment
from tradeline.risk.policy.life import NEXT, State
from tradeline.risk.policy.reading import INPUT, TOP, policy_of

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "policy-tables.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
WHOLE: dict[str, Any] = yaml.safe_load(next(text for kind, text in BLOCKS if kind == "yaml"))
CELLS = re.findall(
    r"^\| `([^`]+)` \| ([^|]*) \| ([^|]*) \|$",
    TEXT.split("\n## Cells")[1].split("\n## ")[0],
    re.MULTILINE,
)
PAIRS = [
    (table, shown)
    for (kind, table), (after, shown) in pairwise(BLOCKS)
    if (kind, after) == ("yaml", "text")
]


def first_words(heading: str) -> set[str]:
    """The words in backticks that begin the rows of a section's tables."""
    section = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]+?) \|", section, re.MULTILINE)
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


@pytest.mark.parametrize(("text", "taken", "left"), CELLS)
def test_a_cell_takes_what_the_page_says(text: str, taken: str, left: str) -> None:
    read = Input("x", Kind.NUMBER, missing=Treatment.CASE, stale=Treatment.CASE, max_age_days=1)
    cell = parse_cell(text, Kind.NUMBER)
    axis = input_axis(read, [cell])
    states = {"missing": axis.missing, "stale": axis.stale}
    for words, expected in ((taken, True), (left, False)):
        for word in words.split(", "):
            if word == "nothing":
                assert axis.accepted(cell) == axis.everything
            elif word in states:
                assert bool(axis.accepted(cell) >> states[word] & 1) is expected, word
            else:
                assert cell.takes(float(word)) is expected, word


def plain(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize(("table", "shown"), PAIRS)
def test_a_hit_policy_gives_what_the_page_says(table: str, shown: str) -> None:
    tables = yaml.safe_load(table)
    named = {name for row in tables[0]["rows"] for name in row["then"]}
    outputs = {name: item for name, item in WHOLE["outputs"].items() if name in named}
    # A first table names the case of `days`, so that only the one shown is judged.
    states = [{"id": f"S{n}", "when": {"days": state}, "then": {}, "why": "so"}
              for n, state in enumerate(("missing", "known"))]  # fmt: skip
    whole = WHOLE | {"outputs": outputs, "tables": [
        {"table": "states", "hit": "UNIQUE", "rows": states}, *tables]}  # fmt: skip
    policy = policy_of(whole, "page")
    sound = {"pd": 0.05, "days": 0, "sector": "trade", "currency": "CNY"}
    kinds = {read.name: read.kind for read in policy.inputs}
    for line in shown.splitlines():
        said, _, gives = line.partition(" -> ")
        values: dict[str, Any] = dict(sound)
        for word in said.split():
            name, _, text = word.partition("=")
            (test,) = parse_cell(f"= {text}", kinds[name]).tests
            values[name] = test.values[0]
        verdict = policy.evaluate(values, {"pd": 0})
        name, _, value = gives.partition("=")
        found = verdict.outcome.value if name == "outcome" else verdict.outputs[name]
        assert plain(found) == value, line


def test_the_page_shows_cells_and_an_example_of_each_hit_policy() -> None:
    assert len(CELLS) == 15
    shown = {yaml.safe_load(table)[0]["hit"] for table, _ in PAIRS}
    assert shown | {"RULE ORDER"} == set(map(str, Hit))


def test_the_page_names_every_key_finding_and_step() -> None:
    assert first_words("A whole policy") == set(TOP)
    assert first_words("Inputs") == set(INPUT)
    assert first_words("Into force") == set(map(str, State))
    codes = set(re.findall(r'^ +"([a-z]+(?:-[a-z]+)+)",$', Path(checks.__file__).read_text("utf-8"),
                           re.MULTILINE))  # fmt: skip
    assert first_words("What is proven") == codes | {"gap"}


def test_the_page_tells_after_which_step_another_may_follow() -> None:
    section = TEXT.split("\n## Into force\n")[1]
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", section, re.MULTILINE)
    before = {to: {str(state) for state, after in NEXT.items() if state and to in after}
              for to, _ in rows}  # fmt: skip
    for to, said in rows:
        if to == "retired":
            assert before[to] == {str(state) for state in State} - {"retired"}
        elif to != "draft":
            assert before[to] == set(re.findall(r"\w+", said.split(", retired if")[0]))
