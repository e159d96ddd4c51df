"""`tradeline model hazard` and `term-structure`: when loans default, and PDs month by month."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.cli.model_losses import add_seed, require_seed
from tradeline.cli.options import now, parse_date, require_new, say
from tradeline.kernel.findings import Finding, InputProblem, Severity, problem

if TYPE_CHECKING:
    from tradeline.risk.modelling.hazards import Floats

SUMMARIES = {
    "hazard": "learn when loans default, by month, from what became of them",
    "term-structure": "give every row, or every grade, its PD by the end of each month",
}
EPILOGS = {
    "hazard": """\
examples:
  tradeline model hazard model.json --data loans.csv --target default \\
      --months months_seen --out hazard
  tradeline model hazard model.json --data loans.csv --target default \\
      --start granted_on --end seen_until --horizon-months 12 --out hazard

A loan that was sound when last seen says something of the months until then and
nothing of later ones. Writes hazard.hazard.json, which an engine names as its
`hazard`, and hazard.html and hazard.json, which say how it was judged.
""",
    "term-structure": """\
examples:
  tradeline model term-structure model.json --hazard hazard.hazard.json \\
      --data applicants.csv --out pds.parquet
  tradeline model term-structure model.json --hazard hazard.hazard.json \\
      --data portfolio.csv --lender terms.yaml --out pds.csv

