"""`tradeline decisions`: what was decided and why, again to the bit, or by a candidate."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.cli.options import add_actions, add_revoked, add_text_or_json, require_new, say
from tradeline.kernel.findings import InputProblem, counted, problem
from tradeline.kernel.strict_json import strict_json

if TYPE_CHECKING:
    from tradeline.lake.columns import Columns
    from tradeline.risk.decisions.engine import Engine
    from tradeline.risk.decisions.log import Entry
    from tradeline.risk.decisions.record import Decision

EPILOG = """\
examples:
  tradeline decisions list decisions
  tradeline decisions show decisions app_000001 --language zh
  tradeline decisions replay decisions
  tradeline decisions replay decisions --engine candidate.yaml --by sector
  tradeline decisions verify decisions

`tradeline decisions ACTION --help` says more of each.
"""
SUMMARIES = {
    "list": "list the batches of a log",
    "show": "say what was decided on an application, why, and by which rows of the policy",
    "replay": "make decisions again, to the bit, or as a candidate would have",
    "verify": "check that nothing in a log was changed or lost",
}
EPILOGS = {
    "list": "examples:\n  tradeline decisions list decisions\n",
    "show": """\
examples:
  tradeline decisions show decisions app_000001
  tradeline decisions show decisions dec_0123456789abcdef0123456789 --language zh
  tradeline decisions show decisions app_000001 --format json

Of several decisions on an application the last one is shown, a shadow's never.
Below the letter stands how the policy came to it: each row that fired and each
that failed, with the values.
""",
    "replay": """\
examples:
  tradeline decisions replay decisions
  tradeline decisions replay decisions --batch 3
  tradeline decisions replay decisions --engine candidate.yaml --by sector \\
      --outcomes outcomes.csv
  tradeline decisions replay decisions --engine candidate.yaml \\
      --differences differences.html

By the engine that decided every decision must come out the same; the exit code
is 1 if one does not. With --engine the difference is told: who is swapped in and
out, and how offers, expected loss and profit move; with --differences also what
would differ of each decision: points, PD, grade, rows that fired, limit, price.
""",
    "verify": """\
examples:
  tradeline decisions verify decisions
  tradeline decisions verify decisions --signer officer.pub
""",
}
SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions of `tradeline decisions` and their arguments."""
    for name, action in add_actions(parser, SUMMARIES, EPILOGS):
        action.add_argument("log", type=Path, metavar="LOG", help="a log of decisions")
        if name in ARGUMENTS:
            ARGUMENTS[name](action)


def _add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="an application, or a decision (dec_…)")
    parser.add_argument(
        "--language", choices=("en", "zh"), default="en",
        help="the language of the reasons (default: %(default)s)",
    )  # fmt: skip
    add_text_or_json(parser, "words, or the whole record with its trace")


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--batch", type=int, metavar="N", help="only this batch (default: all of them)"
    )
    parser.add_argument(
        "--engine", type=Path, metavar="FILE",
        help="a candidate engine (default: the one that decided)",
    )  # fmt: skip
    add_comparing(parser)


def add_comparing(parser: argparse.ArgumentParser) -> None:
    """How a candidate is compared with what was decided."""
    parser.add_argument(
        "--outcomes", type=Path, metavar="FILE",
        help="what became of applications: application, defaulted, lost_minor, profit_minor "
        "(default: none)",
    )  # fmt: skip
    parser.add_argument(
        "--by", default="", metavar="NAME",
        help="compare by what was seen too, such as sector (default: of all alone)",
    )  # fmt: skip
    parser.add_argument(
        "--differences", type=Path, metavar="FILE",
        help="write what would differ of each decision to this file, .csv, .json or .html "
        "(default: none)",
    )  # fmt: skip
    add_text_or_json(parser, "words or figures")


def _add_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--signer", type=Path, metavar="FILE",
        help="the public key that must have signed every batch (default: not asked)",
    )  # fmt: skip
    add_revoked(parser)


ARGUMENTS = {"show": _add_show, "replay": _add_replay, "verify": _add_verify}


def run(options: argparse.Namespace) -> int:
    """Do one action; progress goes to standard error."""
    return RUN[options.action](options)


def _run_list(options: argparse.Namespace) -> int:
    from tradeline.risk.decisions.log import require_entries

    parts = ("model", "policy", "terms")
    print(
        "batch  moment               decisions  " + "".join(f"{p:<17}" for p in ("engine", *parts))
    )
    for entry in require_entries(options.log):
        hashes = [entry.engine, *(getattr(entry.versions, part) for part in parts)]
        brief = "".join(f"{one[:15] or '-':<17}" for one in hashes).rstrip()
        print(f"{entry.number:>5}  {entry.at[:19]:<19}  {entry.rows:>9,}  {brief}")
    return 0


