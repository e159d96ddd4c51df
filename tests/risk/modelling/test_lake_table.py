"""Training on a lake: features as of each application, outcomes by its horizon."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.journeys.market import market
from tradeline.cli.main import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of the market's firms, sales and outcomes."""
    folder, root = (tmp_path_factory.mktemp("lakes") / name for name in ("market", "lake"))
    folder.mkdir()
    for name in ("enterprises.csv", "outcomes.csv", "sales_invoices.parquet"):
        shutil.copy(market() / name, folder / name)
    assert main(["lake", "init", str(root)]) == 0
    words = ["--source", "shop", "--assurance", "platform-observed", "--learned-at", "2020-01-01"]
    assert main(["lake", "land", str(root), str(folder), *words]) == 0
    return root


def test_a_lake_teaches_by_past_applications(lake: Path, tmp_path: Path, capsys: Capture) -> None:
    found = duckdb.execute(f"SELECT enterprise, defaulted FROM '{market() / 'outcomes.csv'}'")
    defaulted = dict(found.fetchall())
    asked = tmp_path / "past.csv"
    # A second application of each firm, so late that no outcome is known after it.
    days = [f"2024-{month:02d}-28" for month in (4, 5, 6, 7)]
    lines = [f"{firm},{days[row % 4]}" for row, firm in enumerate(defaulted)]
    lines += [f"{firm},2025-06-30" for firm in defaulted]
    asked.write_text("\n".join(["enterprise,as_of", *lines]) + "\n", encoding="utf-8")
    out = tmp_path / "m.json"
    words = ["--lake", lake, "--applications", asked, "--horizon-months", 12, "--no-ceiling"]
    code = main(["model", "train", *map(str, words), "--out", str(out)])
    shown = capsys.readouterr()
    assert code == 0, shown.err
    learned = json.loads(out.read_text("utf-8"))["model"]["learned"]
    assert (learned["rows"], learned["defaults"]) == (len(defaulted), sum(defaulted.values()))
    assert (learned["time"], learned["enterprise"]) == ("as_of", "enterprise")
    assert learned["period"] == ["2024-04-28", "2024-07-28"]
    assert f"{len(defaulted)} rows have no outcome" in shown.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            [],
            "error: --data: Nothing says what to learn from. Give --data FILE and --target COLUMN, "
            "or --lake and --applications.",
        ),
        (
            ["--lake", "lake"],
            "error: --lake: A lake is learned from by past applications and a horizon. Give "
            "--applications FILE and --horizon-months N, and no --data.",
        ),
    ],
)
def test_what_to_learn_from_must_be_said(
    tmp_path: Path, capsys: Capture, words: list[str], message: str
) -> None:
    assert main(["model", "train", *words, "--out", str(tmp_path / "m.json")]) == 2
    assert capsys.readouterr().err.strip() == message
