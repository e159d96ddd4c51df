"""`tradeline lake pull` and `serve`: sources that are declared in one file, into a lake."""

import argparse
import os
import signal
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from tradeline.cli.options import say
from tradeline.kernel.findings import Finding, InputProblem, Severity, problem

if TYPE_CHECKING:
    from tradeline.lake.sources.config import SourceConfig
    from tradeline.lake.sources.pulling import Pulled
    from tradeline.lake.sources.push import Push

EXIT_REFUSED, EXIT_BROKEN = 1, 3
LOOPBACK = ("127.0.0.1", "::1", "localhost")
PORT = 8750
PULL_EPILOG = """\
examples:
  tradeline lake pull lake sources.yaml
  tradeline lake pull lake sources.yaml --only bank --only shop
  tradeline lake pull lake sources.yaml --dry-run

Takes what is there and ends; run it as often as you want to be up to date. What was
landed before changes nothing. Exit codes: 0 all is landed; 1 rows were refused (they are
kept) or a file could not be read; 3 a source could not be read, the others are landed.
"""
SERVE_EPILOG = """\
examples:
  tradeline lake serve lake sources.yaml
  tradeline lake serve lake sources.yaml --port 9000

POST /SOURCE/FILE with `Authorization: Bearer TOKEN` and an `Idempotency-Key`; the answer
is 202 once the batch stands in the lake. SIGTERM ends it once all that waits is landed.
"""


def add_pull_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `tradeline lake pull`."""
    _add_config(parser)
    parser.add_argument(
        "--only", action="append", metavar="NAME", help="this source (default: all; may repeat)"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="read and check everything, land nothing"
    )


def add_serve_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `tradeline lake serve`."""
    _add_config(parser)
    parser.add_argument(
        "--host", default=LOOPBACK[0], metavar="ADDRESS",
        help="where to listen (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--port", type=int, default=PORT, metavar="N", help="(default: %(default)s; 0: any)"
    )
    parser.add_argument(
        "--beyond-this-machine", action="store_true",
        help="allow a host that others reach: put TLS before it",
    )  # fmt: skip


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("config", type=Path, metavar="FILE", help="the file of sources")


def run_pull(options: argparse.Namespace) -> int:
    """Pull each source; exit code 1 where rows were refused, 3 where a source is broken."""
    from tradeline.lake.sources.config import read_sources
    from tradeline.lake.store import open_lake

    open_lake(options.lake)
    configs = _chosen(read_sources(options.config), options.only)
    codes = [0]
    for config in configs:
        if config.kind == "push":
            print(f"{config.name}: is pushed; `tradeline lake serve` receives it.")
        elif options.dry_run:
            codes.append(_preview(options.lake, config))
        else:
            codes.append(_pull(options.lake, config, options.key_file))
    return max(codes)


def _chosen(
    configs: Sequence["SourceConfig"], only: Sequence[str] | None
) -> Sequence["SourceConfig"]:
    names = [config.name for config in configs]
    for name in only or ():
        if name not in names:
            raise problem(
                "no-source", "--only", f"There is no source {name!r}.",
                f"The file has {', '.join(names)}.",
            )  # fmt: skip
    return [config for config in configs if not only or config.name in only]


def _pull(lake: Path, config: "SourceConfig", key_file: Path | None) -> int:
    from tradeline.cli.databases import postgres
    from tradeline.lake.sources.building import build_source
    from tradeline.lake.sources.pulling import Pulled, pull_source

    try:
        source = build_source(config, _now, postgres)
        pulled = pull_source(lake, source, config.assurance, say, time.sleep, key_file=key_file)
    except InputProblem as refusal:
        pulled = Pulled(config.name, findings=list(refusal.findings), broken=True)
    for finding in pulled.findings:
        print(_line(config.name, finding))
    print(_said(pulled))
    if pulled.broken:
        return EXIT_BROKEN
    late = _late(lake, config)
    if late:
        print(late.line())
    errors = any(finding.severity is Severity.ERROR for finding in pulled.findings)
    return EXIT_REFUSED if errors else 0


def _said(pulled: "Pulled") -> str:
    counts = pulled.counts
    if not counts["batches"]:
        return f"{pulled.source}: nothing new{', and broken off' if pulled.broken else ''}."
    text = (
        f"{pulled.source}: {_batches(counts['batches'])}, {counts['new']:,} new, "
        f"{counts['revisions']:,} revisions, {counts['repeated']:,} told before, "
        f"{counts['refused']:,} refused"
    )
    return f"{text}; broken off, the next pull goes on." if pulled.broken else f"{text}."


