"""Conversion factors are near the truth, by segment, and later defaults agree with them."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from tests.risk.losses.defaults import CONVERSION, simulate
from tradeline.kernel.findings import InputProblem
from tradeline.risk.losses.checks import check_ead
from tradeline.risk.losses.ead import Drawings, EadModel, fit_ead, read_drawings
from tradeline.risk.losses.tables import connect_losses

COHORTS = [date(2019, 1, 1), date(2020, 1, 2), date(2021, 1, 2)]
LATER = [date(2022, 1, 2), date(2023, 1, 2)]
END = date(2030, 1, 1)


def drawings(cohorts: list[date], known_at: date = END) -> Drawings:
    made = simulate(1500, 1)
    tables = {"defaults": made.defaults, "draws": made.draws}
    return read_drawings(connect_losses(tables), cohorts, known_at)


def fitted() -> EadModel:
    return fit_ead(drawings(COHORTS), np.random.default_rng(1))


@pytest.mark.parametrize(("segment", "truth"), CONVERSION.items())
def test_the_conversion_factor_is_near_the_truth(segment: str, truth: float) -> None:
    model = fitted()
    # 10 imagined defaults pull a little towards all.
    assert model.conversion(segment) == pytest.approx(truth, abs=0.03)
    found = model.of(segment).conversion
    assert found.high - found.low < 0.06


def test_each_default_counts_once_and_only_what_was_known() -> None:
    found = drawings([*COHORTS, *LATER])
    assert len(found) < 1500
    assert len(found) > 1400
    early = drawings(COHORTS, date(2020, 6, 30))
    assert 0 < len(early) < len(drawings(COHORTS))


def test_stale_looks_and_lines_without_a_limit_are_left_out() -> None:
    made = simulate(1500, 1)
    columns = made.draws.to_pydict()
    columns["limit_minor"] = [0] * len(columns["limit_minor"])
    other = made.draws.schema.empty_table().from_pydict(columns, schema=made.draws.schema)
    connection = connect_losses({"defaults": made.defaults, "draws": other})
    assert len(read_drawings(connection, COHORTS, END)) == 0


def test_later_defaults_agree_and_heavier_drawing_is_seen() -> None:
    model, later = fitted(), drawings(LATER)
    assert [item.verdict for item in check_ead(model, later)] == ["as predicted"] * 2
    heavier = replace(later, exposure=later.exposure + 0.1)
    assert {item.verdict for item in check_ead(model, heavier)} == {"more was lost than predicted"}


def test_what_is_predicted_of_all_adds_up_to_what_was_seen() -> None:
    seen = drawings(COHORTS)
    one = replace(seen, segments=np.full(len(seen), "line"))
    model = fit_ead(one, np.random.default_rng(1))
    predicted = [model.exposure_share("line", drawn) for drawn in seen.drawn.tolist()]
    assert np.mean(predicted) == pytest.approx(seen.exposure.mean())


def test_a_full_line_adds_nothing_and_repayment_before_default_counts_as_none() -> None:
    seen = Drawings(np.full(20, "line"), np.full(20, 0.5), np.full(20, 0.4))
    model = fit_ead(seen, np.random.default_rng(1))
    assert model.of("line").conversion.estimate < 0
    assert model.exposure_share("line", 0.5) == 0.5
    assert fitted().exposure_share("secured", 1.0) == 1.0
    assert fitted().exposure_share("secured", 1.2) == 1.2


def test_cohorts_that_would_count_a_default_twice_are_refused() -> None:
    with pytest.raises(InputProblem) as refusal:
        drawings([date(2020, 1, 1), date(2020, 7, 1)])
    assert str(refusal.value) == (
        "error: cohorts: Two cohorts lie less than 365 days apart, so a default would count twice. "
        "Take a day of each year."
    )


def test_full_lines_alone_and_unknown_segments_are_refused() -> None:
    full = Drawings(np.full(20, "line"), np.ones(20), np.ones(20))
    with pytest.raises(InputProblem) as refusal:
        fit_ead(full, np.random.default_rng(1))
    assert str(refusal.value) == (
        "error: draws: Only 0 defaults had something undrawn before. "
        "Give at least 10, or take whole limits for exposures."
    )
    with pytest.raises(InputProblem, match="No default of the segment 'leasing' was seen"):
        fitted().conversion("leasing")
