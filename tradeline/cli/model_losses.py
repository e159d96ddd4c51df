"""`tradeline model losses`: what a default costs and how much is then owed, from what passed."""

import argparse
import sys
from pathlib import Path

from tradeline.cli.options import now, parse_date, require_new, say
from tradeline.kernel.findings import InputProblem, problem

SUMMARIES = {
    "losses": "estimate LGD and EAD from recoveries and draws, and judge them",
}
EPILOGS = {
    "losses": """\
examples:
  tradeline model losses --defaults defaults.csv --recoveries recoveries.csv \\
      --out losses
  tradeline model losses --defaults defaults.csv --recoveries recoveries.csv \\
      --draws draws.csv --known-at 2024-12-31 --judged-from 2023-06-30 \\
      --out losses

Writes losses.html and losses.json: estimates with intervals, and how ones like
them stood beside later defaults. losses.lgd.json and, of draws, losses.ead.json
are the estimates themselves: name them in a lender's terms, and it prices and
decides by them. docs/concepts/loss-and-time.md has the columns of the tables.
""",
}
PACKED = '{\n "format": "tradeline-losses/'
OF_LGD, OF_EAD = '{\n "format": "tradeline-lgd/', '{\n "format": "tradeline-ead/'


def add_losses(parser: argparse.ArgumentParser) -> None:
    """The arguments of `tradeline model losses`."""
    parser.add_argument(
        "--defaults", type=Path, required=True, metavar="FILE", help="the loans that defaulted"
    )
    parser.add_argument(
        "--recoveries", type=Path, required=True, metavar="FILE",
        help="what came back of them, payment by payment",
    )  # fmt: skip
    parser.add_argument(
        "--draws", type=Path, metavar="FILE",
        help="how far lines were drawn, as seen from time to time (default: EAD is not asked)",
    )  # fmt: skip
    parser.add_argument(
        "--known-at", metavar="DATE",
        help="what was known by the end of this day counts (default: today)",
    )  # fmt: skip
    parser.add_argument(
        "--judged-from", metavar="DATE",
        help="what came after this day judges what was known by it (default: the day that leaves "
        "30 %% of defaults)",
    )  # fmt: skip
    parser.add_argument(
        "--cohort", action="append", default=[], metavar="DATE",
        help="a day on which lines are looked at for EAD; may be repeated (default: one of each "
        "year, back from a year before --known-at)",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, required=True, metavar="NAME",
        help="write NAME.html, NAME.json, NAME.lgd.json and NAME.ead.json",
    )  # fmt: skip
    add_seed(parser)


def add_seed(parser: argparse.ArgumentParser) -> None:
    """The seed of what is drawn."""
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N",
        help="seed of the draws behind intervals (default: %(default)s)",
    )  # fmt: skip


def require_seed(seed: int) -> None:
    """InputProblem for a negative seed."""
    if seed < 0:
        raise problem(
            "bad-number", "--seed", f"{seed} is too small.", "Take a whole number from 0."
        )


def run_losses(options: argparse.Namespace) -> int:
    """Estimate, judge, write and tell."""
    from tradeline.risk.losses.artifact import write_model
    from tradeline.risk.losses.page import losses_json, losses_page, losses_words
    from tradeline.risk.losses.study import LossQuestion, study_losses

    require_seed(options.seed)
    page, content, lgd, ead = (
        options.out.with_name(options.out.name + end)
        for end in (".html", ".json", ".lgd.json", ".ead.json")
    )
    for path, earlier in ((page, "<!doctype html>"), (content, PACKED), (lgd, OF_LGD),
                          (ead, OF_EAD)):  # fmt: skip
        require_new(path, "--out", earlier)
    tables = {"defaults": options.defaults, "recoveries": options.recoveries}
    known_at = parse_date(options.known_at, "--known-at") if options.known_at else now().date()
    study = study_losses(
        LossQuestion(
            tables | ({"draws": options.draws} if options.draws else {}),
            known_at,
            parse_date(options.judged_from, "--judged-from") if options.judged_from else None,
            tuple(parse_date(day, "--cohort") for day in options.cohort),
            options.seed,
        )
    )
    if study.findings:
        print(InputProblem(study.findings), file=sys.stderr)
    page.write_text(losses_page(study), encoding="utf-8")
    content.write_text(losses_json(study), encoding="utf-8")
    lgd.write_text(write_model(study.lgd), encoding="utf-8")
    say(f"the page is {page}, the same as JSON {content}")
    print("\n".join(losses_words(study)))
    print(f"The LGD is {lgd}.")
    if study.ead is not None:
        ead.write_text(write_model(study.ead), encoding="utf-8")
        print(f"The conversion is {ead}.")
    return 0


ARGUMENTS = {"losses": add_losses}
RUN = {"losses": run_losses}
