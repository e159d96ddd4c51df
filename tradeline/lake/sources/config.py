"""The file of sources: what is pulled from where, how it is read, and who stands behind it.

A YAML file; docs/guides/connect.md describes it. Everything that is wrong with one is reported
together. It never holds a secret: `$NAME` stands for what the environment says.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.kernel.moments import naive_utc
from tradeline.lake.mapping import FolderMapping, parse_mapping, read_mapping
from tradeline.lake.mapping_checks import is_currency
from tradeline.lake.records import Assurance
from tradeline.lake.sources.arrivals import QUIET_SECONDS
from tradeline.lake.sources.copying import Bounds
from tradeline.lake.sources.delivering import ROWS, files_of
from tradeline.lake.sources.high_water import Overlap
from tradeline.lake.yaml_files import read_yaml

SHARED = {"kind", "assurance", "every", "mapping", "learned_at"}
OWN = {
    "folder": {"where", "quiet", "bounds"},
    "bucket": {"where", "quiet", "bounds"},
    "database": {"where", "follow", "overlap", "rows"},
    "dlt": {"where", "follow", "overlap", "rows"},
    "push": {"token"},
}
REQUIRED = {"assurance", "every", "mapping"}
REQUIRED_OWN = {
    "folder": {"where"},
    "bucket": {"where"},
    "database": {"where", "follow", "overlap"},
    "dlt": {"where"},
    "push": {"token"},
}
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
DURATION = re.compile(r"(\d{1,6}) (second|minute|hour|day|week)s?")
VARIABLE = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")
ROWS_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """One source as its file declares it; `where` and `token` may be names such as `$SHOP_TOKEN`.

    `every` is how often the source promises to tell something. The others hold for some kinds.
    """

    name: str
    kind: str
    assurance: Assurance
    every: timedelta
    mapping: FolderMapping
    where: str = ""
    learned_at: datetime | None = None
    quiet: timedelta = timedelta(seconds=QUIET_SECONDS)
    bounds: Bounds = field(default_factory=Bounds)
    follow: str | None = None
    overlap: Overlap = 0
    rows: int = ROWS
    token: str = ""


def read_sources(path: Path) -> tuple[SourceConfig, ...]:
    """The sources that a file declares; InputProblem lists everything that is wrong with it."""
    content = read_yaml(path, "file of sources", "docs/guides/connect.md shows one.")
    found = list(_top_problems(content))
    if found:
        raise _bad(path, found)
    assert isinstance(content, dict)
    currency = content.get("currency", "CNY")
    sources: list[SourceConfig] = []
    for name, item in content["sources"].items():
        wrong = list(_source_problems(str(name), item))
        if not wrong:
            try:
                mapping = _mapping(item["mapping"], currency, path)
                wrong += _mapping_problems(str(name), item["kind"], mapping)
                sources.append(_source(str(name), item, mapping, path.parent))
            except InputProblem as refusal:
                wrong += [f"{name}: {finding.message}" for finding in refusal.findings]
        found += wrong
    if found:
        raise _bad(path, found)
    return tuple(sources)


def _bad(path: Path, messages: list[str]) -> InputProblem:
    return InputProblem(
        Finding("bad-sources", Severity.ERROR, path.name, message, "See docs/guides/connect.md.")
        for message in messages
    )


def _top_problems(content: object) -> Iterator[str]:
    if not isinstance(content, dict) or not isinstance(content.get("sources"), dict):
        yield "The file needs a table `sources`, each source under its name."
        return
    for key in content:
        if key not in ("currency", "sources"):
            yield f"Unknown key {key!r}; known are currency, sources."
    if not is_currency(content.get("currency", "CNY")):
        yield f"`currency` is {content['currency']!r}; it must be an ISO 4217 code such as CNY."
    if not content["sources"]:
        yield "The table `sources` is empty, so nothing would be pulled."


def _source_problems(name: str, item: object) -> Iterator[str]:
    if not NAME.fullmatch(name):
        yield f"{name!r} is no name for a source; write small letters, digits, - and _."
    if not isinstance(item, dict):
        yield f"{name}: it must be a table of keys."
        return
    kind = item.get("kind")
    if kind not in OWN:
        yield f"{name}: `kind` is {kind!r}; it must be one of {', '.join(OWN)}."
        return
    known = SHARED | OWN[kind]
    for key in item:
        if key not in known:
            yield f"{name}: unknown key {key!r}; a {kind} knows {', '.join(sorted(known))}."
    for key in sorted((REQUIRED | REQUIRED_OWN[kind]) - item.keys()):
        yield f"{name}: a {kind} needs `{key}`."
    for key, value in item.items():
        check = CHECKS.get(key)
        why = check(kind, value) if check else None
        if why:
            yield f"{name}: `{key}` is {_shown(key, value)}; {why}."


def _shown(key: str, value: object) -> str:
    """A value in a message; what may hold a secret is not repeated."""
    text = repr(value)
    return "not shown here" if key == "token" or "@" in text or "://" in text else text


def _where_problem(kind: str, value: object) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return "it must be a text"
    if kind == "database" and value != "book" and not VARIABLE.fullmatch(value):
        return ("it must be book, or the name of a variable that holds the address, such as "
                "$SHOP_DATABASE: no password belongs into this file")  # fmt: skip
    if kind == "bucket" and "://" not in value:
        return "it must be an address such as s3://bucket/folder"
    if kind == "bucket" and "@" in value:
        return "credentials belong into the environment, not into this file"
    if kind == "dlt" and not value.endswith(".py"):
        return "it must be a Python file that has a resource for each `file` of the mapping"
    return None


def _token_problem(_: str, value: object) -> str | None:
    if not (isinstance(value, str) and VARIABLE.fullmatch(value)):
        return "it must be the name of a variable that holds the token, such as $TILLS_TOKEN"
    return None


def _assurance_problem(_: str, value: object) -> str | None:
    return None if value in list(Assurance) else f"it must be one of {', '.join(Assurance)}"


def _duration_problem(_: str, value: object) -> str | None:
    return None if _duration(value) is not None else "write it like 1 day or 10 minutes"


def _overlap_problem(_: str, value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return None
    return None if _duration(value) is not None else "write it like 10 minutes, or 1000 for numbers"


def _rows_problem(_: str, value: object) -> str | None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    fits = is_number and 1 <= value <= ROWS_MOST  # type: ignore[operator]
    return None if fits else f"it must be a number from 1 to {ROWS_MOST:,}"


def _text_problem(_: str, value: object) -> str | None:
    return None if isinstance(value, str) and value else "it must be the name of a column"


def _mapping_kind_problem(_: str, value: object) -> str | None:
    if isinstance(value, str) or (isinstance(value, list) and value):
        return None
    return "it must be the name of a mapping file, or a list as in one"


def _learned_problem(_: str, value: object) -> str | None:
    return None if _moment(value) else "write it like 2024-12-31"


def _bounds_problem(_: str, value: object) -> str | None:
    known = [each.name for each in fields(Bounds)]
    if not isinstance(value, dict) or set(value) - set(known):
        return f"it must be a table of {', '.join(known)}"
    good = all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in value.values())
    return None if good else "each must be a whole number above 0"


CHECKS = {
    "where": _where_problem,
    "token": _token_problem,
    "assurance": _assurance_problem,
    "every": _duration_problem,
    "quiet": _duration_problem,
    "overlap": _overlap_problem,
    "rows": _rows_problem,
    "follow": _text_problem,
    "mapping": _mapping_kind_problem,
    "learned_at": _learned_problem,
    "bounds": _bounds_problem,
}


def _duration(value: object) -> timedelta | None:
    found = DURATION.fullmatch(value) if isinstance(value, str) else None
    return timedelta(seconds=int(found[1]) * UNITS[found[2]]) if found else None


def _moment(value: object) -> datetime | None:
    """A moment in naive UTC, from a text or from what YAML makes of one; None if it is none."""
    if isinstance(value, datetime):
        return naive_utc(value)
    if isinstance(value, date):
        return naive_utc(datetime(value.year, value.month, value.day, tzinfo=UTC))
    try:
        return naive_utc(datetime.fromisoformat(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def _mapping(value: str | list[Any], currency: str, path: Path) -> FolderMapping:
    if isinstance(value, str):
        return read_mapping(path.parent / value)
    return parse_mapping({"currency": currency, "sources": value}, path.name)


def _mapping_problems(name: str, kind: str, mapping: FolderMapping) -> Iterator[str]:
    for source in mapping.sources:
        if source.lookup:
            yield (
                f"{name}: {source.file} looks up {source.lookup.file}, but a source hands over its "
                "files one by one; join them where they come from, or `land` the folder."
            )
        if kind not in ("folder", "bucket") and (source.group is not None or source.numbered):
            yield (
                f"{name}: {source.file} gathers or numbers rows, but a {kind} tells them in parts; "
                "send records as they are, or `land` a folder."
            )
    for file in files_of(mapping):
        if kind in ("dlt", "push") and not re.fullmatch(r"\w+", file):
            yield f"{name}: the `file` {file!r} of its mapping must be a plain word."
        if kind == "database" and not re.fullmatch(r"[^./\x00]+(\.[^./\x00]+)?", file):
            yield f"{name}: the `file` {file!r} of its mapping must be TABLE or SCHEMA.TABLE."


def _source(name: str, item: Mapping[str, Any], mapping: FolderMapping, base: Path) -> SourceConfig:
    where = item.get("where", "")
    if item["kind"] in ("folder", "dlt"):
        where = str(base / Path(where).expanduser())
    overlap = item.get("overlap", 0)
    return SourceConfig(
        name=name,
        kind=item["kind"],
        assurance=Assurance(item["assurance"]),
        every=_duration(item["every"]) or timedelta(0),
        mapping=mapping,
        where=where,
        learned_at=_moment(item.get("learned_at")),
        quiet=_given(_duration(item.get("quiet")), timedelta(seconds=QUIET_SECONDS)),
        bounds=Bounds(**item.get("bounds", {})),
        follow=item.get("follow"),
        overlap=overlap if isinstance(overlap, int) else _given(_duration(overlap), timedelta(0)),
        rows=item.get("rows", ROWS),
        token=item.get("token", ""),
    )


def _given(value: timedelta | None, default: timedelta) -> timedelta:
    return default if value is None else value
