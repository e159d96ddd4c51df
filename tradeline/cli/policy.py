"""`tradeline policy`: check, show and try a policy, exchange it, and take it into force."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradeline.cli.options import now, parse_date, require_new, say
from tradeline.cli.policy_options import EPILOG, FORMATS, add_arguments
from tradeline.kernel.findings import counted, problem

__all__ = ["EPILOG", "add_arguments", "run"]

if TYPE_CHECKING:
    from tradeline.risk.policy.exchange import Header
    from tradeline.risk.policy.life import Life
    from tradeline.risk.policy.policy import Policy


def run(options: argparse.Namespace) -> int:
    """Do the action; progress and warnings go to standard error."""
    actions: dict[str, Callable[[argparse.Namespace], None]] = {
        "check": _check,
        "show": _show,
        "try": _try,
        "import": _import,
        "export": _export,
        "backtest": _backtest,
        "advance": _advance,
        "history": _history,
    }
    actions[options.action](options)
    return 0


def _read(path: Path) -> "Policy":
    """The policy, its warnings told."""
    from tradeline.risk.policy.reading import read_policy_file

    policy = read_policy_file(path)
    for finding in policy.findings:
        say(finding.line())
    return policy


def _check(options: argparse.Namespace) -> None:
    policy = _read(options.policy)
    declaration = policy.declaration
    rows = sum(len(table.rows) for table in declaration.tables)
    print(f"{declaration.name} {declaration.version}: {counted(len(declaration.tables), 'table')}, "
          f"{counted(rows, 'row')}, {counted(len(policy.inputs), 'input')}.")  # fmt: skip
    open_tables = [table for table in declaration.tables if table.otherwise]
    closed = len(declaration.tables) - len(open_tables)
    if closed:
        print(f"In {counted(closed, 'table')} a row holds whatever the values: proven.")
    for table in open_tables:
        print(f"In {table.name}, where no row holds: {table.otherwise}, as it says.")
    print("No row contradicts another or waits in vain, and nothing is approved by default.")
    print(policy.hash)


def _show(options: argparse.Namespace) -> None:
    from tradeline.risk.policy.shown import policy_page, policy_text, show

    is_page = options.out is not None and options.out.suffix.lower() in (".html", ".htm")
    wanted = options.format or ("page" if is_page else "text")
    shown = show(_read(options.policy))
    _write(options.out, policy_page(shown) if wanted == "page" else policy_text(shown))


def _write(out: Path | None, text: str) -> None:
    if out is None:
        print(text, end="")
        return
    require_new(out, "--out")
    out.write_text(text, encoding="utf-8")
    say(f"It is written: {out}.")


def _try(options: argparse.Namespace) -> None:
    from tradeline.risk.policy.declaration import CURRENCY
    from tradeline.risk.policy.verdict import trace_lines

    policy = _read(options.policy)
    kinds = {read.name: read.kind for read in policy.inputs}
    values = {CURRENCY: policy.declaration.currency} | {
        name: _value(text, kinds[name]) for name, text in _pairs(options.input, "--input", policy)
    }
    ages: dict[str, object] = dict.fromkeys(values, 0)
    ages |= {name: _days(text) for name, text in _pairs(options.age, "--age", policy)}
    for line in trace_lines(policy.evaluate(values, ages)):
        print(line)


def _pairs(words: Sequence[str], option: str, policy: "Policy") -> Iterator[tuple[str, str]]:
    names = [read.name for read in policy.inputs]
    for word in words:
        name, sign, text = word.partition("=")
        if not sign or name not in names:
            raise problem(
                "unknown-input",
                option,
                f"'{word}' names no input." if sign else f"'{word}' has no `=`.",
                f"Write NAME=VALUE; the inputs are {', '.join(names)}.",
            )
        yield name, text


def _value(text: str, kind: object) -> object:
    """The value that a text says; what says none is left as text, which the policy refuses."""
    from tradeline.risk.policy.cells import CellProblem, Kind, literal

    if not text:
        return None
    try:
        return literal(text, Kind(str(kind)))
    except CellProblem:
        return text


def _days(text: str) -> object:
    """An age that a text says; what says none is left as text, which the policy refuses."""
    try:
        return float(text) if text else None
    except ValueError:
        return text


def _import(options: argparse.Namespace) -> None:
    from tradeline.risk.policy.exchange import Header
    from tradeline.risk.policy.reading import policy_of
    from tradeline.risk.policy.writing import write_policy

    require_new(options.out, "--out")
    valid_from = parse_date(options.valid_from, "--valid-from") if options.valid_from else None
    header = Header(options.file.stem, options.version, valid_from, options.otherwise or "")
    content = _foreign(options.file, header)
    if "valid_from" not in content:
        raise problem("no-validity", "--valid-from", "The file does not say when it is valid.",
                      "Write --valid-from 2026-01-01.")  # fmt: skip
    policy = policy_of(content, options.file.name)
    for finding in policy.findings:
        say(finding.line())
    _write(options.out, write_policy(policy.declaration))


def _foreign(path: Path, header: "Header") -> dict[str, Any]:
    from tradeline.risk.policy.dmn import read_dmn
    from tradeline.risk.policy.jdm import read_jdm

    if path.suffix.lower() in FORMATS["dmn"]:
        return read_dmn(_file(path), header)
    if path.suffix.lower() in FORMATS["jdm"]:
        return read_jdm(
            _file(path).read_text(encoding="utf-8", errors="replace"), header, path.name
        )
    endings = ", ".join(ending for group in FORMATS.values() for ending in group)
    raise problem("unknown-format", str(path), "The name does not say which format this is.",
                  f"Name a file that ends in one of {endings}.")  # fmt: skip


def _file(path: Path) -> Path:
    if not path.is_file():
        raise problem("no-file", str(path), "There is no such file.", "Check its name.")
    return path


def _backtest(options: argparse.Namespace) -> None:
    from tradeline.cli.decisions import compare, engine_of
    from tradeline.risk.decisions.log import require_entries

    _read(options.policy)
    first = parse_date(options.first, "--from") if options.first else date.min
    last = parse_date(options.last, "--to") if options.last else date.max
    entries = tuple(
        entry
        for entry in require_entries(options.log)
        if first <= datetime.fromisoformat(entry.at).date() <= last
    )
    if not entries:
        raise problem("no-batch", str(options.log), "The log has no decision of that period.",
                      "Choose another --from and --to.")  # fmt: skip
    text = options.policy.read_text(encoding="utf-8")
    compare(options, entries, engine_of(options.log, entries[-1], text))


def _export(options: argparse.Namespace) -> None:
    from tradeline.risk.policy.dmn import write_dmn
    from tradeline.risk.policy.jdm import write_jdm

    policy = _read(options.policy)
    write = write_dmn if options.wanted == "dmn" else write_jdm
    _write(options.out, write(policy.declaration))


def _advance(options: argparse.Namespace) -> None:
    from tradeline.risk.policy.life import State, Step
    from tradeline.risk.policy.reading import read_declaration
    from tradeline.risk.policy.registry import advance, version_of

    declaration = read_declaration(options.policy)
    version = version_of(declaration)
    step = Step(version, State(options.to), options.who, options.why, _moment(options.at),
                options.share, options.experiment)  # fmt: skip
    life = advance(options.registry, declaration, step).life(declaration.name)
    asked = life.asked_by(version.hash)
    if asked:
        print(f"{declaration.name} {declaration.version} waits: {len(asked)} of "
              f"{life.persons_needed(version)} persons have said that it goes live.")  # fmt: skip
    else:
        print(f"{declaration.name} {declaration.version} is {step.to}.")
    print(_in_force(life, step.at))


def _moment(text: str | None) -> datetime:
    """A moment with its zone; a day is its beginning in UTC."""
    if text is None:
        return now().replace(tzinfo=UTC)
    try:
        if len(text) == len("2026-03-01"):
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        return datetime.fromisoformat(text)
    except ValueError:
        raise problem("bad-moment", "--at", f"'{text}' is no moment.",
                      "Write it like 2026-03-01T09:00:00Z.") from None  # fmt: skip


def _in_force(life: "Life", at: datetime) -> str:
    standing = life.standing(at)
    if standing is None:
        return f"{life.policy}: no version is in force at {at.isoformat()}; nothing is decided."
    parts = [f"{life.policy} at {at.isoformat()}: {standing.champion.version} is in force"]
    parts += [
        f"{each.version.version} challenges it on {100 * each.share:g} % ({standing.experiment})"
        for each in standing.challengers
    ]
    parts += [f"{shadow.version} runs in its shadow" for shadow in standing.shadows]
    return ", ".join(parts) + "."


def _history(options: argparse.Namespace) -> None:
    from tradeline.risk.policy.registry import read_registry

    registry = read_registry(options.registry)
    at = _moment(options.at)
    if at.tzinfo is None:
        raise problem("bad-moment", "--at", f"{options.at} names no time zone.",
                      "Write it like 2026-03-01T09:00:00Z.")  # fmt: skip
    for life in registry.lives.values():
        for step in life.steps:
            share = f" on {100 * step.share:g} % ({step.experiment})" if step.share else ""
            print(f"{step.at:%Y-%m-%d %H:%M}  {life.policy} {step.version.version}: "
                  f"{step.to}{share}, says {step.who}: {step.why}")  # fmt: skip
        print(_in_force(life, at))
