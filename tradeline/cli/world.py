"""`tradeline world`: a simulated market, its truth known, as a folder to assess."""

import argparse
import sys
from pathlib import Path

from tradeline.cli.options import add_seed, parse_date

EPILOG = """\
examples:
  tradeline world --out market
  tradeline world --enterprises 20000 --seed 7 --out market --default-rate 0.1
  tradeline world --out market --shocked-sector logistics --unseen-sector-shock

What nobody could know of a firm, its true PD and its fate, stands in the folder
`truth` of the market, apart from the records.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="a new or empty folder"
    )
    parser.add_argument(
        "--enterprises", type=int, default=2000, metavar="N",
        help="how many firms (default: %(default)s)",
    )  # fmt: skip
    add_seed(parser, 1, "equal seeds give equal bytes")
    parser.add_argument(
        "--as-of", default="2024-12-31", metavar="DATE",
        help="the day on which the records end (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--months", type=int, default=24, metavar="N",
        help="months of history (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--labelled-share", type=float, default=0.6, metavar="SHARE",
        help="share of firms with an outcome (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--default-rate", type=float, default=0.05, metavar="SHARE",
        help="mean true PD over a year, unshocked (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--shocked-sector", default="", metavar="SECTOR",
        help="the sector that a shock hits (default: one by the seed)",
    )  # fmt: skip
    parser.add_argument(
        "--unseen-sector-shock", action="store_true",
        help="give no firm of the shocked sector an outcome",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Make the market; progress goes to standard error."""
    from tradeline.world.settings import WorldSettings
    from tradeline.world.writing import write_world

    settings = WorldSettings(
        enterprises=options.enterprises,
        seed=options.seed,
        months=options.months,
        as_of=parse_date(options.as_of),
        labelled_share=options.labelled_share,
        default_rate=options.default_rate,
        shocked_sector=options.shocked_sector,
        unseen_sector_shock=options.unseen_sector_shock,
    )
    write_world(settings, options.out, lambda line: print(line, file=sys.stderr, flush=True))
    return 0
