"""`tradeline model`: train, score, validate, compare, promote, and the card of a model."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.cli.options import parse_date, require_new, say
from tradeline.kernel.findings import Finding, InputProblem, Severity, problem

if TYPE_CHECKING:
    from tradeline.risk.modelling.train import Trained, TrainRequest

EPILOG = """\
examples:
  tradeline model train --data loans.csv --target default --out model.json
  tradeline model score model.json --data applicants.csv --out scores.parquet

`tradeline model ACTION --help` says more of each.
"""
SUMMARIES = {
    "train": "learn a model from a table with outcomes",
    "score": "give every row of a table its probability of default",
}
EPILOGS = {
    "train": """\
examples:
  tradeline model train --data loans.csv --target default --out model.json
  tradeline model train --data loans.csv.gz --target loan_status \\
      --bad "Charged Off" --bad Default --time issue_date --out model.json
  tradeline model train --data loans.parquet --target bad --enterprise firm \\
      --horizon-months 12 --days-past-due 90 --base-rate 0.03 --out model.json

The table is CSV (any separator and encoding, also .gz), Parquet, Excel or JSON
Lines. Columns that may be known only after the outcome are left out, and said.
""",
    "score": """\
examples:
  tradeline model score model.json --data applicants.csv --out scores.parquet
  tradeline model score model.json --data applicants.csv --on 2025-01-31 \\
      --out scores.csv

The scores have two columns: row (the place of a record in the file, from 0) and
pd. Every row has its line. A cell that cannot be read, or an unknown level,
costs the points of the riskiest bin, and is said; pd is empty only for a row
that cannot be split into columns.
""",
}
KINDS = ("scorecard",)
OURS = '{\n "format": "tradeline-model/'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions of `tradeline model` and their arguments."""
    actions = parser.add_subparsers(
        dest="action", metavar="ACTION", required=True, help="what to do, one of:"
    )
    for name, summary in SUMMARIES.items():
        action = actions.add_parser(
            name,
            help=summary,
            description=f"{summary.capitalize()}.",
            epilog=EPILOGS[name],
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        ARGUMENTS[name](action)


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="FILE", help="the table")


def _add_train(parser: argparse.ArgumentParser) -> None:
    _add_data(parser)
    parser.add_argument(
        "--target", required=True, metavar="COLUMN", help="the column of the outcome"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="write the model to this file"
    )
    parser.add_argument(
        "--bad", action="append", default=[], metavar="VALUE",
        help="a value of the target that means default; may be repeated (default: told from the "
        "two values, and said)",
    )  # fmt: skip
    parser.add_argument(
        "--time", metavar="COLUMN",
        help="the moment of each row: the last rows then judge the model (default: folds)",
    )  # fmt: skip
    parser.add_argument(
        "--enterprise", metavar="COLUMN",
        help="whose rows are never split (default: a column that obviously names enterprises)",
    )  # fmt: skip
    parser.add_argument(
        "--kind", choices=KINDS, default="scorecard",
        help="what to learn (default: %(default)s)",
    )  # fmt: skip
    for option, what in (
        ("category", "a column of codes, though it looks like numbers"),
        ("keep", "a column that was known at the decision, though it is suspected"),
        ("drop", "a column to leave out"),
    ):
        parser.add_argument(
            f"--{option}", action="append", default=[], metavar="COLUMN",
            help=f"{what}; may be repeated (default: none)",
        )  # fmt: skip
    _add_meaning(parser)
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N",
        help="seed of folds and draws (default: %(default)s)",
    )  # fmt: skip


def _add_meaning(parser: argparse.ArgumentParser) -> None:
    """What a PD of the model is the probability of."""
    unknown = "(default: not stated)"
    parser.add_argument(
        "--base-rate", type=float, metavar="SHARE",
        help="calibrate PDs to this default rate (default: that of the table)",
    )  # fmt: skip
    parser.add_argument(
        "--default-definition", default="", metavar="TEXT",
        help=f"what counts as default, in words {unknown}",
    )  # fmt: skip
    parser.add_argument(
        "--days-past-due", type=int, metavar="N",
        help=f"from how many days past due {unknown}",
    )  # fmt: skip
    parser.add_argument(
        "--cure", default="", metavar="TEXT", help=f"when a default counts as cured {unknown}"
    )
    parser.add_argument(
        "--horizon-months", type=int, metavar="N", help=f"within how many months {unknown}"
    )
    parser.add_argument(
        "--population", default="", metavar="TEXT", help=f"for whom the model is {unknown}"
    )
    parser.add_argument(
        "--created-for", metavar="DATE",
        help="the day that the model was made for (default: that of the last row, if any)",
    )  # fmt: skip
    parser.add_argument(
        "--expires-on", metavar="DATE",
        help="the last day on which it may score (default: none)",
    )  # fmt: skip


