"""Cases of peers come out to the cent, no figure of them is passed over, no word is ignored."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.data import data_folder
from tradeline.cli.main import main
from tradeline.kernel.findings import InputProblem
from tradeline.lending.cases.reading import read_case
from tradeline.lending.cases.replay import replay

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.json"))
SEE = "See docs/reference/loan-cases.md."


def content(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def written(folder: Path, case: object) -> Path:
    path = folder / "case.json"
    path.write_text(json.dumps(case), encoding="utf-8")
    return path


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_every_figure_of_a_peer_comes_out_to_the_cent(path: Path) -> None:
    for outcome in replay(read_case(path)):
        assert outcome.figures > 0
        assert outcome.differences == (), outcome.variant


def test_every_published_case_comes_out_to_the_cent() -> None:
    paths = sorted(data_folder("../loan_cases").glob("*.json"))
    assert paths
    for path in paths:
        for outcome in replay(read_case(path)):
            assert outcome.figures > 0
            assert outcome.differences == (), f"{path.name}: {outcome.variant}"


# Names and words that carry no figure.
NO_FIGURES = ("row", "account", "assumption", "after_event", "as_of", "n", "on", "for_due_date")


def figures(value: object, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to all figures of a checkpoint."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key not in NO_FIGURES:
                yield from figures(part, (*way, key))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from figures(part, (*way, place))
    elif value is not None:
        yield way


def spoiled(value: object) -> object:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    text = str(value)
    return text[:-1] + ("1" if text[-1] != "1" else "2")


def is_left_open(variant: dict[str, Any], way: tuple[Any, ...]) -> bool:
    """What peers show at random of instalments of nothing."""
    row: Any = variant["checkpoints"]
    for key in way[:-1]:
        row = row[key]
    nothing = isinstance(row, dict) and row.get("due") == "0.00"
    return nothing and way[-1] in ("paid_on", "days", "balance_after")


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_no_figure_is_passed_over(path: Path, tmp_path: Path) -> None:
    variants = json.loads(path.read_text(encoding="utf-8"))["variants"]
    tried = 0
    for variant in variants[:4]:
        ways = [way for way in figures(variant["checkpoints"]) if not is_left_open(variant, way)]
        for way in ways[:: max(len(ways) // 8, 1)]:
            other = copy.deepcopy(variant)
            holder: Any = other["checkpoints"]
            for key in way[:-1]:
                holder = holder[key]
            holder[way[-1]] = spoiled(holder[way[-1]])
            case = {"case_id": "spoiled", "variants": [other]}
            (outcome,) = replay(read_case(written(tmp_path, case)))
            assert outcome.differences, way
            tried += 1
    assert tried


def test_a_wrong_figure_is_told_beside_what_came_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = content("payments_recalculated")
    case["variants"] = case["variants"][:1]
    case["variants"][0]["checkpoints"][0]["schedule"][2]["interest"] = "42.68"
    assert main(["loan", "replay", str(written(tmp_path, case))]) == 1
    out = capsys.readouterr().out
    assert "on_time_exact: 1 of 99 figures do not hold." in out
    assert "schedule row 3: interest  42.68     42.67" in out


def changed(case: dict[str, Any], way: str, value: object) -> dict[str, Any]:
    """The case with one value of its first variant changed or added."""
    holder: Any = case["variants"][0]
    *keys, last = way.split(".")
    for key in keys:
        holder = holder[int(key) if key.isdigit() else key]
    holder[last] = value
    return case


OUTSIDE = [
    ("inputs.colour", "red", "on_time_exact: inputs: The word 'colour' is not in the vocabulary."),
    ("inputs.day_count", "30/359",
     "inputs: day_count: The value '30/359' is not in the vocabulary."),
    ("inputs.interest_type", "compound",
     "inputs: interest_type: The value 'compound' is not in the vocabulary."),
    ("inputs.rounding", "half up", "inputs: rounding: The value 'half up' is not in the "
     "vocabulary."),
    ("inputs.allocation_order", ["interest", "principal"],
     "inputs: allocation_order: The value '['interest', 'principal']' is not in the vocabulary."),
    ("inputs.amortisation", "bullet",
     "inputs: amortisation: The value 'bullet' is not in the vocabulary."),
    ("inputs.principal", "many", "inputs: principal: 'many' is no decimal number."),
    ("inputs.principal", "1.234", "inputs: principal: '1.234' has more than 2 decimals."),
    ("inputs.start_date", "2022-13-01", "inputs: start_date: '2022-13-01' is no date."),
    ("inputs.number_of_instalments", "six",
     "inputs: number_of_instalments: 'six' is no whole number."),
    ("inputs.annual_sales", "1.00",
     "inputs: The word 'annual_sales' belongs to another kind of case."),
    ("events.0.type", "gift", "on_time_exact: event 1: The event 'gift' is not in the vocabulary."),
    ("events.0.colour", "red",
     "on_time_exact: event 1: The word 'colour' is not in the vocabulary."),
    ("checkpoints.0.colour", "red",
     "on_time_exact: checkpoint 1: The word 'colour' is not in the vocabulary."),
    ("checkpoints.0.after_event", 9,
     "on_time_exact: checkpoint 1: after_event: There is no event 9."),
    ("checkpoints.0.totals.colour", "red",
     "on_time_exact: checkpoint 1: totals: The word 'colour' is not in the vocabulary."),
    ("checkpoints.0.schedule", [{"row": "gift"}],
     "on_time_exact: checkpoint 1: schedule row 1: The row 'gift' is not in the vocabulary."),
    ("checkpoints.0.journals", [{"entries": [{"colour": "red"}]}],
     "on_time_exact: checkpoint 1: journals 1: The word 'colour' is not in the vocabulary."),
    ("colour", "red", "variant 1: The word 'colour' is not in the vocabulary."),
]  # fmt: skip


@pytest.mark.parametrize(("way", "value", "message"), OUTSIDE, ids=[each[0] for each in OUTSIDE])
def test_a_word_or_value_outside_the_vocabulary_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], way: str, value: object, message: str
) -> None:
    case = changed(content("payments_recalculated"), way, value)
    assert main(["loan", "replay", str(written(tmp_path, case))]) == 2
    first, *_ = capsys.readouterr().err.splitlines()
    assert first == f"error: {message} {SEE}"


def test_a_kind_of_charge_that_is_none_is_named(tmp_path: Path) -> None:
    case = changed(content("charges"), "events.0.kind", "TIP")
    with pytest.raises(InputProblem, match="event 1: kind: The value 'TIP' is not in the voc"):
        replay(read_case(written(tmp_path, case)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "case.json: The case is no JSON: Expecting property name enclosed in double quotes: "
              "line 1 column 2 (char 1)."),
        ('{"a": 1, "a": 2}', "case.json: The case is no JSON: the key 'a' stands twice."),
        ('{"a": NaN}', "case.json: The case is no JSON: 'NaN' is no number."),
        ("[]", "case: [] is no table of keys."),
        ('{"case_id": "x", "variants": []}', "case: The case has no variant."),
        ("{}", "case: The word 'case_id' is missing."),
    ],
)  # fmt: skip
def test_a_file_that_is_no_case_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    path = tmp_path / "case.json"
    path.write_text(text, encoding="utf-8")
    assert main(["loan", "replay", str(path)]) == 2
    first, *_ = capsys.readouterr().err.splitlines()
    assert first == f"error: {message} {SEE}"


def test_a_figure_that_is_none_of_a_loan_does_not_hold(tmp_path: Path) -> None:
    case = content("payments_recalculated")
    case["variants"] = case["variants"][:1]
    case["variants"][0]["checkpoints"][0]["annual_percentage_rate"] = "9.69"
    (outcome,) = replay(read_case(written(tmp_path, case)))
    assert [each.got for each in outcome.differences] == ["no figure of a loan"]


def test_a_loan_that_cannot_be_is_told_in_one_line_of_each_figure(tmp_path: Path) -> None:
    case = content("payments_recalculated")
    case["variants"] = case["variants"][:1]
    case["variants"][0]["inputs"]["principal"] = "-5.00"
    (outcome,) = replay(read_case(written(tmp_path, case)))
    assert {each.figure for each in outcome.differences} >= {"schedule", "totals"}
    assert all("A principal of -500 is none." in each.got for each in outcome.differences)
    assert not any("\n" in each.got for each in outcome.differences)
