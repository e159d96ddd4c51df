"""Parameters are dated, sourced, and found inside the package."""

from datetime import date

import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.risk.parameters import read_parameters


def test_every_parameter_says_what_it_means_and_where_it_comes_from() -> None:
    for parameter in read_parameters("pricing", date(2020, 3, 1)).values():
        assert parameter.meaning
        assert parameter.source
        assert parameter.status in {"programme", "assumption"}
        assert parameter.valid_from <= date(2020, 3, 1)


def test_a_date_before_the_first_value_is_refused() -> None:
    with pytest.raises(InputProblem) as refusal:
        read_parameters("pricing", date(2015, 12, 31))
    assert str(refusal.value) == (
        "error: parameters/pricing.yaml: amount_min has no value on 2015-12-31: its first is valid "
        "from 2016-01-01. Assess a later date, or add a value that was valid then."
    )
