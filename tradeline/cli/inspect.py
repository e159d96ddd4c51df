"""`tradeline inspect FOLDER`: what the files are, how to read them, what is wrong with them."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.cli.options import require_new, say
from tradeline.kernel.findings import Severity, counted

if TYPE_CHECKING:
    from tradeline.lake.landing import SourceCount

EPILOG = """\
examples:
  tradeline inspect FOLDER
  tradeline inspect FOLDER --write FOLDER/tradeline.yaml --refused refused.csv

Exit code 0: no errors (refused copies of earlier rows are none); 1: other rows
are refused; 2: the folder cannot be read.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `tradeline inspect`."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the folder of records")
    parser.add_argument(
        "--mapping", type=Path, metavar="FILE",
        help="a mapping to check (default: the folder's tradeline.yaml, else one is proposed)",
    )  # fmt: skip
    parser.add_argument(
        "--currency", default="CNY", metavar="CODE",
        help="ISO 4217 code of all amounts, where no mapping states it (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--write", type=Path, metavar="FILE",
        help="write the mapping to this file (default: print it)",
    )  # fmt: skip
    parser.add_argument(
        "--refused", type=Path, metavar="FILE",
        help="write refused rows with their reasons to this file, as CSV (default: only count "
        "them)",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Print contracts, reasons, counts and findings; exit code 1 if there are errors among them."""
    import duckdb

    from tradeline.lake.landing import REFUSED_HEADER, land, write_refused
    from tradeline.lake.mapping import write_mapping
    from tradeline.lake.recognition import folder_proposal

    if options.write:
        require_new(options.write, "--write")
    if options.refused:
        require_new(options.refused, "--refused", REFUSED_HEADER)
    proposal = folder_proposal(options.folder, options.mapping, options.currency, say)
    for item in proposal.recognitions:
        contracts = ", ".join(item.contracts) or "no contract"
        print(f"{item.file}: {contracts} ({counted(item.rows, 'row')})")
        print(f"    because {item.why}")
    landing = land(duckdb.connect(), options.folder, proposal.mapping, say)
    print()
    for count in landing.counts:
        print(
            f"{count.file} as {count.contract}: {_made(count)}, "
            f"{count.accepted:,} accepted, {count.refused:,} refused"
        )
    findings = proposal.findings + landing.findings
    print()
    for finding in findings:
        print(finding.line())
    if options.refused:
        write_refused(landing, options.refused)
    _hand_over(write_mapping(proposal.mapping), options.write)
    return int(any(finding.severity is Severity.ERROR for finding in findings))


def _made(count: "SourceCount") -> str:
    if count.read == count.rows:
        return f"{counted(count.read, 'row')} read"
    left_out = f", {count.left_out:,} of them left out," if count.left_out else ""
    made = "makes" if count.rows == 1 else "make"
    return f"{counted(count.rows, 'row')}{left_out} {made} {counted(count.read, 'record')}"


def _hand_over(text: str, path: Path | None) -> None:
    if path:
        path.write_text(text, encoding="utf-8")
        print(f"\nThe mapping stands in {path}.")
    else:
        print(f"\n# The mapping (--write FILE keeps it)\n{text}", end="")
