"""Take-up falls with the rate, is never extrapolated, and mixes over uncertain ratings."""

import csv
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data import data_folder
from tradeline.kernel.findings import InputProblem
from tradeline.risk.pricing.response import ResponseCurves, assumed_curves

ROWS = [
    ("A", 0.04, 0.0),
    ("A", 0.10, 0.5),
    ("A", 0.15, 0.9),
    ("C", 0.15, 0.8),
    ("C", 0.04, 0.0),
    ("C", 0.10, 0.4),
]


def test_take_up_is_what_is_not_lost_and_linear_between_rates() -> None:
    curves = ResponseCurves.from_rows(ROWS)
    assert curves.ratings == ("A", "C")
    assert curves.take_up(np.array([0.04, 0.07, 0.15])) == pytest.approx(
        np.array([[1.0, 0.75, 0.1], [1.0, 0.8, 0.2]])
    )
    assert curves.findings == ()


def test_take_up_of_an_uncertain_rating_is_the_mixture() -> None:
    curves = ResponseCurves.from_rows(ROWS)
    mixed = curves.expected_take_up(
        np.array([[0.25, 0.0, 0.5, 0.25]]), ("A", "B", "C", "D"), np.array([0.15])
    )
    assert mixed == pytest.approx(np.array([[0.25 * 0.1 + 0.75 * 0.2]]))


def test_a_rating_without_curve_takes_that_of_the_nearest_better_one() -> None:
    curves = ResponseCurves.from_rows(ROWS)
    b_only = curves.expected_take_up(np.array([[1.0, 0.0]]), ("B", "D"), np.array([0.15]))
    d_only = curves.expected_take_up(np.array([[0.0, 1.0]]), ("B", "D"), np.array([0.15]))
    assert (b_only[0, 0], d_only[0, 0]) == pytest.approx((0.1, 0.2))


def test_a_wobble_is_smoothed_and_told() -> None:
    curves = ResponseCurves.from_rows([("A", 0.04, 0.1), ("A", 0.05, 0.3), ("A", 0.06, 0.2)])
    assert curves.take_up(np.array([0.05, 0.06])) == pytest.approx(np.array([[0.75, 0.75]]))
    (finding,) = curves.findings
    assert finding.line() == (
        "note: response curves: Rating A: take-up rises with the rate at some points, by at most "
        "0.0500 from a falling curve. The nearest falling curve is used."
    )


@given(st.lists(st.floats(0, 1), min_size=2, max_size=12))
def test_take_up_never_rises_with_the_rate(lost: list[float]) -> None:
    rates = np.linspace(0.04, 0.15, len(lost))
    curves = ResponseCurves.from_rows(
        ("B", r, s) for r, s in zip(rates.tolist(), lost, strict=True)
    )
    low, high = curves.rate_bounds
    take_up = curves.take_up(np.linspace(low, high, 50))[0]
    assert (np.diff(take_up) <= 1e-12).all()
    assert ((take_up >= -1e-12) & (take_up <= 1 + 1e-12)).all()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "There are no rows, so how many customers accept a rate is unknown."),
        ([("A", 0.04, 0.0)], "Rating A has only one rate, so there is no curve."),
        ([("A", 4.0, 0.0)], "A rate of rating A is 4, outside 0 to 1. Write shares"),
        ([("A", 0.04, float("nan"))], "A lost share of rating A is nan, outside 0 to 1."),
        ([("A", 0.04, 0.0), ("A", 0.04, 0.1)], "Rating A has two rows for the rate 4.00%."),
    ],
)
def test_curves_that_make_no_sense_are_refused(
    rows: list[tuple[str, float, float]], words: str
) -> None:
    with pytest.raises(InputProblem) as refusal:
        ResponseCurves.from_rows(rows)
    assert words in str(refusal.value)


def test_a_rate_beyond_the_curves_is_refused() -> None:
    with pytest.raises(InputProblem) as refusal:
        ResponseCurves.from_rows(ROWS).take_up(np.array([0.05, 0.16]))
    assert str(refusal.value) == (
        "error: response curves: Take-up at a rate of 16.00% is unknown: the curves cover 4.00% "
        "to 15.00%. Choose rates within the curves, or bring curves that reach further."
    )


def test_the_curves_of_the_real_folder_fall_and_reach_from_4_to_15_percent() -> None:
    curves = ResponseCurves.from_rows(real_rows())
    assert curves.ratings == ("A", "B", "C")
    assert curves.rate_bounds == (0.04, 0.15)
    assert {finding.code for finding in curves.findings} == {"response-curve-smoothed"}
    assert curves.take_up(np.array([0.04]))[:, 0] == pytest.approx([1.0, 1.0, 1.0])


def real_rows() -> list[tuple[str, float, float]]:
    """The rows of the real folder's response curves; skips where the folder is absent."""
    path = data_folder("sme_invoices") / "rate_churn.csv"
    with path.open(encoding="utf-8") as stream:
        return [
            (rating, float(row["annual_rate"]), float(row[f"churn_{rating}"]))
            for row in csv.DictReader(stream)
            for rating in "ABC"
        ]


def test_without_curves_an_assumed_one_serves_and_says_so() -> None:
    curves = assumed_curves(date(2024, 12, 31))
    firms = np.array([[0.2, 0.8], [1.0, 0.0]])
    take_up = curves.expected_take_up(firms, ("A", "B"), np.array([0.04, 0.15]))
    assert take_up == pytest.approx(np.array([[1.0, 0.1], [1.0, 0.1]]))
    assert curves.findings[0].message.endswith("so an assumed curve serves for every firm.")
