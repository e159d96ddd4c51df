"""Tables of losses are taken as frames or Parquet files, and what is wrong in them is said."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.risk.losses.defaults import simulate
from tradeline.kernel.findings import InputProblem
from tradeline.risk.losses.tables import connect_losses

DAY = datetime(2024, 1, 1, tzinfo=UTC)
DEFAULT: dict[str, Any] = {
    "enterprise": ["E1"],
    "loan_no": ["L1"],
    "segment": ["secured"],
    "defaulted_at": [DAY],
    "exposure_minor": [1000],
    "rate_annual": [0.1],
}
RECOVERY: dict[str, Any] = {"loan_no": ["L1"], "received_at": [DAY], "amount_minor": [10]}
DRAW: dict[str, Any] = {
    "loan_no": ["L1"],
    "observed_at": [DAY],
    "limit_minor": [100],
    "drawn_minor": [10],
}


def test_a_parquet_file_is_taken_like_a_frame(tmp_path: Path) -> None:
    path = tmp_path / "defaults.parquet"
    pl.DataFrame(DEFAULT).write_parquet(path)
    rows = connect_losses({"defaults": path}).execute("SELECT * FROM defaults").fetchall()
    frame = {"defaults": pl.DataFrame(DEFAULT)}
    assert rows == connect_losses(frame).execute("SELECT * FROM defaults").fetchall()


def test_sound_tables_pass() -> None:
    made = simulate(200, 2)
    tables = {"defaults": made.defaults, "recoveries": made.recoveries, "draws": made.draws}
    (count,) = connect_losses(tables).execute("SELECT count(*) FROM defaults").fetchall()
    assert count == (200,)


@pytest.mark.parametrize(
    ("table", "change", "message"),
    [
        (
            "defaults",
            {"exposure_minor": [-5]},
            "defaults: exposure_minor is not 0 or more in 1 row. Mend them.",
        ),
        (
            "defaults",
            {"rate_annual": [12.0]},
            "defaults: rate_annual is not 0 to 1 in 1 row. Mend them.",
        ),
        (
            "defaults",
            {"rate_annual": [float("nan")]},
            "defaults: rate_annual is not 0 to 1 in 1 row. Mend them.",
        ),
        (
            "defaults",
            {"exposure_minor": [0]},
            "defaults: 1 default had nothing owed. Leave them out: nothing is lost.",
        ),
        ("defaults", {"segment": [None]}, "defaults: The column segment is empty in 1 row."),
        ("defaults", {"exposure_minor": ["much"]}, "defaults: A value is of another kind:"),
        (
            "recoveries",
            {"amount_minor": [-1]},
            "recoveries: amount_minor is not 0 or more in 1 row. Mend them.",
        ),
        (
            "recoveries",
            {"loan_no": ["L2"]},
            "recoveries: 1 row: the loan is not among the defaults. "
            "Add the defaults, or leave the rows out.",
        ),
        (
            "recoveries",
            {"received_at": [datetime(2023, 1, 1, tzinfo=UTC)]},
            "recoveries: 1 row: it came before the loan's default. "
            "Take it off the exposure at default instead.",
        ),
        ("draws", {"drawn_minor": [-1]}, "draws: drawn_minor is not 0 or more in 1 row."),
    ],
)
def test_what_is_wrong_is_said(table: str, change: dict[str, Any], message: str) -> None:
    rows = {"defaults": DEFAULT, "recoveries": RECOVERY, "draws": DRAW}
    rows[table] = rows[table] | change
    with pytest.raises(InputProblem) as refusal:
        connect_losses({name: pl.DataFrame(columns) for name, columns in rows.items()})
    assert message in str(refusal.value)


def test_a_loan_defaults_once() -> None:
    twice = pl.concat([pl.DataFrame(DEFAULT)] * 2)
    with pytest.raises(InputProblem) as refusal:
        connect_losses({"defaults": twice})
    assert str(refusal.value) == (
        "error: defaults: loan_no: 1 value in more than one row. Keep one row of each."
    )


def test_a_missing_column_and_an_unknown_table_are_named() -> None:
    lacking = {name: column for name, column in DEFAULT.items() if name != "segment"}
    with pytest.raises(InputProblem, match="The frame lacks segment"):
        connect_losses({"defaults": pl.DataFrame(lacking)})
    with pytest.raises(InputProblem, match="Use: defaults, recoveries, draws"):
        connect_losses({"cures": pl.DataFrame(DEFAULT)})
