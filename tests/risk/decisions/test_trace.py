"""A trace made again from a record: the one that the policy gave when it decided."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import NoneType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.risk.decisions.made import AT, engine, engine_of_curves
from tests.risk.decisions.test_log import some
from tests.risk.policy.oracle import answer
from tradeline.kernel.findings import InputProblem
from tradeline.lake.columns import read_columns
from tradeline.risk.decisions.application import Application, as_columns
from tradeline.risk.decisions.deciding import FRESH, decide, with_score
from tradeline.risk.decisions.deciding_columns import decide_all
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.log import append
from tradeline.risk.decisions.record import Decision, decision_at
from tradeline.risk.decisions.seen import applications_of, seen_columns
from tradeline.risk.decisions.trace import verdict_of
from tradeline.risk.policy.verdict import Trace, Verdict, trace_lines

KEPT_AS_THEY_ARE = {NoneType, bool, int, float, str}


def logged(applications: list[Application], made: Engine) -> list[Decision]:
    """Decisions as they are read from the log in which they were kept."""
    columns = as_columns(applications)
    records = decide_all(columns, made, AT) | seen_columns(columns)
    with TemporaryDirectory() as folder:
        root = Path(folder) / "log"
        entry = append(root, records, made.hash, made.files, AT)
        kept = read_columns(root / entry.file)
    seen = applications_of(kept)
    return [decision_at(kept, row, made, seen, AT) for row in range(len(applications))]


def direct(one: Application, made: Engine) -> Verdict:
    """What the policy says of an application as it came, with its score."""
    facts, _, _ = with_score(made, one.values, decide(one, made, AT).score)
    return made.policy.evaluate(facts, {**one.ages_days, **FRESH})


def is_kept_as_it_is(one: Application) -> bool:
    """Whether a log has a word for every value, so that it is told in the same words."""
    return {type(v) for v in (*one.values.values(), *one.ages_days.values())} <= KEPT_AS_THEY_ARE


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([engine, engine_of_curves]))
def test_the_trace_of_a_record_is_the_one_that_the_policy_gave(
    seed: int, made: Callable[[], Engine]
) -> None:
    applications = some(24, seed)
    for one, record in zip(applications, logged(applications, made()), strict=True):
        again, then = verdict_of(record, made()), direct(one, made())
        assert again == then
        if is_kept_as_it_is(one):
            assert list(trace_lines(again)) == list(trace_lines(then))
            assert again.trace.as_record() == then.trace.as_record()


def test_every_row_of_a_table_fired_was_beaten_or_failed_as_a_slow_reading_says() -> None:
    policy = engine().policy
    for record in logged(some(80, 5), engine()):
        trace = verdict_of(record, engine()).trace
        fired = answer(policy.declaration, dict(trace.values), dict(trace.ages_days)).fired
        assert [table.fired for table in trace.tables()] == fired
        tables = policy.declaration.tables
        for told, table in zip(trace.as_record()["tables"], tables, strict=False):
            named = [item["row"] for part in ("fired", "beaten", "failed") for item in told[part]]
            assert sorted(named) == sorted(row.id for row in table.rows)


def trace_of(**changes: object) -> Trace:
    """The trace of a firm that nothing stands against, some of its values changed."""
    one = some(2, 1)[1]
    sound = {"cash_flow_minor": 3_000_000, "debt_service_share": 0.2, "sector": "services"}
    changed = replace(one, values={**one.values, **sound, **changes})
    return verdict_of(decide(changed, engine(), AT), engine()).trace


def test_rows_are_named_with_the_values_that_they_tested() -> None:
    told = trace_of(overdue_days_elsewhere=45, months_in_business=30).as_record()
    (eligibility,) = told["tables"]
    assert eligibility["fired"] == [
        {
            "row": "E2",
            "tests": [{"column": "overdue_days_elsewhere", "cell": "> 30", "value": "45"}],
        }
    ]
    assert {"row": "E4", "column": "months_in_business", "cell": "< 6", "value": "30"} in (
        eligibility["failed"]
    )
    assert (eligibility["no_hit"], told["unusable"], told["unnamed"]) == (None, {}, [])


@pytest.mark.parametrize(
    ("value", "said"), [(-1, "is -1, outside [0, 2400]"), (-1.0, "is -1, outside [0, 2400]")]
)
def test_a_value_is_told_alike_as_it_came_and_as_a_table_holds_it(value: float, said: str) -> None:
    assert trace_of(months_in_business=value).as_record()["unusable"] == {
        "months_in_business": said
    }


def test_an_age_that_is_no_number_is_not_told_in_days() -> None:
    one = some(2, 1)[1]
    for age in (None, float("nan")):
        aged = replace(one, ages_days={**one.ages_days, "cash_flow_minor": age})
        (why,) = (item.why for item in direct(aged, engine()).trace.unusable())
        assert why == "is stale: of unknown age, at most 92 days are allowed"


def test_a_record_that_its_values_do_not_bear_out_is_refused() -> None:
    record = decide(some(2, 1)[1], engine(), AT)
    spoilt = (
        replace(record, hits=(record.hits[0] ^ 1, *record.hits[1:])),
        replace(record, hits=()),
        replace(record, values={**record.values, "lending_suspended": True}),
    )
    for one in spoilt:
        with pytest.raises(InputProblem) as refused:
            verdict_of(one, engine())
        assert str(refused.value) == (
            f"error: {record.decision}: The record names other rows of the policy than those that "
            "take its values. See with `tradeline decisions verify` what was changed since it was "
            "written."
        )
