"""What cannot be defended does not load, and the message names the rows, a point and a remedy."""

from typing import Any

import pytest
import yaml

from tests.risk.policy.policies import EXAMPLE
from tradeline.kernel.findings import InputProblem
from tradeline.risk.policy.reading import policy_of, read_policy_file

Content = dict[str, Any]
HEAD: Content = {
    "policy": "p",
    "version": "1",
    "valid_from": yaml.safe_load("2026-01-01"),
    "inputs": {
        "pd": {"type": "number", "unit": "share", "range": "[0, 1]"},
        "days": {"type": "integer", "unit": "days", "range": ">= 0", "missing": "case"},
        "sector": {"type": "category", "levels": ["trade", "transport", "building"]},
        "region": {"type": "text"},
    },
    "outputs": {
        "band": {"type": "category", "levels": ["A", "B"]},
        "reason": {"type": "category", "levels": ["X"]},
    },
}


def table(hit: str, *rows: Content, **further: Any) -> Content:
    named = [{"id": f"R{n}", "why": "so"} | row for n, row in enumerate(rows, start=1)]
    return {"table": "t", "hit": hit, "rows": named} | further


def row(outcome: str, **when: str) -> Content:
    return {"when": when, "then": {"outcome": outcome}}


# A table that names what `days` may lack and leaves no gap, so that only the other one is judged.
SOUND = {
    "table": "sound",
    "hit": "UNIQUE",
    "rows": [
        {"id": "S1", "when": {"days": "missing"}, "then": {"band": "A"}, "why": "so"},
        {"id": "S2", "when": {"days": "known"}, "then": {"band": "B", "reason": "X"}, "why": "so"},
    ],
}


def findings_of(*tables: Content) -> list[str]:
    content = HEAD | {"tables": [SOUND, *tables]}
    with pytest.raises(InputProblem) as refusal:
        policy_of(content, "p.yaml")
    return [f"{finding.message} {finding.remedy}" for finding in refusal.value.findings
            if finding.severity == "error"]  # fmt: skip


NARROW = "Narrow one of them, or choose another hit policy."
ADD = "Add a row, or say with `otherwise` what no hit means."
LIMIT = "Test at least one value in the row by levels or by a range with two ends."
TAKE_OUT = "Mend the cell, or take the row out."
LATER = "Put it before them, narrow them, or take it out."

