"""`tradeline model selection`: a model judged for all applicants by outcomes of the approved."""

import argparse
import sys
from pathlib import Path

from tradeline.cli.model_losses import add_seed, require_seed
from tradeline.cli.options import now, parse_date, require_new, say
from tradeline.kernel.findings import InputProblem, Severity, problem

SUMMARIES = {
    "selection": "judge a model for all applicants, by outcomes of the approved",
}
EPILOGS = {
    "selection": """\
examples:
  tradeline model selection model.json --data applicants.csv --target default \\
      --out selection
  tradeline model selection model.json --data applicants.csv --target default \\
      --approved decision --propensity propensity --prior other.json \\
      --approve 0.6 --out selection

Of declined applicants nobody knows how they would have paid. Figures are given
as if they did not exist, reweighted by how likely each was approved, and, with
another model as prior, Bayesian and combined (docs/concepts/selection.md).
Writes selection.html and selection.json.
""",
}
PACKED = '{\n "format": "tradeline-selection/'


def add_selection(parser: argparse.ArgumentParser) -> None:
    """The arguments of `tradeline model selection`."""
    parser.add_argument("model", type=Path, metavar="MODEL", help="the file of the model")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="FILE",
        help="the applicants, approved and declined",
    )  # fmt: skip
    parser.add_argument(
        "--target", required=True, metavar="COLUMN",
        help="the column of the outcome, empty for the declined",
    )  # fmt: skip
    parser.add_argument(
        "--approved", metavar="COLUMN",
        help="who was approved, yes or no (default: those with an outcome)",
    )  # fmt: skip
    parser.add_argument(
        "--propensity", metavar="COLUMN",
        help="how likely each was approved, as decision records have it (default: estimated from "
        "what the model reads)",
    )  # fmt: skip
    parser.add_argument(
        "--prior", type=Path, metavar="MODEL",
        help="another model, whose PDs stand in for the outcomes of the declined (default: none, "
        "and no Bayesian figures)",
    )  # fmt: skip
    parser.add_argument(
        "--approve", type=float, default=0.7, metavar="SHARE",
        help="the share of safest applicants that the model would approve (default: %(default)s)",
    )  # fmt: skip
    for option, what in (("earned", "a good loan earns"), ("lost", "a bad loan loses")):
        parser.add_argument(
            f"--{option}", type=float, metavar="SHARE",
            help=f"what {what} of its amount (default: the parameter)",
        )  # fmt: skip
    parser.add_argument(
        "--on", metavar="DATE", help="the day whose parameters count (default: today)"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="NAME", help="write NAME.html and NAME.json"
    )
    add_seed(parser)


def run_selection(options: argparse.Namespace) -> int:
    """Judge, write and tell."""
    from tradeline.risk.modelling.artifact import read_model
    from tradeline.risk.modelling.selected import SelectionQuestion, study_selection
    from tradeline.risk.modelling.selected_page import (
        selection_json,
        selection_page,
        selection_words,
    )
    from tradeline.risk.modelling.tables import read_table

    require_seed(options.seed)
    for option in ("approve", "earned", "lost"):
        share = getattr(options, option)
        if share is not None and not 0 < share < 1:
            raise problem(
                "bad-share", f"--{option}", f"{share:g} is no share between 0 and 1.",
                "Write it like 0.7.",
            )  # fmt: skip
    page, content = (options.out.with_name(options.out.name + end) for end in (".html", ".json"))
    require_new(page, "--out", "<!doctype html>")
    require_new(content, "--out", PACKED)
    on = parse_date(options.on, "--on") if options.on else now().date()
    study = study_selection(
        read_model(options.model),
        read_table(options.data),
        SelectionQuestion(
            options.target, options.approved or "", options.propensity or "", options.approve,
            options.earned, options.lost, options.seed,
        ),
        on,
        read_model(options.prior) if options.prior else None,
    )  # fmt: skip
    told = [finding for finding in study.findings if finding.severity is not Severity.NOTE]
    if told:
        print(InputProblem(told), file=sys.stderr)
    page.write_text(selection_page(study), encoding="utf-8")
    content.write_text(selection_json(study), encoding="utf-8")
    say(f"the page is {page}, the same as JSON {content}")
    print("\n".join(selection_words(study)))
    return 0


ARGUMENTS = {"selection": add_selection}
RUN = {"selection": run_selection}