def _add_score(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="MODEL", help="the file of the model")
    _add_data(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE",
        help="write the scores to this file, .parquet or .csv",
    )  # fmt: skip
    parser.add_argument(
        "--on", metavar="DATE",
        help="refuse if the model has expired by this day (default: not asked)",
    )  # fmt: skip


ARGUMENTS = {"train": _add_train, "score": _add_score}


def run(options: argparse.Namespace) -> int:
    """Do one action; progress and findings go to standard error."""
    return RUN[options.action](options)


def _run_train(options: argparse.Namespace) -> int:
    from tradeline.risk.modelling.artifact import write_model
    from tradeline.risk.modelling.train import train
    from tradeline.risk.modelling.words import trained_words

    require_new(options.out, "--out", OURS)
    trained = train(_request(options), say)
    _warn(trained)
    write_model(trained.model, options.out)
    print("\n".join(trained_words(trained.model)))
    print(f"The model is {options.out}.")
    return 0


def _request(options: argparse.Namespace) -> "TrainRequest":
    from tradeline.risk.modelling.model import Meaning, ModelKind, Overrides
    from tradeline.risk.modelling.train import TrainRequest

    for option in ("horizon_months", "days_past_due", "seed"):
        value = getattr(options, option)
        if value is not None and value < (1 if option == "horizon_months" else 0):
            raise problem(
                "bad-number", f"--{option.replace('_', '-')}", f"{value} is too small.",
                "Take a whole number from " + ("1." if option == "horizon_months" else "0."),
            )  # fmt: skip
    return TrainRequest(
        data=options.data,
        target=options.target,
        bad=tuple(options.bad),
        time=options.time,
        enterprise=options.enterprise,
        kind=ModelKind(options.kind),
        categories=tuple(options.category),
        overrides=Overrides(tuple(options.keep), tuple(options.drop)),
        meaning=Meaning(
            options.default_definition,
            options.days_past_due,
            options.cure,
            options.horizon_months,
            options.population,
        ),
        base_rate=options.base_rate,
        created_for=_day(options.created_for, "--created-for"),
        expires_on=_day(options.expires_on, "--expires-on"),
        seed=options.seed,
    )


def _day(text: str | None, option: str) -> str:
    return parse_date(text, option).isoformat() if text else ""


def _warn(trained: "Trained") -> None:
    """What is wrong or suspected; what is merely noted stands in the model."""
    told = [finding for finding in trained.findings if finding.severity is not Severity.NOTE]
    _print_findings(told)


def _print_findings(findings: list[Finding]) -> None:
    if findings:
        print(InputProblem(findings), file=sys.stderr)


def _run_score(options: argparse.Namespace) -> int:
    from tradeline.risk.modelling.artifact import read_model
    from tradeline.risk.modelling.score import is_scores, score_table, write_scores
    from tradeline.risk.modelling.tables import read_table

    if options.out.suffix.lower() not in (".parquet", ".csv"):
        raise problem(
            "unknown-kind",
            "--out",
            f"'{options.out.name}' is neither Parquet nor CSV by its name.",
            "Name it like scores.parquet.",
        )
    if not is_scores(options.out):
        require_new(options.out, "--out")
    model = read_model(options.model)
    table = read_table(options.data)
    on = parse_date(options.on, "--on") if options.on else None
    scored = score_table(model, table, on)
    _print_findings(list(scored.findings))
    write_scores(scored, options.out)
    print(f"{len(scored.pds):,} rows scored: {options.out}.")
    return 0


RUN = {"train": _run_train, "score": _run_score}
