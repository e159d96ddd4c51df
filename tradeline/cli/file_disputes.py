"""`tradeline file dispute` and `answer`: the subject contests its file, and is answered."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.cli.options import add_key_file, now

if TYPE_CHECKING:
    from tradeline.creditfile.file.contesting import Said

SUMMARIES = {
    "dispute": "contest a record or a figure of a credit file, from now on",
    "answer": "answer a dispute: it is upheld, or rejected",
}
EPILOGS = {
    "dispute": """\
examples:
  tradeline file dispute E000001 orders/3f2a81c09b7e/4 --lake lake \\
    --claim "the buyer sent it back"
  tradeline file dispute E000001 sales_12m --lake lake --claim "May is missing"

`tradeline file rows` gives the id of each record, the file itself those of
links. The file marks what is contested and says what each figure would be
without it.
""",
    "answer": """\
example:
  tradeline file answer E000001 D1 --lake lake --status upheld \
    --answer "the shop tells the return anew"

The record itself is corrected by the source that told it.
""",
}
STATUSES = ("upheld", "rejected")


def add_dispute_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `tradeline file dispute`."""
    _add_enterprise(parser)
    parser.add_argument(
        "about", metavar="RECORD", help="the id of a record of its file, or of a figure"
    )
    parser.add_argument(
        "--claim", required=True, metavar="TEXT", help="what is right in place of it, and why"
    )
    _add_lake(parser)


def add_answer_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `tradeline file answer`."""
    _add_enterprise(parser)
    parser.add_argument("number", metavar="NUMBER", help="the number of the dispute, such as D1")
    parser.add_argument(
        "--status", required=True, choices=STATUSES, help="whether the enterprise is right"
    )
    parser.add_argument("--answer", required=True, metavar="TEXT", help="what it is answered")
    _add_lake(parser)


def _add_enterprise(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("enterprise", type=str.strip, metavar="ENTERPRISE", help="its identifier")


def _add_lake(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lake", type=Path, metavar="FOLDER", default=Path("lake"),
        help="the lake that keeps it (default: %(default)s)",
    )  # fmt: skip
    add_key_file(parser)


def run_dispute(options: argparse.Namespace) -> int:
    """Record what is contested, and say how the file shows it."""
    from tradeline.creditfile.file.contesting import contest

    said = contest(
        options.lake, options.enterprise, options.about, options.claim, now(), options.key_file
    )
    print(f"{said.enterprise} contests {said.about}, as dispute {said.number}.")
    return _told(said)


def run_answer(options: argparse.Namespace) -> int:
    """Record what is answered."""
    from tradeline.creditfile.file.contesting import answer

    said = answer(
        options.lake, options.enterprise, options.number, options.status, options.answer, now(),
        options.key_file,
    )  # fmt: skip
    print(f"Dispute {said.number} of {said.enterprise}, about {said.about}, is {said.status}.")
    return _told(said)


def _told(said: "Said") -> int:
    print(
        f"The lake keeps it as entry {said.entry}. Files known from today on show it; those known "
        "before stay as they were."
    )
    return 0
