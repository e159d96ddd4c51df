"""Verdicts of a policy of three tables, ten rows and five inputs each, beside zen-engine.

Ours tells each row that fired and each that failed; one firm at a time in plain Python, and many by
columns, whose answers must be those of the single firms. The peer is asked with the same policy,
exported to its own format, in a process of its own; its trace tells the row that hit. Processor
time, one thread.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import cpu_seconds, show, sound_cost
from tradeline.risk.policy.jdm import write_jdm
from tradeline.risk.policy.policy import Policy
from tradeline.risk.policy.reading import read_policy

INPUTS = 5
TABLES = 3
ROWS = 10
PEER = Path(".venv-peers/bin/python")
PEER_FILE = Path(__file__).parent / "peers" / "zen_tables.py"


def main(words: Sequence[str] | None = None) -> int:
    """Ask both about the same firms."""
    options = _options(words)
    policy = read_policy(policy_text())
    random = np.random.default_rng(options.seed)
    columns = {f"x{n}": random.random(options.rows) for n in range(INPUTS)}
    firms = [
        dict(zip(columns, row, strict=True))
        for row in np.stack(list(columns.values()), axis=1)[: options.single].tolist()
    ]
    single_s, alone = cpu_seconds(lambda: [policy.evaluate(firm) for firm in firms])
    batch_s, verdicts = cpu_seconds(lambda: policy.evaluate_columns(columns))
    outcomes = [str(verdict.outcome) for verdict in alone]
    if verdicts.outcomes[: len(firms)].tolist() != outcomes:
        raise SystemExit("one firm and columns disagree")
    told_s, _ = cpu_seconds(lambda: [verdict.trace.as_record() for verdict in alone[:1000]])
    peer = _peer(options.peer, policy, firms) if options.peer.exists() else None
    _report(options, single_s, batch_s, told_s / min(len(alone), 1000), peer, outcomes)
    return 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.policy_rate", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="firms by columns (1000000)")
    parser.add_argument("--single", type=int, default=50_000, help="firms one by one (50000)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the data (1)")
    parser.add_argument(
        "--peer", type=Path, default=PEER, help=f"a Python with zen-engine, left out if absent "
        f"({PEER})",
    )  # fmt: skip
    return parser.parse_args(words)


def policy_text() -> str:
    """Three tables whose first nine rows test all five inputs, and whose last takes the rest."""
    inputs = "".join(
        f'  x{n}: {{type: number, unit: share, range: "[0, 1]"}}\n' for n in range(INPUTS)
    )
    outputs = "".join(
        f"  band{table}: {{type: category, levels: [{', '.join(levels(table))}]}}\n"
        for table in range(TABLES - 1)
    )
    tables = "".join(f"  - table: t{n}\n    hit: FIRST\n    rows:\n{rows(n)}"
                     for n in range(TABLES))  # fmt: skip
    return (
        "policy: rate\nversion: '1'\nvalid_from: 2026-01-01\n"
        f"inputs:\n{inputs}outputs:\n{outputs}tables:\n{tables}"
    )


def levels(table: int) -> list[str]:
    """What the rows of a table give."""
    return [f"b{table}{row}" for row in range(ROWS)]


def rows(table: int) -> str:
    """The rows of a table: a tenth of the first input each, and most of the others."""
    text = ""
    for row in range(ROWS):
        gives = f"band{table}: b{table}{row}" if table < TABLES - 1 else (
            f"outcome: {('approve', 'refer')[row % 2] if row < ROWS - 1 else 'decline'}"
        )  # fmt: skip
        tests = ", ".join(
            [f'x0: "[{row / 10:g}, {(row + 1) / 10:g})"']
            + [f'x{n}: ">= 0.0{(row + n + table) % 9 + 1}"' for n in range(1, INPUTS)]
        )
        when = tests if row < ROWS - 1 else ""
        text += f"      - {{id: R{table}_{row}, when: {{{when}}}, then: {{{gives}}}, why: so}}\n"
    return text


def _peer(python: Path, policy: Policy, firms: list[dict[str, float]]) -> dict[str, Any] | None:
    """What the peer says, None if it is not installed there."""
    if not list(python.parents[1].glob("lib/python*/site-packages/zen")):
        return None
    with tempfile.TemporaryDirectory() as folder:
        graph, values = Path(folder) / "graph.json", Path(folder) / "values.json"
        graph.write_text(write_jdm(policy.declaration), encoding="utf-8")
        values.write_text(json.dumps(firms), encoding="utf-8")
        said = sound_cost([str(python), str(PEER_FILE), str(graph), str(values)]).said
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


def _report(
    options: argparse.Namespace,
    single_s: float,
    batch_s: float,
    told_s: float,
    peer: dict[str, Any] | None,
    outcomes: list[str],
) -> None:
    single_us, batch_us = 1e6 * single_s / options.single, 1e6 * batch_s / options.rows
    lines = [
        f"{TABLES} tables of {ROWS} rows, {INPUTS} inputs, one thread, processor time.",
        f"One firm: {single_us:.1f} us with its trace, {1e6 * told_s:.0f} us more to tell it.",
        f"By columns: {batch_us:.2f} us a firm, equal to those one by one.",
    ]
    figures: dict[str, Any] = {
        "single_us": single_us,
        "batch_us": batch_us,
        "told_us": 1e6 * told_s,
    }
    if peer:
        if peer["outcomes"] != outcomes:
            raise SystemExit("the peer decides otherwise")
        plain, trace = (1e6 * peer["seconds"][name] / options.single for name in ("plain", "trace"))
        lines.append(
            f"zen-engine, the same outcomes: {plain:.1f} us a firm, {trace:.1f} us with its trace; "
            f"ratio {trace / single_us:.1f}."
        )
        figures["peer"] = {"plain_us": plain, "trace_us": trace, "ratio": trace / single_us}
    else:
        lines.append("zen-engine is not installed beside; see --peer.")
    show("policy_rate", lines, figures)


if __name__ == "__main__":
    raise SystemExit(main())
