"""`tradeline world`: a simulated market, its truth known, as a folder to assess."""

import argparse
import sys
from pathlib import Path

from tradeline.cli.options import parse_date


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--enterprises", type=int, default=2000, help="number of firms (2000)")
    parser.add_argument("--seed", type=int, default=1, help="equal seeds give equal bytes (1)")
    parser.add_argument("--out", type=Path, required=True, help="a new or empty folder")
    parser.add_argument("--as-of", default="2024-12-31", help="date the records end (2024-12-31)")
    parser.add_argument("--months", type=int, default=24, help="months of history (24)")
    parser.add_argument(
        "--labelled-share", type=float, default=0.6, help="share of firms with an outcome (0.6)"
    )
    parser.add_argument(
        "--default-rate", type=float, default=0.05, help="mean PD over a year, unshocked (0.05)"
    )
    parser.add_argument(
        "--shocked-sector", default="", help="the sector that a shock hits (one by chance)"
    )
    parser.add_argument(
        "--unseen-sector-shock",
        action="store_true",
        help="give no firm of the shocked sector an outcome",
    )


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
