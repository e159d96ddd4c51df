"""`tradeline assess FOLDER`: from a folder of records to a decision on every applicant."""

import argparse
import sys
import webbrowser
from pathlib import Path
from typing import Literal

import yaml

from tradeline.cli.options import parse_date
from tradeline.kernel.findings import InputProblem, problem

BINDS: dict[str, Literal["offers", "expected drawings"]] = {
    "offers": "offers",
    "drawings": "expected drawings",
}
AS_STATED = "Default as the folder's outcomes state it."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `tradeline assess`."""
    parser.add_argument("folder", type=Path, help="the folder of records")
    parser.add_argument(
        "--budget", required=True, help="what may be lent in all, in whole currency units"
    )
    parser.add_argument("--out", type=Path, required=True, help="the folder for the results")
    parser.add_argument(
        "--as-of", metavar="DATE", help="decide as of this day (default: that of the last record)"
    )
    parser.add_argument(
        "--mapping", type=Path, metavar="FILE",
        help="how to read the folder (default: its tradeline.yaml, else what inspect proposes)",
    )  # fmt: skip
    parser.add_argument("--currency", default="CNY", help="ISO 4217 code (CNY), without a mapping")
    parser.add_argument(
        "--budget-binds", choices=tuple(BINDS), default="offers",
        help="whether the budget limits the sum of offers or what is likely drawn (offers)",
    )  # fmt: skip
    parser.add_argument(
        "--base-rate", type=float, metavar="SHARE",
        help="the default rate of the portfolio to which PDs are calibrated (a parameter: 0.05)",
    )  # fmt: skip
    parser.add_argument(
        "--default-definition", metavar="TEXT", default=AS_STATED,
        help="what counts as default, for the record",
    )  # fmt: skip
    parser.add_argument(
        "--industry-caps", type=Path, metavar="FILE",
        help="YAML: industry and the greatest share of the budget, such as `construction: 0.2`",
    )  # fmt: skip
    parser.add_argument(
        "--scenario", type=Path, metavar="FILE", help="decide again under a shock by industry"
    )
    parser.add_argument("--seed", type=int, default=0, help="equal seeds give equal bytes (0)")
    parser.add_argument(
        "--resamples", type=int, default=200, metavar="N",
        help="how many refits of the model give each PD its range (200)",
    )  # fmt: skip
    parser.add_argument("--open", action="store_true", help="open the report in a browser")


def run(options: argparse.Namespace) -> int:
    """Assess, write the results and print where they are; progress goes to standard error."""
    from tradeline.risk.assessment import Request, assess
    from tradeline.risk.outputs import REPORT, claim_folder, summary, write_outputs

    request = Request(
        folder=options.folder,
        budget=_budget(options.budget),
        mapping=options.mapping,
        currency=options.currency,
        as_of=parse_date(options.as_of) if options.as_of else None,
        binds=BINDS[options.budget_binds],
        base_rate=options.base_rate,
        default_definition=options.default_definition,
        caps=_caps(options.industry_caps),
        scenario=options.scenario,
        seed=options.seed,
        resamples=options.resamples,
    )
    claim_folder(options.out)
    found = assess(request, _progress)
    _progress("writing the results")
    write_outputs(found, options.out)
    report = options.out / REPORT
    print(summary(found))
    print(f"The report is {report}.")
    if options.open:
        webbrowser.open(report.resolve().as_uri())
    return 0


def _budget(text: str) -> int:
    plain = text.replace(",", "").replace("_", "")
    if not plain.lstrip("-").isdigit():
        raise problem(
            "bad-budget",
            "--budget",
            f"'{text}' is no whole number of currency units.",
            "Write it like 100000000.",
        )
    return int(plain)


def _caps(path: Path | None) -> dict[str, float]:
    if path is None:
        return {}
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise _bad_caps(path, "cannot be read as YAML") from error
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


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
