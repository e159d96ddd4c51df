"""Which value of a target is the default, and what is said where none can be told."""

from pathlib import Path

import pytest

from tests.risk.modelling.loans import write_csv
from tradeline.kernel.findings import InputProblem
from tradeline.risk.modelling.tables import read_table
from tradeline.risk.modelling.target import Target, flags_by_rule, read_target


def target(
    folder: Path, values: list[object], name: str = "outcome", bad: tuple[str, ...] = ()
) -> Target:
    table = read_table(write_csv(folder / "t.csv", {name: values, "x": [1] * len(values)}))
    return read_target(table, name, bad)


@pytest.mark.parametrize(
    ("name", "values", "bad"),
    [
        ("default", ["0", "1"], "1"),
        ("default", ["0.0", "1.0"], "1"),
        ("class", ["good", "bad"], "bad"),
        ("MIS_Status", ["P I F", "CHGOFF"], "CHGOFF"),
        ("loan_status", ["Fully Paid", "Charged Off"], "Charged Off"),
        ("status", ["Paid", "Default"], "Default"),
        ("status", ["non-default", "default"], "default"),
        ("default", ["否", "是"], "是"),
        ("defaulted", ["true", "false"], "true"),
        ("not.fully.paid", ["0", "1"], "1"),
        ("paid_back", ["0", "1"], "0"),
        ("is_good", ["yes", "no"], "no"),
        ("class", ["1", "2"], "2"),
        ("y", ["-1", "1"], "1"),
    ],
)
def test_the_default_is_told_from_words_names_and_numbers(
    tmp_path: Path, name: str, values: list[object], bad: str
) -> None:
    found = target(tmp_path, values * 3, name)
    assert found.rule.bad == (bad,)
    assert found.bad.sum() == 3
    assert found.known.all()


def test_a_value_that_is_stated_goes_before_what_is_told(tmp_path: Path) -> None:
    found = target(tmp_path, ["0", "1", "1"], bad=("0",))
    assert (found.rule.bad, found.rule.because) == (("0",), "stated with --bad")
    assert found.bad.tolist() == [True, False, False]
    assert not found.findings


def test_several_values_are_set_apart_from_all_others(tmp_path: Path) -> None:
    found = target(tmp_path, ["late", "current", "lost", "paid"], bad=("Late", "lost"))
    assert found.bad.tolist() == [True, False, True, False]
    assert set(found.rule.good) == {"current", "paid"}


def test_rows_without_an_outcome_are_counted_and_left_out(tmp_path: Path) -> None:
    found = target(tmp_path, ["0", "1", "", "NA", "1"])
    assert found.known.tolist() == [True, True, False, False, True]
    assert found.findings[0].line() == (
        "warning: outcome: 2 rows have no outcome and are not learned from. "
        "Nothing, if the outcome is not known yet."
    )


def test_values_that_nothing_tells_apart_are_read_by_their_number_and_said(tmp_path: Path) -> None:
    found = target(tmp_path, ["+", "-", "-"])
    assert found.rule.bad == ("+",)
    assert found.findings[0].line() == (
        "warning: outcome: '+' is taken for the default (it is the rarer of two values; nothing "
        "else tells); that makes 33 % of rows defaults. If it is the other, state it: --bad '-'."
    )


@pytest.mark.parametrize(
    ("values", "bad", "message"),
    [
        (
            ["1", "1"],
            (),
            "error: outcome: Every row has the outcome '1', so no default risk can be learned. "
            "Give rows that defaulted and rows that did not.",
        ),
        (
            ["", "NA"],
            (),
            "error: outcome: The target is empty in every row. Give rows with an outcome.",
        ),
        (
            ["a", "b", "c", "a"],
            (),
            "error: outcome: The target has 3 values: 'a' (2), 'b' (1), 'c' (1). State which mean "
            "default, such as --bad VALUE; the option may be repeated, and all other values count "
            "as no default.",
        ),
        (
            list(range(40)),
            (),
            "error: outcome: The target has 40 values in 40 rows: it names or measures rows, it "
            "is no outcome. Name a column of two values.",
        ),
        (
            ["a", "b"],
            ("z",),
            "error: --bad: 'outcome' has no value 'z'; it has 'a' (1), 'b' (1). State one of "
            "these.",
        ),
    ],
)
def test_a_target_that_cannot_be(
    tmp_path: Path, values: list[object], bad: tuple[str, ...], message: str
) -> None:
    with pytest.raises(InputProblem) as refused:
        target(tmp_path, values, bad=bad)
    assert str(refused.value) == message


def test_another_table_is_read_by_the_same_rule(tmp_path: Path) -> None:
    rule = target(tmp_path, ["good", "bad"]).rule
    same: dict[str, list[object]] = {"outcome": ["bad", "", "good"], "x": [1] * 3}
    later = read_table(write_csv(tmp_path / "l.csv", same))
    known, bad = flags_by_rule(later, "Outcome", rule)
    assert (known.tolist(), bad.tolist()) == ([True, False, True], [True, False, False])
    strange = read_table(write_csv(tmp_path / "s.csv", {"outcome": ["bad", "lost"]}))
    with pytest.raises(InputProblem, match=r"here stand also 'lost'\. Write outcomes as"):
        flags_by_rule(strange, "outcome", rule)
