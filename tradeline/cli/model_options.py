"""The actions of `tradeline model` and what each may be told."""

import argparse
from pathlib import Path

from tradeline.cli import (
    model_hazard,
    model_losses,
    model_recalibrate,
    model_selection,
    model_signing,
)
from tradeline.cli.options import add_actions, add_new_file, add_seed, add_who_and_why

EPILOG = """\
examples:
  tradeline model train --data loans.csv --target default --out model.json
  tradeline model score model.json --data applicants.csv --out scores.parquet
  tradeline model validate model.json --data new.csv --target default --out pack
  tradeline model compare old.json model.json --data new.csv --target default
  tradeline model promote model.json --registry models --who "A. Officer" \\
      --why "validated on 2024"
  tradeline model card model.json --out card.md

`tradeline model ACTION --help` says more of each.
"""
SUMMARIES = {
    "train": "learn a model from a table with outcomes",
    "score": "give every row of a table its probability of default",
    "validate": "hold a model against a table with outcomes: one page, one JSON",
    "compare": "hold two models against the same rows: difference, and who is swapped",
    "promote": "record which model is in force from when, by whose word and why",
    "card": "write the card of a model",
    "sql": "write a scorecard as SQL that gives the same points in the database",
    **model_signing.SUMMARIES,
    **model_recalibrate.SUMMARIES,
    **model_selection.SUMMARIES,
    **model_losses.SUMMARIES,
    **model_hazard.SUMMARIES,
}
EPILOGS = {
    "train": """\
examples:
  tradeline model train --data loans.csv --target default --out model.json
  tradeline model train --data loans.csv.gz --target loan_status \\
      --bad "Charged Off" --bad Default --time issue_date --out model.json
  tradeline model train --data loans.parquet --target bad --enterprise firm \\
      --horizon-months 12 --days-past-due 90 --base-rate 0.03 --out model.json
  tradeline model train --lake lake --applications past.csv \\
      --horizon-months 12 --out model.json

The table is CSV (any separator and encoding, also .gz), Parquet, Excel or JSON
Lines. Columns that may be known only after the outcome are left out, and said.
A scorecard is judged beside a glass box and boosted trees, where they are
installed: what they would add, and what a reader would lose.
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
    "validate": """\
example:
  tradeline model validate model.json --data later.csv --target default \\
      --time issue_date --segment region --group sex \\
      --registry models --out pack

Writes pack.html and pack.json: figures with intervals, by period and segment;
shifts with limits that know how many rows there are; calibration; reasons;
fairness between groups; and what changed against the model in force.
""",
    "compare": """\
example:
  tradeline model compare old.json new.json --data later.csv --target default
""",
    "promote": """\
examples:
  tradeline model promote model.json --registry models --who "A. Officer" \\
      --why "validated on 2024"
  tradeline model promote model.json --registry models --who "A. Officer" \\
      --why "from the new year on" --at 2025-01-01
  tradeline model promote model.json --registry models --who "A. Officer" \\
      --why "validated" --signer officer.pub

From a promotion with --signer on, the registry takes and gives only models that
this key has signed. Lines are only ever added, each chained to the last by its
hash.
""",
    "card": """\
examples:
  tradeline model card model.json
  tradeline model card model.json --out card.md
""",
    "sql": """\
examples:
  tradeline model sql model.json --dialect postgres --table features \\
      --key enterprise --out score.sql

The statement gives each factor's points, the score and the PD, to the digit
what `tradeline model score` gives.
""",
    **model_signing.EPILOGS,
    **model_recalibrate.EPILOGS,
    **model_selection.EPILOGS,
    **model_losses.EPILOGS,
    **model_hazard.EPILOGS,
}
KINDS = ("scorecard", "boosted", "glass-box", "curves")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions of `tradeline model` and their arguments."""
    for name, action in add_actions(parser, SUMMARIES, EPILOGS):
        ARGUMENTS[name](action)


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="FILE", help="the table")


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, metavar="FILE", help="the table (default: --lake says)"
    )
    parser.add_argument(
        "--target", metavar="COLUMN",
        help="the column of the outcome of --data (default: --lake says)",
    )  # fmt: skip
    parser.add_argument(
        "--lake", type=Path, metavar="FOLDER",
        help="learn from the features and outcomes of this lake (default: from --data)",
    )  # fmt: skip
    parser.add_argument(
        "--applications", type=Path, metavar="FILE",
        help="CSV or Parquet with enterprise and as_of: what was applied for in the past at the "
        "lake (default: none)",
    )  # fmt: skip
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
        help="what to learn; boosted needs the extra boost, glass-box the extra of its name, and "
        "so do curves, which are a glass box of single columns (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--pairs", type=int, default=5, metavar="N",
        help="a scorecard may hold so many pairs of columns, if rows that it did not learn from "
        "bear them out; 0 for none (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--no-ceiling", action="store_true",
        help="do not ask what a glass box and boosted trees would add to a scorecard",
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
    parser.add_argument(
        "--overrides", type=Path, metavar="FILE",
        help="YAML of what an analyst decides over the data: forbid and direction, which bind "
        "every kind, and merge, split and pin of a scorecard's bins (default: none)",
    )  # fmt: skip
    _add_scale(parser)
    _add_meaning(parser)
    add_seed(parser, 0, "seed of folds and draws")


