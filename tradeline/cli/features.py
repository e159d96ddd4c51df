"""`tradeline features`: every feature, what it means and which way it should move risk."""

import argparse
from typing import get_args

from tradeline.creditfile.features.catalogue import (
    CATALOGUE,
    catalogue_json,
    catalogue_markdown,
    catalogue_text,
)
from tradeline.creditfile.features.declaration import Source
from tradeline.creditfile.features.language import language_markdown

FORMATS = {"text": catalogue_text, "markdown": catalogue_markdown, "json": catalogue_json}


EPILOG = """\
examples:
  tradeline features
  tradeline features --source bank --format json
  tradeline features --language
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "--source", choices=get_args(Source),
        help="only features of this source (default: every source)",
    )  # fmt: skip
    parser.add_argument(
        "--format", choices=FORMATS, default="text", help="how to print (default: %(default)s)"
    )
    parser.add_argument(
        "--language", action="store_true",
        help="print what features can be declared with, as Markdown, and nothing else",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Print the catalogue, or the language that it is declared in."""
    if options.language:
        print(language_markdown(), end="")
        return 0
    wanted = [f for f in CATALOGUE if options.source in (None, f.source)]
    print(FORMATS[options.format](wanted), end="")
    return 0