WRONG = [
    (
        "a gap between two stretches",
        table("UNIQUE", row("refer", pd="< 0.05"), row("decline", pd=">= 0.08")),
        [f"table t: no row takes pd in [0.05, 0.08), such as pd = 0.05. {ADD}"],
    ),
    (
        "a gap at a point",
        table("UNIQUE", row("refer", pd="< 0.05"), row("decline", pd="> 0.05")),
        [f"table t: no row takes pd = 0.05. {ADD}"],
    ),
    (
        "a gap where two columns meet",
        table("UNIQUE", row("refer", pd="< 0.5"),
              row("decline", pd=">= 0.5", sector="in trade, transport")),
        [f"table t: no row takes pd in [0.5, 1] with sector = building, such as pd = 0.5, "
         f"sector = building. {ADD}"],
    ),
    (
        "a gap where a value is missing",
        table("UNIQUE", row("refer", days="<= 30"), row("decline", days="> 30")),
        [f"table t: no row takes days missing. {ADD}"],
    ),
    (
        "a gap in texts",
        table("UNIQUE", row("refer", region="= north")),
        [f"table t: no row takes region = any other text. {ADD}"],
    ),
    (
        "an overlap",
        table("UNIQUE", row("refer", pd="<= 0.1"), row("decline", pd=">= 0.1")),
        [f"table t: rows R1 and R2 both take pd = 0.1, which UNIQUE forbids. {NARROW}"],
    ),
    (
        "an overlap in two columns",
        table("UNIQUE", row("refer", pd="<= 0.2", sector="= trade"),
              row("decline", pd=">= 0.1"), otherwise="refuse"),
        ["table t: rows R1 and R2 both take pd in [0.1, 0.2] with sector = trade, such as pd = "
         f"0.1, sector = trade, which UNIQUE forbids. {NARROW}"],
    ),
    (
        "rows that contradict each other",
        table("ANY", row("refer", pd="<= 0.2"), row("refer", pd="[0.1, 0.3]"),
              row("decline", pd="> 0.2")),
        ["table t: rows R2 and R3 both take pd in (0.2, 0.3], such as pd = 0.25, and give "
         f"different outputs, which ANY forbids. {NARROW}"],
    ),
    (
        "rows of equal priority that differ",
        table("PRIORITY",
              {"when": {"pd": "<= 0.2"}, "then": {"outcome": "refer", "reason": "X"}},
              row("refer", pd=">= 0.1")),
        ["table t: rows R1 and R2 both take pd in [0.1, 0.2], such as pd = 0.1, and give different "
         f"outputs, which PRIORITY forbids. {NARROW}"],
    ),
    (
        "a row that is empty",
        table("UNIQUE", row("refer", pd="<= 1"), row("decline", pd="> 1")),
        [f"table t: row R2 can never fire: nothing that pd may be is taken. {TAKE_OUT}"],
    ),
    (
        "a row behind others",
        table("FIRST", row("refer", pd="< 0.5"), row("refer", pd=">= 0.2"),
              row("decline", pd="[0.3, 0.6]")),
        [f"table t: row R3 can never fire: other rows come first wherever it would. {LATER}"],
    ),
    (
        "a row that a higher priority always outdoes",
        table("PRIORITY", row("refer", pd="< 0.3"), row("decline")),
        [f"table t: row R1 can never fire: other rows come first wherever it would. {LATER}"],
    ),
    (
        "a catch-all that approves",
        table("FIRST", row("decline", pd="> 0.1"), row("approve")),
        [f"table t: row R2 approves without a limit: no cell of it holds a value within bounds. "
         f"{LIMIT}"],
    ),
    (
        "a catch-all in other words",
        table("FIRST", row("decline", pd="> 0.1"), row("approve", pd="[0, 1]", days="missing or "
                                                                                 "known")),
        [f"table t: row R2 approves without a limit: no cell of it holds a value within bounds. "
         f"{LIMIT}"],
    ),
    (
        "an approval of what is missing",
        table("FIRST", row("approve", days="missing"), row("decline")),
        [f"table t: row R1 approves without a limit: no cell of it holds a value within bounds. "
         f"{LIMIT}"],
    ),
    (
        "an approval of a remainder without end",
        table("FIRST", row("approve", days="> 30", region="not = north"), row("decline")),
        [f"table t: row R1 approves without a limit: no cell of it holds a value within bounds. "
         f"{LIMIT}"],
    ),
    (
        "a state that never arises",
        table("FIRST", row("refer", pd="missing or > 0.5"), row("decline")),
        ["table t: row R1, column pd: no table sees it missing. Write `missing: case` for the "
         "input, or take the word out."],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("tables", "messages"), [case[1:] for case in WRONG],
                         ids=[case[0] for case in WRONG])  # fmt: skip
def test_a_table_that_cannot_be_defended_does_not_load(
    tables: Content, messages: list[str]
) -> None:
    assert findings_of(tables) == messages


def test_everything_that_is_wrong_is_told_together() -> None:
    found = findings_of(
        table("UNIQUE", row("refer", pd="< 0.1"), row("approve", pd="<= 0.1", days="known")),
    )
    assert [message.split(":")[1].split()[0] for message in found] == ["rows", "no", "no"]


def test_many_gaps_are_told_in_part_and_counted() -> None:
    apart = [row("refer", days=f"= {n}", pd=f"< 0.{n:02}") for n in range(1, 31)]
    found = findings_of(table("UNIQUE", *apart))
    assert len(found) == 21
    assert found[1] == (
        f"table t: no row takes days = 1 with pd in [0.01, 1], such as days = 1, pd = 0.01. {ADD}"
    )
    assert found[-1] == "table t: and 11 more gaps. Mend those that are listed first."


def test_a_case_that_no_row_names_is_told() -> None:
    tables = [{**SOUND, "rows": [{**SOUND["rows"][0], "when": {"days": "any"}, "then":  # type: ignore[dict-item]
                                  {"band": "A", "reason": "X"}}]}]  # fmt: skip
    with pytest.raises(InputProblem) as refusal:
        policy_of(HEAD | {"tables": tables}, "p.yaml")
    assert (
        "error: p.yaml: input days: `missing: case`, but no row tests `missing`. Name it in a row, "
        "or write `missing: refuse`, `refer` or `decline`."
    ) in str(refusal.value).splitlines()


def test_a_table_too_large_to_be_proven_says_so() -> None:
    inputs = {f"x{n}": {"type": "number", "unit": "1", "range": "[0, 1]"} for n in range(12)}
    rows = [row("refer", **{f"x{n}": f"[0.{(n * k) % 89 + 10}, 1]" for n in range(12)})
            for k in range(1, 90)]  # fmt: skip
    with pytest.raises(InputProblem) as refusal:
        policy_of(HEAD | {"inputs": inputs, "outputs": {}, "tables": [table("ANY", *rows)]}, "p")
    assert (
        "error: p: table t: it is too large to be proven: too many rows take too many parts of the "
        "values alike. Split it into two tables, such as a band first and what follows from it "
        "second."
    ) in str(refusal.value).splitlines()


def test_slips_are_warnings() -> None:
    policy = policy_of(HEAD | {"tables": [SOUND]}, "p.yaml")
    assert [finding.line() for finding in policy.findings] == [
        *(
            f"warning: p.yaml: input {name}: no table tests it, but without it nothing is decided. "
            "Take it out, or test it."
            for name in ("pd", "sector", "region")
        ),
        "warning: p.yaml: None of 2 rows approves, so nothing is approved. Add a row that says "
        "`outcome: approve`.",
    ]


def test_the_example_has_no_finding() -> None:
    assert read_policy_file(EXAMPLE).findings == ()
