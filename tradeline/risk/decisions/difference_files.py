"""What a candidate would change of each decision, as a file: a table, JSON, or one page."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from json import JSONEncoder
from pathlib import Path
from typing import Any, TextIO

from jinja2 import Environment

from tradeline.kernel.findings import InputProblem, problem
from tradeline.kernel.strict_json import strict_json
from tradeline.risk.decisions.differences import FIGURES, NONE_FIRED, Change, Sides, Summary
from tradeline.risk.report.environment import page_environment

FORMAT = "tradeline-differences/1"
SHOWN = 1_000
# Records hold no NaN here, so a million of them need not be searched for it.
ENCODER = JSONEncoder(ensure_ascii=False, allow_nan=False)
TEXTS = ("points", "rows", "reasons")


@dataclass(frozen=True, slots=True, eq=False)
class Differences:
    """Changes as they come, the summary that counts them, and `about` whom they are."""

    changes: Iterator[Change]
    summary: Summary
    about: Mapping[str, Any]


def require_format(path: Path) -> None:
    """InputProblem for a file whose name does not say which form is meant."""
    if path.suffix.lower() not in WRITERS:
        raise problem(
            "unknown-format", "--differences",
            f"'{path.name}' is none of {', '.join(WRITERS)} by its name.",
            "Name it like differences.csv.",
        )  # fmt: skip


def write_differences(found: Differences, path: Path) -> None:
    """Write changes as they come, and their summary where the form has one; whole or not at all."""
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            WRITERS[path.suffix.lower()](found, stream)
    except InputProblem:
        path.unlink()
        raise


def _table(found: Differences, stream: TextIO) -> None:
    """One line for each decision; an empty cell says that nothing differs there."""
    writer = csv.writer(stream, lineterminator="\n")
    sided = [f"{name}_{side}" for name in FIGURES for side in ("before", "after")]
    writer.writerow(["decision", "application", "enterprise", "changed", *sided, *TEXTS])
    for one in found.changes:
        figures = [cell for name in FIGURES for cell in one.figures.get(name, ("", ""))]
        texts = [_listed(one.points), _listed(one.rows), arrow(one.reasons) if one.reasons else ""]
        names = [one.decision, one.application, one.enterprise, ", ".join(one.kinds)]
        writer.writerow([*names, *figures, *texts])


def _json(found: Differences, stream: TextIO) -> None:
    """One object; the summary stands last, for it is known last."""
    stream.write(f'{{"format": {strict_json(FORMAT)}, "about": {strict_json(found.about, None)},\n')
    stream.write('"decisions": [')
    stream.writelines(
        (",\n" if number else "\n") + ENCODER.encode(_content(one))
        for number, one in enumerate(found.changes)
    )
    stream.write(f'\n], "summary": {strict_json(_plain(found.summary))}}}\n')


def _content(change: Change) -> dict[str, Any]:
    """The fields of a change, and what differs in words; `asdict` would copy a million of them."""
    fields = {name: getattr(change, name) for name in Change.__slots__}
    return fields | {"changed": change.kinds}


def _plain(summary: Summary) -> dict[str, Any]:
    return {
        "decisions": summary.decisions,
        "changed": summary.changed,
        "kinds": summary.kinds,
        "outcomes": [
            {"before": before, "after": after, "decisions": count}
            for (before, after), count in sorted(summary.outcomes.items())
        ],
        "factors": [
            {"factor": name, "decisions": count, "points": total}
            for name, (count, total) in sorted(summary.moved.items())
        ],
        "rows": [
            {"table": table, "row": row, "no_more": gone, "newly": new}
            for (table, row), (gone, new) in sorted(summary.rows.items())
        ],
    }


def _page(found: Differences, stream: TextIO) -> None:
    """The summary and the first decisions, on one page that needs no network."""
    shown = list(islice(found.changes, SHOWN))
    for _ in found.changes:
        pass  # counted in the summary
    text = (
        _environment()
        .get_template("differences.html")
        .render(changes=shown, summary=found.summary, about=found.about, arrow=arrow)
    )
    stream.write(text)


def _listed(sides: Mapping[str, Sides]) -> str:
    return "; ".join(f"{name}: {arrow(pair)}" for name, pair in sides.items())


def arrow(sides: Sides) -> str:
    """Both sides of something, such as `620 -> 640`."""
    return " -> ".join(map(_said, sides))


def _said(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, tuple):
        return ", ".join(value) or NONE_FIRED
    return f"{value:.4g}" if isinstance(value, float) else str(value)


@cache
def _environment() -> Environment:
    return page_environment("tradeline.risk.decisions")


WRITERS: Mapping[str, Callable[[Differences, TextIO], None]] = {
    ".csv": _table,
    ".json": _json,
    ".html": _page,
}
