"""Options that several commands share, and how they are read."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from tradeline.kernel.findings import InputProblem, Severity, problem
from tradeline.kernel.moments import naive_utc
from tradeline.kernel.texts import sentence

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from tradeline.creditfile.linkage.doubtful_identifiers import IdentifierTerms
    from tradeline.creditfile.quality.terms import QualityTerms

LONGEST_NUMBER = 18


def say(line: str) -> None:
    """Tell of progress, on standard error."""
    print(line, file=sys.stderr, flush=True)


def now() -> datetime:
    """The moment (naive UTC) that a lake will keep: this is where a clock enters."""
    return naive_utc(datetime.now(UTC))  # noqa: TID251


def add_actions(
    parser: argparse.ArgumentParser,
    summaries: Mapping[str, str],
    epilogs: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """The parser of each action of a command, under its name, with its summary and examples."""
    actions = parser.add_subparsers(
        dest="action", metavar="ACTION", required=True, help="what to do, one of:"
    )
    for name, summary in summaries.items():
        yield (
            name,
            actions.add_parser(
                name,
                help=summary,
                description=sentence(summary),
                epilog=epilogs.get(name),
                formatter_class=argparse.RawDescriptionHelpFormatter,
            ),
        )


def add_new_file(parser: argparse.ArgumentParser) -> None:
    """Where a text is written instead of printed: `--out`."""
    parser.add_argument(
        "--out", type=Path, metavar="FILE",
        help="write to this new file (default: to standard output)",
    )  # fmt: skip


def add_who_and_why(parser: argparse.ArgumentParser) -> None:
    """By whose word something is recorded, and why."""
    parser.add_argument("--who", required=True, metavar="TEXT", help="the person who says so")
    parser.add_argument("--why", required=True, metavar="TEXT", help="the reason")


def add_reading(parser: argparse.ArgumentParser) -> None:
    """How a folder of records is to be read: `--mapping` and `--currency`."""
    parser.add_argument(
        "--mapping", type=Path, metavar="FILE",
        help="how to read a folder (default: its tradeline.yaml, else what inspect proposes)",
    )  # fmt: skip
    parser.add_argument(
        "--currency", default="CNY", metavar="CODE",
        help="ISO 4217 code, for a folder without a mapping (default: %(default)s)",
    )  # fmt: skip


def add_text_or_json(parser: argparse.ArgumentParser, what: str) -> None:
    """How something is told: `--format`."""
    parser.add_argument(
        "--format", choices=("text", "json"), default="text",
        help=f"{what} (default: %(default)s)",
    )  # fmt: skip


def add_seed(parser: argparse.ArgumentParser, usual: int, what: str) -> None:
    """What chance begins with: `--seed`."""
    parser.add_argument(
        "--seed", type=int, default=usual, metavar="N", help=f"{what} (default: %(default)s)"
    )


def add_revoked(parser: argparse.ArgumentParser) -> None:
    """Which signing keys no longer count: `--revoked`."""
    parser.add_argument(
        "--revoked", type=Path, metavar="FILE",
        help="the list of keys that no longer count, each from a day on (default: none)",
    )  # fmt: skip


def add_key_file(parser: argparse.ArgumentParser) -> None:
    """With which key a lake is opened."""
    parser.add_argument(
        "--key-file", type=Path, metavar="FILE",
        help="the key of the lake (default: TRADELINE_LAKE_KEY_FILE, else LAKE.key beside it)",
    )  # fmt: skip


def add_known_at(parser: argparse.ArgumentParser) -> None:
    """By which day what is told was recorded, beside an `--as-of` of the command's own."""
    parser.add_argument(
        "--known-at", metavar="DATE",
        help="and was recorded by the end of this day (default: the same day)",
    )  # fmt: skip


def add_sources(parser: argparse.ArgumentParser) -> None:
    """What quality is held against."""
    parser.add_argument(
        "--sources", type=Path, metavar="FILE",
        help="YAML that says what each source promises (`every`) and who feeds it (`fed_by`) "
        "(default: the parameter for each, and nobody)",
    )  # fmt: skip


def add_processes(parser: argparse.ArgumentParser, what: str) -> None:
    """In how many processes a command works: `--processes`, a number from 1 on."""
    parser.add_argument(
        "--processes", type=int, default=1, metavar="N",
        help=f"work on so many {what} at a time (default: %(default)s)",
    )  # fmt: skip


def require_processes(number: int) -> None:
    """InputProblem if `--processes` is below 1."""
    if number < 1:
        raise problem("bad-number", "--processes", f"{number} is none.", "Take 1.")


def parse_date(text: str, option: str = "--as-of") -> date:
    """The day that an option states; InputProblem if it is no day."""
    try:
        return date.fromisoformat(text)
    except ValueError as refusal:
        raise problem(
            "bad-date", option, f"'{text}' is no date.", "Write it like 2024-12-31."
        ) from refusal


def parse_budget(text: str) -> int:
    """The amount of `--budget` in currency units; InputProblem if it is no whole number."""
    plain = text.strip().replace(",", "").replace("_", "")
    digits = plain.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise _bad_budget(f"'{text}' is no whole number of currency units.")
    if len(digits) > LONGEST_NUMBER:
        raise _bad_budget("There is not that much money.")
    return int(plain)


def _bad_budget(message: str) -> InputProblem:
    return problem("bad-budget", "--budget", message, "Write it like 100000000.")


def require_new(path: Path, option: str, earlier: str = "") -> None:
    """Raise InputProblem where an option names a file that is there, or a folder that is not.

    A file that starts with `earlier` is one of ours, and may be replaced.
    """
    if not path.parent.is_dir():
        message = f"The folder {path.parent} does not exist."
        raise problem("no-folder", option, message, "Make it, or name a file in another one.")
    if path.is_file() and earlier:
        with path.open("rb") as stream:
            if stream.read(len(earlier.encode())) == earlier.encode():
                return
    if path.exists():
        what = "a folder" if path.is_dir() else "a file"
        raise problem(
            "file-in-the-way",
            option,
            f"There is {what} called {path} already.",
            "Name a new file, or remove that one.",
        )


def quality_terms(on: date, sources: Path | None) -> "QualityTerms":
    """What the quality of data is held against on a day, with what a file of sources states."""
    from tradeline.creditfile.quality.sources import read_source_notes
    from tradeline.risk.evidence import read_quality_terms

    terms = read_quality_terms(on)
    if sources is None:
        return terms
    notes = read_source_notes(sources)
    return replace(terms, promises=notes.promises, fed_by=notes.fed_by)


def identifier_terms(on: date) -> "IdentifierTerms":
    """When a number says who an enterprise is, as stated on a day."""
    from tradeline.creditfile.linkage.doubtful_identifiers import IdentifierTerms
    from tradeline.risk.parameters import read_parameters

    stated = read_parameters("identifiers", on)
    return IdentifierTerms(**{name: one.value for name, one in stated.items()})


def landed_tables(
    folder: Path, mapping: Path | None, currency: str, progress: Callable[[str], None]
) -> "DuckDBPyConnection":
    """A folder of records as tables; what is wrong with it is told as progress."""
    import duckdb

    from tradeline.lake.landing import land
    from tradeline.lake.recognition import folder_proposal

    proposal = folder_proposal(folder, mapping, currency, progress)
    landing = land(duckdb.connect(), folder, proposal.mapping, progress)
    for finding in proposal.findings + landing.findings:
        if finding.severity is not Severity.NOTE:
            progress(finding.line())
    return landing.connection
