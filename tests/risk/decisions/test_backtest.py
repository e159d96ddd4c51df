"""What a candidate would have decided, beside what was: counts and money that add up."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.risk.decisions.made import AT, card, constant_hazard, engine
from tests.risk.decisions.test_log import some
from tradeline.kernel.findings import InputProblem
from tradeline.lake.columns import read_columns
from tradeline.risk.decisions.application import as_columns
from tradeline.risk.decisions.backtest import (
    NOT_STATED,
    Outcomes,
    backtest,
    lines_of,
    read_outcomes,
)
from tradeline.risk.decisions.deciding_columns import decide_all
from tradeline.risk.decisions.engine import Engine, make_engine
from tradeline.risk.decisions.log import Entry, append
from tradeline.risk.decisions.seen import seen_columns


def logged(root: Path, count: int = 300) -> Entry:
    columns = as_columns(some(count, 8))
    records = decide_all(columns, engine(), AT) | seen_columns(columns)
    return append(root, records, engine().hash, engine().files, AT)


def dearer() -> Engine:
    """The same engine, with a lender that lends half as much and only to the best grades."""
    terms = engine().terms
    grades = tuple(
        replace(grade, greatest_minor=grade.greatest_minor // 2) for grade in terms.grades[:2]
    )
    return make_engine(
        "dearer", "sha256:dearer", card(), None, engine().rules, engine().policy,
        replace(terms, grades=grades), constant_hazard, {},
    )  # fmt: skip


def test_the_same_engine_changes_nothing(tmp_path: Path) -> None:
    entry = logged(tmp_path / "log")
    (found,) = backtest(tmp_path / "log", [entry], engine())
    assert found.before == found.after
    assert (found.swapped_in, found.swapped_out, found.moved) == (0, 0, 0)
    assert found.before.approved > 20


def test_a_candidate_is_told_by_counts_that_a_loop_over_rows_gives(tmp_path: Path) -> None:
    entry = logged(tmp_path / "log")
    columns = read_columns(tmp_path / "log" / entry.file)
    again = decide_all(as_columns(some(300, 8)), dearer(), AT)
    outcomes = Outcomes(
        {f"app_{n:06d}": n % 7 == 0 for n in range(0, 300, 2)},
        {"app_000014": 500},
        {f"app_{n:06d}": 1000 * (n % 5 - 1) for n in range(0, 300, 3)},
    )
    found = backtest(tmp_path / "log", [entry], dearer(), outcomes, "sector")
    whole, parts = found[0], found[1:]
    out = [
        (a, b)
        for a, b in zip(columns["outcome"].tolist(), again["outcome"].tolist(), strict=True)
        if (a == "approve") != (b == "approve")
    ]
    assert whole.swapped_out == sum(a == "approve" for a, _ in out) > 0
    assert whole.swapped_in == sum(b == "approve" for _, b in out)
    assert whole.after.offered_minor == int(again["amount_minor"].sum())
    known = [
        outcomes.defaulted[str(a)]
        for a, o in zip(columns["application"], columns["outcome"], strict=True)
        if o == "approve" and str(a) in outcomes.defaulted
    ]
    assert (whole.before.known, whole.before.defaulted) == (len(known), sum(known))
    for side, columns_of in ((whole.before, columns), (whole.after, again)):
        earned = [
            outcomes.profit_minor[one]
            for one, outcome in zip(columns["application"], columns_of["outcome"], strict=True)
            if outcome == "approve" and one in outcomes.defaulted and one in outcomes.profit_minor
        ]
        assert side.profit_known == len(earned) > 0
        assert side.realised_profit_minor == sum(earned)
    for name in ("applications", "swapped_in", "swapped_out", "moved"):
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name)
    assert NOT_STATED in {part.segment for part in parts} or len(parts) > 3


def test_the_difference_is_said_in_words(tmp_path: Path) -> None:
    entry = logged(tmp_path / "log")
    text = "\n".join(lines_of(backtest(tmp_path / "log", [entry], dearer()), 100, "CNY"))
    assert text.startswith("all: 300 applications, approved ")
    assert "swapped out" in text
    assert "expected loss: CNY " in text


def test_a_segment_that_nobody_saw_is_refused(tmp_path: Path) -> None:
    entry = logged(tmp_path / "log")
    with pytest.raises(InputProblem, match="did not see 'weather'"):
        backtest(tmp_path / "log", [entry], engine(), by="weather")


def test_outcomes_are_read_and_a_strange_word_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.csv"
    path.write_text("application,defaulted,lost_minor\na,yes,100\nb,0,\nc,,\n", encoding="utf-8")
    assert read_outcomes(path) == Outcomes({"a": True, "b": False}, {"a": 100})
    path.write_text("application,defaulted\na,perhaps\n", encoding="utf-8")
    with pytest.raises(InputProblem, match="'perhaps' says neither yes nor no"):
        read_outcomes(path)
    path.write_text("application,defaulted,lost_minor\na,1,much\n", encoding="utf-8")
    with pytest.raises(InputProblem, match="'much' is no amount in minor units"):
        read_outcomes(path)
    path.write_text("application,bad\na,1\n", encoding="utf-8")
    with pytest.raises(InputProblem, match="no column 'defaulted'"):
        read_outcomes(path)


def test_what_a_loan_earned_is_read_whether_more_or_less_than_it_cost(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.csv"
    path.write_text("application,defaulted,profit_minor\na,yes,-90\nb,0,15\nc,0,\n", "utf-8")
    read = Outcomes({"a": True, "b": False, "c": False}, {}, {"a": -90, "b": 15})
    assert read_outcomes(path) == read
    path.write_text("application,defaulted,profit_minor\na,1,1.5\n", encoding="utf-8")
    with pytest.raises(InputProblem) as refused:
        read_outcomes(path)
    assert str(refused.value) == (
        "error: profit_minor: '1.5' is no amount in minor units. Write a whole number, or leave it "
        "empty."
    )


def test_figures_are_plain_whole_numbers(tmp_path: Path) -> None:
    (found,) = backtest(tmp_path / "log", [logged(tmp_path / "log")], engine())
    for side in (found.before, found.after):
        assert not any(isinstance(getattr(side, n), np.generic) for n in type(side).__slots__)
