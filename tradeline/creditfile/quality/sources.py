"""The file of sources, as far as quality asks of it: what each promises, and who feeds it.

A source's entry may hold more, such as where it is pulled from; that is none of quality's business.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.lake.yaml_files import read_yaml

UNITS = ("minute", "hour", "day", "week")
DURATION = re.compile(r"(\d{1,4}) (minute|hour|day|week)s?")


@dataclass(frozen=True, slots=True)
class SourceNotes:
    """By source, how often it tells something new, and from whom it has what it tells."""

    promises: dict[str, timedelta]
    fed_by: dict[str, str]


def read_source_notes(path: Path) -> SourceNotes:
    """What a file of sources says; InputProblem lists everything that is wrong with it."""
    remedy = "Write `sources:` and below it lines such as `shop: {every: 1 day, fed_by: erp}`."
    content = read_yaml(path, "file of sources", remedy)
    problems = list(_problems(content))
    if problems:
        raise InputProblem(
            Finding("bad-sources", Severity.ERROR, path.name, message, remedy)
            for message in problems
        )
    assert isinstance(content, dict)
    items = content["sources"].items()
    return SourceNotes(
        {name: _duration(item["every"]) for name, item in items if "every" in item},
        {name: item["fed_by"] for name, item in items if "fed_by" in item},
    )


def _problems(content: object) -> Iterator[str]:
    sources = content.get("sources") if isinstance(content, dict) else None
    if not isinstance(sources, dict) or not sources:
        yield "The file has no table `sources` with a source in it."
        return
    for name, item in sources.items():
        if not isinstance(name, str) or not isinstance(item, dict):
            yield f"{name!r} is no source with a table of its own."
        elif not {"every", "fed_by"} & item.keys():
            yield f"{name}: it states neither `every` nor `fed_by`."
        else:
            yield from _entry_problems(name, item)


def _entry_problems(name: str, item: dict[str, object]) -> Iterator[str]:
    every, fed_by = item.get("every", "1 day"), item.get("fed_by", "-")
    found = DURATION.fullmatch(every) if isinstance(every, str) else None
    if found is None or not int(found[1]):
        yield f"{name}: `every` is {every!r}; write a number and one of {', '.join(UNITS)}."
    if not isinstance(fed_by, str) or not fed_by.strip():
        yield f"{name}: `fed_by` is {fed_by!r}; write the name of a source, or borrower."


def _duration(text: str) -> timedelta:
    number, unit = text.split()
    return timedelta(**{f"{unit.removesuffix('s')}s": int(number)})
