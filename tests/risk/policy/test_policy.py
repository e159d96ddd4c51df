"""A policy answers as its tables say, one firm or a million, and approves nothing by mistake."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from tests.risk.policy.oracle import answer
from tests.risk.policy.policies import (
    EXAMPLE,
    FRESH,
    SOUND,
    chosen,
    random_policy,
    random_value,
)
from tradeline.kernel.findings import InputProblem
from tradeline.risk.policy.cells import Kind
from tradeline.risk.policy.declaration import Declaration, Outcome
from tradeline.risk.policy.policy import Policy
from tradeline.risk.policy.program import build
from tradeline.risk.policy.reading import read_policy, read_policy_file

AGES = (0, 30, 31, 0.5, None, float("nan"), -1, 900)


def policy_of(declaration: Declaration) -> Policy:
    return Policy(build(declaration), "", ())


@pytest.fixture(scope="module")
def example() -> Policy:
    return read_policy_file(EXAMPLE)


def random_rows(policy: Policy, random: np.random.Generator, rows: int) -> Any:
    values = [{read.name: random_value(random, read) for read in policy.inputs}
              for _ in range(rows)]  # fmt: skip
    ages = [{read.name: chosen(random, AGES) for read in policy.inputs} for _ in range(rows)]
    return values, ages


@pytest.mark.parametrize("seed", range(150))
def test_any_policy_answers_as_one_that_goes_row_by_row(seed: int) -> None:
    random = np.random.default_rng(seed)
    policy = policy_of(random_policy(random))
    for values, ages in zip(*random_rows(policy, random, 30), strict=True):
        verdict, slow = policy.evaluate(values, ages), answer(policy.declaration, values, ages)
        assert verdict.outcome == slow.outcome
        assert verdict.outputs == slow.outputs
        assert verdict.reasons == slow.reasons
        assert [table.fired for table in verdict.trace.tables()] == slow.fired


def as_column(kind: Kind, values: list[Any]) -> Any:
    """A column as tables of features hold it, masked where a value is missing."""
    types: dict[Kind, Any] = {Kind.NUMBER: np.float64, Kind.INTEGER: np.int64, Kind.BOOLEAN: bool,
                              Kind.DATE: "datetime64[D]"}  # fmt: skip
    mask = [value is None for value in values]
    filled = [value if value is not None else chosen_for(kind) for value in values]
    return np.ma.MaskedArray(np.array(filled, dtype=types.get(kind, object)), mask=mask)


def chosen_for(kind: Kind) -> Any:
    return {Kind.NUMBER: 0.0, Kind.INTEGER: 0, Kind.BOOLEAN: False, Kind.DATE: date(2025, 1, 1)
            }.get(kind, "north")  # fmt: skip


@pytest.mark.parametrize("seed", range(100))
def test_columns_are_answered_as_each_row_alone(seed: int) -> None:
    random = np.random.default_rng([seed, 1])
    policy = policy_of(random_policy(random))
    values, ages = random_rows(policy, random, 40)
    columns = {read.name: as_column(read.kind, [row[read.name] for row in values])
               for read in policy.inputs}  # fmt: skip
    days = {read.name: np.array([np.nan if row[read.name] is None else row[read.name]
                                 for row in ages], dtype=np.float64)
            for read in policy.inputs}  # fmt: skip
    verdicts = policy.evaluate_columns(columns, days)
    alone = [policy.evaluate(*row) for row in zip(values, ages, strict=True)]
    assert list(verdicts) == alone
    assert [str(outcome) for outcome in verdicts.outcomes] == [v.outcome for v in alone]
    for output in policy.declaration.outputs:
        if output.name != "reason":
            given = verdicts.output(output.name).tolist()
            assert given == [verdict.outputs.get(output.name) for verdict in alone]


WRONG: list[Any] = [
    None, float("nan"), float("inf"), float("-inf"), True, False, "", " ", "640", "0.03", "nan",
    "NULL", "true", "ｌogistics", "Logistics", "logistics ", b"logistics", Decimal("0.03"), 0.03j,
    np.float64(0.03), np.float32(640), np.int64(640), np.bool_(True), np.str_("logistics"),
    np.nan, [640], {"value": 640}, {640}, (640,), object(), date(2025, 1, 1),
    datetime(2025, 1, 1, tzinfo=UTC), 10**40, -(10**40), 2**53 + 1, 1e300, -1e300, -1, 0.5,
    "EUR", "cny",
    np.datetime64("NaT"), np.array([640]), type, lambda: 640,
]  # fmt: skip


def test_one_wrong_value_among_sound_ones_is_never_approved(example: Policy) -> None:
    assert example.evaluate(SOUND, FRESH).outcome is Outcome.APPROVE
    for name in SOUND:
        for wrong in WRONG:
            verdict = example.evaluate(SOUND | {name: wrong}, FRESH)
            if type(wrong) is type(SOUND[name]) and verdict.trace.unusable() == ():
                continue  # it is a value after all
            assert verdict.outcome is not Outcome.APPROVE, (name, wrong)
    for name in SOUND:
        without = {key: value for key, value in SOUND.items() if key != name}
        assert example.evaluate(without, FRESH).outcome is not Outcome.APPROVE, name


WRONG_AGES: list[Any] = [
    None, float("nan"), float("inf"), -1, -0.1, True, "3", "", [], Decimal(3), np.float64(1),
    np.int64(1), 10**6,
]  # fmt: skip


def test_an_age_that_is_none_is_never_approved(example: Policy) -> None:
    for name in FRESH:
        for wrong in WRONG_AGES:
            verdict = example.evaluate(SOUND, FRESH | {name: wrong})
            assert verdict.outcome is not Outcome.APPROVE, (name, wrong)
        without = {key: value for key, value in FRESH.items() if key != name}
        assert example.evaluate(SOUND, without).outcome is not Outcome.APPROVE, name


def test_thousands_of_malformed_applications_give_no_approval(example: Policy) -> None:
    random = np.random.default_rng(11)
    names = list(SOUND)
    tried = 0
    while tried < 5000:
        spoiled = dict(SOUND)
        for _ in range(int(random.integers(1, 4))):
            spoiled[chosen(random, names)] = chosen(random, WRONG)
        if all(type(spoiled[name]) is type(SOUND[name]) for name in names):
            continue
        tried += 1
        verdict = example.evaluate(spoiled, FRESH)
        if verdict.outcome is Outcome.APPROVE:
            # Only a whole number for a share is a value of the kind all the same.
            assert {type(spoiled[n]) for n in names if spoiled[n] is not SOUND[n]} <= {int, float}
            assert verdict.trace.unusable() == ()


def test_columns_of_the_wrong_type_are_never_approved(example: Policy) -> None:
    sound = {name: np.array([value] * 3, dtype=object) for name, value in SOUND.items()}
    ages = {name: np.zeros(3) for name in FRESH}
    assert set(example.evaluate_columns(sound, ages).outcomes) == {"approve"}
    for name in SOUND:
        for wrong in WRONG:
            column = np.empty(3, dtype=object)
            column[:] = [wrong] * 3
            verdicts = example.evaluate_columns(sound | {name: column}, ages)
            alone = example.evaluate(SOUND | {name: wrong}, dict.fromkeys(FRESH, 0))
            assert set(verdicts.outcomes) == {str(alone.outcome)}, (name, wrong)
            assert verdicts.verdict(1) == alone
        gone = {key: column for key, column in sound.items() if key != name}
        assert "approve" not in example.evaluate_columns(gone, ages).outcomes


def test_no_rows_give_no_verdicts(example: Policy) -> None:
    nothing = {name: np.array([], dtype=object) for name in SOUND}
    assert list(example.evaluate_columns(nothing, {})) == []


def test_columns_of_unequal_length_are_refused(example: Policy) -> None:
    with pytest.raises(InputProblem) as refusal:
        example.evaluate_columns({"pd": np.zeros(2), "score": np.zeros(3)}, {})
    assert str(refusal.value) == (
        "error: columns: The columns differ in length: pd 2, score 3. Give one value for each row "
        "in every column."
    )


def test_more_rows_than_a_word_has_bits_answer_alike() -> None:
    policy = read_policy(wide_policy())
    scores = np.random.default_rng(5).integers(0, 300, 500)
    verdicts = policy.evaluate_columns({"score": scores})
    assert list(verdicts) == [policy.evaluate({"score": int(score)}) for score in scores]
    assert verdicts.output("cap").tolist() == [int(score) // 2 for score in scores]


def wide_policy() -> str:
    rows = "".join(
        f'      - {{id: R{n}, when: {{score: "[{2 * n}, {2 * n + 2})"}}, '
        f"then: {{cap: {n}, outcome: approve}}, why: step}}\n"
        for n in range(150)
    )
    return (
        "policy: wide\nversion: '1'\nvalid_from: 2025-01-01\n"
        'inputs:\n  score: {type: integer, unit: points, range: "[0, 300)"}\n'
        "outputs:\n  cap: {type: integer, unit: points}\n"
        f"tables:\n  - table: steps\n    hit: UNIQUE\n    rows:\n{rows}"
    )


MIXED = """
policy: mixed
version: '1'
valid_from: 2026-01-01
inputs:
  n: {type: number, unit: '1', missing: case}
  k: {type: integer, unit: '1', missing: case}
  d: {type: date, missing: case}
  b: {type: boolean, missing: case}
  t: {type: text, missing: case}
