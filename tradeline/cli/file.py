"""`tradeline file`: the credit file of one enterprise, the rows behind each figure, disputes."""

import argparse
import csv
import json
import sys
from collections.abc import Callable, Sequence
from datetime import date
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.cli import file_disputes
from tradeline.cli.options import (
    add_actions,
    add_key_file,
    add_known_at,
    add_new_file,
    add_reading,
    add_sources,
    landed_tables,
    now,
    parse_date,
    quality_terms,
    require_new,
    say,
)
from tradeline.kernel.findings import problem
from tradeline.kernel.moments import end_of

if TYPE_CHECKING:
    from tradeline.creditfile.file.opening import OpenedRow
    from tradeline.creditfile.file.record import SubjectFile
    from tradeline.creditfile.file.subject import Subject
    from tradeline.lake.reading import Moment
    from tradeline.lake.store import Lake

FORMATS = {"page": "<!doctype html>", "json": '{"affiliated":', "pdf": "%PDF-"}
"""What a file of each format begins with: one of ours may be replaced."""

ROW_FORMATS = ("text", "csv", "json")
SUMMARIES = {
    "show": "write the credit file of an enterprise as a page, as JSON or as PDF",
    "rows": "list the rows behind a figure of a credit file",
    "figures": "name every figure and list of a credit file, and how each is made",
    **file_disputes.SUMMARIES,
}
EPILOG = """\
examples:
  tradeline file show E000001 --lake lake --as-of 2024-12-31 --out file.html
  tradeline file rows E000001 sales_12m --lake lake --as-of 2024-12-31
  tradeline file dispute E000001 sales_12m --lake lake --claim "May is missing"
  tradeline file figures

`tradeline file ACTION --help` says more of each.
"""
EPILOGS = {
    "show": """\
examples:
  tradeline file show E000001 --lake lake --as-of 2024-12-31 --out file.html
  tradeline file show E000001 --lake lake --as-of 2024-06-30 \\
    --known-at 2024-12-31 --format json
  tradeline file show E000001 --lake market --as-of 2024-12-31 \\
    --format pdf --out file.pdf

The file holds what had occurred by --as-of and was recorded by --known-at. Each
figure opens to the rows that it is made of.
""",
    "rows": """\
examples:
  tradeline file rows E000001 sales_12m --lake lake --as-of 2024-12-31
  tradeline file rows E000001 orders_12m --lake lake --as-of 2024-12-31 \\
    --superseded --format csv --out rows.csv

What the rows add comes to the figure, by unit. The first column is the id by
which a record is contested.
""",
    "figures": """\
examples:
  tradeline file figures
  tradeline file figures --format markdown
""",
    **file_disputes.EPILOGS,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions of `tradeline file` and their arguments."""
    for name, action in add_actions(parser, SUMMARIES, EPILOGS):
        ARGUMENTS[name](action)


def _add_show_arguments(parser: argparse.ArgumentParser) -> None:
    _add_subject_arguments(parser)
    parser.add_argument(
        "--format", metavar="TEXT",
        help=f"{', '.join(FORMATS)} (default: as --out ends, else page)",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="FILE",
        help="write to this file (default: to standard output)",
    )  # fmt: skip
    add_sources(parser)


def _add_rows_arguments(parser: argparse.ArgumentParser) -> None:
    _add_subject_arguments(parser)
    parser.add_argument("figure", metavar="FIGURE", help="the id of a figure or list")
    parser.add_argument(
        "--superseded", action="store_true",
        help="also rows in whose place another counts (default: what counts)",
    )  # fmt: skip
    parser.add_argument(
        "--format", choices=ROW_FORMATS, default="text", help="how to print (default: %(default)s)"
    )
    add_new_file(parser)


def _add_figures_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format", choices=("text", "markdown"), default="text",
        help="how to print (default: %(default)s)",
    )  # fmt: skip


def _add_subject_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("enterprise", type=str.strip, metavar="ENTERPRISE", help="its identifier")
    parser.add_argument(
        "--lake", type=Path, metavar="FOLDER", default=Path("lake"),
        help="a lake, or a folder of records (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--as-of", required=True, metavar="DATE",
        help="what had occurred by the end of this day, such as 2024-12-31",
    )  # fmt: skip
    add_known_at(parser)
    add_reading(parser)
    add_key_file(parser)


ARGUMENTS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "show": _add_show_arguments,
    "rows": _add_rows_arguments,
    "figures": _add_figures_arguments,
    "dispute": file_disputes.add_dispute_arguments,
    "answer": file_disputes.add_answer_arguments,
}


def run(options: argparse.Namespace) -> int:
    """Do the action; progress goes to standard error."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "show": _show,
        "rows": _rows,
        "figures": _figures,
        "dispute": file_disputes.run_dispute,
        "answer": file_disputes.run_answer,
    }
    return actions[options.action](options)


def _show(options: argparse.Namespace) -> int:
    from tradeline.creditfile.file.record import ROWS_INLINE, read_file

    wanted = _format(options)
    if options.out:
        require_new(options.out, "--out", FORMATS[wanted])
    elif wanted == "pdf":
        raise problem(
            "no-out", "--out", "A PDF is not for a terminal.", "Name a file: --out file.pdf."
        )
    as_of, moment = _moment(options)
    terms = quality_terms(as_of, options.sources)
    lake = _lake(options)
    subject = _subject(options, lake, moment)
    file = read_file(subject, terms, ROWS_INLINE if wanted == "page" else 0)
    _hand_over(options, lake, moment, _made(wanted, file, _place(options)))
    return 0


