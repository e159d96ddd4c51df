"""`tradeline assess FOLDER`: from a folder of records to a decision on every applicant."""

import argparse
import webbrowser
from pathlib import Path
from typing import Literal

from tradeline.cli.options import add_reading, add_seed, parse_budget, parse_date, say
from tradeline.kernel.findings import InputProblem, Severity, problem
from tradeline.lake.yaml_files import read_yaml

BINDS: dict[str, Literal["offers", "expected drawings"]] = {
    "offers": "offers",
    "drawings": "expected drawings",
}
AS_STATED = "Default as the folder's outcomes state it."


EPILOG = """\
examples:
  tradeline assess FOLDER --as-of 2024-12-31 --budget 100000000 --out results
  tradeline assess FOLDER --as-of 2024-12-31 --budget 5000000 --out results \\
      --base-rate 0.03 --industry-caps caps.yaml --scenario shock.yaml

Applicants are the firms without an outcome that was known on the day; the model
learns from the others. Start with report.html in the folder of results.
Exit code 0: decided; 2: the input must be mended first, and it says how.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `tradeline assess`."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the folder of records")
    parser.add_argument(
        "--budget", required=True, metavar="N",
        help="what may be lent in all, in whole currency units",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR",
        help="the folder for the results: a new one, or that of an earlier assessment",
    )  # fmt: skip
    parser.add_argument(
        "--as-of", metavar="DATE",
        help="decide on what was known by the end of this day, such as 2024-12-31 "
        "(default: the day of the last record, outcomes aside)",
    )  # fmt: skip
    add_reading(parser)
    parser.add_argument(
        "--budget-binds", choices=tuple(BINDS), default="offers",
        help="what the budget limits: the sum of offers, or what firms are likely to draw of them "
        "(default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--base-rate", type=float, metavar="SHARE",
        help="the default rate you expect of the portfolio, to which PDs are calibrated "
        "(default: the parameter, 0.05)",
    )  # fmt: skip
    parser.add_argument(
        "--default-definition", metavar="TEXT", default=AS_STATED,
        help='what counts as default, for the record (default: "%(default)s")',
    )  # fmt: skip
    parser.add_argument(
        "--industry-caps", type=Path, metavar="FILE",
        help="YAML with the greatest share of the budget by industry, in lines such as "
        "`logistics: 0.2` (default: no caps)",
    )  # fmt: skip
    parser.add_argument(
        "--scenario", type=Path, metavar="FILE",
        help="YAML with a shock by industry under which to decide again (default: none)",
    )  # fmt: skip
    add_seed(parser, 0, "deals the folds and draws the refits; equal seeds give equal bytes")
    parser.add_argument(
        "--resamples", type=int, default=200, metavar="N",
        help="how many refits of the model give each PD its range (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--open", action="store_true", help="open the report in a browser")


def run(options: argparse.Namespace) -> int:
    """Assess, write the results and print where they are; progress goes to standard error."""
    from tradeline.risk.assessment import Request, assess
    from tradeline.risk.outputs import REPORT, check_folder, summary, write_outputs

    request = Request(
        folder=options.folder,
        budget=parse_budget(options.budget),
        mapping=options.mapping,
        currency=options.currency,
        as_of=None if options.as_of is None else parse_date(options.as_of),
        binds=BINDS[options.budget_binds],
        base_rate=options.base_rate,
        default_definition=options.default_definition,
        caps=_caps(options.industry_caps),
        scenario=options.scenario,
        seed=options.seed,
        resamples=options.resamples,
    )
    check_folder(options.out, options.folder)
    found = assess(request, say)
    for finding in found.findings:
        if finding.severity is not Severity.NOTE:
            say(finding.line())
    say("writing the results")
    write_outputs(found, options.out)
    report = options.out / REPORT
    print(summary(found))
    print(f"The report is {report}.")
    if options.open:
        webbrowser.open(report.resolve().as_uri())
    return 0


def _caps(path: Path | None) -> dict[str, float]:
    if path is None:
        return {}
    content = read_yaml(path, "file of industry caps", "Write lines such as `construction: 0.2`.")
    if not isinstance(content, dict) or not content:
        raise _bad_caps(path, "names no industry")
    for industry, share in content.items():
        if isinstance(share, bool) or not isinstance(share, int | float):
            raise _bad_caps(path, f"gives {industry!r} the cap {share!r}, which is no number")
    return {str(industry): float(share) for industry, share in content.items()}


def _bad_caps(path: Path, why: str) -> InputProblem:
    return problem(
        "bad-caps",
        path.name,
        f"The file of industry caps {why}.",
        "Write lines such as `construction: 0.2`.",
    )