def _run_show(options: argparse.Namespace) -> int:
    from tradeline.risk.decisions.words import Language

    engine, decision = _find(options.log, options.name)
    if options.format == "json":
        print(strict_json(_as_json(decision, engine)))
        return 0
    print("\n".join(_told(decision, engine, Language(options.language))))
    return 0


def _find(root: Path, name: str) -> "tuple[Engine, Decision]":
    import numpy as np

    from tradeline.lake.columns import read_columns
    from tradeline.risk.decisions.log import require_entries
    from tradeline.risk.decisions.record import SHADOW, decision_at
    from tradeline.risk.decisions.seen import applications_of

    column = "decision" if name.startswith("dec_") else "application"
    for entry in reversed(require_entries(root)):
        if column == "application" and entry.role == SHADOW:
            continue  # a shadow binds nobody, so nobody is told of it unless it is named
        columns = read_columns(root / entry.file)
        rows = np.flatnonzero(columns[column] == name)
        if len(rows):
            engine = engine_of(root, entry)
            at = datetime.fromisoformat(entry.at).replace(tzinfo=UTC)
            row = int(rows[-1])
            return engine, decision_at(columns, row, engine, applications_of(columns), at)
    raise problem(
        "no-decision", str(root), f"The log has no decision on '{name}'.", "Check the name."
    )


def engine_of(root: Path, entry: "Entry", policy: str | None = None) -> "Engine":
    """The engine that decided on a batch, or the same with another text of the policy."""
    from tradeline.risk.decisions.engine_file import read_engine
    from tradeline.risk.decisions.log import engine_folder

    on = datetime.fromisoformat(entry.at).date()
    return read_engine(engine_folder(root, entry), on, policy)


def _as_json(decision: "Decision", engine: "Engine") -> dict[str, object]:
    from dataclasses import asdict

    from tradeline.risk.decisions.trace import verdict_of
    from tradeline.risk.decisions.words import Language, letter

    said = {str(one): asdict(letter(decision, engine, one)) for one in Language}
    trace = verdict_of(decision, engine).trace.as_record()
    return asdict(decision) | {"trace": trace, "words": said}


def _told(decision: "Decision", engine: "Engine", language: "object") -> list[str]:
    from tradeline.risk.decisions.trace import verdict_of
    from tradeline.risk.decisions.words import Language, letter
    from tradeline.risk.policy.verdict import trace_lines

    said = letter(decision, engine, Language(str(language)))
    policy = engine.policy.declaration
    lines = [f"{decision.decision}  {decision.application}  {decision.enterprise}  "
             f"{decision.at:%Y-%m-%d %H:%M} UTC", said.outcome]  # fmt: skip
    lines += [said.score] if said.score else []
    lines += [f"- {sentence}" for sentence in said.reasons]
    lines += [f"+ {sentence}" for sentence in said.changes]
    lines += [
        said.appeal,
        _decided_by(decision),
        *_lost(decision, engine),
        *_counted_as_one(decision, engine),
        "",
        f"What the policy {policy.name} {policy.version} said, row by row:",
    ]
    return [*lines, *trace_lines(verdict_of(decision, engine))]


def _decided_by(decision: "Decision") -> str:
    by = decision.versions
    return (f"Decided by the model {by.model}, the policy {by.policy_version} {by.policy}, "
            f"the terms {by.terms}.")  # fmt: skip


def _lost(decision: "Decision", engine: "Engine") -> "Iterator[str]":
    if segment := decision.lgd_segment:
        yield f"Priced by the loss given default of {segment}: {engine.terms.lgd_in(segment):.1%}."


def _counted_as_one(decision: "Decision", engine: "Engine") -> "Iterator[str]":
    """The others whose exposures and grants counted; no part of what a firm is told."""
    from tradeline.risk.decisions.connected_exposure import MEMBERS
    from tradeline.risk.decisions.together import GRANTED
    from tradeline.risk.report.formatting import money

    for name, words in ((MEMBERS, "Counted as one with"), (GRANTED, "Granted just before:")):
        told = decision.values.get(name)
        if isinstance(told, str):
            parts = json.loads(told).items()
            currency = engine.terms.currency
            yield f"{words} {', '.join(f'{one} ({money(m, currency)})' for one, m in parts)}."


def _run_replay(options: argparse.Namespace) -> int:
    entries = _entries(options.log, options.batch)
    if options.engine is None:
        return _replay_as_decided(options.log, entries)
    from tradeline.risk.decisions.engine_file import read_engine

    candidate = read_engine(options.engine, datetime.fromisoformat(entries[-1].at).date())
    return compare(options, entries, candidate)


