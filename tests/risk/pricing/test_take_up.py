"""Take-up comes from the folder's curves where it has any."""

from datetime import date

import duckdb
import numpy as np
import pytest

from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.table import FeatureTable
from tradeline.kernel.findings import InputProblem
from tradeline.risk.pricing.profit import read_pricing_terms
from tradeline.risk.pricing.response import ANY_RATING
from tradeline.risk.pricing.take_up import estimate_take_up, read_curves
from tradeline.risk.scoring.labels import Labels

ON = date(2024, 12, 31)
INPUTS = tuple(f for f in CATALOGUE if f.direction and not f.possible_consequence)[:2]


def connection(*rows: tuple[str, float, float]) -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    made.execute(
        "CREATE TABLE response_curves (rating VARCHAR, rate_annual DOUBLE, lost_share DOUBLE)"
    )
    for row in rows:
        made.execute("INSERT INTO response_curves VALUES (?, ?, ?)", list(row))
    return made


def test_a_folder_with_curves_is_taken_at_its_word() -> None:
    curves = read_curves(connection(("A", 0.04, 0.0), ("A", 0.15, 0.6)), ON)
    assert curves.ratings == ("A",)
    assert curves.findings == ()


def test_a_folder_without_curves_gets_the_assumed_one() -> None:
    assert read_curves(connection(), ON).ratings == (ANY_RATING,)


def test_curves_of_which_rows_were_refused_are_not_used() -> None:
    made = connection(("A", 0.04, 0.0), ("A", 0.15, 0.6))
    made.execute(
        "CREATE TABLE refused (source INTEGER, file VARCHAR, contract VARCHAR, file_row BIGINT, "
        "code VARCHAR, reason VARCHAR)"
    )
    made.execute("INSERT INTO refused VALUES (0, 'c.csv', 'response_curves', 3, 'copied-row', '')")
    assert read_curves(made, ON).ratings == ("A",)
    made.execute(
        "INSERT INTO refused VALUES (1, 'c.csv', 'response_curves', 4, 'out-of-range', 'Odd.'), "
        "(0, 'b.csv', 'response_curves', 9, 'out-of-range', 'The rate is above 1.')"
    )
    with pytest.raises(InputProblem) as refusal:
        read_curves(made, ON)
    assert str(refusal.value) == (
        "error: b.csv row 9: 2 rows of the response curves cannot be read: The rate is above 1. "
        "Mend the rows or take the file out: every amount and rate would rest on the others."
    )


def test_every_firm_has_a_falling_take_up_even_one_without_data() -> None:
    values = np.array([[1e8, 0.1], [2e8, -0.2], [np.nan, np.nan], [5e6, 0.3]])
    table = FeatureTable(("E1", "E2", "E3", "E4"), tuple(f.name for f in INPUTS), values)
    labels = Labels({"E1": False, "E2": True}, {"E1": "A", "E2": "C"})
    curves = read_curves(
        connection(("A", 0.04, 0.0), ("A", 0.15, 0.9), ("C", 0.04, 0.0), ("C", 0.15, 0.6)), ON
    )
    terms = read_pricing_terms(ON, "CNY")
    found = estimate_take_up(table, INPUTS, labels, curves, terms, np.random.default_rng(1))
    assert found.chance.shape == (4, len(found.rates_annual))
    assert (np.diff(found.chance, axis=1) < 0).all()
    assert found.chance[:, 0] == pytest.approx(np.ones(4))
