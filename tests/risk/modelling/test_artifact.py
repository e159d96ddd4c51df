"""Model files: what another version wrote is refused in words."""

import json
from pathlib import Path

import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.risk.modelling.artifact import SEAL, model_of_text

EXAMPLE = Path(__file__).parents[3] / "examples" / "decide" / "model.json"


def test_a_model_of_another_version_is_refused_in_words() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert model_of_text(text).card is not None
    content = json.loads(text)["model"]
    del content["ceiling"]
    with pytest.raises(InputProblem, match="written by another version"):
        model_of_text(SEAL.write(content))
