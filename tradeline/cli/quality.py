"""`tradeline quality`: how timely, complete, consistent and accurate the data of firms are."""

import argparse
import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.cli.options import (
    add_known_at,
    add_reading,
    add_sources,
    add_text_or_json,
    landed_tables,
    parse_date,
    quality_terms,
    require_new,
    say,
)
from tradeline.kernel.findings import counted, problem
from tradeline.kernel.moments import end_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from tradeline.creditfile.quality.record import Quality
    from tradeline.creditfile.quality.terms import QualityTerms
    from tradeline.lake.reading import Moment

PAGE = "<!doctype html>"
EPILOG = """\
examples:
  tradeline quality lake --as-of 2024-12-31
  tradeline quality lake --as-of 2024-06-30 --known-at 2024-12-31 --format json
  tradeline quality lake --as-of 2024-12-31 --enterprise E000001 \\
      --page quality.html
  tradeline quality lake --as-of 2024-12-31 --enterprise E000001 \\
      --rows orders-payments:differing

A lake tells of several sources; a folder is one. A dash stands for what nobody
can say; it is never counted as perfect.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("place", type=Path, metavar="FOLDER", help="a lake, or a folder of records")
    parser.add_argument(
        "--as-of", required=True, metavar="DATE",
        help="measure what had occurred by the end of this day, such as 2024-12-31",
    )  # fmt: skip
    add_known_at(parser)
    parser.add_argument(
        "--enterprise", metavar="TEXT",
        help="all there is of this firm, by its identifier (default: a line for every firm)",
    )  # fmt: skip
    parser.add_argument(
        "--rows", metavar="TEXT",
        help="the rows behind a number of the firm: RULE:VERDICT, late:CONTRACT, "
        "conflicts:CONTRACT or checked:CONTRACT (default: the numbers)",
    )  # fmt: skip
    add_sources(parser)
    add_text_or_json(parser, "how to print")
    parser.add_argument(
        "--page", type=Path, metavar="FILE",
        help="write a page of HTML to this file too (default: only print)",
    )  # fmt: skip
    add_reading(parser)


def run(options: argparse.Namespace) -> int:
    """Measure and print; progress and findings go to standard error."""
    from tradeline.creditfile.quality.record import read_quality
    from tradeline.lake.reading import Moment

    as_of = parse_date(options.as_of)
    known_at = parse_date(options.known_at, "--known-at") if options.known_at else as_of
    if options.rows is not None and options.enterprise is None:
        raise problem(
            "rows-need-a-firm",
            "--rows",
            "The rows behind a number are those of one firm, and none is named.",
            "Name it: --enterprise ID.",
        )
    if options.page:
        require_new(options.page, "--page", PAGE)
    moment = Moment(end_of(as_of), end_of(known_at))
    terms = quality_terms(as_of, options.sources)
    connection = _connect(options, moment)
    qualities = read_quality(connection, moment, terms)
    _warn_of_strangers(terms, qualities)
    if options.enterprise is not None:
        qualities = _only(qualities, options.enterprise)
    if options.rows is not None:
        return _print_rows(options, connection, moment, terms)
    _print(options, qualities)
    if options.page:
        from tradeline.creditfile.quality.page import quality_page

        options.page.write_text(quality_page(qualities), encoding="utf-8")
        say(f"The page is {options.page}.")
    return 0


def _connect(options: argparse.Namespace, moment: "Moment") -> "DuckDBPyConnection":
    from tradeline.lake.store import BIRTH, open_lake

    if (options.place / BIRTH).is_file():
        lake = open_lake(options.place)
        if lake.erased:
            say(
                f"note: {counted(len(lake.erased), 'subject')} erased: what was personal of them "
                "counts as empty here."
            )
        return lake.connect(moment.as_of, moment.known_at, show_erased=True)
    return landed_tables(options.place, options.mapping, options.currency, say)


def _warn_of_strangers(terms: "QualityTerms", qualities: "tuple[Quality, ...]") -> None:
    """A word on sources that are stated and that told nothing."""
    seen = {item.source for quality in qualities for item in quality.filled}
    seen |= {item.source for quality in qualities for item in quality.timeliness}
    for name in sorted({*terms.promises, *terms.fed_by} - seen):
        say(
            f"warning: {name}: The file of sources states it, but it told nothing of any firm by "
            "then. Check its name, or choose a later day."
        )


def _only(qualities: "tuple[Quality, ...]", enterprise: str) -> "tuple[Quality, ...]":
    found = tuple(quality for quality in qualities if quality.enterprise == enterprise)
    if not found:
        raise problem(
            "no-such-enterprise",
            "--enterprise",
            f"No firm is called {enterprise!r} here; there are {len(qualities):,}, such as "
            f"{qualities[0].enterprise!r}.",
            "Write its identifier as the enterprises file has it.",
        )
    return found


def _print_rows(
    options: argparse.Namespace,
    connection: "DuckDBPyConnection",
    moment: "Moment",
    terms: "QualityTerms",
) -> int:
    from tradeline.creditfile.quality.rows import rows_behind
    from tradeline.creditfile.quality.text import rows_text

    rows = rows_behind(connection, moment, terms, options.enterprise, options.rows)
    if options.format == "json":
        _print_json([asdict(row) for row in rows])
    else:
        print(rows_text(rows))
    return 0


def _print(options: argparse.Namespace, qualities: "tuple[Quality, ...]") -> None:
    from tradeline.creditfile.quality.record import quality_table
    from tradeline.creditfile.quality.text import details, overview

    if options.format == "json":
        _print_json([{"enterprise": q.enterprise} | quality_table(q) for q in qualities])
    elif options.enterprise is not None:
        print(details(qualities[0]))
    else:
        print(overview(qualities))


def _print_json(records: list[dict[str, object]]) -> None:
    print(json.dumps(records, indent=2, ensure_ascii=False, default=_moment_text))


def _moment_text(moment: datetime) -> str:
    return f"{moment.isoformat()}Z"
