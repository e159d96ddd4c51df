"""`tradeline model recalibrate`: PDs of a saved model brought to what happened, no rank changed."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.cli.options import require_new
from tradeline.kernel.findings import InputProblem, Severity, counted, problem

if TYPE_CHECKING:
    from tradeline.risk.modelling.recalibrate import Moved
    from tradeline.risk.report.data import Interval

SUMMARIES = {
    "recalibrate": "bring the PDs of a model to what happened, or to a base rate",
}
EPILOGS = {
    "recalibrate": """\
examples:
  tradeline model recalibrate model.json --data later.csv --target default \\
      --out recalibrated.json
  tradeline model recalibrate model.json --base-rate 0.03 --out lower.json
  tradeline model recalibrate model.json --data later.csv --target default \\
      --shift-only --base-rate 0.03 --out both.json

Nobody changes places: the points of a scorecard stay, its scale moves. The
result is another model, with a hash of its own, to be validated and promoted.
""",
}
OURS = '{\n "format": "tradeline-model/'


def add_recalibrate(parser: argparse.ArgumentParser) -> None:
    """The arguments of `tradeline model recalibrate`."""
    parser.add_argument("model", type=Path, metavar="MODEL", help="the file of the model")
    parser.add_argument(
        "--data", type=Path, metavar="FILE",
        help="rows with outcomes that PDs are brought to (default: --base-rate alone)",
    )  # fmt: skip
    parser.add_argument(
        "--target", metavar="COLUMN",
        help="the column of the outcome of --data, written as in training (default: none)",
    )  # fmt: skip
    parser.add_argument(
        "--shift-only", action="store_true",
        help="move all log-odds by the same, do not draw them together or apart",
    )  # fmt: skip
    parser.add_argument(
        "--base-rate", type=float, metavar="SHARE",
        help="calibrate PDs to this default rate (default: that of --data)",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="write the model to this file"
    )


def run_recalibrate(options: argparse.Namespace) -> int:
    """Move the PDs, write the model and say by how much."""
    from tradeline.risk.modelling.artifact import read_model, write_model
    from tradeline.risk.modelling.recalibrate import at_base_rate, recalibrate
    from tradeline.risk.modelling.tables import read_table

    if (options.data is None) != (options.target is None):
        raise problem(
            "no-table", "--data", "A table and the column of its outcome go together.",
            "Give both --data FILE and --target COLUMN.",
        )  # fmt: skip
    if options.data is None and options.base_rate is None:
        raise problem(
            "nothing-to-do", "--data", "Nothing says what the PDs are to be brought to.",
            "Give --data FILE and --target COLUMN, or --base-rate SHARE.",
        )  # fmt: skip
    require_new(options.out, "--out", OURS)
    model = read_model(options.model)
    if options.data is not None:
        moved = recalibrate(
            model, read_table(options.data), options.target, shift_only=options.shift_only
        )
        told = [f for f in moved.findings if f.severity is not Severity.NOTE]
        if told:
            print(InputProblem(told), file=sys.stderr)
        model = moved.model
        _say(moved)
    if options.base_rate is not None:
        before = model.base_rate
        model = at_base_rate(model, options.base_rate)
        print(f"base rate from {before:.2%} to {options.base_rate:.2%}")
    write_model(model, options.out)
    print(f"The model is {options.out}; ranks are as they were.")
    return 0


def _say(moved: "Moved") -> None:
    rate = moved.defaults / moved.rows
    print(
        f"{counted(moved.rows, 'row')} with an outcome, {counted(moved.defaults, 'default')} "
        f"({rate:.2%}); mean PD {moved.before:.2%} before, {moved.after:.2%} now"
    )
    print(f"log-odds of default: shift {_interval(moved.recalibration.shift)}, "
          f"slope {_interval(moved.recalibration.slope)}: {moved.verdict}")  # fmt: skip


def _interval(found: "Interval") -> str:
    return f"{found.estimate:.3f} ({found.low:.3f} to {found.high:.3f})"


ARGUMENTS = {"recalibrate": add_recalibrate}
RUN = {"recalibrate": run_recalibrate}
