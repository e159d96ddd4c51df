"""`tradeline lake`: make a lake, land batches in it, show it, and keep it in order."""

import argparse
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.cli import lake_subjects
from tradeline.cli.lake_sources import (
    PULL_EPILOG,
    SERVE_EPILOG,
    add_pull_arguments,
    add_serve_arguments,
    run_pull,
    run_serve,
)
from tradeline.cli.options import add_actions, add_key_file, add_reading, say
from tradeline.kernel.findings import InputProblem, Severity, counted, problem
from tradeline.kernel.moments import naive_utc

if TYPE_CHECKING:
    from tradeline.lake.batches import Landed
    from tradeline.lake.store import Lake

ASSURANCES = (
    "self-declared",
    "platform-observed",
    "counterparty-confirmed",
    "authority-verified",
)
EPILOG = """\
examples:
  tradeline lake init lake
  tradeline lake land lake monday --source shop --assurance platform-observed
  tradeline lake land lake tuesday --source shop --assurance platform-observed
  tradeline lake pull lake sources.yaml
  tradeline lake show lake
  tradeline lake compact lake
  tradeline lake sweep lake

`tradeline lake ACTION --help` says more of each.
"""
LAND_EPILOG = """\
examples:
  tradeline lake land lake monday --source shop --assurance platform-observed
  tradeline lake land lake tax --source tax-office --batch 2024-Q4 \\
    --assurance authority-verified
  tradeline lake land lake history --source shop \\
    --assurance platform-observed --learned-at 2020-01-01

A batch that was landed before changes nothing. Refused rows are kept with their
reasons, and the exit code is then 1.
"""
SUMMARIES = {
    "init": "make an empty lake in a new or empty folder",
    "land": "land a folder of records as one batch: whole or not at all",
    "pull": "land what the sources of a file have to tell, each once",
    "serve": "receive what the pushed sources of a file send, until ended",
    "show": "say what the lake holds: rows, batches, both clocks",
    "verify": "check the log, the hash of each file and the counts",
    "compact": "merge small files; answers stay the same",
    "sweep": "remove files that were merged and what killed writers left",
    **lake_subjects.SUMMARIES,
}
KEYED = ("init", "land", "pull", "serve", "verify", *lake_subjects.SUMMARIES)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions of `tradeline lake` and their arguments."""
    plain = {name: f"example:\n  tradeline lake {name} lake\n" for name in SUMMARIES}
    for name, action in add_actions(parser, SUMMARIES, plain | EPILOGS):
        action.add_argument("lake", type=Path, metavar="LAKE", help="the folder of the lake")
        if name in ARGUMENTS:
            ARGUMENTS[name](action)
        lake_subjects.add_arguments(name, action)
        if name in KEYED:
            add_key_file(action)


def _add_land_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the folder of records")
    parser.add_argument("--source", required=True, metavar="NAME", help="who tells these records")
    parser.add_argument(
        "--assurance", required=True, choices=ASSURANCES, metavar="LEVEL",
        help=f"who stands behind the source: {', '.join(ASSURANCES)}",
    )  # fmt: skip
    parser.add_argument(
        "--batch", metavar="ID",
        help="the name of the batch (default: the source and the hash of the content)",
    )  # fmt: skip
    add_reading(parser)
    parser.add_argument(
        "--learned-at", metavar="DATE",
        help="when rows without clocks were learned (default: when the last record was)",
    )  # fmt: skip


def _add_verify_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rows", action="store_true",
        help="also check that every row keeps its contract (default: files and counts)",
    )  # fmt: skip


ARGUMENTS = {
    "land": _add_land_arguments,
    "pull": add_pull_arguments,
    "serve": add_serve_arguments,
    "verify": _add_verify_arguments,
}
EPILOGS = {
    "land": LAND_EPILOG,
    "pull": PULL_EPILOG,
    "serve": SERVE_EPILOG,
    **lake_subjects.EPILOGS,
}


def run(options: argparse.Namespace) -> int:
    """Do the action; exit code 1 where `land` refused rows or `verify` found something wrong."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "init": _init,
        "land": _land,
        "pull": run_pull,
        "serve": run_serve,
        "show": _show,
        "verify": _verify,
        "compact": _compact,
        "sweep": _sweep,
    }
    return actions.get(options.action, lake_subjects.run)(options)


def _init(options: argparse.Namespace) -> int:
    from tradeline.lake.store import init_lake

    key = init_lake(options.lake, options.key_file)
    print(f"{options.lake} is an empty lake.")
    print(
        f"Its keys are {key} and {key.name}.subjects: back them up apart from the lake. Without "
        "them names cannot be read; a copy of them undoes erasures."
    )
    return 0


