"""`tradeline link A B`: which records of two tables are the same, without labels."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.cli.options import identifier_terms, now, require_new, say
from tradeline.kernel.findings import InputProblem, counted, problem

if TYPE_CHECKING:
    from tradeline.creditfile.linkage.tables.files import DataTable
    from tradeline.creditfile.linkage.tables.job import Linked
    from tradeline.creditfile.linkage.tables.mapping import LinkMapping
    from tradeline.kernel.findings import Finding

EPILOG = """\
examples:
  tradeline link shop.csv catalogue.csv --out links.parquet
  tradeline link shop.csv catalogue.csv --write-mapping link.yaml
  tradeline link shop.csv catalogue.csv --mapping link.yaml \\
      --out links.parquet --review review.csv --evidence evidence.csv
  tradeline link customers.csv --out duplicates.parquet

Tables are CSV, Excel, JSON Lines or Parquet. The links have four columns: left
and right (identifiers), probability, and relation. Without a mapping columns
are paired by their names, else by what they hold; what was assumed is printed.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `tradeline link`."""
    parser.add_argument("left", type=Path, metavar="FILE", help="the left table")
    parser.add_argument(
        "right", type=Path, metavar="FILE", nargs="?",
        help="the right table (default: the left one itself, for its duplicates)",
    )  # fmt: skip
    parser.add_argument(
        "--mapping", type=Path, metavar="FILE",
        help="YAML that says what to compare (default: it is recognised)",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="FILE",
        help="write the links to this file, .parquet or .csv (default: stop at the mapping)",
    )  # fmt: skip
    parser.add_argument(
        "--write-mapping", type=Path, metavar="FILE",
        help="write the mapping, as completed, to this file (default: print what is assumed)",
    )  # fmt: skip
    parser.add_argument(
        "--threshold", metavar="SHARE",
        help="link from this probability on (default: the mapping's, else 0.5)",
    )  # fmt: skip
    parser.add_argument(
        "--all", action="store_true",
        help="write compared pairs below the threshold too: affiliated, namesake or unrelated "
        "(default: only links)",
    )  # fmt: skip
    parser.add_argument(
        "--review", type=Path, metavar="FILE",
        help="write up to 1,000 doubtful pairs with their values to this file, as CSV "
        "(default: none)",
    )  # fmt: skip
    parser.add_argument(
        "--evidence", type=Path, metavar="FILE",
        help="write what each field says of each link to this file, in bits, as CSV "
        "(default: none)",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Recognise, link, write and sum up; progress and findings go to standard error."""
    from tradeline.creditfile.linkage.tables.job import link_tables
    from tradeline.creditfile.linkage.tables.recognition import recognise

    _require_places(options)
    mapping = _mapping(options)
    left, right = _tables(options, mapping)
    if options.out is None:
        recognised = recognise(left, right, mapping)
        _warn(left.findings + recognised.findings + _doubts(left, right, recognised.mapping))
        _print_assumed(recognised.mapping)
        _write_mapping(options, recognised.mapping)
        return 0
    linked = link_tables(left, right, mapping, say)
    _warn(linked.findings + _doubts(left, right, linked.recognised.mapping))
    _print_tables(linked)
    _print_assumed(linked.recognised.mapping)
    _write(options, linked)
    return 0


def _doubts(left: "DataTable", right: "DataTable", mapping: "LinkMapping") -> "tuple[Finding, ...]":
    from tradeline.creditfile.linkage.tables.doubts import doubts

    return doubts(left, right, mapping, identifier_terms(now().date()))


def _require_places(options: argparse.Namespace) -> None:
    from tradeline.creditfile.linkage.tables.outputs import (
        EVIDENCE_HEADER,
        REVIEW_HEADER,
        is_links,
        require_kind,
    )

    if options.out is None and options.write_mapping is None:
        raise problem(
            "no-out",
            "--out",
            "Nothing says where the links go.",
            "Name a file: --out links.parquet. Or have a mapping: --write-mapping link.yaml.",
        )
    if options.out is not None:
        require_kind(options.out, "--out")
        if not is_links(options.out):
            require_new(options.out, "--out")
    if options.write_mapping is not None:
        require_new(options.write_mapping, "--write-mapping")
    if options.review is not None:
        require_new(options.review, "--review", REVIEW_HEADER)
    if options.evidence is not None:
        require_new(options.evidence, "--evidence", EVIDENCE_HEADER)