def _batches(number: int) -> str:
    return "1 batch" if number == 1 else f"{number:,} batches"


def _line(source: str, finding: Finding) -> str:
    """A finding with the source that it is of."""
    is_named = finding.where.startswith(source)
    return finding.line() if is_named else f"{source}: {finding.line()}"


def _late(lake: Path, config: "SourceConfig") -> Finding | None:
    """That a source has not kept its promise, as of now."""
    from tradeline.kernel.moments import naive_utc
    from tradeline.lake.sources.pulling import last_recorded
    from tradeline.lake.store import open_lake

    last = last_recorded(open_lake(lake), config.name)
    if last is None or naive_utc(_now()) - last <= config.every:
        return None
    return Finding(
        "late-source",
        Severity.WARNING,
        config.name,
        f"Its last record is of {last:%Y-%m-%d %H:%M} UTC; it promises one every "
        f"{_in_words(config.every)}.",
        "Ask whoever sends it.",
    )


def _in_words(every: timedelta) -> str:
    for unit, seconds in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        number, rest = divmod(int(every.total_seconds()), seconds)
        if number and not rest:
            return unit if number == 1 else f"{number} {unit}s"
    return f"{int(every.total_seconds())} seconds"


def _preview(lake: Path, config: "SourceConfig") -> int:
    from tradeline.cli.databases import postgres
    from tradeline.lake.sources.building import build_source
    from tradeline.lake.sources.pulling import preview_source

    source = build_source(config, _now, postgres)
    counts, findings = preview_source(lake, source, say)
    for finding in findings:
        print(_line(config.name, finding))
    print(
        f"{config.name}: would land {_batches(counts['batches'])}, "
        f"{counts['accepted']:,} rows accepted, {counts['refused']:,} refused."
    )
    return int(any(finding.severity is Severity.ERROR for finding in findings))


def run_serve(options: argparse.Namespace) -> int:
    """Receive pushed sources until SIGTERM or an interrupt; 0 once all that waited is landed."""
    from tradeline.lake.sources.building import build_door
    from tradeline.lake.sources.config import read_sources
    from tradeline.lake.sources.receiver import Receiver
    from tradeline.lake.store import open_lake

    open_lake(options.lake)
    _check_host(options.host, options.beyond_this_machine)
    configs = [each for each in read_sources(options.config) if each.kind == "push"]
    if not configs:
        raise problem(
            "no-push", str(options.config), "The file declares no source of the kind push.",
            "Declare one, or use `tradeline lake pull`.",
        )  # fmt: skip
    doors = {config.name: build_door(config, _now, os.environ) for config in configs}
    receiver = Receiver(doors, (options.host, options.port), say)
    landers = [
        Thread(target=_land, args=(options.lake, doors[config.name].push, config, options.key_file))
        for config in configs
    ]
    ended = _ended_by_signal()
    for thread in [*landers, listener := Thread(target=receiver.serve_forever)]:
        thread.start()
    host, port = receiver.server_address[:2]
    print(f"Receiving {', '.join(doors)} on http://{host!s}:{port}", flush=True)
    ended.wait()
    receiver.shutdown()
    receiver.server_close()  # waits until all that was received is answered
    for door in doors.values():
        door.push.close()
    for thread in [listener, *landers]:
        thread.join()
    print("All that was received is landed.", flush=True)
    return 0


def _check_host(host: str, allowed: bool) -> None:
    if host not in LOOPBACK and not allowed:
        raise problem(
            "open-host",
            "--host",
            f"{host} can be reached from other machines, and what is sent is not encrypted.",
            "Put a server with TLS before it on this machine, or say --beyond-this-machine.",
        )


def _ended_by_signal() -> Event:
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    return ended


def _land(lake: Path, push: "Push", config: "SourceConfig", key_file: Path | None) -> None:
    """Land what is sent until the source is closed, whatever becomes of one delivery."""
    from tradeline.lake.sources.pulling import pull_source

    while not push.is_closed:
        try:
            pulled = pull_source(lake, push, config.assurance, say, time.sleep, key_file=key_file)
        except InputProblem as refusal:
            pulled = None
            say(str(refusal))
            time.sleep(1)
        for finding in pulled.findings if pulled else ():
            say(_line(config.name, finding))


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)
