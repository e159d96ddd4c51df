"""`tradeline model`: train, score, validate, compare, promote, and the card of a model."""

import argparse
import sys
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.cli.options import now, parse_date, require_new, say
from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.kernel.moments import end_of

if TYPE_CHECKING:
    from tradeline.risk.modelling.train import Trained, TrainRequest
    from tradeline.risk.scoring.overrides import Override

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
      --time issue_date --segment region --group sex --registry models --out pack

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

Lines are only ever added, each chained to the last by its hash.
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
}
KINDS = ("scorecard", "boosted", "glass-box")
PACKED = '{\n "format": "tradeline-validation/'
STRONG_SUSPECT = "strong-suspect"
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
    parser.add_argument(
        "--data", type=Path, metavar="FILE", help="the table (default: --lake says)"
    )
    parser.add_argument("--target", metavar="COLUMN", help="the column of the outcome of --data")
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
        help="what to learn; boosted needs the extra boost, glass-box the extra of its name "
        "(default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--no-ceiling", action="store_true",
        help="do not ask what boosted trees would add to a scorecard",
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
        help="YAML of what an analyst decides over the data: merge, split, pin, forbid, "
        "direction (default: none)",
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
    parser.add_argument("--who", required=True, metavar="TEXT", help="who decides")
    parser.add_argument("--why", required=True, metavar="TEXT", help="why")
    parser.add_argument(
        "--at", metavar="DATE", help="in force from the start of this day (default: now)"
    )


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
    parser.add_argument(
        "--out", type=Path, metavar="FILE",
        help="write to this new file (default: to standard output)",
    )  # fmt: skip


