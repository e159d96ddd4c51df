"""`tradeline model recalibrate`: another model with the same ranks, and what was changed."""

from pathlib import Path

import pytest

from tradeline.cli.main import main
from tradeline.risk.modelling.artifact import read_model

Capture = pytest.CaptureFixture[str]
DECIDE = Path(__file__).parents[2] / "examples" / "decide"
MODEL, LOANS = DECIDE / "model.json", DECIDE / "loans.csv"


def run(out: Path, *more: object) -> int:
    return main(["model", "recalibrate", str(MODEL), "--out", str(out), *map(str, more)])


def test_a_model_is_recalibrated_and_brought_to_a_base_rate(
    tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "new.json"
    assert run(out, "--data", LOANS, "--target", "defaulted", "--base-rate", 0.03) == 0
    shown = capsys.readouterr()
    first, second, third, last = shown.out.splitlines()
    assert " rows with an outcome, " in first
    assert second.startswith("log-odds of default: shift ")
    assert third.endswith(" to 3.00%")
    assert last == f"The model is {out}; ranks are as they were."
    assert "These are the rows that the model learned from" in shown.err
    old, new = read_model(MODEL), read_model(out)
    assert new.base_rate == 0.03
    assert old.card is not None
    assert new.card is not None
    assert [factor.points for factor in new.card.factors] == [f.points for f in old.card.factors]
    assert new.card.scale != old.card.scale
    # What it wrote itself it may write again.
    assert run(out, "--base-rate", 0.05) == 0


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            (),
            "error: --data: Nothing says what the PDs are to be brought to. Give --data FILE and "
            "--target COLUMN, or --base-rate SHARE.",
        ),
        (
            ("--data", LOANS),
            "error: --data: A table and the column of its outcome go together. Give both --data "
            "FILE and --target COLUMN.",
        ),
        (
            ("--base-rate", "1"),
            "error: --base-rate: A default rate of 1 does not lie between 0 and 1. State it as a "
            "share, such as 0.05.",
        ),
        (
            ("--data", LOANS, "--target", "region"),
            "error: region: The model was told of the outcomes '1' and '0'; here stand also ",
        ),
    ],
)
def test_what_cannot_be(
    tmp_path: Path, capsys: Capture, more: tuple[object, ...], message: str
) -> None:
    assert run(tmp_path / "new.json", *more) == 2
    assert capsys.readouterr().err.startswith(message)
    assert not list(tmp_path.iterdir())
