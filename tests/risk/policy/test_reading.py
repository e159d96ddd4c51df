"""A policy file is read whole; everything that is wrong with it is told together, in place."""

from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from tests.risk.policy.policies import EXAMPLE, random_policy
from tradeline.kernel.findings import InputProblem
from tradeline.risk.policy.cells import Interval
from tradeline.risk.policy.declaration import Exploration
from tradeline.risk.policy.reading import policy_of, read_policy, read_policy_file
from tradeline.risk.policy.writing import declaration_hash, write_policy
from tradeline.risk.selection.exploration import ExplorationTerms

Content = dict[str, Any]
TEXT = """
policy: p
version: "1"
currency: CNY
valid_from: 2026-01-01
inputs:
  pd: {type: number, unit: share, range: "[0, 1]"}
  sector: {type: category, levels: [trade, transport]}
  debt_minor: {type: integer, unit: minor, range: ">= 0", max_age_days: 30}
outputs:
  cap_minor: {type: integer, unit: minor}
  reason: {type: category, levels: [RISK]}
tables:
  - table: t
    hit: UNIQUE
    rows:
      - {id: R1, when: {pd: < 0.1}, then: {outcome: approve, cap_minor: 5_00}, why: low}
      - id: R2
        when: {pd: ">= 0.1"}
        then: {outcome: decline, cap_minor: 0, reason: RISK}
        why: high
"""
PARSED: Content = yaml.safe_load(TEXT)


def content() -> Content:
    return deepcopy(PARSED)


def spoiled(path: str, value: object) -> Content:
    """The policy with one value replaced; a path such as `tables 0 rows 1 id`, `-` takes it out."""
    whole = content()
    part: Any = whole
    *steps, last = path.split()
    for step in steps:
        part = part[int(step)] if isinstance(part, list) else part[step]
    if value == "-":
        del part[last]
    else:
        part[int(last) if isinstance(part, list) else last] = value
    return whole


def messages(whole: object) -> list[str]:
    with pytest.raises(InputProblem) as refusal:
        policy_of(whole, "p.yaml")
    for finding in refusal.value.findings:
        assert finding.where == "p.yaml"
        assert finding.remedy == "See docs/reference/policy-tables.md."
    return [finding.message for finding in refusal.value.findings]


