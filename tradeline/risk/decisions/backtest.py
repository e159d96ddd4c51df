"""What a candidate would have decided on a past period, beside what was decided.

Nobody knows how a firm would have paid that was not lent to: realised figures are of firms whose
outcome is known, and say of how many that is. What a loan lost or earned is of the loan as it was
lent, also where a candidate would have lent another amount or at another rate.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.lake.columns import Column, Columns
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.log import Entry
from tradeline.risk.decisions.replay import replayed_chunks
from tradeline.risk.decisions.seen import applications_of
from tradeline.risk.modelling.tables import read_table
from tradeline.risk.policy.declaration import Outcome

Flags = NDArray[np.bool_]
APPROVE = str(Outcome.APPROVE)
ALL = "all"
NOT_STATED = "not stated"
AMOUNTS = ("lost_minor", "profit_minor")


@dataclass(frozen=True, slots=True)
class Side:
    """What one engine decided on some applications; money in minor units.

    `known` of the approved have an outcome, `defaulted` of those defaulted, and `lost_minor` is
    what they lost where the outcomes say so. Of `profit_known` of them the profit is known, which
    is `realised_profit_minor` in all.
    """

    approved: int
    offered_minor: int
    expected_loss_minor: int
    expected_profit_minor: int
    known: int
    defaulted: int
    lost_minor: int
    profit_known: int
    realised_profit_minor: int


@dataclass(frozen=True, slots=True)
class Difference:
    """The engine that decided and a candidate on the applications of a segment.

    `swapped_in` are approved by the candidate alone, `swapped_out` by the other alone; `moved` are
    approved by both, for another amount or rate.
    """

    segment: str
    applications: int
    before: Side
    after: Side
    swapped_in: int
    swapped_out: int
    moved: int


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of applications: whether the firm defaulted, what was lost, and what was earned.

    `profit_minor` is what a loan brought after all that it cost, its loss too: below 0 where it
    cost more.
    """

    defaulted: Mapping[str, bool]
    lost_minor: Mapping[str, int]
    profit_minor: Mapping[str, int] = field(default_factory=dict)


NO_OUTCOMES = Outcomes({}, {})


def backtest(
    root: Path,
    entries: Sequence[Entry],
    candidate: Engine,
    outcomes: Outcomes = NO_OUTCOMES,
    by: str = "",
) -> tuple[Difference, ...]:
    """The difference over some batches of a log: all applications first, then by segment.

    `by` is what was seen that makes the segments, such as `sector`; InputProblem if a batch lacks
    it.
    """
    found = Backtest(outcomes, by)
    for entry in entries:
        for logged, again in replayed_chunks(root, entry, candidate):
            found.add(logged, again)
    return found.differences()


@dataclass(frozen=True, slots=True, eq=False)
class Backtest:
    """What counts of decisions as logged and as a candidate makes them, gathered as they come."""

    outcomes: Outcomes = NO_OUTCOMES
    by: str = ""
    _parts: list[dict[str, Column]] = field(default_factory=list)

    def add(self, logged: Columns, again: Columns) -> None:
        """Count some decisions; InputProblem if they did not see what makes the segments."""
        self._parts.append(_facts(logged, again, self.outcomes, self.by))

    def differences(self) -> tuple[Difference, ...]:
        """The difference over all of them, then by segment."""
        parts = self._parts
        whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        return tuple(_differences(whole, self.by))


def _facts(logged: Columns, again: Columns, outcomes: Outcomes, by: str) -> dict[str, Column]:
    """What counts, row by row."""
    ids = logged["application"].tolist()
    facts: dict[str, Column] = {
        "segment": _segments(logged, by),
        "known": np.array([one in outcomes.defaulted for one in ids], dtype=bool),
        "defaulted": np.array([outcomes.defaulted.get(one, False) for one in ids], dtype=bool),
        "lost": _amounts(outcomes.lost_minor, ids),
        "profit": _amounts(outcomes.profit_minor, ids),
        "profit_known": np.array([one in outcomes.profit_minor for one in ids], dtype=bool),
    }
    for side, columns in (("before", logged), ("after", again)):
        facts[f"{side}.approved"] = columns["outcome"] == APPROVE
        for name in ("amount_minor", "rate_annual", "loss_minor", "profit_minor"):
            facts[f"{side}.{name}"] = columns[name]
    return facts


def _amounts(stated: Mapping[str, int], ids: Sequence[str]) -> Column:
    return np.array([stated.get(one, 0) for one in ids], dtype=np.int64)


def _segments(logged: Columns, by: str) -> Column:
    if not by:
        return np.full(len(logged["application"]), ALL, dtype=object)
    seen = applications_of(logged).values
    column = seen.get(by)
    if column is None:
        known = sorted(seen)
        raise problem(
            "no-segment",
            "--by",
            f"The decisions did not see '{by}'.",
            f"Take one of {', '.join(known)}.",
        )
    return np.array([NOT_STATED if v is None else str(v) for v in column.tolist()], dtype=object)