def _land(options: argparse.Namespace) -> int:
    from tradeline.lake.folders import known_shapes, land_folder
    from tradeline.lake.recognition import folder_proposal
    from tradeline.lake.records import Assurance
    from tradeline.lake.shape import vanished
    from tradeline.lake.store import open_lake

    lake = open_lake(options.lake)
    proposal = folder_proposal(options.folder, options.mapping, options.currency, say)
    told = [source.contract for source in proposal.mapping.sources]
    unread = {item.file: item.columns for item in proposal.recognitions if not item.contracts}
    lost = vanished(known_shapes(lake, options.source), told, unread)
    if lost:
        raise InputProblem(lost)
    landed = land_folder(
        options.lake,
        options.folder,
        proposal.mapping,
        options.source,
        Assurance(options.assurance),
        say,
        options.batch,
        _moment(options.learned_at) if options.learned_at else None,
        options.key_file,
    )
    for finding in proposal.findings + landed.findings:
        print(finding.line())
    _print_landed(landed)
    findings = proposal.findings + landed.findings
    return int(any(finding.severity is Severity.ERROR for finding in findings))


def _moment(text: str) -> datetime:
    try:
        return naive_utc(datetime.fromisoformat(text))
    except ValueError as refusal:
        raise problem(
            "bad-date",
            "--learned-at",
            f"'{text}' is no moment.",
            "Write it like 2024-12-31 or 2024-12-31T18:30:00+08:00.",
        ) from refusal


def _print_landed(landed: "Landed") -> None:
    record = landed.record
    if landed.again:
        print(f"Batch {record.id} was landed before, as entry {landed.entry}; nothing changed.")
        return
    print(f"Batch {record.id} is landed as entry {landed.entry}.")
    for contract, told in record.told.items():
        print(
            f"{contract}: {told.new:,} new, {told.revisions:,} revisions, "
            f"{told.repeated:,} told before"
        )
    print(f"refused: {record.refused:,}, kept with their reasons")


def _show(options: argparse.Namespace) -> int:
    from tradeline.lake.store import open_lake

    lake = open_lake(options.lake)
    files = lake.files
    print(
        f"{options.lake}: {len(lake.entries):,} entries, {len(files):,} files, "
        f"{sum(file.bytes for file in files) / 1e6:,.1f} MB"
    )
    if not lake.entries:
        print(
            "The lake holds nothing yet. `tradeline lake land LAKE FOLDER --source NAME "
            "--assurance LEVEL` lands a folder."
        )
        return 0
    _show_datasets(lake)
    _show_batches(lake)
    if lake.erased:
        print(f"{counted(len(lake.erased), 'subject')} erased")
    for number, reason in lake.held.values():
        print(f"legal hold, entry {number}: {reason}")
    return 0


def _show_datasets(lake: "Lake") -> None:
    from tradeline.lake.store import DATASETS

    print(f"\n{'contract':<18} {'rows':>12} {'revisions':>10}  {'occurred':<24} {'recorded':<24}")
    for name in DATASETS:
        files = lake.files_of(name)
        if files:
            rows = sum(file.rows for file in files)
            revisions = sum(file.revisions for file in files)
            occurred = _range([moment for file in files for moment in file.occurred])
            recorded = _range([moment for file in files for moment in file.recorded])
            print(f"{name:<18} {rows:>12,} {revisions:>10,}  {occurred:<24} {recorded:<24}")


def _range(moments: list[datetime]) -> str:
    return f"{min(moments):%Y-%m-%d} to {max(moments):%Y-%m-%d}"


def _show_batches(lake: "Lake") -> None:
    print(f"\n{'entry':>8} {'new':>12} {'revisions':>10} {'refused':>8}  batch, source, assurance")
    for entry in lake.entries:
        if entry.batch:
            told = entry.batch.told.values()
            print(
                f"{entry.number:>8} {sum(item.new for item in told):>12,} "
                f"{sum(item.revisions for item in told):>10,} {entry.batch.refused:>8,}  "
                f"{entry.batch.id}, {entry.batch.source}, {entry.batch.assurance}"
            )


def _verify(options: argparse.Namespace) -> int:
    from tradeline.lake.row_checks import check_lake
    from tradeline.lake.store import open_lake
    from tradeline.lake.verification import verify

    found = verify(options.lake, say, options.key_file)
    if found.bad:
        print(found.bad.line())
        return 1
    failing = check_lake(open_lake(options.lake), say) if options.rows else []
    if failing:
        print("\n".join(finding.line() for finding in failing))
        return 1
    print(
        f"The lake is whole: {found.entries:,} entries, {found.files:,} files, {found.rows:,} rows."
    )
    if found.erased:
        print(f"{counted(found.erased, 'subject')} erased; their rows are there, unopened.")
    for note in found.notes:
        print(note.line())
    return 0


def _compact(options: argparse.Namespace) -> int:
    from tradeline.lake.compaction import compact

    done = compact(options.lake, say)
    if done.entry is None:
        print("There is nothing to merge.")
    else:
        print(f"Entry {done.entry} merges {done.before:,} files into {done.after:,}.")
        print(f"`tradeline lake sweep {options.lake}` removes the old ones.")
    return 0


def _sweep(options: argparse.Namespace) -> int:
    from tradeline.lake.store import sweep

    files, size = sweep(options.lake, say)
    print(f"{files:,} files are gone, {size / 1e6:,.1f} MB.")
    return 0