ROW = "tables 0 rows 0"
WRONG: list[tuple[str, object, str]] = [
    ("policy", "-", "The policy needs `policy`."),
    ("policy", 5, "The policy: `policy` must be text."),
    ("version", 1.0, "The policy: `version` must be text."),
    ("valid_from", "-", "`valid_from` must be a date such as 2026-01-01."),
    ("valid_from", "soon", "`valid_from` must be a date such as 2026-01-01."),
    ("valid_to", yaml.safe_load("2026-01-01"), "`valid_to` is 2026-01-01, not after `valid_from`; "
     "it is the first day on which the policy no longer holds."),
    ("currency", "RMB", "`currency` is 'RMB'; it must be an ISO 4217 code such as CNY."),
    ("currency", ["CNY"], "`currency` is ['CNY']; it must be an ISO 4217 code such as CNY."),
    ("colour", "red", "The policy: unknown key 'colour'; known are policy, version, about, "
     "currency, valid_from, valid_to, persons_to_go_live, explore, inputs, outputs, tables."),
    ("persons_to_go_live", 0, "The policy: `persons_to_go_live` is 0; it must be a whole number "
     "from 1 to 9."),
    ("inputs", [], "`inputs` must be a table of names."),
    ("inputs outcome", {"type": "text"}, "`inputs`: the name `outcome` has a meaning of its own; "
     "take another."),
    ("inputs currency", {"type": "text"}, "`inputs`: the name `currency` has a meaning of its "
     "own; take another."),
    ("inputs PD", {"type": "text"}, "`inputs`: 'PD' is no name; write small letters, digits and "
     "_, such as `overdue_days`."),
    ("inputs pd", "number", "input pd must be a table of keys: type, unit, meaning, range, levels, "
     "missing, stale, max_age_days."),
    ("inputs pd type", "float", "input pd: `type` is 'float'; write one of number, integer, "
     "boolean, category, text, date."),
    ("inputs pd type", "-", "input pd: `type` is not stated; write one of number, integer, "
     "boolean, category, text, date."),
    ("inputs pd unit", "-", "input pd needs `unit`."),
    ("inputs pd range", [0, 1], 'input pd: `range` must be text such as "[0, 1]" or ">= 0".'),
    ("inputs pd range", "= 1", "input pd: `range`: `= 1` is no range."),
    ("inputs pd levels", ["a"], "input pd: a value of type number has no `levels`."),
    ("inputs pd missing", "approve", "input pd: `missing` is 'approve'; write one of refuse, "
     "refer, decline, case."),
    ("inputs pd stale", "refer", "input pd: `stale` means nothing without `max_age_days`."),
    ("inputs pd max_age_days", -1, "input pd: `max_age_days` is -1; it must be a whole number from "
     "0 to 36,500."),
    ("inputs pd max_age_days", True, "input pd: `max_age_days` is True; it must be a whole number "
     "from 0 to 36,500."),
    ("inputs sector range", "[a, b]", "input sector: a value of type category has no `range`."),
    ("inputs sector unit", "1", "input sector: a value of type category has no `unit`."),
    ("inputs sector levels", [], "input sector: a category needs `levels`, a list of texts."),
    ("inputs sector levels", [1], "input sector: a category needs `levels`, a list of texts."),
    ("inputs sector levels", ["a", "a"], "input sector: the level 'a' stands 2 times."),
    ("outputs pd", {"type": "text"}, "`pd` is an input and an output; give one another name."),
    ("outputs reason", {"type": "text"},
     "output reason: it must be a category, whose levels are the codes."),
    ("outputs more", {"type": "text"}, "output more: no table gives it."),
    ("tables", [], "The policy needs `tables`, a list with at least one table."),
    ("tables 0", 5, "table 1 must be a table of keys: table, about, hit, collect, otherwise, "
     "rows."),
    ("tables 0 table", "-", "table 1 needs `table`."),
    ("tables 0 table", "Risk band", "table 1: 'Risk band' is no name; write small letters, "
     "digits and _."),
    ("tables 0 hit", "unique", "table t: `hit` is 'unique'; write one of UNIQUE, ANY, PRIORITY, "
     "FIRST, COLLECT, RULE ORDER, OUTPUT ORDER."),
    ("tables 0 hit", "-", "table t: `hit` is not stated; write one of UNIQUE, ANY, PRIORITY, "
     "FIRST, COLLECT, RULE ORDER, OUTPUT ORDER."),
    ("tables 0 hit", "COLLECT", "table t: `collect` must say how values of `cap_minor` come to "
     "one: min, max, sum, count; RULE ORDER gives them as a list."),
    ("tables 0 collect", {"cap_minor": "min"},
     "table t: `collect` is a table of outputs, and stands only with COLLECT."),
    ("tables 0 otherwise", "approve", "table t: `otherwise` is 'approve'; write one of refuse, "
     "refer, decline, pass."),
    ("tables 0 rows", [], "table t: it needs `rows`, a list with at least one row."),
    ("tables 0 rows", [{}] * 1001, "table t: it has 1,001 rows, more than 1,000; split it."),
    (ROW, "R1", "table t, row 1 must be a table of keys: id, when, then, why, source."),
    (f"{ROW} id", "-", "table t, row 1 needs `id`."),
    (f"{ROW} id", "R2", "The row `R2` stands 2 times; names tell them apart."),
    (f"{ROW} why", "-", "table t, row R1 needs `why`."),
    (f"{ROW} why", {"zh": "低"}, "table t, row R1: `why` needs `en`."),
    (f"{ROW} why", {"en": "low", "fr": "bas"}, "table t, row R1: `why`: unknown key 'fr'; known "
     "are en, zh."),
    (f"{ROW} source", 5, "table t, row R1: `source` must be text."),
    (f"{ROW} when", [], "table t, row R1: `when` and `then` must be tables; `when: {}` takes "
     "everything."),
    (f"{ROW} when pd", 0.1, 'table t, row R1, column pd: a cell is a text, such as "= 0.1".'),
    (f"{ROW} when sector", True,
     'table t, row R1, column sector: a cell is a text, such as "= true".'),
    (f"{ROW} when pd", "0..1", "table t, row R1, column pd: `0..1` is no test; write `= 0..1` for "
     "a value, else one of any, known, missing, stale, =, in, <, <=, >, >=, a range such as "
     "`[0, 5)`, not."),
    (f"{ROW} when pd", "= x", "table t, row R1, column pd: `x` is no number."),
    (f"{ROW} when sector", "in trade, farming",
     "table t, row R1, column sector: the level 'farming' is none of trade, transport."),
    (f"{ROW} when sales", "> 0", "table t: column `sales` is no input and no output of an earlier "
     "table; known are pd, sector, debt_minor, currency. A cell with a comma stands in quotes."),
    (f"{ROW} then outcome", "yes",
     "table t, row R1: outcome is 'yes'; write approve, refer, decline, refuse."),
    (f"{ROW} then cap_minor", "-",
     "table t, row R1: `then` does not give `cap_minor`, which other rows give."),
    (f"{ROW} then cap_minor", 5.5, "table t, row R1: `cap_minor` is 5.5, which is no integer."),
    (f"{ROW} then cap_minor", True, "table t, row R1: `cap_minor` is True, which is no integer."),
    (f"{ROW} then cap_minor", "5", "table t, row R1: `cap_minor` is '5', which is no integer."),
    (f"{ROW} then cap_minor", 2**60,
     "table t, row R1: `cap_minor` is 1152921504606846976, which is no integer."),
    (f"{ROW} then reason", "BAD", "table t, row R1: `reason` is 'BAD', none of RISK."),
    (f"{ROW} then limit", 5, "table t, row R1: `limit` is no output; known are outcome, cap_minor, "
     "reason."),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "message"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_told_in_its_place(path: str, value: object, message: str) -> None:
    assert message in messages(spoiled(path, value))


EXPLORE: Content = {"near": {"debt_minor": "[10, 20)"}, "share": 0.02, "stop_loss_minor": 100}
WRONG_EXPLORE: list[tuple[Content, str]] = [
    ({"share": 0}, "explore: `share` is 0; it must be a number above 0 and up to 0.5."),
    ({"share": 0.6}, "explore: `share` is 0.6; it must be a number above 0 and up to 0.5."),
    ({"share": "2%"}, "explore: `share` is '2%'; it must be a number above 0 and up to 0.5."),
    ({"stop_loss_minor": 0}, "explore: `stop_loss_minor` is 0; it must be a whole number from 1 to "
     "9,007,199,254,740,992."),
    ({"near": "pd"},
     'explore: `near` names one input and its band, such as {score: "[560, 600)"}.'),
    ({"near": {"sector": "= trade"}}, "explore: `sector` is no input of type integer, such as a "
     "score."),
    ({"near": {"score": "[1, 2]"}}, "explore: `score` is no input of type integer, such as a "
     "score."),
    ({"near": {"pd": "[0.1, 0.2]"}}, "explore: `pd` is no input of type integer, such as a score."),
    ({"near": {"debt_minor": "(5, 6)"}},
     "explore: `(5, 6)` holds no value, or some that `debt_minor` cannot have."),
    ({"near": {"debt_minor": "[-5, 6]"}},
     "explore: `[-5, 6]` holds no value, or some that `debt_minor` cannot have."),
    ({"near": {"debt_minor": "> 5"}},
     'explore: the band must have two ends, such as "[560, 600)".'),
    ({"until": 5}, "explore: unknown key 'until'; known are near, share, stop_loss_minor."),
]  # fmt: skip


@pytest.mark.parametrize(("part", "message"), WRONG_EXPLORE)
def test_terms_of_exploration_that_cannot_be(part: Content, message: str) -> None:
    assert messages(spoiled("explore", EXPLORE | part)) == [message]


def test_terms_of_exploration_need_their_stop_loss_and_a_currency() -> None:
    without = {"near": {"debt_minor": "[10, 20)"}, "share": 0.02}
    assert messages(spoiled("explore", without)) == [
        "explore: it needs `stop_loss_minor`, the loss at which exploring ends."
    ]
    whole = spoiled("explore", EXPLORE)
    del whole["currency"]
    assert "explore: the stop-loss is money, so the policy must state its `currency`." in messages(
        whole
    )


def test_a_row_that_declines_need_not_give_the_rest() -> None:
    policy = policy_of(
        spoiled("tables 0 rows 1 then", {"outcome": "decline", "reason": "RISK"}), "p.yaml"
    )
    sound = {"debt_minor": 5, "sector": "trade", "currency": "CNY"}
    ages = {"debt_minor": 0}
    assert policy.evaluate(sound | {"pd": 0.05}, ages).outputs == {"cap_minor": 500}
    assert policy.evaluate(sound | {"pd": 0.5}, ages).outputs == {}


def test_the_terms_of_exploration_are_typed() -> None:
    policy = policy_of(spoiled("explore", EXPLORE), "p.yaml")
    assert policy.declaration.explore == Exploration(
        "debt_minor", Interval(10, 20, high_in=False), 0.02, 100
    )
    assert policy.declaration.exploration_terms() == ExplorationTerms(
        (10, 19), 0.02, 100, "p: exploration"
    )
    assert read_policy(TEXT).declaration.exploration_terms() is None


def test_money_needs_a_currency() -> None:
    assert messages(spoiled("currency", "-")) == [
        "input debt_minor: its unit is minor, so the policy must state its `currency`.",
        "output cap_minor: its unit is minor, so the policy must state its `currency`.",
    ]


def test_an_output_comes_from_one_table_and_a_list_is_not_tested() -> None:
    whole = content()
    again = {**whole["tables"][0], "table": "u"}
    again["rows"] = [{**row, "id": f"U{n}"} for n, row in enumerate(again["rows"])]
    whole["tables"].append(again)
    assert messages(whole) == [
        "`cap_minor` is given by 2 tables; each output comes from one table, only outcome and "
        "reason from several."
    ]
    again["hit"] = whole["tables"][0]["hit"] = "RULE ORDER"
    again["rows"] = [{"id": "U", "when": {"cap_minor": "> 5"}, "then": {}, "why": "so"}]
    assert messages(whole) == [
        "table u: column `cap_minor` is no input and no output of an earlier table; known are pd, "
        "sector, debt_minor, currency. A cell with a comma stands in quotes."
    ]


def test_priority_needs_levels_to_go_by() -> None:
    whole = spoiled("tables 0 hit", "PRIORITY")
    for row in whole["tables"][0]["rows"]:
        row["then"] = {"cap_minor": 5}
    assert messages(whole)[0] == (
        "table t: PRIORITY goes by the levels of the first output, and `cap_minor` has none."
    )


def test_what_is_collected_must_be_a_number() -> None:
    whole = spoiled("tables 0 hit", "COLLECT")
    whole["tables"][0]["collect"] = {"reason": "min", "gone": "sum", "cap_minor": "median"}
    found = messages(whole)
    for message in (
        "table t: `collect`: `reason` is of type category, no number.",
        "table t: `collect`: `gone` is no output.",
        "table t: `collect`: `cap_minor` is 'median'; write one of min, max, sum, count.",
    ):
        assert message in found
    whole["outputs"]["cap_minor"]["type"] = "number"
    whole["tables"][0]["collect"] = {"cap_minor": "count"}
    assert "table t: `collect`: a count is an integer, `cap_minor` is a number." in messages(whole)
    whole["outputs"]["cap_minor"]["type"] = "integer"
    assert "table t, row R1: `cap_minor` counts rows, so no row gives it." in messages(whole)


@pytest.mark.parametrize("whole", [None, 5, "policy", [], [{}]])
def test_what_is_no_table_is_no_policy(whole: object) -> None:
    assert messages(whole) == [
        "The policy must be a table of keys: policy, version, about, currency, valid_from, "
        "valid_to, persons_to_go_live, explore, inputs, outputs, tables."
    ]


def test_a_value_that_is_made_of_itself_many_times_over_is_told_in_brief() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
    )
    with pytest.raises(InputProblem) as refusal:
        read_policy(f"{bomb}policy: *a11\nversion: *a11\ninputs: {{x: {{type: *a11}}}}\n")
    assert len(str(refusal.value)) < 10_000


