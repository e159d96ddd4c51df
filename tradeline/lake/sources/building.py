"""Declared sources as sources that can be read."""

import inspect
import runpy
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from tradeline.kernel.findings import problem
from tradeline.lake.sources.arrivals import Arrivals
from tradeline.lake.sources.bucket import Bucket
from tradeline.lake.sources.config import SourceConfig
from tradeline.lake.sources.database import Connect, Database
from tradeline.lake.sources.dlt import Resource
from tradeline.lake.sources.folder import Folder
from tradeline.lake.sources.high_water import Mark
from tradeline.lake.sources.protocol import Source
from tradeline.lake.sources.push import Push
from tradeline.lake.sources.receiver import Door

Clock = Callable[[], datetime]
SHORTEST_TOKEN = 20


def build_source(config: SourceConfig, clock: Clock, connect: Callable[[str], Connect]) -> Source:
    """A source that can be pulled; `connect` opens the database that `where` names.

    InputProblem if it cannot be; `push` is none that is pulled.
    """
    if config.kind == "folder":
        return Folder(Path(config.where), _arrivals(config, clock))
    if config.kind == "bucket":
        return Bucket(config.where, _arrivals(config, clock))
    if config.kind == "database":
        return Database(
            config.name,
            config.mapping,
            connect(config.where),
            config.follow or "",
            clock,
            config.overlap,
            config.rows,
            config.learned_at,
        )
    assert config.kind == "dlt"
    return Resource(
        config.name,
        config.mapping,
        _make(config),
        clock,
        config.follow,
        config.overlap,
        config.rows,
        config.learned_at,
    )


def build_door(config: SourceConfig, clock: Clock, environ: Mapping[str, str]) -> Door:
    """A source to which others send, with its token; InputProblem if that is missing or short."""
    variable = config.token.removeprefix("$")
    token = environ.get(variable, "")
    if len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable():
        why = "holds no token of 20 ASCII characters or more" if token else "is not set"
        raise problem(
            "no-token",
            config.name,
            f"The variable {variable} {why}.",
            "Set it to a long random text, such as that of `openssl rand -hex 32`.",
        )
    push = Push(config.name, config.mapping, clock, learned_at=config.learned_at)
    return Door(push, token.encode())


def _arrivals(config: SourceConfig, clock: Clock) -> Arrivals:
    return Arrivals(
        config.name,
        config.mapping,
        clock,
        config.quiet.total_seconds(),
        config.bounds,
        config.learned_at,
    )


def _make(config: SourceConfig) -> Callable[[str, Mark | None], Iterable[object]]:
    """What gives the records of each `file`: something of that name in the Python file."""
    names: dict[str, Any] = {}

    def make(file: str, since: Mark | None) -> Iterable[object]:
        if not names:
            names.update(_run(config))
        if file not in names:
            raise problem("no-resource", config.where, f"It has nothing of the name {file!r}.",
                          "Name the resource like the `file` of the mapping.")  # fmt: skip
        return _records(names[file], since)

    return make


def _run(config: SourceConfig) -> dict[str, Any]:
    try:
        return runpy.run_path(config.where)
    except Exception as error:  # whatever a program of others may raise
        raise problem(
            "resource-not-loaded",
            config.where,
            f"The Python file cannot be run ({type(error).__name__}).",
            "Run it with Python by itself to see why.",
        ) from error


def _records(found: Any, since: Mark | None) -> Iterable[object]:
    """A resource or list as it is; a function is called, with the mark if it takes one."""
    if not callable(found) or isinstance(found, Iterable):
        records: Iterable[object] = found
        return records
    takes_mark = bool(inspect.signature(found).parameters)
    made: Iterable[object] = found(since) if takes_mark else found()
    return made