def _entries(root: Path, batch: int | None) -> "tuple[Entry, ...]":
    from tradeline.risk.decisions.log import require_entries

    entries = require_entries(root)
    chosen = tuple(entry for entry in entries if batch in (None, entry.number))
    if not chosen:
        raise problem(
            "no-batch", "--batch", f"The log has no batch {batch}.",
            f"Take one from 1 to {len(entries)}.",
        )  # fmt: skip
    return chosen


def _replay_as_decided(root: Path, entries: "Sequence[Entry]") -> int:
    from tradeline.risk.decisions.replay import Mismatch, replay

    rows, mismatches = 0, list[Mismatch]()
    for entry in entries:
        say(f"replaying batch {entry.number}: {counted(entry.rows, 'decision')}")
        found = replay(root, entry, engine_of(root, entry))
        rows += found.rows
        mismatches += found.mismatches
    for one in mismatches[:SHOWN]:
        print(f"{one.decision}: {one.column} was {one.logged}, is {one.replayed}")
    differing = len({one.decision for one in mismatches})
    print(f"{counted(rows, 'decision')} replayed, {rows - differing:,} equal to the bit, "
          f"{differing:,} otherwise.")  # fmt: skip
    return 1 if mismatches else 0


def compare(options: argparse.Namespace, entries: "Sequence[Entry]", candidate: "Engine") -> int:
    """Tell what a candidate would have decided beside what was."""
    from dataclasses import asdict

    from tradeline.kernel.money import minor_per_unit
    from tradeline.risk.decisions.backtest import (
        NO_OUTCOMES,
        Backtest,
        backtest,
        lines_of,
        read_outcomes,
    )
    from tradeline.risk.decisions.difference_files import require_format

    if options.differences is not None:
        require_format(options.differences)
        require_new(options.differences, "--differences")
    outcomes = read_outcomes(options.outcomes) if options.outcomes else NO_OUTCOMES
    say(f"deciding again by {candidate.name}")
    told = list[str]()
    if options.differences is None:
        found = backtest(options.log, entries, candidate, outcomes, options.by)
    else:
        noted = Backtest(outcomes, options.by)
        told = list(_explained(options, entries, candidate, noted.add))
        found = noted.differences()
    if options.format == "json":
        print(strict_json([asdict(one) for one in found]))
    else:
        currency = candidate.terms.currency
        print("\n".join(lines_of(found, minor_per_unit(currency), currency)))
    tell = say if options.format == "json" else print
    for line in told:
        tell(line)
    return 0


def _explained(
    options: argparse.Namespace,
    entries: "Sequence[Entry]",
    candidate: "Engine",
    beside: "Callable[[Columns, Columns], None]",
) -> "Iterator[str]":
    """Write what would differ of each decision, and tell the summary."""
    from tradeline.risk.decisions.difference_files import Differences, write_differences
    from tradeline.risk.decisions.differences import Summary, changes, summary_lines
    from tradeline.risk.decisions.versions import parts_changed

    decided_by = {entry.engine: entry for entry in entries}
    engines = {name: engine_of(options.log, entry) for name, entry in decided_by.items()}
    last, summary = engines[entries[-1].engine], Summary()
    parts = parts_changed(last.versions, candidate.versions)
    about = {
        "candidate": candidate.name, "engine": candidate.hash,
        "versions": candidate.versions.content,
        "parts": parts, "batches": [entry.number for entry in entries],
    }  # fmt: skip
    pairs = [(entry, engines[entry.engine]) for entry in entries]
    found = changes(options.log, pairs, candidate, summary, beside)
    write_differences(Differences(found, summary, about), options.differences)
    yield from summary_lines(summary, parts)
    yield f"What would differ of each decision is {options.differences}."


def _run_verify(options: argparse.Namespace) -> int:
    from tradeline.lake.revocations import read_revocations
    from tradeline.lake.signatures import read_public_key
    from tradeline.risk.decisions.log import require_entries, verify

    entries = require_entries(options.log)
    signer = read_public_key(options.signer) if options.signer else ""
    findings = verify(
        options.log, signer, read_revocations(options.revoked) if options.revoked else ()
    )
    if findings:
        print(InputProblem(findings), file=sys.stderr)
        return 1
    rows = sum(entry.rows for entry in entries)
    print(f"{counted(rows, 'decision')} in {len(entries)} batches: the chain and all files "
          "are as they were written.")  # fmt: skip
    return 0


RUN = {"list": _run_list, "show": _run_show, "replay": _run_replay, "verify": _run_verify}
