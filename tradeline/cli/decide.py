"""`tradeline decide`: decide on applications by an engine, and log every decision."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.cli.options import now, require_new, say
from tradeline.kernel.findings import InputProblem, counted, problem
from tradeline.kernel.moments import naive_utc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tradeline.lake.columns import Columns
    from tradeline.risk.decisions.application import Applications
    from tradeline.risk.decisions.connected_exposure import Connected, Groups
    from tradeline.risk.decisions.dealing import Dealt
    from tradeline.risk.decisions.engine import Engine
    from tradeline.risk.decisions.measures import Measure
    from tradeline.risk.decisions.together import Decided, Grants, Queue
    from tradeline.risk.policy.life import Version

EPILOG = """\
examples:
  tradeline decide engine.yaml --applications asked.csv --log decisions
  tradeline decide engine.yaml --applications asked.parquet --log decisions \\
      --at 2026-06-30T12:00 --measures measures.yaml --out decided.parquet
  tradeline decide engine.yaml --applications asked.csv --log decisions \\
      --exposures owed.csv --affiliations lake

The engine file names a model, a policy and a lender's terms. Nothing that
is missing, stale or mistyped is approved unless the policy names that case.
Several applications of one client, the enterprise or whoever is connected to
it, are decided one after the other, by `applied_at` and then by name; what one
is granted counts for the next. Every decision is logged with all that it takes
to make it again: see `tradeline decisions`.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `tradeline decide`."""
    parser.add_argument("engine", type=Path, metavar="FILE", help="the engine")
    parser.add_argument(
        "--applications", type=Path, required=True, metavar="FILE",
        help="the applications: CSV, Parquet, Excel or JSON Lines, one a line",
    )  # fmt: skip
    parser.add_argument(
        "--log", type=Path, required=True, metavar="FOLDER",
        help="the log to which the decisions are added; it is made if it is not there",
    )  # fmt: skip
    parser.add_argument(
        "--at", metavar="MOMENT",
        help="decide as of this moment in UTC, such as 2026-06-30T12:00 (default: now)",
    )  # fmt: skip
    parser.add_argument(
        "--measures", type=Path, metavar="FILE",
        help="YAML of a supervisor's measures in force (default: none)",
    )  # fmt: skip
    add_connected(parser)
    parser.add_argument(
        "--registry", type=Path, metavar="FOLDER",
        help="deal enterprises to the versions of the policy that this registry has in force: "
        "champion, challengers by share, shadows (default: the engine's own policy)",
    )  # fmt: skip
    parser.add_argument(
        "--shadow", type=Path, action="append", default=[], metavar="FILE",
        help="another engine, which decides beside it and binds nobody; its model may be a "
        "challenger; may be repeated (default: none)",
    )  # fmt: skip
    parser.add_argument(
        "--spent", type=int, default=0, metavar="N",
        help="what exploring has lost so far and may yet lose, in minor units "
        "(default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--sign", type=Path, metavar="FILE",
        help="vouch for each batch by this private key (default: nobody does)",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="FILE",
        help="write the decisions to this Parquet file too (default: to the log alone)",
    )  # fmt: skip


def add_connected(parser: argparse.ArgumentParser) -> None:
    """The options that say what enterprises owe and which of them count as one."""
    parser.add_argument(
        "--exposures", type=Path, metavar="FILE",
        help="what enterprises owe already: enterprise, exposure_minor (default: the applications "
        "say it)",
    )  # fmt: skip
    parser.add_argument(
        "--affiliations", type=Path, metavar="FILE",
        help="which enterprises count as one: left, right, relation; or a lake, for its links "
        "(default: each counts alone)",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Decide, log, write and count."""
    from tradeline.lake.columns import stacked, write_columns
    from tradeline.lake.signatures import signing_by
    from tradeline.risk.decisions.batch import Dealing
    from tradeline.risk.decisions.connected_exposure import NO_GROUPS
    from tradeline.risk.decisions.dealing import Dealt
    from tradeline.risk.decisions.engine_file import read_engine
    from tradeline.risk.decisions.measures import in_force, read_measures
    from tradeline.risk.decisions.record import SHADOW
    from tradeline.risk.decisions.tables import read_applications
    from tradeline.risk.decisions.together import queue_of

    if options.out is not None:
        require_new(options.out, "--out")
    if options.spent < 0:
        raise problem("bad-number", "--spent", f"{options.spent} is negative.", "Take 0 or more.")
    sign = signing_by(options.sign) if options.sign else None
    at = parse_moment(options.at)
    engine = read_engine(options.engine, at.date())
    measures = in_force(read_measures(options.measures) if options.measures else (), at)
    asked = read_applications(options.applications, engine)
    connected = connected_of(options, engine, at)
    applications = connected.put_into(asked.applications) if connected else asked.applications
    groups = connected.members if connected else NO_GROUPS
    queue = queue_of(applications, asked.applied_at, groups)
    if connected and (findings := connected.findings()):
        say(str(InputProblem(findings)))
    if queue:
        clients = counted(len({place.client for place in queue.values()}), "client")
        say(f"note: of {clients} there is more than one application: each counts what those before "
            "it were granted.")  # fmt: skip
    if asked.findings:
        say(str(InputProblem(asked.findings)))
    if asked.unread:
        say(f"note: {options.applications.name}: not read, as the engine does not ask for it: "
            f"{', '.join(asked.unread)}.")  # fmt: skip
    say(f"deciding on {counted(len(applications), 'application')} by {engine.name}")
    records, spent_minor = [], options.spent
    grants: Grants = {}
    for part in _dealt(options, engine, applications, at, groups):
        decided = _decide(options.log, part, at, measures, spent_minor, sign, queue, grants)
        records.append(decided.records)
        spent_minor, grants = decided.spent_minor, {**grants, **decided.grants}
    for path in options.shadow:
        shadow = read_engine(path, at.date())
        seen = read_applications(options.applications, shadow).applications
        part = Dealt(connected.put_into(seen) if connected else seen, shadow, Dealing(SHADOW))
        decided = _decide(options.log, part, at, measures, spent_minor, sign, queue, grants)
        records.append(decided.records)
    if options.out is not None:
        write_columns(stacked(records), options.out)
    return 0


