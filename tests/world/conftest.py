"""One small market that the tests of this area share."""

from pathlib import Path

import pytest

from tradeline.world.columns import Columns
from tradeline.world.market import Firms, draw_firms, draw_tables
from tradeline.world.settings import WorldSettings
from tradeline.world.writing import write_world

SETTINGS = WorldSettings(enterprises=1200, seed=3, shocked_sector="hospitality")


@pytest.fixture(scope="session")
def firms() -> Firms:
    return draw_firms(SETTINGS)


@pytest.fixture(scope="session")
def tables(firms: Firms) -> dict[str, Columns]:
    return dict(draw_tables(SETTINGS, firms))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("market") / "small"
    write_world(WorldSettings(enterprises=60, seed=3), out, lambda line: None)
    return out