def test_a_text_that_is_no_yaml_names_the_line() -> None:
    with pytest.raises(InputProblem) as refusal:
        read_policy("policy: p\npolicy: q\n", "p.yaml")
    assert str(refusal.value) == (
        "error: p.yaml: The policy is not YAML: line 2, column 1: the key 'policy' stands twice. "
        "Mend that line."
    )


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputProblem) as refusal:
        read_policy_file(tmp_path / "gone.yaml")
    assert str(refusal.value) == (
        f"error: {tmp_path / 'gone.yaml'}: There is no such policy. See "
        "docs/reference/policy-tables.md."
    )


def test_a_policy_is_written_back_to_an_equal_one() -> None:
    for policy in (read_policy(TEXT), read_policy_file(EXAMPLE)):
        again = read_policy(write_policy(policy.declaration))
        assert again.declaration == policy.declaration
        assert again.hash == policy.hash


def test_the_hash_says_what_the_policy_says_and_not_how_it_is_written() -> None:
    policy = read_policy(TEXT)
    assert read_policy("# A comment.\n" + TEXT.replace("5_00", "500")).hash == policy.hash
    assert read_policy(TEXT.replace("5_00", "501")).hash != policy.hash
    assert read_policy(TEXT.replace("why: low", "why: lower")).hash != policy.hash


