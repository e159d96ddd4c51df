"""`tradeline lake` on data of natural persons: erase, hold, release, check, retention."""

import argparse
import json
import sys
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.cli.options import now, say
from tradeline.kernel.findings import counted

if TYPE_CHECKING:
    from tradeline.lake.erasure import Erasure
    from tradeline.lake.retention import Kept, Period
    from tradeline.lake.store import Lake

SUMMARIES = {
    "erase": "destroy the key of a subject, so that nothing opens what is kept of it",
    "hold": "forbid a subject's erasure while the law wants its data",
    "release": "end a legal hold",
    "check": "check a certificate of erasure against the lake and its keys",
    "retention": "list whose personal values have been kept as long as they may be",
}
EPILOGS = {
    "erase": """\
examples:
  tradeline lake erase lake --subject E0007 --dry-run
  tradeline lake erase lake --subject E0007 --reason "asked by letter of 3 May"
  tradeline lake erase lake --subject owner_no:P12 --reason "asked by letter" --yes

A subject is the id of a firm, owner_no:ID, guarantor_no:ID, or batch:ID for the
text of refused rows. Nothing brings the values back.
""",
    "hold": 'example:\n  tradeline lake hold lake --subject E0007 --reason "case 12 of 2026"\n',
    "release": 'example:\n  tradeline lake release lake --subject E0007 --reason "case closed"\n',
    "check": "example:\n  tradeline lake check lake erasure-1f0a6c2e.json\n",
    "retention": """\
examples:
  tradeline lake retention lake --as-of 2031-01-01
  tradeline lake retention lake --as-of 2031-01-01 --erase
""",
}
SHOWN = 20
OVER = "retention period over"


def add_arguments(name: str, parser: argparse.ArgumentParser) -> None:
    """The arguments of one of the actions, after LAKE."""
    if name in ("erase", "hold", "release"):
        parser.add_argument("--subject", required=True, metavar="ID", help="whom it concerns")
        parser.add_argument(
            "--reason", default="", metavar="TEXT", help="why; the log keeps it, so name nobody"
        )
    if name == "check":
        parser.add_argument("certificate", type=Path, metavar="CERTIFICATE", help="the JSON file")
        parser.add_argument(
            "--subject", metavar="ID", help="check also that it is of this subject (needs the keys)"
        )
    if name == "retention":
        parser.add_argument(
            "--as-of", required=True, type=_date, metavar="DATE", help="on which date"
        )
        parser.add_argument("--erase", action="store_true", help="erase all that is due")
    if name == "erase":
        parser.add_argument(
            "--dry-run", action="store_true", help="show what would be erased, erase nothing"
        )
    if name in ("erase", "retention"):
        parser.add_argument("--yes", action="store_true", help="do not ask before erasing")
        parser.add_argument(
            "--certificate", type=Path, metavar="FILE",
            help="where the certificate goes (default: erasure-HASH.json, here)",
        )  # fmt: skip


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no date: write it like 2031-12-31") from None


def run(options: argparse.Namespace) -> int:
    """Do the action; exit code 1 if nothing was erased because nobody confirmed it."""
    actions = {
        "erase": _erase,
        "hold": _hold,
        "release": _release,
        "check": _check,
        "retention": _retention,
    }
    return actions[options.action](options)


def _now() -> datetime:
    """The moment that the log will keep, to the second."""
    return now().replace(microsecond=0)


def _erase(options: argparse.Namespace) -> int:
    from tradeline.lake.erasure import check_reason, planned
    from tradeline.lake.subjects import subject_named

    if not options.dry_run:
        check_reason(options.reason, [subject_named(options.subject)])
    plan = planned(options.lake, options.subject, options.key_file)
    _print_plan(plan)
    if options.dry_run:
        print("Nothing was erased: this was a dry run.")
        return 0
    return _erased(options, [options.subject], options.reason, ask=not plan.again)


def _print_plan(plan: "Erasure") -> None:
    for subject, told in plan.rows.items():
        rows = ", ".join(f"{counted(number, 'row')} of {name}" for name, number in told.items())
        print(f"{subject}: {rows or 'no rows'}")