def _differences(facts: Columns, by: str) -> Iterator[Difference]:
    segments = facts["segment"]
    yield _difference(ALL, facts, np.ones(len(segments), dtype=bool))
    if by:
        for segment in sorted(set(segments.tolist())):
            yield _difference(segment, facts, segments == segment)


def _difference(segment: str, facts: Columns, inside: Flags) -> Difference:
    before, after = facts["before.approved"] & inside, facts["after.approved"] & inside
    same = (facts["before.amount_minor"] == facts["after.amount_minor"]) & (
        facts["before.rate_annual"] == facts["after.rate_annual"]
    )
    return Difference(
        segment,
        int(inside.sum()),
        _side("before", facts, before),
        _side("after", facts, after),
        int((after & ~before).sum()),
        int((before & ~after).sum()),
        int((before & after & ~same).sum()),
    )


def _side(side: str, facts: Columns, approved: Flags) -> Side:
    known = approved & facts["known"]
    earned = known & facts["profit_known"]
    return Side(
        int(approved.sum()),
        int(facts[f"{side}.amount_minor"][approved].sum()),
        int(facts[f"{side}.loss_minor"][approved].sum()),
        int(facts[f"{side}.profit_minor"][approved].sum()),
        int(known.sum()),
        int((known & facts["defaulted"]).sum()),
        int(facts["lost"][known].sum()),
        int(earned.sum()),
        int(facts["profit"][earned].sum()),
    )


def read_outcomes(path: Path) -> Outcomes:
    """Outcomes from a table with `application` and `defaulted`, and what of `AMOUNTS` is known."""
    table = read_table(path)
    missing = [name for name in ("application", "defaulted") if name not in table.names]
    if missing:
        raise InputProblem(
            Finding("no-column", Severity.ERROR, table.name, f"The table has no column '{name}'.",
                    f"Name the columns application and defaulted, and {' and '.join(AMOUNTS)} "
                    "if they are known.")
            for name in missing
        )  # fmt: skip
    columns = {}
    for name in ("application", "defaulted", *AMOUNTS):
        if name in table.names:
            texts = table.texts(name)
            columns[name] = [texts.levels[code].strip() for code in texts.codes.tolist()]
    ids = columns["application"]
    defaulted = dict(zip(ids, map(_flag, columns["defaulted"]), strict=True))
    amounts = [
        {one: _minor(text, name) for one, text in zip(ids, columns.get(name, ()), strict=False)
         if text}
        for name in AMOUNTS
    ]  # fmt: skip
    return Outcomes({one: flag for one, flag in defaulted.items() if flag is not None}, *amounts)


def _minor(text: str, column: str) -> int:
    """An amount in whole minor units; InputProblem for anything else."""
    try:
        return int(text)
    except ValueError as error:
        raise problem(
            "not-an-amount", column, f"'{text}' is no amount in minor units.",
            "Write a whole number, or leave it empty.",
        ) from error  # fmt: skip


def _flag(text: str) -> bool | None:
    """Whether it says default; None where nothing is said. InputProblem for any other word."""
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if not text:
        return None
    if text.lower() not in words:
        raise problem(
            "not-an-outcome", "defaulted", f"'{text}' says neither yes nor no.",
            f"Write one of {', '.join(words)}.",
        )  # fmt: skip
    return words[text.lower()]


def lines_of(differences: Sequence[Difference], unit: int, currency: str) -> Iterator[str]:
    """The differences as lines of words, money in units of the currency."""
    for one in differences:
        yield (
            f"{one.segment}: {one.applications:,} applications, approved {one.before.approved:,} "
            f"before and {one.after.approved:,} now: {one.swapped_in:,} swapped in, "
            f"{one.swapped_out:,} swapped out, {one.moved:,} at another amount or rate."
        )
        for name, label in (("offered_minor", "offered"), ("expected_loss_minor", "expected loss"),
                            ("expected_profit_minor", "expected profit")):  # fmt: skip
            was, now = (getattr(side, name) // unit for side in (one.before, one.after))
            yield f"  {label}: {currency} {was:,} -> {now:,}"
        for label, side in (("before", one.before), ("now", one.after)):
            if side.known:
                yield (
                    f"  {label}: outcome known of {side.known:,} of {side.approved:,} approved, "
                    f"{side.defaulted:,} defaulted, lost {currency} {side.lost_minor // unit:,}"
                    f"{_earned(side, unit, currency)}"
                )


def _earned(side: Side, unit: int, currency: str) -> str:
    if not side.profit_known:
        return ""
    earned = side.realised_profit_minor // unit
    return f", profit of {side.profit_known:,} of them {currency} {earned:,}"