def _add_scale(parser: argparse.ArgumentParser) -> None:
    """What points mean."""
    for option, usual, what in (
        ("pdo", 50.0, "so many points double the odds of a good to a bad"),
        ("base-points", 600.0, "a score of so many points means the base odds"),
        ("base-odds", 20.0, "so many goods to one bad at the base points"),
    ):
        parser.add_argument(
            f"--{option}", type=float, default=usual, metavar="N",
            help=f"{what} (default: %(default)g)",
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
    _add_model(parser)
    _add_data(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE",
        help="write the scores to this file, .parquet or .csv",
    )  # fmt: skip
    parser.add_argument(
        "--on", metavar="DATE",
        help="refuse if the model has expired by this day (default: not asked)",
    )  # fmt: skip


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="MODEL", help="the file of the model")


def _add_outcomes(parser: argparse.ArgumentParser) -> None:
    _add_data(parser)
    parser.add_argument(
        "--target", required=True, metavar="COLUMN",
        help="the column of the outcome, written as in training",
    )  # fmt: skip
    parser.add_argument(
        "--approve", type=float, default=0.7, metavar="SHARE",
        help="the share of safest rows that count as approved (default: %(default)s)",
    )  # fmt: skip


def _add_validate(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    _add_outcomes(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="NAME",
        help="write NAME.html and NAME.json",
    )  # fmt: skip
    parser.add_argument(
        "--time", metavar="COLUMN",
        help="the moment of each row (default: that of training, if the table has it)",
    )  # fmt: skip
    for option, what in (
        ("segment", "figures by each value of this column"),
        ("group", "fairness between the values of this column"),
    ):
        parser.add_argument(
            f"--{option}", action="append", default=[], metavar="COLUMN",
            help=f"{what}; may be repeated (default: none)",
        )  # fmt: skip
    parser.add_argument(
        "--registry", type=Path, metavar="FOLDER",
        help="compare with the model in force there (default: none)",
    )  # fmt: skip
    parser.add_argument(
        "--on", metavar="DATE",
        help="whose parameters count, and which model is in force (default: today)",
    )  # fmt: skip


def _add_compare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("one", type=Path, metavar="MODEL", help="the model in force")
    parser.add_argument("other", type=Path, metavar="MODEL", help="its challenger")
    _add_outcomes(parser)


def _add_promote(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    parser.add_argument(
        "--registry", type=Path, required=True, metavar="FOLDER", help="the folder of the record"
    )
    add_who_and_why(parser)
    parser.add_argument(
        "--at", metavar="DATE", help="in force from the start of this day (default: now)"
    )
    parser.add_argument(
        "--signer", type=Path, metavar="FILE",
        help="the public key that must have signed models from now on (default: that of the last "
        "promotion, if any)",
    )  # fmt: skip


def _add_card(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="write it to this file (default: print it)"
    )


def _add_sql(parser: argparse.ArgumentParser) -> None:
    _add_model(parser)
    parser.add_argument(
        "--dialect", choices=("duckdb", "postgres"), default="duckdb",
        help="for which engine (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--table", default="features", metavar="TEXT",
        help="the table of features (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--key", action="append", default=[], metavar="COLUMN",
        help="a column to give beside the score; may be repeated (default: none)",
    )  # fmt: skip
    add_new_file(parser)


ARGUMENTS = {"train": _add_train, "score": _add_score, "validate": _add_validate,
             "compare": _add_compare, "promote": _add_promote, "card": _add_card,
             "sql": _add_sql, **model_signing.ARGUMENTS, **model_recalibrate.ARGUMENTS,
             **model_selection.ARGUMENTS, **model_losses.ARGUMENTS,
             **model_hazard.ARGUMENTS}  # fmt: skip