The hazard says when, the model how many: by the end of its horizon a PD is the
model's own. With --lender the mean of each of its grades is written as `grade`,
`month`, `pd`, which a portfolio's provisions read (pds.csv).
""",
}
PACKED = '{\n "format": "tradeline-hazard-study/'
OURS = '{\n "format": "tradeline-hazard/'
BY_GRADE = "grade,month,pd\n"


def add_hazard(parser: argparse.ArgumentParser) -> None:
    """The arguments of `tradeline model hazard`."""
    _add_model(parser)
    parser.add_argument("--data", type=Path, required=True, metavar="FILE", help="the table")
    parser.add_argument(
        "--target", required=True, metavar="COLUMN",
        help="the column of the outcome, written as in training",
    )  # fmt: skip
    parser.add_argument(
        "--months", metavar="COLUMN",
        help="the months until the default, or that it was seen sound for (default: --start and "
        "--end say)",
    )  # fmt: skip
    parser.add_argument(
        "--start", metavar="COLUMN", help="the first day of each loan (default: --months says)"
    )
    parser.add_argument(
        "--end", metavar="COLUMN",
        help="the day of the default, or the last on which it was sound (default: --months says)",
    )  # fmt: skip
    parser.add_argument(
        "--horizon-months", type=int, default=24, metavar="N",
        help="for how many months, 1 to 24 (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, required=True, metavar="NAME",
        help="write NAME.html, NAME.json and NAME.hazard.json",
    )  # fmt: skip
    add_seed(parser)


def add_term_structure(parser: argparse.ArgumentParser) -> None:
    """The arguments of `tradeline model term-structure`."""
    _add_model(parser)
    parser.add_argument(
        "--hazard", type=Path, required=True, metavar="FILE", help="what `model hazard` learned"
    )
    parser.add_argument("--data", type=Path, required=True, metavar="FILE", help="the table")
    parser.add_argument(
        "--lender", type=Path, metavar="FILE",
        help="terms by whose grades rows are put together (default: every row for itself)",
    )  # fmt: skip
    parser.add_argument(
        "--on", metavar="DATE", help="the day on which the terms count (default: today)"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE",
        help="write to this file: .parquet of rows, .csv of grades",
    )  # fmt: skip


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="MODEL", help="the file of the model")


def run_hazard(options: argparse.Namespace) -> int:
    """Learn, judge, write and tell."""
    from tradeline.risk.losses.artifact import write_model
    from tradeline.risk.modelling.artifact import read_model
    from tradeline.risk.modelling.hazard_page import hazard_json, hazard_page, hazard_words
    from tradeline.risk.modelling.hazards import HazardQuestion, study_hazard
    from tradeline.risk.modelling.tables import read_table

    require_seed(options.seed)
    if bool(options.months) == bool(options.start and options.end) or bool(options.start) != bool(
        options.end
    ):
        raise problem(
            "no-months", "--months", "It must be said once when each loan defaulted, or was last "
            "seen.", "Give --months COLUMN, or --start COLUMN and --end COLUMN.",
        )  # fmt: skip
    page, content, out = (
        options.out.with_name(options.out.name + end) for end in (".html", ".json", ".hazard.json")
    )
    for path, earlier in ((page, "<!doctype html>"), (content, PACKED), (out, OURS)):
        require_new(path, "--out", earlier)
    question = HazardQuestion(
        options.target, options.horizon_months, options.months or "", options.start or "",
        options.end or "", options.seed,
    )  # fmt: skip
    study = study_hazard(read_model(options.model), read_table(options.data), question)
    _tell(study.findings)
    page.write_text(hazard_page(study), encoding="utf-8")
    content.write_text(hazard_json(study), encoding="utf-8")
    out.write_text(write_model(study.hazard), encoding="utf-8")
    say(f"the page is {page}, the same as JSON {content}")
    print("\n".join(hazard_words(study)))
    print(f"The hazard is {out}.")
    return 0


def run_term_structure(options: argparse.Namespace) -> int:
    """Work out PDs by month and write them."""
    from tradeline.risk.losses.artifact import read_model as read_loss_model
    from tradeline.risk.losses.hazard import HazardModel
    from tradeline.risk.modelling.artifact import read_model
    from tradeline.risk.modelling.hazards import pds_by_month
    from tradeline.risk.modelling.tables import read_table

    wanted = ".csv" if options.lender else ".parquet"
    if options.out.suffix.lower() != wanted:
        of = "grades" if options.lender else "rows"
        raise problem(
            "unknown-kind", "--out", f"'{options.out.name}' does not end in {wanted}.",
            f"PDs of {of} are written as {wanted}.",
        )  # fmt: skip
    require_new(options.out, "--out", BY_GRADE if options.lender else "")
    if not options.hazard.is_file():
        raise problem("no-model", str(options.hazard), "There is no such file.", "Check its name.")
    text = options.hazard.read_bytes().decode("utf-8", "replace")
    hazard = read_loss_model(HazardModel, text, options.hazard.name)
    pds, findings = pds_by_month(read_model(options.model), hazard, read_table(options.data))
    _tell(findings)
    if options.lender:
        _write_grades(options, pds)
    else:
        _write_rows(options.out, pds)
        print(f"{len(pds):,} rows, PDs by the end of month 1 to {hazard.months}: {options.out}.")
    return 0


def _tell(findings: tuple[Finding, ...]) -> None:
    told = [finding for finding in findings if finding.severity is not Severity.NOTE]
    if told:
        print(InputProblem(told), file=sys.stderr)


def _write_rows(out: Path, pds: "Floats") -> None:
    """Columns `row` and `pd_1`, `pd_2`, ... by month."""
    import numpy as np

    from tradeline.lake.columns import write_columns

    columns = {f"pd_{month}": column for month, column in enumerate(pds.T, start=1)}
    write_columns({"row": np.arange(len(pds)), **columns}, out)


def _write_grades(options: argparse.Namespace, pds: "Floats") -> None:
    from tradeline.risk.modelling.hazards import mean_by_grade
    from tradeline.risk.pricing.lender_file import read_lender_terms

    on = parse_date(options.on, "--on") if options.on else now().date()
    terms = read_lender_terms(options.lender, on)
    found, told = mean_by_grade(pds, [(grade.grade, grade.pd_below) for grade in terms.grades])
    _tell(told)
    lines = [
        f"{name},{month},{pd:.6f}\n"
        for name, curve in found.items()
        for month, pd in enumerate(curve.tolist(), start=1)
    ]
    options.out.write_text(BY_GRADE + "".join(lines), encoding="utf-8")
    print(f"{terms.lender}: PDs of grades {', '.join(found)} by month: {options.out}.")


ARGUMENTS = {"hazard": add_hazard, "term-structure": add_term_structure}
RUN = {"hazard": run_hazard, "term-structure": run_term_structure}