tables:
  - table: t
    hit: FIRST
    rows:
      - {id: A, when: {n: "[0, 5)"}, then: {outcome: approve}, why: so}
      - {id: B, when: {k: "[0, 5)"}, then: {outcome: approve}, why: so}
      - {id: C, when: {d: "[2025-01-01, 2025-02-01)"}, then: {outcome: approve}, why: so}
      - {id: D, when: {b: = true}, then: {outcome: approve}, why: so}
      - {id: E, when: {t: = yes}, then: {outcome: approve}, why: so}
      - {id: F, when: {n: missing}, then: {outcome: refer}, why: so}
      - {id: G, when: {k: missing}, then: {outcome: refer}, why: so}
      - {id: H, when: {d: missing}, then: {outcome: refer}, why: so}
      - {id: I, when: {b: missing}, then: {outcome: refer}, why: so}
      - {id: J, when: {t: missing}, then: {outcome: refer}, why: so}
      - {id: K, when: {}, then: {outcome: decline}, why: so}
"""
NOT_TAKEN: dict[str, Any] = {"n": 9.0, "k": 9, "d": date(2026, 1, 1), "b": False, "t": "no"}
LARGE = 2**53
SPECIAL = [
    ("n", np.array([np.nan, np.inf, -np.inf, 1.0, 5.0, 1e300, -0.0])),
    ("n", np.array([LARGE, LARGE + 1, -LARGE - 1, 1])),
    ("n", np.array([2**64 - 1, 1], dtype=np.uint64)),
    ("n", np.array([1, 7], dtype=np.int8)),
    ("n", np.array([0.1, 5], dtype=np.float32)),
    ("n", np.array([True, False])),
    ("n", np.array(["1", "2"])),
    ("n", np.array([1 + 0j])),
    ("n", np.array([1.0, 2.0], dtype=np.longdouble)),
    ("k", np.array([np.nan, np.inf, 1.0, 1.5, 1e300, LARGE + 2.0])),
    ("k", np.array([LARGE, LARGE + 1, -LARGE - 1, 1])),
    ("k", np.array([True, False])),
    ("d", np.array(["2025-01-01", "2025-02-01", "NaT"], dtype="datetime64[D]")),
    ("d", np.array(["2025-01-01T00:00", "2025-01-01T12:00"], dtype="datetime64[s]")),
    ("d", np.array([20089, 1])),
    ("b", np.array([True, False])),
    ("b", np.array([1, 0])),
    ("b", np.array(["true"])),
    ("t", np.array(["yes", "no", ""])),
    ("t", np.array([b"yes"])),
    ("t", np.array([1.0, np.nan])),
]  # fmt: skip


@pytest.mark.parametrize(("name", "column"), SPECIAL, ids=range(len(SPECIAL)))
def test_a_column_of_any_type_is_read_as_its_values_alone(name: str, column: Any) -> None:
    policy = read_policy(MIXED)
    kinds: dict[str, Any] = {"d": "datetime64[D]", "t": object}
    columns = {other: np.array([value] * len(column), dtype=kinds.get(other))
               for other, value in NOT_TAKEN.items()} | {name: column}  # fmt: skip
    assert list(policy.evaluate_columns(columns)) == [
        policy.evaluate(NOT_TAKEN | {name: value}) for value in column.tolist()
    ]


def test_a_moment_is_no_date_and_a_number_beyond_what_a_float_holds_is_none() -> None:
    policy = read_policy(MIXED)
    for name, value, wrong in (
        ("d", date(2025, 1, 5), datetime(2025, 1, 5, tzinfo=UTC)),
        ("n", 1.0, LARGE + 1),
        ("k", 1, LARGE + 1),
        ("k", 1.0, 1.5),
        ("b", True, 1),
    ):
        assert policy.evaluate(NOT_TAKEN | {name: value}).outcome is Outcome.APPROVE
        assert policy.evaluate(NOT_TAKEN | {name: wrong}).outcome is Outcome.REFUSE
