"""A model of losses survives its file, and a changed file does not pass for one."""

import json
from datetime import date

import pytest

from tests.risk.losses.test_ead import fitted as fitted_ead
from tests.risk.losses.test_hazard import fitted
from tests.risk.losses.test_lgd import fitted as fitted_lgd
from tradeline.kernel.findings import InputProblem
from tradeline.risk.losses.artifact import read_model, write_model
from tradeline.risk.losses.ead import EadModel
from tradeline.risk.losses.hazard import HazardModel
from tradeline.risk.losses.lgd import LgdModel
from tradeline.risk.losses.term_structure import TermStructure

TABLE = TermStructure(600, ((0.01, 0.02), (0.005, 0.01)))


def test_what_is_read_equals_what_was_written() -> None:
    hazard, lgd, ead = fitted(500), fitted_lgd(date(2024, 1, 1)), fitted_ead()
    assert read_model(HazardModel, write_model(hazard)) == hazard
    assert read_model(TermStructure, write_model(TABLE)) == TABLE
    assert read_model(LgdModel, write_model(lgd)) == lgd
    assert read_model(EadModel, write_model(ead)) == ead


def test_a_figure_changed_by_hand_does_not_load() -> None:
    whole = json.loads(write_model(TABLE))
    whole["model"]["lowest"] = 500
    with pytest.raises(InputProblem, match="The model was changed since it was written"):
        read_model(TermStructure, json.dumps(whole))


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", write_model(TABLE)])
def test_what_is_no_model_of_the_kind_is_refused(text: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        read_model(HazardModel, text, "hazard.json")
    assert str(refusal.value) == (
        "error: hazard.json: The file is no model of the format tradeline-hazard/1. "
        "Name a file that was written as one."
    )
