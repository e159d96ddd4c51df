"""Where the tests find real data: `TRADELINE_DATA`, by default beside the repository."""

import os
from pathlib import Path

import pytest

DEFAULT = Path(__file__).parents[2] / "shared" / "data"


def data_folder(name: str) -> Path:
    """The folder of a real data set; the test is skipped without it, and fails without it in CI."""
    folder = Path(os.environ.get("TRADELINE_DATA", DEFAULT)) / name
    if not folder.is_dir():
        message = f"the data set {name} is not here; set TRADELINE_DATA to the folder that holds it"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return folder