def _mapping(options: argparse.Namespace) -> "LinkMapping":
    from dataclasses import replace

    from tradeline.creditfile.linkage.tables.mapping import LinkMapping, read_link_mapping

    mapping = read_link_mapping(options.mapping) if options.mapping else LinkMapping()
    if options.threshold is None:
        return mapping
    return replace(mapping, threshold=_threshold(options.threshold))


def _threshold(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1:
        raise problem(
            "bad-threshold",
            "--threshold",
            f"'{text}' is no probability above 0 and at most 1.",
            "Write it like 0.5.",
        )
    return value


def _tables(options: argparse.Namespace, mapping: "LinkMapping") -> "tuple[DataTable, DataTable]":
    from tradeline.creditfile.linkage.tables.files import read_table

    say(f"reading {options.left.name}")
    left = read_table(options.left, mapping.left.id, mapping.left.encoding)
    if options.right is None or _one_file(options.left, options.right):
        return left, left
    say(f"reading {options.right.name}")
    return left, read_table(options.right, mapping.right.id, mapping.right.encoding)


def _one_file(left: Path, right: Path) -> bool:
    return right.exists() and left.samefile(right)


def _print_tables(linked: "Linked") -> None:
    for table in (linked.left,) if linked.itself else (linked.left, linked.right):
        named = (
            f"named by '{table.id_column}'" if table.id_column else "named by their number, from 1"
        )
        print(f"{table.name}: {counted(table.rows, 'record')}, {named}")


def _print_assumed(mapping: "LinkMapping") -> None:
    print("compared by:")
    for choice in mapping.fields:
        left, right = " + ".join(choice.left), " + ".join(choice.right)
        columns = f"'{left}'" if left == right else f"'{left}' with '{right}'"
        print(f"  {choice.name}: {columns}, as {choice.kind}")


def _write(options: argparse.Namespace, linked: "Linked") -> None:
    from tradeline.creditfile.linkage.tables.outputs import (
        write_evidence,
        write_links,
        write_review,
    )

    _print_found(linked)
    written = write_links(linked, options.out, options.all)
    print(f"The links are {options.out} ({counted(written, 'row')}).")
    _write_mapping(options, linked.mapping)
    if options.review is not None:
        rows = write_review(linked, options.review)
        print(f"{counted(rows, 'doubtful pair')} to be looked at: {options.review}.")
    if options.evidence is not None:
        write_evidence(linked, options.evidence)
        print(f"The evidence is {options.evidence}.")


def _print_found(linked: "Linked") -> None:
    from tradeline.creditfile.linkage.tables.job import expected_precision, expected_recall

    once = linked.judged.learned.once
    stated = "as stated" if linked.recognised.mapping.each is not None else "found out"
    print(f"{counted(linked.judged.pairs.shape[1], 'pair')} compared")
    if not linked.itself and linked.judged.learned.shared:
        for name, alone in (("left", once.left), ("right", once.right)):
            many = "one counterpart at most" if alone else "several counterparts"
            print(f"a record of the {name} table has {many} ({stated})")
    print(
        f"{counted(len(linked.chances), 'link')} with a probability of at least "
        f"{linked.threshold:g}"
    )
    if len(linked.chances):
        print(
            f"expected precision {expected_precision(linked):.2f}, "
            f"expected recall {expected_recall(linked):.2f} of what was compared"
        )


def _write_mapping(options: argparse.Namespace, mapping: "LinkMapping") -> None:
    from tradeline.creditfile.linkage.tables.mapping import write_link_mapping

    if options.write_mapping is not None:
        options.write_mapping.write_text(write_link_mapping(mapping), encoding="utf-8")
        print(f"The mapping is {options.write_mapping}.")


def _warn(findings: "tuple[Finding, ...]") -> None:
    if findings:
        print(InputProblem(findings), file=sys.stderr)