def _place(options: argparse.Namespace) -> str:
    """The lake or folder as the commands that a page names must have it."""
    if options.mapping is None:
        return str(options.lake)
    return f"{options.lake} --mapping {options.mapping}"


def _format(options: argparse.Namespace) -> str:
    """The format that is asked for, or that the name of the file to write asks for."""
    by_name = {".html": "page", ".htm": "page", ".json": "json", ".pdf": "pdf"}
    ending = options.out.suffix.lower() if options.out else ""
    wanted = options.format or by_name.get(ending, "page")
    if wanted not in FORMATS:
        raise problem(
            "unknown-format",
            "--format",
            f"A credit file is not written as {wanted!r}.",
            f"Use one of: {', '.join(FORMATS)}.",
        )
    return str(wanted)


def _moment(options: argparse.Namespace) -> "tuple[date, Moment]":
    from tradeline.lake.reading import Moment

    as_of = parse_date(options.as_of)
    known_at = parse_date(options.known_at, "--known-at") if options.known_at else as_of
    if as_of > known_at:
        raise problem(
            "as-of-after-known-at",
            "--as-of",
            f"{as_of} lies after {known_at}, the day by which it was known: nobody knew then "
            "what was still to come.",
            "Leave --known-at out, or choose a day that is not before --as-of.",
        )
    return as_of, Moment(end_of(as_of), end_of(known_at))


def _lake(options: argparse.Namespace) -> "Lake | None":
    """The lake; None where a folder of records is named."""
    from tradeline.lake.store import is_lake, open_lake

    return open_lake(options.lake) if is_lake(options.lake) else None


def _subject(options: argparse.Namespace, lake: "Lake | None", moment: "Moment") -> "Subject":
    """The rows of the enterprise; InputProblem if nothing of it is known by then."""
    from tradeline.creditfile.file.finding import require_known
    from tradeline.creditfile.file.subject import of_folder, of_lake
    from tradeline.lake.extracts import extracts

    if lake:
        subject = of_lake(extracts(lake, options.key_file), options.enterprise, moment)
    else:
        connection = landed_tables(options.lake, options.mapping, options.currency, say)
        subject = of_folder(connection, options.enterprise, moment)
    require_known(subject, lake)
    if lake:
        _warn_of_the_future(lake, moment)
    return subject


def _warn_of_the_future(lake: "Lake", moment: "Moment") -> None:
    """A word where a lake was told nothing for the last of the days that are asked for."""
    from tradeline.lake.store import BUCKETED

    told = (file.recorded[1] for file in lake.files if file.dataset in BUCKETED)
    last = max(told, default=None)
    if last is not None and moment.as_of.date() > last.date():
        say(
            f"warning: --as-of: The last record of this lake was recorded on {last:%Y-%m-%d}; "
            f"what happened from then to {moment.as_of:%Y-%m-%d} is not in the file."
        )


def _made(wanted: str, file: "SubjectFile", place: str) -> bytes:
    if wanted == "pdf":
        from tradeline.creditfile.file.document import file_pdf

        return file_pdf(file)
    if wanted == "json":
        from tradeline.creditfile.file.tables import file_json

        return f"{file_json(file)}\n".encode()
    from tradeline.creditfile.file.page import file_page

    return file_page(file, place).encode()


def _hand_over(
    options: argparse.Namespace, lake: "Lake | None", moment: "Moment", content: bytes
) -> None:
    """Write what was made; of a linked enterprise the lake keeps first that it was shown.

    So a link that proves wrong can be followed to all that was read through it.
    """
    from tradeline.creditfile.linkage.uses import Asked, Output, record_uses
    from tradeline.kernel.hashing import hash_bytes

    if lake:
        title = options.out.name if options.out else ""
        asked = Asked(options.enterprise, moment.as_of, moment.known_at)
        record_uses(lake, Output(hash_bytes(content), "file", title), [asked], now())
    if options.out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
    else:
        options.out.write_bytes(content)
        say(f"It is written: {options.out}.")


def _rows(options: argparse.Namespace) -> int:
    from tradeline.creditfile.file.opening import open_figure
    from tradeline.creditfile.file.parts import named

    asked = named(options.figure)
    if options.out:
        require_new(options.out, "--out")
    _, moment = _moment(options)
    lake = _lake(options)
    subject = _subject(options, lake, moment)
    rows = open_figure(subject, asked, superseded=options.superseded)
    _hand_over(options, lake, moment, _rows_text(rows, options.format).encode())
    return 0


def _rows_text(rows: "Sequence[OpenedRow]", wanted: str) -> str:
    from tradeline.creditfile.file.tables import ROW_COLUMNS, row_table
    from tradeline.creditfile.quality.text import table

    tables = [row_table(row) for row in rows]
    if wanted == "json":
        return json.dumps(tables, indent=2, ensure_ascii=False) + "\n"
    if wanted == "csv":
        stream = StringIO()
        writer = csv.DictWriter(stream, ROW_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(tables)
        return stream.getvalue()
    if not tables:
        return "No row stands behind it: it is 0, or nothing is known of it.\n"
    cells = [["-" if value in (None, "") else f"{value}" for value in row.values()]
             for row in tables]  # fmt: skip
    return table(ROW_COLUMNS, cells, len(ROW_COLUMNS)) + "\n"


def _figures(options: argparse.Namespace) -> int:
    from tradeline.creditfile.file.catalogue import figures_markdown, figures_text

    shown = figures_markdown() if options.format == "markdown" else figures_text()
    print(shown, end="")
    return 0
