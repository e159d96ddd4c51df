"""`tradeline features`: what is computed of a firm; and the values, of a folder or a lake."""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, get_args

from tradeline.cli.options import add_reading, now, parse_date, require_new, say
from tradeline.creditfile.features.catalogue import (
    CATALOGUE,
    FEATURES,
    catalogue_json,
    catalogue_markdown,
    catalogue_text,
)
from tradeline.creditfile.features.declaration import Feature, Source
from tradeline.kernel.findings import InputProblem, problem

if TYPE_CHECKING:
    from tradeline.lake.store import Lake

FORMATS = {"text": catalogue_text, "markdown": catalogue_markdown, "json": catalogue_json}


EPILOG = """\
examples:
  tradeline features
  tradeline features --source bank --format json
  tradeline features --language
  tradeline features market --as-of 2024-12-31 --out features.parquet
  tradeline features lake --applications loans.csv --out features.csv
  tradeline features lake --as-of 2024-12-31 --hot hot --out features.parquet
  tradeline features --stored features.parquet --applications loans.csv \\
      --out known.csv
  tradeline features lake --as-of 2024-12-31 --source partners

Without a folder it lists the features. With one it writes them: for every firm
as of a day, or for each row of a file with the columns enterprise and as_of.
Each row sees what had occurred and was recorded by its moment; of a lake, in
the version that stood then. With --hot the rows of a lake are kept sorted in a
folder of their own, which pays from the second use on; with --stored each
application takes the newest row of its firm from a file written before.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "folder", type=Path, nargs="?", metavar="FOLDER",
        help="a folder of records or a lake (default: none, the features are listed)",
    )  # fmt: skip
    parser.add_argument(
        "--source", choices=get_args(Source),
        help="only features of this source (default: lists every source, computes those of the "
        "score: invoices, orders, bank)",
    )  # fmt: skip
    parser.add_argument(
        "--format", choices=FORMATS, default="text", help="how to list (default: %(default)s)"
    )
    parser.add_argument(
        "--language", action="store_true",
        help="print what features can be declared with, as Markdown, and nothing else",
    )  # fmt: skip
    parser.add_argument(
        "--as-of", metavar="DATE",
        help="the day whose end counts, for every firm (default: --applications says)",
    )  # fmt: skip
    parser.add_argument(
        "--applications", type=Path, metavar="FILE",
        help="CSV or Parquet with enterprise and as_of (default: --as-of says)",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="FILE",
        help="a new file, .csv or .parquet (default: features.parquet)",
    )  # fmt: skip
    parser.add_argument(
        "--hot", type=Path, metavar="DIR",
        help="keep a lake's rows ready in this folder, and leave out what reads personal values "
        "(default: read the lake)",
    )  # fmt: skip
    parser.add_argument(
        "--stored", type=Path, metavar="FILE",
        help="take features from this Parquet file instead of a folder (default: compute them)",
    )  # fmt: skip
    add_reading(parser)


def run(options: argparse.Namespace) -> int:
    """List the features, or the language; or compute and write features."""
    if options.language:
        from tradeline.creditfile.features.language import language_markdown

        print(language_markdown(), end="")
        return 0
    wanted = [f for f in FEATURES if options.source == f.source]
    if options.folder is None and options.stored is None:
        print(FORMATS[options.format](wanted or FEATURES), end="")
        return 0
    wanted = wanted or list(CATALOGUE)
    if (options.as_of is None) == (options.applications is None):
        raise _one_of_two()
    out = options.out or Path("features.parquet")
    if out.suffix.lower() not in (".csv", ".parquet"):
        raise problem(
            "unknown-kind", "--out", f"{out.name} is neither CSV nor Parquet by its name.",
            "Name it like features.parquet or features.csv.",
        )  # fmt: skip
    require_new(out, "--out")
    if options.stored:
        return _retrieve(options, out)
    if options.hot:
        wanted = _plain(wanted)
    count = _write(options, wanted, out)
    print(f"{count:,} rows of {len(wanted)} features are in {out}.")
    return 0


def _one_of_two() -> InputProblem:
    return problem(
        "no-moment",
        "--as-of",
        "It must be said as of when: of a day for every firm, or of each application.",
        "Give either --as-of DATE or --applications FILE.",
    )


def _retrieve(options: argparse.Namespace, out: Path) -> int:
    """Write for each application the newest of the rows that were stored before."""
    from tradeline.creditfile.features.stored import retrieve_features

    if options.folder or options.hot or not options.applications:
        raise problem(
            "no-applications",
            "--stored",
            "Stored features are taken for applications, and from no folder.",
            "Give --applications FILE, and neither a folder nor --hot.",
        )
    found = retrieve_features(options.stored, options.applications, out)
    print(f"{found.applications:,} rows are in {out}, {found.without:,} without a stored row.")
    return 0


def _plain(wanted: list[Feature]) -> list[Feature]:
    """The features that a hot store can serve; which are left out is said."""
    from tradeline.creditfile.features.persons import reads_persons

    left = [feature.name for feature in wanted if reads_persons(feature)]
    if left:
        say(f"left out, as they read personal values: {', '.join(left)}")
    return [feature for feature in wanted if feature.name not in left]


def _write(options: argparse.Namespace, wanted: list[Feature], out: Path) -> int:
    """Write the features; how many rows there are."""
    from tradeline.lake.store import is_lake

    if is_lake(options.folder):
        return _of_lake(options, wanted, out)
    if options.hot:
        raise problem(
            "no-lake",
            str(options.folder),
            "Only the rows of a lake are kept ready; this folder is no lake.",
            "Leave out --hot, or land the folder in a lake first.",
        )
    return _of_folder(options, wanted, out)


def _of_folder(options: argparse.Namespace, wanted: list[Feature], out: Path) -> int:
    from tradeline.creditfile.features.api import land_tables
    from tradeline.creditfile.features.applications import apply_all, apply_file, moment_of
    from tradeline.creditfile.features.compute import write_computed
    from tradeline.creditfile.features.firms import read_enterprises

    say(f"reading {options.folder}")
    connection = land_tables(options.folder, options.mapping, options.currency)
    if options.applications:
        apply_file(connection, options.applications)
    else:
        read_enterprises(connection)
        apply_all(connection, moment_of(parse_date(options.as_of)))
    say(f"computing {len(wanted)} features")
    return write_computed(connection, out, wanted)


def _of_lake(options: argparse.Namespace, wanted: list[Feature], out: Path) -> int:
    import duckdb

    from tradeline.creditfile.features.applications import apply_all, apply_file, moment_of
    from tradeline.creditfile.features.from_lake import write_recorded
    from tradeline.lake.sql_text import literal
    from tradeline.lake.store import open_lake

    lake = open_lake(options.folder)
    if options.applications:
        connection = duckdb.connect()
        apply_file(connection, options.applications)
    else:
        moment = moment_of(parse_date(options.as_of))
        connection = lake.connect(moment, moment)
        apply_all(connection, moment)
    with TemporaryDirectory() as folder:
        asked = Path(folder) / "applications.parquet"
        ordered = "FROM applications ORDER BY application"
        connection.execute(f"COPY ({ordered}) TO {literal(str(asked))} (FORMAT parquet)")
        if options.hot:
            return _from_store(options.hot, lake, asked, out, wanted)
        return write_recorded(lake, asked, out, now(), wanted, say)


def _from_store(hot: Path, lake: "Lake", asked: Path, out: Path, wanted: list[Feature]) -> int:
    from tradeline.creditfile.features.from_lake import record_written
    from tradeline.creditfile.features.hot.answers import write_stored
    from tradeline.creditfile.features.hot.store import open_store

    say(f"bringing {hot} up to date")
    store = open_store(hot, lake, wanted)
    say(f"computing {len(wanted)} features")

    def write(made: Path) -> int:
        return write_stored(store, asked, made, wanted)

    return record_written(lake, asked, out, now(), write)