ARGUMENTS = {"train": _add_train, "score": _add_score, "validate": _add_validate,
             "compare": _add_compare, "promote": _add_promote, "card": _add_card,
             "sql": _add_sql}  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Do one action; progress and findings go to standard error."""
    return RUN[options.action](options)


def _run_train(options: argparse.Namespace) -> int:
    from tradeline.risk.modelling.artifact import write_model
    from tradeline.risk.modelling.train import train
    from tradeline.risk.modelling.words import trained_words

    require_new(options.out, "--out", OURS)
    if options.lake:
        trained = _train_on_lake(options)
    elif options.data is None or options.target is None:
        raise problem(
            "no-table",
            "--data",
            "Nothing says what to learn from.",
            "Give --data FILE and --target COLUMN, or --lake and --applications.",
        )
    else:
        trained = train(_request(options), say)
    _warn(trained)
    write_model(trained.model, options.out)
    print("\n".join(trained_words(trained.model)))
    print(f"The model is {options.out}.")
    return 0


def _train_on_lake(options: argparse.Namespace) -> "Trained":
    from dataclasses import replace
    from tempfile import TemporaryDirectory

    from tradeline.lake.store import open_lake
    from tradeline.risk.modelling.lake_table import (
        ENTERPRISE,
        TARGET,
        TIME,
        write_training_table,
    )
    from tradeline.risk.modelling.train import train

    if options.applications is None or options.horizon_months is None or options.data:
        raise problem(
            "no-applications",
            "--lake",
            "A lake is learned from by past applications and a horizon.",
            "Give --applications FILE and --horizon-months N, and no --data.",
        )
    with TemporaryDirectory() as folder:
        table = Path(folder) / f"{options.applications.stem}.parquet"
        lake = open_lake(options.lake)
        months = options.horizon_months
        write_training_table(lake, options.applications, table, months, now(), say)
        request = replace(
            _request(options), data=table, target=TARGET, time=TIME, enterprise=ENTERPRISE
        )
        return train(request, say)


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
        edits=_edits(options),
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
        ceiling=not options.no_ceiling,
        seed=options.seed,
    )


def _edits(options: argparse.Namespace) -> "tuple[Override, ...]":
    from tradeline.risk.scoring.override_files import read_overrides

    if options.overrides is None:
        return ()
    if options.kind != "scorecard":
        raise problem(
            "no-overrides", "--overrides", f"A model of the kind {options.kind} has no bins.",
            "Leave --overrides out, or train a scorecard.",
        )  # fmt: skip
    return read_overrides(options.overrides)


def _day(text: str | None, option: str) -> str:
    return parse_date(text, option).isoformat() if text else ""


def _warn(trained: "Trained") -> None:
    """What is wrong; suspects are told with the model, what is merely noted stands in it."""
    _print_findings(
        [
            finding
            for finding in trained.findings
            if finding.severity is not Severity.NOTE and finding.code != STRONG_SUSPECT
        ]
    )


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


def _run_validate(options: argparse.Namespace) -> int:
    from tradeline.risk.modelling.artifact import read_model
    from tradeline.risk.modelling.pack import Question, validate
    from tradeline.risk.modelling.page import pack_json, pack_page
    from tradeline.risk.modelling.registry import in_force
    from tradeline.risk.modelling.tables import read_table
    from tradeline.risk.modelling.words import pack_words

    page, content = (options.out.with_suffix(end) for end in (".html", ".json"))
    require_new(page, "--out", "<!doctype html>")
    require_new(content, "--out", PACKED)
    _require_share(options.approve)
    model, table = read_model(options.model), read_table(options.data)
    on = parse_date(options.on, "--on") if options.on else now().date()
    other = in_force(options.registry, end_of(on)) if options.registry else None
    question = Question(
        options.target, options.time, tuple(options.segment), tuple(options.group), options.approve
    )
    pack = validate(model, table, question, on, other)
    _print_findings([f for f in pack.findings if f.severity is not Severity.NOTE])
    page.write_text(pack_page(pack), encoding="utf-8")
    content.write_text(pack_json(pack), encoding="utf-8")
    print("\n".join(pack_words(pack)))
    print(f"The page is {page}, the same as JSON {content}.")
    return 0


def _require_share(share: float) -> None:
    if not 0 < share < 1:
        raise problem(
            "bad-share",
            "--approve",
            f"{share:g} is no share between 0 and 1.",
            "Write it like 0.7.",
        )


def _run_compare(options: argparse.Namespace) -> int:
    from tradeline.risk.modelling.artifact import read_model
    from tradeline.risk.modelling.pack import compare
    from tradeline.risk.modelling.tables import read_table
    from tradeline.risk.modelling.words import against_words

    _require_share(options.approve)
    one, other = read_model(options.one), read_model(options.other)
    found = compare(other, one, read_table(options.data), options.target, options.approve)
    print("\n".join(against_words(found, options.approve)))
    return 0


def _run_promote(options: argparse.Namespace) -> int:
    from tradeline.risk.modelling.artifact import read_model
    from tradeline.risk.modelling.registry import promote

    told = now()
    moment = told
    if options.at:
        moment = datetime.combine(parse_date(options.at, "--at"), time.min)
    line = promote(
        read_model(options.model),
        options.registry,
        from_moment=moment,
        now=told,
        who=options.who,
        why=options.why,
    )
    print(f"{line.model} is in force from {line.from_moment} UTC, by {line.who}: {line.why}")
    return 0


def _run_card(options: argparse.Namespace) -> int:
    from tradeline.risk.modelling.artifact import read_model
    from tradeline.risk.modelling.card import model_card

    text = model_card(read_model(options.model))
    if options.out is None:
        print(text, end="")
        return 0
    require_new(options.out, "--out", "# Model card\n")
    options.out.write_text(text, encoding="utf-8")
    print(f"The card is {options.out}.")
    return 0


def _run_sql(options: argparse.Namespace) -> int:
    from tradeline.risk.modelling.artifact import read_model
    from tradeline.risk.scoring.card_sql import card_sql

    card = read_model(options.model).card
    if card is None:
        raise problem(
            "no-card", options.model.name, "The model is no scorecard, so it has no points.",
            "Train one with --kind scorecard.",
        )  # fmt: skip
    text = card_sql(card, options.dialect, table=options.table, keys=options.key)
    if options.out is None:
        print(text)
        return 0
    require_new(options.out, "--out")
    options.out.write_text(text + "\n", encoding="utf-8")
    print(f"The statement is {options.out}.")
    return 0


RUN = {"train": _run_train, "score": _run_score, "validate": _run_validate,
       "compare": _run_compare, "promote": _run_promote, "card": _run_card,
       "sql": _run_sql}  # fmt: skip