def _erased(options: argparse.Namespace, subjects: Iterable[str], reason: str, ask: bool) -> int:
    from tradeline.lake.erasure import erase

    if ask and not options.yes and not _confirmed():
        print("Nothing was erased.")
        return 1
    done = erase(options.lake, subjects, reason, _now(), say, options.key_file)
    assert done.entry
    assert done.entry.act
    number = f"entry {done.entry.number}"
    if done.again:
        print(f"It was erased on {done.entry.act.at[:10]}, as {number}; nothing changed.")
    else:
        print(f"{counted(len(done.rows), 'key')} destroyed, as {number}. Nothing opens the values.")
    _write_certificate(options, done)
    return 0


def _confirmed() -> bool:
    print("Nothing brings the values back. Write `erase` to go on: ", end="", flush=True)
    return sys.stdin.readline().strip() == "erase"


def _write_certificate(options: argparse.Namespace, done: "Erasure") -> None:
    from tradeline.lake.certificates import certificate
    from tradeline.lake.store import open_lake

    assert done.entry
    table = certificate(open_lake(options.lake), done.entry)
    name = f"erasure-{done.entry.hash.removeprefix('sha256:')[:8]}.json"
    path = options.certificate or Path(name)
    path.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    print(f"The certificate is {path}.")


def _hold(options: argparse.Namespace) -> int:
    from tradeline.lake.erasure import hold

    entry = hold(options.lake, options.subject, options.reason, _now(), say, options.key_file)
    print(f"{options.subject} is under a legal hold, as entry {entry.number}.")
    return 0


def _release(options: argparse.Namespace) -> int:
    from tradeline.lake.erasure import release

    entry = release(options.lake, options.subject, options.reason, _now(), say, options.key_file)
    print(f"{options.subject} is released, as entry {entry.number}.")
    return 0


def _check(options: argparse.Namespace) -> int:
    from tradeline.lake.certificates import check_certificate
    from tradeline.lake.key_files import key_path
    from tradeline.lake.store import open_lake

    lake = open_lake(options.lake)
    named = options.key_file is not None or key_path(options.lake).exists()
    keys = lake.keys(options.key_file) if named else None
    checked = check_certificate(
        lake, _certificate(options.certificate), keys, options.subject or ""
    )
    print(
        f"The certificate holds: the log's chain and the signature are sound, and "
        f"{counted(checked.rows, 'row')} of the subject are there."
    )
    if options.subject:
        print(f"It is of {options.subject}.")
    if keys is None:
        print("The keys were not checked: no key file was found. Name it by --key-file.")
    else:
        print(
            f"None of {counted(checked.keys, 'key')} opens any of "
            f"{counted(checked.values, 'value')} that were tried."
        )
    return 0


def _certificate(path: Path) -> dict[str, object]:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        table = None
    return table if isinstance(table, dict) else {}


def _retention(options: argparse.Namespace) -> int:
    from tradeline.lake.retention import kept
    from tradeline.lake.store import open_lake

    lake = open_lake(options.lake)
    found = kept(lake, periods(options.as_of))
    due = [item for item in found if item.is_due(options.as_of)]
    _print_due(lake, found, due, options.as_of)
    if not (options.erase and due):
        return 0
    return _erased(options, [item.subject for item in due], OVER, ask=True)


def periods(on: date) -> "tuple[Period, ...]":
    """The periods of `parameters/retention.yaml` as they stand on a date."""
    from tradeline.lake.retention import Period
    from tradeline.risk.parameters import read_parameters

    return tuple(
        Period(name.partition(".")[0], name.partition(".")[2], int(found.value))
        for name, found in read_parameters("retention", on).items()
    )


def _print_due(lake: "Lake", found: "tuple[Kept, ...]", due: "list[Kept]", as_of: date) -> None:
    held = sum(item.held and item.until <= as_of for item in found)
    rows = sum(item.rows for item in due)
    print(
        f"On {as_of} {counted(len(due), 'subject')} with {counted(rows, 'row')} are due of "
        f"{len(found):,} kept; {held:,} more are under a legal hold; "
        f"{len(lake.erased):,} are erased."
    )
    if due:
        print(
            f"\n{'subject':<28} {'rows':>9} {'last record':<12} {'due since':<12} kept longest for"
        )
    for item in due[:SHOWN]:
        form = f", {item.legal_form}" if item.legal_form else ""
        print(
            f"{item.subject:<28} {item.rows:>9,} {item.last!s:<12} {item.until!s:<12} "
            f"{item.purpose} ({item.contract}{form})"
        )
    if len(due) > SHOWN:
        print(f"and {len(due) - SHOWN:,} more")
