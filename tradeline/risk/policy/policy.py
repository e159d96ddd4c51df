"""A policy that can be asked: one set of values in plain Python, or columns of them in numpy.

Both look places up in the same tables of bits, and take what a table gives from the same function,
so that their answers are equal to the bit.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tradeline.kernel.findings import Finding
from tradeline.risk.policy.declaration import RANK, Declaration, Input, Outcome, worst
from tradeline.risk.policy.program import Program
from tradeline.risk.policy.readers import reader
from tradeline.risk.policy.verdict import (
    Trace,
    Verdict,
    added,
    is_named,
    is_state,
    outcome_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tradeline.risk.policy.columns import Verdicts

NOTHING: Mapping[str, object] = {}
APPROVE_RANK = RANK[Outcome.APPROVE]
OUTCOMES = (Outcome.REFUSE, *Outcome)
"""By rank; nothing said (rank 0) is refused."""


class Policy:
    """A policy that was checked; `findings` are warnings, `hash` names what it says."""

    __slots__ = ("_inputs", "_states", "_tables", "declaration", "findings", "hash", "program")

    def __init__(self, program: Program, content_hash: str, findings: tuple[Finding, ...]) -> None:
        self.program, self.hash, self.findings = program, content_hash, findings
        self.declaration: Declaration = program.declaration
        self._inputs = tuple(
            reader(read, axis)
            for read, axis in zip(self.declaration.inputs, program.axes, strict=False)
        )
        self._tables = tuple(
            (table.rows, tuple(zip(table.slots, table.takers, strict=True)), table.result_of)
            for table in program.tables
        )
        self._states = tuple(
            (slot, min(state for state in (axis.missing, axis.stale) if state >= 0))
            for slot, axis in enumerate(program.axes[: len(self._inputs)])
            if max(axis.missing, axis.stale) >= 0
        )

    @property
    def name(self) -> str:
        """What the policy is called, in all its versions."""
        return self.declaration.name

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What it must be told, in order."""
        return self.declaration.inputs

    def evaluate(
        self, values: Mapping[str, object], ages_days: Mapping[str, object] = NOTHING
    ) -> Verdict:
        """The verdict on one set of values by input, with the age in days of those that may age.

        What is not a value as the policy declares it is refused, whatever it is; names that the
        policy does not know are not looked at. The trace keeps both mappings as they are.
        """
        places = [read(values, ages_days) for read in self._inputs]
        if min(places) < 0:
            return self._unusable(values, ages_days, places)
        hits: list[int] = []
        outputs: dict[str, Any] = {}
        reasons: tuple[str, ...] = ()
        rank = 0
        for alive, columns, result_of in self._tables:
            for slot, takers in columns:
                alive &= takers[places[slot]]
            hits.append(alive)
            result = result_of(alive)
            places += result.places
            outputs |= result.outputs
            if result.reasons:
                reasons = added(reasons, result.reasons)
            if result.rank > rank:
                rank = result.rank
            if result.ends:
                break
        if rank == APPROVE_RANK and self._states and self._is_unnamed(places, hits):
            rank = 0
        trace = Trace(self.program, values, ages_days, tuple(places), tuple(hits))
        return Verdict(OUTCOMES[rank], outputs, reasons, trace)

    def evaluate_columns(
        self,
        columns: "Mapping[str, NDArray[Any]]",
        ages_days: "Mapping[str, NDArray[Any]]" = NOTHING,  # type: ignore[assignment]
    ) -> "Verdicts":
        """The verdicts on many sets of values, a column (rows,) for each input.

        Columns are numpy arrays or masked arrays; what is masked, None or NaN is missing.
        """
        from tradeline.risk.policy.columns import evaluate_columns

        return evaluate_columns(self.program, columns, ages_days)

    def _unusable(
        self, values: Mapping[str, object], ages_days: Mapping[str, object], places: list[int]
    ) -> Verdict:
        pairs = zip(self.inputs, places, strict=True)
        outcome = worst(outcome_of(read, place) for read, place in pairs if place < 0)
        assert outcome
        return Verdict(outcome, {}, (), Trace(self.program, values, ages_days, tuple(places), ()))

    def _is_unnamed(self, places: list[int], hits: list[int]) -> bool:
        """Whether a missing or stale value is named by no row that fired."""
        return any(
            places[slot] >= first
            and is_state(self.program, slot, places[slot])
            and not is_named(self.program, slot, places[slot], hits)
            for slot, first in self._states
        )
