"""Overrides as a file: a list in YAML (or JSON), one entry for each decision.

docs/guides/overrides.md describes it. Everything that is wrong with a file is reported together.
"""

from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from tradeline.kernel.findings import Finding, InputProblem, problem
from tradeline.lake.yaml_files import read_yaml
from tradeline.risk.scoring.overrides import Action, Override

SHAPES = {
    Action.MERGE: "a list of two numbers, or of levels",
    Action.SPLIT: "a list of numbers, or of levels",
    Action.PIN_POINTS: "`at` a value and whole `points`",
    Action.PIN_WOE: "`at` a value and a `woe`",
    Action.FORBID: "true",
    Action.DIRECTION: "1 or -1",
}
KEYS = ("feature", "who", "why", "breaks_monotony", *Action)
Content = tuple[tuple[float | str | None, ...], float | None]


def read_overrides(path: Path) -> tuple[Override, ...]:
    """The overrides of a file; InputProblem with all that is wrong with it."""
    content = read_yaml(path, "file of overrides", "See docs/guides/overrides.md.")
    if not isinstance(content, list):
        raise _wrong(path.name, "The file is no list.", "Write one entry for each override.")
    findings: list[Finding] = []
    found = []
    for number, entry in enumerate(content, 1):
        try:
            found.append(_override(entry, f"{path.name}, entry {number}"))
        except InputProblem as wrong:
            findings.extend(wrong.findings)
    if findings:
        raise InputProblem(findings)
    return tuple(found)


def _override(entry: object, where: str) -> Override:
    if not isinstance(entry, Mapping):
        raise _wrong(where, "It is no mapping.", "Write feature, what is done, who and why.")
    if strange := sorted(str(key) for key in entry if key not in KEYS):
        raise _wrong(where, f"Nothing is called {strange[0]}.", f"Write {', '.join(KEYS)}.")
    for key in ("feature", "who", "why"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise _wrong(where, f"It does not say `{key}`.", f"Write `{key}:` and a text.")
    actions = [action for action in Action if action in entry]
    if len(actions) != 1:
        raise _wrong(where, f"It does {len(actions)} things.", f"Do one: {', '.join(Action)}.")
    breaks = entry.get("breaks_monotony", False)
    if not isinstance(breaks, bool):
        raise _wrong(where, "`breaks_monotony` is no flag.", "Write true, or leave it out.")
    content = _content(actions[0], entry[actions[0]])
    if content is None:
        raise _wrong(where, f"`{actions[0]}` cannot be read.", f"Write {SHAPES[actions[0]]}.")
    at, value = content
    return Override(entry["feature"], actions[0], entry["who"], entry["why"], at, value, breaks)


def _content(action: Action, given: Any) -> Content | None:
    """`at` and `value` of what stands after an action; None if it is of no such shape."""
    if action is Action.FORBID:
        return ((), None) if given is True else None
    if action is Action.DIRECTION:
        return ((), float(given)) if _is_number(given) and given in (1, -1) else None
    if action in (Action.PIN_POINTS, Action.PIN_WOE):
        return _pin(action.removeprefix("pin_"), given)
    if not isinstance(given, list) or not given or not all(map(_is_place, given)):
        return None
    return tuple(given), None


def _pin(key: str, given: Any) -> Content | None:
    if not isinstance(given, Mapping) or set(given) != {"at", key} or not _is_number(given[key]):
        return None
    if key == "points" and not float(given[key]).is_integer():
        return None
    at = given["at"]
    return ((at,), float(given[key])) if at is None or _is_place(at) else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _is_place(value: object) -> bool:
    return isinstance(value, str) or _is_number(value)


def _wrong(where: str, message: str, remedy: str) -> InputProblem:
    return problem("override", where, message, remedy)