def test_policies_that_differ_differ_in_their_hash() -> None:
    found = [random_policy(np.random.default_rng([seed, 7])) for seed in range(60)]
    assert len({declaration_hash(policy) for policy in found}) == 60


def test_an_unreadable_policy_never_breaks_the_reader() -> None:
    """Whatever stands in a place, the reader answers with findings or a policy."""
    things: tuple[Any, ...] = (
        None,
        5,
        -0.5,
        True,
        "x",
        "",
        [],
        {},
        [1],
        {"a": 1},
        {"type": "number"},
        float("nan"),
    )
    paths = [path for path, _, _ in WRONG]
    for path in sorted(set(paths)):
        for thing in things:
            with suppress(InputProblem):
                assert policy_of(spoiled(path, thing), "p.yaml").hash


def test_a_row_may_say_why_in_several_languages() -> None:
    whole = spoiled(f"{ROW} why", {"en": "low", "zh": "低"})
    row = policy_of(whole, "p.yaml").declaration.tables[0].rows[0]
    assert (row.why, row.why_in) == ("low", {"zh": "低"})
    assert read_policy(write_policy(policy_of(whole, "p.yaml").declaration)).declaration == (
        policy_of(whole, "p.yaml").declaration
    )
    one = policy_of(spoiled(f"{ROW} why", {"en": "low"}), "p.yaml").declaration
    assert one == policy_of(content(), "p.yaml").declaration
