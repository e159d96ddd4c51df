"""`tradeline contracts`: every dataset that can be read, with its fields, units and key."""

import argparse

from tradeline.lake.contract_catalogue import catalogue_markdown, catalogue_text
from tradeline.lake.contracts import BY_NAME, FAMILIES

FORMATS = {"text": catalogue_text, "markdown": catalogue_markdown}

EPILOG = """\
examples:
  tradeline contracts
  tradeline contracts --only loans
  tradeline contracts --format markdown
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "--only", choices=BY_NAME, metavar="CONTRACT",
        help="only this contract (default: every contract)",
    )  # fmt: skip
    parser.add_argument(
        "--format", choices=FORMATS, default="text", help="how to print (default: %(default)s)"
    )


def run(options: argparse.Namespace) -> int:
    """Print the contracts, family by family."""
    every = [contract for listed in FAMILIES.values() for contract in listed]
    wanted = [contract for contract in every if options.only in (None, contract.name)]
    print(FORMATS[options.format](wanted), end="")
    return 0
