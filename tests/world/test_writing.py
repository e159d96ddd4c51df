"""A market on disk: the contracts' columns, the truth apart, the same bytes, nothing lost."""

import csv
import json
from pathlib import Path

import duckdb
import numpy as np
import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.kernel.hashing import hash_file
from tradeline.lake.contracts import CONTRACTS, Contract
from tradeline.world.market import draw_firms
from tradeline.world.settings import WorldSettings
from tradeline.world.writing import write_parquet, write_world

SMALL = WorldSettings(enterprises=60, seed=3)
NOT_MADE = {
    "registrations", "owners", "tax_returns", "court_cases", "utility_use", "production_output",
    "shipments", "customs_declarations", "foreign_receipts", "certificates", "patents",
    "trade_shows", "loans", "loan_payments", "guarantors", "obligations",
    "links", "uses", "disputes", "trade_disputes",
}  # fmt: skip
# Fields of order lines and bank entries that need not be there.
LEFT_OUT = {"counterparty", "account", "value_date", "reference"}


def silent(line: str) -> None:
    """Progress that nobody reads."""


def test_there_is_one_file_for_each_contract_that_the_market_knows(folder: Path) -> None:
    known = CONTRACTS[: len(CONTRACTS) - len(NOT_MADE)]
    assert {contract.name for contract in CONTRACTS} - {c.name for c in known} == NOT_MADE
    files = [path for path in folder.iterdir() if path.is_file()]
    assert sorted(path.stem for path in files) == sorted(contract.name for contract in known)


@pytest.mark.parametrize(
    "contract", [c for c in CONTRACTS if c.name not in NOT_MADE], ids=lambda contract: contract.name
)
def test_a_file_has_its_contract_s_columns(folder: Path, contract: Contract) -> None:
    (found,) = [path for path in folder.iterdir() if path.stem == contract.name]
    given = header(found)
    names = [field.name for field in contract.fields]
    assert given == [name for name in names if name in given]
    assert set(names) - set(given) <= LEFT_OUT


def test_money_has_two_decimals_and_moments_are_timestamps(folder: Path) -> None:
    path = folder / "sales_invoices.parquet"
    shown = dict(described(path))
    assert [shown[name] for name in ("net", "status", "recorded_at")] == [
        "DECIMAL(18,2)",
        "VARCHAR",
        "TIMESTAMP",
    ]


def test_minor_units_and_seconds_are_written_exactly(tmp_path: Path) -> None:
    rows = {
        "enterprise": np.array([7]), "refund_no": np.array([12]), "order_no": np.array([345]),
        "amount": np.array([-10**15 - 7]), "occurred_at": np.array([86_400]),
        "recorded_at": np.array([86_461]),
    }  # fmt: skip
    with duckdb.connect(config={"threads": 1}) as connection:
        write_parquet(connection, "refunds", rows, tmp_path / "it's.parquet")
        connection.execute("SELECT * FROM read_parquet(?)", [str(tmp_path / "it's.parquet")])
        shown = [str(value) for value in connection.fetchone() or ()]
    assert shown == ["E000007", "R000000012", "A000000345", "-10000000000000.07", "CNY",
                     "1970-01-02 00:00:00", "1970-01-02 00:01:01"]  # fmt: skip


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_world(SMALL, tmp_path / "again", silent)
    write_world(WorldSettings(enterprises=60, seed=4), tmp_path / "other", silent)
    assert hashes(tmp_path / "again") == hashes(folder)
    differing = hashes(tmp_path / "other").items() ^ hashes(folder).items()
    assert {name for name, _ in differing} == set(hashes(folder)) - {"response_curves.csv"}


def test_outcomes_stand_for_labelled_firms_alone_on_the_last_day_of_the_records(
    folder: Path,
) -> None:
    people = draw_firms(SMALL)
    rows = read(folder / "outcomes.csv")
    labelled = [f"E{firm:06d}" for firm in np.flatnonzero(people.population.labelled)]
    assert [row["enterprise"] for row in rows] == labelled
    assert {row["recorded_at"] for row in rows} == {"2024-12-30 00:00:00"}
    assert {row["defaulted"] for row in rows} <= {"true", "false"}


def test_the_truth_is_apart_and_covers_every_firm(folder: Path) -> None:
    truth = {row["enterprise"]: row for row in read(folder / "truth" / "enterprises.csv")}
    assert list(truth) == [row["enterprise"] for row in read(folder / "enterprises.csv")]
    outcomes = {row["enterprise"]: row["defaulted"] for row in read(folder / "outcomes.csv")}
    assert all(truth[firm]["default_12m"] == default for firm, default in outcomes.items())
    assert all(0 < float(row["true_pd"]) < 1 for row in truth.values())
    seen = {name for path in folder.glob("*.*") for name in header(path)}
    assert seen.isdisjoint({"true_pd", "health", "fabricates", "default_12m"})


def test_the_truth_says_how_to_make_the_market_again(folder: Path) -> None:
    stated = json.loads((folder / "truth" / "settings.json").read_text())
    assert stated["seed"] == 3
    assert stated["enterprises"] == 60
    assert stated["shocked_sector"]


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputProblem) as refusal:
        write_world(SMALL, tmp_path, silent)
    assert str(refusal.value) == (
        f"error: {tmp_path}: The folder is not empty. "
        "Name a new or an empty folder; nothing was written."
    )
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_in_the_folder_s_place_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(InputProblem, match="There is a file of that name"):
        write_world(SMALL, tmp_path / "taken", silent)
    with pytest.raises(InputProblem, match=r"The folder cannot be made \(Not a directory\)"):
        write_world(SMALL, tmp_path / "taken" / "below", silent)
    assert (tmp_path / "taken").read_text() == "mine"


def test_wrong_settings_make_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputProblem):
        write_world(WorldSettings(enterprises=-1), tmp_path / "out", silent)
    assert not (tmp_path / "out").exists()


def described(path: Path) -> list[tuple[str, str]]:
    """The columns of a file and their types."""
    with duckdb.connect() as connection:
        connection.execute(f"DESCRIBE SELECT * FROM '{path}'")
        return [(row[0], row[1]) for row in connection.fetchall()]


def header(path: Path) -> list[str]:
    return [name for name, _ in described(path)]


def hashes(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hash_file(path) for path in files}


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