def connected_of(options: argparse.Namespace, engine: "Engine", at: datetime) -> "Connected | None":
    """Who belongs together and what each owes, where that is told apart from the applications."""
    from tradeline.risk.decisions.connected_exposure import (
        Connected,
        read_affiliations,
        read_exposures,
    )

    if options.exposures is None:
        if options.affiliations is not None:
            raise problem(
                "no-exposures", "--affiliations", "Nothing says what the members of a group owe.",
                "Name a table by --exposures: enterprise, exposure_minor.",
            )  # fmt: skip
        return None
    groups = read_affiliations(options.affiliations, at) if options.affiliations else {}
    return Connected(groups, read_exposures(options.exposures, engine.terms.currency))


def _dealt(
    options: argparse.Namespace,
    engine: "Engine",
    applications: "Applications",
    at: datetime,
    groups: "Groups",
) -> "Iterable[Dealt]":
    """Who decides on whom: the engine on all, or the versions of its policy that a registry has."""
    from tradeline.risk.decisions.batch import Dealing
    from tradeline.risk.decisions.dealing import Dealt, deal
    from tradeline.risk.decisions.engine_file import read_engine
    from tradeline.risk.policy.registry import read_registry
    from tradeline.risk.policy.writing import write_policy

    if options.registry is None:
        return [Dealt(applications, engine, Dealing())]
    registry = read_registry(options.registry)

    def engine_of(version: "Version") -> "Engine":
        text = write_policy(registry.policy(version).declaration)
        return read_engine(options.engine, at.date(), text)

    life = registry.life(engine.policy.name)
    return deal(applications, life, at, engine_of, groups)


def _decide(
    log: Path,
    part: "Dealt",
    at: datetime,
    measures: "tuple[Measure, ...]",
    spent_minor: int,
    sign: "Callable[[str], str] | None",
    queue: "Queue",
    grants: "Grants",
) -> "Decided":
    """Decide on a part and log it; the versions of a policy share one experiment and its stop.

    A shadow lends nothing: it sees the `grants` of those that do.
    """
    from dataclasses import replace

    from tradeline.risk.decisions.log import append
    from tradeline.risk.decisions.measures import as_items
    from tradeline.risk.decisions.record import SHADOW
    from tradeline.risk.decisions.seen import seen_columns
    from tradeline.risk.decisions.together import decide_together, with_grants

    engine, dealing = part.engine, replace(part.dealing, spent_minor=spent_minor)
    if dealing.role == SHADOW:
        part, queue = replace(part, applications=with_grants(part.applications, grants)), {}
    decided = decide_together(part.applications, engine, at, measures, dealing, queue)
    entry = append(
        log, decided.records | seen_columns(decided.applications), engine.hash, engine.files, at,
        as_items(measures), dealing.role, dealing.propensity, dealing.spent_minor,
        sign, engine.versions,
    )  # fmt: skip
    declaration = engine.policy.declaration
    print(f"{dealing.role}, {declaration.name} {declaration.version}: ", end="")
    _sum_up(decided.records, engine.terms.currency)
    if explored := decided.spent_minor - dealing.spent_minor:
        print(f"Explored: up to {explored:,} minor units may be lost.")
    print(f"Logged as batch {entry.number} of {log}{', signed' if sign else ''}.")
    return decided


def _sum_up(decided: "Columns", currency: str) -> None:
    from tradeline.kernel.money import minor_per_unit
    from tradeline.risk.policy.declaration import Outcome

    outcomes = decided["outcome"].tolist()
    counts = ", ".join(f"{outcomes.count(str(one)):,} {one}" for one in Outcome)
    offered = int(decided["amount_minor"].sum()) // minor_per_unit(currency)
    print(f"{counted(len(outcomes), 'decision')}: {counts}. Offered {currency} {offered:,}.")


def parse_moment(text: str | None, option: str = "--at") -> datetime:
    """A moment in UTC; without a text, now."""
    if text is None:
        return now().replace(tzinfo=UTC)
    try:
        return naive_utc(datetime.fromisoformat(text)).replace(tzinfo=UTC)
    except ValueError as error:
        raise problem(
            "bad-moment", option, f"'{text}' is no moment.", "Write it like 2026-06-30T12:00."
        ) from error
